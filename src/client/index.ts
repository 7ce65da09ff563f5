/** What the rest of the program sees of the client. */
import { ZooKeeperClient } from './client.ts';
import type { ClientEngine, ClientInit } from './types.ts';

export { ZooKeeper } from './api.ts';
export type { Failure, MultiOp, Result, Transport } from './api.ts';
export { permString } from './console/acl-text.ts';
export { complete, explain } from './console/complete.ts';
export type { Completion, CompletionContext } from './console/complete.ts';
export { formatDate } from '../protocol/java-date.ts';
export { prompt, statLines } from './console/format.ts';
export { quote, splitLine } from './console/parse.ts';
export { toAcl, toPerms } from './acl.ts';
export { ADD_WATCH_MODE_NAMES, CLIENT_OPS, MULTI_OPS, toOperation, WATCHER_TYPE_NAMES } from './operations.ts';
export type { ClientOpName, Refused, ToOperation } from './operations.ts';
export type { ClientCommand, ClientEngine, ClientInit, ClientInput } from './types.ts';

/** A client process before its boot. The engine of a client's actor. */
export function createClient(init: ClientInit): ClientEngine {
  return new ZooKeeperClient(init);
}
