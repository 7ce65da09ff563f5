/**
 * Transactions: the idempotent results that the leader's PrepRequestProcessor makes of requests, and
 * that logs and PROPOSALs carry (zookeeper.jute, module txn).
 */
import type { ErrorCode } from './errors.ts';
import type { SessionId } from './ids.ts';
import type { Acl, ZnodeData } from './znode.ts';
import type { Zxid } from './zxid.ts';

export interface TxnHeader {
  readonly clientId: SessionId;
  readonly cxid: number;
  readonly zxid: Zxid;
  /** Leader's wall clock, ms since 1970. */
  readonly time: number;
}

export type Txn =
  | {
      readonly type: 'create';
      readonly path: string;
      readonly data: ZnodeData;
      readonly acl: readonly Acl[];
      readonly ephemeral: boolean;
      /** Internal cversion of the parent after this create. */
      readonly parentCVersion: number;
    }
  | { readonly type: 'delete'; readonly path: string }
  /** `version` is the new version. */
  | { readonly type: 'setData'; readonly path: string; readonly data: ZnodeData; readonly version: number }
  | { readonly type: 'createSession'; readonly timeout: number }
  | { readonly type: 'closeSession'; readonly paths2Delete: readonly string[] }
  | { readonly type: 'error'; readonly error: ErrorCode };
export type TxnType = Txn['type'];

/** A logged transaction. That of a `create2` is a `create`; ZooKeeper keeps the request's number in its header, to no effect. */
export interface LoggedTxn {
  readonly header: TxnHeader;
  readonly txn: Txn;
}
