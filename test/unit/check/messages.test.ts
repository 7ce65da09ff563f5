import { beforeEach, describe, expect, test } from 'vitest';
import { messageOrder } from '../../../src/check/messages.ts';
import { E1, E2, Script } from './script.ts';

let script: Script;
beforeEach(() => {
  script = new Script(messageOrder);
});

/** s2 registers with s1, which leads epoch 2; its log ends at (1,5). */
function register(): void {
  script.send('s2', 's1', 'FOLLOWERINFO', E1);
  script.send('s1', 's2', 'LEADERINFO', E2);
  script.send('s2', 's1', 'ACKEPOCH', E1 + 5);
}
/** The same, until it serves; its connection has then had one DIFF without transactions. */
function serve(): void {
  register();
  script.send('s1', 's2', 'DIFF', E1 + 5);
  script.send('s1', 's2', 'NEWLEADER', E2);
  script.send('s2', 's1', 'ACK', E2);
  script.send('s1', 's2', 'UPTODATE', -1);
  script.send('s2', 's1', 'ACK', E2);
}

test('a whole life of a follower raises nothing', () => {
  register();
  script.send('s1', 's2', 'DIFF', E1 + 7);
  for (const zxid of [E1 + 6, E1 + 7]) {
    script.send('s1', 's2', 'PROPOSAL', zxid);
    script.send('s1', 's2', 'COMMIT', zxid);
  }
  script.send('s1', 's2', 'NEWLEADER', E2);
  for (const zxid of [E1 + 6, E1 + 7]) script.see('s2', 'applied', { zxid, txn: 'setData', changes: [] });
  script.send('s2', 's1', 'ACK', E2);
  script.send('s1', 's2', 'PROPOSAL', E2 + 1);
  script.send('s1', 's2', 'UPTODATE', -1);
  script.send('s2', 's1', 'ACK', E2);
  script.send('s1', 's2', 'PING', E2 + 1);
  script.send('s1', 's2', 'PROPOSAL', E2 + 2);
  script.send('s2', 's1', 'ACK', E2 + 1);
  script.send('s1', 's2', 'COMMIT', E2 + 1);
  script.see('s2', 'applied', { zxid: E2 + 1, txn: 'setData', changes: [] });
  script.send('s2', 's1', 'ACK', E2 + 2);
  script.send('s1', 's2', 'COMMITANDACTIVATE', E2 + 2);
  script.see('s2', 'applied', { zxid: E2 + 2, txn: 'setData', changes: [] });
  expect(script.violations).toEqual([]);
});

describe('where leaders begin at initialZxid', () => {
  const FIRST = 0xffff_fff0;
  const said = (): readonly string[] => script.violations.map(({ property }) => property);
  beforeEach(() => {
    script = new Script(messageOrder, { initialZxid: FIRST - 1 });
  });

  function write(zxid: number): void {
    script.send('s1', 's2', 'PROPOSAL', zxid);
    script.send('s2', 's1', 'ACK', zxid);
    script.send('s1', 's2', 'COMMIT', zxid);
    script.see('s2', 'applied', { zxid, txn: 'setData', changes: [] });
  }

  test('their first proposal may leave out what is below, also behind a SNAP', () => {
    serve();
    write(E2 + FIRST);
    write(E2 + FIRST + 1);
    script.send('s3', 's1', 'FOLLOWERINFO', 0, 'd');
    script.send('s1', 's3', 'LEADERINFO', E2, 'd');
    script.send('s3', 's1', 'ACKEPOCH', 0, 'd');
    script.send('s1', 's3', 'SNAP', E2, 'd');
    script.send('s1', 's3', 'NEWLEADER', E2, 'd');
    script.send('s1', 's3', 'PROPOSAL', E2 + FIRST, 'd');
    expect(said()).toEqual([]);
  });

  test.each([[[FIRST + 1]], [[FIRST, FIRST + 2]]])('proposalInconsistent: no other may: %o', (counters) => {
    serve();
    for (const counter of counters) script.send('s1', 's2', 'PROPOSAL', E2 + counter);
    expect(said()).toEqual(['proposalInconsistent']);
  });

  test('proposalInconsistent, ackInconsistent, commitInconsistent: nor may it where something of its epoch came before', () => {
    serve();
    write(E2 + 1);
    write(E2 + FIRST);
    expect(said()).toEqual(['proposalInconsistent', 'ackInconsistent', 'commitInconsistent']);
  });
});

