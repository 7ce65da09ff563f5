/** Znodes as traces carry them, compared field by field. */
import type { TraceData, TraceZnode } from '../../protocol/events.ts';
import { NO_SESSION, type SessionId } from '../../protocol/ids.ts';
import type { Acl, Stat } from '../../protocol/znode.ts';
import { formatZxid } from '../../protocol/zxid.ts';

/** A znode, or undefined: there is none. */
export type Node = TraceZnode | undefined;

/** What servers write by themselves, each in its own time: the configuration they follow, and what quotas count. */
export function isOwnWork(path: string): boolean {
  if (!path.startsWith('/zookeeper/')) return false;
  return path === '/zookeeper/config' || path.endsWith('/zookeeper_stats');
}

/** The session that owns an ephemeral; null: the node is none. */
export function ownerOf({ stat: { ephemeralOwner: owner } }: TraceZnode): SessionId | null {
  // Where nodes with a time to live are switched off, servers take those that are there for ephemerals.
  const special = owner.length === 18 && (owner.startsWith('0xff') || owner === '0x8000000000000000');
  return owner === NO_SESSION || special ? null : owner;
}

/** How two states of one path differ, for `left` and `right` in this order; null: they are the same. */
export function difference(left: Node, right: Node): readonly [left: string, right: string] | null {
  if (left === right) return null;
  if (!left) return ['not there', 'there'];
  if (!right) return ['there', 'not there'];
  if (left.stat !== right.stat) {
    for (const field of STAT_FIELDS) {
      if (left.stat[field] !== right.stat[field]) return [shown(field, left.stat), shown(field, right.stat)];
    }
  }
  if (!sameData(left.data, right.data)) return [`with the data ${dataText(left.data)}`, dataText(right.data)];
  if (!sameAcl(left.acl, right.acl)) return [`with the ACL ${aclText(left.acl)}`, aclText(right.acl)];
  if (left.owner !== right.owner) return [`owned by ${String(left.owner)}`, String(right.owner)];
  return null;
}

const ZXIDS: readonly (keyof Stat)[] = ['czxid', 'mzxid', 'pzxid'];
const STAT_FIELDS = [
  'version',
  'cversion',
  'aversion',
  'numChildren',
  'dataLength',
  'czxid',
  'mzxid',
  'pzxid',
  'ctime',
  'mtime',
  'ephemeralOwner',
] as const satisfies readonly (keyof Stat)[];

function shown(field: keyof Stat, stat: Stat): string {
  return `with ${field} ${ZXIDS.includes(field) ? formatZxid(stat[field] as Stat['czxid']) : stat[field]}`;
}

function sameData(a: TraceData, b: TraceData): boolean {
  if (a === b) return true;
  return a !== null && b !== null && typeof a === 'object' && typeof b === 'object' && a.base64 === b.base64;
}

function sameAcl(a: readonly Acl[], b: readonly Acl[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  return a.every(({ perms, scheme, id }, i) => {
    const other = b[i];
    return other?.perms === perms && other.scheme === scheme && other.id === id;
  });
}

function dataText(data: TraceData): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function aclText(acl: readonly Acl[]): string {
  return acl.map(({ scheme, id, perms }) => `${scheme}:${id}:${perms}`).join(', ');
}
