/**
 * Digests of the tree (`DigestCalculator`, `AdHash`, `NodeHashMapImpl`, `DataTree.compareDigest`): a CRC-32 of
 * each node, added up. Leaders put the digest that the tree will have into each transaction, and every server
 * compares when it has applied it. A mismatch is told and counted, no more.
 *
 * Nodes below `/zookeeper` do not count: servers write statistics of quotas there by themselves.
 */
import { NO_SESSION } from '../../protocol/ids.ts';
import type { TxnDigest } from '../../protocol/txns.ts';
import type { ZnodeData } from '../../protocol/znode.ts';
import type { Zxid } from '../../protocol/zxid.ts';
import type { StatPersisted } from './data-node.ts';

export const DIGEST_VERSION = 2;
const UNCOUNTED = '/zookeeper/';
/** Of these zxids the digest is kept, for the last so many of them (`DIGEST_LOG_INTERVAL`, `DIGEST_LOG_LIMIT`). */
const LOG_INTERVAL = 128;
const LOG_LIMIT = 1024;
const BITS_64 = (1n << 64n) - 1n;

/** The digest after a transaction (`DataTree.ZxidDigest`). */
export interface ZxidDigest {
  readonly zxid: Zxid;
  readonly digestVersion: number;
  readonly digest: bigint;
}

/** What a byte does to the checksum when 0, 1, 2 or 3 bytes follow it: four bytes are taken at once. */
const CRC_TABLES = crcTables();

function crcTables(): readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array] {
  const last = Uint32Array.from({ length: 256 }, (_, n) => {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    return crc;
  });
  const before = (table: Uint32Array): Uint32Array => table.map((crc) => (crc >>> 8) ^ (last[crc & 0xff] ?? 0));
  const third = before(last);
  const second = before(third);
  return [last, third, second, before(second)];
}

