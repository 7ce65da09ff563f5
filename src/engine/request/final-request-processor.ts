/**
 * The end of every pipeline (`FinalRequestProcessor`): applies committed writes, answers reads from
 * this server's tree, and replies to the clients connected here. Watch events of a write leave while
 * it is applied, so before its reply and before any read that can see it.
 */
import { assert, InvariantError, unreachable } from '../../protocol/assert.ts';
import type { KeeperError } from '../../protocol/errors.ts';
import type { EventRef } from '../../protocol/ids.ts';
import {
  XID,
  type MultiOperation,
  type MultiResult,
  type Operation,
  type OperationResult,
} from '../../protocol/operations.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import { PERMS, type Acl, type Stat } from '../../protocol/znode.ts';
import { checkACL, userName } from '../auth/index.ts';
import type { ServerCnxn } from '../connection/server-cnxn.ts';
import type { ServerCnxnFactory } from '../connection/server-cnxn-factory.ts';
import type { ServerContext } from '../context.ts';
import { topNamespace, type ServerStats } from '../monitor/index.ts';
import type { Request } from '../ports.ts';
import type { SessionTracker } from '../session/session-tracker.ts';
import type { ProcessTxnResult, ZKDatabase } from '../storage/database.ts';
import type { ZnodeView } from '../tree/data-node.ts';
import type { TxnResult } from '../tree/data-tree.ts';
import type { FinalProcessor, FinalRequest, OperationOf } from './processor.ts';
import { replyRule } from './reply-rules.ts';

/** What it needs of its server. */
export interface FinalServer {
  readonly ctx: ServerContext;
  readonly stats: ServerStats;
  readonly db: ZKDatabase;
  readonly cnxnFactory: ServerCnxnFactory;
  readonly sessionTracker: SessionTracker;
  /** Text of the committed configuration: what a reconfig answers with. Null: a server without an ensemble. */
  readonly configText: string | null;
  /** `processTxn`: sessions, then the database. */
  processTxn(txn: LoggedTxn, causes: readonly EventRef[]): ProcessTxnResult;
  /** The session's createSession is applied: its client may be told. */
  finishSessionInit(cnxn: ServerCnxn, outcome: 'created', causes: readonly EventRef[]): void;
}

/** What is answered from the tree and the watches of this server. */
type ReadOperation = OperationOf<
  | 'exists'
  | 'getData'
  | 'getACL'
  | 'getChildren'
  | 'getChildren2'
  | 'getAllChildrenNumber'
  | 'getEphemerals'
  | 'multiRead'
  | 'whoAmI'
  | 'setWatches'
  | 'setWatches2'
  | 'addWatch'
  | 'checkWatches'
  | 'removeWatches'
>;

/** The answer to an operation: what failed, or the body of the reply (null: none); seldom both. */
type Answer = KeeperError | { readonly result: OperationResult | null; readonly error?: KeeperError };
/** What a Stat counts for. */
const STAT_BYTES = 68;
const NO_BODY: Answer = { result: null };

export class FinalRequestProcessor implements FinalProcessor {
  readonly #zks: FinalServer;
  /** Answers to getData by path, which nothing ever removes: for `stale-read-cache` alone. */
  readonly #readCache = new Map<string, OperationResult>();

  constructor(zks: FinalServer) {
    this.#zks = zks;
  }

  processRequest({ request, txn, causes }: FinalRequest): void {
    const { ctx, stats } = this.#zks;
    const applied = txn ? this.#zks.processTxn(txn, causes) : null;
    if (txn) ctx.metrics.addLatency('propagation_latency', ctx.wallClock(), txn.header);
    if (request?.conn !== undefined) stats.inProcess--;
    const localClose = request?.local && request.operation.op === 'closeSession' ? request.sessionId : null;
    if (localClose) this.#zks.sessionTracker.removeSession(localClose);
    const cnxn = request?.conn === undefined ? null : this.#zks.cnxnFactory.get(request.conn);
    if (request && cnxn) this.#reply(cnxn, request, applied, applied ? [applied.applied, ...causes] : causes);
    // Ended by its expiry, or through another server: whoever holds its connection closes it.
    const closed = txn?.txn.type === 'closeSession' ? txn.header.clientId : localClose;
    if (closed) this.#zks.cnxnFactory.closeSession(closed, 'session closed', 'session.closed-connection');
  }

