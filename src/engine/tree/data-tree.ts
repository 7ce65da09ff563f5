/**
 * The znode tree of one server (`DataTree`): nodes by path, ephemerals by session, and the application of
 * transactions. Pure: no events, no watches; what a transaction changed and which watches it triggers is
 * returned. Permissions are not checked here. As in the real tree the empty path is a second name of the root.
 */
import type { TraceZnode, ZnodeChange } from '../../protocol/events.ts';
import { NO_RULE_BROKEN, type Rules } from '../../protocol/defects.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import { NO_SESSION, type SessionId } from '../../protocol/ids.ts';
import { toTraceData } from '../../protocol/trace-data.ts';
import type { LoggedTxn, Txn, TxnHeader, TxnType } from '../../protocol/txns.ts';
import { childPath, nodeName, OPEN_ACL_UNSAFE, parentPath, PERMS, type Acl, type Stat } from '../../protocol/znode.ts';
import { unreachable } from '../../protocol/assert.ts';
import { WALL_CLOCK_EPOCH_MS } from '../../protocol/time.ts';
import { ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts';
import { AclCache, OPEN_ACL_INDEX } from './acl-cache.ts';
import { copyStat, type DataNode, type StoredZnode, type ZnodeView } from './data-node.ts';
import { TreeDigest } from './digest.ts';
import { GrownSet, inSetOrder } from './java-hash.ts';
import { CONTAINER_EPHEMERAL_OWNER, ephemeralType, ttlEphemeralOwner } from './ephemeral-type.ts';
import { TreeQuotas } from './quota.ts';

/** One change that watches may wait for, in the order in which it happened. */
export interface TreeTrigger {
  readonly type: 'created' | 'deleted' | 'dataChanged';
  readonly path: string;
  /** The node's list when it happened; of a deleted node the last one. */
  readonly acl: readonly Acl[];
  /** The parent's, for the event of its children; empty with `dataChanged`, which has none. */
  readonly parentAcl: readonly Acl[];
  /** Of the data that was written. */
  readonly bytes: number;
}

/** What came of one transaction, or of one part of a multi (`DataTree.ProcessTxnResult`). */
export interface TxnResult {
  readonly type: TxnType;
  /** Of an `error` transaction its code; of another one what made it change nothing (only in replay). */
  readonly error: ErrorCode | null;
  readonly path?: string;
  /** create, setData, setACL, reconfig: the node's Stat afterwards. */
  readonly stat?: Stat;
  /** multi: its parts, in order. */
  readonly results?: readonly TxnResult[];
}

/** What came of a transaction, and what it did to the tree. */
export interface TreeResult extends TxnResult {
  /** The state afterwards of every path whose znode, Stat included, changed. */
  readonly changes: readonly ZnodeChange[];
  readonly triggers: readonly TreeTrigger[];
}

export const CONFIG_NODE = '/zookeeper/config';
export const QUOTA_NODE = '/zookeeper/quota';
/** The ACL of `/zookeeper/config` (`ZooDefs.Ids.READ_ACL_UNSAFE`). */
const READ_ACL_UNSAFE: readonly Acl[] = [{ perms: PERMS.READ, scheme: 'world', id: 'anyone' }];
const NO_DATA = new Uint8Array(0);

type CreateTxn = Extract<Txn, { readonly parentCVersion: number }>;

/** Gathers what one transaction does. */
class Changes {
  readonly paths = new Set<string>();
  /** Of {@link paths}, those with other data or another ACL; of the rest, only the Stat is another. */
  readonly whole = new Set<string>();
  /** What quotas have counted. The tree's digest takes no notice of that (`updateQuotaStat`). */
  readonly quotaStats = new Set<string>();
  readonly triggers: TreeTrigger[] = [];
  readonly rules: Rules;

  constructor(rules: Rules) {
    this.rules = rules;
  }
}

export class DataTree {
  readonly #nodes = new Map<string, DataNode>();
  readonly #ephemerals = new Map<SessionId, Set<string>>();
  readonly #containers = new Set<string>();
  readonly #ttls = new Set<string>();
  readonly #extendedTypesEnabled: boolean;
  readonly #acls = new AclCache();
  readonly #digest = new TreeDigest();
  readonly #quotas = new TreeQuotas((path) => this.#nodes.get(path));
  #lastProcessedZxid: Zxid = ZXID_ZERO;

  /**
   * An empty tree: `/`, `/zookeeper`, `/zookeeper/config`, `/zookeeper/quota`, all with czxid 0.
   * @param extendedTypesEnabled whether nodes with a time to live are known as such
   */
  constructor(extendedTypesEnabled = false) {
    this.#extendedTypesEnabled = extendedTypesEnabled;
    for (const path of ['/', '/zookeeper', QUOTA_NODE]) this.#putBuiltIn(path, OPEN_ACL_UNSAFE, OPEN_ACL_INDEX);
    this.#addConfigNode();
  }

  /**
   * A tree from a snapshot's table of ACLs and its nodes, parents before children. Null if one has no parent, or
   * there is no root.
   */
  static restore(
    acls: AclCache['entries'],
    nodes: Iterable<readonly [path: string, node: StoredZnode]>,
    extendedTypesEnabled = false,
  ): DataTree | null {
    const tree = new DataTree(extendedTypesEnabled);
    for (const node of tree.#nodes.values()) tree.#digest.remove(node);
    tree.#nodes.clear();
    tree.#acls.load(acls);
    for (const [path, { data, aclIndex, stat }] of nodes) {
      if (tree.#nodes.has(path)) return null;
      if (path !== '/') {
        const parent = path.startsWith('/') ? tree.#nodes.get(parentPath(path)) : undefined;
        if (!parent || nodeName(path) === '') return null;
        parent.children.add(nodeName(path));
      }
      tree.#acls.addUsage(aclIndex);
      tree.#put(path, { data, acl: tree.#acls.list(aclIndex), aclIndex, stat: { ...stat } });
      tree.#indexOwner(path, stat.ephemeralOwner);
    }
    if (!tree.#nodes.has('/')) return null;
    // A snapshot of a server older than this node lacks it.
    if (tree.#nodes.has('/zookeeper') && !tree.#nodes.has(CONFIG_NODE)) tree.#addConfigNode();
    tree.#acls.purgeUnused();
    for (const path of tree.#quotas.setup()) tree.#digestAgain(path);
    return tree;
  }

  /** The table of ACLs, for snapshots. */
  get acls(): AclCache['entries'] {
    return this.#acls.entries;
  }

  /** How many lists the table held at most. */
  get aclsMax(): number {
    return this.#acls.sizeMax;
  }

  /** The znode at `path` as snapshots keep it, and its children in the order of their coming; null if there is none. */
  storedNode(
    path: string,
  ): (StoredZnode & { readonly children: readonly string[]; readonly childrenMax: number }) | null {
    const node = this.#find(path);
    return node
      ? {
          data: node.data,
          aclIndex: node.aclIndex,
          stat: { ...node.stat },
          children: [...node.children],
          childrenMax: node.children.sizeMax,
        }
      : null;
  }

  /** The deepest path with a quota that is `path` or above it (`getMaxPrefixWithQuota`); null: none. */
  quotaPrefixOf(path: string): string | null {
    return this.#quotas.prefixOf(path);
  }

  /** The digest of the whole tree (`getTreeDigest`). */
  get treeDigest(): bigint {
    return this.#digest.value;
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
    return this.#find(path) ?? null;
  }

  /** The Stat as clients see it (`DataNode.copyStat`); null if there is no such znode. */
  stat(path: string): Stat | null {
    const node = this.#find(path);
    return node ? copyStat(node, this.#extendedTypesEnabled) : null;
  }

  /** Names of the children, sorted by UTF-16 code units (the real server promises no order); null without the znode. */
  getChildren(path: string): readonly string[] | null {
    const node = this.#find(path);
    return node ? [...node.children].sort() : null;
  }

  /** How many znodes lie below `path`, on all levels; null without the znode. */
  getAllChildrenNumber(path: string): number | null {
    if (!this.#find(path)) return null;
    if (path === '/') return this.#nodes.size - 1;
    // The real server looks for paths that begin with what was asked for and a slash: the root's own does, too.
    if (path === '') return this.#nodes.size;
    let count = 0;
    for (const other of this.#nodes.keys()) if (other.startsWith(`${path}/`)) count++;
    return count;
  }

  /** Paths of the session's ephemerals, in the order of Java's set of them. */
  getEphemerals(session: SessionId): readonly string[] {
    return inSetOrder([...(this.#ephemerals.get(session) ?? [])]);
  }

  /** Every session that has ephemerals, with their paths. */
  get ephemerals(): readonly (readonly [SessionId, readonly string[]])[] {
    return [...this.#ephemerals.keys()].map((session) => [session, this.getEphemerals(session)]);
  }

  /** Paths of the container nodes, in the order of Java's set of them. */
  getContainers(): readonly string[] {
    return inSetOrder([...this.#containers]);
  }

  /** Paths of the nodes with a time to live, in the order of Java's set of them. */
  getTtls(): readonly string[] {
    return inSetOrder([...this.#ttls]);
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
    const node = this.#find(path);
    if (!node) return null;
    const stat = copyStat(node, this.#extendedTypesEnabled);
    const owner = node.stat.ephemeralOwner;
    return { data: toTraceData(node.data), acl: node.acl, stat, ...(owner !== stat.ephemeralOwner && { owner }) };
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
  processTxn({ header, txn }: LoggedTxn, rules: Rules = NO_RULE_BROKEN): TreeResult {
    const changes = new Changes(rules);
    const result = this.#apply(header, txn, changes);
    for (const path of changes.paths) this.#digestAgain(path);
    if (header.zxid > this.#lastProcessedZxid) this.#lastProcessedZxid = header.zxid;
    return {
      ...result,
      changes: [...new Set([...changes.paths, ...changes.quotaStats])].map(
        (changed) => [changed, this.#changeOf(changed, changes)] as const,
      ),
      triggers: changes.triggers,
    };
  }

  /**
   * Writes the text of a configuration to its znode outside of any transaction: lastProcessedZxid stays. The real mtime
   * is each server's own; here it is the same everywhere, and goes on with reconfigs only, so that trees can be compared.
   */
  initConfig(text: string, version: Zxid): Pick<TreeResult, 'changes' | 'triggers'> {
    const changes = new Changes(NO_RULE_BROKEN);
    const time = Math.max(WALL_CLOCK_EPOCH_MS, this.#nodes.get(CONFIG_NODE)?.stat.mtime ?? 0);
    const txn = { type: 'reconfig', path: CONFIG_NODE, data: new TextEncoder().encode(text), version: -1 } as const;
    this.#setData(txn, { clientId: NO_SESSION, cxid: 0, zxid: version, time }, changes);
    return { changes: [[CONFIG_NODE, this.traceZnode(CONFIG_NODE)]], triggers: changes.triggers };
  }

  #apply(header: TxnHeader, txn: Txn, changes: Changes): TxnResult {
    const { type } = txn;
    switch (txn.type) {
      case 'create':
      case 'create2':
      case 'createContainer':
      case 'createTTL':
        return this.#create(header, txn, changes);
      case 'delete':
      case 'deleteContainer':
        return { type, path: txn.path, error: this.#deleteNode(txn.path, header.zxid, changes) };
      case 'setData':
      case 'reconfig':
        return this.#outcome(type, txn.path, this.#setData(txn, header, changes));
      case 'setACL':
        return this.#outcome(type, txn.path, this.#setACL(txn.path, txn.acl, txn.version, changes));
      case 'check':
        return { type, path: txn.path, error: null };
      case 'multi':
        return this.#multi(header, txn.txns, changes);
      case 'closeSession':
        this.#killSession(header.clientId, txn.paths2Delete, header.zxid, changes);
        return { type, error: null };
      case 'createSession':
        return { type, error: null };
      case 'error':
        return { type, error: txn.error };
      default:
        return unreachable(txn);
    }
  }

  /** All parts, or none: the leader's log tells with an `error` among them that it failed. */
  #multi(header: TxnHeader, txns: readonly Txn[], changes: Changes): TxnResult {
    const failedAt = txns.findIndex(({ type }) => type === 'error');
    const results = txns.map((part, at): TxnResult => {
      // Those before the one that failed would have done their work.
      if (at < failedAt && !changes.rules.broken('half-multi')) return { type: 'error', error: 'OK' };
      return this.#apply(header, part, changes);
    });
    const failed = results.find(({ error }) => error !== null && error !== 'OK');
    return { type: 'multi', error: failed?.error ?? null, results };
  }

  /** The client is told the Stat of what it has sent, also of a zookeeper_stats, which the tree writes anew. */
  #create(header: TxnHeader, txn: CreateTxn, changes: Changes): TxnResult {
    const outcome = this.#outcome(txn.type, txn.path, this.#createNode(txn, ownerOf(txn, header), header, changes));
    if (outcome.error === null) noteQuota(changes, this.#quotas.created(txn.path, txn.data));
    return outcome;
  }

  #outcome(type: TxnType, path: string, error: ErrorCode | null): TxnResult {
    const stat = error === null ? this.stat(path) : null;
    return { type, path, error, ...(stat ? { stat } : {}) };
  }

  #changeOf(path: string, changes: Changes): ZnodeChange[1] {
    if (changes.whole.has(path) || changes.quotaStats.has(path)) return this.traceZnode(path);
    const stat = this.stat(path);
    return stat && { stat };
  }

  #createNode(
    { path, data, acl, parentCVersion }: CreateTxn,
    ephemeralOwner: SessionId,
    { zxid, time }: TxnHeader,
    changes: Changes,
  ): ErrorCode | null {
    const parent = this.#nodes.get(parentPath(path));
    // Without a name it would be its own parent. No client can create it, but a log from elsewhere may say so.
    if (!parent || nodeName(path) === '') return 'NONODE';
    // Replay of a create whose znode was deleted later must not take the parent back (ZOOKEEPER-3125).
    const cversion = parentCVersion === -1 ? (parent.stat.cversion + 1) | 0 : parentCVersion;
    if (cversion > parent.stat.cversion) {
      if (!changes.rules.broken('cversion-stays')) parent.stat.cversion = cversion;
      movePzxid(parent, zxid, changes);
      changes.paths.add(parentPath(path));
    }
    // First of all, so that replay over a fuzzy snapshot mends a list that its table lacks (ZOOKEEPER-3306, -4846).
    const aclIndex = this.#acls.convert(acl);
    const existing = this.#nodes.get(path);
    if (existing) {
      existing.acl = acl;
      existing.aclIndex = aclIndex;
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
      ephemeralOwner,
      pzxid: zxid,
    };
    parent.children.add(nodeName(path));
    this.#put(path, { data, acl, aclIndex, stat });
    this.#indexOwner(path, ephemeralOwner);
    changes.paths.add(parentPath(path)).add(path);
    changes.whole.add(path);
    changes.triggers.push({ type: 'created', path, acl, parentAcl: parent.acl, bytes: data?.length ?? 0 });
    return null;
  }

  #deleteNode(path: string, zxid: Zxid, changes: Changes): ErrorCode | null {
    const parent = this.#nodes.get(parentPath(path));
    if (!parent || path === '/') return 'NONODE';
    // The parent's pzxid rises even if the node is already gone: a snapshot may hold the one without the other.
    if (zxid > parent.stat.pzxid) movePzxid(parent, zxid, changes);
    parent.children.delete(nodeName(path));
    changes.paths.add(parentPath(path));
    const node = this.#nodes.get(path);
    if (!node) return 'NONODE';
    this.#nodes.delete(path);
    this.#digest.remove(node);
    this.#acls.removeUsage(node.aclIndex);
    this.#containers.delete(path);
    this.#ttls.delete(path);
    const owned = this.#ephemerals.get(node.stat.ephemeralOwner);
    if (owned?.delete(path) && owned.size === 0) this.#ephemerals.delete(node.stat.ephemeralOwner);
    changes.paths.add(path);
    noteQuota(changes, this.#quotas.deleted(path, node.data));
    changes.triggers.push({ type: 'deleted', path, acl: node.acl, parentAcl: parent.acl, bytes: 0 });
    return null;
  }

  #setData(
    { path, data, version }: Extract<Txn, { type: 'setData' | 'reconfig' }>,
    { zxid, time }: TxnHeader,
    changes: Changes,
  ): ErrorCode | null {
    const node = this.#nodes.get(path);
    if (!node) return 'NONODE';
    const last = node.data;
    node.data = data;
    noteQuota(changes, this.#quotas.dataChanged(path, last, data));
    node.stat.mtime = time;
    if (!changes.rules.broken('mzxid-stays')) node.stat.mzxid = zxid;
    node.stat.version = version;
    changes.paths.add(path);
    changes.whole.add(path);
    changes.triggers.push({ type: 'dataChanged', path, acl: node.acl, parentAcl: [], bytes: data?.length ?? 0 });
    return null;
  }

  /** No watch waits for this. */
  #setACL(path: string, acl: readonly Acl[], aversion: number, changes: Changes): ErrorCode | null {
    const node = this.#nodes.get(path);
    if (!node) return 'NONODE';
    this.#acls.removeUsage(node.aclIndex);
    node.aclIndex = this.#acls.convert(acl);
    node.acl = acl;
    node.stat.aversion = aversion;
    changes.paths.add(path);
    changes.whole.add(path);
    return null;
  }

  /** First the paths that the transaction names (ZOOKEEPER-3145), then what the tree still has of the session. */
  #killSession(session: SessionId, paths2Delete: readonly string[], zxid: Zxid, changes: Changes): void {
    if (changes.rules.broken('keep-ephemeral')) return;
    for (const path of new Set([...paths2Delete, ...this.getEphemerals(session)])) {
      this.#deleteNode(path, zxid, changes);
    }
  }

  #indexOwner(path: string, owner: SessionId): void {
    const type = ephemeralType(owner, this.#extendedTypesEnabled);
    switch (type) {
      case 'VOID':
        return;
      case 'CONTAINER':
        this.#containers.add(path);
        return;
      case 'TTL':
        this.#ttls.add(path);
        return;
      case 'NORMAL': {
        const paths = this.#ephemerals.get(owner);
        if (paths) paths.add(path);
        else this.#ephemerals.set(owner, new Set([path]));
        return;
      }
      default:
        unreachable(type);
    }
  }

  #find(path: string): DataNode | undefined {
    return this.#nodes.get(path === '' ? '/' : path);
  }

  /** Built-in children do not count as creates: the parent's cversion stays. */
  #putBuiltIn(path: string, acl: readonly Acl[], aclIndex: number, aversion = 0): void {
    const stat = {
      czxid: ZXID_ZERO,
      mzxid: ZXID_ZERO,
      ctime: 0,
      mtime: 0,
      version: 0,
      cversion: 0,
      aversion,
      ephemeralOwner: NO_SESSION,
      pzxid: ZXID_ZERO,
    };
    this.#put(path, { data: NO_DATA, acl, aclIndex, stat });
    if (path !== '/') this.#nodes.get(parentPath(path))?.children.add(nodeName(path));
  }

  /** `DataTree.addConfigNode` sets the ACL through setACL with version −1, which becomes the aversion. */
  #addConfigNode(): void {
    this.#putBuiltIn(CONFIG_NODE, READ_ACL_UNSAFE, this.#acls.convert(READ_ACL_UNSAFE), -1);
  }

  #put(path: string, node: Pick<DataNode, 'data' | 'acl' | 'aclIndex' | 'stat'>): void {
    const whole: DataNode = { ...node, children: new GrownSet(), digest: 0 };
    this.#nodes.set(path, whole);
    this.#digest.put(path, whole);
  }

  #digestAgain(path: string): void {
    const node = this.#find(path);
    if (node) this.#digest.put(path, node);
  }
}

function movePzxid(parent: DataNode, zxid: Zxid, { rules }: Changes): void {
  if (!rules.broken('pzxid-stays')) parent.stat.pzxid = zxid;
}

function noteQuota(changes: Changes, stats: string | null): void {
  if (stats !== null) changes.quotaStats.add(stats);
}

/** What the new node's ephemeralOwner is. */
function ownerOf(txn: CreateTxn, { clientId }: TxnHeader): SessionId {
  switch (txn.type) {
    case 'create':
    case 'create2':
      return txn.ephemeral ? clientId : NO_SESSION;
    case 'createContainer':
      return CONTAINER_EPHEMERAL_OWNER;
    case 'createTTL':
      return ttlEphemeralOwner(txn.ttl);
    default:
      return unreachable(txn);
  }
}
