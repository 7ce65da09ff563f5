/**
 * The watches that clients of this server left (`DataTree`'s two `WatchManager`s): a data table and a
 * child table, in memory only. The watcher is the session, through its one connection here: when that
 * closes, its watches are dropped.
 */
import { unreachable } from '../../protocol/assert.ts';
import type { WatcherMode } from '../../protocol/events.ts';
import type { EventRef, SessionId } from '../../protocol/ids.ts';
import { ADD_WATCH_MODES, WATCHER_TYPES, type NodeEventType } from '../../protocol/operations.ts';
import type { RuleId } from '../../protocol/rules/index.ts';
import { parentPath, type Acl } from '../../protocol/znode.ts';
import { ZXID_UNKNOWN, type Zxid } from '../../protocol/zxid.ts';
import type { ServerContext } from '../context.ts';
import type { SummaryName } from '../monitor/index.ts';
import type { DataTree, TreeTrigger } from './data-tree.ts';
import { WatchTable, type Match } from './watch-table.ts';

export type WatchTableName = 'data' | 'child';

/** What a session is told. */
export interface WatchNotification {
  readonly event: NodeEventType;
  readonly path: string;
  /** zxid of the transaction; −1 for what setWatches finds. */
  readonly zxid: Zxid;
  /** The table that held the watch; `reset`: found by setWatches. */
  readonly table: WatchTableName | 'reset';
}

/** The connections that the watches belong to (`ServerCnxn.process`). */
export interface Watchers {
  /** Whether the session's client has READ on a znode with this list. */
  mayRead(session: SessionId, acl: readonly Acl[]): boolean;
  /** Sends the notification. `fired` is the `watch-fired` event. */
  deliver(session: SessionId, notification: WatchNotification, fired: EventRef): void;
}

/** The lists of a setWatches request; setWatches2 has the persistent ones too. */
export interface WatchLists {
  /** The highest zxid that the client has seen. */
  readonly relativeZxid: Zxid;
  readonly dataWatches: readonly string[];
  readonly existWatches: readonly string[];
  readonly childWatches: readonly string[];
  readonly persistentWatches?: readonly string[];
  readonly persistentRecursiveWatches?: readonly string[];
}

const RULES: Readonly<Record<NodeEventType, RuleId>> = {
  NodeCreated: 'watch.node-created',
  NodeDeleted: 'watch.node-deleted',
  NodeDataChanged: 'watch.node-data-changed',
  NodeChildrenChanged: 'watch.node-children-changed',
};
/** Where it is counted how many wait for an event. */
const WATCH_COUNTS = {
  NodeCreated: 'node_created_watch_count',
  NodeDeleted: 'node_deleted_watch_count',
  NodeDataChanged: 'node_changed_watch_count',
  NodeChildrenChanged: 'node_children_watch_count',
} as const satisfies Readonly<Record<NodeEventType, SummaryName>>;
const NOBODY: Watchers = { mayRead: () => false, deliver: () => undefined };

export class WatchManager {
  readonly #ctx: ServerContext;
  readonly #tables: Readonly<Record<WatchTableName, WatchTable>> = { data: new WatchTable(), child: new WatchTable() };
  #watchers = NOBODY;

  constructor(ctx: ServerContext) {
    this.#ctx = ctx;
  }

  /** Whom the watches belong to from now on. */
  deliverTo(watchers: Watchers): void {
    this.#watchers = watchers;
  }

