/** The three phases of ZAB as a whole ensemble goes through them: who says what to whom, and never before what. */
import { describe, expect, it } from 'vitest';
import type { EventKind, PacketSummary } from '../../../src/protocol/events.ts';
import { serverName, sid } from '../../../src/protocol/ids.ts';
import { counterOf, epochOf, formatZxid, makeZxid } from '../../../src/protocol/zxid.ts';
import { Ensemble } from '../../helpers/ensemble.ts';

const client = (server: number) => ({ name: 'alice', server, sessionTimeout: 6000 });

/** Packets of a type from one server, in order: to whom, what, and the event. */
function sent(lab: Ensemble, from: number, type: PacketSummary['type'], since = 0) {
  return lab
    .events('send', { actor: from, from: since })
    .filter(({ packet }) => packet.type === type)
    .map(({ id, to, packet, causes }) => ({ id, to, packet, causes }));
}

/** The id of the first event of a kind at a server from `since` on. */
function first(lab: Ensemble, kind: EventKind, actor: number, since = 0): number {
  const [event] = lab.events(kind, { actor, from: since });
  if (!event) throw new Error(`s${actor} has no ${kind}`);
  return event.id;
}

describe('discovery and synchronization', () => {
  it('zab.followerinfo, zab.leaderinfo: each learner tells its accepted epoch and is told one above the highest', async () => {
    const lab = await Ensemble.open({ servers: 3, clients: [client(1)] });
    expect(await lab.settled()).toBe(3);
    await lab.kill(2);
    await lab.kill(3);
    const from = lab.lab.trace.length;
    await lab.restart(2, 3);
    expect(await lab.settled()).toBe(3);
    for (const learner of [1, 2]) {
      expect(sent(lab, learner, 'FOLLOWERINFO', from).map(({ to, packet }) => [to, packet.epoch])).toEqual([['s3', 1]]);
    }
    const told = sent(lab, 3, 'LEADERINFO', from);
    expect(told.map(({ packet }) => packet.zxid)).toEqual([makeZxid(2, 0), makeZxid(2, 0)]);
    expect(Math.min(...told.map(({ id }) => id))).toBeGreaterThan(first(lab, 'epoch-proposed', 3, from));
  });

  it('zab.ackepoch-quorum: who knows more than the leader is not counted but let go', async () => {
    const lab = await Ensemble.open({ servers: 3, clients: [client(3)] });
    expect(await lab.settled()).toBe(3);
    await lab.connected('alice');
    // On the disk of the leader alone: nobody else has heard of it.
    await lab.act(
      { do: 'hold', from: 's3', to: 's1', type: 'PROPOSAL' },
      { do: 'hold', from: 's3', to: 's2', type: 'PROPOSAL' },
    );
    await lab.create('alice', '/tail', false);
    await lab.until(() => lab.events('log-durable', { actor: 3 }).some(({ zxid }) => counterOf(zxid) === 2), 5);
    await lab.kill(1, 2, 3);
    const from = lab.lab.trace.length;
    // The leader of the other two waits for the promise of its only follower …
    await lab.act({ do: 'hold', from: 's1', to: 's2', type: 'ACKEPOCH', count: 1 });
    await lab.restart(1, 2);
    await lab.until(() => sent(lab, 1, 'ACKEPOCH', from).length > 0);
    // … when the third comes, with its tail.
    await lab.restart(3);
    await lab.until(() => lab.events('learner-lost', { actor: 2, from }).length > 0);
    expect(lab.events('learner-lost', { actor: 2, from })[0]).toMatchObject({
      learner: 3,
      why: 'is ahead of the leader',
      rule: 'zab.ackepoch-quorum',
    });
    expect(lab.events('epoch-acked', { actor: 2, from }).map(({ from: by }) => by)).toEqual([2]);
    expect(lab.events('sync-chosen', { actor: 2, from })).toEqual([]);
  });

  it('zab.sync-apply, zab.newleader, zab.uptodate, zab.uptodate-ack: a learner’s steps, up to serving when the leader does', async () => {
    const lab = await Ensemble.open({ servers: 3, observers: 1 });
    expect(await lab.settled()).toBe(3);
    await lab.run(100);
    const leaderServes = first(lab, 'serving', 3);
    for (const learner of [1, 2, 4]) {
      const toLearner = (type: PacketSummary['type']) =>
        sent(lab, 3, type).filter(({ to }) => to === serverName(sid(learner)));
      const [upToDate, ...more] = toLearner('UPTODATE');
      expect(more).toEqual([]);
      expect(upToDate?.id).toBeGreaterThan(leaderServes);
      const serves = lab.events('serving', { actor: learner });
      expect(serves.map(({ rule, leader }) => [rule, leader])).toEqual([['zab.uptodate', 3]]);
      const received = lab.events('receive', { actor: learner }).find(({ type }) => type === 'UPTODATE');
      expect(serves[0]?.id).toBeGreaterThan(received?.id ?? Infinity);
      const modes = lab.events('sync-received', { actor: learner });
      const chosen = lab.events('sync-chosen', { actor: 3 }).find((each) => each.learner === learner);
      expect(modes.map(({ mode, zxid, rule }) => [mode, zxid, rule])).toEqual([
        [chosen?.mode, chosen?.zxid, 'zab.sync-apply'],
      ]);
      // One ACK for NEWLEADER, and one for UPTODATE that nothing comes of.
      const acks = sent(lab, learner, 'ACK');
      expect(acks.map(({ packet }) => formatZxid(packet.zxid ?? makeZxid(0, 0)))).toEqual([
        '0x100000000',
        '0x100000000',
      ]);
      expect(acks.map(({ id }) => id < (received?.id ?? 0))).toEqual([true, false]);
      const saved = lab.events('epoch-saved', { actor: learner }).find(({ file }) => file === 'currentEpoch');
      expect(saved?.id).toBeLessThan(acks[0]?.id ?? 0);
      const [newLeader] = toLearner('NEWLEADER');
      expect(newLeader?.id).toBeGreaterThan(chosen?.id ?? Infinity);
    }
    expect(lab.events('acked')).toEqual([]);
  });
});

