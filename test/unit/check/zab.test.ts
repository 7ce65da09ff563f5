import { describe, expect, test } from 'vitest';
import { acks } from '../../../src/check/zab/acks.ts';
import { commits } from '../../../src/check/zab/commits.ts';
import { delivery } from '../../../src/check/zab/delivery.ts';
import { histories } from '../../../src/check/zab/histories.ts';
import { leadership } from '../../../src/check/zab/leadership.ts';
import type { Checker } from '../../../src/check/types.ts';
import { ZOO_DEFAULTS } from '../../../src/protocol/config.ts';
import { serverName, sid, type ConnId } from '../../../src/protocol/ids.ts';
import { epoch, ZXID_ZERO, type Zxid } from '../../../src/protocol/zxid.ts';
import { only, z, ZabRun } from './zab-run.ts';

const ALL: readonly Checker[] = [leadership, commits, acks, histories, delivery];
const quiet = (run: ZabRun): void => {
  for (const checker of ALL) expect(run.look(checker)).toEqual([]);
};

/** s1 leads epoch 1 and commits two writes with s2; s3 has the first of them only. */
function twoWrites(): ZabRun {
  const run = new ZabRun(3);
  run.establish(1, 1, 2, 3);
  run.write(1, z(1, 1), 2, 3);
  run.write(1, z(1, 2), 2);
  return run;
}

describe('who leads', () => {
  test('Leadership1: two leaders of one epoch', () => {
    const run = new ZabRun(5);
    run.lead(1, 1);
    const first = run.events.length - 1;
    run.lead(2, 1);
    const last = run.events.length - 1;
    expect(only(run.look(leadership), 'Leadership1')).toEqual({
      event: last,
      proof: [first, last],
      says: 's2 and s1 both lead epoch 1; an epoch should have one leader.',
    });
  });

  test('Leadership2: an epoch is led a second time, when the first leader is gone', () => {
    const run = new ZabRun(3);
    run.lead(1, 1);
    run.stepDown(1);
    run.lead(2, 1);
    const found = run.look(leadership);
    expect(found.map(({ property }) => property)).toEqual(['Leadership2']);
    expect(found[0]?.says).toBe('s2 becomes leader of epoch 1, which s1 has led before; it should be a new one.');
  });

  test('a deposed leader beside its successor is no harm, nor an epoch that comes again with a wiped disk', () => {
    const run = new ZabRun(3);
    run.establish(1, 1, 2);
    run.stepDown(2);
    run.establish(2, 2, 3);
    quiet(run);
    const wiped = new ZabRun(3);
    wiped.establish(1, 1, 2);
    wiped.kill(1);
    wiped.kill(2);
    wiped.server(2, { kind: 'disk-wiped' });
    wiped.boot(2);
    wiped.lead(3, 1);
    quiet(wiped);
  });
});

