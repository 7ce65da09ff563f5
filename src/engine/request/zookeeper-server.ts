/**
 * What all serving servers share on their clients' side (`ZooKeeperServer`): connect requests,
 * authentication, the way of a request into the pipeline, the effect of transactions on sessions, and
 * the end of it all at shutdown. Not here: throttling.
 */
import { assert } from '../../protocol/assert.ts';
import type { EventOf } from '../../protocol/events.ts';
import { NO_SESSION, type EventRef, type SessionId } from '../../protocol/ids.ts';
import { OP_CODES, type Operation } from '../../protocol/operations.ts';
import type { RuleId } from '../../protocol/rules/index.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import { PERMS, type Stat } from '../../protocol/znode.ts';
import { ZXID_UNKNOWN, ZXID_ZERO } from '../../protocol/zxid.ts';
import { checkACL, handleAuthentication } from '../auth/index.ts';
import type { ServerCnxn } from '../connection/server-cnxn.ts';
import type { ClientServer, ConnectRequest, ServerCnxnFactory } from '../connection/server-cnxn-factory.ts';
import type { ServerContext } from '../context.ts';
import { ServerStats, type Mode } from '../monitor/index.ts';
import type { Request, ZooKeeperServer as ServingServer } from '../ports.ts';
import { checkPasswd } from '../session/identity.ts';
import type { SessionTracker } from '../session/session-tracker.ts';
import type { ProcessTxnResult, ZKDatabase } from '../storage/database.ts';
import { isValid, type OperationOf, type RequestProcessor } from './processor.ts';

type Refusal = EventOf<'client-refused'>['why'];

/** Of a znode that is not there yet. */
const NO_STAT: Stat = {
  czxid: ZXID_ZERO,
  mzxid: ZXID_ZERO,
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: NO_SESSION,
  dataLength: 0,
  numChildren: 0,
  pzxid: ZXID_ZERO,
};

export abstract class ZooKeeperServer implements ServingServer, ClientServer {
  readonly ctx: ServerContext;
  readonly db: ZKDatabase;
  readonly cnxnFactory: ServerCnxnFactory;
  readonly stats: ServerStats;
  #running = true;

  constructor(ctx: ServerContext, db: ZKDatabase, cnxnFactory: ServerCnxnFactory) {
    this.ctx = ctx;
    this.db = db;
    this.cnxnFactory = cnxnFactory;
    this.stats = new ServerStats(ctx.metrics, ctx.elapsed());
  }

  /** `getState` */
  abstract get mode(): Mode;
  abstract get sessionTracker(): SessionTracker;
  protected abstract get firstProcessor(): RequestProcessor;
  /** Stops processors and session tracker. */
  protected abstract shutdownProcessors(): void;

  /** Serves without a quorum (`ReadOnlyZooKeeperServer`). */
  get readOnly(): boolean {
    return false;
  }

  /** Text of the committed configuration; null: there is no ensemble. */
  get configText(): string | null {
    return null;
  }

  /** Until {@link shutdown}. */
  get isRunning(): boolean {
    return this.#running;
  }

  start(): void {
    this.db.watches.deliverTo({
      mayRead: (session, acl) => checkACL(this.ctx.zoo, acl, PERMS.READ, this.cnxnFactory.authInfoOf(session)),
      deliver: (session, notification, fired) => this.cnxnFactory.deliver(session, notification, fired),
    });
    this.cnxnFactory.monitor.running = this;
    if (this.openForClients()) this.cnxnFactory.setServer(this);
  }

