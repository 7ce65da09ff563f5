/**
 * The servers that have acknowledged something, and the events that prove it, for the committed configuration and,
 * while one is open, for the proposed one (`SyncedLearnerTracker`). A quorum of each is needed.
 */
import type { Rules } from '../../protocol/defects.ts';
import type { SecondQuorum } from '../../protocol/events.ts';
import type { EventRef, Sid } from '../../protocol/ids.ts';
import type { QuorumVerifier } from '../ports.ts';

export class AckSet {
  readonly #verifiers: readonly QuorumVerifier[];
  readonly #committed: QuorumVerifier;
  readonly #rules: Rules;
  readonly #acks = new Map<Sid, EventRef>();

  /** `rest`: the proposed configuration, if there is one. */
  constructor(rules: Rules, committed: QuorumVerifier, ...rest: readonly QuorumVerifier[]) {
    this.#rules = rules;
    this.#committed = committed;
    this.#verifiers = [committed, ...rest];
  }

  /** Counts `sid` if it votes in one of the configurations; a second ack changes nothing. Returns whether it was new. */
  add(sid: Sid, event: EventRef): boolean {
    const votes = this.#verifiers.some((verifier) => this.#counts(sid, verifier));
    if (!votes || this.#acks.has(sid)) return false;
    this.#acks.set(sid, event);
    return true;
  }

  has(sid: Sid): boolean {
    return this.#acks.has(sid);
  }

  get hasQuorum(): boolean {
    return this.#verifiers.every((verifier) => verifier.containsQuorum(new Set(this.#of(verifier))));
  }

  /** Of the committed configuration alone, whatever is proposed. */
  get hasCommittedQuorum(): boolean {
    return this.#committed.containsQuorum(new Set(this.sids));
  }

  /** Voters of the committed configuration, in order of arrival. */
  get sids(): readonly Sid[] {
    return this.#of(this.#committed);
  }

  /** Voters of each configuration that is asked, in order of arrival (`QuorumVerifierAcksetPair.getAckset`). */
  get acksets(): readonly (readonly Sid[])[] {
    return this.#verifiers.map((verifier) => this.#of(verifier));
  }

  /** The last configuration that is asked: the proposed one, if there is one. */
  get verifier(): QuorumVerifier {
    return this.#verifiers.at(-1) ?? this.#committed;
  }

  /** Voters of {@link verifier}, ascending. */
  get sidsOfLast(): readonly Sid[] {
    return [...this.#of(this.verifier)].sort((a, b) => a - b);
  }

  /** What events tell of this set. */
  get counted(): { readonly acks: readonly Sid[]; readonly need: number; readonly next?: SecondQuorum } {
    const own = { acks: this.sids, need: this.#committed.need };
    if (this.#verifiers.length === 1) return own;
    const { version, votingMembers, need } = this.verifier;
    return { ...own, next: { version, members: votingMembers, acks: this.#of(this.verifier), need } };
  }

  /** The events that brought the acks. */
  get events(): readonly EventRef[] {
    return [...this.#acks.values()];
  }

  #of(verifier: QuorumVerifier): readonly Sid[] {
    return [...this.#acks.keys()].filter((sid) => this.#counts(sid, verifier));
  }

  /** In each configuration only its own voters count (`SyncedLearnerTracker.addAck`). */
  #counts(sid: Sid, verifier: QuorumVerifier): boolean {
    return verifier.votingMembers.includes(sid) || this.#rules.broken('count-observer-acks');
  }
}
