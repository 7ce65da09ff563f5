/** Snapshots that are written while transactions are applied, and what replay makes of them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemoryDisk } from '../../../src/engine/storage/index.ts';
import { snapshotBlocks } from '../../../src/engine/storage/snapshot.ts';
import { DataTree } from '../../../src/engine/tree/data-tree.ts';
import { SyncRequestProcessor, type LogRequest } from '../../../src/engine/request/sync-request-processor.ts';
import type { ZooConfig } from '../../../src/protocol/config.ts';
import type { EventRef } from '../../../src/protocol/ids.ts';
import type { LoggedTxn } from '../../../src/protocol/txns.ts';
import { OPEN_ACL_UNSAFE, type Acl } from '../../../src/protocol/znode.ts';
import { epoch, makeZxid, ZXID_ZERO, type Zxid } from '../../../src/protocol/zxid.ts';
import { Bench, create, reboot, S1, S2, txn, valid, wishes } from './bench.ts';

const z = (counter: number): Zxid => makeZxid(1, counter);
const LOCKED: readonly Acl[] = [{ perms: 1, scheme: 'digest', id: 'u:h' }];

function server(zoo: Partial<ZooConfig> = {}): Bench {
  const bench = new Bench(new MemoryDisk(), zoo).boot();
  bench.run((db) => {
    for (const file of ['acceptedEpoch', 'currentEpoch'] as const) db.saveEpoch(file, epoch(2000), () => undefined);
  });
  bench.settle();
  return bench;
}
function znodes(tree: DataTree): unknown {
  return [...tree.walk()].map(([path, { data, acl, stat }]) => ({ path, data, acl, stat }));
}
/** Writes a snapshot of this name as it was before, and boots on it. */
function replayedOver(bench: Bench, zxid: Zxid, bytes: Uint8Array): Bench {
  bench.disk.write(`version-2/snapshot.${zxid.toString(16)}`, bytes);
  return reboot(bench, { extendedTypesEnabled: true }).boot();
}