describe('broadcast', () => {
  it('zab.propose, zab.ack-after-fsync, zab.ack-count, zab.commit-quorum, zab.commit: every write, in order', async () => {
    const lab = await Ensemble.open({ servers: 5, observers: 1, fsync: [3, 40], clients: [client(1)] });
    const leader = await lab.settled();
    await lab.connected('alice');
    const from = lab.lab.trace.length;
    for (let i = 0; i < 12; i++) {
      await lab.create('alice', `/n${i}`, false);
      await lab.run(6);
    }
    await lab.run(2000);
    const followers = [1, 2, 3, 4, 5].filter((n) => n !== leader);
    const proposed = lab.events('proposed', { actor: leader, from });
    const zxids = proposed.map(({ zxid }) => zxid);
    expect(zxids.map(counterOf)).toEqual(Array.from({ length: 12 }, (_, i) => i + 2));
    expect(new Set(zxids.map(epochOf)).size).toBe(1);

    const proposals = sent(lab, leader, 'PROPOSAL', from);
    const commits = sent(lab, leader, 'COMMIT', from);
    for (const n of followers) {
      const to = serverName(sid(n));
      expect(proposals.filter((each) => each.to === to).map(({ packet }) => packet.zxid)).toEqual(zxids);
      expect(commits.filter((each) => each.to === to).map(({ packet }) => packet.zxid)).toEqual(zxids);
      const acks = sent(lab, n, 'ACK', from);
      expect(acks.map(({ packet }) => packet.zxid)).toEqual(zxids);
      for (const { id, packet } of acks) {
        const durable = lab.events('log-durable', { actor: n, from }).find(({ zxid }) => zxid >= (packet.zxid ?? 0));
        expect(durable?.id).toBeLessThan(id);
      }
    }
    expect([...proposals, ...commits].filter(({ to }) => to === 's6')).toEqual([]);
    expect(sent(lab, 6, 'ACK', from)).toEqual([]);

    const committed = lab.events('committed', { actor: leader, from });
    expect(committed.map(({ zxid }) => zxid)).toEqual(zxids);
    const cursor = lab.lab.trace.cursor();
    for (const { id, zxid } of committed) {
      const acks = lab.events('acked', { actor: leader, from }).filter((each) => each.zxid === zxid && each.id < id);
      const last = acks.at(-1);
      expect([last?.acks.length, last?.need]).toEqual([3, 3]);
      // What the rule is there for: three disks have it at this moment.
      const { servers } = cursor.seekIndex(id);
      const holders = [1, 2, 3, 4, 5].filter((n) => (servers.get(sid(n))?.lastDurable ?? 0) >= zxid);
      expect(holders.length).toBeGreaterThanOrEqual(3);
      expect(holders).toEqual(expect.arrayContaining([...(last?.acks ?? [])]));
      expect(Math.min(...commits.filter(({ packet }) => packet.zxid === zxid).map((each) => each.id))).toBeGreaterThan(
        id,
      );
    }
  });

  it('request.local-read: a follower that has not heard of a commit answers with what it has, and says how far it is', async () => {
    const lab = await Ensemble.open({
      servers: 3,
      clients: [client(1), { name: 'bob', server: 2, sessionTimeout: 6000 }],
    });
    expect(await lab.settled()).toBe(3);
    await lab.attach('alice', 1);
    await lab.attach('bob', 2);
    expect(await lab.create('bob', '/a')).toBeNull();
    await lab.run(100);
    await lab.act({ do: 'hold', from: 's3', to: 's1', type: 'COMMIT', count: 1 });
    expect(await lab.request('bob', { op: 'set', path: '/a', data: 'new' })).toBeNull();
    for (const [name, data] of [
      ['alice', 'x'],
      ['bob', 'new'],
    ] as const) {
      await lab.request(name, { op: 'get', path: '/a' });
      expect(lab.events('returned', { actor: name }).at(-1)?.result?.data).toBe(data);
    }
    const [alice, bob] = ['alice', 'bob'].map((name) => lab.events('returned', { actor: name }).at(-1)?.zxid ?? 0);
    expect(bob).toBe((alice ?? 0) + 1);
    // Neither asked the leader.
    const reads = lab.events('send').filter(({ rule }) => rule === 'request.local-read');
    expect(reads.map(({ actor, to }) => [actor, to])).toEqual([
      ['s1', 'alice'],
      ['s2', 'bob'],
    ]);
    expect(lab.events('send').filter(({ packet }) => packet.type === 'REQUEST' && packet.op === 'getData')).toEqual([]);
  });
});