  #reply(cnxn: ServerCnxn, request: Request, applied: ProcessTxnResult | null, causes: readonly EventRef[]): void {
    const { operation } = request;
    const answer = this.#answer(request, applied);
    if (answer === 'SESSIONMOVED') {
      // An answer would leave client and leader with different ideas of where the client is (ZOOKEEPER-710).
      this.#zks.cnxnFactory.close(cnxn, 'session moved', 'session.moved');
      return;
    }
    this.#updateStats(cnxn, request, applied !== null);
    if (operation.op === 'createSession' && typeof answer !== 'string') {
      this.#zks.finishSessionInit(cnxn, 'created', causes);
      return;
    }
    if (operation.op === 'check' && typeof answer !== 'string') {
      const why = 'the answer to a check of its own would hold a Stat that no check has';
      const { sessionId } = request;
      this.#zks.ctx.emit({ kind: 'request-rejected', sessionId, why }, { rule: 'check.alone', causes });
      return;
    }
    const [error, result] = typeof answer === 'string' ? [answer, null] : [answer.error ?? null, answer.result];
    const xid = operation.op === 'ping' ? XID.ping : request.cxid;
    const { ctx, db } = this.#zks;
    const zxid = ctx.broken('reply-tells-mzxid') ? (result?.stat?.mzxid ?? db.lastProcessedZxid) : db.lastProcessedZxid;
    const header = { xid, zxid, error };
    const rule = replyRule(operation, { error, result }, db.dataTree);
    const bytes = cnxn.sendResponse(header, result, { rule, causes }, operation);
    if (operation.op !== 'ping') ctx.metrics.count('response_bytes', bytes);
  }

  #updateStats(cnxn: ServerCnxn, { operation, cxid, createTime }: Request, isWrite: boolean): void {
    const end = this.#zks.ctx.elapsed();
    const start = createTime ?? end;
    this.#zks.stats.updateLatency(end - start, isWrite);
    const request = { cxid, zxid: this.#zks.db.lastProcessedZxid, operation: lastOperation(operation) };
    cnxn.stats.answered(request, { start, end });
  }

  #answer(request: Request, applied: ProcessTxnResult | null): Answer {
    const { operation } = request;
    // What was wrong with a multi is in its results.
    if (request.error && operation.op !== 'multi') return request.error;
    if (applied?.error !== undefined && applied.error !== 'OK' && !applied.results) return applied.error;
    switch (operation.op) {
      case 'create':
        return answered(applied, ({ path }) => (path === undefined ? null : { path }));
      case 'create2':
      case 'createContainer':
      case 'createTTL':
        return answered(applied, ({ path, stat }) => (path === undefined || !stat ? null : { path, stat }));
      case 'setData':
      case 'setACL':
        return answered(applied, ({ stat }) => (stat ? { stat } : null));
      case 'reconfig':
        return answered(applied, ({ stat }) => {
          const text = this.#zks.configText;
          return stat && text !== null ? { data: new TextEncoder().encode(text), stat } : null;
        });
      case 'multi':
        return multiAnswer(applied);
      case 'delete':
      case 'deleteContainer':
      case 'createSession':
      case 'closeSession':
      case 'ping':
        return NO_BODY;
      case 'unreadable':
        return 'MARSHALLINGERROR';
      case 'check':
        return NO_BODY;
      case 'auth':
      case 'sasl':
      case 'unknown':
        return 'UNIMPLEMENTED';
      case 'sync':
        return { result: { path: operation.path } };
      case 'exists':
      case 'getData':
      case 'getACL':
      case 'getChildren':
      case 'getChildren2':
      case 'getAllChildrenNumber':
      case 'getEphemerals':
      case 'multiRead':
      case 'whoAmI':
      case 'setWatches':
      case 'setWatches2':
      case 'addWatch':
      case 'checkWatches':
      case 'removeWatches':
        return this.#read(operation, request);
      default:
        return unreachable(operation);
    }
  }

  #read(operation: ReadOperation, request: Request): Answer {
    const { sessionId, cause } = request;
    const { watches, dataTree } = this.#zks.db;
    switch (operation.op) {
      case 'exists': {
        const { path } = operation;
        if (path.includes('\0')) return 'BADARGUMENTS';
        // A watch is left on a path without a znode too: it waits for the create.
        if (operation.watch) watches.add('data', path, sessionId, [cause]);
        const stat = dataTree.stat(path);
        if (stat) this.#noteRead(path, 0);
        return stat ? { result: { stat } } : 'NONODE';
      }
      case 'getData':
        return this.#readNode(operation.path, PERMS.READ, request, (node, stat) => {
          if (operation.watch) watches.add('data', operation.path, sessionId, [cause]);
          this.#noteRead(operation.path, node.data?.length ?? 0);
          if (!this.#zks.ctx.broken('stale-read-cache')) return { data: node.data, stat };
          const answer = this.#readCache.get(operation.path) ?? { data: node.data, stat };
          this.#readCache.set(operation.path, answer);
          return answer;
        });
      case 'getChildren':
      case 'getChildren2':
        return this.#readNode(operation.path, PERMS.READ, request, (_node, stat) => {
          if (operation.watch) watches.add('child', operation.path, sessionId, [cause]);
          const children = dataTree.getChildren(operation.path) ?? [];
          this.#noteRead(
            operation.path,
            children.reduce((sum, child) => sum + child.length, 0),
          );
          return operation.op === 'getChildren' ? { children } : { children, stat };
        });
      case 'getACL':
        return this.#readNode(operation.path, PERMS.READ | PERMS.ADMIN, request, (node, stat) => ({
          acl: this.#allows(node, PERMS.ADMIN, request) ? node.acl : node.acl.map(withoutDigest),
          stat,
        }));
      case 'getAllChildrenNumber':
        return this.#readNode(operation.path, PERMS.READ, request, () => ({
          number: dataTree.getAllChildrenNumber(operation.path) ?? 0,
        }));
      case 'getEphemerals': {
        const { prefix } = operation;
        const all = [...dataTree.getEphemerals(sessionId)].sort();
        return {
          result: {
            paths: prefix.trim() === '' || prefix.trim() === '/' ? all : all.filter((path) => path.startsWith(prefix)),
          },
        };
      }
      case 'multiRead':
        return this.#multiRead(operation.ops, request);
      case 'whoAmI':
        return { result: { ids: request.authInfo.map((id) => ({ scheme: id.scheme, user: userName(id) })) } };
      case 'setWatches':
      case 'setWatches2':
        watches.setWatches(sessionId, operation, dataTree, [cause]);
        return NO_BODY;
      case 'addWatch':
        return watches.addWatch(operation.path, operation.mode, sessionId, [cause]) ? NO_BODY : 'MARSHALLINGERROR';
      case 'checkWatches':
        return watchAnswer(watches.checkWatches(operation.path, operation.watcherType));
      case 'removeWatches':
        return watchAnswer(watches.removeWatches(operation.path, operation.watcherType, sessionId, [cause]));
      default:
        return unreachable(operation);
    }
  }

  /** `DataTree.updateReadStat` */
  #noteRead(path: string, bytes: number): void {
    const namespace = topNamespace(path);
    if (namespace === null) return;
    this.#zks.ctx.metrics.addTo('read_per_namespace', namespace, path.length + bytes + STAT_BYTES);
  }

  /** Each is answered by itself and leaves no watch. */
  #multiRead(ops: readonly MultiOperation[], request: Request): Answer {
    const results: MultiResult[] = [];
    for (const operation of ops) {
      // The answer has been begun when the first write is found.
      if (operation.op !== 'getData' && operation.op !== 'getChildren') {
        return { error: 'MARSHALLINGERROR', result: { results } };
      }
      const answer = this.#read({ ...operation, watch: false }, request);
      results.push(
        typeof answer === 'string' ? { op: 'error', error: answer } : readResult(operation.op, answer.result),
      );
    }
    return { result: { results } };
  }

  #readNode(
    path: string,
    perms: number,
    request: Request,
    body: (node: ZnodeView, stat: Stat) => OperationResult,
  ): Answer {
    const { dataTree } = this.#zks.db;
    const node = dataTree.node(path);
    const stat = dataTree.stat(path);
    if (!node || !stat) return 'NONODE';
    if (!this.#allows(node, perms, request)) return 'NOAUTH';
    return { result: body(node, stat) };
  }

  #allows({ acl }: ZnodeView, perms: number, { authInfo }: Request): boolean {
    return checkACL(this.#zks.ctx.zoo, acl, perms, authInfo);
  }
}

