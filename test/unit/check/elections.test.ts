import { beforeEach, describe, expect, test } from 'vitest';
import { configurations } from '../../../src/check/configs.ts';
import { elections } from '../../../src/check/elections.ts';
import { epochs } from '../../../src/check/epochs.ts';
import { config, E1, E2, Script } from './script.ts';

const vote = (leader: number, zxid: number, round: number, peerEpoch = 1): object => ({
  ...{ leader, zxid, electionEpoch: round, peerEpoch },
});

describe('elections', () => {
  let script: Script;
  beforeEach(() => {
    script = new Script(elections);
    for (const actor of ['s1', 's2', 's3']) script.see(actor, 'config-activated', config(0, 1, 2, 3));
  });

  const change = (actor: string, from: object, to: object): number =>
    script.see(actor, 'vote-changed', { round: 1, from: 2, old: from, vote: to });

  test('votes grow, and begin anew with a round', () => {
    script.see('s1', 'election-started', { round: 1, vote: vote(1, E1 + 4, 1) });
    change('s1', vote(1, E1 + 4, 1), vote(2, E1 + 4, 1));
    change('s1', vote(2, E1 + 4, 1), vote(1, E1 + 5, 1));
    change('s1', vote(1, E1 + 5, 1), vote(1, E1, 1, 2));
    change('s1', vote(1, E1, 1, 2), vote(1, E1 + 4, 2));
    script.see('s1', 'election-started', { round: 1, vote: vote(1, E1 + 4, 1) });
    expect(script.violations).toEqual([]);
  });

  test.each([
    ['peerEpoch', vote(3, E2, 1, 2), vote(3, E2 + 1, 1, 1)],
    ['zxid', vote(2, E1 + 5, 1), vote(3, E1 + 4, 1)],
    ['sid', vote(3, E1 + 5, 1), vote(2, E1 + 5, 1)],
    ['nothing', vote(3, E1 + 5, 1), vote(3, E1 + 5, 1)],
  ])('VoteOrder: a vote that is not better, by %s', (_by, first, then) => {
    const before = script.see('s1', 'election-started', { round: 1, vote: first });
    const event = change('s1', first, then);
    expect(script.violations).toMatchObject([{ property: 'VoteOrder', event, proof: [before, event] }]);
  });

  test('VoteOrder: says which votes', () => {
    script.see('s1', 'election-started', { round: 1, vote: vote(2, E1 + 5, 1) });
    change('s1', vote(2, E1 + 5, 1), vote(3, E1 + 4, 1));
    expect(script.violations[0]?.says).toBe(
      's1 changes its vote in round 1 from s2 (epoch 1, 0x100000005) to s3 (epoch 1, 0x100000004), which is not better.',
    );
  });

  test('ObserverSilent: voters vote, for voters', () => {
    const count = (from: number, leader: number): number =>
      script.see('s1', 'vote-counted', { from, vote: vote(leader, E1, 1), tally: [from], need: 2 });
    count(2, 3);
    expect(script.violations).toEqual([]);
    const event = count(4, 3);
    expect(script.violations).toMatchObject([
      {
        property: 'ObserverSilent',
        event,
        says: 's1 counts the vote of s4, which has none; only voters should count.',
      },
    ]);
    // Who votes in the next configuration votes now.
    script.see('s2', 'config-seen', config(E1 + 1, 1, 2, 3, 4));
    script.see('s2', 'vote-counted', { from: 4, vote: vote(4, E1, 1), tally: [4], need: 2 });
    script.see('s2', 'vote-counted', { from: 1, vote: vote(5, E1, 1), tally: [1], need: 2 });
    expect(script.violations.slice(1)).toMatchObject([
      { says: 's2 counts the vote of s1 for s5, which has no vote; only voters should lead.' },
    ]);
  });

  test('ElectionQuorum: who leads had the votes of a quorum', () => {
    const elected = vote(2, E1 + 5, 1);
    const own = script.see('s2', 'election-started', { round: 1, vote: elected });
    script.see('s1', 'election-started', { round: 1, vote: vote(1, E1 + 4, 1) });
    const event = script.see('s2', 'elected', { vote: elected, by: 'quorum', state: 'LEADING' });
    expect(script.violations).toEqual([
      {
        ...{ property: 'ElectionQuorum', at: event, event, proof: [own, event] },
        says: 's2 leaves the election of round 1 as leader, but only s2 voted for it: that is no quorum.',
      },
    ]);
  });

  test('ElectionQuorum: votes that were changed since, and those of a settled ensemble, count', () => {
    const elected = vote(2, E1 + 5, 1);
    script.see('s2', 'election-started', { round: 1, vote: elected });
    script.see('s1', 'election-started', { round: 1, vote: vote(1, E1 + 4, 1) });
    change('s1', vote(1, E1 + 4, 1), elected);
    change('s1', elected, vote(3, E1 + 6, 1));
    script.see('s2', 'elected', { vote: elected, by: 'quorum', state: 'LEADING' });
    script.see('s2', 'elected', { vote: vote(2, E1 + 5, 1, 2), by: 'settled', state: 'LEADING' });
    script.see('s3', 'elected', { vote: vote(1, E1 + 5, 7), by: 'settled', state: 'FOLLOWING' });
    expect(script.violations).toEqual([]);
  });

  test('ElectionQuorum: who joins a leader has heard a quorum name it', () => {
    const settled = vote(1, E1 + 5, 7);
    const counted = script.see('s3', 'vote-counted', { from: 1, vote: settled, tally: [1], need: 2 });
    const event = script.see('s3', 'elected', { vote: settled, by: 'settled', state: 'FOLLOWING' });
    expect(script.violations).toEqual([
      {
        ...{ property: 'ElectionQuorum', at: event, event, proof: [counted, event] },
        says: 's3 joins s1 because s1 named it as leader: that is no quorum.',
      },
    ]);
  });

  test('ElectionQuorum: of both configurations while one is proposed', () => {
    const elected = vote(2, E1 + 5, 1);
    for (const actor of ['s1', 's2']) script.see(actor, 'election-started', { round: 1, vote: elected });
    script.see('s2', 'config-seen', config(E1 + 5, 2, 4, 5));
    script.see('s2', 'elected', { vote: elected, by: 'quorum', state: 'LEADING' });
    expect(script.violations).toMatchObject([{ property: 'ElectionQuorum' }]);
  });
});

