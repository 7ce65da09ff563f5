/** What a serving server asks of its session tracker (`SessionTracker`). */
import type { KeeperError } from '../../protocol/errors.ts';
import type { SessionId, Sid } from '../../protocol/ids.ts';

export interface SessionTracker {
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
