/** Client operations: what a request asks and what a reply answers (`ZooDefs.OpCode`, `zookeeper.jute`). */
import type { ErrorCode, KeeperError } from './errors.ts';
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

/** The four requests that create a znode; which one a client sends follows from the mode and from whether it wants the Stat. */
export interface CreateOperation {
  readonly op: 'create' | 'create2' | 'createContainer' | 'createTTL';
  readonly path: string;
  readonly data: ZnodeData;
  /** Null: the request carried no list. */
  readonly acl: readonly Acl[] | null;
  /** A number: a flag that no CreateMode has. */
  readonly mode: CreateMode | number;
  /** ms; `createTTL` only. */
  readonly ttl?: number;
}

/** What a `multi` may hold. */
export type MultiOperation =
  | CreateOperation
  | Extract<
      SimpleOperation,
      { readonly op: 'delete' | 'deleteContainer' | 'setData' | 'check' | 'getData' | 'getChildren' }
    >;

/** `AddWatchMode`: 0 PERSISTENT, 1 PERSISTENT_RECURSIVE. */
export const ADD_WATCH_MODES = { PERSISTENT: 0, PERSISTENT_RECURSIVE: 1 } as const;
export type AddWatchMode = keyof typeof ADD_WATCH_MODES;
/** `Watcher.WatcherType` on the wire. Persistent and PersistentRecursive are of 3.9. */
export const WATCHER_TYPES = { Children: 1, Data: 2, Any: 3, Persistent: 4, PersistentRecursive: 5 } as const;
export type WatcherType = keyof typeof WATCHER_TYPES;

/** Requests of one purpose each. `version` −1 means any. */
type SimpleOperation =
  | { readonly op: 'delete'; readonly path: string; readonly version: number }
  /** Sent by the leader's ContainerManager only. */
  | { readonly op: 'deleteContainer'; readonly path: string }
  /** Clients send it inside a multi only. */
  | { readonly op: 'check'; readonly path: string; readonly version: number }
  | { readonly op: 'getACL'; readonly path: string }
  | { readonly op: 'setACL'; readonly path: string; readonly acl: readonly Acl[] | null; readonly version: number }
  | { readonly op: 'multi'; readonly ops: readonly MultiOperation[] }
  | { readonly op: 'multiRead'; readonly ops: readonly MultiOperation[] }
  /** `mode` is a number of {@link ADD_WATCH_MODES}, or one that no mode has. */
  | { readonly op: 'addWatch'; readonly path: string; readonly mode: number }
  /** `watcherType` is a number of {@link WATCHER_TYPES}, or one that no type has. */
  | { readonly op: 'checkWatches'; readonly path: string; readonly watcherType: number }
  | { readonly op: 'removeWatches'; readonly path: string; readonly watcherType: number }
  | {
      readonly op: 'setWatches2';
      readonly relativeZxid: Zxid;
      readonly dataWatches: readonly string[];
      readonly existWatches: readonly string[];
      readonly childWatches: readonly string[];
      readonly persistentWatches: readonly string[];
      readonly persistentRecursiveWatches: readonly string[];
    }
  | {
      readonly op: 'reconfig';
      readonly joiningServers: string | null;
      readonly leavingServers: string | null;
      readonly newMembers: string | null;
      /** −1: any. */
      readonly curConfigId: Zxid;
    }
  | { readonly op: 'whoAmI' }
  /** `addAuth`; its xid is {@link XID}.auth. */
  | { readonly op: 'auth'; readonly scheme: string; readonly auth: Uint8Array | null }
  /** `GetSASLRequest`. No server here has SASL. */
  | { readonly op: 'sasl'; readonly token: Uint8Array | null }
  /** The number of an operation whose body cannot be read (MARSHALLINGERROR). */
  | { readonly op: 'unreadable'; readonly code: number }
  /** The number of no operation at all (UNIMPLEMENTED). */
  | { readonly op: 'unknown'; readonly code: number }
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

/** What a client, or the server on a client's behalf, asks for. */
export type Operation = CreateOperation | SimpleOperation;

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
  /** getACL */
  readonly acl?: readonly Acl[];
  /** multi, multiRead: one an operation. */
  readonly results?: readonly MultiResult[];
  /** whoAmI: scheme and user, in the order in which the connection got them. */
  readonly ids?: readonly { readonly scheme: string; readonly user: string }[];
}

/** `OpResult` of one operation of a multi. */
export type MultiResult =
  | { readonly op: 'create'; readonly path: string; readonly stat?: Stat }
  | { readonly op: 'delete' | 'check' }
  | { readonly op: 'setData'; readonly stat: Stat }
  | { readonly op: 'getData'; readonly data: ZnodeData; readonly stat: Stat }
  | { readonly op: 'getChildren'; readonly children: readonly string[] }
  | { readonly op: 'error'; readonly error: ErrorCode };

/** `Watcher.Event.EventType`. */
export type WatchEventType =
  | 'None'
  | 'NodeCreated'
  | 'NodeDeleted'
  | 'NodeDataChanged'
  | 'NodeChildrenChanged'
  // Made by the client when a watch is removed; no server sends them.
  | 'DataWatchRemoved'
  | 'ChildWatchRemoved'
  | 'PersistentWatchRemoved';
/** The events that servers send. */
export type NodeEventType = 'NodeCreated' | 'NodeDeleted' | 'NodeDataChanged' | 'NodeChildrenChanged';
/** `Watcher.Event.KeeperState`. */
export type KeeperState = 'Disconnected' | 'SyncConnected' | 'ConnectedReadOnly' | 'Expired' | 'AuthFailed' | 'Closed';

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
      /** May be served by a read-only server. */
      readonly readOnly: boolean;
      /** A client of before 3.4, which does not say whether it may be. */
      readonly oldClient?: true;
    }
  /** `timeout` 0 and `sessionId` none: the session is unknown, that is, expired. */
  | {
      readonly type: 'ConnectResponse';
      readonly timeout: number;
      readonly sessionId: SessionId;
      readonly passwd: string;
      /** A read-only server answers. */
      readonly readOnly: boolean;
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
      readonly event: NodeEventType;
      readonly path: string;
      /** zxid of the transaction (3.9); −1 for events made by setWatches. */
      readonly zxid: Zxid;
    }
  /** Instead of a ConnectRequest; the server answers and closes. */
  | { readonly type: 'FourLetterWord'; readonly word: string }
  | { readonly type: 'FourLetterAnswer'; readonly text: string }
  /** Bytes that are no packet: the receiver closes the connection. */
  | { readonly type: 'BadFrame'; readonly why: string };
