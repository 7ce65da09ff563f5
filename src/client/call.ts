/** A request of a handle, from the call to its end. */
import type { KeeperError } from '../protocol/errors.ts';
import type { EventRef, Sid } from '../protocol/ids.ts';
import type { Operation, OperationResult } from '../protocol/operations.ts';
import type { Zxid } from '../protocol/zxid.ts';

/** How a request ended. `error` CONNECTIONLOSS: it may or may not have happened. */
export interface Outcome {
  readonly error: KeeperError | null;
  readonly result: OperationResult | null;
  /** Last zxid applied by the answering server; null without an answer. */
  readonly zxid: Zxid | null;
  /** The server that answered, or that the request was lost with. */
  readonly server: Sid | null;
}

/** What the client says by itself. */
export const NO_ANSWER: Outcome = { error: null, result: null, zxid: null, server: null };

/** How a request differs from what its operation says. */
export interface CallOptions {
  /** The path is not below the chroot. */
  readonly absolute?: boolean;
  /** Of a removal of watches: the client forgets them whatever the server says. */
  readonly local?: boolean;
  /** Of a create: the caller takes no Stat, though the server may send one (`StringCallback`). */
  readonly noStat?: boolean;
}

/** A request until its answer. `xid` is given when it is sent. */
export interface Pending {
  /** With the client's paths. */
  readonly operation: Operation;
  readonly options: CallOptions;
  readonly call: EventRef | null;
  readonly done: (outcome: Outcome) => void;
  xid: number;
}

/** What the client asks for by itself. */
export function ownRequest(operation: Operation): Pending {
  return { operation, options: { absolute: true }, call: null, done: () => undefined, xid: 0 };
}

/** A multi of nothing has happened already. */
export function isEmptyMulti(operation: Operation): boolean {
  return operation.op === 'multi' && operation.ops.length === 0;
}

/** A multi that failed comes as a success whose results say so. */
export function firstError(result: OperationResult | null): KeeperError | null {
  for (const part of result?.results ?? []) if (part.op === 'error' && part.error !== 'OK') return part.error;
  return null;
}