describe('a fuzzy snapshot', () => {
  test('storage.snapshot-fuzzy, storage.replay-idempotent: whatever is applied between two znodes, snapshot and log give the live tree', () => {
    let ahead = 0;
    fc.assert(
      fc.property(wishes, wishes, fc.array(fc.nat(3), { maxLength: 30 }), (before, during, pace) => {
        const live = new DataTree(true);
        const txns = [...valid(before, live)];
        const zxid = live.lastProcessedZxid;
        // Each znode is a block of its own.
        const blocks = snapshotBlocks({ tree: live, sessions: new Map() }, 1);
        const bytes: Uint8Array[] = [];
        const copy = (count: number): void => {
          for (let i = 0; i < count; i++) {
            const block = blocks.next();
            if (!block.done) bytes.push(block.value);
          }
        };
        for (const [i, each] of during.entries()) {
          copy(pace[i % pace.length] ?? 1);
          const left = bytes.length;
          txns.push(...valid([each], live, makeZxid(1000, i + 1)));
          if (left > 0) ahead++;
        }
        copy(1000);
        const bench = server({ extendedTypesEnabled: true }).commit(...txns);
        const again = replayedOver(bench, zxid, new Uint8Array(Buffer.concat(bytes)));
        expect(znodes(again.db.dataTree)).toEqual(znodes(live));
        expect(again.db.dataTree.treeDigest).toBe(live.treeDigest);
      }),
      { numRuns: 150 },
    );
    expect(ahead).toBeGreaterThan(100);
  });

  test('storage.snapshot-fuzzy: the database copies block by block, and is named by what it held at first', () => {
    const bench = server();
    const data = 'x'.repeat(3000);
    bench.commit(...[1, 2, 3, 4, 5, 6].map((n) => create(z(n), `/n${n}`, { data })));
    const done: string[] = [];
    bench.run((db) => db.takeSnapshot({ fuzzy: true }, () => done.push('written')));
    expect([bench.writesWaiting, done, bench.bodies('snapshot-started')]).toMatchObject([1, [], [{ zxid: z(6) }]]);
    bench.commit(txn(z(7), { type: 'setData', path: '/n1', data: null, version: 1 }), create(z(8), '/later'));
    bench.write();
    bench.commit(txn(z(9), { type: 'delete', path: '/n6' }), txn(z(10), { type: 'delete', path: '/n1' }));
    while (bench.writesWaiting > 0) bench.write();
    expect(done).toEqual(['written']);
    const taken = bench.bodies('snapshot-taken').at(-1);
    expect([taken?.zxid, taken?.bytes]).toEqual([z(6), bench.disk.size('version-2/snapshot.100000006')]);
    const again = reboot(bench).boot();
    expect(again.bodies('recovered')).toMatchObject([{ snapshot: z(6), replayed: 4 }]);
    expect(znodes(again.db.dataTree)).toEqual(znodes(bench.db.dataTree));
    expect(again.db.dataTree.treeDigest).toBe(bench.db.dataTree.treeDigest);
    expect([again.db.digestMismatches, again.db.recentDigests]).toEqual([0, []]);
  });

  test('one that was cut off in the middle is no candidate', () => {
    const bench = server();
    bench.commit(...[1, 2, 3, 4].map((n) => create(z(n), `/n${n}`, { data: 'x'.repeat(4000) })));
    bench.run((db) => db.takeSnapshot({ fuzzy: true }, () => undefined));
    const again = reboot(bench).boot();
    expect(again.bodies('recovered')).toMatchObject([{ snapshot: 0, replayed: 4 }]);
  });

  test('storage.snapshot-fuzzy: one of the same name on the main path takes its place, and it ends', () => {
    const bench = server();
    bench.commit(...[1, 2, 3, 4].map((n) => create(z(n), `/n${n}`, { data: 'x'.repeat(4000) })));
    const done: string[] = [];
    bench.run((db) => db.takeSnapshot({ fuzzy: true }, () => done.push('fuzzy')));
    bench.run((db) => db.takeSnapshot({ roll: false }, () => done.push('main path')));
    while (bench.writesWaiting > 0) bench.write();
    expect(done).toEqual(['main path', 'fuzzy']);
    expect(reboot(bench).boot().bodies('recovered')).toMatchObject([{ snapshot: z(4), replayed: 0 }]);
  });

  test('storage.snapshot-busy: while one is written another is skipped, and the log is rolled', () => {
    const bench = server({ snapCount: 4 });
    const processor = new SyncRequestProcessor(bench.ctx, bench.db, null);
    const log = (from: number, to: number): void => {
      for (let n = from; n <= to; n++) {
        const each = create(z(n), `/n${n}`);
        bench.run(() => processor.processRequest({ txn: each, cause: 0 as EventRef } satisfies LogRequest));
        bench.settle();
        bench.run((db) => db.processTxn(each));
      }
    };
    log(1, 40);
    expect(bench.bodies('snapshot-started')).toHaveLength(1);
    expect(bench.disk.list('version-2/log.').length).toBeGreaterThan(5);
    while (bench.writesWaiting > 0) bench.write();
    log(41, 50);
    expect(bench.bodies('snapshot-started')).toHaveLength(2);
  });

  test('storage.snapshot-size-threshold: a snapshot is due after half of snapSizeLimitInKb and a random part', () => {
    const seen = new Set<number>();
    for (let incarnation = 0; incarnation < 20; incarnation++) {
      const bench = new Bench(new MemoryDisk(), { snapSizeLimitInKb: 64, preAllocSize: 1 }, incarnation).boot();
      let kib = 0;
      do {
        kib++;
        bench.run((db) => db.append(create(z(kib), '/a', { data: 'x'.repeat(920) })));
        bench.run((db) => db.commitLog(() => undefined));
      } while (!bench.run((db) => db.shouldSnapshot()));
      seen.add(kib);
    }
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(26);
    expect(Math.max(...seen)).toBeLessThanOrEqual(66);
    expect(seen.size).toBeGreaterThan(5);
  });
});