  shutdown(why: string): void {
    if (!this.#running) return;
    this.#running = false;
    this.cnxnFactory.closeAll(why, 'session.server-stops');
    this.cnxnFactory.setServer(null);
    this.cnxnFactory.monitor.running = null;
    this.shutdownProcessors();
  }

  processConnectRequest(cnxn: ServerCnxn, request: ConnectRequest): void {
    const { metrics } = this.ctx;
    metrics.count('connection_request_count');
    // No connection is throttled.
    metrics.add('connection_token_deficit', 0);
    if (this.readOnly && !request.readOnly) {
      this.#turnAway(cnxn, 'NOT_READ_ONLY_CLIENT', 'the server is read-only', 'session.read-only-client');
      return;
    }
    if (request.lastZxidSeen > this.db.lastProcessedZxid && !this.ctx.broken('server-accepts-newer-client')) {
      this.#turnAway(cnxn, 'ZXID_AHEAD', 'the client has seen a later zxid', 'session.zxid-ahead');
      return;
    }
    cnxn.initialized = true;
    cnxn.recvEnabled = false;
    cnxn.sessionTimeout = this.#clampTimeout(request.timeout);
    this.cnxnFactory.touchCnxn(cnxn);
    const { sessionId } = request;
    if (sessionId === NO_SESSION) {
      this.#createSession(cnxn);
      return;
    }
    if (!this.mayReconnect(sessionId)) {
      const why = 'a read-only server cannot renew a session of the ensemble';
      this.#turnAway(cnxn, 'GLOBAL_SESSION', why, 'session.read-only-renewal');
      return;
    }
    this.cnxnFactory.closeSession(sessionId, 'the session reconnected', 'session.older-connection');
    this.cnxnFactory.addSession(sessionId, cnxn);
    if (checkPasswd(sessionId, request.passwd)) this.revalidateSession(cnxn);
    else this.#refuse(cnxn, 'BAD_PASSWORD', 'session.password', []);
    metrics.count('connection_revalidate_count');
  }

  processPacket(cnxn: ServerCnxn, xid: number, operation: Operation, cause: EventRef): void {
    if (operation.op === 'auth') {
      this.#authenticate(cnxn, xid, operation.scheme, operation.auth, cause);
      return;
    }
    if (operation.op === 'unreadable' && operation.code === OP_CODES.auth) {
      this.cnxnFactory.close(cnxn, 'an auth packet cannot be read');
      return;
    }
    if (operation.op === 'sasl') {
      this.#answerSasl(cnxn, xid, operation);
      return;
    }
    if (operation.op === 'unreadable' && operation.code === OP_CODES.sasl) {
      this.cnxnFactory.close(cnxn, 'a SASL token cannot be read', 'request.sasl');
      return;
    }
    const { sessionId, authInfo, conn } = cnxn;
    if (xid > 0) cnxn.stats.outstanding++;
    const [owner, createTime] = [this.ctx.sid, this.ctx.elapsed()];
    this.#submitRequest({ sessionId, cxid: xid, operation, authInfo, owner, cause, conn, createTime }, cnxn);
  }

  removeCnxn(cnxn: ServerCnxn): void {
    this.db.watches.drop(cnxn.sessionId);
    if (cnxn.attached && this.ctx.broken('session-dies-with-connection')) {
      this.closeSession(cnxn.sessionId, this.ctx.cause);
    }
  }

  /** Answers the connect request (`finishSessionInit`). `expired`: the session is unknown. */
  finishSessionInit(cnxn: ServerCnxn, outcome: 'created' | 'renewed' | 'expired', causes: readonly EventRef[]): void {
    if (outcome === 'expired') {
      this.#refuse(cnxn, 'UNKNOWN_SESSION', 'session.expired-answer', causes);
      return;
    }
    const rule = `session.${outcome}` as const;
    const { sessionId, conn, client, sessionTimeout: timeout } = cnxn;
    const attached = this.ctx.emit({ kind: 'session-attached', sessionId, conn, client, timeout }, { rule, causes });
    cnxn.attached = true;
    cnxn.sendConnectResponse(true, this.readOnly, { rule, causes: [attached, ...causes] });
    this.cnxnFactory.enableRecv(cnxn);
  }

  processTxn(txn: LoggedTxn, causes: readonly EventRef[]): ProcessTxnResult {
    const { header } = txn;
    if (txn.txn.type === 'createSession') this.sessionTracker.commitSession(header.clientId, txn.txn.timeout);
    if (txn.txn.type === 'closeSession') this.sessionTracker.removeSession(header.clientId);
    const result = this.db.processTxn(txn, causes);
    this.db.addCommittedProposal(txn);
    return result;
  }

  /** The session ends without its client asking (`closeSession`, `expire`): `cause` says why. */
  closeSession(sessionId: SessionId, cause: EventRef): void {
    if (!this.#running) return;
    this.#submitRequest({ sessionId, cxid: 0, operation: { op: 'closeSession' }, authInfo: [], owner: null, cause });
  }

  /** `leaderServes` */
  protected openForClients(): boolean {
    return true;
  }

  /** A session reconnects with the right password; ends in {@link finishSessionInit}. */
  protected revalidateSession(cnxn: ServerCnxn): void {
    const valid = this.sessionTracker.touchSession(cnxn.sessionId, cnxn.sessionTimeout);
    this.finishSessionInit(cnxn, valid ? 'renewed' : 'expired', []);
  }

  /** `validateSession`: whether the session may reconnect here at all. */
  protected mayReconnect(_sessionId: SessionId): boolean {
    return true;
  }

  /** `setLocalSessionFlag`: whether the request begins or ends a session that only this server knows. */
  protected isLocalSessionRequest(_request: Request): boolean {
    return false;
  }

  /** Through which server a new session's requests must come; null: its first request says. */
  protected get ownerOfNewSessions(): Request['owner'] {
    return this.ctx.sid;
  }

  /** `submitRequestNow`. `cnxn`: the connection on which it came. */
  #submitRequest(request: Request, cnxn?: ServerCnxn): void {
    // Nothing is throttled.
    this.ctx.metrics.add('request_throttle_queue_time_ms', 0);
    if (cnxn && !this.sessionTracker.touchSession(cnxn.sessionId, cnxn.sessionTimeout)) {
      this.ctx.emit(
        { kind: 'request-rejected', sessionId: cnxn.sessionId, why: 'the session is closing or unknown' },
        { rule: 'request.dropped', causes: [request.cause] },
      );
      return;
    }
    if (!isValid(request.operation)) {
      assert(cnxn, 'a server asks itself for valid operations only');
      this.#refuseOperation(cnxn, request);
      return;
    }
    if (cnxn && this.ctx.broken('reply-before-commit') && this.#replyEarly(cnxn, request)) {
      const { conn: _, ...unanswered } = request;
      this.firstProcessor.processRequest(unanswered);
      return;
    }
    if (cnxn) this.stats.inProcess++;
    this.firstProcessor.processRequest(this.isLocalSessionRequest(request) ? { ...request, local: true } : request);
  }

  /** OK to a write of which nothing is known yet, not even whether it can be done. False: the request is none. */
  #replyEarly(cnxn: ServerCnxn, { operation, cxid, cause }: Request): boolean {
    if (operation.op !== 'create2' && operation.op !== 'setData' && operation.op !== 'delete') return false;
    const { path } = operation;
    const header = { xid: cxid, zxid: this.db.lastProcessedZxid, error: null };
    const result = operation.op === 'delete' ? null : { path, stat: this.db.dataTree.stat(path) ?? NO_STAT };
    cnxn.sendResponse(header, result, { rule: 'request.reply', causes: [cause] }, operation);
    return true;
  }

