import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemoryDisk, presetDisk } from '../../../src/engine/storage/index.ts';
import { listFiles } from '../../../src/engine/storage/files.ts';
import { decodeSnapshot, encodeSnapshot } from '../../../src/engine/storage/snapshot.ts';
import { readLog } from '../../../src/engine/storage/txn-log.ts';
import { DataTree } from '../../../src/engine/tree/data-tree.ts';
import { Random } from '../../../src/protocol/random.ts';
import type { LoggedTxn } from '../../../src/protocol/txns.ts';
import { epoch, makeZxid, type Zxid } from '../../../src/protocol/zxid.ts';
import { Bench, create, reboot, S1, txn, valid, wishes } from './bench.ts';

const z = (counter: number, e = 1): Zxid => makeZxid(e, counter);
const LOG = 'version-2/log.100000001';

function creates(from: number, to: number): readonly LoggedTxn[] {
  return Array.from({ length: to - from + 1 }, (_, i) => create(z(from + i), `/n${from + i}`));
}
/** The tree as bytes, zxid and sessions included. */
function state(bench: Bench): Uint8Array {
  return bench.db.serializeSnapshot();
}
/** Everything of the tree but the numbers of its ACLs. */
function znodes(bench: Bench): unknown {
  return [...bench.db.dataTree.walk()].map(([path, { data, acl, stat }]) => ({ path, data, acl, stat }));
}
/** Behind the last entry of a log. */
function writtenBytes(disk: MemoryDisk, file: string): number {
  const [numbered] = listFiles(disk, 'log').filter((each) => each.file === file);
  return numbered ? ([...readLog(disk, [numbered])].at(-1)?.end ?? 16) : 0;
}
function refusal(bench: Bench): string {
  const result = bench.run((db) => db.load());
  return result.ok ? 'it started' : result.reason;
}
/** zxids on disk, file by file. */
function logged(disk: MemoryDisk): readonly (readonly number[])[] {
  return listFiles(disk, 'log').map((file) =>
    [...readLog(disk, [file])].map(({ txn: each }) => each.header.zxid % 2 ** 32),
  );
}
/** A started server of a late epoch whose log holds (1,1) … (1,n), applied. */
function server(n: number, zoo: ConstructorParameters<typeof Bench>[1] = {}): Bench {
  const bench = new Bench(new MemoryDisk(), zoo).boot();
  bench.run((db) => {
    for (const file of ['acceptedEpoch', 'currentEpoch'] as const) db.saveEpoch(file, epoch(100), () => undefined);
  });
  bench.settle();
  return n > 0 ? bench.commit(...creates(1, n)) : bench;
}

