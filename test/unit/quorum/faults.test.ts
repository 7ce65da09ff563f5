/** What servers do when a link, a peer or a disk fails them in the middle of something. */
import { describe, expect, it } from 'vitest';
import { sid } from '../../../src/protocol/ids.ts';
import { makeZxid } from '../../../src/protocol/zxid.ts';
import { Ensemble } from '../../helpers/ensemble.ts';

const alice = [{ name: 'alice', server: 1, sessionTimeout: 40_000 }];

describe('silence', () => {
  it('zab.learner-lost: leader and learner give each other up after syncLimit ticks, not after initLimit', async () => {
    const lab = await Ensemble.open({ servers: 3 });
    expect(await lab.settled()).toBe(3);
    await lab.run(2000);
    const cut = lab.now;
    await lab.act({ do: 'cut', from: 's1', to: 's3' });
    await lab.run(14_000);
    const [left] = lab.events('stepped-down', { actor: 1 });
    const [lost] = lab.events('learner-lost', { actor: 3 });
    expect(left).toMatchObject({ why: 'heard nothing from s3 for 10000 ms', rule: 'zab.role-ends' });
    expect(lost).toMatchObject({ learner: 1, why: 'heard nothing for 10000 ms', rule: 'zab.learner-lost' });
    // The last ping was heard at most half a tick and its way before the cut.
    for (const event of [left, lost]) {
      expect(event?.t).toBeGreaterThan(cut + 8900);
      expect(event?.t).toBeLessThan(cut + 10_050);
    }
    // Why: it names the last packet that was heard.
    const heard = left?.causes.map((id) => lab.lab.trace.at(id)).find((cause) => cause.kind === 'receive');
    expect(heard).toMatchObject({ actor: 's1', from: 's3', type: 'PING' });
  });

  it('zab.role-ends: a leader whose followers die steps down at its next full tick', async () => {
    const lab = await Ensemble.open({ servers: 3 });
    expect(await lab.settled()).toBe(3);
    await lab.run(5000);
    const killed = lab.now;
    await lab.kill(1, 2);
    await lab.until((state) => state.servers.get(sid(3))?.state === 'LOOKING');
    const [down] = lab.events('stepped-down', { actor: 3 });
    expect(down?.why).toBe('not sufficient followers synced, only synced with s3');
    expect((down?.t ?? 0) - killed).toBeLessThanOrEqual(2050);
    // Why: the learners that it lost.
    const causes = down?.causes.map((id) => lab.lab.trace.at(id).kind) ?? [];
    expect(causes.filter((kind) => kind === 'learner-lost')).toHaveLength(2);
  });

  it('zab.role-ends: a leader cut off from its followers steps down within syncLimit ticks and one', async () => {
    const lab = await Ensemble.open({ servers: 3 });
    expect(await lab.settled()).toBe(3);
    await lab.run(3000);
    const cut = lab.now;
    await lab.act({ do: 'partition', groups: [[3], [1, 2]] });
    await lab.until((state) => state.servers.get(sid(3))?.state === 'LOOKING');
    const [down] = lab.events('stepped-down', { actor: 3 });
    expect((down?.t ?? 0) - cut).toBeLessThanOrEqual(12_050);
    expect(await lab.settled(1, 2)).toBe(2);
    await lab.act({ do: 'heal-all' });
    expect(await lab.settled()).toBe(2);
    expect(lab.epochs(3)).toBe('2/2');
  });

  it('zab.learner-lost: a learner that owes an ACK for syncLimit ticks is let go though it answers pings', async () => {
    const lab = await Ensemble.open({ servers: 3, clients: alice });
    expect(await lab.settled()).toBe(3);
    await lab.run(1000);
    // Server 2 hears and answers everything but never gets its log to disk.
    await lab.act({ do: 'disk', server: 2, fsync: [60_000, 60_000] });
    const proposed = lab.now;
    await lab.create('alice', '/a');
    await lab.until(() => lab.events('learner-lost', { actor: 3 }).length > 0);
    const [lost] = lab.events('learner-lost', { actor: 3 });
    expect(lost).toMatchObject({ learner: 2, rule: 'zab.learner-lost' });
    expect(lost?.why).toMatch(/^owes the ACK/);
    expect((lost?.t ?? 0) - proposed).toBeGreaterThanOrEqual(10_000);
    expect((lost?.t ?? 0) - proposed).toBeLessThanOrEqual(11_100);
  });
});