describe('what is delivered', () => {
  test('is the same everywhere, in a run that is right', () => quiet(twoWrites()));

  test('Integrity: nobody has broadcast it', () => {
    const run = twoWrites();
    run.append(3, z(1, 2));
    run.apply(3, z(1, 2));
    run.append(3, z(1, 3));
    const event = run.apply(3, z(1, 3));
    expect(only(run.look(delivery), 'Integrity')).toMatchObject({
      event,
      says: 's3 delivers 0x100000003, which no leader has broadcast so; only that should be delivered.',
    });
  });

  test('Integrity, Agreement, PrefixConsistency: another content under the same zxid', () => {
    const run = twoWrites();
    run.append(3, { zxid: z(1, 2), digest: 7 });
    const event = run.apply(3, z(1, 2));
    const found = run.look(delivery);
    expect(only(found, 'Integrity').event).toBe(event);
    expect(only(found, 'Agreement').event).toBe(event);
    expect(only(found, 'PrefixConsistency')).toMatchObject({
      event,
      says: 's3 delivers 0x100000002 where s1 has delivered another content; what servers deliver should begin alike.',
    });
  });

  test('PrefixConsistency: the content shows when the log of a server that has delivered it catches up', () => {
    const run = new ZabRun(3);
    run.establish(1, 1, 2, 3);
    run.write(1, z(1, 1), 2);
    run.apply(3, z(1, 1));
    const event = run.append(3, { zxid: z(1, 1), digest: 7 });
    expect(only(run.look(delivery), 'PrefixConsistency').event).toBe(event);
  });

  test('TotalOrder, LocalPrimaryOrder, PrefixConsistency: one is left out', () => {
    const run = new ZabRun(3);
    run.establish(1, 1, 2, 3);
    run.write(1, z(1, 1), 2);
    const first = run.events.findIndex((event) => event.kind === 'applied');
    run.write(1, z(1, 2), 2);
    const second = run.events.length - 2;
    run.append(3, z(1, 2));
    const event = run.apply(3, z(1, 2));
    const found = run.look(delivery);
    expect(only(found, 'TotalOrder')).toEqual({
      event,
      proof: [first, second, event],
      says: 's3 delivers 0x100000002 without 0x100000001, which s1 delivered before it; all should deliver in one order.',
    });
    expect(only(found, 'PrefixConsistency').says).toMatch(
      /^s3 delivers 0x100000002 where s1 has delivered 0x100000001;/,
    );
    expect(found.map(({ property }) => property)).not.toContain('Agreement');
  });

  test('LocalPrimaryOrder: a gap between two of one leader', () => {
    const run = new ZabRun(3);
    run.establish(1, 1, 2, 3);
    for (const counter of [1, 2, 3]) run.propose(1, z(1, counter));
    run.append(3, z(1, 1));
    run.apply(3, z(1, 1));
    run.append(3, z(1, 3));
    const event = run.apply(3, z(1, 3));
    expect(only(run.look(delivery), 'LocalPrimaryOrder')).toMatchObject({
      event,
      says: 's3 delivers 0x100000003 after 0x100000001; of one leader’s broadcasts 0x100000002 should have come.',
    });
  });

  test('LocalPrimaryOrder: a gap at the beginning, unless it is that of initialZxid', () => {
    const found = (counter: number, initialZxid: number): readonly string[] => {
      const run = new ZabRun(3, 0, { settings: { ...ZOO_DEFAULTS, initialZxid } });
      run.establish(1, 1, 2, 3);
      run.write(1, z(1, initialZxid + 1), 2);
      run.stepDown(1);
      run.stepDown(2);
      run.establish(2, 2, 1);
      run.write(2, z(2, counter), 1);
      return run.look(delivery).map(({ property }) => property);
    };
    expect(found(51, 50)).toEqual([]);
    expect(found(52, 50)).toContain('LocalPrimaryOrder');
    expect(found(1, 50)).toContain('LocalPrimaryOrder');
    expect(found(51, 0)).toContain('LocalPrimaryOrder');
  });

  test('GlobalPrimaryOrder: an older epoch comes later', () => {
    const run = new ZabRun(3);
    run.establish(1, 1, 2, 3);
    run.propose(1, z(1, 1));
    run.stepDown(1);
    run.stepDown(3);
    run.establish(2, 2, 3);
    run.write(2, z(2, 1), 3);
    const event = run.apply(3, z(1, 1));
    expect(only(run.look(delivery), 'GlobalPrimaryOrder')).toMatchObject({
      event,
      says: 's3 delivers 0x100000001 after 0x200000001, which is of a later epoch; epochs should come in order.',
    });
  });

  test('Agreement: each of two servers has what the other has not', () => {
    const run = new ZabRun(3);
    run.establish(1, 1, 2, 3);
    run.propose(1, z(1, 1));
    run.append(1, z(1, 1));
    run.commit(1, z(1, 1));
    const alone = run.apply(1, z(1, 1));
    run.stepDown(2);
    run.stepDown(3);
    run.establish(2, 2, 3);
    run.write(2, z(2, 1), 3);
    const found = run.look(delivery);
    expect(only(found, 'Agreement')).toEqual({
      event: run.events.length - 2,
      proof: [alone, run.events.length - 2],
      says: 's2 delivers 0x200000001, and s1 has delivered 0x100000001 in its place; of the two, one server should have both.',
    });
    expect(found.map(({ property }) => property)).not.toContain('TotalOrder');
  });

  test('what a log replays at a restart is not delivered', () => {
    const run = new ZabRun(3);
    run.establish(1, 1, 2, 3);
    run.propose(1, z(1, 1));
    run.append(1, z(1, 1));
    run.durable(1, z(1, 1));
    run.kill(1);
    run.boot(1, [z(1, 1)], ZXID_ZERO, 1);
    run.stepDown(2);
    run.stepDown(3);
    run.establish(2, 2, 3);
    run.write(2, z(2, 1), 3);
    run.follow(1, 2, 2, 'TRUNC', ZXID_ZERO);
    run.append(1, z(2, 1));
    run.apply(1, z(2, 1));
    run.durable(1, z(2, 1));
    run.newLeader(1, 2);
    run.serve(1, 2, 2);
    quiet(run);
  });
});