/** CRC-32 of zip and Ethernet; `crc` continues an earlier one. */
export function crc32(bytes: Uint8Array, crc = 0): number {
  const [last, third, second, first] = CRC_TABLES;
  let rest = ~crc;
  let at = 0;
  for (const end = bytes.length - 3; at < end; at += 4) {
    rest ^=
      (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    rest =
      (first[rest & 0xff] ?? 0) ^
      (second[(rest >>> 8) & 0xff] ?? 0) ^
      (third[(rest >>> 16) & 0xff] ?? 0) ^
      (last[rest >>> 24] ?? 0);
  }
  for (; at < bytes.length; at++) rest = (last[(rest ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (rest >>> 8);
  return ~rest >>> 0;
}

const encoder = new TextEncoder();
const SURROGATE = /[\ud800-\udfff]/;
const numbers = new DataView(new ArrayBuffer(60));
const numberBytes = new Uint8Array(numbers.buffer);

/**
 * The digest of one node, 32 bits (`DigestCalculator.calculateDigest`): of path, data, and the Stat as it is kept.
 * The root's path counts as empty.
 */
export function nodeDigest(path: string, data: ZnodeData, stat: Readonly<StatPersisted>): number {
  if (path.startsWith(UNCOUNTED)) return 0;
  let crc = path === '/' ? 0 : crc32(pathBytes(path));
  if (data !== null) crc = crc32(data, crc);
  setLong(0, stat.czxid);
  setLong(8, stat.mzxid);
  setLong(16, stat.pzxid);
  setLong(24, stat.ctime);
  setLong(32, stat.mtime);
  numbers.setInt32(40, stat.version);
  numbers.setInt32(44, stat.cversion);
  numbers.setInt32(48, stat.aversion);
  numbers.setBigUint64(52, stat.ephemeralOwner === NO_SESSION ? 0n : BigInt(stat.ephemeralOwner));
  return crc32(numberBytes, crc);
}

function setLong(at: number, value: number): void {
  numbers.setInt32(at, Math.floor(value / 2 ** 32));
  numbers.setUint32(at + 4, value % 2 ** 32);
}

/** `String.getBytes` puts a question mark where a surrogate stands alone. */
function pathBytes(path: string): Uint8Array {
  return encoder.encode(SURROGATE.test(path) ? path.replace(/[\ud800-\udfff]/gu, '?') : path);
}

/** A node that remembers its share of the sum; 0 before it was counted. */
interface Digested {
  readonly data: ZnodeData;
  readonly stat: Readonly<StatPersisted>;
  digest: number;
}

/** The sum over all nodes. Fewer than 2^21 nodes of 32 bits each: a double holds it exactly. */
export class TreeDigest {
  #sum = 0;

  get value(): bigint {
    return BigInt(this.#sum);
  }

  /** Counts a node that is new or has changed. */
  put(path: string, node: Digested): void {
    const digest = nodeDigest(path, node.data, node.stat);
    this.#sum += digest - node.digest;
    node.digest = digest;
  }

  remove(node: Digested): void {
    this.#sum -= node.digest;
    node.digest = 0;
  }
}

/** What a leader foresees: the digest of the tree once a node was added, changed or removed. */
export function foreseenDigest(treeDigest: bigint, before: number, after: number): bigint {
  return (treeDigest + BigInt(after - before)) & BITS_64;
}

/** What the digests that a tree has had and should have had come to; one for each tree. */
export class DigestLog {
  readonly #mismatch: (zxid: Zxid, expected: bigint, actual: bigint) => void;
  /** Of a snapshot: before the tree has reached it, the tree may be none that ever was. */
  #fromSnapshot: ZxidDigest | null = null;
  #last: ZxidDigest | null = null;
  readonly #log: ZxidDigest[] = [];

  /** `mismatch` is called for each digest that is not as expected. */
  constructor(mismatch: (zxid: Zxid, expected: bigint, actual: bigint) => void) {
    this.#mismatch = mismatch;
  }

  /** After the last transaction that was applied; null before the first (`lastProcessedZxidDigest`). */
  get last(): ZxidDigest | null {
    return this.#last;
  }

  /** Of every 128th zxid, the last 1024, oldest first (`getDigestLog`). */
  get recent(): readonly ZxidDigest[] {
    return this.#log;
  }

  /** A snapshot was loaded that is named by `zxid` and holds `digest`, if any (`DataTree.deserializeZxidDigest`). */
  loaded(zxid: Zxid, digest: ZxidDigest | null, actual: bigint): void {
    // A new leader's snapshot is named (epoch, 0), above the last transaction that its digest is of.
    this.#fromSnapshot = digest && digest.zxid > 0 && digest.zxid >= zxid ? digest : null;
    if (this.#fromSnapshot) this.#compareSnapshot(zxid, actual);
  }

  /** A transaction was applied (`DataTree.processTxn`, `compareDigest`). */
  applied(zxid: Zxid, expected: TxnDigest | undefined, actual: bigint): void {
    if (this.#fromSnapshot) this.#compareSnapshot(zxid, actual);
    else this.#keep({ zxid, digestVersion: DIGEST_VERSION, digest: actual });
    if (!expected || this.#fromSnapshot || expected.version !== DIGEST_VERSION) return;
    if (expected.treeDigest !== actual) this.#mismatch(zxid, expected.treeDigest, actual);
  }

  /** A snapshot whose zxid never comes leaves the comparison off for good, as in the real server. */
  #compareSnapshot(zxid: Zxid, actual: bigint): void {
    const expected = this.#fromSnapshot;
    if (expected?.zxid !== zxid) return;
    this.#fromSnapshot = null;
    if (expected.digestVersion === DIGEST_VERSION && expected.digest !== actual)
      this.#mismatch(zxid, expected.digest, actual);
  }

  #keep(digest: ZxidDigest): void {
    this.#last = digest;
    if (digest.zxid % LOG_INTERVAL !== 0) return;
    this.#log.push(digest);
    if (this.#log.length > LOG_LIMIT) this.#log.shift();
  }
}
