/**
 * The leader's tracker (`LeaderSessionTracker`): the sessions of all servers, whose expiry it alone
 * decides, and the local ones of its own clients.
 */
import type { KeeperError } from '../../protocol/errors.ts';
import type { SessionId, Sid } from '../../protocol/ids.ts';
import type { ServerContext } from '../context.ts';
import { serverOfSession } from './identity.ts';
import { SessionTrackerImpl, type SessionExpirer } from './session-tracker-impl.ts';
import type { GlobalSessionTracker, SessionTracker } from './session-tracker.ts';
import { UpgradeableSessionTracker } from './upgradeable-session-tracker.ts';

export class LeaderSessionTracker extends UpgradeableSessionTracker implements GlobalSessionTracker {
  readonly #sid: Sid;
  readonly #global: SessionTrackerImpl;

  /** Every global session known now starts with its full timeout. */
  constructor(
    ctx: ServerContext,
    sessionsWithTimeouts: Iterable<readonly [SessionId, number]>,
    expire: SessionExpirer,
  ) {
    super(ctx, expire);
    this.#sid = ctx.sid;
    this.#global = new SessionTrackerImpl(ctx, sessionsWithTimeouts, expire);
  }

  get sessions(): SessionTracker['sessions'] {
    return { local: this.local?.expiries ?? null, global: this.#global.expiries };
  }

  createSession(timeout: number): SessionId {
    return (this.local ?? this.#global).createSession(timeout);
  }

  isGlobalSession(id: SessionId): boolean {
    return this.#global.isTrackingSession(id);
  }

  trackSession(id: SessionId, timeout: number): void {
    this.#global.trackSession(id, timeout);
  }

  touchSession(id: SessionId, timeout: number): boolean {
    return this.local?.touchSession(id, timeout) || this.#global.touchSession(id, timeout);
  }

  checkSession(id: SessionId, owner: Sid | null): KeeperError | null {
    if (this.local?.isTrackingSession(id)) {
      const error = this.local.checkSession(id, owner);
      if (error || !this.isGlobalSession(id)) return error;
    }
    if (this.isGlobalSession(id)) return this.#global.checkSession(id, owner);
    // A local session of another server is that server's to judge.
    return !this.local || serverOfSession(id) === this.#sid ? 'SESSIONEXPIRED' : null;
  }

  checkGlobalSession(id: SessionId, owner: Sid | null): KeeperError | null {
    return this.#global.checkGlobalSession(id, owner);
  }

  setOwner(id: SessionId, owner: Sid | null): void {
    (this.local?.isTrackingSession(id) ? this.local : this.#global).setOwner(id, owner);
  }

  setSessionClosing(id: SessionId): void {
    this.local?.setSessionClosing(id);
    this.#global.setSessionClosing(id);
  }

  override removeSession(id: SessionId): void {
    super.removeSession(id);
    this.#global.removeSession(id);
  }

  override shutdown(): void {
    super.shutdown();
    this.#global.shutdown();
  }

  protected trackUpgraded(id: SessionId, timeout: number): void {
    this.#global.trackSession(id, timeout);
  }
}
