/** Starts on disks of all kinds, digests, purges, and disks that are full. */
import { describe, expect, test } from 'vitest';
import { MemoryDisk, purgeTxnLog, DatadirCleanupManager } from '../../../src/engine/storage/index.ts';
import { MAX_BATCH_SIZE, SyncRequestProcessor } from '../../../src/engine/request/sync-request-processor.ts';
import { DataTree } from '../../../src/engine/tree/data-tree.ts';
import { crc32, nodeDigest } from '../../../src/engine/tree/digest.ts';
import type { ZooConfig } from '../../../src/protocol/config.ts';
import type { EventRef } from '../../../src/protocol/ids.ts';
import type { LoggedTxn } from '../../../src/protocol/txns.ts';
import { epoch, makeZxid, type Zxid } from '../../../src/protocol/zxid.ts';
import { Bench, create, reboot, txn } from './bench.ts';

const z = (counter: number, e = 1): Zxid => makeZxid(e, counter);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function server(zoo: Partial<ZooConfig> = {}): Bench {
  const bench = new Bench(new MemoryDisk(), zoo).boot();
  bench.run((db) => {
    for (const file of ['acceptedEpoch', 'currentEpoch'] as const) db.saveEpoch(file, epoch(100), () => undefined);
  });
  bench.settle();
  return bench;
}
function refusal(bench: Bench): string {
  const result = bench.run((db) => db.load());
  return result.ok ? 'it started' : result.reason;
}
function withDigest(each: LoggedTxn, treeDigest: bigint): LoggedTxn {
  return { ...each, digest: { version: 2, treeDigest } };
}

describe('recovery', () => {
  test('storage.empty-disk: zxid 0, and a snapshot of the empty tree', () => {
    const bench = new Bench().boot();
    expect([bench.db.lastProcessedZxid, bench.bodies('snapshot-taken')]).toMatchObject([0, [{ zxid: 0 }]]);
  });

  test('storage.no-autocreate, storage.initialize: zxid −1 and no snapshot, unless there is the file initialize, which goes', () => {
    const lost = new Bench(new MemoryDisk(), { dbAutocreate: false }).boot();
    expect([lost.db.lastProcessedZxid, lost.bodies('snapshot-taken')]).toEqual([-1, []]);
    expect([lost.db.currentEpoch, lost.db.acceptedEpoch]).toEqual([-1, -1]);
    lost.settle();
    const again = reboot(lost, { dbAutocreate: false }).boot();
    expect(again.db.currentEpoch).toBe(-1);
    const meant = new Bench(new MemoryDisk(), { dbAutocreate: false });
    meant.disk.write('initialize', new Uint8Array(0));
    expect(meant.boot().db.lastProcessedZxid).toBe(0);
    expect(meant.disk.list('initialize')).toEqual([]);
  });

  test('storage.log-without-snapshot: trusted, the log alone is replayed, and a snapshot must follow', () => {
    const bench = server();
    bench.commit(create(z(1), '/a'), create(z(2), '/b'));
    bench.disk.remove('version-2/snapshot.0');
    expect(refusal(reboot(bench))).toBe('There is a transaction log but no snapshot; something is broken.');
    const trusting = reboot(bench, { snapshotTrustEmpty: true }).boot();
    expect(trusting.bodies('recovered')).toMatchObject([{ snapshot: null, replayed: 2, lastZxid: z(2) }]);
    expect(trusting.db.needsInitialSnapshot).toBe(true);
    trusting.run((db) => db.takeSnapshot({ roll: false }, () => undefined));
    expect([trusting.db.needsInitialSnapshot, reboot(bench).boot().db.needsInitialSnapshot]).toEqual([false, false]);
  });

  test('storage.log-without-snapshot: an empty log counts, too', () => {
    const disk = new MemoryDisk();
    disk.write('version-2/log.100000001', new Uint8Array(0));
    expect(refusal(new Bench(disk))).toMatch(/^There is a transaction log but no snapshot/);
  });

  test('storage.snapshot-candidates: what does not end in a seal is none, and 100 are tried at most', () => {
    const bench = server();
    bench.commit(create(z(1), '/a'));
    const broken = bench.db.serializeSnapshot();
    broken[30] = 1;
    for (let n = 0; n < 99; n++) bench.disk.write(`version-2/snapshot.${z(10 + n).toString(16)}`, broken);
    bench.disk.write(`version-2/snapshot.${z(200).toString(16)}`, text('no seal at the end'));
    expect(reboot(bench).boot().bodies('recovered')).toMatchObject([{ snapshot: 0, replayed: 1 }]);
    bench.disk.write(`version-2/snapshot.${z(150).toString(16)}`, broken);
    expect(refusal(reboot(bench))).toBe('No snapshot can be read: every one of them is corrupt.');
  });

  test('storage.myid: another server’s disk is refused', () => {
    const bench = server();
    bench.disk.write('myid', text('1\n'));
    expect(refusal(reboot(bench))).toBe('it started');
    bench.disk.write('myid', text('3'));
    expect(refusal(reboot(bench))).toBe('The file myid says 3, and this is server 1.');
  });

  test('storage.committed-log-replay: what recovery and fast-forward replay joins the committed transactions', () => {
    const bench = server();
    bench.commit(create(z(1), '/a'));
    const again = reboot(bench).boot();
    again.run((db) => db.append(create(z(2), '/b')));
    again.run((db) => db.fastForward());
    expect(again.db.committedLog.map(({ header }) => header.zxid)).toEqual([z(1), z(2)]);
  });
});