test('proposalInconsistent: elsewhere an epoch begins at 1', () => {
  serve();
  script.send('s1', 's2', 'PROPOSAL', E2 + 0xffff_fff0);
  expect(script.violations.map(({ property }) => property)).toEqual(['proposalInconsistent']);
});

test('an observer is told what is committed by INFORM', () => {
  script.send('s3', 's1', 'OBSERVERINFO', E1);
  script.send('s1', 's3', 'LEADERINFO', E2);
  script.send('s3', 's1', 'ACKEPOCH', 0);
  script.send('s1', 's3', 'SNAP', E1 + 5);
  script.send('s1', 's3', 'NEWLEADER', E2);
  script.send('s3', 's1', 'ACK', E2);
  script.send('s1', 's3', 'UPTODATE', -1);
  script.send('s1', 's3', 'INFORM', E2 + 1);
  script.see('s3', 'applied', { zxid: E2 + 1, txn: 'setData', changes: [] });
  script.send('s1', 's3', 'INFORMANDACTIVATE', E2 + 2);
  expect(script.violations).toEqual([]);
});

describe('proposalInconsistent', () => {
  test('a gap between two proposals', () => {
    serve();
    const before = script.send('s1', 's2', 'PROPOSAL', E2 + 1);
    const event = script.send('s1', 's2', 'PROPOSAL', E2 + 3);
    expect(script.violations).toEqual([
      {
        ...{ property: 'proposalInconsistent', at: event, event, proof: [before, event] },
        says: 's1 sends s2 the proposal 0x200000003 after 0x200000001; the one that follows should have come.',
      },
    ]);
  });

  test('a synchronization that leaves out what the learner lacks', () => {
    register();
    const diff = script.send('s1', 's2', 'DIFF', E1 + 8);
    const event = script.send('s1', 's2', 'PROPOSAL', E1 + 7);
    expect(script.violations).toMatchObject([{ property: 'proposalInconsistent', event, proof: [diff, event] }]);
  });

  test('a proposal of an older epoch, and the same one again', () => {
    serve();
    script.send('s1', 's2', 'PROPOSAL', E1 + 6);
    script.send('s1', 's2', 'PROPOSAL', E2 + 1);
    expect(script.violations).toEqual([]); // the next one of the learner's epoch: nothing is left out
    const event = script.send('s1', 's2', 'PROPOSAL', E2 + 1);
    expect(script.violations).toMatchObject([{ property: 'proposalInconsistent', event }]);
  });

  test('a TRUNC that cuts nothing', () => {
    register();
    const event = script.send('s1', 's2', 'TRUNC', E1 + 6);
    expect(script.violations).toEqual([
      {
        ...{ property: 'proposalInconsistent', at: event, event, proof: [2, event] },
        says: 's1 tells s2 to cut its log back to 0x100000006, but its log ends at 0x100000005.',
      },
    ]);
  });

  /** s2 has a snapshot that ends with (1,1), and behind it these of epoch 1. */
  function recover(...counters: number[]): void {
    const log = counters.map((n) => ({ zxid: E1 + n, txn: 'setData', digest: n }));
    const epochs = { acceptedEpoch: 1, currentEpoch: 1 };
    const lastZxid = E1 + (counters.at(-1) ?? 1);
    const tree = { replayed: log.length, nodes: [], sessions: [] };
    script.see('s2', 'recovered', { snapshot: E1 + 1, log, lastZxid, ...epochs, ...tree });
  }

  test('a TRUNC to what its learner never had', () => {
    recover(2, 4, 5);
    register();
    const event = script.send('s1', 's2', 'TRUNC', E1 + 3);
    expect(script.violations).toMatchObject([
      {
        ...{ property: 'proposalInconsistent', event },
        says: 's1 tells s2 to cut its log back to 0x100000003, which it has never had.',
      },
    ]);
  });

  test.each([0, 1, 2, 4])('no TRUNC to what it has, or where that is not known: %i', (counter) => {
    recover(2, 4, 5);
    register();
    script.send('s1', 's2', 'TRUNC', E1 + counter);
    expect(script.violations).toEqual([]);
  });

  describe('a TRUNC to what only its snapshot has', () => {
    function cut(maxCommittedLog: number, log: readonly number[]): number {
      recover(5);
      register();
      const chosen = { learner: 2, peerLastZxid: E1 + 5, minCommittedLog: E1 + 1, lastProcessedZxid: E1 + 1, count: 0 };
      script.see('s1', 'sync-chosen', { ...chosen, maxCommittedLog, mode: 'TRUNC', zxid: E1 + 1, notes: [] });
      script.send('s1', 's2', 'TRUNC', E1 + 1);
      script.see('s2', 'log-truncated', { to: E1 + 1 });
      const tree = { nodes: [], sessions: [], log: log.map((zxid) => ({ zxid, txn: 'setData', digest: 5 })) };
      return script.see('s2', 'tree-loaded', { source: 'TRUNC', zxid: log.at(-1) ?? E1 + 1, ...tree });
    }

    test('keeps what is behind it', () => {
      const event = cut(E2 + 1, [E1 + 5]);
      expect(script.violations).toEqual([
        {
          ...{ property: 'proposalInconsistent', at: event, event, proof: [event - 2, event] },
          says: 's1 tells s2 to cut its log back to 0x100000001, which its log files do not hold: it keeps 0x100000005.',
        },
      ]);
    });

    test.each([E1 + 1, 0])('is known where the real leader sends it: its last transaction is older', (last) => {
      cut(last, [E1 + 5]);
      expect(script.violations).toMatchObject([{ property: 'proposalInconsistent', known: 'TRUNC below the log' }]);
    });

    test('may leave nothing', () => {
      cut(E2 + 1, []);
      expect(script.violations).toEqual([]);
    });
  });
});

