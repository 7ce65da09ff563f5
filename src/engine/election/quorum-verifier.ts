/**
 * Which sets of servers are quorums. Everything that counts votes or acknowledgements asks through
 * {@link QuorumVerifier}, so that another kind of quorum is another class here.
 * Source: `server.quorum.flexible.QuorumMaj`, `SyncedLearnerTracker`.
 */
import type { MemberConfig } from '../../protocol/config.ts';
import type { Sid } from '../../protocol/ids.ts';
import type { QuorumVerifier } from '../ports.ts';

/** Majority quorums: more than half of the voting members, each of weight 1 (`QuorumMaj`). */
export class QuorumMaj implements QuorumVerifier {
  readonly votingMembers: readonly Sid[];
  readonly need: number;
  readonly #half: number;

  constructor(members: readonly MemberConfig[]) {
    this.votingMembers = members
      .filter((member) => member.role === 'participant')
      .map((member) => member.sid)
      .sort((a, b) => a - b);
    this.#half = Math.floor(this.votingMembers.length / 2);
    this.need = this.#half + 1;
  }

  /** 1 for every sid, member or not. */
  weight(_sid: Sid): number {
    return 1;
  }

  /** `sids` has to hold voting members only; {@link hasAllQuorums} sees to that. */
  containsQuorum(sids: ReadonlySet<Sid>): boolean {
    return sids.size > this.#half;
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
