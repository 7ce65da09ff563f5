/**
 * What the checkers of client guarantees share: servers as clients see them, clients with their calls, and the history of
 * what was committed. Servers without an ensemble have a history each.
 */
import type { ClientOp, EventOf, TraceEvent } from '../../protocol/events.ts';
import { serverName, sidOf, type ActorName, type ConnId, type EventId, type SessionId } from '../../protocol/ids.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import { makeZxid, ZXID_ZERO, type Epoch, type Zxid } from '../../protocol/zxid.ts';
import type { Handlers } from '../types.ts';
import type { World } from '../world.ts';
import { History, type Committed, type Frontier, type LoadedTree, type Mark } from './history.ts';

/** A clock of a process (`src/lab/kernel/clock.ts`): its timers go by it. */
class OwnClock {
  #since = 0;
  #shown = 0;
  #rate = 1;

  /** What it shows at the instant `t`, ms. */
  at(t: VirtualTime): number {
    return this.#shown + (t - this.#since) * this.#rate;
  }

  setRate(t: VirtualTime, rate: number): void {
    this.#shown = this.at(t);
    this.#since = t;
    this.#rate = rate;
  }

  /** The process is a new one, and its clock right. */
  start(t: VirtualTime): void {
    this.#since = this.#shown = t;
  }
}

/** A client's connection as its server has accepted it. */
export interface Attachment {
  readonly event: EventId;
  readonly server: ActorName;
  readonly client: ActorName;
  readonly conn: ConnId;
  readonly sessionId: SessionId;
  /** ms */
  readonly timeout: number;
  /** Under whose leader's epoch the server serves; null: without a leader. */
  readonly epoch: Epoch | null;
  readonly standalone: boolean;
  readonly history: History;
  /** The server's zxid then. */
  readonly processed: Zxid;
  /** The xid that was answered last. */
  lastXid: number;
}

/** A server as its clients see it. */
export interface ClientServer {
  readonly name: ActorName;
  readonly clock: OwnClock;
  standalone: boolean;
  /** Under a leader, or standalone. */
  serving: boolean;
  readOnly: boolean;
  leader: ActorName | null;
  epoch: Epoch | null;
  /** `lastProcessedZxid` */
  processed: Zxid;
  readonly attached: Map<ActorName, Attachment>;
  /** What its tree was loaded from, and what it has applied since without serving. */
  loaded: LoadedTree | null;
  applied: EventOf<'applied'>[];
}

export interface Call {
  readonly number: number;
  readonly event: EventId;
  readonly request: ClientOp;
  /** Null: nobody has served this client yet, and it is not known who will. */
  readonly history: History | null;
  /** What was acknowledged, and committed, before the call. */
  readonly acknowledged: Mark | null;
  readonly frontier: Frontier | null;
  /** Of the request on the wire; 0: it was not sent. */
  xid: number;
  /** As the server has it. */
  path: string | null;
  /** The transaction that it became, if that did anything. */
  effect: Mark | null;
}

export interface Client {
  readonly name: ActorName;
  /** By server, as which it was accepted there last; the client may have gone away meanwhile. */
  readonly offers: Map<ActorName, Attachment>;
  /** The one that it has taken last. */
  attachment: Attachment | null;
  /** No answer has come since. */
  fresh: boolean;
  /** The highest zxid that this handle was told. */
  seen: Mark | null;
  /** Those without an answer, in their order. */
  readonly calls: Map<number, Call>;
  readonly byEvent: Map<EventId, Call>;
  readonly byXid: Map<number, Call>;
  /** Before its paths at the servers; null: not known yet. */
  chroot: string | null;
}

/** A checker of client guarantees. */
export interface Part {
  readonly on?: Handlers;
  /** A transaction is committed; the history does not hold it yet. */
  readonly committed?: (txn: Committed) => void;
  /** A server that does not serve read-only has answered. */
  readonly answered?: (call: Call, event: EventOf<'returned'>, client: Client, attachment: Attachment) => void;
  /** Any server has answered with an error, be its zxid none. */
  readonly refused?: (call: Call, event: EventOf<'returned'>, attachment: Attachment) => void;
  /** The handle is new or dead: its session and watches are none any more. */
  readonly ended?: (client: Client) => void;
}

