/**
 * The end of every pipeline (`FinalRequestProcessor`): applies committed writes, answers reads from
 * this server's tree, and replies to the clients connected here. Watch events of a write leave while
 * it is applied, so before its reply and before any read that can see it.
 */
import { assert, unreachable } from '../../protocol/assert.ts';
import type { KeeperError } from '../../protocol/errors.ts';
import type { EventRef } from '../../protocol/ids.ts';
import { XID, type Operation, type OperationResult } from '../../protocol/operations.ts';
import type { RuleId } from '../../protocol/rules/index.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import { PERMS } from '../../protocol/znode.ts';
import type { ServerCnxn } from '../connection/server-cnxn.ts';
import type { ServerCnxnFactory } from '../connection/server-cnxn-factory.ts';
import type { Request } from '../ports.ts';
import type { ProcessTxnResult, ZKDatabase } from '../storage/database.ts';
import type { ZnodeView } from '../tree/data-tree.ts';
import { checkACL } from './acl.ts';
import { isWrite, type FinalProcessor, type FinalRequest } from './processor.ts';

/** What it needs of its server. */
export interface FinalServer {
  readonly db: ZKDatabase;
  readonly cnxnFactory: ServerCnxnFactory;
  /** `processTxn`: sessions, then the database. */
  processTxn(txn: LoggedTxn, causes: readonly EventRef[]): ProcessTxnResult;
  /** The session's createSession is applied: its client may be told. */
  finishSessionInit(cnxn: ServerCnxn, outcome: 'created', causes: readonly EventRef[]): void;
}

/** The answer to an operation: what failed, or the body of the reply (null: none). */
type Answer = KeeperError | { readonly result: OperationResult | null };
const NO_BODY: Answer = { result: null };

export class FinalRequestProcessor implements FinalProcessor {
  readonly #zks: FinalServer;

  constructor(zks: FinalServer) {
    this.#zks = zks;
  }

  processRequest({ request, txn, causes }: FinalRequest): void {
    const applied = txn ? this.#zks.processTxn(txn, causes) : null;
    const cnxn = request?.conn === undefined ? null : this.#zks.cnxnFactory.get(request.conn);
    if (request && cnxn) this.#reply(cnxn, request, applied, applied ? [applied.applied, ...causes] : causes);
    // Ended by its expiry, or through another server: whoever holds its connection closes it.
    if (txn?.txn.type === 'closeSession') {
      this.#zks.cnxnFactory.closeSession(txn.header.clientId, 'session closed', 'session.closed-connection');
    }
  }

  #reply(cnxn: ServerCnxn, request: Request, applied: ProcessTxnResult | null, causes: readonly EventRef[]): void {
    const { operation } = request;
    const answer = this.#answer(request, applied);
    if (answer === 'SESSIONMOVED') {
      // An answer would leave client and leader with different ideas of where the client is (ZOOKEEPER-710).
      this.#zks.cnxnFactory.close(cnxn, 'session moved', 'session.moved');
      return;
    }
    if (operation.op === 'createSession' && typeof answer !== 'string') {
      this.#zks.finishSessionInit(cnxn, 'created', causes);
      return;
    }
    const [error, result] = typeof answer === 'string' ? [answer, null] : [null, answer.result];
    const xid = operation.op === 'ping' ? XID.ping : request.cxid;
    cnxn.sendResponse({ xid, zxid: this.#zks.db.lastProcessedZxid, error }, result, {
      rule: replyRule(operation, error),
      causes,
    });
  }

  #answer(request: Request, applied: ProcessTxnResult | null): Answer {
    if (request.error) return request.error;
    if (applied?.error !== undefined && applied.error !== 'OK') return applied.error;
    const { operation } = request;
    switch (operation.op) {
      case 'create':
        return answered(applied, ({ path }) => (path === undefined ? null : { path }));
      case 'create2':
        return answered(applied, ({ path, stat }) => (path === undefined || !stat ? null : { path, stat }));
      case 'setData':
        return answered(applied, ({ stat }) => (stat ? { stat } : null));
      case 'delete':
      case 'createSession':
      case 'closeSession':
      case 'ping':
        return NO_BODY;
      case 'sync':
        return { result: { path: operation.path } };
      case 'exists':
      case 'getData':
      case 'getChildren':
      case 'getChildren2':
      case 'getAllChildrenNumber':
      case 'getEphemerals':
      case 'setWatches':
        return this.#read(operation, request);
      default:
        return unreachable(operation);
    }
  }

  #read(
    operation: Extract<
      Operation,
      {
        readonly op:
          | 'exists'
          | 'getData'
          | 'getChildren'
          | 'getChildren2'
          | 'getAllChildrenNumber'
          | 'getEphemerals'
          | 'setWatches';
      }
    >,
    request: Request,
  ): Answer {
    const { sessionId, cause } = request;
    const { watches, dataTree } = this.#zks.db;
    switch (operation.op) {
      case 'exists': {
        const { path } = operation;
        if (path.includes('\0')) return 'BADARGUMENTS';
        const node = dataTree.node(path);
        if (node && !checkACL(node.acl, PERMS.READ)) return 'NOAUTH';
        // A watch is left on a path without a znode too: it waits for the create.
        if (operation.watch) watches.add('data', path, sessionId, [cause]);
        const stat = dataTree.stat(path);
        return stat ? { result: { stat } } : 'NONODE';
      }
      case 'getData':
        return this.#readNode(operation.path, (node, stat) => {
          if (operation.watch) watches.add('data', operation.path, sessionId, [cause]);
          return { data: node.data, stat };
        });
      case 'getChildren':
      case 'getChildren2':
        return this.#readNode(operation.path, (_node, stat) => {
          if (operation.watch) watches.add('child', operation.path, sessionId, [cause]);
          const children = dataTree.getChildren(operation.path) ?? [];
          return operation.op === 'getChildren' ? { children } : { children, stat };
        });
      case 'getAllChildrenNumber':
        return this.#readNode(operation.path, () => ({ number: dataTree.getAllChildrenNumber(operation.path) ?? 0 }));
      case 'getEphemerals': {
        const { prefix } = operation;
        const all = dataTree.getEphemerals(sessionId);
        return {
          result: {
            paths: prefix.trim() === '' || prefix.trim() === '/' ? all : all.filter((path) => path.startsWith(prefix)),
          },
        };
      }
      case 'setWatches':
        watches.setWatches(sessionId, operation, dataTree, [cause]);
        return NO_BODY;
      default:
        return unreachable(operation);
    }
  }

  #readNode(
    path: string,
    body: (node: ZnodeView, stat: NonNullable<OperationResult['stat']>) => OperationResult,
  ): Answer {
    const { dataTree } = this.#zks.db;
    const node = dataTree.node(path);
    const stat = dataTree.stat(path);
    if (!node || !stat) return 'NONODE';
    if (!checkACL(node.acl, PERMS.READ)) return 'NOAUTH';
    return { result: body(node, stat) };
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

function replyRule(operation: Operation, error: KeeperError | null): RuleId {
  if (operation.op === 'ping') return 'session.touch';
  if (operation.op === 'sync') return 'request.sync';
  if (operation.op === 'closeSession') return 'request.close-reply';
  if (operation.op === 'setWatches') return 'watch.set-watches';
  if (!isWrite(operation)) return 'request.local-read';
  return error ? 'request.failed-write' : 'request.reply';
}