describe('recovery', () => {
  test('storage.recovery: a fresh disk is zxid 0, epochs 0, with a snapshot', () => {
    const bench = new Bench().boot();
    expect(bench.bodies('recovered')).toMatchObject([
      { snapshot: null, replayed: 0, lastZxid: 0, acceptedEpoch: 0, currentEpoch: 0, log: [] },
    ]);
    expect(bench.bodies('recovered')[0]?.nodes.map(([path]) => path)).toEqual([
      '/',
      '/zookeeper',
      '/zookeeper/config',
      '/zookeeper/quota',
    ]);
    bench.settle();
    expect(bench.disk.list('')).toEqual(['version-2/acceptedEpoch', 'version-2/currentEpoch', 'version-2/snapshot.0']);
    expect(bench.disk.crash(Random.stream(1, 'crash'))).toEqual([]);
  });

  test('storage.recovery: all of the log is replayed, committed or not, and joins committedLog', () => {
    const bench = server(2);
    bench.run((db) => creates(3, 4).forEach((each) => db.append(each)));
    const again = reboot(bench).boot();
    expect(again.db.lastProcessedZxid).toBe(z(4));
    expect([again.db.minCommittedLog, again.db.maxCommittedLog]).toEqual([z(1), z(4)]);
    expect(again.bodies('recovered')).toMatchObject([{ snapshot: 0, replayed: 4, lastZxid: z(4) }]);
    expect(again.bodies('recovered')[0]?.log.map(({ path }) => path)).toEqual(['/n1', '/n2', '/n3', '/n4']);
  });

  test('storage.log-roll: a server that was restarted begins a new log file', () => {
    const again = reboot(server(2)).boot();
    again.commit(...creates(3, 3));
    expect(logged(again.disk)).toEqual([[1, 2], [3]]);
  });

  test('storage.recovery: replay(snapshot, log) is the live tree, wherever snapshots were taken', () => {
    fc.assert(
      fc.property(wishes, fc.array(fc.nat(30), { maxLength: 3 }), (list, cuts) => {
        const bench = server(0);
        for (const [i, each] of valid(list).entries()) {
          if (cuts.includes(i)) bench.run((db) => db.takeSnapshot({ sync: false }, () => undefined));
          bench.commit(each);
        }
        const again = reboot(bench).boot();
        expect(state(again)).toEqual(state(bench));
        expect(again.db.sessionsWithTimeouts).toEqual(bench.db.sessionsWithTimeouts);
      }),
    );
  });

  test('storage.replay-idempotent: a snapshot that is ahead of its name still ends in the live tree', () => {
    fc.assert(
      fc.property(wishes, fc.nat(), fc.nat(), (list, a, b) => {
        const txns = valid(list);
        const [named, held] = [a % (txns.length + 1), b % (txns.length + 1)].sort((x, y) => x - y) as [number, number];
        const ahead = new DataTree();
        for (const each of txns.slice(0, held)) ahead.processTxn(each);
        const whole = server(0).commit(...txns);
        const disk = whole.disk;
        const name = txns[named - 1]?.header.zxid ?? 0;
        disk.write(`version-2/snapshot.${name.toString(16)}`, encodeSnapshot({ tree: ahead, sessions: new Map() }));
        const again = new Bench(disk).boot();
        expect(znodes(again)).toEqual(znodes(whole));
      }),
    );
  });

  test('storage.append, storage.torn-tail: a crash at any moment keeps everything fsynced, and the log stays a prefix', () => {
    const steps = fc.array(fc.constantFrom('append', 'fsync', 'end', 'roll', 'snapshot'), { maxLength: 40 });
    let torn = 0;
    fc.assert(
      fc.property(steps, fc.nat(), (plan, seed) => {
        const bench = server(0);
        let next = 1;
        let durable = 0;
        for (const step of plan) {
          if (step === 'end') bench.fsync();
          else if (step === 'roll') bench.run((db) => db.rollLog());
          else if (step === 'snapshot') bench.run((db) => db.takeSnapshot({ sync: false }, () => undefined));
          else if (step === 'fsync') bench.run((db) => db.commitLog(() => undefined));
          else {
            const [each] = creates(next, next);
            if (each) bench.run((db) => db.append(each));
            next++;
          }
          durable = (bench.bodies('log-durable').at(-1)?.zxid ?? z(0)) % 2 ** 32;
        }
        torn += bench.disk.crash(Random.stream(seed, 'crash')).filter((lost) => lost.torn).length;
        const again = reboot(bench).boot();
        const counter = again.db.lastProcessedZxid % 2 ** 32;
        expect(counter).toBeGreaterThanOrEqual(durable);
        expect(counter).toBeLessThan(next);
        expect(again.db.dataTree.getChildren('/')).toHaveLength(counter + 1);
      }),
      { numRuns: 300 },
    );
    expect(torn).toBeGreaterThan(10);
  });

  test('storage.checksum: a complete entry with a wrong checksum refuses the start', () => {
    const bench = server(3);
    bench.disk.corrupt(LOG, 60, Random.stream(1, 'corrupt'));
    expect(refusal(reboot(bench))).toMatch(/^version-2\/log\.100000001: checksum mismatch at offset 16$/);
  });

  test('storage.checksum: one changed byte anywhere in the log never lets a wrong tree start', () => {
    const bench = server(3);
    // With some of the zeros behind.
    const size = writtenBytes(bench.disk, LOG) + 20;
    const image = bench.disk.image();
    const good = [0, 1, 2, 3].map((n) => state(server(n)));
    for (let offset = 0; offset < size; offset++) {
      const disk = MemoryDisk.fromImage(image);
      disk.corrupt(LOG, offset, Random.stream(offset, 'corrupt'));
      const again = new Bench(disk);
      const result = again.run((db) => db.load());
      if (result.ok) expect(good.map((bytes) => bytes.join())).toContain(state(again).join());
      else expect(result.reason).not.toBe('');
    }
  });

  test('storage.snapshot-candidates, storage.snapshots-corrupt: a corrupt snapshot is passed over for an older one; if all are, the start is refused', () => {
    const bench = server(3);
    bench.run((db) => db.takeSnapshot({ sync: false }, () => undefined));
    bench.disk.corrupt('version-2/snapshot.100000003', 100, Random.stream(1, 'corrupt'));
    const again = reboot(bench).boot();
    expect(again.bodies('recovered')).toMatchObject([{ snapshot: 0, replayed: 3 }]);
    expect(state(again)).toEqual(state(bench));
    bench.disk.corrupt('version-2/snapshot.0', 100, Random.stream(1, 'corrupt'));
    expect(refusal(reboot(bench))).toBe('No snapshot can be read: every one of them is corrupt.');
  });

  test('storage.log-without-snapshot: a log without any snapshot is refused', () => {
    const bench = server(1);
    bench.disk.remove('version-2/snapshot.0');
    expect(refusal(reboot(bench))).toBe('There is a transaction log but no snapshot; something is broken.');
  });

  test('storage.empty-log, storage.log-end: an empty last log file is deleted; zeros behind the log are the end of it', () => {
    const bench = server(2);
    bench.disk.append(LOG, new Uint8Array(100));
    bench.disk.write('version-2/log.100000003', new Uint8Array(0));
    const again = reboot(bench).boot();
    expect(again.db.lastProcessedZxid).toBe(z(2));
    expect(bench.disk.list('version-2/log.')).toEqual([LOG]);
  });

  test('storage.torn-tail: a file whose only entry was torn is begun anew by the same transaction', () => {
    const bench = server(1);
    bench.disk.truncate(LOG, writtenBytes(bench.disk, LOG) - 3);
    const again = reboot(bench).boot();
    expect(again.db.lastProcessedZxid).toBe(0);
    again.commit(...creates(1, 2));
    expect(logged(again.disk)).toEqual([[1, 2]]);
  });

  test('storage.epoch-missing, storage.epoch-interrupted, storage.epoch-behind, storage.epoch-accepted: missing ones take the epoch of the last zxid; inconsistent ones are refused', () => {
    const preset = (epochs: object, log = [create(z(1, 3), '/a')]): Bench => {
      const disk = new MemoryDisk();
      expect(presetDisk(disk, { ...epochs, log })).toEqual({ ok: true });
      return new Bench(disk);
    };
    const plain = preset({}).boot();
    expect([plain.db.acceptedEpoch, plain.db.currentEpoch]).toEqual([3, 3]);
    expect(refusal(preset({ acceptedEpoch: 2, currentEpoch: 3 }))).toBe(
      'The accepted epoch, 2, is less than the current epoch, 3.',
    );
    expect(refusal(preset({ acceptedEpoch: 3, currentEpoch: 2 }))).toBe(
      'The current epoch, 2, is older than the last zxid, 0x300000001.',
    );
    const interrupted = preset({ acceptedEpoch: 3, currentEpoch: 2 });
    interrupted.disk.write('version-2/currentEpoch.tmp', new TextEncoder().encode('3'));
    expect(interrupted.boot().db.currentEpoch).toBe(3);
    const broken = preset({ acceptedEpoch: 3, currentEpoch: 3 });
    broken.disk.write('version-2/acceptedEpoch', new TextEncoder().encode('three'));
    expect(refusal(broken)).toBe('acceptedEpoch does not hold an epoch.');
  });

  test('arbitrary bytes in any file end in a refusal or in a start, never in a throw', () => {
    const bench = server(2);
    const image = bench.disk.image();
    fc.assert(
      fc.property(
        fc.constantFrom(...image.files.map(({ name }) => name)),
        fc.uint8Array({ maxLength: 80 }),
        fc.boolean(),
        (name, bytes, keep) => {
          const disk = MemoryDisk.fromImage(image);
          const old = disk.read(name)?.slice() ?? new Uint8Array(0);
          disk.write(name, new Uint8Array([...(keep ? old.slice(0, 20) : []), ...bytes]));
          expect(typeof refusal(new Bench(disk))).toBe('string');
        },
      ),
    );
  });
});

