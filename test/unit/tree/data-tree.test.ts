import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataTree } from '../../../src/engine/tree/data-tree.ts';
import { ephemeralType, ttlEphemeralOwner, ttlOf } from '../../../src/engine/tree/ephemeral-type.ts';
import { NO_SESSION, sessionId } from '../../../src/protocol/ids.ts';
import type { Txn } from '../../../src/protocol/txns.ts';
import { OPEN_ACL_UNSAFE, PERMS, TTL_MAX, type Acl } from '../../../src/protocol/znode.ts';
import { makeZxid, type Zxid } from '../../../src/protocol/zxid.ts';
import { create, S1, S2, txn, valid, wishes } from '../storage/bench.ts';

const z = (counter: number): Zxid => makeZxid(1, counter);

function grown(...txns: Parameters<DataTree['processTxn']>[0][]): DataTree {
  const tree = new DataTree();
  for (const each of txns) tree.processTxn(each);
  return tree;
}

/** All that the tree keeps. */
function kept(tree: DataTree): unknown {
  return [...tree.walk()].map(([path, { data, acl, stat }]) => [path, data, acl, { ...stat }]);
}

const LOCKED: readonly Acl[] = [{ perms: PERMS.READ, scheme: 'world', id: 'anyone' }];

describe('DataTree', () => {
  test('stat.built-in: an empty tree has the znodes and Stats of a new server', () => {
    const tree = new DataTree();
    expect([...tree.walk()].map(([path]) => path)).toEqual([
      '/',
      '/zookeeper',
      '/zookeeper/config',
      '/zookeeper/quota',
    ]);
    expect(tree.stat('/')).toMatchObject({ czxid: 0, cversion: -1, numChildren: 1, pzxid: 0, dataLength: 0 });
    expect(tree.stat('/zookeeper')).toMatchObject({ cversion: -2, numChildren: 2 });
    expect(tree.stat('/zookeeper/config')).toMatchObject({ aversion: -1, version: 0 });
    expect(tree.node('/zookeeper/config')?.acl).toEqual([{ perms: 1, scheme: 'world', id: 'anyone' }]);
    expect(tree.getAllChildrenNumber('/')).toBe(3);
  });

  test('stat.create and stat.parent-create: a create sets the Stat of the znode and moves cversion and pzxid of the parent only', () => {
    const tree = grown(create(z(1), '/a', { data: 'x' }));
    const result = tree.processTxn(create(z(2), '/a/b', { data: 'yz', ephemeral: S1 }));
    expect(result.stat).toEqual(tree.stat('/a/b'));
    expect(tree.stat('/a/b')).toMatchObject({
      czxid: z(2),
      mzxid: z(2),
      pzxid: z(2),
      version: 0,
      cversion: 0,
      ephemeralOwner: S1,
      dataLength: 2,
    });
    expect(tree.stat('/a')).toMatchObject({
      czxid: z(1),
      mzxid: z(1),
      pzxid: z(2),
      version: 0,
      cversion: 1,
      numChildren: 1,
    });
    expect(result.changes.map(([path]) => path)).toEqual(['/a', '/a/b']);
    expect(result.triggers).toEqual([
      { type: 'created', path: '/a/b', acl: OPEN_ACL_UNSAFE, parentAcl: OPEN_ACL_UNSAFE, bytes: 2 },
    ]);
  });

  test('stat.cversion and stat.parent-delete: the cversion that clients see counts creates and deletes', () => {
    const tree = grown(
      create(z(1), '/a'),
      create(z(2), '/a/x'),
      create(z(3), '/a/y'),
      txn(z(4), { type: 'delete', path: '/a/x' }),
    );
    expect(tree.stat('/a')).toMatchObject({ cversion: 3, numChildren: 1, pzxid: z(4) });
    expect(tree.node('/a')?.stat.cversion).toBe(2);
    // Grandchildren do not count.
    tree.processTxn(create(z(5), '/a/y/z'));
    expect(tree.stat('/a')).toMatchObject({ cversion: 3, numChildren: 1, pzxid: z(4) });
  });

  test('stat.set-data: setData takes the version of the transaction and leaves the parent alone', () => {
    const tree = grown(create(z(1), '/a'));
    const before = tree.stat('/');
    const result = tree.processTxn(txn(z(2), { type: 'setData', path: '/a', data: new Uint8Array([1]), version: 1 }));
    expect(result).toMatchObject({
      error: null,
      path: '/a',
      stat: { version: 1, mzxid: z(2), czxid: z(1), pzxid: z(1) },
    });
    expect(tree.stat('/')).toEqual(before);
    expect(result.changes).toEqual([['/a', { data: '\u0001', acl: expect.anything(), stat: result.stat }]]);
  });

  test('mode.ephemeral: closeSession deletes what the transaction names, then what is left of the session', () => {
    const tree = grown(
      create(z(1), '/a'),
      create(z(2), '/a/e', { ephemeral: S1 }),
      create(z(3), '/f', { ephemeral: S1 }),
      create(z(4), '/g', { ephemeral: S2 }),
    );
    expect([...tree.getEphemerals(S1)].sort()).toEqual(['/a/e', '/f']);
    const result = tree.processTxn(txn(z(5), { type: 'closeSession', paths2Delete: ['/f'] }, S1));
    expect(result.triggers.map(({ type, path }) => [type, path])).toEqual([
      ['deleted', '/f'],
      ['deleted', '/a/e'],
    ]);
    expect(tree.getChildren('/')).toEqual(['a', 'g', 'zookeeper']);
    expect(tree.getEphemerals(S1)).toEqual([]);
    expect(tree.getEphemerals(S2)).toEqual(['/g']);
    expect(tree.stat('/a')?.pzxid).toBe(z(5));
  });

  describe('stat.nothing', () => {
    test.each<[string, Txn]>([
      ['an error', { type: 'error', error: 'NONODE' }],
      ['a check', { type: 'check', path: '/a', version: 1 }],
      ['a createSession', { type: 'createSession', timeout: 1000 }],
      ['an empty multi', { type: 'multi', txns: [] }],
    ])('%s moves nothing but lastProcessedZxid', (_title, nothing) => {
      const tree = grown(create(z(1), '/a'));
      const before = kept(tree);
      expect(tree.processTxn(txn(z(2), nothing))).toMatchObject({ changes: [], triggers: [] });
      expect(tree.lastProcessedZxid).toBe(z(2));
      expect(kept(tree)).toEqual(before);
    });
  });

  test('stat.set-acl: a setACL moves the aversion only, and triggers nothing', () => {
    const tree = grown(create(z(1), '/a'));
    const before = tree.stat('/a');
    const result = tree.processTxn(txn(z(2), { type: 'setACL', path: '/a', acl: LOCKED, version: 1 }));
    expect(result.stat).toEqual({ ...before, aversion: 1 });
    expect(tree.node('/a')?.acl).toEqual(LOCKED);
    expect(result.triggers).toEqual([]);
    expect(result.changes).toEqual([['/a', { data: null, acl: LOCKED, stat: result.stat }]]);
  });

  test('stat.reconfig: the version of /zookeeper/config stays −1, its times and zxid move', () => {
    const tree = new DataTree();
    const data = new Uint8Array([1, 2]);
    const result = tree.processTxn(txn(z(7), { type: 'reconfig', path: '/zookeeper/config', data, version: -1 }));
    expect(result.stat).toMatchObject({ version: -1, mzxid: z(7), czxid: 0, dataLength: 2 });
    expect(result.triggers.map(({ type }) => type)).toEqual(['dataChanged']);
  });

  test('stat.data-length: null and no bytes are 0', () => {
    const tree = grown(create(z(1), '/a'), create(z(2), '/b', { data: '' }));
    expect([tree.stat('/a')?.dataLength, tree.stat('/b')?.dataLength]).toEqual([0, 0]);
    expect([tree.node('/a')?.data, tree.node('/b')?.data]).toEqual([null, new Uint8Array(0)]);
  });

  test('stat.parent-delete: the pzxid of the parent never falls, its number of creates stays', () => {
    const tree = grown(create(z(1), '/a'), create(z(9), '/a/x'));
    tree.processTxn(txn(z(5), { type: 'delete', path: '/a/x' }));
    expect(tree.node('/a')?.stat).toMatchObject({ pzxid: z(9), cversion: 1 });
  });

  test('a trigger carries the lists of the node and its parent at its time', () => {
    const tree = grown(create(z(1), '/a'), txn(z(2), { type: 'setACL', path: '/a', acl: LOCKED, version: 1 }));
    const made = {
      type: 'create',
      path: '/a/b',
      data: null,
      acl: LOCKED,
      ephemeral: false,
      parentCVersion: 1,
    } as const;
    const { triggers } = tree.processTxn(txn(z(3), { type: 'multi', txns: [made, { type: 'delete', path: '/a/b' }] }));
    expect(triggers).toEqual([
      { type: 'created', path: '/a/b', acl: LOCKED, parentAcl: LOCKED, bytes: 0 },
      { type: 'deleted', path: '/a/b', acl: LOCKED, parentAcl: LOCKED, bytes: 0 },
    ]);
  });

  test('the empty path is the root for reads', () => {
    const tree = grown(create(z(1), '/a'));
    expect(tree.stat('')).toEqual(tree.stat('/'));
    expect(tree.getChildren('')).toEqual(['a', 'zookeeper']);
    expect([tree.getAllChildrenNumber('/'), tree.getAllChildrenNumber('')]).toEqual([4, 5]);
  });

  test('storage.replay-idempotent: replay never takes the parent back (ZOOKEEPER-3125)', () => {
    const tree = grown(
      create(z(1), '/a'),
      create(z(2), '/a/x', { parentCVersion: 1 }),
      txn(z(3), { type: 'delete', path: '/a/x' }),
      create(z(4), '/a/y', { parentCVersion: 2 }),
    );
    const before = tree.stat('/a');
    tree.processTxn(create(z(2), '/a/x', { parentCVersion: 1 }));
    expect(tree.node('/a')?.stat).toMatchObject({ cversion: 2, pzxid: z(4) });
    tree.processTxn(txn(z(3), { type: 'delete', path: '/a/x' }));
    expect(tree.processTxn(create(z(4), '/a/y', { parentCVersion: 2 })).error).toBe('NODEEXISTS');
    expect(tree.stat('/a')).toEqual(before);
    expect(tree.lastProcessedZxid).toBe(z(4));
  });

  test('storage.replay-idempotent: replaying any suffix over the final tree ends in the same tree', () => {
    fc.assert(
      fc.property(wishes, fc.nat(), (list, from) => {
        const txns = valid(list);
        const once = grown(...txns);
        const twice = grown(...txns, ...txns.slice(from % (txns.length + 1)));
        expect(kept(twice)).toEqual(kept(once));
      }),
    );
  });

  test('the reported changes, folded, give the tree', () => {
    fc.assert(
      fc.property(wishes, (list) => {
        const tree = new DataTree();
        const folded = new Map<string, object>(tree.traceNodes() as [string, object][]);
        for (const each of valid(list)) {
          for (const [path, node] of tree.processTxn(each).changes) {
            if (node) folded.set(path, { ...folded.get(path), ...node });
            else folded.delete(path);
          }
        }
        expect(new Map([...folded].sort())).toEqual(new Map([...tree.traceNodes()].sort()));
      }),
    );
  });
});

