/** What a serving server asks of its session tracker (`SessionTracker`). */
import type { KeeperError } from '../../protocol/errors.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import type { SessionId, Sid } from '../../protocol/ids.ts';

/** When sessions expire, soonest first. */
export type Expiries = readonly (readonly [VirtualTime, readonly SessionId[]])[];

export interface SessionTracker {
  /**
   * What reports tell: of sessions that all servers know when they expire or, where others decide about that, their
   * timeouts in ms. `local` null: there are no local sessions.
   */
  readonly sessions: { readonly local: Expiries | null; readonly global: Expiries | ReadonlyMap<SessionId, number> };
  /** A new id; the session itself begins with its transaction, if it is not local. */
  createSession(timeout: number): SessionId;
  /** The client was heard from. False: the session is unknown here or closing, and the request is to be dropped. */
  touchSession(id: SessionId, timeout: number): boolean;
  /** The session's createSession is applied. */
  commitSession(id: SessionId, timeout: number): void;
  /** The session's closeSession is applied. */
  removeSession(id: SessionId): void;
  /** Null if a request that came through `owner` may go on. */
  checkSession(id: SessionId, owner: Sid | null): KeeperError | null;
  shutdown(): void;
}

/** What only those can answer who decide about the sessions of all servers. */
export interface GlobalSessionTracker extends SessionTracker {
  /** createSession is being prepared: from here on the session can expire. */
  trackSession(id: SessionId, timeout: number): void;
  /** As {@link checkSession}, of a session that all servers know. */
  checkGlobalSession(id: SessionId, owner: Sid | null): KeeperError | null;
  setOwner(id: SessionId, owner: Sid | null): void;
  setSessionClosing(id: SessionId): void;
}