describe('the log', () => {
  test('storage.group-commit: one fsync for all that was appended before it', () => {
    const bench = server(0);
    const done: string[] = [];
    bench.run((db) => {
      creates(1, 3).forEach((each) => db.append(each));
      db.commitLog(() => done.push('first'));
      creates(4, 4).forEach((each) => db.append(each));
    });
    expect(done).toEqual([]);
    expect(bench.fsyncsWaiting).toBe(1);
    bench.settle();
    expect(done).toEqual(['first']);
    expect(bench.bodies('log-durable')).toEqual([{ kind: 'log-durable', zxid: z(3), count: 3 }]);
    const durable = bench.events.find(({ body }) => body.kind === 'log-durable');
    expect(durable?.causes).toHaveLength(4);
  });

  test('storage.group-commit: nothing appended waits for what is on its way, or for nothing', () => {
    const bench = server(0);
    const done: string[] = [];
    bench.run((db) => db.commitLog(() => done.push('idle')));
    expect(done).toEqual(['idle']);
    bench.run((db) => {
      creates(1, 1).forEach((each) => db.append(each));
      db.commitLog(() => done.push('one'));
      db.commitLog(() => done.push('behind'));
    });
    expect(done).toEqual(['idle']);
    bench.settle();
    expect(done).toEqual(['idle', 'one', 'behind']);
    expect(bench.bodies('log-durable')).toHaveLength(1);
  });

  test('storage.group-commit: after a roll both files are fsynced, the older first', () => {
    const bench = server(0);
    bench.run((db) => {
      creates(1, 1).forEach((each) => db.append(each));
      db.rollLog();
      creates(2, 2).forEach((each) => db.append(each));
      db.commitLog(() => undefined);
    });
    expect(bench.fsyncsWaiting).toBe(2);
    bench.fsync();
    expect(bench.bodies('log-durable')).toEqual([]);
    bench.fsync();
    expect(bench.bodies('log-durable')).toEqual([{ kind: 'log-durable', zxid: z(2), count: 2 }]);
    expect(bench.disk.crash(Random.stream(1, 'crash'))).toEqual([]);
  });

  test('storage.force-sync: without forceSync nothing is fsynced and done is called at once', () => {
    const bench = server(0, { forceSync: false });
    const done: string[] = [];
    bench.run((db) => {
      creates(1, 1).forEach((each) => db.append(each));
      db.commitLog(() => done.push('at once'));
    });
    expect([done, bench.fsyncsWaiting, bench.bodies('log-durable')]).toEqual([['at once'], 0, []]);
  });

  test('storage.truncate: TRUNC to any zxid gives the tree as of then, live and after a restart', () => {
    fc.assert(
      fc.property(wishes, fc.array(fc.nat(30), { maxLength: 3 }), fc.nat(), (list, rolls, pick) => {
        const txns = valid(list);
        fc.pre(txns.length > 0);
        const bench = server(0);
        for (const [i, each] of txns.entries()) {
          if (rolls.includes(i)) bench.run((db) => db.rollLog());
          bench.commit(each);
        }
        const count = (pick % txns.length) + 1;
        const to = txns[count - 1]?.header.zxid as Zxid;
        expect(bench.run((db) => db.truncateLog(to))).toBe(true);
        const expected = state(server(0).commit(...txns.slice(0, count)));
        expect(state(bench)).toEqual(expected);
        expect(bench.db.committedLog).toEqual(txns.slice(0, count));
        expect(bench.bodies('log-truncated')).toEqual([{ kind: 'log-truncated', to }]);
        expect(bench.bodies('tree-loaded').at(-1)).toMatchObject({ source: 'TRUNC', zxid: to });
        expect(bench.bodies('tree-loaded').at(-1)?.log).toHaveLength(count);
        expect(state(reboot(bench).boot())).toEqual(expected);
      }),
    );
  });

  test('storage.truncate-later-files: what begins behind the cut is deleted, what ends before it stays', () => {
    const bench = server(2);
    for (const n of [3, 5, 7]) {
      bench.run((db) => db.rollLog());
      bench.commit(...creates(n, n + 1));
    }
    expect(logged(bench.disk)).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
    ]);
    bench.run((db) => db.truncateLog(z(3)));
    expect(logged(bench.disk)).toEqual([[1, 2], [3]]);
  });

  test('storage.next-file: a torn entry ends its file, and the next file is read', () => {
    const bench = server(2);
    bench.run((db) => db.rollLog());
    bench.commit(...creates(3, 4));
    const [first = ''] = bench.disk.list('version-2/log.');
    bench.disk.truncate(first, writtenBytes(bench.disk, first) - 3);
    expect(reboot(bench).boot().db.lastProcessedZxid).toBe(z(4));
    expect(logged(bench.disk)).toEqual([[1], [3, 4]]);
  });

  test('storage.truncate: without an entry to cut behind it fails; an fsync from before says nothing afterwards', () => {
    const bench = server(3);
    expect(bench.run((db) => db.truncateLog(z(4)))).toBe(false);
    expect(server(0).run((db) => db.truncateLog(z(1)))).toBe(false);
    bench.run((db) => {
      creates(4, 5).forEach((each) => db.append(each));
      db.commitLog(() => undefined);
      db.truncateLog(z(4));
    });
    const before = bench.bodies('log-durable').length;
    bench.settle();
    expect(bench.bodies('log-durable')).toHaveLength(before);
    bench.commit(create(z(1, 2), '/again'));
    expect(logged(bench.disk)).toEqual([[1, 2, 3, 4], [1]]);
  });

  test('storage.truncate-keeps-snapshots: a snapshot above the cut brings back what was cut, as in the real server', () => {
    const bench = server(3);
    bench.run((db) => db.takeSnapshot({ sync: true }, () => undefined));
    bench.run((db) => db.truncateLog(z(2)));
    expect(bench.db.dataTree.node('/n3')).not.toBeNull();
  });

  test('storage.fast-forward: what is logged and not applied is applied, and fsynced soon', () => {
    const bench = server(2);
    bench.run((db) => creates(3, 4).forEach((each) => db.append(each)));
    expect(bench.run((db) => db.fastForward())).toBe(2);
    expect(bench.db.lastProcessedZxid).toBe(z(4));
    expect(bench.db.maxCommittedLog).toBe(z(4));
    expect(bench.bodies('tree-loaded')).toMatchObject([{ source: 'replay', zxid: z(4) }]);
    expect(bench.fsyncsWaiting).toBe(1);
    bench.settle();
    expect(bench.run((db) => db.fastForward())).toBe(0);
    expect(bench.bodies('tree-loaded')).toHaveLength(1);
    expect(bench.fsyncsWaiting).toBe(0);
  });

  test('storage.committed-log, storage.committed-log-size: one more than commitLogCount is kept; empty, both ends are lastProcessedZxid', () => {
    const bench = server(0, { commitLogCount: 3 });
    bench.run((db) => db.setLastProcessedZxid(z(0, 4)));
    expect([bench.db.minCommittedLog, bench.db.maxCommittedLog]).toEqual([z(0, 4), z(0, 4)]);
    bench.run((db) => creates(1, 9).forEach((each) => db.addCommittedProposal(each)));
    expect([bench.db.minCommittedLog, bench.db.maxCommittedLog, bench.db.committedLog.length]).toEqual([z(6), z(9), 4]);
    bench.run((db) => db.addCommittedProposal(create(z(7), '/again')));
    expect(bench.db.committedLog).toHaveLength(4);
  });

  test('proposalsFromTxnLog: from the file that may hold the peer up to the minimum of committedLog', () => {
    const bench = server(0, { commitLogCount: 1 });
    bench.commit(...creates(1, 3));
    bench.run((db) => db.rollLog());
    bench.commit(...creates(4, 8));
    const zxids = (peer: Zxid): readonly number[] | string => {
      const answer = bench.run((db) => db.proposalsFromTxnLog(peer));
      return 'unusable' in answer ? answer.unusable : answer.txns.map(({ header }) => header.zxid % 2 ** 32);
    };
    expect(zxids(z(5))).toEqual([4, 5, 6, 7]);
    // From here two files are needed, and the second counts with its zeros: more than a third of the snapshot.
    expect(zxids(z(2))).toMatch(/^The log files take \d+ bytes, more than \d+, the share of the snapshot's size\.$/);
    expect(zxids(z(0))).toMatch(/^The log files take/);
    expect(new Bench(bench.disk, { snapshotSizeFactor: -1 }).db.proposalsFromTxnLog(z(5))).toHaveProperty('unusable');
    const generous = new Bench(bench.disk, { snapshotSizeFactor: 1000, commitLogCount: 1 }).boot();
    expect(generous.db.proposalsFromTxnLog(z(2))).toMatchObject({ txns: { length: 7 } });
    expect(generous.db.proposalsFromTxnLog(z(0))).toEqual({
      unusable: 'The log on disk begins at 0x100000001, above 0x100000000.',
    });
  });
});