describe('owners', () => {
  const container = (counter: number, path: string): Parameters<DataTree['processTxn']>[0] =>
    txn(z(counter), { type: 'createContainer', path, data: null, acl: OPEN_ACL_UNSAFE, parentCVersion: -1 });
  const ttl = (counter: number, path: string, length: number): Parameters<DataTree['processTxn']>[0] =>
    txn(z(counter), { type: 'createTTL', path, data: null, acl: OPEN_ACL_UNSAFE, parentCVersion: -1, ttl: length }, S1);
  const extended = (...txns: Parameters<DataTree['processTxn']>[0][]): DataTree => {
    const tree = new DataTree(true);
    for (const each of txns) tree.processTxn(each);
    return tree;
  };

  test('mode.persistent: none', () => {
    expect(grown(create(z(1), '/a')).node('/a')?.stat.ephemeralOwner).toBe(NO_SESSION);
  });

  test('mode.container: marked, not shown, and known until it is deleted', () => {
    const tree = extended(container(1, '/c'), create(z(2), '/c/x'));
    expect(tree.node('/c')?.stat.ephemeralOwner).toBe('0x8000000000000000');
    expect(tree.stat('/c')?.ephemeralOwner).toBe(NO_SESSION);
    expect(tree.getContainers()).toEqual(['/c']);
    for (const path of ['/c/x', '/c']) tree.processTxn(txn(z(3), { type: 'deleteContainer', path }));
    expect(tree.getContainers()).toEqual([]);
  });

  test('mode.ttl: kept in the owner, not shown, no ephemeral of its session', () => {
    const tree = extended(ttl(1, '/t', 0x1234), create(z(2), '/t/x'));
    expect(tree.node('/t')?.stat.ephemeralOwner).toBe('0xff00000000001234');
    expect(tree.stat('/t')).toMatchObject({ ephemeralOwner: NO_SESSION, numChildren: 1 });
    expect(tree.getTtls()).toEqual(['/t']);
    tree.processTxn(txn(z(3), { type: 'closeSession', paths2Delete: [] }, S1));
    expect(tree.node('/t')).not.toBeNull();
  });

  test('mode.ttl-unrecognized: with extended types switched off it is an ephemeral of nobody', () => {
    const tree = grown(ttl(1, '/t', 1));
    expect(tree.stat('/t')?.ephemeralOwner).toBe('0xff00000000000001');
    expect(tree.getTtls()).toEqual([]);
    expect(tree.getEphemerals(ttlEphemeralOwner(1))).toEqual(['/t']);
  });

  test('mode.ttl: every time to live comes back from its owner', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: TTL_MAX }), (length) => {
        const owner = ttlEphemeralOwner(length);
        expect(ephemeralType(owner, true)).toBe('TTL');
        expect(ttlOf(owner)).toBe(length);
      }),
    );
  });

  test('mode.ttl-prefix: a session id is taken for a session, one of server 255 only without extended types', () => {
    expect(ephemeralType(sessionId(0x1000000000000n), true)).toBe('NORMAL');
    expect(ephemeralType(sessionId(0xff12340000000000n), true)).toBe('NORMAL');
    expect(ephemeralType(sessionId(0xff00000000000001n), false)).toBe('NORMAL');
  });
});