describe('replay over what is there already', () => {
  const apply = (tree: DataTree, ...txns: readonly LoggedTxn[]): DataTree => {
    for (const each of txns) tree.processTxn(each);
    return tree;
  };

  test('storage.replay-create: the znode stays, with the ACL of the transaction', () => {
    const tree = apply(new DataTree(), create(z(2), '/a', { data: 'kept' }));
    const again = txn(z(1), {
      type: 'create',
      path: '/a',
      data: null,
      acl: LOCKED,
      ephemeral: false,
      parentCVersion: 1,
    });
    expect(tree.processTxn(again).error).toBe('NODEEXISTS');
    expect(tree.node('/a')).toMatchObject({ data: new TextEncoder().encode('kept'), acl: LOCKED });
  });

  test('storage.replay-delete: the znode is gone already, and its parent’s pzxid rises', () => {
    const tree = apply(new DataTree(), create(z(1), '/a'));
    expect(tree.processTxn(txn(z(2), { type: 'delete', path: '/a/gone' })).error).toBe('NONODE');
    expect(tree.node('/a')?.stat.pzxid).toBe(z(2));
  });

  test('storage.replay-parent: cversion and pzxid never fall', () => {
    const tree = apply(new DataTree(), create(z(1), '/a'), create(z(9), '/a/x', { parentCVersion: 9 }));
    apply(tree, create(z(2), '/a/y', { parentCVersion: 1 }), txn(z(3), { type: 'delete', path: '/a/y' }));
    expect(tree.node('/a')?.stat).toMatchObject({ cversion: 9, pzxid: z(9) });
  });

  test('storage.replay-close-session: what the transaction lists goes, whoever owns it now', () => {
    const tree = apply(new DataTree(), create(z(5), '/e', { ephemeral: S2 }));
    apply(tree, txn(z(3), { type: 'closeSession', paths2Delete: ['/e'] }, S1));
    expect([tree.node('/e'), tree.getEphemerals(S2)]).toEqual([null, []]);
  });

  test('storage.processed-last: a multi is processed when its last part is, and a failed part changes nothing', () => {
    const tree = new DataTree();
    const part = (path: string) =>
      ({ type: 'create', path, data: null, acl: OPEN_ACL_UNSAFE, ephemeral: false, parentCVersion: -1 }) as const;
    const seen: Zxid[] = [];
    const txns = new Proxy([part('/a'), part('/a/b')], {
      get: (parts, key) => {
        seen.push(tree.lastProcessedZxid);
        return Reflect.get(parts, key) as unknown;
      },
    });
    tree.processTxn(txn(z(1), { type: 'multi', txns }));
    expect(new Set(seen)).toEqual(new Set([ZXID_ZERO]));
    expect(tree.lastProcessedZxid).toBe(z(1));
    // Behind the last one nothing falls.
    tree.processTxn(txn(ZXID_ZERO, { type: 'error', error: 'NONODE' }));
    expect(tree.lastProcessedZxid).toBe(z(1));
  });

  test('storage.acl-table: a list has one number, goes with its last znode, and is mended by replay where a table lacks it', () => {
    const tree = apply(new DataTree(), create(z(1), '/a'), create(z(2), '/b'));
    const set = (zxid: number, path: string, acl: readonly Acl[], version: number): LoggedTxn =>
      txn(z(zxid), { type: 'setACL', path, acl, version });
    apply(tree, set(3, '/a', LOCKED, 1));
    expect(tree.acls.map(({ index }) => index)).toEqual([1, 2, 3]);
    apply(tree, set(4, '/a', OPEN_ACL_UNSAFE, 2), set(5, '/a', LOCKED, 3));
    // Gone and come again under another number.
    expect(tree.acls.map(({ index }) => index)).toEqual([1, 2, 4]);
    const stored = (path: string) => tree.storedNode(path) ?? expect.fail();
    const paths = ['/', '/zookeeper', '/zookeeper/config', '/zookeeper/quota', '/a', '/b'];
    const lacking = DataTree.restore(
      tree.acls.filter(({ index }) => index !== 4),
      paths.map((path) => [path, stored(path)] as const),
    );
    expect(lacking?.node('/a')?.acl).toEqual([]);
    lacking?.processTxn(set(5, '/a', LOCKED, 3));
    expect(lacking?.node('/a')?.acl).toEqual(LOCKED);
  });
});
