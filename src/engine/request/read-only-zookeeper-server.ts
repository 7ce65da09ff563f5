/**
 * Serving without a quorum (`ReadOnlyZooKeeperServer`, `ReadOnlyRequestProcessor`), for clients that can
 * do with the tree as this server knew it last:
 *
 *   client → ReadOnlyRequestProcessor → FinalRequestProcessor        (writes are answered at once)
 */
import type { EventRef, SessionId } from '../../protocol/ids.ts';
import type { ServerCnxnFactory } from '../connection/server-cnxn-factory.ts';
import type { ServerContext } from '../context.ts';
import type { Request } from '../ports.ts';
import { LearnerSessionTracker } from '../session/learner-session-tracker.ts';
import type { ZKDatabase } from '../storage/database.ts';
import type { Timer } from '../../process/io.ts';
import { FinalRequestProcessor } from './final-request-processor.ts';
import { noteQueue, noteRequest } from './prep-request-processor.ts';
import { isQuorumWrite, type RequestProcessor } from './processor.ts';
import { ZooKeeperServer } from './zookeeper-server.ts';

/** A server looks for a leader at least so long before it serves without one, ms. */
const MIN_GRACE_MS = 2000;

/** Makes the read-only server of a peer that looks for a leader for long (`QuorumPeer.run`). */
export class ReadOnlyMode {
  readonly #ctx: ServerContext;
  readonly #db: ZKDatabase;
  readonly #cnxnFactory: ServerCnxnFactory;
  #grace: Timer | null = null;
  #server: ReadOnlyZooKeeperServer | null = null;

  constructor(ctx: ServerContext, db: ZKDatabase, cnxnFactory: ServerCnxnFactory) {
    this.#ctx = ctx;
    this.#db = db;
    this.#cnxnFactory = cnxnFactory;
  }

  /** The peer is LOOKING from now on. */
  looking(): void {
    if (!this.#ctx.zoo.readonlymodeEnabled || this.#grace || this.#server) return;
    this.#grace = this.#ctx.setTimer(Math.max(MIN_GRACE_MS, this.#ctx.zoo.tickTime), () => {
      this.#grace = null;
      this.#server = new ReadOnlyZooKeeperServer(this.#ctx, this.#db, this.#cnxnFactory);
      this.#server.start();
    });
  }

  /** The election is over. */
  decided(): void {
    this.#grace?.cancel();
    this.#grace = null;
    this.#server?.shutdown('the election is over');
    this.#server = null;
  }
}

class ReadOnlyZooKeeperServer extends ZooKeeperServer {
  readonly mode = 'read-only';
  readonly sessionTracker: LearnerSessionTracker;
  protected readonly firstProcessor: RequestProcessor = { processRequest: (request) => this.#process(request) };
  readonly #finalProcessor: FinalRequestProcessor;

  constructor(ctx: ServerContext, db: ZKDatabase, cnxnFactory: ServerCnxnFactory) {
    super(ctx, db, cnxnFactory);
    this.sessionTracker = new LearnerSessionTracker(ctx, db.sessionsWithTimeouts, (id, cause) =>
      this.closeSession(id, cause),
    );
    this.#finalProcessor = new FinalRequestProcessor(this);
    noteQueue(ctx.metrics);
  }

  override get readOnly(): boolean {
    return true;
  }

  override start(): void {
    this.ctx.emit({ kind: 'read-only', on: true }, { rule: 'session.read-only-server' });
    super.start();
  }

  override shutdown(why: string): void {
    super.shutdown(why);
    this.ctx.emit({ kind: 'read-only', on: false }, { rule: 'session.read-only-server' });
  }

  /** Whether a session of the ensemble still lives is not known here. */
  protected override mayReconnect(sessionId: SessionId): boolean {
    return !this.sessionTracker.isGlobalSession(sessionId);
  }

  protected override isLocalSessionRequest({ operation, sessionId }: Request): boolean {
    if (operation.op === 'createSession') return this.ctx.zoo.localSessionsEnabled;
    return operation.op === 'closeSession' && this.sessionTracker.isLocalSession(sessionId);
  }

  protected shutdownProcessors(): void {
    this.sessionTracker.shutdown();
  }

  #process(request: Request): void {
    const { operation, sessionId, owner, cause } = request;
    if (operation.op === 'sync' || isQuorumWrite(request)) {
      this.#refuse(request);
      return;
    }
    noteRequest(this.ctx.metrics);
    const error = request.local ? null : this.sessionTracker.checkSession(sessionId, owner);
    const checked = error ? { ...request, error } : request;
    this.#finalProcessor.processRequest({ request: checked, txn: null, causes: [cause] });
  }

  #refuse({ operation, cxid, conn, cause }: Request): void {
    if (conn !== undefined) this.stats.inProcess--;
    const cnxn = conn === undefined ? null : this.cnxnFactory.get(conn);
    if (!cnxn) return;
    const causes: EventRef[] = [cause];
    let rule: 'session.read-only-write' | 'session.read-only-local' = 'session.read-only-write';
    if (operation.op === 'createSession') {
      // The client finds an answer where it expects its session, and breaks off.
      rule = 'session.read-only-local';
      const body = { kind: 'client-refused', client: cnxn.client, conn: cnxn.conn, why: 'NO_LOCAL_SESSIONS' } as const;
      causes.unshift(this.ctx.emit(body, { rule, causes: [cause] }));
    }
    const header = { xid: cxid, zxid: this.db.lastProcessedZxid, error: 'NOTREADONLY' } as const;
    cnxn.sendResponse(header, null, { rule, causes });
  }
}