describe('commitInconsistent', () => {
  test('a commit that skips a proposal', () => {
    serve();
    const first = script.send('s1', 's2', 'PROPOSAL', E2 + 1);
    script.send('s1', 's2', 'PROPOSAL', E2 + 2);
    const event = script.send('s1', 's2', 'COMMIT', E2 + 2);
    expect(script.violations).toEqual([
      {
        ...{ property: 'commitInconsistent', at: event, event, proof: [first, event] },
        says: 's1 tells s2 to commit 0x200000002, but the next that it has proposed is 0x200000001.',
      },
    ]);
  });

  test('a commit of what was never proposed', () => {
    serve();
    const event = script.send('s1', 's2', 'COMMIT', E2 + 1);
    expect(script.violations).toMatchObject([{ property: 'commitInconsistent', event }]);
    expect(script.violations[0]?.says).toContain('nothing that it has proposed is left');
  });

  test('a learner that applies before it is told', () => {
    serve();
    script.send('s1', 's2', 'PROPOSAL', E2 + 1);
    const event = script.see('s2', 'applied', { zxid: E2 + 1, txn: 'setData', changes: [] });
    expect(script.violations).toMatchObject([{ property: 'commitInconsistent', event, proof: [3, event] }]);
    expect(script.violations[0]?.says).toBe(
      's2 applies 0x200000001, but s1 has told it to commit no more than 0x100000005.',
    );
  });

  test('a learner that applies in another order', () => {
    serve();
    for (const zxid of [E2 + 1, E2 + 2]) script.send('s1', 's2', 'PROPOSAL', zxid);
    for (const zxid of [E2 + 1, E2 + 2]) script.send('s1', 's2', 'COMMIT', zxid);
    const event = script.see('s2', 'applied', { zxid: E2 + 2, txn: 'setData', changes: [] });
    expect(script.violations).toMatchObject([{ property: 'commitInconsistent', event }]);
    expect(script.violations[0]?.says).toContain('s2 applies 0x200000002 after 0x100000005');
  });
});

