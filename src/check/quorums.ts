/**
 * Quorums, counted anew from the configurations that servers tell of: checkers do not believe what servers count.
 * Rules: `QuorumMaj`, `QuorumHierarchical`, `SyncedLearnerTracker`.
 */
import type { ConfigFacts } from '../protocol/events.ts';
import type { ActorName, Sid } from '../protocol/ids.ts';
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

/** The configurations that one server knows. */
interface KnownConfigs {
  committed: Quorum;
  /** Newer than `committed` only while a reconfiguration is open. */
  lastSeen: Quorum;
}

/** Follows what each server knows of configurations. */
export class Quorums {
  readonly #known = new Map<ActorName, KnownConfigs>();

  /** `config-activated` */
  activated(actor: ActorName, config: ConfigFacts): void {
    const committed = quorumOf(config);
    const seen = this.#known.get(actor)?.lastSeen;
    this.#known.set(actor, { committed, lastSeen: seen && seen.version > config.version ? seen : committed });
  }

  /** `config-seen` */
  seen(actor: ActorName, config: ConfigFacts): void {
    const lastSeen = quorumOf(config);
    this.#known.set(actor, { committed: this.#known.get(actor)?.committed ?? lastSeen, lastSeen });
  }

  /** `process-started`: the next `config-activated` is what the disk holds. */
  forget(actor: ActorName): void {
    this.#known.delete(actor);
  }

  of(actor: ActorName): Readonly<KnownConfigs> | null {
    return this.#known.get(actor) ?? null;
  }

  /** Whether `sids` are a quorum of all configurations that count at this server now; true if it has told of none. */
  has(actor: ActorName, sids: Iterable<Sid>, which: 'committed' | 'all' = 'all'): boolean {
    const known = this.#known.get(actor);
    if (!known) return true;
    const { committed, lastSeen } = known;
    if (!committed.has(sids)) return false;
    return which === 'committed' || lastSeen.version <= committed.version || lastSeen.has(sids);
  }
}