describe('epochs', () => {
  let script: Script;
  beforeEach(() => {
    script = new Script(epochs);
  });
  const recover = (accepted: number, current: number): number =>
    script.see('s2', 'recovered', {
      ...{ snapshot: null, replayed: 0, lastZxid: 0, acceptedEpoch: accepted, currentEpoch: current },
      ...{ nodes: [], sessions: [], log: [] },
    });
  const save = (file: string, epoch: number): number => script.see('s2', 'epoch-saved', { file, epoch });

  test('EpochOrder: files go up, over restarts too; a disk that is wiped begins anew', () => {
    recover(0, 0);
    save('acceptedEpoch', 3);
    save('currentEpoch', 3);
    recover(3, 3);
    script.see('s2', 'disk-wiped');
    recover(0, 0);
    save('acceptedEpoch', 5);
    script.see('s2', 'disk-file-removed', { file: 'version-2/acceptedEpoch' });
    recover(0, 0);
    expect(script.violations).toEqual([]);
  });

  test('EpochOrder: a file that goes back', () => {
    const saved = save('acceptedEpoch', 3);
    const event = recover(2, 2);
    expect(script.violations).toEqual([
      {
        ...{ property: 'EpochOrder', at: event, event, proof: [saved, event] },
        says: 's2 has 2 for its acceptedEpoch, after 3; it should never go back.',
      },
    ]);
  });

  test('EpochOrder: currentEpoch above acceptedEpoch', () => {
    recover(1, 1);
    const event = save('currentEpoch', 2);
    expect(script.violations).toMatchObject([{ property: 'EpochOrder', event, proof: [0, event] }]);
  });

  test('PromiseBeforeReply: ACKEPOCH before the promise is on the disk', () => {
    const recovered = recover(1, 1);
    const asked = script.send('s1', 's2', 'LEADERINFO', E2);
    const event = script.send('s2', 's1', 'ACKEPOCH', E1 + 3);
    expect(script.violations).toEqual([
      {
        ...{ property: 'PromiseBeforeReply', at: event, event, proof: [recovered, asked, event] },
        says: 's2 answers s1 with ACKEPOCH for epoch 2, but its acceptedEpoch on disk is 1.',
      },
    ]);
  });

  test('PromiseBeforeReply: a promise to a later leader is none to this one', () => {
    recover(3, 3);
    script.send('s1', 's2', 'LEADERINFO', E2);
    script.send('s2', 's1', 'ACKEPOCH', E1 + 3);
    expect(script.violations).toMatchObject([{ property: 'PromiseBeforeReply' }]);
  });

  test('PromiseBeforeReply: what is saved may be answered, twice too', () => {
    recover(1, 1);
    script.send('s1', 's2', 'LEADERINFO', E2);
    save('acceptedEpoch', 2);
    script.send('s2', 's1', 'ACKEPOCH', E1 + 3);
    script.send('s1', 's2', 'LEADERINFO', E2, 'd');
    script.send('s2', 's1', 'ACKEPOCH', E1 + 3, 'd');
    expect(script.violations).toEqual([]);
  });
});

describe('OneReconfig', () => {
  let script: Script;
  beforeEach(() => {
    script = new Script(configurations);
  });
  const propose = (zxid: number, txn = 'reconfig'): number =>
    script.see('s1', 'proposed', { zxid, txn, sessionId: '0x1', cxid: 1, need: 2 });

  test('two at once', () => {
    const first = propose(E1 + 1);
    propose(E1 + 2, 'setData');
    const event = propose(E1 + 3);
    expect(script.violations).toEqual([
      {
        ...{ property: 'OneReconfig', at: event, event, proof: [first, event] },
        says: 's1 proposes the reconfig 0x100000003 while that of 0x100000001 is not committed.',
      },
    ]);
  });

  test('one after the other, and that of a leader that is gone', () => {
    propose(E1 + 1);
    script.see('s1', 'committed', { zxid: E1 + 1 });
    propose(E1 + 2);
    script.see('s1', 'stepped-down', { why: '' });
    propose(E2 + 1);
    expect(script.violations).toEqual([]);
  });

  test('a committed configuration that goes back, and one seen last that is older', () => {
    const newer = script.see('s2', 'config-activated', config(E1 + 5, 1, 2, 3));
    const seen = script.see('s2', 'config-seen', config(E1 + 3, 1, 2));
    expect(script.violations).toMatchObject([{ property: 'OneReconfig', event: seen, proof: [newer, seen] }]);

    script = new Script(configurations);
    script.see('s2', 'config-activated', config(E1 + 5, 1, 2, 3));
    const event = script.see('s2', 'config-activated', config(E1 + 3, 1, 2));
    expect(script.violations).toMatchObject([{ property: 'OneReconfig', event }]);
  });

  test('a learner may hear of older ones once more while it is synchronized', () => {
    script.see('s2', 'config-activated', config(E1 + 5, 1, 2, 3));
    script.see('s2', 'sync-received', { mode: 'DIFF', zxid: E1 + 5 });
    script.see('s2', 'config-seen', config(E1 + 3, 1, 2));
    expect(script.violations).toEqual([]);
  });
});
