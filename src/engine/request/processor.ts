/**
 * What the request processors share. Each real processor is a thread with a queue; here a processor
 * hands on at once, since processing takes no virtual time, and only the log's fsync makes it wait.
 */
import { unreachable } from '../../protocol/assert.ts';
import type { EventRef, SessionId } from '../../protocol/ids.ts';
import { OP_CODES, type Operation } from '../../protocol/operations.ts';
import type { LoggedTxn, Txn, TxnHeader } from '../../protocol/txns.ts';
import type { Request } from '../ports.ts';

/** The operations with one of the names `K`, those that create apart. */
export type OperationOf<K extends Operation['op']> = Extract<Operation, { readonly op: K }>;

export interface RequestProcessor {
  processRequest(request: Request): void;
}

/** A request of which PrepRequestProcessor made a transaction. */
export type WriteRequest = Request & { header: TxnHeader; txn: Txn };
export function isWriteRequest(request: Request): request is WriteRequest {
  return request.header !== undefined && request.txn !== undefined;
}

/** As it goes into the log, to the learners, and to the tree. */
export function loggedTxn({ header, txn, digest }: WriteRequest): LoggedTxn {
  return digest ? { header, txn, digest } : { header, txn };
}

/** What CommitProcessor is told to be committed. `txn` null: the answer to a sync. */
export interface Committed {
  readonly sessionId: SessionId;
  readonly cxid: number;
  readonly txn: LoggedTxn | null;
  readonly causes: readonly EventRef[];
}

/** What leaves CommitProcessor: a read, a sync or a committed write. */
export interface FinalRequest {
  /** As it arrived at this server; null: a write that came through another server. */
  readonly request: Request | null;
  readonly txn: LoggedTxn | null;
  readonly causes: readonly EventRef[];
}
export interface FinalProcessor {
  processRequest(request: FinalRequest): void;
}

/** Numbers of the requests that a client can send and that become transactions. Only these are unreadable at a cost. */
const WRITES: ReadonlySet<number> = new Set([
  OP_CODES.create,
  OP_CODES.create2,
  OP_CODES.createContainer,
  OP_CODES.createTTL,
  OP_CODES.delete,
  OP_CODES.setData,
  OP_CODES.setACL,
  OP_CODES.check,
  OP_CODES.multi,
]);

/** Whether the operation becomes a transaction (`CommitProcessor.needCommit`). */
export function isWrite(operation: Operation): boolean {
  switch (operation.op) {
    case 'create':
    case 'create2':
    case 'createContainer':
    case 'createTTL':
    case 'delete':
    case 'deleteContainer':
    case 'setData':
    case 'setACL':
    case 'check':
    case 'multi':
    case 'reconfig':
    case 'createSession':
    case 'closeSession':
      return true;
    case 'unreadable':
      return WRITES.has(operation.code);
    case 'exists':
    case 'getData':
    case 'getACL':
    case 'getChildren':
    case 'getChildren2':
    case 'getEphemerals':
    case 'getAllChildrenNumber':
    case 'multiRead':
    case 'whoAmI':
    case 'sync':
    case 'setWatches':
    case 'setWatches2':
    case 'addWatch':
    case 'checkWatches':
    case 'removeWatches':
    case 'ping':
    case 'auth':
    case 'sasl':
    case 'unknown':
      return false;
    default:
      return unreachable(operation);
  }
}

/** Whether the request becomes a transaction: what begins or ends a local session does not (`Request.isQuorum`). */
export function isQuorumWrite({ operation, local }: Request): boolean {
  return isWrite(operation) && !local;
}

/** `Request.isValid`: whether the operation may enter the processors by itself. */
export function isValid({ op }: Operation): boolean {
  return op !== 'auth' && op !== 'sasl' && op !== 'unknown';
}
