/** Client operations: what a request asks and what a reply answers (`ZooDefs.OpCode`, `zookeeper.jute`). */
import type { KeeperError } from './errors.ts';
import type { SessionId } from './ids.ts';
import type { Acl, CreateMode, Stat, ZnodeData } from './znode.ts';
import type { Zxid } from './zxid.ts';

/** Numbers of the operations on the wire and in transaction headers. */
export const OP_CODES = {
  notification: 0,
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getACL: 6,
  setACL: 7,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  create2: 15,
  reconfig: 16,
  checkWatches: 17,
  removeWatches: 18,
  createContainer: 19,
  deleteContainer: 20,
  createTTL: 21,
  multiRead: 22,
  auth: 100,
  setWatches: 101,
  sasl: 102,
  getEphemerals: 103,
  getAllChildrenNumber: 104,
  setWatches2: 105,
  addWatch: 106,
  whoAmI: 107,
  createSession: -10,
  closeSession: -11,
  error: -1,
} as const;

/** Requests that this release of the engine serves. `version` −1 means any. */
export type Operation =
  | {
      readonly op: 'create';
      readonly path: string;
      readonly data: ZnodeData;
      readonly acl: readonly Acl[];
      readonly mode: CreateMode;
    }
  | {
      readonly op: 'create2';
      readonly path: string;
      readonly data: ZnodeData;
      readonly acl: readonly Acl[];
      readonly mode: CreateMode;
    }
  | { readonly op: 'delete'; readonly path: string; readonly version: number }
  | { readonly op: 'exists'; readonly path: string; readonly watch: boolean }
  | { readonly op: 'getData'; readonly path: string; readonly watch: boolean }
  | { readonly op: 'setData'; readonly path: string; readonly data: ZnodeData; readonly version: number }
  | { readonly op: 'getChildren'; readonly path: string; readonly watch: boolean }
  | { readonly op: 'getChildren2'; readonly path: string; readonly watch: boolean }
  | { readonly op: 'getEphemerals'; readonly prefix: string }
  | { readonly op: 'getAllChildrenNumber'; readonly path: string }
  | { readonly op: 'sync'; readonly path: string }
  | {
      readonly op: 'setWatches';
      readonly relativeZxid: Zxid;
      readonly dataWatches: readonly string[];
      readonly existWatches: readonly string[];
      readonly childWatches: readonly string[];
    }
  | { readonly op: 'createSession'; readonly timeout: number }
  | { readonly op: 'closeSession' }
  | { readonly op: 'ping' };

/** The body of a successful reply. */
export interface OperationResult {
  /** create, create2: the path as created; sync: the path asked for. */
  readonly path?: string;
  readonly data?: ZnodeData;
  readonly stat?: Stat;
  /** Names, in the server's order (sorted here, so that runs are equal). */
  readonly children?: readonly string[];
  readonly paths?: readonly string[];
  readonly number?: number;
}

/** `Watcher.Event.EventType`. */
export type WatchEventType = 'None' | 'NodeCreated' | 'NodeDeleted' | 'NodeDataChanged' | 'NodeChildrenChanged';
/** `Watcher.Event.KeeperState` of this release. */
export type KeeperState = 'Disconnected' | 'SyncConnected' | 'Expired' | 'AuthFailed' | 'Closed';

/** `xid` values with a meaning of their own. */
export const XID = { notification: -1, ping: -2, auth: -4, setWatches: -8 } as const;

/** What travels on a client's connection, both ways. */
export type ClientPacket =
  | {
      readonly type: 'ConnectRequest';
      readonly lastZxidSeen: Zxid;
      /** Wished session timeout, ms. */
      readonly timeout: number;
      readonly sessionId: SessionId;
      /** Hex digits of the 16 bytes. */
      readonly passwd: string;
      readonly readOnly: boolean;
    }
  /** `timeout` 0 and `sessionId` none: the session is unknown, that is, expired. */
  | {
      readonly type: 'ConnectResponse';
      readonly timeout: number;
      readonly sessionId: SessionId;
      readonly passwd: string;
    }
  | { readonly type: 'Request'; readonly xid: number; readonly operation: Operation }
  | {
      readonly type: 'Reply';
      readonly xid: number;
      /** Last zxid applied by the answering server. */
      readonly zxid: Zxid;
      readonly error: KeeperError | null;
      readonly result: OperationResult | null;
    }
  | {
      readonly type: 'WatchEvent';
      readonly event: Exclude<WatchEventType, 'None'>;
      readonly path: string;
      /** zxid of the transaction (3.9); −1 for events made by setWatches. */
      readonly zxid: Zxid;
    };
