/**
 * WatchOrder and WatchCompleteness as clients see them: whoever has left a watch hears of the first change behind it before
 * an answer shows that change, also after a reconnect. Sources: zookeeperProgrammers (What ZooKeeper Guarantees about
 * Watches), `ZKWatchManager`, `ClientCnxn.primeConnection`, `DataTree.setWatches`.
 *
 * What a client believes to watch is known from the answers that it got. Left alone are: an exists watch whose znode came and
 * went while its client was away, what a persistent watch missed meanwhile, events that an ACL withheld, and paths that one
 * session watches in several modes or has removed watches from, where 3.8 forgets some (ZOOKEEPER-4466).
 */
import type { EventOf, TraceEvent, ZnodeChange } from '../../protocol/events.ts';
import type { ActorName, EventId } from '../../protocol/ids.ts';
import { parentPath } from '../../protocol/znode.ts';
import { formatZxid, type Zxid } from '../../protocol/zxid.ts';
import type { Report } from '../types.ts';
import type { Committed, History } from './history.ts';
import { serverPath, type Attachment, type Call, type Client, type ClientRun, type Part } from './run.ts';

type Kind = 'data' | 'exist' | 'child' | 'PERSISTENT' | 'PERSISTENT_RECURSIVE';
/** A change that its watcher is to hear of. */
interface Due {
  readonly zxid: Zxid;
  readonly event: EventId;
  readonly path: string;
}
interface Watch {
  readonly client: Client;
  readonly kind: Kind;
  /** As the servers have it. */
  readonly path: string;
  /** The answer that told the client that it has the watch. */
  readonly set: EventId;
  /** Changes behind this zxid count. */
  armed: Zxid;
  /** Oldest first; of a one-shot watch only one. */
  due: Due[];
}

/** The watches of all clients on one history. */
class Register {
  readonly byPath = new Map<string, Set<Watch>>();
  recursive = 0;

  add(watch: Watch): void {
    const there = this.byPath.get(watch.path);
    if (there) there.add(watch);
    else this.byPath.set(watch.path, new Set([watch]));
    if (watch.kind === 'PERSISTENT_RECURSIVE') this.recursive++;
  }

  remove(watch: Watch): void {
    const there = this.byPath.get(watch.path);
    if (!there?.delete(watch)) return;
    if (there.size === 0) this.byPath.delete(watch.path);
    if (watch.kind === 'PERSISTENT_RECURSIVE') this.recursive--;
  }
}