export class ClientRun {
  readonly servers = new Map<ActorName, ClientServer>();
  readonly clients = new Map<ActorName, Client>();
  readonly histories = new Map<ActorName | 'ensemble', History>();
  /** Clients of sessions that live. */
  readonly sessions = new Map<SessionId, Client>();
  readonly #world: World;
  #parts: readonly Part[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  /** Handlers of itself and of `parts`. */
  start(parts: readonly Part[]): Handlers {
    this.#parts = parts;
    return merged([this.#handlers(), ...parts.flatMap(({ on }) => on ?? [])]);
  }

  server(name: ActorName): ClientServer {
    let server = this.servers.get(name);
    if (!server) {
      server = {
        name,
        clock: new OwnClock(),
        standalone: false,
        serving: false,
        readOnly: false,
        leader: null,
        epoch: null,
        processed: ZXID_ZERO,
        attached: new Map(),
        loaded: null,
        applied: [],
      };
      this.servers.set(name, server);
    }
    return server;
  }

  client(name: ActorName): Client {
    let client = this.clients.get(name);
    if (!client) {
      client = {
        name,
        offers: new Map(),
        attachment: null,
        fresh: false,
        seen: null,
        calls: new Map(),
        byEvent: new Map(),
        byXid: new Map(),
        chroot: null,
      };
      this.clients.set(name, client);
    }
    return client;
  }

  historyOf(server: ClientServer): History {
    const key = keyOf(server);
    let history = this.histories.get(key);
    if (!history) {
      history = new History(
        (txn) => this.#committed(txn),
        () => this.#slowest(),
      );
      this.histories.set(key, history);
    }
    return history;
  }

  #committed(txn: Committed): void {
    for (const part of this.#parts) part.committed?.(txn);
  }

  #slowest(): Zxid {
    let slowest = Infinity;
    for (const { serving, processed } of this.servers.values()) if (serving && processed < slowest) slowest = processed;
    return slowest as Zxid;
  }

  #handlers(): Handlers {
    const load = (event: EventOf<'recovered' | 'tree-loaded'>, zxid: Zxid): void => {
      const server = this.server(event.actor);
      server.loaded = { nodes: event.nodes, zxid, event: event.id };
      server.applied = [];
      server.processed = zxid;
    };
    const down = (event: TraceEvent): void => {
      if (sidOf(event.actor) === null) {
        const client = this.client(event.actor);
        this.#clientEnds(client);
        client.calls.clear();
        client.byEvent.clear();
        return;
      }
      const server = this.server(event.actor);
      this.#stop(server);
      server.standalone = false;
      server.attached.clear();
      server.clock.start(event.t);
    };
    return {
      'process-started': down,
      'process-killed': down,
      'process-exited': down,
      'clock-rate': (event) => this.server(event.actor).clock.setRate(event.t, event.rate),
      recovered: (event) => load(event, event.lastZxid),
      // After a TRUNC lastProcessedZxid is where the log was cut, be there a transaction or not.
      'tree-loaded': (event) =>
        load(event, event.source === 'TRUNC' ? highest(event.zxid, this.server(event.actor).processed) : event.zxid),
      'log-truncated': (event) => {
        this.server(event.actor).processed = event.to;
      },
      'server-state': (event) => {
        const server = this.server(event.actor);
        this.#stop(server);
        if (event.state === 'STANDALONE') server.standalone = true;
      },
      'stepped-down': (event) => this.#stop(this.server(event.actor)),
      'read-only': (event) => {
        this.server(event.actor).readOnly = event.on;
      },
      serving: (event) => this.#serves(event),
      proposed: (event) => this.historyOf(this.server(event.actor)).propose(event),
      committed: (event) => this.historyOf(this.server(event.actor)).commit(event.zxid, event.id),
      applied: (event) => {
        const server = this.server(event.actor);
        server.processed = event.zxid;
        if (server.serving) this.historyOf(server).apply(event);
        else server.applied.push(event);
      },
      'session-attached': (event) => {
        const server = this.server(event.actor);
        const { id, client: name, conn, sessionId, timeout } = event;
        const { epoch, standalone, readOnly, processed } = server;
        const history = this.historyOf(server);
        const attachment: Attachment = {
          ...{ event: id, server: server.name, client: name, conn, sessionId, timeout, standalone, history, processed },
          epoch: readOnly ? null : epoch,
          lastXid: 0,
        };
        server.attached.set(name, attachment);
        const client = this.client(name);
        client.offers.set(server.name, attachment);
        this.sessions.set(sessionId, client);
      },
      'session-detached': (event) => {
        const { attached } = this.server(event.actor);
        if (attached.get(event.client)?.conn === event.conn) attached.delete(event.client);
      },
      'session-established': (event) => {
        const client = this.client(event.actor);
        client.attachment = client.offers.get(serverName(event.server)) ?? null;
        client.fresh = true;
      },
      'client-state': (event) => {
        const { state } = event;
        if (state === 'CLOSED' || state === 'EXPIRED' || state === 'AUTH_FAILED')
          this.#clientEnds(this.client(event.actor));
      },
      call: (event) => {
        const client = this.client(event.actor);
        const history = client.attachment?.history ?? this.#only();
        const call: Call = {
          number: event.call,
          event: event.id,
          request: event.request,
          history,
          acknowledged: history?.acknowledged ?? null,
          frontier: history?.frontier ?? null,
          xid: 0,
          path: null,
          effect: null,
        };
        client.calls.set(event.call, call);
        client.byEvent.set(event.id, call);
      },
      send: (event) => {
        if (event.port === 'client' && event.packet.type === 'Request') this.#sent(event);
      },
      returned: (event) => this.#returned(event),
    };
  }

