/**
 * Quorums, counted anew from the configurations that servers tell of: checkers do not believe what servers count.
 * Rules: `QuorumMaj`, `QuorumHierarchical`, `SyncedLearnerTracker`.
 */
import type { ConfigFacts } from '../protocol/events.ts';
import type { Sid } from '../protocol/ids.ts';
import { parseConfig } from '../protocol/quorum-config.ts';
import type { Zxid } from '../protocol/zxid.ts';

export interface Quorum {
  readonly version: Zxid;
  readonly voters: ReadonlySet<Sid>;
  /** Whether those of `sids` that vote here are a quorum. */
  readonly has: (sids: Iterable<Sid>) => boolean;
}

/** The quorums of one configuration. */
export function quorumOf({ version, text, members }: ConfigFacts): Quorum {
  const voters = new Set(members.filter(({ role }) => role === 'participant').map(({ sid }) => sid));
  const parsed = parseConfig(text, { standaloneEnabled: true });
  const hierarchy = parsed.ok ? parsed.value.hierarchy : null;
  const voting = (sids: Iterable<Sid>): Sid[] => [...new Set(sids)].filter((sid) => voters.has(sid));
  if (hierarchy === null) return { version, voters, has: (sids) => 2 * voting(sids).length > voters.size };

  const weigh = (sids: Iterable<Sid>): ReadonlyMap<number, number> => {
    const weights = new Map<number, number>();
    for (const sid of sids) {
      const group = hierarchy.groupOf.get(sid);
      if (group === undefined) continue;
      weights.set(group, (weights.get(group) ?? 0) + (hierarchy.weightOf.get(sid) ?? 0));
    }
    return weights;
  };
  // Groups without weight do not count; half of a weight is rounded down.
  const groups = [...weigh(hierarchy.groupOf.keys())].filter(([, weight]) => weight > 0);
  return {
    version,
    voters,
    has: (sids) => {
      const weights = weigh(voting(sids));
      const won = groups.filter(([group, whole]) => (weights.get(group) ?? 0) > Math.floor(whole / 2));
      return won.length > Math.floor(groups.length / 2);
    },
  };
}

/** What a server knows of configurations. */
export interface KnownConfigs {
  readonly committed: Quorum;
  /** Newer than `committed` only while a reconfiguration is open. */
  readonly lastSeen: Quorum;
}

/** The configurations whose quorums count at a server now; none if it has told of none. */
export function inForce(config: KnownConfigs | null | undefined): readonly Quorum[] {
  if (!config) return [];
  const { committed, lastSeen } = config;
  return lastSeen.version > committed.version ? [committed, lastSeen] : [committed];
}

/** Whether `sids` are a quorum of all configurations that count at a server now; true if it has told of none. */
export function hasQuorum(config: KnownConfigs | null | undefined, sids: readonly Sid[]): boolean {
  return inForce(config).every((quorum) => quorum.has(sids));
}
