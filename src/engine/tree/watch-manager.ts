/**
 * The watches that clients of this server left (`WatchManager`, `DataTree.setWatches`): two tables,
 * path → sessions, in memory only. Every watch is one-shot. The watcher is the session, through its
 * one connection here: when that closes, its watches are dropped.
 *
 * Registering the same watch twice changes nothing. Sessions are told in the order of registration.
 */
import type { EventRef, SessionId } from '../../protocol/ids.ts';
import type { WatchEventType } from '../../protocol/operations.ts';
import type { RuleId } from '../../protocol/rules/index.ts';
import { parentPath } from '../../protocol/znode.ts';
import { ZXID_UNKNOWN, type Zxid } from '../../protocol/zxid.ts';
import type { ServerContext } from '../context.ts';
import type { DataTree, TreeTrigger } from './data-tree.ts';

export type WatchTable = 'data' | 'child';

/** What a session is told. */
export interface WatchNotification {
  readonly event: Exclude<WatchEventType, 'None'>;
  readonly path: string;
  /** zxid of the transaction; −1 for what setWatches finds. */
  readonly zxid: Zxid;
  /** The table that held the watch; `reset`: found by setWatches. */
  readonly table: WatchTable | 'reset';
}

/** Sends the notification on the session's connection. `fired` is the `watch-fired` event. */
export type DeliverWatch = (session: SessionId, notification: WatchNotification, fired: EventRef) => void;

/** The lists of a setWatches request. */
export interface WatchLists {
  /** The highest zxid that the client has seen. */
  readonly relativeZxid: Zxid;
  readonly dataWatches: readonly string[];
  readonly existWatches: readonly string[];
  readonly childWatches: readonly string[];
}

type EventType = WatchNotification['event'];

const RULES: Readonly<Record<EventType, RuleId>> = {
  NodeCreated: 'watch.node-created',
  NodeDeleted: 'watch.node-deleted',
  NodeDataChanged: 'watch.node-data-changed',
  NodeChildrenChanged: 'watch.node-children-changed',
};

export class WatchManager {
  readonly #ctx: ServerContext;
  /** Path → session → its `watch-set` event. */
  readonly #tables: Readonly<Record<WatchTable, Map<string, Map<SessionId, EventRef>>>> = {
    data: new Map(),
    child: new Map(),
  };
  #deliver: DeliverWatch = () => undefined;

  constructor(ctx: ServerContext) {
    this.#ctx = ctx;
  }

  /** Who tells the clients from now on. */
  deliverTo(deliver: DeliverWatch): void {
    this.#deliver = deliver;
  }

  /** Leaves a watch. Emits `watch-set` unless the session has this watch already. */
  add(table: WatchTable, path: string, session: SessionId, causes: readonly EventRef[] = []): void {
    const sessions = this.#tables[table].get(path) ?? new Map<SessionId, EventRef>();
    if (sessions.has(session)) return;
    this.#tables[table].set(path, sessions);
    sessions.set(
      session,
      this.#ctx.emit({ kind: 'watch-set', table, path, sessionId: session }, { rule: `watch.${table}-table`, causes }),
    );
  }

  has(table: WatchTable, path: string, session: SessionId): boolean {
    return this.#tables[table].get(path)?.has(session) ?? false;
  }

  /** How many watches there are in both tables. */
  get size(): number {
    let count = 0;
    for (const table of Object.values(this.#tables)) for (const sessions of table.values()) count += sessions.size;
    return count;
  }

  /**
   * Fires and removes what waits for this change: the node's data watches, then (deleted) its child
   * watches except those just told, then (created, deleted) the child watches of its parent.
   */
  trigger({ type, path }: TreeTrigger, zxid: Zxid, causes: readonly EventRef[] = []): void {
    if (type === 'dataChanged') {
      this.#fire('data', path, 'NodeDataChanged', zxid, causes);
      return;
    }
    const event = type === 'created' ? 'NodeCreated' : 'NodeDeleted';
    const told = this.#fire('data', path, event, zxid, causes);
    if (type === 'deleted') this.#fire('child', path, event, zxid, causes, told);
    this.#fire('child', parentPath(path), 'NodeChildrenChanged', zxid, causes);
  }

  /**
   * After a reconnect (`DataTree.setWatches`): what changed since `relativeZxid` is told at once with
   * zxid −1, the rest is registered again.
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
  }

  /** The session's connection here is gone. Emits `watches-dropped` if it had watches. */
  drop(session: SessionId, causes: readonly EventRef[] = []): void {
    let dropped = false;
    for (const table of Object.values(this.#tables)) {
      for (const [path, sessions] of table) {
        if (sessions.delete(session)) dropped = true;
        if (sessions.size === 0) table.delete(path);
      }
    }
    if (dropped)
      this.#ctx.emit({ kind: 'watches-dropped', sessionId: session }, { rule: 'watch.connection-bound', causes });
  }

  /** Tells all sessions that watch `path` in `table`, but not `except`; returns those told. */
  #fire(
    table: WatchTable,
    path: string,
    event: EventType,
    zxid: Zxid,
    causes: readonly EventRef[],
    except: ReadonlySet<SessionId> = new Set(),
  ): ReadonlySet<SessionId> {
    const sessions = this.#tables[table].get(path);
    if (!sessions) return new Set();
    this.#tables[table].delete(path);
    const told = new Set<SessionId>();
    for (const [session, set] of sessions) {
      // Its watch is used up without a second event.
      if (except.has(session)) continue;
      told.add(session);
      const fired = this.#ctx.emit(
        { kind: 'watch-fired', event, path, table, sessionId: session, zxid },
        { rule: RULES[event], causes: [set, ...causes] },
      );
      this.#deliver(session, { event, path, zxid, table }, fired);
    }
    return told;
  }

  #tell(session: SessionId, path: string, event: EventType, causes: readonly EventRef[]): void {
    const fired = this.#ctx.emit(
      { kind: 'watch-fired', event, path, table: 'reset', sessionId: session, zxid: ZXID_UNKNOWN },
      { rule: 'watch.set-watches', causes },
    );
    this.#deliver(session, { event, path, zxid: ZXID_UNKNOWN, table: 'reset' }, fired);
  }
}
