import { describe, expect, test } from 'vitest';
import { sid } from '../../../src/protocol/ids.ts';
import { OPEN_ACL_UNSAFE } from '../../../src/protocol/znode.ts';
import { Bench, create, TestLeader, TestLearner } from '../request/bench.ts';

const LOCAL = { localSessionsEnabled: true } as const;
const UPGRADING = { ...LOCAL, localSessionsUpgradingEnabled: true } as const;

function leading(zoo: typeof LOCAL): { bench: Bench; leader: TestLeader } {
  const bench = new Bench(zoo);
  return { bench, leader: new TestLeader(bench) };
}

function learning(zoo: typeof LOCAL): { bench: Bench; learner: TestLearner } {
  const bench = new Bench(zoo, sid(2));
  return { bench, learner: new TestLearner(bench) };
}

describe('session.local: known to its server only', () => {
  test('at the leader it takes no zxid', () => {
    const { bench, leader } = leading(LOCAL);
    const client = bench.established(bench.dial());
    expect(leader.txns).toEqual([]);
    expect(bench.events('session-opened')).toMatchObject([
      { sessionId: client.sessionId, timeout: 10_000, local: true },
    ]);
    expect(bench.db.sessionsWithTimeouts.size).toBe(0);
    bench.request(client, create('/a'));
    bench.run(100);
    expect(bench.outcome(client, 1)).toBe('OK');
  });

  test('at a learner nothing goes to the leader before the first write', () => {
    const { bench, learner } = learning(LOCAL);
    const client = bench.established(bench.dial());
    bench.request(client, { op: 'exists', path: '/', watch: false });
    expect(learner.forwarded).toEqual([]);
    expect(learner.zk.takeTouched()).toEqual([]);
    bench.request(client, create('/a'));
    expect(learner.forwarded.map(({ operation }) => operation.op)).toEqual(['create']);
  });

  test('the leader takes writes of sessions that are local elsewhere, not of its own that are over', () => {
    const { bench, leader } = leading(LOCAL);
    const elsewhere = '0x200000000000000' as never;
    const here = '0x100000000000000' as never;
    for (const sessionId of [elsewhere, here]) {
      const operation = create('/a');
      bench.step(() =>
        leader.zk.submitLearnerRequest({
          sessionId,
          cxid: 1,
          operation,
          authInfo: [],
          owner: sid(2),
          cause: bench.ctx.cause,
        }),
      );
    }
    expect(leader.txns).toEqual(['create /a', 'error SESSIONEXPIRED']);
  });
});

describe('the end of local sessions', () => {
  test('session.local-close: a client’s own close costs no transaction', () => {
    const { bench, leader } = leading(LOCAL);
    const client = bench.established(bench.dial());
    const xid = bench.request(client, { op: 'closeSession' });
    expect(bench.outcome(client, xid)).toBe('OK');
    expect(bench.closed(client)).toBe(true);
    expect(bench.events('session-closed')).toMatchObject([
      { sessionId: client.sessionId, rule: 'session.local-close' },
    ]);
    expect(leader.txns).toEqual([]);
    const again = bench.dial({ of: client });
    expect(bench.packets(again)).toMatchObject([{ timeout: 0 }]);
  });

  test('session.local-close: its server lets it expire', () => {
    const { bench, learner } = learning(LOCAL);
    const client = bench.established(bench.dial({ timeout: 4000 }));
    bench.run(9000);
    expect(bench.events('session-expired')).toHaveLength(1);
    expect(bench.closed(client)).toBe(true);
    expect(learner.forwarded).toEqual([]);
  });

  test('reconnecting to its server keeps it', () => {
    const { bench, learner } = learning(LOCAL);
    const client = bench.established(bench.dial());
    bench.step(() => bench.factory.closed(client.conn));
    const again = bench.dial({ of: client });
    expect(bench.packets(again)).toMatchObject([{ sessionId: client.sessionId }]);
    expect(learner.revalidations).toEqual([]);
  });

  test('session.local-elsewhere: the leader does not confirm it to another server', () => {
    const { bench, leader } = leading(LOCAL);
    const client = bench.established(bench.dial());
    expect(bench.step(() => leader.zk.revalidate(client.sessionId, 4000, sid(2)))).toBe(false);
  });

  test('session.local-lost: a change of role ends it', () => {
    const { bench, leader } = leading(LOCAL);
    const client = bench.established(bench.dial());
    bench.step(() => leader.zk.shutdown('quorum lost'));
    expect(bench.events('session-closed')).toMatchObject([{ rule: 'session.local-lost' }]);
    new TestLeader(bench, 2);
    expect(bench.packets(bench.dial({ of: client }))).toMatchObject([{ timeout: 0 }]);
  });
});

