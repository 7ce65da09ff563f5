/**
 * Snapshots in ZooKeeper's file format (`FileSnap`, `SnapStream`, `SerializeUtils`, `DataTree.serialize`).
 * The same bytes travel in SNAP.
 *
 * The files are those of 3.8: header, sessions, ACLs, nodes, seal, and with digests the digest of the tree and
 * a second seal. Servers of 3.9 add lastProcessedZxid and a third seal, which those of 3.8 pass over. All of them
 * are read here.
 */
import { gunzipSync } from 'fflate';
import type { SessionId } from '../../protocol/ids.ts';
import { int, JuteError, JuteReader, JuteWriter, ustring } from '../../protocol/jute/codec.ts';
import {
  aclEntry,
  dataNode,
  fileHeader,
  seal,
  sessionTimeout,
  zxid as zxidCodec,
  zxidDigest,
} from '../../protocol/jute/records.ts';
import { childPath } from '../../protocol/znode.ts';
import { ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts';
import type { Disk } from '../disk.ts';
import type { StoredZnode } from '../tree/data-node.ts';
import { DataTree } from '../tree/data-tree.ts';
import { DIGEST_VERSION, type ZxidDigest } from '../tree/digest.ts';
import { copiedTableLength, inBuckets, inConcurrentMap, longHash, stringHash, tableLength } from '../tree/java-hash.ts';
import { adler32 } from './adler32.ts';
import { listFiles, type NumberedFile } from './files.ts';

/** "ZKSN" */
const SNAP_MAGIC = 0x5a4b534e;
const SNAP_VERSION = 2;
/** The path behind the last znode, and the text of each seal. */
const END = '/';
/** How many snapshots are tried at start. */
const CANDIDATES_MAX = 100;
/** Bytes that a snapshot is written in at a time (`BufferedOutputStream`). */
const BLOCK_BYTES = 8192;
/** Deflate makes at most so many bytes of one. */
const GZIP_RATIO_MAX = 1032;
/** No packed snapshot larger than this is unpacked, bytes: a few megabytes must not ask for gigabytes. */
const UNPACKED_MAX = 256 * 1024 * 1024;

/** What a snapshot is written of. */
export interface SnapshotSource {
  readonly tree: DataTree;
  readonly sessions: ReadonlyMap<SessionId, number>;
  /** Of the last transaction that the tree holds when the nodes are written; undefined: digests are off. */
  readonly digest?: () => ZxidDigest | null;
}

/** What a snapshot holds. */
export interface SnapshotContent {
  readonly tree: DataTree;
  readonly sessions: ReadonlyMap<SessionId, number>;
  /** Null if it holds none. */
  readonly digest: ZxidDigest | null;
}

/**
 * The bytes of a snapshot, block after block. Sessions and ACLs are as they are at the first block; each node is
 * as it is when its turn comes, so that the tree may change from block to block: a fuzzy snapshot.
 */
export function* snapshotBlocks(
  { tree, sessions, digest }: SnapshotSource,
  blockBytes = BLOCK_BYTES,
): Generator<Uint8Array> {
  const out = new JuteWriter();
  let checksum = 1;
  const take = (): Uint8Array => {
    const bytes = out.take();
    checksum = adler32(bytes, checksum);
    return bytes;
  };
  const writeSeal = (): void => {
    const bytes = out.finish();
    seal.write(out, { checksum: adler32(bytes, checksum), path: END });
  };
  fileHeader.write(out, { magic: SNAP_MAGIC, version: SNAP_VERSION, dbid: -1 });
  int.write(out, sessions.size);
  for (const [id, timeout] of sessionOrder(sessions)) sessionTimeout.write(out, { id, timeout });
  const acls = aclOrder(tree);
  int.write(out, acls.length);
  for (const entry of acls) aclEntry.write(out, entry);
  // Depth first; a node that is gone when its turn comes is left out with all below it.
  const waiting = ['/'];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const node = tree.storedNode(path);
    if (!node) continue;
    ustring.write(out, path === '/' ? '' : path);
    dataNode.write(out, { data: node.data, acl: node.aclIndex, stat: node.stat });
    for (const child of childOrder(node).toReversed()) waiting.push(childPath(path, child));
    if (out.length >= blockBytes) yield take();
  }
  ustring.write(out, END);
  writeSeal();
  if (digest) {
    zxidDigest.write(out, digest() ?? { zxid: ZXID_ZERO, digestVersion: DIGEST_VERSION, digest: 0n });
    writeSeal();
  }
  yield take();
}

/** The bytes of a snapshot as everything is now. */
export function encodeSnapshot(source: SnapshotSource): Uint8Array {
  const blocks = [...snapshotBlocks(source)];
  const bytes = new Uint8Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    bytes.set(block, at);
    at += block.length;
  }
  return bytes;
}

/**
 * The inverse of {@link encodeSnapshot}; the tree's lastProcessedZxid is set to `zxid`. The parts behind the first
 * seal may be missing, as older servers leave them out, and what stands behind the last one does not count.
 * What is made of the bytes takes memory in proportion to them.
 * @throws JuteError if the bytes are no whole snapshot or a checksum is wrong.
 */