describe('what a learner holds beside its leader', () => {
  test('ProcessConsistency: it keeps what its leader does not have', () => {
    const run = twoWrites();
    run.kill(1);
    run.stepDown(2);
    run.stepDown(3);
    run.lead(3, 2);
    run.follow(2, 3, 2);
    run.newLeader(2, 2);
    const event = run.events.length - 2;
    const appended = run.events.findLastIndex((each) => each.kind === 'log-appended' && each.actor === 's2');
    expect(only(run.look(histories), 'ProcessConsistency')).toEqual({
      event,
      proof: [appended, event],
      says: 's2 takes NEWLEADER of epoch 2 and keeps 0x100000002, which s3 does not have; its log should be a prefix of its leader’s.',
    });
  });

  test('ProcessConsistency: it has a gap', () => {
    const run = new ZabRun(3);
    run.boot(1, [z(1, 1), z(1, 2)], ZXID_ZERO, 1);
    run.boot(2, [z(1, 2)], ZXID_ZERO, 1);
    run.lead(1, 2);
    run.follow(2, 1, 2);
    run.newLeader(2, 2);
    expect(only(run.look(histories), 'ProcessConsistency').says).toMatch(
      /^s2 takes NEWLEADER of epoch 2 without 0x100000001,/,
    );
  });

  test('PrimaryIntegrity: it has delivered what its leader has not', () => {
    const run = twoWrites();
    run.kill(1);
    run.stepDown(2);
    run.stepDown(3);
    run.establish(3, 2, 2);
    expect(only(run.look(histories), 'PrimaryIntegrity')).toMatchObject({
      event: run.events.length - 1,
      says: 's2 has delivered 0x100000002 of an older epoch, and its leader s3 has not; a leader should have all that its followers have before it broadcasts.',
    });
  });

  test('PrimaryIntegrity: an older epoch is delivered while both broadcast', () => {
    const run = new ZabRun(3);
    run.establish(1, 2, 2);
    run.append(2, z(1, 1));
    const event = run.apply(2, z(1, 1));
    expect(only(run.look(histories), 'PrimaryIntegrity').event).toBe(event);
  });

  test('CommittedLogDurability: TRUNC takes what is committed', () => {
    const run = twoWrites();
    run.kill(1);
    run.stepDown(2);
    run.stepDown(3);
    run.lead(3, 2);
    run.follow(2, 3, 2, 'TRUNC', z(1, 1));
    const committed = run.events.findLastIndex((event) => event.kind === 'committed');
    const appended = run.events.findLastIndex((each) => each.kind === 'log-appended' && each.actor === 's2');
    expect(only(run.look(histories), 'CommittedLogDurability')).toEqual({
      event: run.events.length - 1,
      proof: [appended, committed, run.events.length - 1],
      says: 's2 cuts its log behind 0x100000001 and loses 0x100000002, which is committed; it should be kept for good.',
    });
  });

  test('a leader may cut what it has proposed itself: it comes again', () => {
    const run = new ZabRun(3);
    run.establish(1, 1, 2, 3);
    run.propose(1, z(1, 1));
    run.log(3, 1, z(1, 1));
    run.stepDown(3);
    run.log(1, 1, z(1, 1));
    run.log(2, 1, z(1, 1));
    run.commit(1, z(1, 1));
    run.follow(3, 1, 1, 'TRUNC', ZXID_ZERO);
    quiet(run);
  });
});