describe('session.upgrade', () => {
  test('at the leader the session becomes global before its first ephemeral', () => {
    const { bench, leader } = leading(UPGRADING);
    const client = bench.established(bench.dial());
    for (const path of ['/e', '/f']) bench.request(client, create(path, 'EPHEMERAL'));
    bench.run(100);
    expect(leader.txns).toEqual(['createSession', 'create /e', 'create /f']);
    expect([...bench.db.sessionsWithTimeouts]).toEqual([[client.sessionId, 10_000]]);
    expect(bench.outcome(client, 2)).toBe('OK');
    expect(bench.packets(client).filter(({ type }) => type === 'ConnectResponse')).toHaveLength(1);
    const close = bench.request(client, { op: 'closeSession' });
    bench.run(100);
    expect(bench.outcome(client, close)).toBe('OK');
    expect(leader.txns.at(-1)).toBe('closeSession /e /f');
  });

  test('at a learner createSession goes ahead, also of a multi with an ephemeral', () => {
    const { bench, learner } = learning(UPGRADING);
    const client = bench.established(bench.dial());
    const part = { op: 'create', path: '/e', data: null, acl: OPEN_ACL_UNSAFE, mode: 'EPHEMERAL' } as const;
    bench.request(client, { op: 'multi', ops: [part] });
    expect(learner.forwarded.map(({ operation }) => operation.op)).toEqual(['createSession', 'multi']);
    // Before the createSession is applied the session is neither local nor global, and lives.
    bench.request(client, create('/a'));
    expect(learner.forwarded).toHaveLength(3);
    learner.commit(
      learner.propose({ type: 'createSession', timeout: 10_000 }, { sessionId: client.sessionId, cxid: 0 }),
    );
    expect(learner.zk.takeTouched()).toEqual([[client.sessionId, 10_000]]);
  });
});

test('session.local-lost: an upgrade that the role does not see through ends the session, too', () => {
  const { bench, learner } = learning(UPGRADING);
  const client = bench.established(bench.dial());
  bench.request(client, create('/e', 'EPHEMERAL'));
  bench.step(() => learner.zk.shutdown('leader lost'));
  const lost = { sessionId: client.sessionId, rule: 'session.local-lost' };
  expect(bench.events('session-closed')).toMatchObject([lost]);
});

describe('session.no-upgrade', () => {
  test('at the leader the attempt takes a zxid', () => {
    const { bench, leader } = leading(LOCAL);
    const client = bench.established(bench.dial());
    const xid = bench.request(client, create('/e', 'EPHEMERAL'));
    bench.run(100);
    expect(bench.outcome(client, xid)).toBe('EPHEMERALONLOCALSESSION');
    expect(leader.txns).toEqual(['error EPHEMERALONLOCALSESSION']);
    expect(bench.outcome(client, bench.request(client, { op: 'exists', path: '/', watch: false }))).toBe('OK');
  });

  test('at a learner its own finding is told, whatever the leader’s was', () => {
    const { bench, learner } = learning(LOCAL);
    const client = bench.established(bench.dial());
    const cxid = bench.request(client, create('/e', 'EPHEMERAL'));
    learner.commit(learner.propose({ type: 'error', error: 'SESSIONEXPIRED' }, { sessionId: client.sessionId, cxid }));
    expect(bench.outcome(client, cxid)).toBe('EPHEMERALONLOCALSESSION');
  });
});
