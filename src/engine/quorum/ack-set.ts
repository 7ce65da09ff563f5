/** The servers that have acknowledged something, and the events that prove it (`SyncedLearnerTracker`). */
import type { EventRef, Sid } from '../../protocol/ids.ts';
import type { QuorumVerifier } from '../ports.ts';

export class AckSet {
  readonly #verifier: QuorumVerifier;
  readonly #acks = new Map<Sid, EventRef>();

  constructor(verifier: QuorumVerifier) {
    this.#verifier = verifier;
  }

  /** Counts `sid` if it is a voting member; a second ack changes nothing. Returns whether it was new. */
  add(sid: Sid, event: EventRef): boolean {
    if (!this.#verifier.votingMembers.includes(sid) || this.#acks.has(sid)) return false;
    this.#acks.set(sid, event);
    return true;
  }

  has(sid: Sid): boolean {
    return this.#acks.has(sid);
  }

  get hasQuorum(): boolean {
    return this.#verifier.containsQuorum(new Set(this.#acks.keys()));
  }

  /** In order of arrival. */
  get sids(): readonly Sid[] {
    return [...this.#acks.keys()];
  }

  /** The events that brought the acks. */
  get events(): readonly EventRef[] {
    return [...this.#acks.values()];
  }
}