export function watchClients(run: ClientRun, report: Report): Part {
  const registers = new WeakMap<History, Register>();
  const watchesOf = new Map<ActorName, Set<Watch>>();
  /** Watches with something due, by client. */
  const waiting = new Map<ActorName, Set<Watch>>();
  /** Paths that are left alone. */
  const odd = new Map<ActorName, Set<string>>();
  /** Of what was withheld from a client: by path, the last zxid. It may come before the answer that tells of the watch. */
  const withheldFrom = new Map<ActorName, Map<string, Zxid>>();
  /** The zxid of the last watch event of this handle. */
  const lastEvents = new Map<ActorName, { readonly zxid: Zxid; readonly event: EventId }>();

  function registerOf(history: History): Register {
    const register = registers.get(history) ?? new Register();
    registers.set(history, register);
    return register;
  }

  function add(history: History, watch: Watch): void {
    const own = setOf(watchesOf, watch.client.name);
    if (odd.get(watch.client.name)?.has(watch.path)) return;
    for (const [path, zxid] of withheldFrom.get(watch.client.name) ?? []) {
      if (zxid > watch.armed && covers(watch, path)) return;
    }
    for (const other of own) {
      if (other.path !== watch.path) continue;
      if (other.kind === watch.kind) return;
      if (isOneShot(other) && isOneShot(watch)) continue;
      leaveAlone(watch.client, watch.path);
      return;
    }
    own.add(watch);
    registerOf(history).add(watch);
    // This server may be behind: others have applied what it has not.
    if (watch.kind === 'PERSISTENT_RECURSIVE') watch.armed = history.last;
    for (const { zxid, node, event } of history.since(watch.path, watch.armed)) {
      note(watch, watch.path, node, zxid, event);
    }
  }

  function remove(watch: Watch): void {
    watchesOf.get(watch.client.name)?.delete(watch);
    waiting.get(watch.client.name)?.delete(watch);
    for (const history of run.histories.values()) registers.get(history)?.remove(watch);
  }

  function leaveAlone(client: Client, path: string): void {
    setOf(odd, client.name).add(path);
    for (const watch of [...(watchesOf.get(client.name) ?? [])]) if (watch.path === path) remove(watch);
  }

  /** The znode at `path` was changed; `path` is that of the watch, or one below it. */
  function note(watch: Watch, path: string, node: ZnodeChange[1], zxid: Zxid, event: EventId): void {
    if (zxid <= watch.armed || !triggers(watch, path, node, zxid)) return;
    if (isOneShot(watch) && watch.due.length > 0) return;
    watch.due.push({ zxid, event, path });
    setOf(waiting, watch.client.name).add(watch);
  }

  function committed({ history, zxid, changes, event }: Committed): void {
    const register = registers.get(history);
    if (!register || register.byPath.size === 0) return;
    for (const [path, node] of changes) {
      for (const watch of register.byPath.get(path) ?? []) note(watch, path, node, zxid, event);
      if (register.recursive === 0) continue;
      for (let at = path; at !== '/';) {
        at = parentPath(at);
        for (const watch of register.byPath.get(at) ?? []) {
          if (watch.kind === 'PERSISTENT_RECURSIVE') note(watch, path, node, zxid, event);
        }
      }
    }
  }

  function answered(call: Call, event: EventOf<'returned'>, client: Client, { history }: Attachment): void {
    const { zxid, error, request } = event;
    if (zxid === null) return;
    if (client.fresh) returned(client, history, zxid);
    for (const watch of waiting.get(client.name) ?? []) {
      const [due] = watch.due;
      if (!due || due.zxid > zxid) continue;
      report({
        property: 'WatchCompleteness',
        says: `${client.name} has a ${watch.kind} watch at ${watch.path}, and sees ${formatZxid(zxid)} without having been told of the change of ${due.path} with ${formatZxid(due.zxid)}.`,
        proof: [watch.set, due.event, call.event],
        about: client.name,
      });
    }
    const { path } = call;
    if (path === null || path.startsWith('/zookeeper')) return;
    if (request.op === 'removewatches' || request.op === 'removeWatches') return leaveAlone(client, path);
    const kind = kindOf(call, error);
    if (kind) add(history, { client, kind, path, set: event.id, armed: zxid, due: [] });
  }

  /** The first answer behind a reconnect: setWatches was answered before it. */
  function returned(client: Client, history: History, zxid: Zxid): void {
    for (const watch of [...(waiting.get(client.name) ?? [])]) {
      if (watch.kind !== 'exist' || history.at(watch.path, zxid) !== null) continue;
      watch.due = [];
      watch.armed = zxid;
      waiting.get(client.name)?.delete(watch);
    }
    for (const watch of watchesOf.get(client.name) ?? []) {
      if (isOneShot(watch)) continue;
      watch.armed = zxid;
      watch.due = watch.due.filter((due) => due.zxid > zxid);
      if (watch.due.length === 0) waiting.get(client.name)?.delete(watch);
    }
  }

  function heard(event: EventOf<'watch-event'>): void {
    if (event.type === 'None' || event.path === null) return;
    const client = run.client(event.actor);
    const { zxid } = event;
    const last = lastEvents.get(client.name);
    const { seen } = client;
    if (zxid > 0 && seen && seen.zxid >= zxid) {
      report({
        property: 'WatchOrder',
        says: `${client.name} is told of ${event.type} ${event.path} with ${formatZxid(zxid)}, but has been answered as of ${formatZxid(seen.zxid)} before: the event comes before the new state can be read.`,
        proof: [seen.event],
        about: client.name,
      });
    } else if (zxid > 0 && last && last.zxid > zxid) {
      report({
        property: 'WatchOrder',
        says: `${client.name} is told of ${event.type} ${event.path} with ${formatZxid(zxid)} behind the event of ${formatZxid(last.zxid)}: events come in the order of the changes.`,
        proof: [last.event],
        about: client.name,
      });
    }
    if (zxid > 0) lastEvents.set(client.name, { zxid, event: event.id });
    const own = watchesOf.get(client.name);
    if (!own || own.size === 0) return;
    const path = serverPath(client, event.path);
    for (const watch of [...own]) {
      if (!covers(watch, path)) continue;
      if (!isOneShot(watch)) told(watch, path, zxid, event);
      else if (fulfils(event.type, watch.kind)) remove(watch);
    }
  }

  /** The client of a persistent watch is told of a change at `path`: of those before it was told, unless it was away. */
  function told(watch: Watch, path: string, zxid: Zxid, event: EventOf<'watch-event'>): void {
    const { client } = watch;
    const [missed] = zxid > 0 && !client.fresh ? watch.due.filter((due) => due.zxid < zxid) : [];
    if (missed) {
      report({
        property: 'WatchCompleteness',
        says: `${client.name} has a ${watch.kind} watch at ${watch.path}, and is told of ${event.type} ${path} with ${formatZxid(zxid)} without having been told of the change of ${missed.path} with ${formatZxid(missed.zxid)}.`,
        proof: [watch.set, missed.event],
        about: client.name,
      });
    }
    watch.due = zxid > 0 ? watch.due.filter((due) => due.zxid > zxid || (due.zxid === zxid && due.path !== path)) : [];
    if (watch.due.length === 0) waiting.get(client.name)?.delete(watch);
  }

  function ended(client: Client): void {
    for (const watch of [...(watchesOf.get(client.name) ?? [])]) remove(watch);
    odd.delete(client.name);
    withheldFrom.delete(client.name);
    lastEvents.delete(client.name);
  }

  function withheld({ actor, why, sessionId, path }: EventOf<'watch-withheld'>): void {
    const client = why === 'NOAUTH' ? run.sessions.get(sessionId) : undefined;
    if (!client) return;
    const paths = withheldFrom.get(client.name);
    const { processed } = run.server(actor);
    if (paths) paths.set(path, processed);
    else withheldFrom.set(client.name, new Map([[path, processed]]));
    for (const watch of [...(watchesOf.get(client.name) ?? [])]) if (covers(watch, path)) remove(watch);
  }

  /** A read-only server may have told of what was never committed. */
  function state(event: TraceEvent & EventOf<'client-state'>): void {
    if (event.state === 'CONNECTEDREADONLY') ended(run.client(event.actor));
  }

  return {
    on: {
      'watch-event': heard,
      'watch-withheld': withheld,
      'client-state': state,
      call: (event) => {
        const { op, path } = event.request;
        const client = run.client(event.actor);
        if ((op === 'removewatches' || op === 'removeWatches') && path !== undefined)
          leaveAlone(client, serverPath(client, path));
      },
    },
    committed,
    answered,
    ended,
  };
}

