/**
 * The znode tree of one server (`DataTree`, `DataNode`, `StatPersisted`): nodes, Stats, ephemerals by
 * session, and the application of transactions. Pure: no events, no watches; what a transaction
 * changed and which watches it triggers is returned. Permissions are not checked here.
 *
 * The stored cversion counts child creates only; clients see 2 × cversion − numChildren.
 */
import type { TraceZnode, ZnodeChange } from '../../protocol/events.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import { NO_SESSION, type SessionId } from '../../protocol/ids.ts';
import { toTraceData } from '../../protocol/trace-data.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import {
  childPath,
  nodeName,
  OPEN_ACL_UNSAFE,
  parentPath,
  PERMS,
  type Acl,
  type Stat,
  type ZnodeData,
} from '../../protocol/znode.ts';
import { unreachable } from '../../protocol/assert.ts';
import { ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts';

/** `StatPersisted`: what snapshots keep of a Stat. `cversion` is the internal one. */
export interface StatPersisted {
  readonly czxid: Zxid;
  readonly mzxid: Zxid;
  readonly ctime: number;
  readonly mtime: number;
  readonly version: number;
  readonly cversion: number;
  readonly aversion: number;
  readonly ephemeralOwner: SessionId;
  readonly pzxid: Zxid;
}

/** A znode as others may read it. */
export interface ZnodeView {
  readonly data: ZnodeData;
  readonly acl: readonly Acl[];
  readonly stat: Readonly<StatPersisted>;
  readonly children: ReadonlySet<string>;
}

interface DataNode extends ZnodeView {
  data: ZnodeData;
  acl: readonly Acl[];
  readonly stat: { -readonly [K in keyof StatPersisted]: StatPersisted[K] };
  readonly children: Set<string>;
}

/** One change that watches may wait for, in the order in which it happened. */
export interface TreeTrigger {
  readonly type: 'created' | 'deleted' | 'dataChanged';
  readonly path: string;
}

/** What came of one transaction (`DataTree.ProcessTxnResult`). */
export interface TreeResult {
  /** Of an `error` transaction its code; of another one what made it change nothing (only in replay). */
  readonly error: ErrorCode | null;
  readonly path?: string;
  /** create, setData: the node's Stat afterwards. */
  readonly stat?: Stat;
  /** The state afterwards of every path whose znode, Stat included, changed. */
  readonly changes: readonly ZnodeChange[];
  readonly triggers: readonly TreeTrigger[];
}

export const CONFIG_NODE = '/zookeeper/config';
export const QUOTA_NODE = '/zookeeper/quota';
/** The ACL of `/zookeeper/config` (`ZooDefs.Ids.READ_ACL_UNSAFE`). */
const READ_ACL_UNSAFE: readonly Acl[] = [{ perms: PERMS.READ, scheme: 'world', id: 'anyone' }];
const NO_DATA = new Uint8Array(0);

/** Gathers what one transaction does. */
class Changes {
  readonly paths = new Set<string>();
  /** Of {@link paths}, those with other data or another ACL; of the rest, only the Stat is another. */
  readonly whole = new Set<string>();
  readonly triggers: TreeTrigger[] = [];
}

export class DataTree {
  readonly #nodes = new Map<string, DataNode>();
  readonly #ephemerals = new Map<SessionId, Set<string>>();
  #lastProcessedZxid: Zxid = ZXID_ZERO;

  /** An empty tree: `/`, `/zookeeper`, `/zookeeper/config`, `/zookeeper/quota`, all with czxid 0. */
  constructor() {
    this.#putBuiltIn('/', OPEN_ACL_UNSAFE);
    this.#putBuiltIn('/zookeeper', OPEN_ACL_UNSAFE);
    this.#putBuiltIn(QUOTA_NODE, OPEN_ACL_UNSAFE);
    // `DataTree.addConfigNode` sets the ACL through setACL with version −1, which becomes the aversion.
    this.#putBuiltIn(CONFIG_NODE, READ_ACL_UNSAFE).stat.aversion = -1;
  }

  /** A tree from a snapshot's nodes, parents before children. Null if one has no parent, or there is no root. */
  static restore(nodes: Iterable<readonly [path: string, node: Omit<ZnodeView, 'children'>]>): DataTree | null {
    const tree = new DataTree();
    tree.#nodes.clear();
    for (const [path, { data, acl, stat }] of nodes) {
      if (tree.#nodes.has(path)) return null;
      if (path !== '/') {
        const parent = path.startsWith('/') ? tree.#nodes.get(parentPath(path)) : undefined;
        if (!parent) return null;
        parent.children.add(nodeName(path));
      }
      tree.#nodes.set(path, { data, acl, stat: { ...stat }, children: new Set() });
      tree.#indexEphemeral(path, stat.ephemeralOwner);
    }
    if (!tree.#nodes.has('/')) return null;
    // A snapshot of a server older than these nodes lacks them; `DataTree.deserialize` adds the config node too.
    if (tree.#nodes.has('/zookeeper') && !tree.#nodes.has(CONFIG_NODE))
      tree.#putBuiltIn(CONFIG_NODE, READ_ACL_UNSAFE).stat.aversion = -1;
    return tree;
  }

  /** The highest zxid whose effects the tree holds. */
  get lastProcessedZxid(): Zxid {
    return this.#lastProcessedZxid;
  }

  /** Leaders set it to (e,0) when they start to serve, learners to the zxid of a SNAP or TRUNC. */
  setLastProcessedZxid(zxid: Zxid): void {
    this.#lastProcessedZxid = zxid;
  }

  /** How many znodes there are, the built-in ones included. */
  get nodeCount(): number {
    return this.#nodes.size;
  }

  /** The znode at `path`, live: it changes with the tree. Null if there is none. */
  node(path: string): ZnodeView | null {
    return this.#nodes.get(path) ?? null;
  }

  /** The Stat as clients see it (`DataNode.copyStat`); null if there is no such znode. */
  stat(path: string): Stat | null {
    const node = this.#nodes.get(path);
    return node ? clientStat(node) : null;
  }

  /** Names of the children, sorted by UTF-16 code units (the real server promises no order); null without the znode. */
  getChildren(path: string): readonly string[] | null {
    const node = this.#nodes.get(path);
    return node ? [...node.children].sort() : null;
  }

  /** How many znodes lie below `path`, on all levels; null without the znode. */
  getAllChildrenNumber(path: string): number | null {
    if (!this.#nodes.has(path)) return null;
    if (path === '/') return this.#nodes.size - 1;
    let count = 0;
    for (const other of this.#nodes.keys()) if (other.startsWith(`${path}/`)) count++;
    return count;
  }

  /** Paths of the session's ephemerals, sorted. */
  getEphemerals(session: SessionId): readonly string[] {
    return [...(this.#ephemerals.get(session) ?? [])].sort();
  }

  /** All znodes, parents before children, siblings sorted. */
  *walk(path = '/'): Generator<readonly [path: string, node: ZnodeView]> {
    const node = this.#nodes.get(path);
    if (!node) return;
    yield [path, node];
    for (const child of [...node.children].sort()) yield* this.walk(childPath(path, child));
  }

  /** The znode as events show it; null if there is none. */
  traceZnode(path: string): TraceZnode | null {
    const node = this.#nodes.get(path);
    return node ? { data: toTraceData(node.data), acl: node.acl, stat: clientStat(node) } : null;
  }

  /** The whole tree as events show it, in the order of {@link walk}. */
  traceNodes(): readonly ZnodeChange[] {
    return [...this.walk()].map(([path]) => [path, this.traceZnode(path)] as const);
  }

  /**
   * Applies one transaction (`DataTree.processTxn`). What is already there or already gone is left
   * alone and reported as `error`, so that replay over a tree that is ahead ends in the same tree.
   * lastProcessedZxid moves last, and only up.
   */
  processTxn({ header, txn }: LoggedTxn): TreeResult {
    const changes = new Changes();
    let error: ErrorCode | null = null;
    let path: string | undefined;
    switch (txn.type) {
      case 'create':
        path = txn.path;
        error = this.#createNode(
          path,
          { data: txn.data, acl: txn.acl, ephemeralOwner: txn.ephemeral ? header.clientId : NO_SESSION },
          txn.parentCVersion,
          header.zxid,
          header.time,
          changes,
        );
        break;
      case 'delete':
        path = txn.path;
        error = this.#deleteNode(path, header.zxid, changes);
        break;
      case 'setData':
        path = txn.path;
        error = this.#setData(path, txn.data, txn.version, header.zxid, header.time, changes);
        break;
      case 'closeSession':
        this.#killSession(header.clientId, txn.paths2Delete, header.zxid, changes);
        break;
      case 'createSession':
        break;
      case 'error':
        error = txn.error;
        break;
      default:
        unreachable(txn);
    }
    if (header.zxid > this.#lastProcessedZxid) this.#lastProcessedZxid = header.zxid;
    const stat = path === undefined || txn.type === 'delete' || error ? null : this.stat(path);
    return {
      error,
      ...(path === undefined ? {} : { path }),
      ...(stat ? { stat } : {}),
      changes: [...changes.paths].map((changed) => [changed, this.#changeOf(changed, changes)] as const),
      triggers: changes.triggers,
    };
  }

  #changeOf(path: string, changes: Changes): ZnodeChange[1] {
    if (changes.whole.has(path)) return this.traceZnode(path);
    const stat = this.stat(path);
    return stat && { stat };
  }

  #createNode(
    path: string,
    made: { readonly data: ZnodeData; readonly acl: readonly Acl[]; readonly ephemeralOwner: SessionId },
    parentCVersion: number,
    zxid: Zxid,
    time: number,
    changes: Changes,
  ): ErrorCode | null {
    const parent = this.#nodes.get(parentPath(path));
    if (!parent || path === '/') return 'NONODE';
    // Replay of a create whose znode was deleted later must not take the parent back (ZOOKEEPER-3125).
    const cversion = parentCVersion === -1 ? (parent.stat.cversion + 1) | 0 : parentCVersion;
    if (cversion > parent.stat.cversion) {
      parent.stat.cversion = cversion;
      parent.stat.pzxid = zxid;
      changes.paths.add(parentPath(path));
    }
    const existing = this.#nodes.get(path);
    if (existing) {
      existing.acl = made.acl;
      changes.paths.add(path);
      changes.whole.add(path);
      return 'NODEEXISTS';
    }
    const stat = {
      czxid: zxid,
      mzxid: zxid,
      ctime: time,
      mtime: time,
      version: 0,
      cversion: 0,
      aversion: 0,
      ephemeralOwner: made.ephemeralOwner,
      pzxid: zxid,
    };
    parent.children.add(nodeName(path));
    this.#nodes.set(path, { data: made.data, acl: made.acl, stat, children: new Set() });
    this.#indexEphemeral(path, made.ephemeralOwner);
    changes.paths.add(parentPath(path)).add(path);
    changes.whole.add(path);
    changes.triggers.push({ type: 'created', path });
    return null;
  }

  #deleteNode(path: string, zxid: Zxid, changes: Changes): ErrorCode | null {
    const parent = this.#nodes.get(parentPath(path));
    if (!parent || path === '/') return 'NONODE';
    // The parent's pzxid rises even if the node is already gone: a snapshot may hold the one without the other.
    if (zxid > parent.stat.pzxid) parent.stat.pzxid = zxid;
    parent.children.delete(nodeName(path));
    changes.paths.add(parentPath(path));
    const node = this.#nodes.get(path);
    if (!node) return 'NONODE';
    this.#nodes.delete(path);
    const owned = this.#ephemerals.get(node.stat.ephemeralOwner);
    if (owned?.delete(path) && owned.size === 0) this.#ephemerals.delete(node.stat.ephemeralOwner);
    changes.paths.add(path);
    changes.triggers.push({ type: 'deleted', path });
    return null;
  }

  #setData(
    path: string,
    data: ZnodeData,
    version: number,
    zxid: Zxid,
    time: number,
    changes: Changes,
  ): ErrorCode | null {
    const node = this.#nodes.get(path);
    if (!node) return 'NONODE';
    node.data = data;
    node.stat.mtime = time;
    node.stat.mzxid = zxid;
    node.stat.version = version;
    changes.paths.add(path);
    changes.whole.add(path);
    changes.triggers.push({ type: 'dataChanged', path });
    return null;
  }

  /** First the paths that the transaction names (ZOOKEEPER-3145), then what the tree still has of the session. */
  #killSession(session: SessionId, paths2Delete: readonly string[], zxid: Zxid, changes: Changes): void {
    for (const path of new Set([...paths2Delete, ...this.getEphemerals(session)])) {
      this.#deleteNode(path, zxid, changes);
    }
  }

  #indexEphemeral(path: string, owner: SessionId): void {
    if (owner === NO_SESSION) return;
    const paths = this.#ephemerals.get(owner);
    if (paths) paths.add(path);
    else this.#ephemerals.set(owner, new Set([path]));
  }

  /** Built-in children do not count as creates: the parent's cversion stays. */
  #putBuiltIn(path: string, acl: readonly Acl[]): DataNode {
    const stat = {
      czxid: ZXID_ZERO,
      mzxid: ZXID_ZERO,
      ctime: 0,
      mtime: 0,
      version: 0,
      cversion: 0,
      aversion: 0,
      ephemeralOwner: NO_SESSION,
      pzxid: ZXID_ZERO,
    };
    const node: DataNode = { data: NO_DATA, acl, stat, children: new Set() };
    this.#nodes.set(path, node);
    if (path !== '/') this.#nodes.get(parentPath(path))?.children.add(nodeName(path));
    return node;
  }
}

function clientStat({ data, stat, children }: DataNode): Stat {
  return {
    czxid: stat.czxid,
    mzxid: stat.mzxid,
    ctime: stat.ctime,
    mtime: stat.mtime,
    version: stat.version,
    cversion: (stat.cversion * 2 - children.size) | 0,
    aversion: stat.aversion,
    ephemeralOwner: stat.ephemeralOwner,
    dataLength: data?.length ?? 0,
    numChildren: children.size,
    pzxid: stat.pzxid,
  };
}
