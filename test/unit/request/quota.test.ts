import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataTree } from '../../../src/engine/tree/data-tree.ts';
import { PathTrie } from '../../../src/engine/tree/path-trie.ts';
import { ZOO_DEFAULTS } from '../../../src/protocol/config.ts';
import { parseStatsTrack } from '../../../src/protocol/stats-track.ts';
import type { Operation } from '../../../src/protocol/operations.ts';
import { OPEN_ACL_UNSAFE, type CreateMode } from '../../../src/protocol/znode.ts';
import { Bench, TestLeader, type TestClient } from './bench.ts';

const text = new TextEncoder();

class Site {
  readonly bench: Bench;
  readonly leader: TestLeader;
  readonly client: TestClient;

  constructor(enforceQuota = false) {
    this.bench = new Bench({ ...ZOO_DEFAULTS, enforceQuota });
    this.leader = new TestLeader(this.bench);
    this.client = this.bench.dial();
    this.bench.run(100);
    this.bench.established(this.client);
  }

  ask(operation: Operation): string | undefined {
    const xid = this.bench.request(this.client, operation);
    this.bench.run(100);
    return this.bench.outcome(this.client, xid);
  }

  create(path: string, data = '', mode: CreateMode = 'PERSISTENT'): string | undefined {
    return this.ask({ op: 'create', path, data: text.encode(data), acl: OPEN_ACL_UNSAFE, mode });
  }

  set(path: string, data: string): string | undefined {
    return this.ask({ op: 'setData', path, data: text.encode(data), version: -1 });
  }

  delete(path: string): string | undefined {
    return this.ask({ op: 'delete', path, version: -1 });
  }

  limit(path: string, limits: string): void {
    let at = '/zookeeper/quota';
    for (const part of path.split('/').slice(1)) this.create((at += `/${part}`));
    this.create(`${at}/zookeeper_limits`, limits);
    this.create(`${at}/zookeeper_stats`, 'count=0,bytes=0');
  }

  stats(path: string): string | null {
    const data = this.bench.db.dataTree.node(`/zookeeper/quota${path}/zookeeper_stats`)?.data;
    return data ? new TextDecoder().decode(data) : null;
  }
}

