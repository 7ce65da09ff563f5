/**
 * Tracks sessions (`SessionTrackerImpl`): who owns them, which are closing, and when they expire. A
 * leader has one for the sessions of all servers, a standalone server one for its own, and each server
 * with local sessions one for those (`LocalSessionTracker`).
 */
import type { KeeperError } from '../../protocol/errors.ts';
import type { EventRef, SessionId, Sid } from '../../protocol/ids.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import type { ServerContext } from '../context.ts';
import { ExpiryQueue } from './expiry-queue.ts';
import { SessionIds } from './identity.ts';
import type { Expiries, GlobalSessionTracker, SessionTracker } from './session-tracker.ts';

interface Session {
  isClosing: boolean;
  /** The server through which its requests must come; null until the first one. */
  owner: Sid | null;
  /** The step in which it was last heard from. */
  touchedBy: EventRef;
}

/** Called for a session that was silent too long, with the event that says so (`SessionExpirer`). */
export type SessionExpirer = (id: SessionId, cause: EventRef) => void;

export class SessionTrackerImpl implements GlobalSessionTracker {
  readonly #ctx: ServerContext;
  readonly #ids: SessionIds;
  readonly #sessions = new Map<SessionId, Session>();
  readonly #expiryQueue: ExpiryQueue<SessionId>;
  readonly #expire: SessionExpirer;

  /**
   * Every known session starts with its full timeout.
   * @param sessionsWithTimeouts sessions of the replicated database, ms
   */
  constructor(
    ctx: ServerContext,
    sessionsWithTimeouts: Iterable<readonly [SessionId, number]>,
    expire: SessionExpirer,
  ) {
    this.#ctx = ctx;
    this.#ids = new SessionIds(ctx.sid, ctx.wallClock());
    this.#expire = expire;
    this.#expiryQueue = new ExpiryQueue(ctx, ctx.zoo.tickTime, (id, bucket) => this.#expired(id, bucket));
    for (const [id, timeout] of sessionsWithTimeouts) this.trackSession(id, timeout);
  }

  createSession(timeout: number): SessionId {
    const id = this.#ids.take();
    this.trackSession(id, timeout);
    return id;
  }

  trackSession(id: SessionId, timeout: number): void {
    if (!this.#sessions.has(id)) {
      this.#sessions.set(id, { isClosing: false, owner: null, touchedBy: this.#ctx.cause });
    }
    this.#expiryQueue.update(id, timeout);
  }

  isTrackingSession(id: SessionId): boolean {
    return this.#sessions.has(id);
  }

  touchSession(id: SessionId, timeout: number): boolean {
    const session = this.#sessions.get(id);
    if (!session || session.isClosing) return false;
    session.touchedBy = this.#ctx.cause;
    if (!this.#ctx.broken('expire-early')) this.#expiryQueue.update(id, timeout);
    return true;
  }

  /** A session that is not tracked: UNKNOWNSESSION. */
  checkSession(id: SessionId, owner: Sid | null): KeeperError | null {
    const session = this.#sessions.get(id);
    if (!session) return 'UNKNOWNSESSION';
    if (session.isClosing && !this.#ctx.broken('serve-closing-session')) return 'SESSIONEXPIRED';
    if (session.owner === null) this.setOwner(id, owner);
    return session.owner === owner || this.#ctx.broken('ignore-session-owner') ? null : 'SESSIONMOVED';
  }

  checkGlobalSession(id: SessionId, owner: Sid | null): KeeperError | null {
    const error = this.checkSession(id, owner);
    return error === 'UNKNOWNSESSION' ? 'SESSIONEXPIRED' : error;
  }

  setOwner(id: SessionId, owner: Sid | null): void {
    const session = this.#sessions.get(id);
    if (!session || session.isClosing || session.owner === owner) return;
    session.owner = owner;
    if (owner !== null) this.#ctx.emit({ kind: 'session-owner', sessionId: id, owner }, { rule: 'session.owner' });
  }

  setSessionClosing(id: SessionId): void {
    const session = this.#sessions.get(id);
    if (session) session.isClosing = true;
  }

  /** The database keeps id and timeout; expiry has run since {@link trackSession}. */
  commitSession(_id: SessionId, _timeout: number): void {}

  removeSession(id: SessionId): void {
    this.#sessions.delete(id);
    this.#expiryQueue.remove(id);
  }

  /** When each session expires, soonest first, as `dump` shows it. */
  get expiries(): Expiries {
    return this.#expiryQueue.buckets;
  }

  get sessions(): SessionTracker['sessions'] {
    return { local: null, global: this.expiries };
  }

  shutdown(): void {
    this.#expiryQueue.shutdown();
  }

  #expired(id: SessionId, bucket: VirtualTime): void {
    const session = this.#sessions.get(id);
    this.#ctx.metrics.count('stale_sessions_expired');
    if (!session) return;
    this.setSessionClosing(id);
    const body = { kind: 'session-expired', sessionId: id, bucket } as const;
    this.#expire(id, this.#ctx.emit(body, { rule: 'session.expiry-bucket', causes: [session.touchedBy] }));
  }
}
