/** Znodes as operations and transactions speak of them: paths, data, Stat, ACL, create modes. */
import type { SessionId } from './ids.ts';
import type { Zxid } from './zxid.ts';

/** Bytes of a znode; null and empty are different. */
export type ZnodeData = Uint8Array | null;

/** `Stat` of zookeeper.jute, in wire order. Times are ms since 1970 (wall clock of the lab). */
export interface Stat {
  readonly czxid: Zxid;
  readonly mzxid: Zxid;
  readonly ctime: number;
  readonly mtime: number;
  readonly version: number;
  /** As shown to clients: child creates plus child deletes. */
  readonly cversion: number;
  readonly aversion: number;
  readonly ephemeralOwner: SessionId;
  readonly dataLength: number;
  readonly numChildren: number;
  readonly pzxid: Zxid;
}

/** Bits of `Acl.perms` (`ZooDefs.Perms`). */
export const PERMS = { READ: 1, WRITE: 2, CREATE: 4, DELETE: 8, ADMIN: 16, ALL: 31 } as const;
export interface Acl {
  /** A sum of {@link PERMS}. */
  readonly perms: number;
  readonly scheme: string;
  readonly id: string;
}
export const OPEN_ACL_UNSAFE: readonly Acl[] = [{ perms: PERMS.ALL, scheme: 'world', id: 'anyone' }];

/** `CreateMode`, in the order of its flags. */
export const CREATE_MODES = [
  'PERSISTENT',
  'EPHEMERAL',
  'PERSISTENT_SEQUENTIAL',
  'EPHEMERAL_SEQUENTIAL',
  'CONTAINER',
  'PERSISTENT_WITH_TTL',
  'PERSISTENT_SEQUENTIAL_WITH_TTL',
] as const;
export type CreateMode = (typeof CREATE_MODES)[number];
/** A way in which a connection is known: what ACL entries are matched against (`Id` of `ServerCnxn.authInfo`). */
export interface AuthId {
  readonly scheme: string;
  readonly id: string;
}

export function isEphemeral(mode: CreateMode): boolean {
  return mode === 'EPHEMERAL' || mode === 'EPHEMERAL_SEQUENTIAL';
}
export function isSequential(mode: CreateMode): boolean {
  return mode.includes('SEQUENTIAL');
}

/** Greatest time to live, ms (`EphemeralType.TTL.maxValue`): 40 bits. */
export const TTL_MAX = 2 ** 40 - 1;
export function isTTL(ttl: number): boolean {
  return Number.isInteger(ttl) && ttl >= 1 && ttl <= TTL_MAX;
}

/** The mode carries a time to live. */
export function hasTTL(mode: CreateMode): boolean {
  return mode.endsWith('_WITH_TTL');
}

/** The parent of an absolute path; of `/a`, and of `/` itself, it is `/`. */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}
/** The path of the child `name`. */
export function childPath(parent: string, name: string): string {
  return parent === '/' ? `/${name}` : `${parent}/${name}`;
}
/** The last component of an absolute path. */
export function nodeName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
