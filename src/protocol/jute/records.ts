/** The records of zookeeper.jute that go to disk, each described once, fields in wire order. */
import { OPEN_ACL_UNSAFE, type Acl } from '../znode.ts';
import type { Zxid } from '../zxid.ts';
import {
  boolean,
  buffer,
  hexLong,
  int,
  JuteError,
  long,
  nullableVector,
  record,
  uint64,
  ustring,
  vector,
  type Codec,
} from './codec.ts';

/** A zxid, −1 included; what {@link Zxid} cannot hold is refused. */
export const zxid: Codec<Zxid> = {
  write: (out, value) => long.write(out, value),
  read: (input) => {
    const value = long.read(input);
    if (value < -1) throw new JuteError(`a zxid of ${value}`);
    // Any whole number from −1 to 2^53 − 1 is a zxid.
    return value as Zxid;
  },
};

export const acl = record({ perms: int, scheme: ustring, id: ustring });
export const aclList = vector(acl);
const nullableAclList = nullableVector(acl);
/** As transactions carry it: null means the open list (`ReferenceCountedACLCache.convertAcls`). */
export const txnAclList: Codec<readonly Acl[]> = {
  write: (out, list) => aclList.write(out, list),
  read: (input) => nullableAclList.read(input) ?? OPEN_ACL_UNSAFE,
};

/** First bytes of logs and snapshots. */
export const fileHeader = record({ magic: int, version: int, dbid: long });

export const txnHeader = record({ clientId: hexLong, cxid: int, zxid, time: long, type: int });
export const createTxn = record({
  path: ustring,
  data: buffer,
  acl: txnAclList,
  ephemeral: boolean,
  parentCVersion: int,
});
export const createTTLTxn = record({ path: ustring, data: buffer, acl: txnAclList, parentCVersion: int, ttl: long });
export const createContainerTxn = record({ path: ustring, data: buffer, acl: txnAclList, parentCVersion: int });
export const deleteTxn = record({ path: ustring });
export const setDataTxn = record({ path: ustring, data: buffer, version: int });
export const setACLTxn = record({ path: ustring, acl: txnAclList, version: int });
export const checkVersionTxn = record({ path: ustring, version: int });
/** One part of a multi: its number and the bytes of its record. */
export const partTxn = record({ type: int, data: buffer });
export const multiTxn = record({ txns: vector(partTxn) });
export const createSessionTxn = record({ timeOut: int });
export const closeSessionTxn = record({ paths2Delete: vector(ustring) });
export const errorTxn = record({ err: int });
export const txnDigest = record({ version: int, treeDigest: uint64 });

export const statPersisted = record({
  czxid: zxid,
  mzxid: zxid,
  ctime: long,
  mtime: long,
  version: int,
  cversion: int,
  aversion: int,
  ephemeralOwner: hexLong,
  pzxid: zxid,
});

// Parts of a snapshot that zookeeper.jute does not name (`SerializeUtils.serializeSnapshot`, `DataTree`).
export const sessionTimeout = record({ id: hexLong, timeout: int });
export const aclEntry = record({ index: long, acl: aclList });
export const dataNode = record({ data: buffer, acl: long, stat: statPersisted });
/** `DataTree.ZxidDigest` since digest version 2; a zxid of 0: no digest. */
export const zxidDigest = record({ zxid, digestVersion: int, digest: uint64 });
export const seal = record({ checksum: long, path: ustring });
