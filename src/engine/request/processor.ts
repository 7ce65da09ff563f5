/**
 * What the request processors share. Each real processor is a thread with a queue; here a processor
 * hands on at once, since processing takes no virtual time, and only the log's fsync makes it wait.
 */
import { unreachable } from '../../protocol/assert.ts';
import type { EventRef, SessionId } from '../../protocol/ids.ts';
import type { Operation } from '../../protocol/operations.ts';
import type { LoggedTxn, Txn, TxnHeader } from '../../protocol/txns.ts';
import type { Request } from '../ports.ts';

export interface RequestProcessor {
  processRequest(request: Request): void;
}

/** A request of which PrepRequestProcessor made a transaction. */
export type WriteRequest = Request & { header: TxnHeader; txn: Txn };
export function isWriteRequest(request: Request): request is WriteRequest {
  return request.header !== undefined && request.txn !== undefined;
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

/** Whether the operation becomes a transaction. */
export function isWrite(operation: Operation): boolean {
  switch (operation.op) {
    case 'create':
    case 'create2':
    case 'delete':
    case 'setData':
    case 'createSession':
    case 'closeSession':
      return true;
    case 'exists':
    case 'getData':
    case 'getChildren':
    case 'getChildren2':
    case 'getEphemerals':
    case 'getAllChildrenNumber':
    case 'sync':
    case 'setWatches':
    case 'ping':
      return false;
    default:
      return unreachable(operation);
  }
}

const SERVED: Readonly<Record<Operation['op'], true>> = {
  create: true,
  create2: true,
  delete: true,
  exists: true,
  getData: true,
  setData: true,
  getChildren: true,
  getChildren2: true,
  getEphemerals: true,
  getAllChildrenNumber: true,
  sync: true,
  setWatches: true,
  createSession: true,
  closeSession: true,
  ping: true,
};

/** `Request.isValid`: whether this release serves the operation at all. `op` comes from outside. */
export function isValid(op: string): boolean {
  return Object.hasOwn(SERVED, op);
}
