/**
 * Makes transactions of requests, at the leader or a standalone server (`PrepRequestProcessor`): gives
 * each write the next zxid and checks it, in ZooKeeper's order, against the tree and the writes in
 * flight. A write that fails becomes an `error` transaction. Requests that make no transaction only have
 * their session checked.
 */
import { unreachable } from '../../protocol/assert.ts';
import type { KeeperError } from '../../protocol/errors.ts';
import { OP_CODES, type CreateOperation, type MultiOperation } from '../../protocol/operations.ts';
import { NO_SESSION, type SessionId } from '../../protocol/ids.ts';
import { validatePath } from '../../protocol/paths.ts';
import type { Txn, TxnHeader } from '../../protocol/txns.ts';
import {
  CREATE_MODES,
  hasTTL,
  isEphemeral,
  isSequential,
  isTTL,
  PERMS,
  type CreateMode,
} from '../../protocol/znode.ts';
import type { Zxid } from '../../protocol/zxid.ts';
import { checkACL, fixupACL } from '../auth/index.ts';
import type { ServerContext } from '../context.ts';
import type { ServerMetrics } from '../monitor/index.ts';
import type { Request } from '../ports.ts';
import type { GlobalSessionTracker } from '../session/session-tracker.ts';
import type { ZKDatabase } from '../storage/database.ts';
import { CONFIG_NODE, QUOTA_NODE } from '../tree/data-tree.ts';
import { DIGEST_VERSION } from '../tree/digest.ts';
import { CONTAINER_EPHEMERAL_OWNER, ephemeralType, ttlEphemeralOwner } from '../tree/ephemeral-type.ts';
import type { LiveRecord, OutstandingChanges } from './outstanding-changes.ts';
import { checkQuota, growthOfCreate, growthOfSetData } from './quota.ts';
import { isWrite, type OperationOf, type RequestProcessor } from './processor.ts';

/** A transaction, or the name of the first check that failed. */
type Prepared = Txn | KeeperError;
/** What may stand in a multi that writes. */
/** Numbers of the requests whose session is checked before their body is read. */
const SESSION_FIRST: ReadonlySet<number> = new Set([
  OP_CODES.delete,
  OP_CODES.setData,
  OP_CODES.setACL,
  OP_CODES.check,
]);
type MultiWrite = CreateOperation | OperationOf<'delete' | 'setData' | 'check'>;

/** Znodes that cannot be deleted (`ZKDatabase.isSpecialPath`). */
export const SPECIAL_PATHS: readonly string[] = ['/', '/zookeeper', QUOTA_NODE, CONFIG_NODE];

/** What it needs of the server. */
export interface PrepServer {
  readonly ctx: ServerContext;
  readonly db: ZKDatabase;
  readonly outstandingChanges: OutstandingChanges;
  readonly sessionTracker: GlobalSessionTracker;
  /** `getNextZxid`: takes it. */
  getNextZxid(): Zxid;
  /**
   * Of a leader: whether the ensemble can be changed like this, and the bytes of the new configuration, whose
   * version is the request's zxid. A server without it answers UNIMPLEMENTED.
   */
  reconfig?(operation: OperationOf<'reconfig'>, zxid: Zxid): Uint8Array | KeeperError;
}

export class PrepRequestProcessor implements RequestProcessor {
  readonly #zks: PrepServer;
  readonly #next: RequestProcessor;

  constructor(zks: PrepServer, next: RequestProcessor) {
    this.#zks = zks;
    this.#next = next;
    noteQueue(zks.ctx.metrics);
  }