describe('what is committed', () => {
  test('LeaderLogCompleteness, CommittedLogMonotonicity: a leader without it', () => {
    const run = twoWrites();
    run.kill(1);
    run.kill(2);
    run.stepDown(3);
    run.lead(3, 2);
    const event = run.serve(3, 3, 2);
    const committed = run.events.findLastIndex((each) => each.kind === 'committed');
    const found = run.look(commits);
    expect(only(found, 'LeaderLogCompleteness')).toEqual({
      event,
      proof: [committed, event],
      says: 's3 leads epoch 2 without 0x100000002, which is committed; a leader should have all that is.',
    });
    expect(only(found, 'CommittedLogMonotonicity').says).toBe(
      's3 drops 0x100000002 from what is committed already; what is committed should only grow at its end.',
    );
  });

  test('CommittedLogMonotonicity: something comes in below the end', () => {
    const run = new ZabRun(3);
    run.establish(1, 2, 2, 3);
    run.write(1, z(2, 1), 2, 3);
    const event = run.commit(1, z(1, 1));
    expect(only(run.look(commits), 'CommittedLogMonotonicity')).toMatchObject({
      event,
      says: 's1 commits 0x100000001 below what is committed already; what is committed should only grow at its end.',
    });
  });

  test('is gone without anybody’s guilt where a disk was wiped', () => {
    const run = twoWrites();
    run.kill(1);
    run.kill(2);
    run.server(2, { kind: 'disk-wiped' });
    run.boot(2);
    run.stepDown(3);
    run.lead(3, 2);
    run.follow(2, 3, 2);
    run.append(2, z(1, 1));
    run.durable(2, z(1, 1));
    run.apply(2, z(1, 1));
    run.newLeader(2, 2);
    run.serve(3, 3, 2);
    run.serve(2, 3, 2);
    run.write(3, z(2, 1), 2);
    quiet(run);
  });

  test('QuorumBeforeCommit: too few have acknowledged it', () => {
    const run = new ZabRun(3);
    run.establish(1, 1, 2, 3);
    const proposed = run.propose(1, z(1, 1));
    run.append(2, z(1, 1));
    run.durable(2, z(1, 1));
    const acked = run.log(1, 1, z(1, 1));
    const event = run.commit(1, z(1, 1));
    const found = run.look(commits);
    expect(found.map(({ property }) => property)).toEqual(['QuorumBeforeCommit']);
    expect(only(found, 'QuorumBeforeCommit')).toEqual({
      event,
      proof: [proposed, acked, event],
      says: 's1 commits 0x100000001, which s1 acknowledged; a quorum of s1, s2 and s3 should have.',
    });
  });

  test('QuorumBeforeCommit: of an open reconfiguration both configurations count', () => {
    const run = new ZabRun(3);
    run.establish(1, 1, 2, 3);
    const members = [1, 2, 3, 4, 5].map((n) => ({ sid: sid(n), role: 'participant' as const }));
    run.server(1, { kind: 'config-seen', version: z(1, 1), text: '', members });
    run.propose(1, z(1, 1));
    run.log(1, 1, z(1, 1));
    run.log(2, 1, z(1, 1));
    const event = run.commit(1, z(1, 1));
    expect(only(run.look(commits), 'QuorumBeforeCommit')).toMatchObject({
      event,
      says: 's1 commits 0x100000001, which s1 and s2 acknowledged; a quorum of s1, s2, s3, s4 and s5 should have.',
    });
  });

  test('CommitDurableOnQuorum: acknowledged, and not on disk', () => {
    const run = new ZabRun(3);
    run.establish(1, 1, 2, 3);
    run.propose(1, z(1, 1));
    run.log(1, 1, z(1, 1));
    run.append(2, z(1, 1));
    run.acked(1, 2, z(1, 1));
    const event = run.commit(1, z(1, 1));
    const found = run.look(commits);
    expect(found.map(({ property }) => property)).toEqual(['CommitDurableOnQuorum']);
    expect(only(found, 'CommitDurableOnQuorum')).toMatchObject({
      event,
      says: 's1 commits 0x100000001, which s1 surely keep on disk; a quorum of s1, s2 and s3 should.',
    });
    const lax = new ZabRun(3, 0, { settings: { ...ZOO_DEFAULTS, forceSync: false } });
    for (const each of run.events.slice(lax.events.length)) lax.events.push(each);
    expect(lax.look(commits)).toEqual([]);
  });

  test('CommitDurableOnQuorum: a leader serves with a log that nobody else has', () => {
    const run = twoWrites();
    run.stepDown(1);
    run.stepDown(3);
    run.kill(2);
    run.server(2, { kind: 'log-truncated', to: z(1, 1) });
    run.lead(1, 2);
    const event = run.serve(1, 1, 2);
    expect(only(run.look(commits), 'CommitDurableOnQuorum').event).toBe(event);
  });

  test('InOrderCommit: one is left out', () => {
    const run = new ZabRun(3);
    run.establish(1, 1, 2, 3);
    for (const counter of [1, 2]) run.propose(1, z(1, counter));
    for (const counter of [1, 2]) for (const n of [1, 2]) run.log(n, 1, z(1, counter));
    const event = run.commit(1, z(1, 2));
    expect(only(run.look(commits), 'InOrderCommit')).toMatchObject({
      event,
      says: 's1 commits 0x100000002 after 0x100000000; 0x100000001 should be next.',
    });
  });

  test('InOrderCommit: the first of an epoch is the one behind initialZxid', () => {
    const found = (counter: number, initialZxid: number): readonly string[] => {
      const run = new ZabRun(3, 0, { settings: { ...ZOO_DEFAULTS, initialZxid } });
      run.establish(1, 1, 2, 3);
      run.write(1, z(1, counter), 2);
      return run.look(commits).map(({ says }) => says);
    };
    expect(found(51, 50)).toEqual([]);
    for (const [counter, initialZxid] of [
      [1, 50],
      [52, 50],
      [51, 0],
    ] as const) {
      expect(found(counter, initialZxid)).toEqual([expect.stringMatching(/^s1 commits 0x1000000\d\d after 0x1000000/)]);
    }
  });

  test('ZxidInEpoch: a proposal of another epoch', () => {
    const run = new ZabRun(3);
    run.establish(1, 2, 2, 3);
    const event = run.propose(1, z(1, 7));
    expect(only(run.look(commits), 'ZxidInEpoch')).toEqual({
      event,
      proof: [event],
      says: 's1 leads epoch 2 and proposes 0x100000007; its zxids should be of its epoch.',
    });
  });
});