function answered(
  applied: ProcessTxnResult | null,
  body: (applied: ProcessTxnResult) => OperationResult | null,
): Answer {
  assert(applied, 'a write is answered when it is applied');
  const result = body(applied);
  assert(result, 'an applied create or setData tells path and Stat');
  return { result };
}

/** A multi that failed is a success all the same: its results tell. */
function multiAnswer(applied: ProcessTxnResult | null): Answer {
  assert(applied?.results, 'a multi is answered when it is applied');
  const results = applied.results.map(multiResult);
  return results.some((result) => result.op === 'error' && result.error === 'SESSIONMOVED')
    ? 'SESSIONMOVED'
    : { result: { results } };
}

function multiResult({ type, error, path, stat }: TxnResult): MultiResult {
  if (error !== null) return { op: 'error', error };
  switch (type) {
    case 'create':
      assert(path !== undefined, 'a create tells its path');
      return { op: 'create', path };
    case 'create2':
    case 'createContainer':
    case 'createTTL':
      assert(path !== undefined && stat, 'a create tells path and Stat');
      return { op: 'create', path, stat };
    case 'setData':
      assert(stat, 'a setData tells the Stat');
      return { op: 'setData', stat };
    case 'delete':
    case 'check':
      return { op: type };
    default:
      throw new InvariantError(`${type} is no part of a multi`);
  }
}

