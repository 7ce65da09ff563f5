/** Ensembles of unusual size or luck: one server, two servers, all restarted, a learner that joins under load. */
import { describe, expect, it } from 'vitest';
import type { EventOf } from '../../../src/protocol/events.ts';
import { sid } from '../../../src/protocol/ids.ts';
import { counterOf, formatZxid } from '../../../src/protocol/zxid.ts';
import { Ensemble } from '../../helpers/ensemble.ts';

const alice = { name: 'alice', server: 1, sessionTimeout: 6000 };

describe('ensemble sizes', () => {
  it('zab.newleader-quorum: a server alone is its own quorum, and takes a new epoch at each start', async () => {
    const lab = await Ensemble.open({ servers: 1, clients: [alice], zoo: { standaloneEnabled: false } });
    for (const epoch of [1, 2, 3]) {
      expect(await lab.settled()).toBe(1);
      expect(lab.epochs(1)).toBe(`${epoch}/${epoch}`);
      await lab.connected('alice');
      expect(await lab.create('alice', `/e${epoch}`)).toBeNull();
      await lab.kill(1);
      await lab.restart(1);
    }
    expect(await lab.settled()).toBe(1);
    expect(lab.paths()).toEqual(['/e1', '/e2', '/e3']);
    expect(lab.events('stepped-down')).toEqual([]);
  });

  it('zab.role-ends: of two servers neither serves alone', async () => {
    const lab = await Ensemble.open({ servers: 2 });
    expect(await lab.settled()).toBe(2);
    await lab.kill(1);
    await lab.until((state) => state.servers.get(sid(2))?.state === 'LOOKING');
    await lab.run(30_000);
    expect(lab.server(2).state).toBe('LOOKING');
    await lab.restart(1);
    expect(await lab.settled()).toBe(2);
    expect([lab.epochs(1), lab.epochs(2)]).toEqual(['2/2', '2/2']);
  });

  it('zab.new-epoch: five servers, all killed and started again', async () => {
    const lab = await Ensemble.open({ servers: 5, clients: [alice] });
    expect(await lab.settled()).toBe(5);
    await lab.connected('alice');
    for (const path of ['/a', '/b']) expect(await lab.create('alice', path)).toBeNull();
    await lab.kill(1, 2, 3, 4, 5);
    await lab.restart(1, 2, 3, 4, 5);
    await lab.settled();
    expect([1, 2, 3, 4, 5].map((n) => lab.epochs(n))).toEqual(Array(5).fill('2/2'));
    await lab.connected('alice');
    expect(await lab.create('alice', '/c')).toBeNull();
    await lab.run(100);
    expect(lab.paths()).toEqual(['/a', '/b', '/c']);
  });
});

describe('a learner that joins', () => {
  it('zab.start-forwarding, storage.apply: under load misses nothing, applies all in order, and first acknowledges NEWLEADER', async () => {
    const lab = await Ensemble.open({ servers: 3, observers: 1, clients: [{ ...alice, server: 3 }] });
    expect(await lab.settled()).toBe(3);
    await lab.attach('alice', 3);
    await lab.kill(1, 4);
    for (let i = 0; i < 10; i++) await lab.create('alice', `/before${i}`);
    // A slow disk stretches the synchronization; a write every 7 ms falls into each of its parts.
    await lab.act({ do: 'disk', server: 1, fsync: [60, 90] }, { do: 'disk', server: 4, fsync: [60, 90] });
    const from = lab.lab.trace.length;
    await lab.restart(1, 4);
    let writes = 0;
    while (!lab.server(1).serving || !lab.server(4).serving) {
      await lab.create('alice', `/during${writes++}`, false);
      await lab.run(7);
    }
    await lab.run(1500);
    expect(writes).toBeGreaterThan(30);
    expect(lab.paths()).toHaveLength(10 + writes);
    for (const server of [1, 4]) {
      const zxids = lab.events('applied', { actor: server, from }).map(({ zxid }) => zxid);
      expect(zxids).toEqual([...zxids].sort((a, b) => a - b));
      expect(new Set(zxids).size).toBe(zxids.length);
    }
    // Some came while it was synchronized, and had to be logged after UPTODATE.
    const serving = lab.events('serving', { actor: 1, from })[0]?.id ?? 0;
    const received = (event: EventOf<'receive'>): boolean => event.type === 'PROPOSAL' && event.id < serving;
    expect(lab.events('receive', { actor: 1, from }).filter(received).length).toBeGreaterThan(10);
    const acks = lab
      .events('send', { actor: 1, from })
      .filter(({ packet }) => packet.type === 'ACK')
      .map(({ packet }) => counterOf(packet.zxid ?? (0 as never)));
    // NEWLEADER, UPTODATE, then the proposals one by one.
    expect(acks.slice(0, 2)).toEqual([0, 0]);
    expect(acks.slice(2)).toEqual([...acks.slice(2)].sort((a, b) => a - b));
    expect(acks.length).toBeGreaterThan(12);
  });

  it('storage.epoch-file: killed between its log’s fsync and currentEpoch, it starts again within one epoch', async () => {
    const lab = await afterDiff(1);
    await lab.restart(1);
    expect(await lab.settled()).toBe(3);
    expect(lab.epochs(1)).toBe('1/1');
    expect(lab.paths()).toHaveLength(4);
  });

  it('storage.epoch-file: between two epochs it is refused, as ZooKeeper 3.9.5 refuses it', async () => {
    const lab = await afterDiff(2);
    await lab.restart(1);
    await lab.run(100);
    expect(lab.server(1)).toMatchObject({ state: 'DOWN' });
    expect(lab.server(1).exitReason).toMatch(/current epoch, 1, is older than the last zxid|currentEpoch.tmp/);
    // Nothing is lost: the others hold it all.
    await lab.act({ do: 'wipe', server: 1 });
    await lab.restart(1);
    expect(await lab.settled()).toBe(3);
    expect(lab.paths()).toHaveLength(4);
  });
});

