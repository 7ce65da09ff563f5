/** The files byte for byte, built by hand from the description of the format. */
import fc from 'fast-check';
import { gzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { adler32 } from '../../../src/engine/storage/adler32.ts';
import { MemoryDisk } from '../../../src/engine/storage/index.ts';
import {
  decodeSnapshot,
  decodeSnapshotFile,
  encodeSnapshot,
  findSnapshots,
  snapshotBlocks,
} from '../../../src/engine/storage/snapshot.ts';
import { paddedSize, TxnLog } from '../../../src/engine/storage/txn-log.ts';
import { DataTree } from '../../../src/engine/tree/data-tree.ts';
import {
  copiedTableLength,
  GrownSet,
  inBuckets,
  inConcurrentMap,
  longHash,
  stringHash,
  tableLength,
} from '../../../src/engine/tree/java-hash.ts';
import { JuteError } from '../../../src/protocol/jute/codec.ts';
import { sessionId } from '../../../src/protocol/ids.ts';
import type { ZooConfig } from '../../../src/protocol/config.ts';
import { epoch, makeZxid, type Zxid } from '../../../src/protocol/zxid.ts';
import { Bench, create, reboot, S1, txn, valid, wishes } from './bench.ts';

const z = (counter: number): Zxid => makeZxid(1, counter);
const LOG = 'version-2/log.100000001';

/** Big-endian numbers of the given sizes, texts with their lengths, and hex as it is. */
function bytes(...parts: readonly (readonly [size: 1 | 4 | 8, value: number | bigint] | string)[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat(
      parts.map((part) => {
        if (typeof part === 'string') {
          const length = Buffer.alloc(4);
          length.writeInt32BE(part.length);
          return Buffer.concat([length, Buffer.from(part)]);
        }
        const [size, value] = part;
        const buffer = Buffer.alloc(8);
        buffer.writeBigInt64BE(BigInt.asIntN(64, BigInt(value)));
        return buffer.subarray(8 - size);
      }),
    ),
  );
}
function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
function sealed(content: Uint8Array): Uint8Array {
  return joined(content, bytes([8, adler32(content)], '/'));
}

/** A started server of a late epoch. */
function server(zoo: Partial<ZooConfig> = {}): Bench {
  const bench = new Bench(new MemoryDisk(), zoo).boot();
  bench.run((db) => {
    for (const file of ['acceptedEpoch', 'currentEpoch'] as const) db.saveEpoch(file, epoch(100), () => undefined);
  });
  bench.settle();
  return bench;
}

describe('the log', () => {
  test('storage.log-format, storage.log-name: header, then checksum, length, header and record of the transaction, B', () => {
    const bench = server({ preAllocSize: 1 });
    bench.commit(txn(z(1), { type: 'createSession', timeout: 4000 }, S1));
    const time = 1_767_225_600_000 + (z(1) % 1000);
    const body = bytes([8, 0x100_0000_0001n], [4, 1], [8, z(1)], [8, time], [4, -10], [4, 4000]);
    const written = joined(
      bytes([4, 0x5a4b4c47], [4, 2], [8, 0]),
      bytes([8, adler32(body)], [4, body.length]),
      body,
      bytes([1, 0x42]),
    );
    expect(bench.disk.read(LOG)?.slice(0, written.length)).toEqual(written);
  });

  test('storage.txn-result, storage.digest: a create holds its parent’s cversion, a setData its version; a digest follows', () => {
    const disk = new MemoryDisk();
    const log = new TxnLog(disk);
    const digest = { version: 2, treeDigest: 0x51c6f620n };
    log.append({ ...create(z(1), '/a', { data: 'x', parentCVersion: 7 }), digest });
    log.append(txn(z(2), { type: 'setData', path: '/a', data: null, version: 3 }));
    const time = 1_767_225_600_000;
    const header = (zxid: Zxid, type: number): Uint8Array =>
      bytes([8, 0], [4, 1], [8, zxid], [8, time + (zxid % 1000)], [4, type]);
    const first = joined(
      header(z(1), 1),
      bytes('/a', 'x', [4, 1], [4, 31], 'world', 'anyone', [1, 0], [4, 7], [4, 2], [8, 0x51c6f620]),
    );
    const second = joined(header(z(2), 5), bytes('/a', [4, -1], [4, 3]));
    const entry = (body: Uint8Array): Uint8Array =>
      joined(bytes([8, adler32(body)], [4, body.length]), body, bytes([1, 0x42]));
    expect(disk.read(LOG)?.slice(16)).toEqual(joined(entry(first), entry(second)));
  });

  test('storage.preallocation: less than 4096 bytes before the end the file grows by preAllocSize', () => {
    expect(paddedSize(16, 16, 65_536)).toBe(65_552);
    expect(paddedSize(61_456, 65_552, 65_536)).toBe(131_088);
    expect(paddedSize(61_455, 65_552, 65_536)).toBe(65_552);
    // Written past the end: to a multiple above it.
    expect(paddedSize(70_000, 65_552, 65_536)).toBe(131_072);
    expect(paddedSize(70_000, 65_552, 0)).toBe(65_552);
    const bench = server({ preAllocSize: 64 });
    bench.commit(create(z(1), '/a'));
    expect(bench.disk.size(LOG)).toBe(16 + 65_536);
    for (let i = 0; i < 62; i++) bench.commit(create(z(2 + i), `/n${i}`, { data: 'x'.repeat(1000) }));
    const large = bench.disk.read(LOG);
    expect(large?.length).toBe(16 + 2 * 65_536);
    expect(large?.at(-1)).toBe(0);
    expect(reboot(bench).boot().db.lastProcessedZxid).toBe(z(63));
  });

  test('storage.log-size-limit: a file above the limit is not continued after its fsync', () => {
    const bench = server({ preAllocSize: 1, txnLogSizeLimitInKb: 2 });
    bench.commit(create(z(1), '/a', { data: 'x'.repeat(500) }));
    bench.commit(create(z(2), '/b', { data: 'x'.repeat(1000) }));
    bench.commit(create(z(3), '/c', { data: 'x'.repeat(1000) }));
    bench.commit(create(z(4), '/d'));
    const files = bench.disk.list('version-2/log.');
    expect(files.length).toBeGreaterThan(1);
    expect(reboot(bench).boot().db.lastProcessedZxid).toBe(z(4));
    const all = server();
    for (let i = 1; i < 9; i++) all.commit(create(z(i), `/n${i}`, { data: 'x'.repeat(1000) }));
    expect(all.disk.list('version-2/log.')).toHaveLength(1);
  });

  test('storage.append-order: a zxid that is not above the last one is logged all the same', () => {
    const disk = new MemoryDisk();
    const log = new TxnLog(disk);
    log.append(create(z(2), '/a'));
    log.append(create(z(1), '/b'));
    expect([...log.readFrom(z(1))].map(({ txn: { header } }) => header.zxid)).toEqual([z(2), z(1)]);
  });

  test('storage.torn-tail, storage.log-end: cut or zeroed at every byte, the log is a prefix of itself', () => {
    const bench = server({ preAllocSize: 1 });
    bench.commit(...[1, 2, 3].map((n) => create(z(n), `/n${n}`, { data: 'data' })));
    const image = bench.disk.image();
    // With a few of the zeros.
    const whole = bench.disk.read(LOG)?.slice(0, 330) ?? new Uint8Array(0);
    const ends: number[] = [];
    for (let cut = 16; cut <= whole.length; cut++) {
      for (const zeros of [false, true]) {
        const disk = MemoryDisk.fromImage(image);
        const left = whole.slice(0, zeros ? whole.length : cut);
        left.fill(0, cut);
        disk.write(LOG, left);
        const again = new Bench(disk).boot();
        const count = Number(again.db.lastProcessedZxid === 0 ? 0 : again.db.lastProcessedZxid - z(0));
        expect(again.db.dataTree.getChildren('/')?.length).toBe(count + 1);
        if (zeros) ends.push(count);
      }
    }
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    expect(new Set(ends)).toEqual(new Set([0, 1, 2, 3]));
  });
});

describe('snapshots', () => {
  const NO_STAT = bytes([8, 0], [8, 0], [8, 0], [8, 0], [4, 0], [4, 0], [4, 0], [8, 0], [8, 0]);

  test('storage.snapshot-format: header, sessions, ACLs, znodes, end, seal, digest, seal', () => {
    const tree = new DataTree();
    const s2 = sessionId(2n);
    tree.processTxn(create(z(1), '/e', { ephemeral: s2, data: 'x' }));
    const time = 1_767_225_600_000 + (z(1) % 1000);
    const rootStat = bytes([8, 0], [8, 0], [8, 0], [8, 0], [4, 0], [4, 1], [4, 0], [8, 0], [8, z(1)]);
    const content = joined(
      bytes([4, 0x5a4b534e], [4, 2], [8, -1]),
      bytes([4, 1], [8, 2], [4, 4000]),
      // Number 1 is that of /zookeeper/config.
      bytes([4, 2], [8, 1], [4, 1], [4, 1], 'world', 'anyone', [8, 2], [4, 1], [4, 31], 'world', 'anyone'),
      joined(bytes('', '', [8, -1]), rootStat),
      joined(bytes('/zookeeper', '', [8, -1]), NO_STAT),
      joined(bytes('/zookeeper/config', '', [8, 1])),
      bytes([8, 0], [8, 0], [8, 0], [8, 0], [4, 0], [4, 0], [4, -1], [8, 0], [8, 0]),
      joined(bytes('/zookeeper/quota', '', [8, -1]), NO_STAT),
      bytes('/e', 'x', [8, 2], [8, z(1)], [8, z(1)], [8, time], [8, time], [4, 0], [4, 0], [4, 0], [8, 2], [8, z(1)]),
      bytes('/'),
    );
    const digest = { zxid: z(1), digestVersion: 2, digest: tree.treeDigest };
    const file = sealed(joined(sealed(content), bytes([8, z(1)], [4, 2], [8, tree.treeDigest])));
    const sessions = new Map([[s2, 4000]]);
    expect(encodeSnapshot({ tree, sessions, digest: () => digest })).toEqual(file);
    expect(encodeSnapshot({ tree, sessions })).toEqual(sealed(content));
    // Without a transaction yet.
    const empty = encodeSnapshot({ tree, sessions, digest: () => null });
    expect(empty).toEqual(sealed(joined(sealed(content), bytes([8, 0], [4, 2], [8, 0]))));
  });

  test('files of 3.9, which end in lastProcessedZxid and a third seal, are read', () => {
    const tree = new DataTree();
    const file = encodeSnapshot({ tree, sessions: new Map(), digest: () => null });
    const later = sealed(joined(file, bytes([8, z(9)])));
    expect(decodeSnapshot(later, z(1)).tree.lastProcessedZxid).toBe(z(1));
    const changed = later.slice();
    changed[file.length + 7] = 1;
    expect(() => decodeSnapshot(changed, z(1))).toThrow('a checksum is wrong');
  });

  test('storage.snapshot-format: what is written is read again, in however many blocks', () => {
    fc.assert(
      fc.property(wishes, fc.nat(12_000), (list, size) => {
        const tree = new DataTree();
        for (const each of valid(list, tree)) expect(each.header.zxid).toBeGreaterThan(0);
        tree.processTxn(create(z(2 ** 20), '/large', { data: 'x'.repeat(size) }));
        const source = { tree, sessions: new Map([[S1, 1]]), digest: () => null };
        const file = encodeSnapshot(source);
        expect(Buffer.concat([...snapshotBlocks(source)]).equals(file)).toBe(true);
        const again = decodeSnapshot(file, z(7));
        expect(Buffer.from(encodeSnapshot({ ...again, digest: () => null })).equals(file)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('a gzipped snapshot is read, one of snappy refused in words, a wrong length of gzip refused', () => {
    const bench = server().commit(create(z(1), '/a'));
    const plain = bench.db.serializeSnapshot();
    bench.disk.write('version-2/snapshot.100000001.gz', gzipSync(plain));
    expect(findSnapshots(bench.disk)[0]?.file).toBe('version-2/snapshot.100000001.gz');
    const again = reboot(bench).boot();
    expect(again.bodies('recovered')).toMatchObject([{ snapshot: z(1), replayed: 0 }]);
    const bomb = gzipSync(plain);
    bomb.set([255, 255, 255, 127], bomb.length - 4);
    bench.disk.write('version-2/snapshot.100000001.gz', bomb);
    expect(reboot(bench).boot().bodies('recovered')).toMatchObject([{ snapshot: 0, replayed: 1 }]);
    bench.disk.write('version-2/snapshot.100000002.snappy', bytes([8, 0x82534e4150505900n]));
    const result = reboot(bench).run((db) => db.load());
    expect(result).toEqual({
      ok: false,
      reason: 'version-2/snapshot.100000002.snappy is compressed with snappy, which cannot be read here.',
    });
  });

  test('a packed snapshot that would unpack to gigabytes is refused before any room is made for it', () => {
    // One MiB that says of itself that it unpacks to one GiB, which deflate could do.
    const bomb = new Uint8Array(2 ** 20);
    new DataView(bomb.buffer).setUint32(bomb.length - 4, 2 ** 30, true);
    const file = { file: 'version-2/snapshot.1.gz', zxid: z(1) };
    expect(() => decodeSnapshotFile(file, bomb, false)).toThrow('unpacks to 1073741824 bytes, more than 268435456');
  });

  test('any bytes are read as a snapshot or refused with a JuteError', () => {
    const file = encodeSnapshot({ tree: new DataTree(), sessions: new Map() });
    const changed = fc.tuple(fc.nat(file.length - 1), fc.nat(255)).map(([at, byte]) => file.with(at, byte));
    fc.assert(
      fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), (given) => {
        try {
          decodeSnapshot(given, z(1));
        } catch (error) {
          expect(error).toBeInstanceOf(JuteError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('orders of Java', () => {
  test('hash codes', () => {
    expect([stringHash(''), stringHash('zookeeper'), stringHash('\u00fc')]).toEqual([0, 1_600_681_804, 252]);
    expect([longHash(1n), longHash(0x1_0000_0001n), longHash(0xffff_ffff_ffff_ffffn)]).toEqual([1, 0, 0]);
  });

  test('tables', () => {
    expect([0, 6, 7, 12, 13].map((size) => tableLength(size, 8))).toEqual([8, 8, 16, 16, 32]);
    expect([0, 1, 3, 6, 7, 12].map((size) => copiedTableLength(size))).toEqual([1, 2, 8, 16, 16, 32]);
    // A HashSet of these walks its buckets: b and r share one of 16.
    expect(inBuckets(['r', 'b', 'a'], 16, stringHash)).toEqual(['a', 'r', 'b']);
    const set = new GrownSet<string>();
    for (const each of ['a', 'b', 'c']) set.add(each);
    set.delete('a');
    expect([set.size, set.sizeMax]).toEqual([2, 3]);
  });

  test('a ConcurrentHashMap turns around what it moves', () => {
    const hash = (value: number): number => value;
    expect(inConcurrentMap([16, 0, 32, 1], hash)).toEqual([16, 0, 32, 1]);
    // With twelve entries the table doubles: of bucket 0 the last one stays as it is, those before are put in front of it.
    const twelve = [48, 16, 0, 32, ...[1, 2, 3, 4, 5, 6, 7, 8]];
    expect(inConcurrentMap(twelve, hash)).toEqual([0, 32, 1, 2, 3, 4, 5, 6, 7, 8, 16, 48]);
  });
});
