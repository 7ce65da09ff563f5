/**
 * Scenarios that were recorded from Apache ZooKeeper 3.8.0 ensembles: who leads, with which first zxid,
 * from which zxid each server votes, and how each learner is synchronized. The expectations are the
 * recorded ones; where a recording makes one znode more, its first epoch has one zxid more.
 */
import { describe, expect, it } from 'vitest';
import { formatZxid } from '../../../src/protocol/zxid.ts';
import { Ensemble } from '../../helpers/ensemble.ts';

/** What happened since the last look, as the recordings tell it. */
interface Settled {
  readonly leader: number;
  /** First zxid of an epoch that began. */
  readonly established?: string;
  /** By sid: the zxid that it voted for itself with; `none`: an observer. */
  readonly votes: Readonly<Record<number, string>>;
  /** `learner peerLastZxid MODE zxid`, by learner. */
  readonly syncs: readonly string[];
}

class Story {
  readonly lab: Ensemble;
  #seen = 0;

  private constructor(lab: Ensemble) {
    this.lab = lab;
  }

  static async begin(servers: number, observers = 0): Promise<Story> {
    const lab = await Ensemble.open({
      servers,
      observers,
      autoStart: false,
      latency: [1, 3],
      fsync: [1, 2],
      zoo: { maxSessionTimeout: 600_000 },
      clients: [{ name: 'writer', server: 1, sessionTimeout: 300_000 }],
    });
    await lab.act({ do: 'disconnect', client: 'writer' });
    return new Story(lab);
  }

  async settled(...sids: readonly number[]): Promise<Settled> {
    const leader = await this.lab.settled(...sids);
    await this.lab.run(300);
    const from = this.#seen;
    this.#seen = this.lab.lab.trace.length;
    const votes: Record<number, string> = {};
    for (const { actor, vote } of this.lab.events('election-started', { from })) {
      votes[Number(actor.slice(1))] ??= vote.leader < 0 ? 'none' : formatZxid(vote.zxid);
    }
    const [serving] = this.lab.events('serving', { actor: leader, from });
    const syncs = this.lab
      .events('sync-chosen', { from })
      .map(
        ({ learner, peerLastZxid, mode, zxid }) => `${learner} ${formatZxid(peerLastZxid)} ${mode} ${formatZxid(zxid)}`,
      );
    return {
      leader,
      ...(serving && { established: `0x${serving.epoch.toString(16)}00000000` }),
      votes,
      syncs: syncs.sort(),
    };
  }

  /** One session makes `count` znodes and is closed: count + 2 transactions, all on every disk. */
  async write(through: number, prefix: string, count: number): Promise<void> {
    await this.lab.attach('writer', through);
    for (let i = 0; i < count; i++) expect(await this.lab.create('writer', `/${prefix}${i}`)).toBeNull();
    await this.lab.request('writer', { op: 'close' });
    await this.lab.run(100);
  }

  /** A session is opened everywhere; then the others stand still, and the leader alone logs `count` znodes; all are killed. */
  async tail(leader: number, prefix: string, count: number, ...others: readonly number[]): Promise<void> {
    await this.lab.attach('writer', leader);
    await this.lab.run(100);
    for (const server of others) await this.lab.act({ do: 'pause', server });
    for (let i = 0; i < count; i++) await this.lab.create('writer', `/${prefix}${i}`, false);
    await this.lab.run(100);
    await this.lab.kill(leader, ...others);
    await this.lab.act({ do: 'disconnect', client: 'writer' });
  }

  /** All the same, and these. */
  trees(paths: readonly string[]): void {
    expect(this.lab.paths()).toEqual(paths);
  }
}

const named = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `/${prefix}${i}`);