describe('what quotas count', () => {
  test('quota.stats, quota.count, quota.bytes: creates, writes and deletes below, the znode with the quota included', () => {
    const site = new Site();
    site.create('/q', 'abc');
    site.create('/q/a', 'de');
    site.limit('/q', 'count=9,bytes=99');
    expect(site.stats('/q')).toBe('count=2,bytes=5');
    const before = site.bench.db.dataTree.stat('/zookeeper/quota/q/zookeeper_stats');
    site.bench.db.watches.add('data', '/zookeeper/quota/q/zookeeper_stats', site.client.sessionId, []);
    site.create('/q/a/b', 'f');
    expect(site.stats('/q')).toBe('count=3,bytes=6');
    site.set('/q', 'x');
    site.delete('/q/a/b');
    expect(site.stats('/q')).toBe('count=2,bytes=3');
    site.create('/elsewhere', 'abc');
    expect(site.stats('/q')).toBe('count=2,bytes=3');
    // No zxid, no watch: only the data are new.
    expect(site.bench.db.dataTree.stat('/zookeeper/quota/q/zookeeper_stats')).toEqual(before);
    expect(site.bench.events('watch-fired')).toEqual([]);
    expect(
      site.bench
        .events('applied')
        .at(-2)
        ?.changes.map(([path]) => path),
    ).toContain('/zookeeper/quota/q/zookeeper_stats');
  });

  test('quota.stats: ephemerals are taken off at the end of their session', () => {
    const site = new Site();
    site.create('/q');
    site.limit('/q', 'count=9,bytes=99');
    site.create('/q/e', 'xy', 'EPHEMERAL');
    expect(site.stats('/q')).toBe('count=2,bytes=2');
    site.ask({ op: 'closeSession' });
    expect(site.stats('/q')).toBe('count=1,bytes=0');
  });

  test('quota.limits-node: it makes the quota, whatever the zookeeper_stats say that come with it', () => {
    const site = new Site();
    site.create('/q', 'abc');
    site.create('/zookeeper/quota/q');
    site.create('/zookeeper/quota/q/zookeeper_stats', 'count=40,bytes=70');
    expect(site.stats('/q')).toBe('count=1,bytes=3');
    site.create('/q/a');
    expect(site.stats('/q')).toBe('count=1,bytes=3');
    site.create('/zookeeper/quota/q/zookeeper_limits', 'count=9,bytes=9');
    site.create('/q/b');
    expect(site.stats('/q')).toBe('count=2,bytes=3');
    site.set('/zookeeper/quota/q/zookeeper_stats', 'count=40,bytes=70');
    site.create('/q/c');
    expect(site.stats('/q')).toBe('count=41,bytes=70');
    site.delete('/zookeeper/quota/q/zookeeper_limits');
    site.create('/q/d');
    expect(site.stats('/q')).toBe('count=41,bytes=70');
  });

  test('quota.deepest: of two quotas the deeper one counts', () => {
    const site = new Site();
    for (const path of ['/q', '/q/a']) site.create(path);
    site.limit('/q', 'count=9,bytes=9');
    site.limit('/q/a', 'count=9,bytes=9');
    site.create('/q/a/b');
    site.create('/q/b');
    expect([site.stats('/q'), site.stats('/q/a')]).toEqual(['count=3,bytes=0', 'count=2,bytes=0']);
  });

  test('quota.loaded: a tree that is loaded finds its quotas and counts anew', () => {
    const site = new Site();
    site.create('/q', 'abc');
    site.limit('/q', 'count=9,bytes=9');
    site.set('/zookeeper/quota/q/zookeeper_stats', 'count=40,bytes=70');
    const { db } = site.bench;
    site.bench.step(() => db.loadSnapshot(db.serializeSnapshot(), db.lastProcessedZxid));
    expect(site.stats('/q')).toBe('count=1,bytes=3');
    expect(db.dataTree.quotaPrefixOf('/q/x')).toBe('/q');
  });

  test('stats that nobody can read stay as they are, and the root has no quota', () => {
    const site = new Site(true);
    site.create('/q');
    site.limit('/q', 'count=9,bytes=9');
    site.set('/zookeeper/quota/q/zookeeper_stats', 'nonsense');
    expect(site.create('/q/a')).toBe('MARSHALLINGERROR');
    expect(site.stats('/q')).toBe('nonsense');
    expect(site.create('/zookeeper/quota/zookeeper_limits', 'count=1,bytes=1')).toBe('OK');
    expect(new DataTree().quotaPrefixOf('/')).toBeNull();
  });
});

