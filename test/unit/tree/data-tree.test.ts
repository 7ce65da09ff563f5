import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeSnapshot } from '../../../src/engine/storage/snapshot.ts';
import { DataTree } from '../../../src/engine/tree/data-tree.ts';
import { makeZxid, type Zxid } from '../../../src/protocol/zxid.ts';
import { create, S1, S2, txn, valid, wishes } from '../storage/bench.ts';

const z = (counter: number): Zxid => makeZxid(1, counter);

function grown(...txns: Parameters<DataTree['processTxn']>[0][]): DataTree {
  const tree = new DataTree();
  for (const each of txns) tree.processTxn(each);
  return tree;
}

describe('DataTree', () => {
  test('request.built-in: an empty tree has the znodes and Stats of a new server', () => {
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

  test('a create sets the Stat of the znode and moves cversion and pzxid of the parent only', () => {
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
    expect(result.triggers).toEqual([{ type: 'created', path: '/a/b' }]);
  });

  test('the cversion that clients see counts creates and deletes', () => {
    const tree = grown(
      create(z(1), '/a'),
      create(z(2), '/a/x'),
      create(z(3), '/a/y'),
      txn(z(4), { type: 'delete', path: '/a/x' }),
    );
    expect(tree.stat('/a')).toMatchObject({ cversion: 3, numChildren: 1, pzxid: z(4) });
    expect(tree.node('/a')?.stat.cversion).toBe(2);
  });

  test('setData takes the version of the transaction and leaves the parent alone', () => {
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

  test('closeSession deletes what the transaction names, then what is left of the session', () => {
    const tree = grown(
      create(z(1), '/a'),
      create(z(2), '/a/e', { ephemeral: S1 }),
      create(z(3), '/f', { ephemeral: S1 }),
      create(z(4), '/g', { ephemeral: S2 }),
    );
    expect(tree.getEphemerals(S1)).toEqual(['/a/e', '/f']);
    const result = tree.processTxn(txn(z(5), { type: 'closeSession', paths2Delete: ['/f'] }, S1));
    expect(result.triggers).toEqual([
      { type: 'deleted', path: '/f' },
      { type: 'deleted', path: '/a/e' },
    ]);
    expect(tree.getChildren('/')).toEqual(['a', 'g', 'zookeeper']);
    expect(tree.getEphemerals(S1)).toEqual([]);
    expect(tree.getEphemerals(S2)).toEqual(['/g']);
    expect(tree.stat('/a')?.pzxid).toBe(z(5));
  });

  test('an error transaction moves nothing but lastProcessedZxid', () => {
    const tree = grown(create(z(1), '/a'));
    const before = encodeSnapshot(grown(create(z(1), '/a')), new Map()).slice(0, -40);
    expect(tree.processTxn(txn(z(2), { type: 'error', error: 'NONODE' }))).toMatchObject({
      error: 'NONODE',
      changes: [],
    });
    expect(tree.lastProcessedZxid).toBe(z(2));
    expect(encodeSnapshot(tree, new Map()).slice(0, before.length)).toEqual(before);
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
        expect(encodeSnapshot(twice, new Map())).toEqual(encodeSnapshot(once, new Map()));
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