describe('heartbeats', () => {
  it('zab.ping: every half tick, and the answers keep the sessions of learners alive', async () => {
    const lab = await Ensemble.open({ servers: 3, zoo: { tickTime: 1000 }, clients: [client(1)] });
    expect(await lab.settled()).toBe(3);
    await lab.attach('alice', 1);
    const from = lab.lab.trace.length;
    await lab.run(20_000);
    const pings = lab
      .events('send', { actor: 3, from })
      .filter(({ packet, to }) => packet.type === 'PING' && to === serverName(sid(1)));
    expect(pings).toHaveLength(40);
    const gaps = pings.slice(1).map(({ t }, i) => Math.round(t - (pings[i]?.t ?? 0)));
    expect(new Set(gaps)).toEqual(new Set([500]));
    expect(sent(lab, 1, 'PING', from).length).toBeGreaterThanOrEqual(39);
    // Three times its timeout has passed, and nothing but pings has kept it.
    expect(lab.events('session-expired')).toEqual([]);
    expect(lab.state.clients.values().next().value?.state).toBe('CONNECTED');
  });

  it('zab.learner-gone: a learner that died is forgotten, and synchronized again when it is back', async () => {
    const lab = await Ensemble.open({ servers: 3, clients: [client(2)] });
    expect(await lab.settled()).toBe(3);
    await lab.attach('alice', 2);
    await lab.kill(1);
    await lab.run(100);
    expect(lab.events('learner-lost', { actor: 3 })).toMatchObject([{ learner: 1, rule: 'zab.learner-gone' }]);
    const from = lab.lab.trace.length;
    expect(await lab.create('alice', '/a')).toBeNull();
    expect(sent(lab, 3, 'PROPOSAL', from).map(({ to }) => to)).toEqual(['s2']);
    await lab.restart(1);
    expect(await lab.settled()).toBe(3);
    expect(lab.syncs(from)).toHaveLength(1);
    expect(lab.paths()).toEqual(['/a']);
  });
});