  processRequest(request: Request): void {
    noteRequest(this.#zks.ctx.metrics);
    this.#pRequest(request);
    this.#next.processRequest(request);
  }

  #pRequest(request: Request): void {
    const { operation } = request;
    if (request.local) return;
    switch (operation.op) {
      case 'create':
      case 'create2':
      case 'createContainer':
      case 'createTTL':
      case 'delete':
      case 'setData':
      case 'check':
        return this.#write(request, (header) => this.#prepare(operation, request, header));
      case 'deleteContainer':
        return this.#write(request, (header) => this.#deleteContainer(operation, header));
      case 'setACL':
        return this.#write(request, (header) => this.#setACL(operation, request, header));
      case 'multi':
        return this.#write(request, (header) => this.#multi(operation, request, header));
      case 'reconfig':
        return this.#write(request, (header) => this.#reconfig(operation, request, header));
      case 'createSession':
        return this.#write(request, () => this.#createSession(operation, request));
      case 'closeSession':
        return this.#write(request, (header) => this.#closeSession(request, header));
      case 'unreadable':
        if (isWrite(operation)) return this.#write(request, () => this.#unreadable(operation, request));
        return this.#read(request);
      case 'sync':
      case 'exists':
      case 'getData':
      case 'getACL':
      case 'getChildren':
      case 'getChildren2':
      case 'getEphemerals':
      case 'getAllChildrenNumber':
      case 'multiRead':
      case 'whoAmI':
      case 'setWatches':
      case 'setWatches2':
      case 'addWatch':
      case 'checkWatches':
      case 'removeWatches':
      case 'ping':
        return this.#read(request);
      case 'auth':
      case 'sasl':
      case 'unknown':
        // Every server refuses these before they come here.
        request.error = 'UNIMPLEMENTED';
        return;
      default:
        unreachable(operation);
    }
  }