describe('three servers', () => {
  it('zab.sync-nothing-missing, zab.sync-snap: fresh servers 1 and 2, then 3', async () => {
    const story = await Story.begin(3);
    await story.lab.restart(1, 2);
    expect(await story.settled(1, 2)).toEqual({
      leader: 2,
      established: '0x100000000',
      votes: { 1: '0x0', 2: '0x0' },
      syncs: ['1 0x0 DIFF 0x0'],
    });
    await story.lab.restart(3);
    // The leader is at the first zxid of its epoch by now, and has no log to send.
    expect(await story.settled()).toEqual({ leader: 2, votes: { 3: '0x0' }, syncs: ['3 0x0 SNAP 0x100000000'] });
    await story.write(1, 'a', 5);
    expect(await story.settled()).toEqual({ leader: 2, votes: {}, syncs: [] });
    story.trees(named('a', 5));
  });

  it('zab.sync-diff: the leader is killed, another leads, the old one comes back', async () => {
    const story = await Story.begin(3);
    await story.lab.restart(1, 2);
    await story.settled(1, 2);
    await story.lab.restart(3);
    await story.settled();
    await story.write(1, 'a', 10);
    await story.lab.kill(2);
    expect(await story.settled(1, 3)).toEqual({
      leader: 3,
      established: '0x200000000',
      votes: { 1: '0x10000000c', 3: '0x10000000c' },
      syncs: ['1 0x10000000c DIFF 0x10000000c'],
    });
    await story.write(1, 'b', 5);
    await story.lab.restart(2);
    expect(await story.settled()).toEqual({
      leader: 3,
      votes: { 2: '0x10000000c' },
      syncs: ['2 0x10000000c DIFF 0x200000007'],
    });
    expect([1, 2, 3].map((n) => story.lab.epochs(n))).toEqual(['2/2', '2/2', '2/2']);
    story.trees([...named('a', 10), ...named('b', 5)]);
  });

  it('zab.sync-diff: a follower misses twenty writes and gets them from the committed log', async () => {
    const story = await Story.begin(3);
    await story.lab.restart(1, 2);
    await story.settled(1, 2);
    await story.lab.restart(3);
    await story.settled();
    await story.write(1, 'a', 5);
    await story.lab.kill(1);
    await story.write(3, 'b', 20);
    await story.lab.restart(1);
    expect(await story.settled()).toEqual({
      leader: 2,
      votes: { 1: '0x100000007' },
      syncs: ['1 0x100000007 DIFF 0x10000001d'],
    });
    story.trees([...named('a', 5), ...named('b', 20)].sort());
  });

  it('zab.sync-snap: a follower comes back with an empty disk', async () => {
    const story = await Story.begin(3);
    await story.lab.restart(1, 2);
    await story.settled(1, 2);
    await story.lab.restart(3);
    await story.settled();
    await story.write(1, 'a', 10);
    await story.lab.kill(1);
    await story.lab.act({ do: 'wipe', server: 1 });
    await story.lab.restart(1);
    expect(await story.settled()).toEqual({ leader: 2, votes: { 1: '0x0' }, syncs: ['1 0x0 SNAP 0x10000000c'] });
    expect(story.lab.epochs(1)).toBe('1/1');
    story.trees(named('a', 10));
  });

  it('zab.sync-trunc-ahead: an uncommitted tail is cut off if its server was not in the election', async () => {
    const story = await Story.begin(3);
    await story.lab.restart(2, 3);
    await story.settled(2, 3);
    await story.lab.restart(1);
    await story.settled();
    await story.write(1, 'a', 5);
    await story.tail(3, 't', 4, 1, 2);
    await story.lab.restart(1, 2);
    expect(await story.settled(1, 2)).toEqual({
      leader: 2,
      established: '0x200000000',
      votes: { 1: '0x100000008', 2: '0x100000008' },
      syncs: ['1 0x100000008 DIFF 0x100000008'],
    });
    await story.lab.restart(3);
    expect(await story.settled()).toEqual({
      leader: 2,
      votes: { 3: '0x10000000c' },
      syncs: ['3 0x10000000c TRUNC 0x100000008'],
    });
    expect(formatZxid(story.lab.server(3).lastLogged)).toBe('0x100000008');
    story.trees(named('a', 5));
  });

  it('fle.vote-order, zab.sync-diff: an uncommitted tail survives if its server takes part in the election', async () => {
    const story = await Story.begin(3);
    await story.lab.restart(2, 3);
    await story.settled(2, 3);
    await story.lab.restart(1);
    await story.settled();
    await story.write(1, 'a', 5);
    await story.tail(3, 't', 4, 1, 2);
    await story.lab.restart(1, 3);
    expect(await story.settled(1, 3)).toEqual({
      leader: 3,
      established: '0x200000000',
      votes: { 1: '0x100000008', 3: '0x10000000c' },
      syncs: ['1 0x100000008 DIFF 0x10000000c'],
    });
    await story.write(1, 'b', 2);
    await story.lab.restart(2);
    expect(await story.settled()).toEqual({
      leader: 3,
      votes: { 2: '0x100000008' },
      syncs: ['2 0x100000008 DIFF 0x200000004'],
    });
    story.trees([...named('a', 5), ...named('b', 2), ...named('t', 4)]);
  });

  it('zab.sync-trunc-epoch: tails of two epochs on two servers', async () => {
    const story = await Story.begin(3);
    await story.lab.restart(2, 3);
    await story.settled(2, 3);
    await story.lab.restart(1);
    await story.settled();
    await story.write(1, 'a', 5);
    await story.tail(3, 't', 3, 1, 2);
    await story.lab.restart(1, 2);
    await story.settled(1, 2);
    await story.write(1, 'b', 2);
    await story.tail(2, 'u', 3, 1);
    await story.lab.restart(1, 3);
    // Server 3's tail is of an epoch that the new leader has gone beyond: it cannot be cut, only replaced.
    expect(await story.settled(1, 3)).toEqual({
      leader: 1,
      established: '0x300000000',
      votes: { 1: '0x200000005', 3: '0x10000000b' },
      syncs: ['3 0x10000000b SNAP 0x200000005'],
    });
    await story.lab.restart(2);
    expect(await story.settled()).toEqual({
      leader: 1,
      votes: { 2: '0x200000008' },
      syncs: ['2 0x200000008 TRUNC 0x200000005'],
    });
    story.trees([...named('a', 5), ...named('b', 2)]);
  });

  it('zab.new-epoch: elections with no writes between them', async () => {
    const story = await Story.begin(3);
    await story.lab.restart(1, 2);
    await story.settled(1, 2);
    for (const established of ['0x200000000', '0x300000000']) {
      await story.lab.kill(1, 2);
      await story.lab.restart(1, 2);
      expect(await story.settled(1, 2)).toEqual({
        leader: 2,
        established,
        votes: { 1: '0x0', 2: '0x0' },
        syncs: ['1 0x0 DIFF 0x0'],
      });
    }
    await story.lab.restart(3);
    expect(await story.settled()).toMatchObject({ leader: 2, syncs: ['3 0x0 SNAP 0x300000000'] });
    await story.lab.kill(2);
    expect(await story.settled(1, 3)).toEqual({
      leader: 3,
      established: '0x400000000',
      votes: { 1: '0x0', 3: '0x300000000' },
      syncs: ['1 0x0 SNAP 0x300000000'],
    });
    await story.lab.kill(1, 3);
    await story.lab.restart(2, 3);
    // Server 2 was not there in epoch 4, but server 3 was.
    expect(await story.settled(2, 3)).toEqual({
      leader: 3,
      established: '0x500000000',
      votes: { 2: '0x0', 3: '0x300000000' },
      syncs: ['2 0x0 SNAP 0x300000000'],
    });
    expect([1, 2, 3].map((n) => story.lab.epochs(n))).toEqual(['4/4', '5/5', '5/5']);
  });

  it('zab.role-ends: the leader stands still, is replaced, and wakes up', async () => {
    const story = await Story.begin(3);
    await story.lab.restart(1, 2);
    await story.settled(1, 2);
    await story.lab.restart(3);
    await story.settled();
    await story.write(1, 'a', 5);
    await story.lab.act({ do: 'pause', server: 2 });
    expect(await story.settled(1, 3)).toEqual({
      leader: 3,
      established: '0x200000000',
      votes: { 1: '0x100000007', 3: '0x100000007' },
      syncs: ['1 0x100000007 DIFF 0x100000007'],
    });
    await story.write(1, 'b', 3);
    await story.lab.act({ do: 'resume', server: 2 });
    expect(await story.settled()).toEqual({
      leader: 3,
      votes: { 2: '0x100000007' },
      syncs: ['2 0x100000007 DIFF 0x200000005'],
    });
    await story.write(2, 'c', 1);
    story.trees([...named('a', 5), ...named('b', 3), ...named('c', 1)]);
  });
});

