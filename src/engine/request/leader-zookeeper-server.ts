/**
 * The serving side of a leader (`LeaderZooKeeperServer`):
 *
 *   client → LeaderRequestProcessor → PrepRequestProcessor → ProposalRequestProcessor ─┬→ CommitProcessor → ToBeApplied → Final
 *   REQUEST of a learner ────────────────────↑                                         └→ SyncRequestProcessor → AckRequestProcessor
 */
import { assert } from '../../protocol/assert.ts';
import type { KeeperError } from '../../protocol/errors.ts';
import type { EventRef, SessionId, Sid } from '../../protocol/ids.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import { ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts';
import type { ServerCnxn } from '../connection/server-cnxn.ts';
import type { ServerCnxnFactory } from '../connection/server-cnxn-factory.ts';
import type { ServerContext } from '../context.ts';
import type { LeaderPort, LeaderServer, ReconfigOperation, Request } from '../ports.ts';
import { LeaderSessionTracker } from '../session/leader-session-tracker.ts';
import type { ProcessTxnResult, ZKDatabase } from '../storage/database.ts';
import { AckRequestProcessor } from './ack-request-processors.ts';
import { CommitProcessor } from './commit-processor.ts';
import { ContainerManager } from './container-manager.ts';
import { LeaderRequestProcessor } from './entry-request-processors.ts';
import { FinalRequestProcessor } from './final-request-processor.ts';
import { OutstandingChanges } from './outstanding-changes.ts';
import { PrepRequestProcessor } from './prep-request-processor.ts';
import { loggedTxn, type RequestProcessor, type WriteRequest } from './processor.ts';
import { ProposalRequestProcessor } from './proposal-request-processor.ts';
import { QuorumZooKeeperServer } from './quorum-zookeeper-server.ts';
import { SyncRequestProcessor } from './sync-request-processor.ts';
import { ToBeAppliedRequestProcessor } from './to-be-applied-request-processor.ts';

export class LeaderZooKeeperServer extends QuorumZooKeeperServer implements LeaderServer {
  readonly outstandingChanges: OutstandingChanges;
  readonly #firstProcessor: RequestProcessor;
  readonly #prepRequestProcessor: RequestProcessor;
  readonly #commitProcessor: CommitProcessor;
  readonly #syncProcessor: SyncRequestProcessor;
  readonly #containerManager: ContainerManager;
  readonly #leader: LeaderPort;
  /** Proposed, not committed; in zxid order. */
  readonly #proposed = new Map<Zxid, WriteRequest>();
  #sessionTracker: LeaderSessionTracker | null = null;
  /** The last zxid that was given out. */
  #hzxid: Zxid = ZXID_ZERO;

  constructor(ctx: ServerContext, db: ZKDatabase, cnxnFactory: ServerCnxnFactory, leader: LeaderPort) {
    super(ctx, db, cnxnFactory);
    this.#leader = leader;
    this.outstandingChanges = new OutstandingChanges(() => db.dataTree, ctx.metrics);
    // setupRequestProcessors
    const finalProcessor = new FinalRequestProcessor(this);
    this.#commitProcessor = new CommitProcessor(ctx, new ToBeAppliedRequestProcessor(finalProcessor, leader), false);
    this.#syncProcessor = new SyncRequestProcessor(ctx, db, new AckRequestProcessor(ctx, leader));
    const proposalProcessor = new ProposalRequestProcessor(this, leader, this.#commitProcessor, this.#syncProcessor);
    this.#prepRequestProcessor = new PrepRequestProcessor(this, proposalProcessor);
    this.#firstProcessor = new LeaderRequestProcessor(this, this.#prepRequestProcessor);
    this.#containerManager = new ContainerManager(this, this.#prepRequestProcessor);
  }

  /** Every session known now starts with its full timeout. */
  override start(): void {
    this.#sessionTracker = new LeaderSessionTracker(this.ctx, this.db.sessionsWithTimeouts, (id, cause) =>
      this.closeSession(id, cause),
    );
    super.start();
    this.#containerManager.start();
  }

  get sessionTracker(): LeaderSessionTracker {
    assert(this.#sessionTracker, 'a leader serves requests after it was started');
    return this.#sessionTracker;
  }

  override get configText(): string {
    return this.#leader.quorumVerifier.text;
  }

  setZxid(zxid: Zxid): void {
    this.#hzxid = zxid;
  }

  get mode(): 'leader' {
    return 'leader';
  }

  /** The next number, as it is: that the last of an epoch is never proposed, ProposalRequestProcessor sees to. */
  getNextZxid(): Zxid {
    this.#hzxid = (this.#hzxid + 1) as Zxid;
    return this.#hzxid;
  }

  reconfig(operation: ReconfigOperation, zxid: Zxid): Uint8Array | KeeperError {
    return this.#leader.prepareReconfig(operation, zxid);
  }

  submitLearnerRequest(request: Request & { owner: Sid }): void {
    if (this.isRunning) this.#prepRequestProcessor.processRequest(request);
  }

  proposed(request: WriteRequest): void {
    this.#proposed.set(request.header.zxid, request);
  }

  commit(zxid: Zxid, cause: EventRef = this.ctx.cause): void {
    if (!this.isRunning) return;
    const request = this.#proposed.get(zxid);
    assert(request, 'only what was proposed here is committed');
    this.#proposed.delete(zxid);
    this.#commitProcessor.commit({
      sessionId: request.sessionId,
      cxid: request.cxid,
      txn: loggedTxn(request),
      causes: [cause, request.cause],
    });
  }

  touch(sessionId: SessionId, timeout: number): void {
    if (this.isRunning) this.#sessionTracker?.touchSession(sessionId, timeout);
  }

  revalidate(sessionId: SessionId, timeout: number, owner: Sid): boolean {
    const tracker = this.#sessionTracker;
    // A local session of this server is nobody else's (`checkIfValidGlobalSession`).
    if (!this.isRunning || !tracker?.isGlobalSession(sessionId) || !tracker.touchSession(sessionId, timeout))
      return false;
    tracker.setOwner(sessionId, owner);
    return true;
  }

  override processTxn(txn: LoggedTxn, causes: readonly EventRef[]): ProcessTxnResult {
    const result = super.processTxn(txn, causes);
    this.outstandingChanges.applied(txn.header.zxid);
    return result;
  }

  protected get firstProcessor(): RequestProcessor {
    return this.#firstProcessor;
  }

  protected override revalidateSession(cnxn: ServerCnxn): void {
    this.sessionTracker.setOwner(cnxn.sessionId, this.ctx.sid);
    super.revalidateSession(cnxn);
  }

  /** The first request of a leader's own new session sets its owner. */
  protected override get ownerOfNewSessions(): null {
    return null;
  }

  protected override openForClients(): boolean {
    return this.ctx.zoo.leaderServes;
  }

  protected shutdownProcessors(): void {
    this.#containerManager.stop();
    this.#sessionTracker?.shutdown();
    this.#commitProcessor.shutdown();
    this.#proposed.clear();
    this.#syncProcessor.shutdown();
  }
}
