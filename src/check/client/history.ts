/**
 * What an ensemble has committed, as its clients may see it: the transactions in zxid order with what each did to the tree.
 * It comes from the first server that serves and has applied a transaction, and from the tree of a new leader where nobody
 * applied one before its term. Versions of znodes are kept as long as a serving server may still show them.
 */
import type { EventOf, TraceZnode, ZnodeChange } from '../../protocol/events.ts';
import { NO_SESSION, type EventId, type SessionId } from '../../protocol/ids.ts';
import type { TxnType } from '../../protocol/txns.ts';
import type { Stat } from '../../protocol/znode.ts';
import { epochOf, ZXID_ZERO, type Epoch, type Zxid } from '../../protocol/zxid.ts';

/** A znode from the transaction `zxid` on; null: it is gone. */
export interface Version {
  readonly zxid: Zxid;
  readonly node: TraceZnode | null;
  /** The event by which it became known. */
  readonly event: EventId;
}

export interface Proposal {
  readonly zxid: Zxid;
  readonly event: EventId;
  readonly sessionId: SessionId;
  readonly cxid: number;
}

/** A whole tree as of `zxid`. */
export interface LoadedTree {
  readonly nodes: readonly ZnodeChange[];
  readonly zxid: Zxid;
  readonly event: EventId;
}

/** A transaction that is known to be committed, with what it did. */
export interface Committed {
  readonly history: History;
  readonly zxid: Zxid;
  readonly txn: TxnType;
  readonly changes: readonly ZnodeChange[];
  /** Its `applied` event. */
  readonly event: EventId;
  /** Null: a standalone server does not tell. */
  readonly proposal: Proposal | null;
}

/** An event with the zxid that it has made known. */
export interface Mark {
  readonly zxid: Zxid;
  readonly event: EventId;
}

/** The last that leaders of an epoch and of those before it have committed. */
export interface Frontier extends Mark {
  readonly epoch: Epoch;
  readonly before: Frontier | null;
}

/** What reads may still ask for reaches back so many transactions, beside what slow servers need. */
const RECENT = 512;
/** The slowest server is looked for once in so many transactions. */
const TRIM_EVERY = 64;

export class History {
  /** Everything up to here is known. */
  last: Zxid = ZXID_ZERO;
  /** The highest zxid of an acknowledged write. */
  acknowledged: Mark | null = null;
  frontier: Frontier | null = null;
  /** Sessions whose closeSession is committed; `cxid`: of the client's request, or 0. */
  readonly closed = new Map<SessionId, Mark & { readonly cxid: number }>();
  /** Paths of the ephemerals of each session. */
  readonly ephemerals = new Map<SessionId, Set<string>>();
  readonly #versions = new Map<string, Version[]>();
  /** Proposed and maybe committed, in the order of proposing. */
  readonly #proposals = new Map<Zxid, Proposal>();
  /** From here on the versions are known. */
  #floor: Zxid = ZXID_ZERO;
  readonly #recent: Zxid[] = [];
  #count = 0;
  readonly #graves: { readonly zxid: Zxid; readonly path: string }[] = [];
  #known = false;
  /** Of the last transaction; {@link last} may be the start of an epoch. */
  #lastTxn: Zxid = ZXID_ZERO;

  readonly #committed: (txn: Committed) => void;
  readonly #slowest: () => Zxid;

  /** `committed` is called before the versions change; `slowest`: the lowest zxid that a serving server shows. */
  constructor(committed: (txn: Committed) => void, slowest: () => Zxid) {
    this.#committed = committed;
    this.#slowest = slowest;
  }

  propose({ zxid, id, sessionId, cxid }: EventOf<'proposed'>): void {
    this.#proposals.set(zxid, { zxid, event: id, sessionId, cxid });
  }

  /** The proposal; undefined: it is too old to be known. */
  proposal(zxid: Zxid): Proposal | null | undefined {
    return this.#proposals.get(zxid) ?? (zxid < this.#floor ? undefined : null);
  }

  /** A leader, or a standalone server, has committed `zxid`. */
  commit(zxid: Zxid, event: EventId): void {
    const { frontier } = this;
    if (frontier && zxid <= frontier.zxid) return;
    const epoch = epochOf(zxid);
    const before = frontier && frontier.epoch < epoch ? frontier : (frontier?.before ?? null);
    this.frontier = { zxid, event, epoch, before };
  }

  /** A serving server has applied the transaction. */
  apply(event: EventOf<'applied'>): void {
    const { zxid, txn, changes, id } = event;
    if (zxid <= this.last) return;
    const proposal = this.#proposals.get(zxid) ?? null;
    this.#committed({ history: this, zxid, txn, changes, event: id, proposal });
    this.last = this.#lastTxn = zxid;
    if (txn === 'closeSession' && proposal) {
      const { sessionId, cxid } = proposal;
      this.closed.set(sessionId, { zxid, event: id, cxid });
    }
    for (const [path, node] of changes) this.#change(path, node, zxid, id);
    this.#trim(zxid);
  }