describe('an observer', () => {
  it('zab.inform, fle.observer-vote: misses writes, comes back, and has no vote when the leader is killed', async () => {
    const story = await Story.begin(3, 1);
    await story.lab.restart(1, 2);
    await story.settled(1, 2);
    await story.lab.restart(3, 4);
    expect(await story.settled()).toEqual({
      leader: 2,
      votes: { 3: '0x0', 4: 'none' },
      syncs: ['3 0x0 SNAP 0x100000000', '4 0x0 SNAP 0x100000000'],
    });
    await story.write(4, 'a', 5);
    await story.lab.kill(4);
    await story.write(1, 'b', 5);
    await story.lab.restart(4);
    expect(await story.settled()).toEqual({
      leader: 2,
      votes: { 4: 'none' },
      syncs: ['4 0x100000007 DIFF 0x10000000e'],
    });
    await story.lab.kill(2);
    expect(await story.settled(1, 3, 4)).toEqual({
      leader: 3,
      established: '0x200000000',
      votes: { 1: '0x10000000e', 3: '0x10000000e', 4: 'none' },
      syncs: ['1 0x10000000e DIFF 0x10000000e', '4 0x10000000e DIFF 0x10000000e'],
    });
    await story.write(4, 'c', 2);
    await story.lab.restart(2);
    expect(await story.settled()).toMatchObject({ leader: 3, syncs: ['2 0x10000000e DIFF 0x200000004'] });
    story.trees([...named('a', 5), ...named('b', 5), ...named('c', 2)]);
    expect(story.lab.epochs(4)).toBe('2/2');

    // It logs what it is told, and acknowledges nothing but the two zxids that begin its term.
    expect(formatZxid(story.lab.server(4).lastLogged)).toBe('0x200000004');
    const acks = story.lab.events('send', { actor: 4 }).filter(({ packet }) => packet.type === 'ACK');
    expect([...new Set(acks.map(({ packet }) => formatZxid(packet.zxid ?? (-1 as never))))]).toEqual([
      '0x100000000',
      '0x200000000',
    ]);
    expect(story.lab.events('acked').filter(({ from }) => from === 4)).toEqual([]);
    expect(story.lab.events('newleader-acked').filter(({ from }) => from === 4)).toEqual([]);
  });
});

