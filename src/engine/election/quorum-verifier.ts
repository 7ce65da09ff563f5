/**
 * Which sets of servers are quorums. Everything that counts votes or acknowledgements asks through
 * {@link QuorumVerifier}, so that another kind of quorum is another class here.
 * Source: `server.quorum.flexible.QuorumMaj`, `QuorumHierarchical`, `SyncedLearnerTracker`.
 */
import { assert } from '../../protocol/assert.ts';
import type { Sid } from '../../protocol/ids.ts';
import {
  formatConfig,
  sameConfig,
  type Hierarchy,
  type QuorumConfig,
  type QuorumServer,
} from '../../protocol/quorum-config.ts';
import type { Zxid } from '../../protocol/zxid.ts';
import type { QuorumVerifier } from '../ports.ts';

/** The verifier that a configuration asks for. */
export function quorumVerifier(config: QuorumConfig): QuorumVerifier {
  return config.hierarchy ? new QuorumHierarchical(config) : new QuorumMaj(config);
}

abstract class ConfiguredVerifier implements QuorumVerifier {
  readonly config: QuorumConfig;
  readonly text: string;
  readonly votingMembers: readonly Sid[];
  readonly observingMembers: readonly Sid[];

  constructor(config: QuorumConfig) {
    this.config = config;
    this.text = formatConfig(config);
    const sids = (role: QuorumServer['role']): readonly Sid[] =>
      config.servers
        .filter((server) => server.role === role)
        .map((server) => server.sid)
        .sort((a, b) => a - b);
    this.votingMembers = sids('participant');
    this.observingMembers = sids('observer');
  }

  abstract get need(): number;
  abstract weight(sid: Sid): number;
  abstract containsQuorum(sids: ReadonlySet<Sid>): boolean;

  get version(): Zxid {
    return this.config.version;
  }

  get allMembers(): readonly QuorumServer[] {
    return this.config.servers;
  }

  member(sid: number): QuorumServer | null {
    return this.config.servers.find((server) => server.sid === sid) ?? null;
  }

  equals(other: QuorumVerifier): boolean {
    return sameConfig(this.config, other.config);
  }
}

/** Majority quorums: more than half of the voting members, each of weight 1 (`QuorumMaj`). */
export class QuorumMaj extends ConfiguredVerifier {
  get need(): number {
    return Math.floor(this.votingMembers.length / 2) + 1;
  }

  /** 1 for every sid, member or not. */
  weight(_sid: Sid): number {
    return 1;
  }

  /** `sids` has to hold voting members only; {@link hasAllQuorums} sees to that. */
  containsQuorum(sids: ReadonlySet<Sid>): boolean {
    return sids.size >= this.need;
  }
}

/**
 * A majority of groups, each won with more than half of its weight (`QuorumHierarchical`). Groups without
 * any weight are not counted; servers without weight never tip the scale.
 */
export class QuorumHierarchical extends ConfiguredVerifier {
  readonly need: number;
  readonly #hierarchy: Hierarchy;
  readonly #groupWeight = new Map<number, number>();

  constructor(config: QuorumConfig) {
    super(config);
    assert(config.hierarchy, 'a hierarchy has groups');
    this.#hierarchy = config.hierarchy;
    for (const [sid, group] of this.#hierarchy.groupOf) {
      this.#groupWeight.set(group, (this.#groupWeight.get(group) ?? 0) + this.weight(sid));
    }
    this.need = this.#fewest();
  }

  weight(sid: Sid): number {
    return this.#hierarchy.weightOf.get(sid) ?? 0;
  }

  containsQuorum(sids: ReadonlySet<Sid>): boolean {
    if (sids.size === 0) return false;
    const acked = new Map<number, number>();
    for (const sid of sids) {
      const group = this.#hierarchy.groupOf.get(sid);
      if (group !== undefined) acked.set(group, (acked.get(group) ?? 0) + this.weight(sid));
    }
    const won = [...acked].filter(([group, weight]) => weight > this.#half(group));
    return won.length > Math.floor(this.#countedGroups().length / 2);
  }

  #half(group: number): number {
    return Math.floor((this.#groupWeight.get(group) ?? 0) / 2);
  }

  #countedGroups(): readonly number[] {
    return [...this.#groupWeight].filter(([, weight]) => weight > 0).map(([group]) => group);
  }

  /** The size of the smallest quorum: the heaviest servers of the groups that are won with the fewest. */
  #fewest(): number {
    const groups = this.#countedGroups();
    const sizes = groups.map((group) => {
      const weights = [...this.#hierarchy.groupOf]
        .filter(([, of]) => of === group)
        .map(([sid]) => this.weight(sid))
        .sort((a, b) => b - a);
      let sum = 0;
      return weights.findIndex((weight) => (sum += weight) > this.#half(group)) + 1;
    });
    const fewest = sizes.sort((a, b) => a - b).slice(0, Math.floor(groups.length / 2) + 1);
    return fewest.reduce((sum, size) => sum + size, 0);
  }
}

/**
 * Whether `acks` is a quorum of each of `verifiers`; in each only its own voting members count
 * (`SyncedLearnerTracker.hasAllQuorums`). Two verifiers are at work while a new configuration is proposed.
 */
export function hasAllQuorums(verifiers: readonly QuorumVerifier[], acks: Iterable<Sid>): boolean {
  const acked = [...acks];
  return verifiers.every((verifier) =>
    verifier.containsQuorum(new Set(acked.filter((sid) => verifier.votingMembers.includes(sid)))),
  );
}

/** The committed configuration and, while one is open, the proposed one (`SyncedLearnerTracker.addQuorumVerifier`). */
export function verifiersOf(committed: QuorumVerifier, lastSeen: QuorumVerifier): readonly QuorumVerifier[] {
  return lastSeen.version > committed.version ? [committed, lastSeen] : [committed];
}
