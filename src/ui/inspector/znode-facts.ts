/** What a znode is, beside its data: Stat, owner, permissions, quota; as names and values. Pure. */
import { formatDate, permString } from '../../client/index.ts';
import { ephemeralType, ttlOf } from '../../engine/index.ts';
import type { TraceZnode } from '../../protocol/events.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { parseStatsTrack } from '../../protocol/stats-track.ts';
import { WALL_CLOCK_EPOCH_MS } from '../../protocol/time.ts';
import { parentPath } from '../../protocol/znode.ts';
import { formatZxid } from '../../protocol/zxid.ts';
import { durationWords } from '../stage/format.ts';
import type { Fact } from './event-facts.ts';

type Tree = ReadonlyMap<string, TraceZnode>;

/** All fields of the Stat, under the names that zkCli prints. */
export function statFacts({ stat }: TraceZnode): readonly Fact[] {
  return [
    { name: 'cZxid', value: formatZxid(stat.czxid), term: 'czxid' },
    { name: 'ctime', value: formatDate(stat.ctime), term: 'ctime' },
    { name: 'mZxid', value: formatZxid(stat.mzxid), term: 'mzxid' },
    { name: 'mtime', value: formatDate(stat.mtime), term: 'mtime' },
    { name: 'pZxid', value: formatZxid(stat.pzxid), term: 'pzxid' },
    { name: 'cversion', value: String(stat.cversion), term: 'cversion' },
    { name: 'dataVersion', value: String(stat.version), term: 'version' },
    { name: 'aclVersion', value: String(stat.aversion), term: 'aversion' },
    { name: 'ephemeralOwner', value: stat.ephemeralOwner, term: 'ephemeralOwner' },
    { name: 'dataLength', value: String(stat.dataLength), term: 'dataLength' },
    { name: 'numChildren', value: String(stat.numChildren), term: 'numChildren' },
  ];
}

/** Each entry of the ACL as zkCli takes it, `scheme:id:cdrwa`. */
export function aclWords({ acl }: TraceZnode): readonly string[] {
  return acl.map(({ scheme, id, perms }) => `${scheme}:${id}:${permString(perms)}`);
}

export interface Circumstances {
  readonly extendedTypesEnabled: boolean;
  /** Virtual time, ms. */
  readonly t: number;
  /** Who holds a session; null: nobody that is known. */
  readonly clientOf: (id: SessionId) => string | null;
}

/** What its ephemeralOwner makes of a znode: nothing for a plain one. */
export function kindFacts(
  { stat, owner = stat.ephemeralOwner }: TraceZnode,
  { extendedTypesEnabled, t, clientOf }: Circumstances,
): readonly Fact[] {
  const { numChildren, cversion, mtime } = stat;
  switch (ephemeralType(owner, extendedTypesEnabled)) {
    case 'VOID':
      return [];
    case 'NORMAL':
      return [{ name: 'ephemeral of', value: clientOf(owner) ?? 'nobody here', term: 'ephemeral' }];
    case 'CONTAINER': {
      const fate =
        numChildren > 0 ? 'it has children' : cversion > 0 ? 'it may go: its children are gone' : 'no child yet';
      return [{ name: 'container', value: fate, term: 'container' }];
    }
    case 'TTL': {
      const ttl = ttlOf(owner);
      const left = Math.round(mtime + ttl - (WALL_CLOCK_EPOCH_MS + t));
      const fate = left > 0 ? `${durationWords(left)} left` : `over since ${durationWords(-left)}`;
      return [
        { name: 'time to live', value: durationWords(ttl), term: 'ttl' },
        { name: 'since its last write', value: numChildren > 0 ? 'stays while it has children' : fate },
      ];
    }
  }
}

/** The quota that holds for a znode, its own or an ancestor's: where, limits and use. */
export function quotaFacts(tree: Tree, path: string): readonly Fact[] {
  const at = quotaPath(tree, path);
  if (at === null) return [];
  const limits = trackOf(tree, `/zookeeper/quota${at}/zookeeper_limits`);
  const used = trackOf(tree, `/zookeeper/quota${at}/zookeeper_stats`);
  const row = (name: string, use: string, soft: string, hard: string): Fact[] => {
    const [n, warn, refuse] = [used.get(use) ?? 0n, limits.get(soft) ?? -1n, limits.get(hard) ?? -1n];
    const words = [warn < 0n ? null : `limit ${warn}`, refuse < 0n ? null : `hard limit ${refuse}`].filter(Boolean);
    const over = (warn >= 0n && n > warn) || (refuse >= 0n && n > refuse);
    return [{ name, value: [String(n), ...words].join(', '), ...(over ? { tone: 'fault' } : {}) }];
  };
  return [
    ...(at === path ? [] : [{ name: 'set at', value: at }]),
    ...row('znodes', 'count', 'count', 'countHardLimit'),
    ...row('bytes', 'bytes', 'bytes', 'byteHardLimit'),
  ];
}

function quotaPath(tree: Tree, path: string): string | null {
  for (let at = path; at !== '/'; at = parentPath(at)) {
    if (tree.has(`/zookeeper/quota${at}/zookeeper_limits`)) return at;
  }
  return null;
}

function trackOf(tree: Tree, path: string): ReadonlyMap<string, bigint> {
  const data = tree.get(path)?.data;
  return (typeof data === 'string' ? parseStatsTrack(data) : null) ?? new Map();
}