describe('digests', () => {
  test('a CRC-32 is the same whether its bytes come one by one, in pieces, or at once', () => {
    const bytes = Uint8Array.from({ length: 40 }, (_, i) => (i * 73) % 256);
    for (let length = 0; length <= bytes.length; length++) {
      const whole = crc32(bytes.subarray(0, length));
      let one = 0;
      for (let i = 0; i < length; i++) one = crc32(bytes.subarray(i, i + 1), one);
      expect(one).toBe(whole);
      const cut = Math.floor(length / 3);
      expect(crc32(bytes.subarray(cut, length), crc32(bytes.subarray(0, cut)))).toBe(whole);
    }
  });

  test('storage.digest: CRC-32 of path, data and Stat, summed up; an empty tree has that of the real server', () => {
    expect(crc32(text('123456789'))).toBe(0xcbf43926);
    const tree = new DataTree();
    // What a real 3.8.0 logs at its first start: "digest is 1371985504".
    expect(tree.treeDigest).toBe(1_371_985_504n);
    tree.processTxn(create(z(1), '/zookeeper/quota/a'));
    const quota = tree.node('/zookeeper/quota/a');
    expect([tree.treeDigest, quota && nodeDigest('/zookeeper/quota/a', quota.data, quota.stat)]).toEqual([
      1_371_985_504n,
      0,
    ]);
    tree.processTxn(create(z(2), '/a', { data: 'x' }));
    const stat = tree.node('/a')?.stat ?? expect.fail();
    const root = tree.node('/')?.stat ?? expect.fail();
    const before = 1_371_985_504n - BigInt(nodeDigest('', new Uint8Array(0), new DataTree().node('/')?.stat ?? root));
    expect(tree.treeDigest).toBe(
      before + BigInt(nodeDigest('', new Uint8Array(0), root)) + BigInt(nodeDigest('/a', text('x'), stat)),
    );
    tree.processTxn(txn(z(3), { type: 'delete', path: '/a' }));
    tree.processTxn(txn(z(3), { type: 'setData', path: '/', data: text('r'), version: 1 }));
    const changed = tree.node('/')?.stat ?? expect.fail();
    expect(tree.treeDigest).toBe(before + BigInt(nodeDigest('/', text('r'), changed)));
  });

  test('storage.digest-compare: a mismatch is told and counted, live and in replay, and nothing else', () => {
    const bench = server();
    const first = create(z(1), '/a');
    const tree = new DataTree();
    tree.processTxn(first);
    bench.commit(withDigest(first, tree.treeDigest));
    expect(bench.db.digestMismatches).toBe(0);
    bench.commit(withDigest(create(z(2), '/b'), 1n));
    expect(bench.db.digestMismatches).toBe(1);
    expect(bench.bodies('digest-mismatch')).toMatchObject([{ zxid: z(2), expected: '1' }]);
    const again = reboot(bench).boot();
    expect([again.db.digestMismatches, again.db.lastProcessedZxid]).toEqual([1, z(2)]);
    expect(reboot(bench, { digestEnabled: false }).boot().db.digestMismatches).toBe(0);
    const other = { ...create(z(3), '/c'), digest: { version: 3, treeDigest: 1n } };
    again.commit(other);
    expect(again.db.digestMismatches).toBe(1);
  });

  test('storage.digest-compare: of every 128th zxid the digest is kept', () => {
    const bench = server();
    for (let n = 1; n <= 300; n++) bench.run((db) => db.processTxn(create(z(n), `/n${n}`)));
    expect(bench.db.recentDigests.map(({ zxid }) => zxid)).toEqual([z(128), z(256)]);
  });

  test('storage.digest-fuzzy, storage.snapshot-zxid: behind a snapshot that is ahead nothing is compared before the zxid that it names', () => {
    const bench = server();
    const tree = new DataTree();
    const txns = [1, 2, 3, 4].map((n) => {
      const each = create(z(n), `/n${n}`, { parentCVersion: n });
      tree.processTxn(each);
      return withDigest(each, tree.treeDigest);
    });
    bench.commit(...txns.slice(0, 3));
    // Named by what was there two transactions ago.
    const ahead = bench.db.serializeSnapshot();
    bench.disk.write('version-2/snapshot.100000001', ahead);
    const again = reboot(bench).boot();
    expect(again.bodies('recovered')).toMatchObject([{ snapshot: z(1), replayed: 2 }]);
    expect(again.db.digestMismatches).toBe(0);
    again.commit(...txns.slice(3));
    expect(again.db.digestMismatches).toBe(0);
    again.commit(withDigest(create(z(5), '/n5'), 0n));
    expect(again.db.digestMismatches).toBe(1);
  });
});