describe('what is acknowledged', () => {
  test('DurableBeforeAck: the fsync is still to come', () => {
    const run = new ZabRun(3);
    run.establish(1, 1, 2, 3);
    run.propose(1, z(1, 1));
    const appended = run.append(2, z(1, 1));
    const event = run.sendAck(2, z(1, 1));
    run.durable(2, z(1, 1));
    expect(only(run.look(acks), 'DurableBeforeAck')).toEqual({
      event,
      proof: [appended, event],
      says: 's2 acknowledges 0x100000001, which a crash could still take from its disk; it should be durable first.',
    });
  });

  test('DurableBeforeAck: what a server says of its log counts if its disk has done it', () => {
    const run = new ZabRun(3);
    run.establish(1, 1, 2, 3);
    run.propose(1, z(1, 1));
    run.append(2, z(1, 1));
    run.server(2, { kind: 'log-durable', zxid: z(1, 1), count: 1 });
    const event = run.sendAck(2, z(1, 1));
    expect(only(run.look(acks), 'DurableBeforeAck').event).toBe(event);
  });

  test('DurableBeforeAck: what came with the synchronization has to be in the log', () => {
    const run = twoWrites();
    run.stepDown(3);
    run.follow(3, 1, 1, 'DIFF', z(1, 2));
    const event = run.newLeader(3, 1);
    expect(only(run.look(acks), 'DurableBeforeAck')).toMatchObject({
      event,
      says: 's3 acknowledges NEWLEADER of epoch 1, but 0x100000002 is not on its disk.',
    });
  });

  test('DurableBeforeAck: of NEWLEADER the log has to be durable, and the epoch', () => {
    const run = new ZabRun(3);
    run.lead(1, 1);
    run.follow(2, 1, 1);
    const early = run.sendAck(2, z(1, 0));
    run.follow(3, 1, 1);
    run.append(3, z(1, 1));
    const late = run.newLeader(3, 1);
    const found = run.look(acks);
    expect(found.map(({ event, says }) => [event, says])).toEqual([
      [early, 's2 acknowledges NEWLEADER of epoch 1, but its currentEpoch on disk is 0.'],
      [late, 's3 acknowledges NEWLEADER of epoch 1, but a crash could still take 0x100000001 from its disk.'],
    ]);
  });

  test('ObserverSilent: an observer acknowledges, and is counted', () => {
    const run = new ZabRun(3, 1);
    run.establish(1, 1, 2, 3, 4);
    const proposed = run.propose(1, z(1, 1));
    run.append(4, z(1, 1));
    run.durable(4, z(1, 1));
    const sent = run.sendAck(4, z(1, 1));
    const counted = run.acked(1, 4, z(1, 1));
    expect(only(run.look(acks), 'ObserverSilent')).toEqual({
      event: sent,
      proof: [sent],
      says: 's4 is an observer and acknowledges 0x100000001; it should only listen.',
    });
    expect(only(run.look(commits), 'ObserverSilent')).toEqual({
      event: counted,
      proof: [proposed, counted],
      says: 's1 counts an acknowledgement of 0x100000001 by s4, which has no vote; only voters should count.',
    });
  });

  test.each(['epoch-heard', 'epoch-acked', 'newleader-acked'] as const)('ObserverSilent: %s', (kind) => {
    const run = new ZabRun(3, 1);
    const voices = { from: sid(4), acks: [sid(4)], heard: [sid(4)], need: 2 };
    const event =
      kind === 'epoch-heard'
        ? run.server(1, { kind, ...voices, acceptedEpoch: epoch(0) })
        : run.server(1, { kind, ...voices });
    expect(only(run.look(acks), 'ObserverSilent').event).toBe(event);
  });

  test('ackInconsistent: a leader counts an ACK that nobody has sent', () => {
    const counted = (send: boolean): ZabRun => {
      const run = new ZabRun(3);
      run.establish(1, 1, 2, 3);
      run.propose(1, z(1, 1));
      run.append(2, z(1, 1));
      run.durable(2, z(1, 1));
      if (send) run.sendAck(2, z(1, 1));
      run.acked(1, 2, z(1, 1));
      return run;
    };
    quiet(counted(true));
    const run = counted(false);
    const event = run.events.length - 1;
    expect(only(run.look(acks), 'ackInconsistent')).toEqual({
      event,
      proof: [event],
      says: 's1 counts the ACK of a proposal of s2, which has not sent it that.',
    });
  });

  test.each(['epoch-heard', 'epoch-acked', 'newleader-acked'] as const)(
    'a leader counts what nobody has sent: %s',
    (kind) => {
      const type = { 'epoch-heard': 'FOLLOWERINFO', 'epoch-acked': 'ACKEPOCH', 'newleader-acked': 'ACK' } as const;
      const counted = (send: boolean, lateRole = false): ZabRun => {
        const run = new ZabRun(3);
        run.lead(1, 1);
        run.follow(2, 1, 1);
        run.server(2, { kind: 'epoch-saved', file: 'currentEpoch', epoch: epoch(1) });
        const packet = { type: type[kind], zxid: z(1, 0) } as const;
        const to = serverName(sid(1));
        if (send) run.server(2, { kind: 'send', to, conn: 'c' as ConnId, port: 'quorum', packet, arrives: null });
        // What was sent to a leader reaches nobody when its role is over.
        if (lateRole) run.lead(1, 2);
        const voices = { from: sid(2), acks: [sid(2)], heard: [sid(2)], need: 2 };
        if (kind === 'epoch-heard') run.server(1, { kind, ...voices, acceptedEpoch: epoch(0) });
        else run.server(1, { kind, ...voices });
        return run;
      };
      expect(counted(true).look(acks)).toEqual([]);
      const property = kind === 'newleader-acked' ? 'ackInconsistent' : 'stateInconsistent';
      for (const run of [counted(false), counted(true, true)]) {
        expect(only(run.look(acks), property).event).toBe(run.events.length - 1);
      }
    },
  );

  test('DurableBeforeAck: what was durable is there after a restart, unless the disk was damaged', () => {
    const restarted = (log: readonly Zxid[], damage: boolean, snapshot: Zxid | null = null): ZabRun => {
      const run = twoWrites();
      run.append(3, z(1, 2));
      run.kill(3);
      if (damage) run.server(3, { kind: 'disk-torn', file: 'version-2/log.1', offset: 1 });
      run.boot(3, log, snapshot, 1);
      return run;
    };
    // The second one was not durable yet.
    expect(restarted([z(1, 1)], false).look(acks)).toEqual([]);
    expect(restarted([], true).look(acks)).toEqual([]);
    expect(restarted([], false, z(1, 1)).look(acks)).toEqual([]);
    const run = restarted([], false);
    expect(only(run.look(acks), 'DurableBeforeAck')).toMatchObject({
      event: run.events.length - 1,
      says: 's3 has lost 0x100000001 at its start, which was on its disk for good, and nothing has damaged that.',
    });
  });
});

describe('a deposed leader beside its successor', () => {
  /** s1 leads epoch 1 still when s3 leads epoch 2 with s2. */
  function deposed(): ZabRun {
    const run = new ZabRun(3);
    run.establish(1, 1, 2);
    run.propose(1, z(1, 1));
    run.log(1, 1, z(1, 1));
    run.log(2, 1, z(1, 1));
    return run;
  }

  test('LeaderLogCompleteness: it commits what the successor does not have', () => {
    const run = deposed();
    run.stepDown(2);
    run.establish(3, 2);
    const event = run.commit(1, z(1, 1));
    expect(only(run.look(commits), 'LeaderLogCompleteness')).toMatchObject({
      event,
      says: 's1 commits 0x100000001, which s3 leads epoch 2 without; a leader should have all that is committed.',
    });
  });

  test('it may commit what the successor has', () => {
    const run = deposed();
    run.stepDown(2);
    run.boot(3, [z(1, 1)], ZXID_ZERO, 1);
    run.establish(3, 2, 2);
    run.commit(1, z(1, 1));
    quiet(run);
  });
});
