/**
 * Snapshots in ZooKeeper's file format (`FileSnap`, `SnapStream`, `SerializeUtils`, `DataTree.serialize`).
 * The same bytes travel in SNAP.
 *
 * Simplifications: a snapshot is written at one instant, so it is never fuzzy and equals its zxid; the
 * digest part says that there is no digest. Children are written in sorted order, so equal trees give
 * equal bytes.
 */
import { NO_SESSION, type SessionId } from '../../protocol/ids.ts';
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
import { OPEN_ACL_UNSAFE, type Acl } from '../../protocol/znode.ts';
import { ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts';
import type { Disk } from '../disk.ts';
import { DataTree, type ZnodeView } from '../tree/data-tree.ts';
import { adler32 } from './adler32.ts';
import { listFiles, type NumberedFile } from './files.ts';

/** "ZKSN" */
const SNAP_MAGIC = 0x5a4b534e;
const SNAP_VERSION = 2;
const DIGEST_VERSION = 2;
/** Index of world:anyone with all permissions, which is not in the table (`ReferenceCountedACLCache`). */
const OPEN_ACL_INDEX = -1;
/** The path behind the last znode, and the text of each seal. */
const END = '/';
/** How many snapshots are tried at start. */
const CANDIDATES_MAX = 100;

/** What a snapshot holds. */
export interface SnapshotContent {
  readonly tree: DataTree;
  readonly sessions: ReadonlyMap<SessionId, number>;
}

/** The bytes of a snapshot of `tree` as it is now. */
export function encodeSnapshot(tree: DataTree, sessions: ReadonlyMap<SessionId, number>): Uint8Array {
  const out = new JuteWriter();
  fileHeader.write(out, { magic: SNAP_MAGIC, version: SNAP_VERSION, dbid: -1 });
  int.write(out, sessions.size);
  for (const [id, timeout] of sessions) sessionTimeout.write(out, { id, timeout });
  const nodes = [...tree.walk()];
  const indices = writeAclTable(out, nodes);
  for (const [path, { data, acl, stat }] of nodes) {
    ustring.write(out, path === '/' ? '' : path);
    dataNode.write(out, { data, acl: indices.get(aclKey(acl)) ?? OPEN_ACL_INDEX, stat });
  }
  ustring.write(out, END);
  writeSeal(out);
  zxidDigest.write(out, { zxid: ZXID_ZERO, digestVersion: DIGEST_VERSION, digest: NO_SESSION });
  writeSeal(out);
  zxidCodec.write(out, tree.lastProcessedZxid);
  writeSeal(out);
  return out.finish();
}

/**
 * The inverse of {@link encodeSnapshot}; the tree's lastProcessedZxid is set to `zxid`. The parts
 * behind the first seal may be missing, as older servers leave them out.
 * @throws JuteError if the bytes are no whole snapshot or a checksum is wrong.
 */
export function decodeSnapshot(bytes: Uint8Array, zxid: Zxid): SnapshotContent {
  const input = new JuteReader(bytes);
  if (fileHeader.read(input).magic !== SNAP_MAGIC) throw new JuteError('no snapshot: its magic number is wrong');
  const sessions = new Map<SessionId, number>();
  for (let left = input.count(); left > 0; left--) {
    const { id, timeout } = sessionTimeout.read(input);
    sessions.set(id, timeout);
  }
  const acls = new Map<number, readonly Acl[]>([[OPEN_ACL_INDEX, OPEN_ACL_UNSAFE]]);
  for (let left = input.count(); left > 0; left--) {
    const { index, acl } = aclEntry.read(input);
    acls.set(index, acl);
  }
  const tree = DataTree.restore(readNodes(input, acls));
  if (tree === null) throw new JuteError('the znodes make no tree');
  readSeal(input, bytes);
  if (input.remaining > 0) {
    zxidDigest.read(input);
    readSeal(input, bytes);
  }
  if (input.remaining > 0) {
    zxidCodec.read(input);
    readSeal(input, bytes);
  }
  if (input.remaining > 0) throw new JuteError(`${input.remaining} bytes behind the snapshot`);
  tree.setLastProcessedZxid(zxid);
  return { tree, sessions };
}

/**
 * The newest snapshots that carry an end mark, newest first, 100 at most (`FileSnap.findNValidSnapshots`).
 * Whether they are whole shows only when they are read.
 */
export function findSnapshots(disk: Disk): readonly NumberedFile[] {
  return [...listFiles(disk, 'snapshot')]
    .reverse()
    .filter(({ file }) => hasEndMark(disk.read(file)))
    .slice(0, CANDIDATES_MAX);
}

/** The last bytes of every seal are the text "/" (`SnapStream.isValidCheckedStream`). */
function hasEndMark(bytes: Uint8Array | null): boolean {
  return (
    bytes !== null && bytes.length >= 16 && [0, 0, 0, 1, 0x2f].every((byte, i) => bytes[bytes.length - 5 + i] === byte)
  );
}

function* readNodes(
  input: JuteReader,
  acls: ReadonlyMap<number, readonly Acl[]>,
): Generator<readonly [path: string, node: Omit<ZnodeView, 'children'>]> {
  for (let path = ustring.read(input); path !== END; path = ustring.read(input)) {
    const { data, acl: index, stat } = dataNode.read(input);
    const acl = acls.get(index);
    if (!acl) throw new JuteError(`ACL ${index} is missing`);
    yield [path === '' ? '/' : path, { data, acl, stat }];
  }
}

/** Writes every list but the open one once, numbered from 1 in the order of the znodes. */
function writeAclTable(out: JuteWriter, nodes: readonly (readonly [string, ZnodeView])[]): ReadonlyMap<string, number> {
  const open = aclKey(OPEN_ACL_UNSAFE);
  const lists = new Map<string, readonly Acl[]>();
  for (const [, { acl }] of nodes) {
    const key = aclKey(acl);
    if (key !== open && !lists.has(key)) lists.set(key, acl);
  }
  const indices = new Map<string, number>();
  int.write(out, lists.size);
  for (const [key, acl] of lists) {
    indices.set(key, indices.size + 1);
    aclEntry.write(out, { index: indices.size, acl });
  }
  return indices;
}

function aclKey(acl: readonly Acl[]): string {
  return JSON.stringify(acl.map(({ perms, scheme, id }) => [perms, scheme, id]));
}

/** The checksum of all bytes before it. */
function writeSeal(out: JuteWriter): void {
  seal.write(out, { checksum: adler32(out.peek()), path: END });
}

function readSeal(input: JuteReader, bytes: Uint8Array): void {
  const checksum = adler32(bytes.subarray(0, input.position));
  if (seal.read(input).checksum !== checksum) throw new JuteError('a checksum is wrong');
}