  #read(request: Request): void {
    const error = this.#checkSession(request);
    if (error) request.error = error;
  }

  #write(request: Request, prepare: (header: TxnHeader) => Prepared): void {
    // The zxid is taken before the checks: a write that fails them keeps it.
    const header: TxnHeader = {
      clientId: request.sessionId,
      cxid: request.cxid,
      zxid: this.#zks.getNextZxid(),
      time: this.#zks.ctx.wallClock(),
    };
    const prepared = prepare(header);
    request.header = header;
    request.txn = typeof prepared === 'string' ? { type: 'error', error: prepared } : prepared;
    // A write that fails as a whole carries none.
    if (typeof prepared !== 'string' && this.#zks.ctx.zoo.digestEnabled)
      request.digest = { version: DIGEST_VERSION, treeDigest: this.#zks.outstandingChanges.treeDigest };
  }

  /** What may also stand in a multi. */
  #prepare(operation: MultiWrite, request: Request, header: TxnHeader): Prepared {
    switch (operation.op) {
      case 'create':
      case 'create2':
      case 'createContainer':
      case 'createTTL':
        return this.#create(operation, request, header);
      case 'delete':
        return this.#delete(operation, request, header);
      case 'setData':
        return this.#setData(operation, request, header);
      case 'check':
        return this.#check(operation, request);
      default:
        return unreachable(operation);
    }
  }

  #create(operation: CreateOperation, request: Request, header: TxnHeader): Prepared {
    const { mode, ttl = -1 } = operation;
    const changes = this.#zks.outstandingChanges;
    if (!isCreateMode(mode)) return 'BADARGUMENTS';
    const requestError = this.#validateCreateRequest(operation.op, mode, ttl) ?? this.#checkCreator(mode, request);
    if (requestError) return requestError;
    const parentPath = parentOf(operation.path);
    if (parentPath === null) return 'BADARGUMENTS';
    const acl = fixupACL(operation.acl, request.authInfo);
    if (!acl) return 'INVALIDACL';
    const parent = changes.get(parentPath);
    if (!parent) return 'NONODE';
    if (!this.#allows(parent, PERMS.CREATE, request)) return 'NOAUTH';
    const number = this.#zks.ctx.broken('sequence-by-count') ? parent.childCount : parent.stat.cversion;
    const path = isSequential(mode) ? operation.path + sequenceSuffix(number) : operation.path;
    if (validatePath(path) !== null) return 'BADARGUMENTS';
    if (changes.get(path)) return 'NODEEXISTS';
    if (this.#typeOf(parent) === 'NORMAL') return 'NOCHILDRENFOREPHEMERALS';
    const quotaError = this.#checkQuota(growthOfCreate(path, operation.data));
    if (quotaError) return quotaError;

    const { zxid, time } = header;
    const { data } = operation;
    const parentCVersion = (parent.stat.cversion + 1) | 0;
    changes.add({
      ...parent,
      zxid,
      stat: { ...parent.stat, cversion: parentCVersion, pzxid: zxid },
      childCount: parent.childCount + 1,
    });
    const stat = {
      czxid: zxid,
      mzxid: zxid,
      ctime: time,
      mtime: time,
      version: 0,
      cversion: 0,
      aversion: 0,
      ephemeralOwner: ownerOf(mode, ttl, request.sessionId),
      pzxid: zxid,
    };
    changes.add({ zxid, path, stat, childCount: 0, data, acl });
    const created = { path, data, acl, parentCVersion };
    switch (operation.op) {
      case 'create':
      case 'create2':
        return { type: operation.op, ...created, ephemeral: isEphemeral(mode) };
      case 'createContainer':
        return { type: operation.op, ...created };
      case 'createTTL':
        return { type: operation.op, ...created, ttl };
      default:
        return unreachable(operation.op);
    }
  }

  /** What is wrong with mode and time to live, whatever the tree is like. */
  #validateCreateRequest(op: CreateOperation['op'], mode: CreateMode, ttl: number): KeeperError | null {
    if (hasTTL(mode) && !this.#zks.ctx.zoo.extendedTypesEnabled) return 'UNIMPLEMENTED';
    return hasBadTTL(op, mode, ttl) ? 'BADARGUMENTS' : null;
  }

  /** An ephemeral needs a session that all servers know; the first processor may have found that it cannot become one. */
  #checkCreator(mode: CreateMode, request: Request): KeeperError | null {
    if (!isEphemeral(mode)) return this.#checkSession(request);
    return request.error ?? this.#zks.sessionTracker.checkGlobalSession(request.sessionId, request.owner);
  }

  #delete({ path, version }: OperationOf<'delete'>, request: Request, header: TxnHeader): Prepared {
    const sessionError = this.#checkSession(request);
    if (sessionError) return sessionError;
    const parentPath = parentOf(path);
    if (parentPath === null || SPECIAL_PATHS.includes(path)) return 'BADARGUMENTS';
    const parent = this.#zks.outstandingChanges.get(parentPath);
    if (!parent) return 'NONODE';
    if (!this.#allows(parent, PERMS.DELETE, request)) return 'NOAUTH';
    const node = this.#zks.outstandingChanges.get(path);
    if (!node) return 'NONODE';
    if (!isVersion(node.stat.version, version)) return 'BADVERSION';
    if (node.childCount > 0) return 'NOTEMPTY';
    this.#addDelete(parent, path, header);
    return { type: 'delete', path };
  }

  /** Neither session nor permissions are checked: ContainerManager asks for it. */
  #deleteContainer({ path }: OperationOf<'deleteContainer'>, header: TxnHeader): Prepared {
    const parentPath = parentOf(path);
    if (parentPath === null || SPECIAL_PATHS.includes(path)) return 'BADARGUMENTS';
    const node = this.#zks.outstandingChanges.get(path);
    if (!node) return 'NONODE';
    if (node.childCount > 0) return 'NOTEMPTY';
    if (this.#typeOf(node) === 'NORMAL') return 'BADVERSION';
    const parent = this.#zks.outstandingChanges.get(parentPath);
    if (!parent) return 'NONODE';
    this.#addDelete(parent, path, header);
    return { type: 'deleteContainer', path };
  }

  #addDelete(parent: LiveRecord, path: string, { zxid }: TxnHeader): void {
    const changes = this.#zks.outstandingChanges;
    changes.add({ ...parent, zxid, stat: { ...parent.stat, pzxid: zxid }, childCount: parent.childCount - 1 });
    changes.add({ zxid, path, stat: null, childCount: 0, data: null, acl: [] });
  }

  #setData({ path, data, version }: OperationOf<'setData'>, request: Request, { zxid, time }: TxnHeader): Prepared {
    const sessionError = this.#checkSession(request);
    if (sessionError) return sessionError;
    if (validatePath(path) !== null) return 'BADARGUMENTS';
    const node = this.#zks.outstandingChanges.get(path);
    if (!node) return 'NONODE';
    if (!this.#allows(node, PERMS.WRITE, request)) return 'NOAUTH';
    const quotaError = this.#checkQuota(growthOfSetData(path, node.data, data));
    if (quotaError) return quotaError;
    const fits = isVersion(node.stat.version, version) || this.#zks.ctx.broken('set-any-version');
    if (!fits) return 'BADVERSION';

    const newVersion = (node.stat.version + (this.#zks.ctx.broken('version-stays') ? 0 : 1)) | 0;
    const stat = { ...node.stat, version: newVersion, mtime: time, mzxid: zxid };
    this.#zks.outstandingChanges.add({ ...node, zxid, stat, data });
    return { type: 'setData', path, data, version: newVersion };
  }

  #setACL(operation: OperationOf<'setACL'>, request: Request, { zxid }: TxnHeader): Prepared {
    const sessionError = this.#checkSession(request);
    if (sessionError) return sessionError;
    const { path, version } = operation;
    if (validatePath(path) !== null) return 'BADARGUMENTS';
    const acl = fixupACL(operation.acl, request.authInfo);
    if (!acl) return 'INVALIDACL';
    const node = this.#zks.outstandingChanges.get(path);
    if (!node) return 'NONODE';
    if (!this.#allows(node, PERMS.ADMIN, request)) return 'NOAUTH';
    if (!isVersion(node.stat.aversion, version)) return 'BADVERSION';

    const aversion = (node.stat.aversion + 1) | 0;
    // As in the real server the record keeps the old list: writes in flight behind this one are measured by that.
    this.#zks.outstandingChanges.add({ ...node, zxid, stat: { ...node.stat, aversion } });
    return { type: 'setACL', path, acl, version: aversion };
  }

  #check({ path, version }: OperationOf<'check'>, request: Request): Prepared {
    const sessionError = this.#checkSession(request);
    if (sessionError) return sessionError;
    if (validatePath(path) !== null) return 'BADARGUMENTS';
    const node = this.#zks.outstandingChanges.get(path);
    if (!node) return 'NONODE';
    if (!this.#allows(node, PERMS.READ, request)) return 'NOAUTH';
    if (!isVersion(node.stat.version, version)) return 'BADVERSION';
    return { type: 'check', path, version: (node.stat.version + 1) | 0 };
  }

  /**
   * The parts in order, each checked against what those before it do. With the first that fails all of it is
   * taken back; the transaction says so with an error for that part and for those behind it.
   */
  #multi({ ops }: OperationOf<'multi'>, request: Request, header: TxnHeader): Prepared {
    const changes = this.#zks.outstandingChanges;
    // Of parents, too, or the next sequential name would skip numbers (ZOOKEEPER-1624).
    const pending = changes.pending(ops.flatMap(({ path }) => [path, parentOf(path) ?? path]));
    const txns: Txn[] = [];
    let failed = false;
    for (const op of ops) {
      if (failed) {
        txns.push({ type: 'error', error: 'RUNTIMEINCONSISTENCY' });
        continue;
      }
      const part = writeOf(op);
      const prepared = part ? this.#prepare(part, request, header) : null;
      failed = prepared === null || typeof prepared === 'string';
      if (failed) changes.rollback(header.zxid, pending);
      if (prepared === null || prepared === 'MARSHALLINGERROR') return 'MARSHALLINGERROR';
      txns.push(typeof prepared === 'string' ? { type: 'error', error: prepared } : prepared);
    }
    return { type: 'multi', txns };
  }

  #reconfig(operation: OperationOf<'reconfig'>, request: Request, { zxid, time }: TxnHeader): Prepared {
    if (!this.#zks.ctx.zoo.reconfigEnabled) return 'RECONFIGDISABLED';
    const sessionError = this.#checkSession(request);
    if (sessionError) return sessionError;
    if (!this.#zks.reconfig) return 'UNIMPLEMENTED';
    const data = this.#zks.reconfig(operation, zxid);
    if (typeof data === 'string') return data;
    const node = this.#zks.outstandingChanges.get(CONFIG_NODE);
    if (!node) return 'NONODE';
    if (!this.#allows(node, PERMS.WRITE, request)) return 'NOAUTH';
    const stat = { ...node.stat, version: -1, mtime: time, mzxid: zxid };
    this.#zks.outstandingChanges.add({ ...node, zxid, stat, data });
    return { type: 'reconfig', path: CONFIG_NODE, data, version: -1 };
  }

  #createSession({ timeout }: OperationOf<'createSession'>, request: Request): Prepared {
    const tracker = this.#zks.sessionTracker;
    tracker.trackSession(request.sessionId, timeout);
    tracker.setOwner(request.sessionId, request.owner);
    return { type: 'createSession', timeout };
  }

  /** Never fails, and the session is not checked: the expiry of a session is nobody's request. */
  #closeSession(request: Request, { zxid }: TxnHeader): Prepared {
    const changes = this.#zks.outstandingChanges;
    const owners = this.#zks.ctx.broken('ephemeral-gone-early')
      ? this.#zks.db.dataTree.ephemerals.map(([owner]) => owner)
      : [request.sessionId];
    const paths2Delete = owners.flatMap((owner) => changes.getEphemerals(owner));
    for (const path of paths2Delete) {
      const parent = changes.get(parentOf(path) ?? '');
      // The childCount stays, as in the real server: a delete of the parent that is prepared before this
      // is applied fails with NOTEMPTY.
      if (parent) changes.add({ ...parent, zxid, stat: { ...parent.stat, pzxid: zxid } });
      changes.add({ zxid, path, stat: null, childCount: 0, data: null, acl: [] });
    }
    this.#zks.sessionTracker.setSessionClosing(request.sessionId);
    this.#zks.ctx.metrics.add('close_session_prep_time', 0);
    return { type: 'closeSession', paths2Delete };
  }

  /** The body is looked at where each operation needs it: some have their session checked before. */
  #unreadable({ code }: OperationOf<'unreadable'>, request: Request): Prepared {
    return (SESSION_FIRST.has(code) ? this.#checkSession(request) : null) ?? 'MARSHALLINGERROR';
  }

  #checkSession(request: Request): KeeperError | null {
    return this.#zks.sessionTracker.checkSession(request.sessionId, request.owner);
  }

  #checkQuota(growth: Parameters<typeof checkQuota>[2]): KeeperError | null {
    return checkQuota(this.#zks.ctx, this.#zks.db.dataTree, growth);
  }

  #allows({ acl }: LiveRecord, perm: number, { authInfo }: Request): boolean {
    return checkACL(this.#zks.ctx.zoo, acl, perm, authInfo);
  }

  #typeOf({ stat }: LiveRecord): ReturnType<typeof ephemeralType> {
    return ephemeralType(stat.ephemeralOwner, this.#zks.ctx.zoo.extendedTypesEnabled);
  }
}

