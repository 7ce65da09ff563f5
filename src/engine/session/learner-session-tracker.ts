/**
 * A learner's tracker (`LearnerSessionTracker`): it makes ids and remembers who was heard from, for
 * the next answer to the leader's PING. Whether a global session lives is the leader's to say.
 */
import type { KeeperError } from '../../protocol/errors.ts';
import type { SessionId, Sid } from '../../protocol/ids.ts';
import type { ServerContext } from '../context.ts';
import { SessionIds } from './identity.ts';
import type { SessionExpirer } from './session-tracker-impl.ts';
import type { SessionTracker } from './session-tracker.ts';
import { UpgradeableSessionTracker } from './upgradeable-session-tracker.ts';

export class LearnerSessionTracker extends UpgradeableSessionTracker {
  readonly #ids: SessionIds;
  readonly #globalSessions: ReadonlyMap<SessionId, number>;
  /** Sessions heard from since the last PING → timeout, ms. */
  #touchTable = new Map<SessionId, number>();

  /**
   * @param sessionsWithTimeouts sessions of the replicated database, live
   * @param expire called for a local session that was silent too long
   */
  constructor(ctx: ServerContext, sessionsWithTimeouts: ReadonlyMap<SessionId, number>, expire: SessionExpirer) {
    super(ctx, expire);
    this.#ids = new SessionIds(ctx.sid, ctx.wallClock());
    this.#globalSessions = sessionsWithTimeouts;
  }

  get sessions(): SessionTracker['sessions'] {
    return { local: this.local?.expiries ?? null, global: this.#globalSessions };
  }

  createSession(timeout: number): SessionId {
    return this.local ? this.local.createSession(timeout) : this.#ids.take();
  }

  isGlobalSession(id: SessionId): boolean {
    return this.#globalSessions.has(id);
  }

  touchSession(id: SessionId, timeout: number): boolean {
    if (this.local) {
      if (this.local.touchSession(id, timeout)) return true;
      if (!this.isGlobalSession(id) && !this.isUpgradingSession(id)) return false;
    }
    this.#touchTable.set(id, timeout);
    return true;
  }

  /** Of a global session nothing is known here that would speak against a request. */
  checkSession(id: SessionId, owner: Sid | null): KeeperError | null {
    if (!this.local) return null;
    if (this.local.isTrackingSession(id)) return this.local.checkSession(id, owner);
    return this.isGlobalSession(id) ? null : 'SESSIONEXPIRED';
  }

  override commitSession(id: SessionId, timeout: number): void {
    super.commitSession(id, timeout);
    this.#touchTable.set(id, timeout);
  }

  override removeSession(id: SessionId): void {
    super.removeSession(id);
    this.#touchTable.delete(id);
  }

  /** `snapshot`: the touch table, emptied. */
  takeTouched(): readonly (readonly [SessionId, number])[] {
    const touched = [...this.#touchTable];
    this.#touchTable = new Map();
    return touched;
  }

  override shutdown(): void {
    super.shutdown();
    this.#touchTable.clear();
  }

  /** The leader tracks it when its createSession comes. */
  protected trackUpgraded(): void {}
}
