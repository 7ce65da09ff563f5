/**
 * Makes transactions of requests, at the leader only (`PrepRequestProcessor`): gives each write the
 * next zxid and checks it, in ZooKeeper's order, against the tree and the writes in flight. A write
 * that fails becomes an `error` transaction. Requests that make no transaction only have their
 * session checked. Multi, setACL, reconfig, containers and TTL nodes are not served in this release.
 */
import { unreachable } from '../../protocol/assert.ts';
import type { KeeperError } from '../../protocol/errors.ts';
import { NO_SESSION } from '../../protocol/ids.ts';
import type { Operation } from '../../protocol/operations.ts';
import { validatePath } from '../../protocol/paths.ts';
import type { Txn, TxnHeader } from '../../protocol/txns.ts';
import { isEphemeral, isSequential, parentPath, PERMS } from '../../protocol/znode.ts';
import type { Zxid } from '../../protocol/zxid.ts';
import type { ServerContext } from '../context.ts';
import type { Request } from '../ports.ts';
import type { GlobalSessionTracker } from '../session/session-tracker.ts';
import { CONFIG_NODE, QUOTA_NODE } from '../tree/data-tree.ts';
import { checkACL, fixupACL } from './acl.ts';
import type { OutstandingChanges } from './outstanding-changes.ts';
import type { RequestProcessor } from './processor.ts';

type OperationOf<K extends Operation['op']> = Extract<Operation, { readonly op: K }>;
/** A transaction, or the name of the first check that failed. */
type Prepared = Txn | KeeperError;

/** Znodes that cannot be deleted (`ZKDatabase.isSpecialPath`). */
const SPECIAL_PATHS: readonly string[] = ['/', '/zookeeper', QUOTA_NODE, CONFIG_NODE];

/** What it needs of `LeaderZooKeeperServer`. */
export interface PrepServer {
  readonly ctx: ServerContext;
  readonly outstandingChanges: OutstandingChanges;
  readonly sessionTracker: GlobalSessionTracker;
  /** `getNextZxid`: takes it. */
  getNextZxid(): Zxid;
}

export class PrepRequestProcessor implements RequestProcessor {
  readonly #zks: PrepServer;
  readonly #next: RequestProcessor;

  constructor(zks: PrepServer, next: RequestProcessor) {
    this.#zks = zks;
    this.#next = next;
  }

  processRequest(request: Request): void {
    this.#pRequest(request);
    this.#next.processRequest(request);
  }