/** The processor looks at its queue, which is always empty: before its first request, and after each. */
export function noteQueue(metrics: ServerMetrics): void {
  metrics.add('prep_processor_queue_size', 0);
}

/** A request comes. Preparing it and handing it on takes no virtual time. */
export function noteRequest(metrics: ServerMetrics): void {
  metrics.count('prep_processor_request_queued');
  metrics.add('prep_processor_queue_time_ms', 0);
  metrics.add('prep_process_time', 0);
  metrics.add('proposal_process_time', 0);
  noteQueue(metrics);
}

/** From outside: `CreateMode.fromFlag` does not know every number. */
function isCreateMode(mode: CreateMode | number): mode is CreateMode {
  return (CREATE_MODES as readonly (CreateMode | number)[]).includes(mode);
}

/** Whether the time to live is none, or one that the mode does not have; without one it is −1. */
export function hasBadTTL(op: CreateOperation['op'], mode: CreateMode, ttl: number): boolean {
  if (hasTTL(mode)) return !isTTL(ttl);
  // The real server takes a createTTL of another mode and a negative time, and dies when it applies it.
  return ttl >= 0 || op === 'createTTL';
}

function ownerOf(mode: CreateMode, ttl: number, session: SessionId): SessionId {
  if (mode === 'CONTAINER') return CONTAINER_EPHEMERAL_OWNER;
  if (hasTTL(mode)) return ttlEphemeralOwner(ttl);
  return isEphemeral(mode) ? session : NO_SESSION;
}