describe('limits', () => {
  test('quota.soft: only a warning', () => {
    const site = new Site(true);
    site.create('/q');
    site.limit('/q', 'count=1,bytes=2');
    expect(site.create('/q/a', 'abc')).toBe('OK');
    expect(site.bench.events('quota-exceeded')).toMatchObject([
      { path: '/q/a', quota: '/q', what: 'count', used: 2, limit: 1, hard: false, rule: 'quota.soft' },
      { path: '/q/a', quota: '/q', what: 'bytes', used: 3, limit: 2, hard: false },
    ]);
  });

  test('quota.hard, quota.replaces-soft: QUOTAEXCEEDED, in the place of the soft limit', () => {
    const site = new Site(true);
    site.create('/q');
    site.limit('/q', 'count=1,bytes=1=;byteHardLimit=4;countHardLimit=2');
    expect(site.create('/q/a', 'abc')).toBe('OK');
    expect(site.create('/q/b')).toBe('QUOTAEXCEEDED');
    expect(site.bench.events('quota-exceeded')).toMatchObject([{ what: 'count', used: 3, limit: 2, hard: true }]);
    expect(site.set('/q', 'xx')).toBe('QUOTAEXCEEDED');
    expect(site.set('/q', 'x')).toBe('OK');
    expect(site.set('/q/a', 'ab')).toBe('OK');
    expect(site.delete('/q/a')).toBe('OK');
    expect(site.create('/q/b', 'abc')).toBe('OK');
  });

  test('create.quota, set-data.quota: after the checks of the tree, before the version', () => {
    const site = new Site(true);
    site.create('/q');
    site.limit('/q', 'count=-1,bytes=-1=;byteHardLimit=0;countHardLimit=1');
    expect(site.create('/q')).toBe('NODEEXISTS');
    expect(site.create('/q/none/x')).toBe('NONODE');
    site.create('/box');
    site.create('/box/e', '', 'EPHEMERAL');
    site.limit('/box', 'count=-1,bytes=-1=;countHardLimit=1');
    expect(site.create('/box/e/x')).toBe('NOCHILDRENFOREPHEMERALS');
    expect(site.create('/box/x')).toBe('QUOTAEXCEEDED');
    expect(site.ask({ op: 'setData', path: '/q', data: text.encode('x'), version: 77 })).toBe('QUOTAEXCEEDED');
    expect(site.ask({ op: 'setData', path: '/q', data: null, version: 77 })).toBe('BADVERSION');
  });

  test('quota.not-enforced: nothing is refused on a server that does not enforce quotas', () => {
    const site = new Site();
    site.create('/q');
    site.limit('/q', 'count=1,bytes=1=;byteHardLimit=1;countHardLimit=1');
    expect(site.create('/q/a', 'abc')).toBe('OK');
    expect(site.bench.events('quota-exceeded')).toEqual([]);
    expect(site.stats('/q')).toBe('count=2,bytes=3');
  });

  test('quota.applied-tree: a burst may exceed them', () => {
    const site = new Site(true);
    site.create('/q');
    site.limit('/q', 'count=-1,bytes=-1=;countHardLimit=2');
    const xids = ['/q/a', '/q/b', '/q/c'].map((path) =>
      site.bench.request(site.client, { op: 'create', path, data: null, acl: OPEN_ACL_UNSAFE, mode: 'PERSISTENT' }),
    );
    site.bench.run(100);
    expect(xids.map((xid) => site.bench.outcome(site.client, xid))).toEqual(['OK', 'OK', 'OK']);
    expect(site.stats('/q')).toBe('count=4,bytes=0');
    expect(site.create('/q/d')).toBe('QUOTAEXCEEDED');
  });
});

describe('the parts', () => {
  test('the trie finds what a search of all marked paths finds', () => {
    const part = fc.constantFrom('a', 'b', 'c', ' ');
    const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
    const clean = (each: string): string => each.replaceAll(/\/ /g, '');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), path)), path, (steps, asked) => {
        const trie = new PathTrie();
        const marked = new Set<string>();
        const below = (top: string, each: string): boolean => each === top || each.startsWith(`${top}/`);
        for (const [add, each] of steps) {
          if (clean(each) === '') continue;
          if (add) {
            trie.addPath(each);
            marked.add(clean(each));
          } else {
            trie.deletePath(each);
            for (const other of [...marked]) if (below(clean(each), other)) marked.delete(other);
          }
        }
        const above = [...marked].filter((each) => below(each, clean(asked))).sort((a, b) => b.length - a.length);
        expect(trie.findMaxPrefix(asked)).toBe(above[0] ?? null);
      }),
    );
  });

  describe('quota.text', () => {
    test.each([
      ['count=5,bytes=7', [5n, 7n]],
      ['count=5,bytes=7=;byteHardLimit=9;countHardLimit=-1', [5n, 7n]],
      ['count==3', [-1n, undefined]],
      ['count=1,', [1n, undefined]],
      [',', [undefined, undefined]],
      ['count=+1', [1n, undefined]],
    ])('reads %s', (track, [count, bytes]) => {
      const parsed = parseStatsTrack(track);
      expect([parsed?.get('count'), parsed?.get('bytes')]).toEqual([count, bytes]);
    });

    test.each(['count', 'count=', ',count=1', 'count=x', 'count=9223372036854775808', '='])(
      'does not read %s',
      (track) => {
        expect(parseStatsTrack(track)).toBeNull();
      },
    );
  });
});
