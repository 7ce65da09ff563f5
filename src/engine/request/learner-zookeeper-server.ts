/**
 * The serving side of learners (`LearnerZooKeeperServer`, `FollowerZooKeeperServer`,
 * `ObserverZooKeeperServer`):
 *
 *   client → Follower- or ObserverRequestProcessor → CommitProcessor → FinalRequestProcessor    (writes and syncs also to the leader)
 *   PROPOSAL → SyncRequestProcessor → SendAckRequestProcessor        COMMIT → CommitProcessor
 *   INFORM   → SyncRequestProcessor, and at once → CommitProcessor
 */
import type { ConnId, EventRef, SessionId } from '../../protocol/ids.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import { counterOf, formatZxid, type Zxid } from '../../protocol/zxid.ts';
import type { ServerCnxn } from '../connection/server-cnxn.ts';
import type { ServerCnxnFactory } from '../connection/server-cnxn-factory.ts';
import type { ServerContext } from '../context.ts';
import type { LearnerPort, LearnerServer, Request } from '../ports.ts';
import { LearnerSessionTracker } from '../session/learner-session-tracker.ts';
import type { ZKDatabase } from '../storage/database.ts';
import { SendAckRequestProcessor } from './ack-request-processors.ts';
import { CommitProcessor } from './commit-processor.ts';
import { FollowerRequestProcessor, ObserverRequestProcessor } from './entry-request-processors.ts';
import { FinalRequestProcessor } from './final-request-processor.ts';
import type { RequestProcessor } from './processor.ts';
import { QuorumZooKeeperServer } from './quorum-zookeeper-server.ts';
import { SyncRequestProcessor, type LoggedProcessor, type LogRequest } from './sync-request-processor.ts';

abstract class LearnerZooKeeperServer extends QuorumZooKeeperServer implements LearnerServer {
  readonly sessionTracker: LearnerSessionTracker;
  /** Logged or being logged, not committed; in zxid order. */
  protected readonly pendingTxns: LogRequest[] = [];
  protected readonly commitProcessor: CommitProcessor;
  protected readonly pendingSyncs: Request[] = [];
  readonly #syncProcessor: SyncRequestProcessor;
  readonly #learner: LearnerPort;
  /** Sessions that wait for the leader's REVALIDATE → the connection that waits. */
  readonly #pendingRevalidations = new Map<SessionId, ConnId>();

  constructor(
    ctx: ServerContext,
    db: ZKDatabase,
    cnxnFactory: ServerCnxnFactory,
    learner: LearnerPort,
    logged: LoggedProcessor | null,
  ) {
    super(ctx, db, cnxnFactory);
    this.#learner = learner;
    this.sessionTracker = new LearnerSessionTracker(ctx, db.sessionsWithTimeouts, (id, why) =>
      this.closeSession(id, why),
    );
    this.commitProcessor = new CommitProcessor(ctx, new FinalRequestProcessor(this), true);
    this.#syncProcessor = new SyncRequestProcessor(ctx, db, logged);
  }

  override get configText(): string {
    return this.#learner.quorumVerifier.text;
  }

  logRequest(txn: LoggedTxn, cause: EventRef): void {
    if (!this.isRunning) return;
    const request: LogRequest = { txn, cause };
    if (counterOf(txn.header.zxid) !== 0) this.pendingTxns.push(request);
    this.#syncProcessor.processRequest(request);
  }

  commit(zxid: Zxid, cause: EventRef = this.ctx.cause): void {
    if (!this.isRunning) return;
    const newestFirst = this.ctx.broken('commit-out-of-order');
    const proposal = this.pendingTxns.at(newestFirst ? -1 : 0);
    // The real server only warns: the txn came and was committed in the synchronization.
    if (!proposal) return;
    const { header } = proposal.txn;
    if (header.zxid !== zxid && !newestFirst) {
      this.ctx.exit(
        `told to commit ${formatZxid(zxid)}, but the next pending transaction is ${formatZxid(header.zxid)}`,
      );
      return;
    }
    this.pendingTxns.splice(newestFirst ? -1 : 0, 1);
    this.ctx.metrics.addLatency('commit_propagation_latency', this.ctx.wallClock(), header);
    this.commitProcessor.commit({
      sessionId: header.clientId,
      cxid: header.cxid,
      txn: proposal.txn,
      causes: [cause, proposal.cause],
    });
  }

  sync(): void {
    // The real server only warns about a SYNC that nobody waits for.
    const request = this.isRunning ? this.pendingSyncs.shift() : undefined;
    if (!request) return;
    this.commitProcessor.commit({
      sessionId: request.sessionId,
      cxid: request.cxid,
      txn: null,
      causes: [this.ctx.cause],
    });
  }

  revalidated(sessionId: SessionId, valid: boolean): void {
    const conn = this.#pendingRevalidations.get(sessionId);
    this.#pendingRevalidations.delete(sessionId);
    const cnxn = conn === undefined ? null : this.cnxnFactory.get(conn);
    if (cnxn) this.finishSessionInit(cnxn, valid ? 'renewed' : 'expired', []);
  }

  takeTouched(): readonly (readonly [SessionId, number])[] {
    return this.sessionTracker.takeTouched();
  }

  protected override revalidateSession(cnxn: ServerCnxn): void {
    if (this.sessionTracker.isLocalSession(cnxn.sessionId)) {
      super.revalidateSession(cnxn);
      return;
    }
    this.#pendingRevalidations.set(cnxn.sessionId, cnxn.conn);
    this.#learner.validateSession(cnxn.sessionId, cnxn.sessionTimeout);
  }

  protected override shutdownProcessors(): void {
    this.sessionTracker.shutdown();
    this.commitProcessor.shutdown();
    this.pendingTxns.length = 0;
    this.pendingSyncs.length = 0;
    this.#pendingRevalidations.clear();
    this.#syncProcessor.shutdown();
  }
}

export class FollowerZooKeeperServer extends LearnerZooKeeperServer {
  readonly mode = 'follower';
  protected readonly firstProcessor: RequestProcessor;

  constructor(ctx: ServerContext, db: ZKDatabase, cnxnFactory: ServerCnxnFactory, follower: LearnerPort) {
    super(ctx, db, cnxnFactory, follower, new SendAckRequestProcessor(ctx, follower));
    this.firstProcessor = new FollowerRequestProcessor(this, this.pendingSyncs, follower, this.commitProcessor);
  }
}

/** Logs and commits what INFORM brings, and acknowledges nothing. `syncEnabled` is always on, its default. */
export class ObserverZooKeeperServer extends LearnerZooKeeperServer {
  readonly mode = 'observer';
  protected readonly firstProcessor: RequestProcessor;

  constructor(ctx: ServerContext, db: ZKDatabase, cnxnFactory: ServerCnxnFactory, observer: LearnerPort) {
    super(
      ctx,
      db,
      cnxnFactory,
      observer,
      ctx.broken('observer-acks') ? new SendAckRequestProcessor(ctx, observer) : null,
    );
    this.firstProcessor = new ObserverRequestProcessor(this, this.pendingSyncs, observer, this.commitProcessor);
  }
}
