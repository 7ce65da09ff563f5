/**
 * What the servers of all roles share on their clients' side (`ZooKeeperServer`,
 * `QuorumZooKeeperServer`): connect requests, the way of a request into the pipeline, and the end of
 * it all at shutdown. Not here: local sessions, authentication, throttling.
 */
import { NO_SESSION, type EventRef } from '../../protocol/ids.ts';
import type { Operation } from '../../protocol/operations.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import type { ServerCnxn } from '../connection/server-cnxn.ts';
import type { ClientServer, ConnectRequest, ServerCnxnFactory } from '../connection/server-cnxn-factory.ts';
import type { ServerContext } from '../context.ts';
import type { Request, ZooKeeperServer } from '../ports.ts';
import { checkPasswd } from '../session/identity.ts';
import type { SessionTracker } from '../session/session-tracker.ts';
import type { ProcessTxnResult, ZKDatabase } from '../storage/database.ts';
import { isValid, type RequestProcessor } from './processor.ts';

export abstract class QuorumZooKeeperServer implements ZooKeeperServer, ClientServer {
  readonly ctx: ServerContext;
  readonly db: ZKDatabase;
  readonly cnxnFactory: ServerCnxnFactory;
  #running = true;

  constructor(ctx: ServerContext, db: ZKDatabase, cnxnFactory: ServerCnxnFactory) {
    this.ctx = ctx;
    this.db = db;
    this.cnxnFactory = cnxnFactory;
  }

  abstract get sessionTracker(): SessionTracker;
  protected abstract get firstProcessor(): RequestProcessor;
  /** `leaderServes` */
  protected abstract openForClients(): boolean;
  /** A session reconnects with the right password; ends in {@link finishSessionInit}. */
  protected abstract revalidateSession(cnxn: ServerCnxn): void;
  /** Stops the processors of the role. */
  protected abstract shutdownProcessors(): void;

  /** Until {@link shutdown}. */
  get isRunning(): boolean {
    return this.#running;
  }

  start(): void {
    this.db.watches.deliverTo((session, notification, fired) => this.cnxnFactory.deliver(session, notification, fired));
    if (this.openForClients()) this.cnxnFactory.setServer(this);
  }

  shutdown(why: string): void {
    if (!this.#running) return;
    this.#running = false;
    this.cnxnFactory.closeAll(why, 'session.server-stops');
    this.cnxnFactory.setServer(null);
    this.shutdownProcessors();
  }

  processConnectRequest(cnxn: ServerCnxn, request: ConnectRequest): void {
    if (request.lastZxidSeen > this.db.lastProcessedZxid) {
      const rule = 'session.zxid-ahead';
      this.ctx.emit({ kind: 'client-refused', client: cnxn.client, conn: cnxn.conn, why: 'ZXID_AHEAD' }, { rule });
      this.cnxnFactory.close(cnxn, 'the client has seen a later zxid', rule);
      return;
    }
    cnxn.initialized = true;
    cnxn.recvEnabled = false;
    cnxn.sessionTimeout = this.#clampTimeout(request.timeout);
    this.cnxnFactory.touchCnxn(cnxn);
    if (request.sessionId === NO_SESSION) {
      this.#createSession(cnxn);
      return;
    }
    this.cnxnFactory.closeSession(request.sessionId, 'the session reconnected', 'session.older-connection');
    this.cnxnFactory.addSession(request.sessionId, cnxn);
    if (checkPasswd(request.sessionId, request.passwd)) this.revalidateSession(cnxn);
    else this.#refuse(cnxn, 'BAD_PASSWORD', []);
  }

  processPacket(cnxn: ServerCnxn, xid: number, operation: Operation, cause: EventRef): void {
    this.#submitRequest(cnxn, {
      sessionId: cnxn.sessionId,
      cxid: xid,
      operation,
      owner: this.ctx.sid,
      cause,
      conn: cnxn.conn,
    });
  }

  removeCnxn(cnxn: ServerCnxn): void {
    this.db.watches.drop(cnxn.sessionId);
  }

  /** Answers the connect request (`finishSessionInit`). `expired`: the leader does not know the session. */
  finishSessionInit(cnxn: ServerCnxn, outcome: 'created' | 'renewed' | 'expired', causes: readonly EventRef[]): void {
    if (outcome === 'expired') {
      this.#refuse(cnxn, 'UNKNOWN_SESSION', causes);
      return;
    }
    const rule = `session.${outcome}` as const;
    const { sessionId, conn, client, sessionTimeout: timeout } = cnxn;
    const attached = this.ctx.emit({ kind: 'session-attached', sessionId, conn, client, timeout }, { rule, causes });
    cnxn.attached = true;
    cnxn.sendConnectResponse(true, { rule, causes: [attached, ...causes] });
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

  /** `submitRequestNow` */
  #submitRequest(cnxn: ServerCnxn, request: Request): void {
    if (!this.sessionTracker.touchSession(cnxn.sessionId, cnxn.sessionTimeout)) {
      this.ctx.emit(
        { kind: 'request-rejected', sessionId: cnxn.sessionId, why: 'the session is closing or unknown' },
        { rule: 'request.dropped', causes: [request.cause] },
      );
      return;
    }
    if (!isValid(request.operation.op)) {
      const why = `operation ${request.operation.op} is not served`;
      const rule = 'request.unimplemented';
      const rejected = this.ctx.emit(
        { kind: 'request-rejected', sessionId: cnxn.sessionId, why },
        { rule, causes: [request.cause] },
      );
      const header = { xid: request.cxid, zxid: this.db.lastProcessedZxid, error: 'UNIMPLEMENTED' } as const;
      cnxn.sendResponse(header, null, { rule, causes: [rejected] });
      this.cnxnFactory.close(cnxn, why, rule);
      return;
    }
    this.firstProcessor.processRequest(request);
  }

  #createSession(cnxn: ServerCnxn): void {
    const timeout = cnxn.sessionTimeout;
    this.cnxnFactory.addSession(this.sessionTracker.createSession(timeout), cnxn);
    this.#submitRequest(cnxn, {
      sessionId: cnxn.sessionId,
      cxid: 0,
      operation: { op: 'createSession', timeout },
      // The real leader leaves the owner of its own clients' new sessions empty until their first request.
      owner: this.ctx.sid,
      cause: this.ctx.cause,
      conn: cnxn.conn,
    });
  }

  #clampTimeout(wished: number): number {
    const { tickTime, minSessionTimeout, maxSessionTimeout } = this.ctx.zoo;
    const min = minSessionTimeout === -1 ? 2 * tickTime : minSessionTimeout;
    const max = maxSessionTimeout === -1 ? 20 * tickTime : maxSessionTimeout;
    return Math.min(Math.max(wished, min), max);
  }

  /** Tells the client that its session is over, and closes. */
  #refuse(cnxn: ServerCnxn, why: 'BAD_PASSWORD' | 'UNKNOWN_SESSION', causes: readonly EventRef[]): void {
    const rule = why === 'BAD_PASSWORD' ? 'session.password' : 'session.expired-answer';
    const refused = this.ctx.emit(
      { kind: 'client-refused', client: cnxn.client, conn: cnxn.conn, why },
      { rule, causes },
    );
    cnxn.sendConnectResponse(false, { rule, causes: [refused] });
    this.cnxnFactory.close(cnxn, 'the session is unknown', rule);
  }
}