/**
 * The first, coarse look at a path: what is before the last slash, for the root's children the empty path;
 * null without a slash or with a NUL.
 */
export function parentOf(path: string): string | null {
  const slash = path.lastIndexOf('/');
  return slash === -1 || path.includes('\0') ? null : path.slice(0, slash);
}

function isVersion(version: number, expected: number): boolean {
  return expected === -1 || expected === version;
}

/**
 * The part of a multi as it is prepared (`Op.Create.getOpcode`): which create it is follows from its mode alone.
 * Null if it cannot be: reads, and modes that do not fit the request.
 */
function writeOf(op: MultiOperation): MultiWrite | null {
  switch (op.op) {
    case 'delete':
    case 'setData':
    case 'check':
      return op;
    case 'create':
    case 'create2':
    case 'createContainer':
    case 'createTTL': {
      const { mode } = op;
      const ttl = isCreateMode(mode) && hasTTL(mode);
      if (ttl !== (op.op === 'createTTL')) return null;
      return { ...op, op: ttl ? 'createTTL' : mode === 'CONTAINER' ? 'createContainer' : 'create' };
    }
    case 'deleteContainer':
    case 'getData':
    case 'getChildren':
      return null;
    default:
      return unreachable(op);
  }
}

/** `%010d` of the number of children ever created under the parent; a signed 32-bit number. */
function sequenceSuffix(cversion: number): string {
  return cversion < 0 ? `-${String(-cversion).padStart(9, '0')}` : String(cversion).padStart(10, '0');
}
