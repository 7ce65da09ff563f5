/** What trackers of an ensemble's servers share (`UpgradeableSessionTracker`): local sessions, and their upgrade. */
import { assert } from '../../protocol/assert.ts';
import type { KeeperError } from '../../protocol/errors.ts';
import type { SessionId, Sid } from '../../protocol/ids.ts';
import type { ServerContext } from '../context.ts';
import { LocalSessionTracker } from './local-session-tracker.ts';
import type { SessionExpirer } from './session-tracker-impl.ts';
import type { SessionTracker } from './session-tracker.ts';

export abstract class UpgradeableSessionTracker implements SessionTracker {
  /** Null: local sessions are switched off. */
  protected readonly local: LocalSessionTracker | null;
  /** Upgraded, and its createSession is not yet applied. */
  readonly #upgrading = new Set<SessionId>();
  readonly #ctx: ServerContext;

  constructor(ctx: ServerContext, expire: SessionExpirer) {
    this.#ctx = ctx;
    this.local = ctx.zoo.localSessionsEnabled ? new LocalSessionTracker(ctx, expire) : null;
  }

  abstract get sessions(): SessionTracker['sessions'];
  abstract createSession(timeout: number): SessionId;
  abstract touchSession(id: SessionId, timeout: number): boolean;
  abstract checkSession(id: SessionId, owner: Sid | null): KeeperError | null;
  abstract isGlobalSession(id: SessionId): boolean;
  protected abstract trackUpgraded(id: SessionId, timeout: number): void;

  isLocalSession(id: SessionId): boolean {
    return this.local?.isTrackingSession(id) ?? false;
  }

  /** The local session is on its way to become global; its timeout, ms. */
  upgradeSession(id: SessionId): number {
    const timeout = this.local?.upgrade(id) ?? null;
    assert(timeout !== null, 'only a local session is upgraded');
    this.trackUpgraded(id, timeout);
    this.#upgrading.add(id);
    return timeout;
  }

  commitSession(id: SessionId, _timeout: number): void {
    this.local?.upgrade(id);
    this.#upgrading.delete(id);
  }

  removeSession(id: SessionId): void {
    this.local?.removeSession(id);
  }

  shutdown(): void {
    this.local?.shutdown();
    // Neither local any more nor known to all servers.
    for (const sessionId of this.#upgrading) {
      this.#ctx.emit({ kind: 'session-closed', sessionId }, { rule: 'session.local-lost' });
    }
    this.#upgrading.clear();
  }

  protected isUpgradingSession(id: SessionId): boolean {
    return this.#upgrading.has(id);
  }
}
