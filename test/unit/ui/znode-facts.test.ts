/** What the inspector tells of a znode: permissions, owner, time to live, quota. */
import { expect, test } from 'vitest';
import type { TraceZnode } from '../../../src/protocol/events.ts';
import { NO_SESSION, sessionId } from '../../../src/protocol/ids.ts';
import { WALL_CLOCK_EPOCH_MS } from '../../../src/protocol/time.ts';
import { aclWords, kindFacts, quotaFacts } from '../../../src/ui/inspector/znode-facts.ts';

const node = (stat: object, more: object = {}) =>
  ({
    data: null,
    acl: [{ scheme: 'world', id: 'anyone', perms: 31 }],
    stat: { ephemeralOwner: NO_SESSION, numChildren: 0, cversion: 0, mtime: WALL_CLOCK_EPOCH_MS + 1000, ...stat },
    ...more,
  }) as unknown as TraceZnode;
const at = (t: number) => ({ extendedTypesEnabled: true, t, clientOf: () => 'alice' });
const words = (znode: TraceZnode, t = 0) => kindFacts(znode, at(t)).map(({ name, value }) => `${name}: ${value}`);

test('permissions are written as zkCli takes them', () => {
  const acl = [
    { scheme: 'world', id: 'anyone', perms: 1 },
    { scheme: 'digest', id: 'bob:x=', perms: 31 },
  ];
  expect(aclWords(node({}, { acl }))).toEqual(['world:anyone:r', 'digest:bob:x=:cdrwa']);
});

test('an ephemeral has an owner, a container a fate', () => {
  expect(words(node({}))).toEqual([]);
  expect(words(node({ ephemeralOwner: sessionId(5n) }))).toEqual(['ephemeral of: alice']);
  const container = { owner: sessionId(1n << 63n) };
  expect(words(node({}, container))).toEqual(['container: no child yet']);
  expect(words(node({ numChildren: 1, cversion: 1 }, container))).toEqual(['container: it has children']);
  expect(words(node({ cversion: 2 }, container))).toEqual(['container: it may go: its children are gone']);
});

test('a time to live counts from the last write, and not while there are children', () => {
  const owner = sessionId((0xffn << 56n) | 5000n);
  const life = 'time to live: 5 s';
  expect(words(node({}, { owner }), 2000)).toEqual([life, 'since its last write: 4 s left']);
  expect(words(node({}, { owner }), 6500)).toEqual([life, 'since its last write: over since 500 ms']);
  expect(words(node({ numChildren: 2 }, { owner }), 0)[1]).toContain('stays while it has children');
  const [fact] = kindFacts(node({}, { owner }), { ...at(0), extendedTypesEnabled: false });
  expect(fact?.name).toBe('ephemeral of');
});

test('the nearest quota tells limits and use', () => {
  const tree = new Map([
    [
      '/zookeeper/quota/app/zookeeper_limits',
      node({}, { data: 'count=5,bytes=-1=;byteHardLimit=20;countHardLimit=-1' }),
    ],
    ['/zookeeper/quota/app/zookeeper_stats', node({}, { data: 'count=6,bytes=12' })],
  ]);
  expect(quotaFacts(tree, '/app')).toEqual([
    { name: 'znodes', value: '6, limit 5', tone: 'fault' },
    { name: 'bytes', value: '12, hard limit 20' },
  ]);
  expect(quotaFacts(tree, '/app/a/b')[0]).toEqual({ name: 'set at', value: '/app' });
  expect(quotaFacts(tree, '/application')).toEqual([]);
  expect(quotaFacts(tree, '/')).toEqual([]);
});