  /**
   * A leader begins to serve with a tree that was `loaded`, and has processed all up to `processed`: all of it is committed.
   * Where it holds what nobody has applied in a term, or lacks what was committed, the history begins anew with it.
   */
  establish({ nodes, zxid, event }: LoadedTree, processed: Zxid): void {
    if (this.#known && zxid <= this.#lastTxn && processed >= this.#lastTxn) return;
    this.#known = true;
    this.#versions.clear();
    this.ephemerals.clear();
    this.#graves.length = 0;
    for (const [path, node] of nodes) this.#change(path, node, zxid, event);
    this.last = this.#lastTxn = this.#floor = zxid;
  }

  /** The leader's epoch has begun: nothing is committed in it yet. */
  begin(zxid: Zxid): void {
    if (zxid > this.last) this.last = zxid;
  }

  /** The znode as of `zxid`, null if there was none; undefined: that is not known. */
  at(path: string, zxid: Zxid): Version | null | undefined {
    if (!this.#known || zxid < this.#floor || zxid > this.last) return undefined;
    const versions = this.#versions.get(path);
    if (versions) {
      for (let i = versions.length - 1; i >= 0; i--) {
        const version = versions[i]!;
        if (version.zxid <= zxid) return version.node === null ? null : version;
      }
    }
    return null;
  }

  /** How many znodes lie below `path` as of `zxid`, on all levels; undefined: that is not known. */
  countBelow(path: string, zxid: Zxid): number | undefined {
    if (!this.#known || zxid < this.#floor || zxid > this.last) return undefined;
    const prefix = path === '/' ? path : `${path}/`;
    let count = 0;
    for (const other of this.#versions.keys()) {
      if (other !== '/' && other.startsWith(prefix) && this.at(other, zxid)) count++;
    }
    return count;
  }

  /** The znode as the newest transaction left it. */
  newest(path: string): Version | null {
    const version = this.#versions.get(path)?.at(-1);
    return version && version.node !== null ? version : null;
  }

  /** Versions of the path that came behind `zxid`, oldest first. */
  since(path: string, zxid: Zxid): readonly Version[] {
    const versions = this.#versions.get(path);
    if (!versions || (versions.at(-1)?.zxid ?? 0) <= zxid) return [];
    return versions.filter((version) => version.zxid > zxid);
  }

  #change(path: string, change: ZnodeChange[1], zxid: Zxid, event: EventId): void {
    let versions = this.#versions.get(path);
    const before = versions?.at(-1)?.node ?? null;
    const node = change === null ? null : 'data' in change ? change : before && { ...before, stat: change.stat };
    if (!versions) this.#versions.set(path, (versions = []));
    if (versions.length > 1 && versions[1]!.zxid <= this.#floor) {
      const first = versions.findLastIndex((version) => version.zxid <= this.#floor);
      versions.splice(0, first);
    }
    versions.push({ zxid, node, event });
    const owner = ownerOf(before?.stat);
    const newOwner = ownerOf(node?.stat);
    if (node === null) this.#graves.push({ zxid, path });
    if (owner === newOwner) return;
    if (owner !== null) {
      const paths = this.ephemerals.get(owner);
      paths?.delete(path);
      if (paths?.size === 0) this.ephemerals.delete(owner);
    }
    if (newOwner !== null) {
      const paths = this.ephemerals.get(newOwner);
      if (paths) paths.add(path);
      else this.ephemerals.set(newOwner, new Set([path]));
    }
  }

  #trim(zxid: Zxid): void {
    const at = this.#count++ % RECENT;
    const oldest = this.#recent[at];
    this.#recent[at] = zxid;
    if (oldest === undefined || this.#count % TRIM_EVERY !== 0) return;
    const floor = Math.min(oldest, this.#slowest()) as Zxid;
    if (floor <= this.#floor) return;
    this.#floor = floor;
    for (const proposed of this.#proposals.keys()) {
      if (proposed >= floor) break;
      this.#proposals.delete(proposed);
    }
    let buried = 0;
    for (const { zxid: died, path } of this.#graves) {
      if (died > floor) break;
      buried++;
      const last = this.#versions.get(path)?.at(-1);
      if (last?.zxid === died && last.node === null) this.#versions.delete(path);
    }
    this.#graves.splice(0, buried);
  }
}

/** The session whose ephemeral it is. */
export function ownerOf(stat: Stat | undefined): SessionId | null {
  return stat === undefined || stat.ephemeralOwner === NO_SESSION ? null : stat.ephemeralOwner;
}
