/**
 * WatchCompleteness and WatchOrder at the servers: each change tells whoever waits for it, once, at once, and nobody else. Sources: `DataTree`,
 * `WatchManager`, zookeeperProgrammers (ZooKeeper Watches).
 *
 * The tables are followed by what servers say of them. Which events a transaction makes follows from its changes. Of a multi
 * only the outcome is known, not what its parts did on the way, so there what fires must have been set, and one-shot watches
 * on what has changed must be gone.
 */
import type { EventOf, TraceEvent, WatcherMode, ZnodeChange } from '../../protocol/events.ts';
import type { ActorName, EventId, SessionId } from '../../protocol/ids.ts';
import type { NodeEventType } from '../../protocol/operations.ts';
import { parentPath } from '../../protocol/znode.ts';
import { formatZxid, ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts';
import type { Report } from '../types.ts';
import type { Version } from './history.ts';
import type { ClientRun, Part } from './run.ts';

type TableName = 'data' | 'child';
interface Watch {
  readonly mode: WatcherMode;
  readonly set: EventId;
}
/** A session that is to be told. */
interface Due {
  readonly event: NodeEventType;
  readonly path: string;
  readonly table: TableName;
  readonly sessionId: SessionId;
  readonly watch: Watch;
}

/** The watches of one server, and who is still to be told of the change that it has just applied. */
class Tables {
  readonly data = new Map<string, Map<SessionId, Watch>>();
  readonly child = new Map<string, Map<SessionId, Watch>>();
  recursive = 0;
  due: Due[] = [];
  /** The `applied` or `config-written` event that the dues are of. */
  cause: { readonly id: EventId; readonly zxid: Zxid } | null = null;
  /** Of the cause it is not known what exactly it fires. */
  loose = false;
  /** What has fired and is not sent yet, by session. */
  readonly unsent = new Map<
    SessionId,
    { readonly fired: EventId; readonly path: string; readonly event: NodeEventType }[]
  >();

  get empty(): boolean {
    return this.data.size === 0 && this.child.size === 0;
  }

  set(table: TableName, path: string, session: SessionId, watch: Watch): void {
    this.remove(table, path, session);
    const watches = this[table].get(path);
    if (watches) watches.set(session, watch);
    else this[table].set(path, new Map([[session, watch]]));
    if (watch.mode === 'PERSISTENT_RECURSIVE') this.recursive++;
  }

  remove(table: TableName, path: string, session: SessionId): void {
    const watches = this[table].get(path);
    const watch = watches?.get(session);
    if (!watches || !watch) return;
    if (watch.mode === 'PERSISTENT_RECURSIVE') this.recursive--;
    watches.delete(session);
    if (watches.size === 0) this[table].delete(path);
  }

  drop(session: SessionId): void {
    for (const table of ['data', 'child'] as const) {
      for (const path of [...this[table].keys()]) this.remove(table, path, session);
    }
    this.unsent.delete(session);
    this.due = this.due.filter((due) => due.sessionId !== session);
  }

  /** Whoever waits for the event there, and with which watch; one-shot ones first. */
  *waiting(table: TableName, event: NodeEventType, path: string): Generator<readonly [SessionId, Watch]> {
    const own = this[table].get(path);
    const found = new Set<SessionId>();
    for (const [session, watch] of own ?? []) {
      if (watch.mode === 'PERSISTENT_RECURSIVE' && event === 'NodeChildrenChanged') continue;
      found.add(session);
      yield [session, watch];
    }
    if (this.recursive === 0 || event === 'NodeChildrenChanged') return;
    for (let at = path; at !== '/' && at !== '';) {
      at = parentPath(at);
      for (const [session, watch] of this[table].get(at) ?? []) {
        if (watch.mode !== 'PERSISTENT_RECURSIVE' || found.has(session)) continue;
        found.add(session);
        yield [session, watch];
      }
    }
  }
}

export function watchTables(run: ClientRun, report: Report): Part {
  const servers = new Map<ActorName, Tables>();
  /** Servers of which something is still to come in the same step. */
  const open = new Set<Tables>();

  function tablesOf(actor: ActorName): Tables {
    let tables = servers.get(actor);
    if (!tables) servers.set(actor, (tables = new Tables()));
    return tables;
  }

  /** Everything that a change tells comes in the step that applies it, before anything else that the server does. */
  function settle(actor: ActorName, tables: Tables): void {
    const [due] = tables.due;
    const { cause } = tables;
    if (due && cause) {
      report({
        property: 'WatchCompleteness',
        says: `${due.event} ${due.path} with ${formatZxid(cause.zxid)} fires no watch of session ${due.sessionId} at ${actor}, which waits for it: it should be told.`,
        proof: [due.watch.set, cause.id],
        about: `${actor} ${due.sessionId}`,
      });
    }
    tables.due = [];
    open.delete(tables);
  }

  function settleOf(event: TraceEvent): void {
    if (open.size === 0) return;
    const tables = servers.get(event.actor);
    if (tables && open.has(tables)) settle(event.actor, tables);
  }

  function expect(tables: Tables, table: TableName, event: NodeEventType, path: string): void {
    for (const [sessionId, watch] of [...tables.waiting(table, event, path)]) {
      tables.due.push({ event, path, table, sessionId, watch });
      if (watch.mode === 'STANDARD' && !tables.loose) tables.remove(table, path, sessionId);
    }
  }

  function changed(tables: Tables, changes: readonly ZnodeChange[], zxid: Zxid): void {
    for (const [path, node] of changes) {
      if (node === null) {
        expect(tables, 'data', 'NodeDeleted', path);
        expect(tables, 'child', 'NodeDeleted', path);
        expect(tables, 'child', 'NodeChildrenChanged', parentPath(path));
      } else if (!('data' in node)) continue;
      else if (node.stat.czxid === zxid) {
        expect(tables, 'data', 'NodeCreated', path);
        expect(tables, 'child', 'NodeChildrenChanged', parentPath(path));
      } else if (node.stat.mzxid === zxid) expect(tables, 'data', 'NodeDataChanged', path);
    }
  }

  function applied(event: EventOf<'applied'>): void {
    settleOf(event);
    const tables = servers.get(event.actor);
    if (!tables || tables.empty) return;
    const { id, zxid, txn, changes } = event;
    tables.cause = { id, zxid };
    tables.loose = txn === 'multi';
    changed(tables, changes, zxid);
    if (tables.loose) tables.due = tables.due.filter(({ watch }) => watch.mode === 'STANDARD');
    if (tables.due.length > 0) open.add(tables);
  }

  function told(event: EventOf<'watch-fired' | 'watch-withheld'>): void {
    const { actor, table, path, sessionId, event: type, id } = event;
    const tables = tablesOf(actor);
    if (event.kind === 'watch-fired') {
      const unsent = tables.unsent.get(sessionId);
      const fired = { fired: id, path, event: type };
      if (unsent) unsent.push(fired);
      else tables.unsent.set(sessionId, [fired]);
      open.add(tables);
    }
    if (table === 'reset') return reset(event);
    const isDue = (due: Due): boolean =>
      due.sessionId === sessionId &&
      due.table === table &&
      (tables.loose ? due.path === path : due.path === path && due.event === type);
    const at = tables.due.findIndex(isDue);
    if (at >= 0 && !tables.loose) {
      tables.due.splice(at, 1);
      return;
    }
    // A multi may fire more than its outcome shows.
    let watch: Watch | null = null;
    if (tables.loose) {
      for (const [waiting, its] of tables.waiting(table, type, path)) if (waiting === sessionId) watch = its;
      tables.due = tables.due.filter((due) => !isDue(due));
    }
    if (watch) {
      if (watch.mode === 'STANDARD') tables.remove(table, path, sessionId);
      return;
    }
    report({
      property: 'WatchCompleteness',
      says: `${actor} fires a watch of session ${sessionId} for ${type} ${path}, but the session has none that waits for that.`,
      proof: tables.cause ? [tables.cause.id] : [],
      about: `${actor} ${sessionId}`,
    });
  }

  /** setWatches tells of what has changed since: the znode must be there, or not, as the event says. */
  function reset({ actor, path, event: type, sessionId }: EventOf<'watch-fired'>): void {
    const server = run.server(actor);
    if (!server.serving || path.startsWith('/zookeeper')) return;
    const version = run.historyOf(server).at(path, server.processed);
    if (version === undefined) return;
    if ((version === null) === (type === 'NodeDeleted')) return known(actor, path, type, sessionId, version);
    report({
      property: 'WatchCompleteness',
      says: `${actor} tells session ${sessionId}, which is back, of ${type} ${path}, though there is ${version ? 'such a' : 'no such'} znode.`,
      proof: version ? [version.event] : [],
      about: `${actor} ${sessionId}`,
    });
  }

  /** What the client had seen before it came back is no news. */
  function known(
    actor: ActorName,
    path: string,
    type: NodeEventType,
    sessionId: SessionId,
    version: Version | null,
  ): void {
    const { seen } = run.sessions.get(sessionId) ?? {};
    const stat = version?.node?.stat;
    const changed = type === 'NodeDataChanged' ? stat?.mzxid : type === 'NodeChildrenChanged' ? stat?.pzxid : undefined;
    if (!seen || !version || changed === undefined || changed > seen.zxid) return;
    report({
      property: 'WatchCompleteness',
      says: `${actor} tells session ${sessionId}, which is back, of ${type} ${path} with ${formatZxid(changed)}, though its client had seen ${formatZxid(seen.zxid)}: only what has changed since should be told.`,
      proof: [seen.event, version.event],
      about: `${actor} ${sessionId}`,
    });
  }

  const forget = ({ actor }: TraceEvent): void => {
    const tables = servers.get(actor);
    if (!tables) return;
    open.delete(tables);
    servers.delete(actor);
  };

  return {
    on: {
      'process-started': forget,
      'process-killed': forget,
      'process-exited': forget,
      'watch-set': (event) => {
        settleOf(event);
        const { actor, table, path, sessionId, mode, id } = event;
        tablesOf(actor).set(table, path, sessionId, { mode, set: id });
      },
      'watch-removed': (event) => {
        settleOf(event);
        servers.get(event.actor)?.remove(event.table, event.path, event.sessionId);
      },
      'watches-dropped': (event) => servers.get(event.actor)?.drop(event.sessionId),
      'session-detached': (event) => servers.get(event.actor)?.drop(event.sessionId),
      applied,
      'config-written': (event) => {
        settleOf(event);
        const tables = servers.get(event.actor);
        if (!tables || tables.empty) return;
        tables.cause = { id: event.id, zxid: event.version };
        tables.loose = false;
        for (const [path] of event.changes) expect(tables, 'data', 'NodeDataChanged', path);
        if (tables.due.length > 0) open.add(tables);
      },
      'watch-fired': told,
      'watch-withheld': told,
      send: (event) => {
        if (event.port !== 'client') return;
        const { type } = event.packet;
        if (type === 'Reply') {
          settleOf(event);
          overtakes(event);
        } else if (type === 'WatchEvent') sent(event);
      },
      receive: settleOf,
    },
  };

  function sent({ actor, to, packet }: EventOf<'send'>): void {
    const sessionId = run.servers.get(actor)?.attached.get(to)?.sessionId;
    const unsent = sessionId === undefined ? undefined : servers.get(actor)?.unsent.get(sessionId);
    const at = unsent?.findIndex(({ path, event }) => path === packet.path && event === packet.event) ?? -1;
    if (at >= 0) {
      unsent?.splice(at, 1);
      if (unsent?.length === 0 && sessionId !== undefined) servers.get(actor)?.unsent.delete(sessionId);
      return;
    }
    report({
      property: 'WatchCompleteness',
      says: `${actor} tells ${to} of ${packet.event ?? ''} ${packet.path ?? ''}, but no watch of it has fired for that, or it was told already.`,
      proof: [],
      about: `${actor} ${to}`,
    });
  }

  /** What has fired is on its way before any answer that may show the change. */
  function overtakes({ actor, to, packet }: EventOf<'send'>): void {
    const tables = servers.get(actor);
    if (!tables || tables.unsent.size === 0) return;
    const sessionId = run.servers.get(actor)?.attached.get(to)?.sessionId;
    const [fired] = (sessionId === undefined ? undefined : tables.unsent.get(sessionId)) ?? [];
    if (!fired || sessionId === undefined) return;
    tables.unsent.delete(sessionId);
    report({
      property: 'WatchOrder',
      says: `${actor} answers ${to} as of ${formatZxid(packet.zxid ?? ZXID_ZERO)} before it tells of ${fired.event} ${fired.path}, for which a watch of this client has fired: the event comes before the new state can be read.`,
      proof: [fired.fired],
      about: to,
    });
  }
}