/** The watch that the client has from this answer on; null: none. */
function kindOf({ request }: Call, error: EventOf<'returned'>['error']): Kind | null {
  switch (request.op) {
    case 'get':
      return request['watch'] === true && error === null ? 'data' : null;
    case 'stat':
      if (request['watch'] !== true) return null;
      return error === null ? 'data' : error === 'NONODE' ? 'exist' : null;
    case 'ls':
      return request['watch'] === true && error === null ? 'child' : null;
    case 'addWatch':
      if (error !== null) return null;
      return request['mode'] === 'PERSISTENT' ? 'PERSISTENT' : 'PERSISTENT_RECURSIVE';
    default:
      return null;
  }
}

/** Events of the path are for this watch. */
function covers({ kind, path: own }: Watch, path: string): boolean {
  return own === path || (kind === 'PERSISTENT_RECURSIVE' && path.startsWith(own === '/' ? own : `${own}/`));
}

function isOneShot({ kind }: Watch): boolean {
  return kind === 'data' || kind === 'exist' || kind === 'child';
}

function triggers({ kind }: Watch, path: string, node: ZnodeChange[1], zxid: Zxid): boolean {
  const data = node === null || node.stat.czxid === zxid || node.stat.mzxid === zxid;
  const children = node === null || (node.stat.pzxid === zxid && node.stat.czxid !== zxid && path !== '');
  switch (kind) {
    case 'data':
    case 'exist':
    case 'PERSISTENT_RECURSIVE':
      return data;
    case 'child':
      return children;
    case 'PERSISTENT':
      return data || children;
  }
}

/** Whether the event ends a one-shot watch (`ZKWatchManager.materialize`). */
function fulfils(type: EventOf<'watch-event'>['type'], kind: Kind): boolean {
  if (type === 'NodeDeleted' || type === 'DataWatchRemoved' || type === 'ChildWatchRemoved') return true;
  return (type === 'NodeChildrenChanged') === (kind === 'child');
}

function setOf<T>(sets: Map<ActorName, Set<T>>, name: ActorName): Set<T> {
  let set = sets.get(name);
  if (!set) sets.set(name, (set = new Set<T>()));
  return set;
}
