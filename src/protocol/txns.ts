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

interface Created {
  readonly path: string;
  readonly data: ZnodeData;
  readonly acl: readonly Acl[];
  /** Internal cversion of the parent after this create. */
  readonly parentCVersion: number;
}

/** `type` is the name of the number in the transaction's header. */
export type Txn =
  | (Created & { readonly type: 'create' | 'create2'; readonly ephemeral: boolean })
  | (Created & { readonly type: 'createContainer' })
  /** `ttl` in ms. */
  | (Created & { readonly type: 'createTTL'; readonly ttl: number })
  | { readonly type: 'delete' | 'deleteContainer'; readonly path: string }
  /** `version` is the new version. A `reconfig` sets the data of `/zookeeper/config`, with version −1. */
  | {
      readonly type: 'setData' | 'reconfig';
      readonly path: string;
      readonly data: ZnodeData;
      readonly version: number;
    }
  /** `version` is the new aversion. */
  | { readonly type: 'setACL'; readonly path: string; readonly acl: readonly Acl[]; readonly version: number }
  /** Inside a multi only. */
  | { readonly type: 'check'; readonly path: string; readonly version: number }
  /** All of one zxid. If one part is an `error`, it failed and does nothing: those before that part are kept as they were prepared. */
  | { readonly type: 'multi'; readonly txns: readonly Txn[] }
  | { readonly type: 'createSession'; readonly timeout: number }
  | { readonly type: 'closeSession'; readonly paths2Delete: readonly string[] }
  | { readonly type: 'error'; readonly error: ErrorCode };
export type TxnType = Txn['type'];

/** Digest of the whole tree after a transaction, for the comparison at apply time (`TxnDigest`). */
export interface TxnDigest {
  readonly version: number;
  /** 64 bits. */
  readonly treeDigest: bigint;
}

/** A logged transaction. */
export interface LoggedTxn {
  readonly header: TxnHeader;
  readonly txn: Txn;
  /** Absent if digests are switched off. */
  readonly digest?: TxnDigest;
}