describe('slow disks', () => {
  it('zab.new-epoch: a leader whose disk is slower than initLimit still fixes its epoch', async () => {
    const lab = await Ensemble.open({ servers: 3, zoo: { tickTime: 200, initLimit: 5, syncLimit: 5 } });
    await lab.until((state) => state.servers.get(sid(3))?.state === 'LEADING', 1);
    // The epoch file takes longer than the wait for FOLLOWERINFO.
    await lab.act({ do: 'disk', server: 3, fsync: [1300, 1300] });
    await lab.until(() => lab.events('epoch-proposed', { actor: 3 }).length > 0, 5);
    expect(lab.events('stepped-down', { actor: 3 })).toEqual([]);
  });

  it('zab.newleader-ack: a learner that loses its leader while it logs finishes what NEWLEADER asks for', async () => {
    const lab = await Ensemble.open({ servers: 3, clients: alice });
    expect(await lab.settled()).toBe(3);
    expect(await lab.create('alice', '/a')).toBeNull();
    await lab.kill(1);
    await lab.kill(3);
    await lab.restart(3);
    expect(await lab.settled(2, 3)).toBe(3);
    await lab.connected('alice');
    expect(await lab.create('alice', '/b')).toBeNull();
    expect(lab.epochs(1)).toBe('1/1');

    // Server 1 learns of epoch 2 and of its transactions; its disk is slow, and the leader dies meanwhile.
    const from = lab.lab.trace.length;
    await lab.act({ do: 'disk', server: 1, fsync: [300, 300] });
    await lab.restart(1);
    await lab.until(() => lab.events('log-appended', { actor: 1, from }).length > 0, 1);
    await lab.run(5);
    await lab.kill(3);
    await lab.until(() => lab.events('stepped-down', { actor: 1, from }).length > 0);
    expect(lab.epochs(1)).toBe('2/2');

    // So it can start again: a log of an epoch above currentEpoch would be refused.
    await lab.kill(1);
    await lab.restart(1);
    expect(await lab.settled(1, 2)).toBe(2);
    expect(lab.paths(1, 2)).toEqual(['/a', '/b']);
  });

  it('zab.promise-before-reply: a promise that is being saved when the leader dies is kept', async () => {
    const lab = await Ensemble.open({ servers: 3 });
    await lab.act({ do: 'disk', server: 1, fsync: [150, 150] });
    await lab.until(() => lab.events('receive', { actor: 1 }).some((event) => event.type === 'LEADERINFO'), 1);
    expect(lab.epochs(1)).toBe('0/0');
    await lab.kill(3);
    await lab.until(() => lab.events('stepped-down', { actor: 1 }).length > 0, 5);
    expect(lab.server(1).acceptedEpoch).toBe(1);
    // The next leader hears of it, and takes a higher epoch.
    expect(await lab.settled(1, 2)).toBe(2);
    expect(lab.server(2).currentEpoch).toBe(2);
  });

  it('storage.snapshot-leading: a server that begins to lead writes a snapshot before its epoch has a quorum', async () => {
    const lab = await Ensemble.open({ servers: 3, clients: alice });
    expect(await lab.settled()).toBe(3);
    expect(await lab.create('alice', '/a')).toBeNull();
    const from = lab.lab.trace.length;
    await lab.kill(3);
    expect(await lab.settled(1, 2)).toBe(2);
    const [taken] = lab.events('snapshot-taken', { actor: 2, from });
    const [proposed] = lab.events('epoch-proposed', { actor: 2, from });
    expect(taken).toMatchObject({ zxid: makeZxid(1, 2) });
    expect(taken?.id).toBeLessThan(proposed?.id ?? 0);
    expect(lab.events('snapshot-taken', { actor: 1, from })).toEqual([]);
  });

  it('storage.snapshot: a leader does not take the first snapshot of its disk away while it is being written', async () => {
    // Its first snapshot is still on its way to the disk when the server begins to lead and takes another one of zxid 0.
    const lab = await Ensemble.open({
      servers: 1,
      clients: alice,
      fsync: [150, 150],
      zoo: { standaloneEnabled: false },
    });
    expect(await lab.settled()).toBe(1);
    await lab.connected('alice');
    expect(await lab.create('alice', '/a')).toBeNull();
    await lab.kill(1);
    await lab.restart(1);
    expect(await lab.settled()).toBe(1);
    expect(lab.paths()).toEqual(['/a']);
  });
});