  /** Leaves a watch. Emits `watch-set` unless the session has this watch already; another mode is replaced. */
  add(
    table: WatchTableName,
    path: string,
    session: SessionId,
    causes: readonly EventRef[] = [],
    mode: WatcherMode = 'STANDARD',
  ): void {
    this.#tables[table].add(path, session, mode, () =>
      this.#ctx.emit(
        { kind: 'watch-set', table, path, sessionId: session, mode },
        { rule: mode === 'STANDARD' ? `watch.${table}-table` : 'watch.both-tables', causes },
      ),
    );
  }

  /** addWatch, into both tables (`DataTree.addWatch`). False: `mode` is no number of an AddWatchMode. */
  addWatch(path: string, mode: number, session: SessionId, causes: readonly EventRef[] = []): boolean {
    if (mode !== ADD_WATCH_MODES.PERSISTENT && mode !== ADD_WATCH_MODES.PERSISTENT_RECURSIVE) return false;
    const name = mode === ADD_WATCH_MODES.PERSISTENT ? 'PERSISTENT' : 'PERSISTENT_RECURSIVE';
    this.add('data', path, session, causes, name);
    this.add('child', path, session, causes, name);
    return true;
  }

  /** checkWatches: whether anybody has a watch there in a table of the type; null: `watcherType` is no type of 3.8, or `path` none that could be. */
  checkWatches(path: string, watcherType: number): boolean | null {
    const tables = tablesOf(watcherType);
    // The walk from the path to its parents has no step for an empty one, and breaks on one without a slash.
    if (!tables || path === '') return tables && false;
    return path.includes('/') ? tables.some((table) => this.#tables[table].contains(path)) : null;
  }

  /** removeWatches: drops the session's watches there, of whatever mode. False: it had none; null: no type of 3.8. */
  removeWatches(
    path: string,
    watcherType: number,
    session: SessionId,
    causes: readonly EventRef[] = [],
  ): boolean | null {
    const tables = tablesOf(watcherType);
    if (!tables) return null;
    let removed = false;
    for (const table of tables) {
      if (!this.#tables[table].remove(path, session)) continue;
      removed = true;
      this.#ctx.emit({ kind: 'watch-removed', table, path, sessionId: session }, { rule: 'watch.remove', causes });
    }
    return removed;
  }

  /** The mode in which the session waits there; null if it does not. */
  modeOf(table: WatchTableName, path: string, session: SessionId): WatcherMode | null {
    return this.#tables[table].modeOf(path, session);
  }

  /** Entries of both tables: a persistent watch counts twice (`DataTree.getWatchCount`). */
  get size(): number {
    return this.#tables.data.size + this.#tables.child.size;
  }

  /** Paths of a table and who waits there, in the order of registration. */
  entries(table: WatchTableName): ReturnType<WatchTable['entries']> {
    return this.#tables[table].entries();
  }

  /**
   * Fires what waits for this change: the node's data watches, then (deleted) its child watches, then
   * (created, deleted) the child watches of its parent. Who may not read is not told, but has lost its one-shot
   * watch all the same (CVE-2024-23944).
   */
  trigger(change: TreeTrigger, zxid: Zxid, causes: readonly EventRef[] = []): void {
    const { type, path, acl, parentAcl } = change;
    if (type === 'dataChanged') {
      this.#fire('data', { event: 'NodeDataChanged', path, acl, zxid, causes });
      return;
    }
    const event = type === 'created' ? 'NodeCreated' : 'NodeDeleted';
    const told = this.#fire('data', { event, path, acl, zxid, causes });
    if (type === 'deleted') this.#fire('child', { event, path, acl, zxid, causes }, told);
    this.#fire('child', { event: 'NodeChildrenChanged', path: parentPath(path), acl: parentAcl, zxid, causes });
  }

  /**
   * After a reconnect (`DataTree.setWatches`): what changed since `relativeZxid` is told at once with
   * zxid −1 and whatever the ACL says, the rest is registered again. What persistent watches missed is not told.
   */
  setWatches(session: SessionId, lists: WatchLists, tree: DataTree, causes: readonly EventRef[] = []): void {
    for (const path of lists.dataWatches) {
      const node = tree.node(path);
      if (!node) this.#tell(session, path, 'NodeDeleted', causes);
      else if (node.stat.mzxid > lists.relativeZxid) this.#tell(session, path, 'NodeDataChanged', causes);
      else this.add('data', path, session, causes);
    }
    for (const path of lists.existWatches) {
      if (tree.node(path)) this.#tell(session, path, 'NodeCreated', causes);
      else this.add('data', path, session, causes);
    }
    for (const path of lists.childWatches) {
      const node = tree.node(path);
      if (!node) this.#tell(session, path, 'NodeDeleted', causes);
      else if (node.stat.pzxid > lists.relativeZxid) this.#tell(session, path, 'NodeChildrenChanged', causes);
      else this.add('child', path, session, causes);
    }
    for (const path of lists.persistentWatches ?? []) this.addWatch(path, ADD_WATCH_MODES.PERSISTENT, session, causes);
    for (const path of lists.persistentRecursiveWatches ?? []) {
      this.addWatch(path, ADD_WATCH_MODES.PERSISTENT_RECURSIVE, session, causes);
    }
  }

  /** The session's connection here is gone. Emits `watches-dropped` if it had watches. */
  drop(session: SessionId, causes: readonly EventRef[] = []): void {
    const data = this.#tables.data.drop(session);
    const child = this.#tables.child.drop(session);
    if (!data && !child) return;
    this.#ctx.emit({ kind: 'watches-dropped', sessionId: session }, { rule: 'watch.connection-bound', causes });
  }

  /** Tells all sessions that wait for the event in `table`, but not `except`; returns those that it was for. */
  #fire(table: WatchTableName, change: Change, except: ReadonlySet<SessionId> = new Set()): ReadonlySet<SessionId> {
    const { event, path, acl, zxid, causes } = change;
    const matches = this.#tables[table].trigger(path, event);
    if (matches.length > 0) this.#ctx.metrics.add(WATCH_COUNTS[event], matches.length);
    for (const match of this.#ctx.broken('lose-watch') ? [] : matches) {
      const { session, usedUp } = match;
      const mayRead = this.#watchers.mayRead(session, acl) || this.#ctx.broken('watch-ignores-acl');
      const why = except.has(session) ? 'TOLD' : mayRead ? null : 'NOAUTH';
      const common = { event, path, table, sessionId: session, stays: !usedUp };
      const because = [...match.sets, ...causes];
      if (why !== null) {
        const rule = why === 'TOLD' ? 'watch.deleted-once' : 'watch.read-permission';
        this.#ctx.emit({ kind: 'watch-withheld', ...common, why }, { rule, causes: because });
        continue;
      }
      const fired = this.#ctx.emit(
        { kind: 'watch-fired', ...common, zxid },
        { rule: ruleOf(match, event), causes: because },
      );
      this.#watchers.deliver(session, { event, path, zxid, table }, fired);
    }
    return new Set(matches.map(({ session }) => session));
  }

  #tell(session: SessionId, path: string, event: NodeEventType, causes: readonly EventRef[]): void {
    const zxid = ZXID_UNKNOWN;
    const fired = this.#ctx.emit(
      { kind: 'watch-fired', event, path, table: 'reset', sessionId: session, zxid, stays: true },
      { rule: 'watch.set-watches', causes },
    );
    this.#watchers.deliver(session, { event, path, zxid, table: 'reset' }, fired);
  }
}

interface Change {
  readonly event: NodeEventType;
  readonly path: string;
  /** Of the node that the event names, as of the transaction. */
  readonly acl: readonly Acl[];
  readonly zxid: Zxid;
  readonly causes: readonly EventRef[];
}

function ruleOf({ mode }: Match, event: NodeEventType): RuleId {
  switch (mode) {
    case 'STANDARD':
      return RULES[event];
    case 'PERSISTENT':
      return 'watch.persistent';
    case 'PERSISTENT_RECURSIVE':
      return 'watch.recursive';
    default:
      return unreachable(mode);
  }
}

/** The tables that a `WatcherType` of 3.8 speaks of; null for another number. */
function tablesOf(watcherType: number): readonly WatchTableName[] | null {
  switch (watcherType) {
    case WATCHER_TYPES.Children:
      return ['child'];
    case WATCHER_TYPES.Data:
      return ['data'];
    case WATCHER_TYPES.Any:
      return ['child', 'data'];
    default:
      return null;
  }
}