describe('snapshots', () => {
  test('storage.snapshot-received, storage.committed-log-snap: SNAP gives the receiver the sender’s tree and sessions, and empties committedLog', () => {
    fc.assert(
      fc.property(wishes, wishes, (mine, theirs) => {
        const receiver = server(0).commit(...valid(mine));
        const sender = server(0).commit(...valid(theirs, new DataTree(), z(1, 50)));
        fc.pre(theirs.length > 0 && sender.db.lastProcessedZxid > 0);
        const bytes = sender.db.serializeSnapshot();
        expect(receiver.run((db) => db.loadSnapshot(bytes, sender.db.lastProcessedZxid))).toBe(true);
        expect(znodes(receiver)).toEqual(znodes(sender));
        expect(receiver.db.sessionsWithTimeouts).toEqual(sender.db.sessionsWithTimeouts);
        expect(receiver.db.committedLog).toEqual([]);
        expect(receiver.bodies('tree-loaded')).toMatchObject([{ source: 'SNAP', log: [] }]);
      }),
    );
  });

  test('a SNAP with any one byte changed or cut off is refused, and nothing changes', () => {
    const bytes = server(0)
      .commit(create(z(1), '/a', { data: 'x' }), create(z(2), '/e', { ephemeral: S1 }))
      .db.serializeSnapshot();
    const receiver = server(1);
    const before = state(receiver);
    for (let at = 0; at < bytes.length; at++) {
      // Magic, version and dbid: only the magic number is looked at, but the checksum covers all.
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      // The text "/" of a seal is read and ignored, as in `SnapStream.checkSealIntegrity`; later seals cover the earlier ones.
      if (at < bytes.length - 1) expect(receiver.run((db) => db.loadSnapshot(changed, z(2)))).toBe(false);
    }
    expect(state(receiver)).toEqual(before);
    expect(receiver.bodies('tree-loaded')).toEqual([]);
  });

  test('a snapshot cut anywhere is refused, or ends behind a seal and is whole', () => {
    const bench = server(2);
    const bytes = bench.db.serializeSnapshot();
    let whole = 0;
    for (let length = 0; length <= bytes.length; length++) {
      try {
        decodeSnapshot(bytes.slice(0, length), z(2));
        whole++;
      } catch (error) {
        expect(String(error)).toMatch(/^JuteError: /);
      }
    }
    // Behind each of the two seals.
    expect(whole).toBe(2);
  });

  test('storage.snapshot-synced, storage.log-roll: takeSnapshot with sync waits for its fsync; its log begins anew', () => {
    const bench = server(2);
    const done: string[] = [];
    bench.run((db) => db.takeSnapshot({ sync: true }, () => done.push('durable')));
    expect(done).toEqual([]);
    bench.settle();
    expect(done).toEqual(['durable']);
    expect(bench.bodies('snapshot-taken').at(-1)).toMatchObject({ zxid: z(2) });
    bench.commit(...creates(3, 3));
    expect(logged(bench.disk)).toEqual([[1, 2], [3]]);
    bench.run((db) => db.takeSnapshot({ sync: false, roll: false }, () => done.push('written')));
    expect(done).toEqual(['durable', 'written']);
    bench.commit(...creates(4, 4));
    expect(logged(bench.disk)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('storage.snapshot-threshold: after snapCount / 2 and a random part of the same size', () => {
    const seen = new Set<number>();
    for (let incarnation = 0; incarnation < 40; incarnation++) {
      const bench = new Bench(new MemoryDisk(), { snapCount: 10 }, incarnation).boot();
      let counter = 0;
      do {
        counter++;
        const [each] = creates(counter, counter);
        if (each) bench.run((db) => db.append(each));
      } while (!bench.run((db) => db.shouldSnapshot()));
      seen.add(counter);
    }
    expect([...seen].sort((a, b) => a - b)).toEqual([6, 7, 8, 9, 10]);
  });

  test('storage.snapshot-redrawn: from one snapshot to the next the threshold differs', () => {
    const bench = new Bench(new MemoryDisk(), { snapCount: 100 }).boot();
    const lengths: number[] = [];
    for (let counter = 1, since = 0; lengths.length < 6; counter++) {
      const [each] = creates(counter, counter);
      if (each) bench.run((db) => db.append(each));
      since++;
      if (!bench.run((db) => db.shouldSnapshot())) continue;
      lengths.push(since);
      since = 0;
      bench.run((db) => db.rollLog());
    }
    expect(new Set(lengths).size).toBeGreaterThan(3);
    expect(Math.min(...lengths)).toBeGreaterThan(50);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(100);
  });

  test('clear forgets the tree; load brings it back from disk', () => {
    const bench = server(2);
    const before = state(bench);
    bench.run((db) => db.clear());
    expect(bench.db.lastProcessedZxid).toBe(0);
    bench.boot();
    expect(state(bench)).toEqual(before);
  });
});

describe('epochs', () => {
  test('storage.epoch-file: the new epoch holds when its file is durable, not before', () => {
    const bench = server(0);
    const done: string[] = [];
    bench.run((db) => db.saveEpoch('acceptedEpoch', epoch(120), () => done.push(String(db.acceptedEpoch))));
    expect([bench.db.acceptedEpoch, done]).toEqual([100, []]);
    const crashed = new Bench(MemoryDisk.fromImage(bench.disk.image())).boot();
    expect(crashed.db.acceptedEpoch).toBe(100);
    bench.settle();
    expect([bench.db.acceptedEpoch, done]).toEqual([120, ['120']]);
    expect(bench.bodies('epoch-saved').slice(2)).toEqual([{ kind: 'epoch-saved', file: 'acceptedEpoch', epoch: 120 }]);
    expect(bench.disk.crash(Random.stream(1, 'crash'))).toEqual([]);
    expect(reboot(bench).boot().db.acceptedEpoch).toBe(120);
  });

  test('storage.epoch-file: saves of one file are made one after the other', () => {
    const bench = server(0);
    const done: number[] = [];
    bench.run((db) => {
      db.saveEpoch('acceptedEpoch', epoch(1), () => done.push(1));
      db.saveEpoch('acceptedEpoch', epoch(2), () => done.push(2));
      db.saveEpoch('currentEpoch', epoch(1), () => done.push(3));
    });
    bench.settle();
    expect(done).toEqual([1, 3, 2]);
    expect([bench.db.acceptedEpoch, bench.db.currentEpoch]).toEqual([2, 1]);
  });
});

describe('presetDisk', () => {
  test('a server boots from what was written', () => {
    const disk = new MemoryDisk();
    const nodes = [
      { path: '/a', data: new TextEncoder().encode('1') },
      { path: '/a/b', data: null },
    ];
    const log = [create(z(6, 2), '/c'), txn(z(1, 3), { type: 'delete', path: '/a/b' })];
    expect(presetDisk(disk, { acceptedEpoch: 4, currentEpoch: 3, snapshot: { zxid: z(5, 2), nodes }, log })).toEqual({
      ok: true,
    });
    const bench = new Bench(MemoryDisk.fromImage(disk.image())).boot();
    expect(bench.bodies('recovered')).toMatchObject([
      { snapshot: z(5, 2), replayed: 2, lastZxid: z(1, 3), acceptedEpoch: 4, currentEpoch: 3 },
    ]);
    expect(bench.db.dataTree.getChildren('/')).toEqual(['a', 'c', 'zookeeper']);
    expect(bench.db.dataTree.stat('/a')).toMatchObject({
      czxid: z(5, 2),
      numChildren: 0,
      pzxid: z(1, 3),
      dataLength: 1,
    });
  });

  test('what cannot be is refused', () => {
    const refused = (preset: Parameters<typeof presetDisk>[1]): unknown => presetDisk(new MemoryDisk(), preset);
    expect(refused({ snapshot: { zxid: z(1), nodes: [{ path: '/a/b', data: null }] } })).toEqual({
      ok: false,
      reason: 'The snapshot cannot hold /a/b: NONODE.',
    });
    expect(refused({ log: [create(z(2), '/a'), create(z(2), '/b')] })).toEqual({
      ok: false,
      reason: 'The log cannot hold 0x100000002 behind 0x100000002.',
    });
  });
});