  #createSession(cnxn: ServerCnxn): void {
    const { sessionTimeout: timeout, conn } = cnxn;
    const sessionId = this.sessionTracker.createSession(timeout);
    this.cnxnFactory.addSession(sessionId, cnxn);
    const operation = { op: 'createSession', timeout } as const;
    const [owner, cause, createTime] = [this.ownerOfNewSessions, this.ctx.cause, this.ctx.elapsed()];
    this.#submitRequest({ sessionId, cxid: 0, operation, authInfo: [], owner, cause, conn, createTime }, cnxn);
  }

  /** Before the processors, so the next request has the new identity. */
  #authenticate(cnxn: ServerCnxn, xid: number, scheme: string, auth: Uint8Array | null, cause: EventRef): void {
    const ids = handleAuthentication(this.ctx.zoo, scheme, auth, cnxn.address);
    const header = { xid, zxid: ZXID_ZERO };
    if (!ids) {
      const rule = 'acl.auth-failed';
      const { client, conn } = cnxn;
      const body = { kind: 'client-refused', client, conn, why: 'AUTH_FAILED' } as const;
      const refused = this.ctx.emit(body, { rule, causes: [cause] });
      cnxn.sendResponse({ ...header, error: 'AUTHFAILED' }, null, { rule, causes: [refused] });
      this.cnxnFactory.close(cnxn, 'authentication failed', rule);
      return;
    }
    const added: EventRef[] = [];
    for (const authId of ids) {
      if (!cnxn.addAuthInfo(authId)) continue;
      const { scheme, id } = authId;
      const body = { kind: 'auth-added', sessionId: cnxn.sessionId, scheme, authId: id } as const;
      added.push(
        this.ctx.emit(body, { rule: scheme === 'super' ? 'acl.super' : 'acl.authenticated', causes: [cause] }),
      );
    }
    cnxn.sendResponse({ ...header, error: null }, null, { rule: 'acl.authenticated', causes: [...added, cause] });
  }

  /** `processSasl`, where there is no SASL server. */
  #answerSasl(cnxn: ServerCnxn, xid: number, operation: OperationOf<'sasl'>): void {
    const rule = 'request.sasl';
    if (operation.token === null) this.cnxnFactory.close(cnxn, 'a SASL request without a token', rule);
    else cnxn.sendResponse({ xid, zxid: ZXID_ZERO, error: null }, null, { rule }, operation);
  }

  /** `UnimplementedRequestProcessor` */
  #refuseOperation(cnxn: ServerCnxn, { operation, cxid, cause }: Request): void {
    const why =
      operation.op === 'unknown' ? `there is no operation ${operation.code}` : `${operation.op} is not served`;
    const rule = 'request.unimplemented';
    const rejected = this.ctx.emit(
      { kind: 'request-rejected', sessionId: cnxn.sessionId, why },
      { rule, causes: [cause] },
    );
    const header = { xid: cxid, zxid: ZXID_UNKNOWN, error: 'UNIMPLEMENTED' } as const;
    cnxn.sendResponse(header, null, { rule, causes: [rejected] });
    this.cnxnFactory.close(cnxn, why, rule);
  }

  #clampTimeout(wished: number): number {
    const { tickTime, minSessionTimeout, maxSessionTimeout } = this.ctx.zoo;
    const min = minSessionTimeout === -1 ? 2 * tickTime : minSessionTimeout;
    const max = maxSessionTimeout === -1 ? 20 * tickTime : maxSessionTimeout;
    return Math.min(Math.max(wished, min), max);
  }

  /** Closes instead of answering, so that the client tries another server. */
  #turnAway(cnxn: ServerCnxn, why: Refusal, reason: string, rule: RuleId): void {
    this.ctx.emit({ kind: 'client-refused', client: cnxn.client, conn: cnxn.conn, why }, { rule });
    this.cnxnFactory.close(cnxn, reason, rule);
  }

  /** Tells the client that its session is over, and closes. */
  #refuse(cnxn: ServerCnxn, why: Refusal, rule: RuleId, causes: readonly EventRef[]): void {
    const { client, conn } = cnxn;
    const refused = this.ctx.emit({ kind: 'client-refused', client, conn, why }, { rule, causes });
    cnxn.sendConnectResponse(false, this.readOnly, { rule, causes: [refused] });
    this.cnxnFactory.close(cnxn, 'the session is unknown', rule);
  }
}