export function decodeSnapshot(bytes: Uint8Array, zxid: Zxid, extendedTypesEnabled = false): SnapshotContent {
  const input = new JuteReader(bytes);
  if (fileHeader.read(input).magic !== SNAP_MAGIC) throw new JuteError('no snapshot: its magic number is wrong');
  const sessions = new Map<SessionId, number>();
  for (let left = input.count(); left > 0; left--) {
    const { id, timeout } = sessionTimeout.read(input);
    sessions.set(id, timeout);
  }
  const acls = [];
  for (let left = input.count(); left > 0; left--) acls.push(aclEntry.read(input));
  const tree = DataTree.restore(acls, readNodes(input), extendedTypesEnabled);
  if (tree === null) throw new JuteError('the znodes make no tree');
  let sealed = readSeal(input, bytes, 0, 1);
  let digest: ZxidDigest | null = null;
  if (input.remaining > 0) {
    digest = zxidDigest.read(input);
    sealed = readSeal(input, bytes, ...sealed);
  }
  if (input.remaining > 0) {
    zxidCodec.read(input);
    readSeal(input, bytes, ...sealed);
  }
  if (input.remaining > 0) throw new JuteError(`${input.remaining} bytes behind the snapshot`);
  tree.setLastProcessedZxid(zxid);
  return { tree, sessions, digest };
}

/**
 * The content of a snapshot's file; one whose name ends in `.gz` is unpacked.
 * @throws JuteError
 */
export function decodeSnapshotFile(
  { file, zxid }: NumberedFile,
  bytes: Uint8Array,
  extendedTypesEnabled: boolean,
): SnapshotContent {
  return decodeSnapshot(isGzip(file) ? gunzip(bytes) : bytes, zxid, extendedTypesEnabled);
}

/** Snapshots that {@link decodeSnapshotFile} cannot read, though a real server could. */
export function isSnappy(file: string): boolean {
  return file.endsWith('.snappy');
}

function isGzip(file: string): boolean {
  return file.endsWith('.gz');
}

function gunzip(bytes: Uint8Array): Uint8Array {
  // The last four bytes tell how many there will be, and fflate makes room for them.
  const length = bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true);
  if (length > bytes.length * GZIP_RATIO_MAX) throw new JuteError('the gzip file tells a wrong length');
  if (length > UNPACKED_MAX) throw new JuteError(`unpacks to ${length} bytes, more than ${UNPACKED_MAX}`);
  try {
    return gunzipSync(bytes);
  } catch (error) {
    // fflate throws errors of many kinds where the bytes are no gzip file.
    throw new JuteError(`cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * The newest snapshots that look whole, newest first, `max` at most (`FileSnap.findNValidSnapshots`). Whether
 * they are shows only when they are read.
 */
export function findSnapshots(disk: Disk, max = CANDIDATES_MAX): readonly NumberedFile[] {
  const found: NumberedFile[] = [];
  for (const snapshot of [...listFiles(disk, 'snapshot')].reverse()) {
    if (found.length === max) break;
    if (looksWhole(snapshot.file, disk.read(snapshot.file) ?? new Uint8Array(0))) found.push(snapshot);
  }
  return found;
}

/** By its last bytes, which are the text "/" of a seal; compressed ones by their first (`SnapStream.isValidSnapshot`). */
function looksWhole(file: string, bytes: Uint8Array): boolean {
  if (isGzip(file)) return bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (isSnappy(file)) return [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0].every((byte, i) => bytes[i] === byte);
  return bytes.length >= 10 && [0, 0, 0, 1, 0x2f].every((byte, i) => bytes[bytes.length - 5 + i] === byte);
}

function* readNodes(input: JuteReader): Generator<readonly [path: string, node: StoredZnode]> {
  for (let path = ustring.read(input); path !== END; path = ustring.read(input)) {
    const { data, acl: aclIndex, stat } = dataNode.read(input);
    yield [path === '' ? '/' : path, { data, aclIndex, stat }];
  }
}

/**
 * Reads a seal: the checksum of all bytes before it. `checksum` is that of the bytes up to `from`. Returns the same
 * for the next seal.
 */
function readSeal(
  input: JuteReader,
  bytes: Uint8Array,
  from: number,
  checksum: number,
): [from: number, checksum: number] {
  const sealAt = input.position;
  const before = adler32(bytes.subarray(from, sealAt), checksum);
  if (seal.read(input).checksum !== before) throw new JuteError('a checksum is wrong');
  return [input.position, adler32(bytes.subarray(sealAt, input.position), before)];
}

// ---- orders: `new HashMap` of what is kept in a ConcurrentHashMap, a HashMap, a HashSet

function sessionOrder(sessions: SnapshotSource['sessions']): readonly (readonly [SessionId, number])[] {
  const hash = ([id]: readonly [SessionId, number]): number => longHash(BigInt(id));
  const kept = inConcurrentMap([...sessions], hash);
  return inBuckets(kept, copiedTableLength(sessions.size), hash);
}

function aclOrder({ acls: entries, aclsMax }: DataTree): DataTree['acls'] {
  const hash = ({ index }: DataTree['acls'][number]): number => longHash(BigInt(index));
  const kept = inBuckets(entries, tableLength(aclsMax, 16), hash);
  return inBuckets(kept, copiedTableLength(entries.length), hash);
}

function childOrder(node: NonNullable<ReturnType<DataTree['storedNode']>>): readonly string[] {
  return inBuckets(node.children, tableLength(node.childrenMax, 8), stringHash);
}
