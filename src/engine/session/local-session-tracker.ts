/** Sessions that only this server knows (`LocalSessionTracker`): they cost no transaction and end with the server's role. */
import type { SessionId } from '../../protocol/ids.ts';
import type { ServerContext } from '../context.ts';
import { SessionTrackerImpl, type SessionExpirer } from './session-tracker-impl.ts';

export class LocalSessionTracker extends SessionTrackerImpl {
  readonly #ctx: ServerContext;
  readonly #timeouts = new Map<SessionId, number>();

  constructor(ctx: ServerContext, expire: SessionExpirer) {
    super(ctx, [], expire);
    this.#ctx = ctx;
  }

  override createSession(timeout: number): SessionId {
    const sessionId = super.createSession(timeout);
    this.#timeouts.set(sessionId, timeout);
    this.#ctx.emit({ kind: 'session-opened', sessionId, timeout, local: true }, { rule: 'session.local' });
    return sessionId;
  }

  /** The session becomes one of all servers: forgets it here and tells its timeout, ms; null if it is not here. */
  upgrade(id: SessionId): number | null {
    const timeout = this.#timeouts.get(id) ?? null;
    this.#timeouts.delete(id);
    super.removeSession(id);
    return timeout;
  }

  override removeSession(id: SessionId): void {
    if (this.#timeouts.delete(id))
      this.#ctx.emit({ kind: 'session-closed', sessionId: id }, { rule: 'session.local-close' });
    super.removeSession(id);
  }

  override shutdown(): void {
    for (const sessionId of this.#timeouts.keys()) {
      this.#ctx.emit({ kind: 'session-closed', sessionId }, { rule: 'session.local-lost' });
    }
    this.#timeouts.clear();
    super.shutdown();
  }
}
