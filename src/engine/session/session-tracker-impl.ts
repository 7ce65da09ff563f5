/**
 * The leader's tracker of all sessions (`SessionTrackerImpl`, as `LeaderSessionTracker` uses it): who
 * owns them, which are closing, and when they expire. Nobody else expires a session. Local sessions
 * are not part of it.
 */
import type { KeeperError } from '../../protocol/errors.ts';
import type { EventRef, SessionId, Sid } from '../../protocol/ids.ts';
import type { ServerContext } from '../context.ts';
import { ExpiryQueue } from './expiry-queue.ts';
import { SessionIds } from './identity.ts';
import type { GlobalSessionTracker } from './session-tracker.ts';

interface Session {
  isClosing: boolean;
  /** The server through which its requests must come; null until the first one. */
  owner: Sid | null;
  /** The step in which it was last heard from. */
  touchedBy: EventRef;
}

export class SessionTrackerImpl implements GlobalSessionTracker {
  readonly #ctx: ServerContext;
  readonly #ids: SessionIds;
  readonly #sessions = new Map<SessionId, Session>();
  readonly #expiryQueue: ExpiryQueue<SessionId>;
  readonly #expire: (id: SessionId, cause: EventRef) => void;

  /**
   * Every known session starts with its full timeout.
   * @param sessionsWithTimeouts sessions of the replicated database, ms
   * @param expire called for a session that was silent too long, with the event that says so
   */
  constructor(
    ctx: ServerContext,
    sessionsWithTimeouts: Iterable<readonly [SessionId, number]>,
    expire: (id: SessionId, cause: EventRef) => void,
  ) {
    this.#ctx = ctx;
    this.#ids = new SessionIds(ctx.sid, ctx.wallClock());
    this.#expire = expire;
    this.#expiryQueue = new ExpiryQueue(ctx, ctx.zoo.tickTime, (id, bucket) => {
      const session = this.#sessions.get(id);
      if (!session) return;
      this.setSessionClosing(id);
      const body = { kind: 'session-expired', sessionId: id, bucket } as const;
      this.#expire(id, ctx.emit(body, { rule: 'session.expiry-bucket', causes: [session.touchedBy] }));
    });
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

  touchSession(id: SessionId, timeout: number): boolean {
    const session = this.#sessions.get(id);
    if (!session || session.isClosing) return false;
    session.touchedBy = this.#ctx.cause;
    this.#expiryQueue.update(id, timeout);
    return true;
  }

  checkSession(id: SessionId, owner: Sid | null): KeeperError | null {
    const session = this.#sessions.get(id);
    // A session that the leader does not know is over: only local sessions could live elsewhere.
    if (!session || session.isClosing) return 'SESSIONEXPIRED';
    if (session.owner === null) this.setOwner(id, owner);
    return session.owner === owner ? null : 'SESSIONMOVED';
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

  commitSession(): void {
    // The database keeps id and timeout; expiry has run since trackSession.
  }

  removeSession(id: SessionId): void {
    this.#sessions.delete(id);
    this.#expiryQueue.remove(id);
  }

  shutdown(): void {
    this.#expiryQueue.shutdown();
  }
}