function readResult(op: 'getData' | 'getChildren', result: OperationResult | null): MultiResult {
  if (op === 'getChildren') return { op, children: result?.children ?? [] };
  assert(result?.stat, 'a getData tells the Stat');
  return { op, data: result.data ?? null, stat: result.stat };
}

/** Null: the type was a number that no WatcherType has. */
function watchAnswer(found: boolean | null): Answer {
  if (found === null) return 'MARSHALLINGERROR';
  return found ? NO_BODY : 'NOWATCHER';
}

/** Whoever may not change the list does not see the hash of a password. */
function withoutDigest({ perms, scheme, id }: Acl): Acl {
  return { perms, scheme, id: scheme === 'digest' ? id.replace(/:.*/g, ':x') : id };
}

/** What reports call the last operation of a connection. */
function lastOperation({ op }: Operation): string {
  switch (op) {
    case 'ping':
      return 'PING';
    case 'createSession':
      return 'SESS';
    case 'multi':
      return 'MULT';
    case 'multiRead':
      return 'MLTR';
    case 'create':
    case 'create2':
    case 'createContainer':
    case 'createTTL':
      return 'CREA';
    case 'delete':
    case 'deleteContainer':
      return 'DELE';
    case 'setData':
      return 'SETD';
    case 'reconfig':
      return 'RECO';
    case 'setACL':
      return 'SETA';
    case 'closeSession':
      return 'CLOS';
    case 'sync':
      return 'SYNC';
    case 'check':
      return 'CHEC';
    case 'exists':
      return 'EXIS';
    case 'getData':
      return 'GETD';
    case 'setWatches':
      return 'SETW';
    case 'setWatches2':
      return 'STW2';
    case 'addWatch':
      return 'ADDW';
    case 'getACL':
      return 'GETA';
    case 'getChildren':
    case 'getChildren2':
      return 'GETC';
    case 'getAllChildrenNumber':
      return 'GETACN';
    case 'checkWatches':
      return 'CHKW';
    case 'removeWatches':
      return 'REMW';
    case 'whoAmI':
      return 'HOMI';
    case 'getEphemerals':
      return 'GETE';
    case 'auth':
    case 'sasl':
    case 'unknown':
    case 'unreadable':
      return 'NA';
    default:
      return unreachable(op);
  }
}