describe('the log thread', () => {
  const processorOf = (bench: Bench): { push: (...txns: (LoggedTxn | null)[]) => void; passed: (Zxid | 'read')[] } => {
    const passed: (Zxid | 'read')[] = [];
    const processor = new SyncRequestProcessor<{ readonly txn: LoggedTxn | null; readonly cause: EventRef }>(
      bench.ctx,
      bench.db,
      {
        processRequest: ({ txn: each }) => passed.push(each?.header.zxid ?? 'read'),
      },
    );
    const push = (...txns: (LoggedTxn | null)[]): void =>
      bench.run(() => {
        for (const each of txns) processor.processRequest({ txn: each, cause: 0 as EventRef });
      });
    return { push, passed };
  };

  test('storage.pass-on: a read passes at once, or behind the transaction before it', () => {
    const bench = server();
    const { push, passed } = processorOf(bench);
    push(null);
    expect(passed).toEqual(['read']);
    push(create(z(1), '/a'), create(z(2), '/b'), null);
    expect(passed).toEqual(['read']);
    bench.settle();
    expect(passed).toEqual(['read', z(1), z(2), 'read']);
  });

  test('storage.batch-size: no more than 1000 become durable by one fsync', () => {
    const bench = server();
    const { push } = processorOf(bench);
    push(...Array.from({ length: MAX_BATCH_SIZE + 11 }, (_, n) => create(z(n + 1), `/n${n}`)));
    bench.settle();
    expect(bench.bodies('log-durable').map(({ count }) => count)).toEqual([1, MAX_BATCH_SIZE, 10]);
  });
});