describe('ackInconsistent', () => {
  test('the ACK of a proposal before that of NEWLEADER (ZOOKEEPER-4685)', () => {
    register();
    script.send('s1', 's2', 'DIFF', E1 + 5);
    const newLeader = script.send('s1', 's2', 'NEWLEADER', E2);
    script.send('s1', 's2', 'PROPOSAL', E2 + 1);
    const event = script.send('s2', 's1', 'ACK', E2 + 1);
    expect(script.violations).toEqual([
      {
        ...{ property: 'ackInconsistent', at: event, event, proof: [newLeader, event] },
        says: 's2 acknowledges 0x200000001 to s1 before NEWLEADER, which should come first.',
      },
    ]);
  });

  test('ACKs in another order, and of what was not proposed', () => {
    serve();
    for (const zxid of [E2 + 1, E2 + 2, E2 + 3]) script.send('s1', 's2', 'PROPOSAL', zxid);
    const ack = script.send('s2', 's1', 'ACK', E2 + 1);
    const event = script.send('s2', 's1', 'ACK', E2 + 3);
    expect(script.violations).toMatchObject([{ property: 'ackInconsistent', event, proof: [ack, event] }]);

    script = new Script(messageOrder);
    serve();
    const early = script.send('s2', 's1', 'ACK', E2 + 1);
    expect(script.violations).toMatchObject([{ property: 'ackInconsistent', event: early }]);
  });

  test('the ACK of another NEWLEADER, of none, and one too many', () => {
    register();
    script.send('s1', 's2', 'DIFF', E1 + 5);
    const none = script.send('s2', 's1', 'ACK', E2);
    expect(script.violations).toMatchObject([{ property: 'ackInconsistent', event: none }]);

    script = new Script(messageOrder);
    register();
    script.send('s1', 's2', 'DIFF', E1 + 5);
    script.send('s1', 's2', 'NEWLEADER', E2);
    const other = script.send('s2', 's1', 'ACK', E1);
    expect(script.violations).toMatchObject([{ property: 'ackInconsistent', event: other }]);
    expect(script.violations[0]?.says).toBe('s2 acknowledges 0x100000000 to s1, whose NEWLEADER is 0x200000000.');

    script = new Script(messageOrder);
    serve();
    const again = script.send('s2', 's1', 'ACK', E2);
    expect(script.violations).toMatchObject([{ property: 'ackInconsistent', event: again }]);
  });
});

describe('stateInconsistent', () => {
  test('UPTODATE before the ACK of NEWLEADER', () => {
    register();
    script.send('s1', 's2', 'DIFF', E1 + 5);
    const newLeader = script.send('s1', 's2', 'NEWLEADER', E2);
    const event = script.send('s1', 's2', 'UPTODATE', -1);
    expect(script.violations).toEqual([
      {
        ...{ property: 'stateInconsistent', at: event, event, proof: [newLeader, event] },
        says: 's1 sends s2 UPTODATE, but s2 has not acknowledged NEWLEADER.',
      },
    ]);
  });

  test('what comes once comes twice', () => {
    for (const [type, zxid] of [
      ['NEWLEADER', E2],
      ['UPTODATE', -1],
      ['LEADERINFO', E2],
      ['DIFF', E1 + 5],
    ] as const) {
      script = new Script(messageOrder);
      serve();
      const event = script.send('s1', 's2', type, zxid);
      expect(script.violations).toMatchObject([{ property: 'stateInconsistent', event }]);
    }
  });

  test('what comes too early, or names another epoch', () => {
    script.send('s2', 's1', 'FOLLOWERINFO', E1);
    const early = script.send('s2', 's1', 'ACKEPOCH', E1 + 5);
    expect(script.violations).toMatchObject([{ property: 'stateInconsistent', event: early }]);

    script = new Script(messageOrder);
    script.send('s2', 's1', 'FOLLOWERINFO', E1);
    script.send('s1', 's2', 'LEADERINFO', E2);
    const diff = script.send('s1', 's2', 'DIFF', E1 + 5);
    expect(script.violations).toMatchObject([{ property: 'stateInconsistent', event: diff }]);

    script = new Script(messageOrder);
    register();
    const unsynced = script.send('s1', 's2', 'PROPOSAL', E1 + 6);
    expect(script.violations).toMatchObject([{ property: 'stateInconsistent', event: unsynced }]);

    script = new Script(messageOrder);
    register();
    script.send('s1', 's2', 'DIFF', E1 + 5);
    const other = script.send('s1', 's2', 'NEWLEADER', E1);
    expect(script.violations).toMatchObject([{ property: 'stateInconsistent', event: other }]);
  });
});

test('a new connection begins anew, and a role that has ended counts no more', () => {
  serve();
  script.send('s1', 's2', 'PROPOSAL', E2 + 1);
  script.see('s2', 'stepped-down', { why: '' });
  script.see('s1', 'disconnected', { conn: 'c', peer: 's2', port: 'quorum', reason: '' });
  script.see('s2', 'applied', { zxid: E2 + 1, txn: 'setData', changes: [] });
  script.send('s2', 's1', 'FOLLOWERINFO', E2, 'd');
  script.send('s1', 's2', 'LEADERINFO', E2, 'd');
  script.send('s2', 's1', 'ACKEPOCH', E2 + 1, 'd');
  script.send('s1', 's2', 'DIFF', E2 + 1, 'd');
  script.send('s1', 's2', 'NEWLEADER', E2, 'd');
  expect(script.violations).toEqual([]);
});