describe('snapshots of learners', () => {
  const log = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ zxid: `0x10000000${i + 1}`, op: 'create', path: `/n${i}` }));
  const epochs = { acceptedEpoch: 1, currentEpoch: 1 };

  it('storage.snapshot-synced: what SNAP brought is on disk before NEWLEADER is acknowledged', async () => {
    const lab = await Ensemble.open({
      servers: 3,
      zoo: { snapshotSizeFactor: -1, commitLogCount: 1 },
      disks: { 1: {}, '*': { ...epochs, log: log(4) } },
      fsync: [30, 30],
    });
    await lab.settled();
    const [received] = lab.events('sync-received', { actor: 1 });
    expect(received?.mode).toBe('SNAP');
    const after = (id: number | undefined): boolean => (id ?? 0) > (received?.id ?? 0);
    const durable = lab
      .events('fsync-done', { actor: 1 })
      .find(({ id, file }) => after(id) && file.includes('snapshot.100000004'));
    const ack = lab.events('send', { actor: 1 }).find(({ id, packet }) => after(id) && packet.type === 'ACK');
    expect(durable?.id).toBeLessThan(ack?.id ?? 0);
  });

  it('storage.snapshot-after-trunc: a log that was cut is followed by a snapshot', async () => {
    const disks = { 1: { ...epochs, log: log(5) }, '*': { ...epochs, log: log(3) } };
    const lab = await Ensemble.open({ servers: 3, autoStart: false, disks });
    await lab.restart(2, 3);
    await lab.settled(2, 3);
    await lab.restart(1);
    await lab.settled();
    const [cut] = lab.events('log-truncated', { actor: 1 });
    expect(cut).toMatchObject({ to: makeZxid(1, 3) });
    const taken = lab.events('snapshot-taken', { actor: 1 }).find(({ id }) => id > (cut?.id ?? 0));
    const ack = lab.events('send', { actor: 1 }).find(({ packet }) => packet.type === 'ACK');
    expect(taken).toMatchObject({ zxid: makeZxid(1, 3) });
    expect(taken?.id).toBeLessThan(ack?.id ?? 0);
  });

  it('storage.truncate-fails: a snapshot that is ahead, without a log to cut, ends the process', async () => {
    const snapshot = { zxid: '0x100000005', nodes: [{ path: '/n0', data: 'x' }] };
    const disks = { 1: { ...epochs, snapshot }, '*': { ...epochs, log: log(3) } };
    const lab = await Ensemble.open({ servers: 3, autoStart: false, disks });
    await lab.restart(2, 3);
    await lab.settled(2, 3);
    await lab.restart(1);
    await lab.run(2000);
    expect(lab.server(1)).toMatchObject({
      state: 'DOWN',
      exitReason: 'not able to truncate the log to 0x100000003',
    });
  });
});

describe('interrupted synchronization', () => {
  it('storage.half-snap: after half of a SNAP a server goes back to what its disk holds (ZOOKEEPER-3642)', async () => {
    // Without the log on disk and with a short committedLog, whoever misses two transactions gets a SNAP.
    const lab = await Ensemble.open({
      servers: 3,
      clients: alice,
      zoo: { commitLogCount: 1, snapshotSizeFactor: -1 },
    });
    expect(await lab.settled()).toBe(3);
    for (const path of ['/a', '/b']) expect(await lab.create('alice', path)).toBeNull();
    await lab.run(100);
    await lab.kill(1);
    const mine = lab.server(1).lastLogged;
    await lab.connected('alice');
    for (let i = 0; i < 4; i++) expect(await lab.create('alice', `/d${i}`)).toBeNull();
    const from = lab.lab.trace.length;
    await lab.act({ do: 'hold', from: 's3', to: 's1', type: 'NEWLEADER' });
    await lab.restart(1);
    await lab.until(() => lab.events('sync-received', { actor: 1, from }).length > 0, 1);
    expect(lab.events('sync-received', { actor: 1, from })[0]?.mode).toBe('SNAP');
    await lab.act({ do: 'drop-connection', from: 's1', to: 's3' });
    await lab.until(() => lab.events('election-started', { actor: 1, from }).length > 1, 1);
    const vote = lab.events('election-started', { actor: 1, from }).at(-1)?.vote;
    expect(vote).toMatchObject({ zxid: mine, peerEpoch: 1 });
    await lab.act({ do: 'release', from: 's3', to: 's1' });
    expect(await lab.settled()).toBe(3);
    expect(lab.paths()).toEqual(['/a', '/b', '/d0', '/d1', '/d2', '/d3']);
  });
});

describe('sync', () => {
  it('zab.sync: the answer to a learner that is gone does not go to the one that came back', async () => {
    const bob = { name: 'bob', server: 3, sessionTimeout: 40_000 };
    const lab = await Ensemble.open({ servers: 3, clients: [...alice, bob] });
    expect(await lab.settled()).toBe(3);
    await lab.attach('alice', 1);
    await lab.attach('bob', 3);
    // A proposal waits for its quorum: only server 1 has a disk that works.
    await lab.act({ do: 'disk', server: 2, fsync: [4000, 4000] }, { do: 'disk', server: 3, fsync: [4000, 4000] });
    await lab.create('bob', '/slow', false);
    await lab.run(100);
    await lab.request('alice', { op: 'sync', path: '/' }, false);
    await lab.run(100);
    const from = lab.lab.trace.length;
    await lab.act({ do: 'drop-connection', from: 's1', to: 's3' });
    await lab.until(() => lab.events('committed', { actor: 3, from }).length > 0);
    await lab.run(200);
    expect(lab.server(1).serving).toBe(true);
    expect(lab.events('send', { actor: 3, from }).filter((event) => event.packet.type === 'SYNC')).toEqual([]);
  });
});