  #stop(server: ClientServer): void {
    server.serving = false;
    server.leader = null;
    server.epoch = null;
    server.readOnly = false;
  }

  /** What the server has is committed: of a leader all of its tree, of a learner what the leader has sent. */
  #serves({ actor, leader, epoch }: EventOf<'serving'>): void {
    const server = this.server(actor);
    const leads = server.standalone || serverName(leader) === actor;
    // What is lost is told of by others; from here on there is another history.
    const { clash, lostFrom } = this.#world;
    if (leads && (clash?.missing ?? lostFrom) !== null) this.histories.delete(keyOf(server));
    const history = this.historyOf(server);
    if (leads && server.loaded) history.establish(server.loaded, server.processed);
    for (const event of server.applied) history.apply(event);
    server.loaded = null;
    server.applied = [];
    server.serving = true;
    server.leader = serverName(leader);
    server.epoch = epoch;
    if (leads && !server.standalone) {
      server.processed = makeZxid(epoch, 0);
      history.begin(server.processed);
    }
  }

  #only(): History | null {
    if (this.histories.size !== 1) return null;
    for (const history of this.histories.values()) return history;
    return null;
  }

  #sent(event: EventOf<'send'>): void {
    const client = this.client(event.actor);
    for (const cause of event.causes) {
      const call = client.byEvent.get(cause);
      if (!call) continue;
      call.xid = event.packet.xid ?? 0;
      client.byXid.set(call.xid, call);
      const { path } = event.packet;
      if (path === undefined) return;
      call.path = path;
      const { op, path: own } = call.request;
      // The root cannot be deleted, so a client does not ask for its own.
      if (client.chroot === null && own !== undefined && op !== 'delete') client.chroot = chrootOf(own, path);
      return;
    }
  }

  #returned(event: EventOf<'returned'>): void {
    const client = this.client(event.actor);
    const call = client.calls.get(event.call);
    if (!call) return;
    const { attachment } = client;
    if (call.xid > 0 && event.zxid !== null && event.error !== null && attachment && !event.client) {
      for (const part of this.#parts) part.refused?.(call, event, attachment);
    }
    if (call.xid > 0 && event.zxid !== null && event.zxid > 0 && attachment && !event.client) {
      if (attachment.epoch !== null) {
        for (const part of this.#parts) part.answered?.(call, event, client, attachment);
      }
      client.fresh = false;
      if (!client.seen || event.zxid > client.seen.zxid) client.seen = { zxid: event.zxid, event: event.id };
    }
    client.calls.delete(event.call);
    client.byEvent.delete(call.event);
    client.byXid.delete(call.xid);
  }

  #clientEnds(client: Client): void {
    for (const part of this.#parts) part.ended?.(client);
    if (client.attachment) this.sessions.delete(client.attachment.sessionId);
    client.attachment = null;
    client.offers.clear();
    client.seen = null;
  }
}

/** What makes `path` of a client's `own`; null: it does not end in that. */
function chrootOf(own: string, path: string): string | null {
  if (own === '/') return path === '/' ? '' : path;
  return path.endsWith(own) ? path.slice(0, path.length - own.length) : null;
}

/** A path of the client's as the servers have it. */
export function serverPath({ chroot }: Client, path: string): string {
  if (chroot === null || chroot === '') return path;
  return path === '/' ? chroot : chroot + path;
}

function keyOf({ standalone, name }: ClientServer): ActorName | 'ensemble' {
  return standalone ? name : 'ensemble';
}

function highest(a: Zxid, b: Zxid): Zxid {
  return a > b ? a : b;
}

/** One function for each kind: what the first handlers do comes first. */
function merged(all: readonly Handlers[]): Handlers {
  const lists = new Map<string, ((event: never) => void)[]>();
  for (const handlers of all) {
    for (const [kind, handler] of Object.entries(handlers) as [string, (event: never) => void][]) {
      const list = lists.get(kind);
      if (list) list.push(handler);
      else lists.set(kind, [handler]);
    }
  }
  return Object.fromEntries(
    [...lists].map(([kind, list]) => [
      kind,
      list.length === 1
        ? list[0]
        : (event: never) => {
            for (const handler of list) handler(event);
          },
    ]),
  );
}