/** Server 1 missed two writes of `epoch`; it has them on its disk now, and dies before it saves its currentEpoch. */
async function afterDiff(epoch: 1 | 2): Promise<Ensemble> {
  const lab = await Ensemble.open({ servers: 3, clients: [alice] });
  expect(await lab.settled()).toBe(3);
  await lab.connected('alice');
  for (const path of ['/a', '/b']) expect(await lab.create('alice', path)).toBeNull();
  await lab.run(200);
  await lab.kill(1);
  if (epoch === 2) {
    await lab.kill(3);
    await lab.restart(3);
    expect(await lab.settled(2, 3)).toBe(3);
  }
  await lab.connected('alice');
  for (const path of ['/c', '/d']) expect(await lab.create('alice', path)).toBeNull();
  const from = lab.lab.trace.length;
  await lab.act({ do: 'disk', server: 1, fsync: [50, 50] });
  await lab.restart(1);
  await lab.until(() => lab.events('log-durable', { actor: 1, from }).length > 0, 1);
  expect(lab.epochs(1)).toBe(epoch === 1 ? '1/1' : '2/1');
  await lab.kill(1);
  return lab;
}

describe('sessions and sync', () => {
  it('session.expiry-bucket: a new leader gives every session its full timeout again', async () => {
    const lab = await Ensemble.open({ servers: 3, clients: [alice] });
    expect(await lab.settled()).toBe(3);
    await lab.connected('alice');
    await lab.run(1000);
    await lab.act({ do: 'disconnect', client: 'alice' });
    const silent = lab.now;
    await lab.run(4000);
    await lab.kill(3);
    expect(await lab.settled(1, 2)).toBe(2);
    const serving = lab.events('serving', { actor: 2 }).at(-1)?.t ?? 0;
    await lab.until(() => lab.events('session-expired').length > 0);
    const expired = lab.events('session-expired')[0]?.t ?? 0;
    expect(serving).toBeGreaterThan(silent + 4000);
    expect(expired).toBeGreaterThanOrEqual(serving + 6000);
    expect(expired).toBeLessThanOrEqual(serving + 8000);
  });

  it('zab.sync: is answered at leader, follower and observer, and then a read sees what was committed', async () => {
    const lab = await Ensemble.open({
      servers: 3,
      observers: 1,
      clients: [1, 3, 4].map((server) => ({ name: `c${server}`, server, sessionTimeout: 20_000 })),
    });
    expect(await lab.settled()).toBe(3);
    for (const server of [1, 3, 4]) await lab.attach(`c${server}`, server);
    expect(await lab.create('c3', '/a')).toBeNull();
    for (const server of [1, 3, 4]) {
      expect(await lab.request(`c${server}`, { op: 'sync', path: '/' })).toBeNull();
      expect(await lab.request(`c${server}`, { op: 'get', path: '/a' })).toBeNull();
    }
    expect(formatZxid(lab.server(4).lastProcessed)).toBe(formatZxid(lab.server(3).lastProcessed));
  });
});
