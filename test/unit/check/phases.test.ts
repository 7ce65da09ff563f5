import { beforeEach, describe, expect, test } from 'vitest';
import { phases } from '../../../src/check/phases.ts';
import { config, E1, E2, Script } from './script.ts';

let script: Script;
beforeEach(() => {
  script = new Script(phases);
  for (const actor of ['s1', 's2', 's3']) script.see(actor, 'config-activated', config(0, 1, 2, 3));
});

/** `actor` begins a role. */
function become(actor: string, state: string): number {
  const event = script.see(actor, 'server-state', { state, why: '' });
  script.see(actor, 'zab-state', { zabState: 'DISCOVERY' });
  return event;
}
/** A packet, and its arrival. */
function deliver(from: string, to: string, type: string, zxid = E2): number {
  const message = script.send(from, to, type, zxid);
  return script.see(to, 'receive', { message, from, type });
}

test('an ensemble that forms raises nothing', () => {
  become('s1', 'LEADING');
  become('s2', 'FOLLOWING');
  script.see('s1', 'epoch-heard', { from: 1, acceptedEpoch: 1, heard: [1], need: 2 });
  deliver('s2', 's1', 'FOLLOWERINFO', E1);
  script.see('s1', 'epoch-heard', { from: 2, acceptedEpoch: 1, heard: [1, 2], need: 2 });
  script.see('s1', 'epoch-proposed', { epoch: 2 });
  deliver('s1', 's2', 'LEADERINFO');
  script.see('s2', 'zab-state', { zabState: 'SYNCHRONIZATION' });
  deliver('s2', 's1', 'ACKEPOCH', E1);
  for (const from of [1, 2]) script.see('s1', 'epoch-acked', { from, acks: [], need: 2 });
  script.see('s1', 'zab-state', { zabState: 'SYNCHRONIZATION' });
  for (const type of ['DIFF', 'NEWLEADER']) deliver('s1', 's2', type);
  deliver('s2', 's1', 'ACK');
  for (const from of [1, 2]) script.see('s1', 'newleader-acked', { from, acks: [], need: 2 });
  script.see('s1', 'zab-state', { zabState: 'BROADCAST' });
  deliver('s1', 's2', 'UPTODATE');
  script.see('s2', 'zab-state', { zabState: 'BROADCAST' });
  for (const type of ['PROPOSAL', 'COMMIT', 'PING', 'SYNC']) deliver('s1', 's2', type);
  for (const type of ['ACK', 'REQUEST', 'PING']) deliver('s2', 's1', type);
  expect(script.violations).toEqual([]);
});

describe('stateInconsistent', () => {
  test('a leader that serves before a quorum has acknowledged NEWLEADER', () => {
    become('s1', 'LEADING');
    const ack = script.see('s1', 'newleader-acked', { from: 1, acks: [1], need: 2 });
    const event = script.see('s1', 'zab-state', { zabState: 'BROADCAST' });
    expect(script.violations).toEqual([
      {
        ...{ property: 'stateInconsistent', at: event, event, proof: [ack, event] },
        says: 's1 begins to serve as leader, but only s1 has acknowledged NEWLEADER: that is no quorum.',
      },
    ]);
  });

  test('with a configuration that was seen last and is not committed, both must be quorums', () => {
    script.see('s1', 'config-seen', config(E1 + 3, 1, 4, 5));
    become('s1', 'LEADING');
    for (const from of [1, 2]) script.see('s1', 'newleader-acked', { from, acks: [], need: 2 });
    script.see('s1', 'zab-state', { zabState: 'BROADCAST' });
    expect(script.violations).toMatchObject([{ property: 'stateInconsistent' }]);
  });

  test('an epoch that no quorum has heard of, and one that no quorum has promised', () => {
    become('s1', 'LEADING');
    const event = script.see('s1', 'epoch-proposed', { epoch: 2 });
    expect(script.violations).toMatchObject([{ property: 'stateInconsistent', event }]);
    expect(script.violations[0]?.says).toBe(
      's1 fixes epoch 2, but nobody has told it their accepted epochs: that is no quorum.',
    );
    script.see('s1', 'epoch-acked', { from: 3, acks: [3], need: 2 });
    const sync = script.see('s1', 'zab-state', { zabState: 'SYNCHRONIZATION' });
    expect(script.violations[1]).toMatchObject({ property: 'stateInconsistent', event: sync });
  });

  test('packets in the wrong phase', () => {
    become('s2', 'FOLLOWING');
    script.send('s2', 's1', 'FOLLOWERINFO', E1);
    const event = deliver('s1', 's2', 'NEWLEADER');
    expect(script.violations).toMatchObject(
      [{ property: 'stateInconsistent', event, proof: [5, event - 1, event] }].map(({ proof: _, ...rest }) => rest),
    );
    expect(script.violations[0]?.says).toBe(
      's2 gets NEWLEADER from s1 in DISCOVERY; it should come in SYNCHRONIZATION.',
    );
    script.see('s2', 'zab-state', { zabState: 'SYNCHRONIZATION' });
    const late = deliver('s1', 's2', 'LEADERINFO');
    expect(script.violations[1]).toMatchObject({ property: 'stateInconsistent', event: late });
  });
});

describe('messageIllegal', () => {
  test('a proposal of a leader that the server does not follow', () => {
    become('s2', 'FOLLOWING');
    const info = script.send('s2', 's1', 'FOLLOWERINFO', E1);
    const event = deliver('s3', 's2', 'PROPOSAL');
    expect(script.violations).toEqual([
      {
        ...{ property: 'messageIllegal', at: event, event, proof: [info, event - 1, event] },
        says: 's2 gets PROPOSAL from s3, but it follows s1.',
      },
    ]);
  });

  test('anything of a leader while LOOKING', () => {
    become('s2', 'FOLLOWING');
    script.send('s2', 's1', 'FOLLOWERINFO', E1);
    script.see('s2', 'stepped-down', { why: '' });
    const looking = script.see('s2', 'server-state', { state: 'LOOKING', why: '' });
    const event = deliver('s1', 's2', 'COMMIT');
    expect(script.violations).toMatchObject([
      { property: 'messageIllegal', event, proof: [looking, event - 1, event] },
    ]);
    expect(script.violations[0]?.says).toBe('s2 gets COMMIT from s1, but it is LOOKING and follows nobody.');
  });

  test('what only a leader handles, at a follower', () => {
    become('s2', 'FOLLOWING');
    const event = deliver('s3', 's2', 'ACK');
    expect(script.violations).toMatchObject([{ property: 'messageIllegal', event }]);
  });
});