  #pRequest(request: Request): void {
    const { operation } = request;
    switch (operation.op) {
      case 'create':
      case 'create2':
        return this.#write(request, (header) => this.#create(operation, request, header));
      case 'delete':
        return this.#write(request, (header) => this.#delete(operation, request, header));
      case 'setData':
        return this.#write(request, (header) => this.#setData(operation, request, header));
      case 'createSession':
        return this.#write(request, () => this.#createSession(operation, request));
      case 'closeSession':
        return this.#write(request, (header) => this.#closeSession(request, header));
      case 'sync':
      case 'exists':
      case 'getData':
      case 'getChildren':
      case 'getChildren2':
      case 'getEphemerals':
      case 'getAllChildrenNumber':
      case 'setWatches':
      case 'ping': {
        const error = this.#checkSession(request);
        if (error) request.error = error;
        return;
      }
      default:
        unreachable(operation);
    }
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
  }

  #create(operation: OperationOf<'create' | 'create2'>, request: Request, header: TxnHeader): Prepared {
    const { mode } = operation;
    switch (mode) {
      case 'CONTAINER':
      case 'PERSISTENT_WITH_TTL':
      case 'PERSISTENT_SEQUENTIAL_WITH_TTL':
        return 'UNIMPLEMENTED';
      case 'PERSISTENT':
      case 'EPHEMERAL':
      case 'PERSISTENT_SEQUENTIAL':
      case 'EPHEMERAL_SEQUENTIAL':
        break;
      default:
        // From outside: CreateMode.fromFlag does not know it.
        mode satisfies never;
        return 'BADARGUMENTS';
    }
    const sessionError = this.#checkSession(request);
    if (sessionError) return sessionError;
    if (!hasParent(operation.path)) return 'BADARGUMENTS';
    const acl = fixupACL(operation.acl);
    if (!acl) return 'INVALIDACL';
    const changes = this.#zks.outstandingChanges;
    const parent = changes.get(parentPath(operation.path));
    if (!parent) return 'NONODE';
    if (!checkACL(parent.acl, PERMS.CREATE)) return 'NOAUTH';
    const path = isSequential(mode) ? operation.path + sequenceSuffix(parent.stat.cversion) : operation.path;
    if (validatePath(path) !== null) return 'BADARGUMENTS';
    if (changes.get(path)) return 'NODEEXISTS';
    if (parent.stat.ephemeralOwner !== NO_SESSION) return 'NOCHILDRENFOREPHEMERALS';

    const { zxid, time } = header;
    const ephemeral = isEphemeral(mode);
    const parentCVersion = (parent.stat.cversion + 1) | 0;
    changes.add({
      ...parent,
      zxid,
      stat: { ...parent.stat, cversion: parentCVersion, pzxid: zxid },
      childCount: parent.childCount + 1,
    });
    changes.add({
      zxid,
      path,
      stat: {
        czxid: zxid,
        mzxid: zxid,
        ctime: time,
        mtime: time,
        version: 0,
        cversion: 0,
        aversion: 0,
        ephemeralOwner: ephemeral ? request.sessionId : NO_SESSION,
        pzxid: zxid,
      },
      childCount: 0,
      acl,
    });
    return { type: 'create', path, data: operation.data, acl, ephemeral, parentCVersion };
  }

  #delete({ path, version }: OperationOf<'delete'>, request: Request, { zxid }: TxnHeader): Prepared {
    const sessionError = this.#checkSession(request);
    if (sessionError) return sessionError;
    if (!hasParent(path) || SPECIAL_PATHS.includes(path)) return 'BADARGUMENTS';
    const changes = this.#zks.outstandingChanges;
    const parent = changes.get(parentPath(path));
    if (!parent) return 'NONODE';
    if (!checkACL(parent.acl, PERMS.DELETE)) return 'NOAUTH';
    const node = changes.get(path);
    if (!node) return 'NONODE';
    if (version !== -1 && version !== node.stat.version) return 'BADVERSION';
    if (node.childCount > 0) return 'NOTEMPTY';

    changes.add({ ...parent, zxid, stat: { ...parent.stat, pzxid: zxid }, childCount: parent.childCount - 1 });
    changes.add({ zxid, path, stat: null, childCount: 0, acl: [] });
    return { type: 'delete', path };
  }

  #setData({ path, data, version }: OperationOf<'setData'>, request: Request, { zxid, time }: TxnHeader): Prepared {
    const sessionError = this.#checkSession(request);
    if (sessionError) return sessionError;
    if (validatePath(path) !== null) return 'BADARGUMENTS';
    const changes = this.#zks.outstandingChanges;
    const node = changes.get(path);
    if (!node) return 'NONODE';
    if (!checkACL(node.acl, PERMS.WRITE)) return 'NOAUTH';
    if (version !== -1 && version !== node.stat.version) return 'BADVERSION';

    const newVersion = (node.stat.version + 1) | 0;
    changes.add({ ...node, zxid, stat: { ...node.stat, version: newVersion, mtime: time, mzxid: zxid } });
    return { type: 'setData', path, data, version: newVersion };
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
    const paths2Delete = changes.getEphemerals(request.sessionId);
    for (const path of paths2Delete) {
      const parent = changes.get(parentPath(path));
      // The childCount stays, as in the real server: a delete of the parent that is prepared before this
      // is applied fails with NOTEMPTY.
      if (parent) changes.add({ ...parent, zxid, stat: { ...parent.stat, pzxid: zxid } });
      changes.add({ zxid, path, stat: null, childCount: 0, acl: [] });
    }
    this.#zks.sessionTracker.setSessionClosing(request.sessionId);
    return { type: 'closeSession', paths2Delete };
  }

  #checkSession(request: Request): KeeperError | null {
    return this.#zks.sessionTracker.checkSession(request.sessionId, request.owner);
  }
}

/** The first, coarse look at a path: something to cut a parent from, and no NUL. */
function hasParent(path: string): boolean {
  return path.includes('/') && !path.includes('\0');
}

/** `%010d` of the number of children ever created under the parent; a signed 32-bit number. */
function sequenceSuffix(cversion: number): string {
  return cversion < 0 ? `-${String(-cversion).padStart(9, '0')}` : String(cversion).padStart(10, '0');
}