describe('purge', () => {
  /** Snapshots and log files of these zxids. */
  const disk = (snapshots: readonly number[], logs: readonly number[]): MemoryDisk => {
    const made = new MemoryDisk();
    const bytes = new Bench().boot().db.serializeSnapshot();
    for (const n of snapshots) made.write(`version-2/snapshot.${n.toString(16)}`, bytes);
    for (const n of logs) made.write(`version-2/log.${n.toString(16)}`, new Uint8Array(16));
    return made;
  };

  test('storage.purge: the newest snapshots stay, and the log that begins before the oldest of them', () => {
    const made = disk([0, 4, 8, 12, 16], [1, 5, 9, 13]);
    expect(purgeTxnLog(made, 3)).toEqual(['version-2/log.1', 'version-2/snapshot.0', 'version-2/snapshot.4']);
    expect(made.list('version-2/log.')).toEqual(['version-2/log.5', 'version-2/log.9', 'version-2/log.d']);
    expect(purgeTxnLog(made, 3)).toEqual([]);
  });

  test('storage.purge: a log that begins right with the snapshot makes the one before it needless', () => {
    expect(purgeTxnLog(disk([8, 12, 16], [1, 8, 9]), 3)).toEqual(['version-2/log.1']);
    expect(purgeTxnLog(disk([], [1, 8, 9]), 3)).toEqual([]);
  });

  test('storage.purge: a snapshot that is not whole is none, and goes with the old ones', () => {
    const made = disk([0, 4, 8, 12], []);
    made.write('version-2/snapshot.3', text('half'));
    made.write('version-2/snapshot.9', text('half'));
    expect(purgeTxnLog(made, 3)).toEqual(['version-2/snapshot.0', 'version-2/snapshot.3']);
  });

  test('storage.purge: what is kept is enough to recover from any kept snapshot', () => {
    const bench = server();
    for (let n = 1; n <= 40; n++) {
      bench.commit(create(z(n), `/n${n}`));
      if (n % 7 === 0) bench.run((db) => db.takeSnapshot({ roll: n % 2 === 0 }, () => undefined));
    }
    const gone = purgeTxnLog(bench.disk, 3);
    expect(gone.length).toBeGreaterThan(3);
    const kept = bench.disk.list('version-2/snapshot.');
    expect(kept).toHaveLength(3);
    const whole = [...bench.db.dataTree.walk()].map(([path]) => path);
    for (const snapshot of kept.toReversed()) {
      expect([...reboot(bench).boot().db.dataTree.walk()].map(([path]) => path)).toEqual(whole);
      bench.disk.remove(snapshot);
    }
  });

  test('storage.purge-interval: at the start and then every so many hours; 0 means never', () => {
    const made = disk([0, 4, 8, 12, 16], [1, 5]);
    const start = (zoo: Partial<ZooConfig>): Bench => {
      const bench = new Bench(made, zoo);
      bench.run(() => new DatadirCleanupManager(bench.ctx).start());
      return bench;
    };
    expect(start({}).bodies('files-purged')).toEqual([]);
    const hourly = start({ autopurgePurgeInterval: 2, autopurgeSnapRetainCount: 4 });
    expect(hourly.bodies('files-purged')).toMatchObject([{ files: ['version-2/snapshot.0'] }]);
    expect(hourly.timers).toEqual([2 * 3_600_000]);
  });
});

test('storage.purge-least: three, where fewer are asked for', () => {
  const bench = new Bench(new MemoryDisk(), { autopurgePurgeInterval: 1, autopurgeSnapRetainCount: 1 });
  const bytes = new Bench().boot().db.serializeSnapshot();
  for (const n of [0, 4, 8, 12]) bench.disk.write(`version-2/snapshot.${n.toString(16)}`, bytes);
  bench.run(() => new DatadirCleanupManager(bench.ctx).start());
  expect(bench.bodies('files-purged')).toMatchObject([{ files: ['version-2/snapshot.0'] }]);
});

describe('a full disk', () => {
  test('storage.disk-full: an append fails and leaves the log as it was', () => {
    const bench = server();
    bench.commit(create(z(1), '/a'));
    bench.disk.full = true;
    expect(() => bench.run((db) => db.append(create(z(2), '/b')))).toThrow('no space left on the disk');
    bench.disk.full = false;
    expect(reboot(bench).boot().db.lastProcessedZxid).toBe(z(1));
    bench.commit(create(z(2), '/b'));
    expect(reboot(bench).boot().db.lastProcessedZxid).toBe(z(2));
  });

  test('storage.disk-full: an epoch that cannot be written is not taken, and the next one can be', () => {
    const bench = server();
    bench.disk.full = true;
    expect(() => bench.run((db) => db.saveEpoch('acceptedEpoch', epoch(101), () => undefined))).toThrow(
      'no space left',
    );
    bench.disk.full = false;
    bench.run((db) => db.saveEpoch('acceptedEpoch', epoch(102), () => undefined));
    bench.settle();
    expect(bench.db.acceptedEpoch).toBe(102);
  });

  test('storage.disk-full-snapshot, storage.no-empty-snapshot: a snapshot that cannot be written ends the process, and leaves no empty file', () => {
    for (const options of [{ roll: false }, { fuzzy: true }, { sync: true }]) {
      const bench = server();
      bench.commit(create(z(1), '/a'));
      bench.disk.full = true;
      bench.run((db) => db.takeSnapshot(options, () => undefined));
      expect(bench.exits).toHaveLength(1);
      expect(bench.exits[0]).toMatch(
        /^The snapshot at 0x100000001 cannot be written: .*: no space left on the disk\.$/,
      );
      expect(bench.disk.list('version-2/snapshot.')).toEqual(['version-2/snapshot.0']);
    }
  });

  test('storage.disk-full: an empty disk that is full refuses the start', () => {
    const disk = new MemoryDisk();
    disk.full = true;
    expect(refusal(new Bench(disk))).toMatch(/no space left on the disk\.$/);
  });
});
