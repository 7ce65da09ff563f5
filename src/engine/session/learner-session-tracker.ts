/**
 * A learner's tracker (`LearnerSessionTracker`): it makes ids and remembers who was heard from, for
 * the next answer to the leader's PING. Whether a session lives is the leader's to say.
 */
import type { SessionId } from '../../protocol/ids.ts';
import type { ServerContext } from '../context.ts';
import { SessionIds } from './identity.ts';
import type { SessionTracker } from './session-tracker.ts';

export class LearnerSessionTracker implements SessionTracker {
  readonly #ids: SessionIds;
  /** Sessions heard from since the last PING → timeout, ms. */
  #touchTable = new Map<SessionId, number>();

  constructor(ctx: ServerContext) {
    this.#ids = new SessionIds(ctx.sid, ctx.wallClock());
  }

  createSession(): SessionId {
    return this.#ids.take();
  }

  touchSession(id: SessionId, timeout: number): boolean {
    this.#touchTable.set(id, timeout);
    return true;
  }

  commitSession(id: SessionId, timeout: number): void {
    this.#touchTable.set(id, timeout);
  }

  removeSession(id: SessionId): void {
    this.#touchTable.delete(id);
  }

  /** `snapshot`: the touch table, emptied. */
  takeTouched(): readonly (readonly [SessionId, number])[] {
    const touched = [...this.#touchTable];
    this.#touchTable = new Map();
    return touched;
  }

  shutdown(): void {
    this.#touchTable.clear();
  }
}