describe('five servers', () => {
  it('zab.new-epoch: the leader is killed twice, and all come back', async () => {
    const story = await Story.begin(5);
    await story.lab.restart(3, 4, 5);
    expect(await story.settled(3, 4, 5)).toEqual({
      leader: 5,
      established: '0x100000000',
      votes: { 3: '0x0', 4: '0x0', 5: '0x0' },
      syncs: ['3 0x0 DIFF 0x0', '4 0x0 DIFF 0x0'],
    });
    await story.lab.restart(1, 2);
    expect(await story.settled()).toMatchObject({ syncs: ['1 0x0 SNAP 0x100000000', '2 0x0 SNAP 0x100000000'] });
    await story.write(1, 'a', 10);
    await story.lab.kill(5);
    expect(await story.settled(1, 2, 3, 4)).toEqual({
      leader: 4,
      established: '0x200000000',
      votes: { 1: '0x10000000c', 2: '0x10000000c', 3: '0x10000000c', 4: '0x10000000c' },
      syncs: ['1 0x10000000c DIFF 0x10000000c', '2 0x10000000c DIFF 0x10000000c', '3 0x10000000c DIFF 0x10000000c'],
    });
    await story.write(1, 'b', 5);
    await story.lab.kill(4);
    expect(await story.settled(1, 2, 3)).toMatchObject({ leader: 3, established: '0x300000000' });
    await story.write(2, 'c', 2);
    await story.lab.restart(4, 5);
    expect(await story.settled()).toEqual({
      leader: 3,
      votes: { 4: '0x200000007', 5: '0x10000000c' },
      syncs: ['4 0x200000007 DIFF 0x300000004', '5 0x10000000c DIFF 0x300000004'],
    });
    expect([1, 2, 3, 4, 5].map((n) => story.lab.epochs(n))).toEqual(Array(5).fill('3/3'));
    story.trees([...named('a', 10), ...named('b', 5), ...named('c', 2)]);
  });
});
