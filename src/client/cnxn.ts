/**
 * One handle of a client (`ClientCnxn` of one `ZooKeeper` object): it keeps one session alive over
 * whatever connections it takes, queues requests, matches answers, and keeps the watches. Calls are
 * callbacks; a lost connection fails them all. Every step ends in {@link ClientCnxn.run}, the body of
 * `ClientCnxn.SendThread.run`, which looks at the idle times, pings, sends and sleeps.
 *
 * Simpler than the real client: the pause of 100 ms at the end of a connection
 * (`ClientCnxnSocketNIO.cleanup`) is left out, read-only mode and authentication come later.
 */
import { assert, unreachable } from '../protocol/assert.ts';
import type { KeeperError } from '../protocol/errors.ts';
import type { ClientEvent, ClientState } from '../protocol/events.ts';
import { NO_SESSION, serverName, type ConnId, type EventRef, type SessionId, type Sid } from '../protocol/ids.ts';
import type { Packet } from '../protocol/network.ts';
import {
  XID,
  type ClientPacket,
  type KeeperState,
  type Operation,
  type OperationResult,
  type WatchEventType,
} from '../protocol/operations.ts';
import type { RuleId } from '../protocol/rules/index.ts';
import type { VirtualTime } from '../protocol/time.ts';
import { ZXID_UNKNOWN, ZXID_ZERO, type Zxid } from '../protocol/zxid.ts';
import type { ProcessContext } from '../process/context.ts';
import type { Timer } from '../process/io.ts';
import { HostProvider, ROUND_PAUSE_MS } from './hosts.ts';
import { WatchRegisters } from './watches.ts';

/** Longest silence of a client's own, ms (`MAX_SEND_PING_INTERVAL`). */
const MAX_SEND_PING_INTERVAL_MS = 10_000;
/** Bound of the random pause before a reconnect, ms. */
const RECONNECT_PAUSE_MS = 1000;
const NO_PASSWD = '0'.repeat(32);
const XID_MAX = 2 ** 31 - 1;

/** How a request ended. `error` CONNECTIONLOSS: it may or may not have happened. */
export interface Outcome {
  readonly error: KeeperError | null;
  readonly result: OperationResult | null;
  /** Last zxid applied by the answering server; null without an answer. */
  readonly zxid: Zxid | null;
  /** The server that answered, or that the request was lost with. */
  readonly server: Sid | null;
}

/** `WatchedEvent` */
export interface WatchedEvent {
  readonly type: WatchEventType;
  readonly state: KeeperState;
  readonly path: string | null;
  readonly zxid: Zxid;
}

/** A request until its answer. `xid` is given when it is sent. */
interface Pending {
  readonly operation: Operation;
  readonly call: EventRef | null;
  readonly done: (outcome: Outcome) => void;
  xid: number;
}

/**
 * - `idle`: not started, or between two connections (a pause runs)
 * - `opening`: TCP connects
 * - `priming`: the ConnectRequest is on its way
 * - `connected`: the session stands
 * - `over`: CLOSED or EXPIRED
 */
type Phase = 'idle' | 'opening' | 'priming' | 'connected' | 'over';

export class ClientCnxn {
  readonly #ctx: ProcessContext<ClientEvent>;
  readonly #hosts: HostProvider;
  readonly #watches = new WatchRegisters();
  readonly #onEvent: (event: WatchedEvent) => void;
  /** Wished, ms; sent with every ConnectRequest. */
  #sessionTimeout: number;

  #state: ClientState = 'NOT_CONNECTED';
  #phase: Phase = 'idle';
  /** closeSession was asked for: no further call is taken, no further connection is made. */
  #closing = false;
  #conn: ConnId | null = null;
  #server: Sid | null = null;
  /** A TCP connection has stood before: from now on connects are preceded by a pause. */
  #everOpened = false;
  /** What the default watcher was told last. */
  #told: KeeperState = 'Disconnected';

  #sessionId: SessionId = NO_SESSION;
  #passwd = NO_PASSWD;
  #lastZxid: Zxid = ZXID_ZERO;
  #xid = 1;
  /** All in ms, following the negotiated timeout once there is one. */
  #connectTimeout: number;
  #readTimeout: number;
  #expirationTimeout: number;
  #lastSend: VirtualTime;
  #lastHeard: VirtualTime;

  /** setWatches of this connection; goes before the queue. */
  #priming: Pending[] = [];
  #outgoing: Pending[] = [];
  /** Sent and not answered, in the order of their xids. */
  #pending: Pending[] = [];
  #timer: Timer | null = null;

  /** `onEvent` is the default watcher. Nothing happens before {@link start}. */
  constructor(
    ctx: ProcessContext<ClientEvent>,
    hosts: readonly Sid[],
    sessionTimeout: number,
    onEvent: (event: WatchedEvent) => void,
  ) {
    this.#ctx = ctx;
    this.#hosts = new HostProvider(hosts);
    this.#sessionTimeout = sessionTimeout;
    this.#onEvent = onEvent;
    this.#connectTimeout = Math.floor(sessionTimeout / this.#hosts.size);
    this.#readTimeout = Math.floor((sessionTimeout * 2) / 3);
    this.#expirationTimeout = Math.floor((sessionTimeout * 4) / 3);
    this.#lastSend = ctx.now();
    this.#lastHeard = ctx.now();
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Not CLOSED, not EXPIRED (`States.isAlive`). */
  get alive(): boolean {
    return this.#phase !== 'over';
  }

  get closing(): boolean {
    return this.#closing;
  }

  get servers(): readonly Sid[] {
    return this.#hosts.servers;
  }

  start(): void {
    assert(this.#state === 'NOT_CONNECTED', 'a handle starts once');
    this.#lastSend = this.#ctx.now();
    this.#lastHeard = this.#ctx.now();
    this.#connectNext();
    this.run();
  }

  /** Queues a request (`queuePacket`). `call` is the event that asked for it. Answers at once if the handle is dead or closing. */
  submit(operation: Operation, call: EventRef | null, done: (outcome: Outcome) => void): void {
    if (!this.alive || this.#closing) {
      done(this.#failure());
      return;
    }
    if (operation.op === 'closeSession') this.#closing = true;
    this.#outgoing.push({ operation, call, done, xid: 0 });
  }

  /** Drops the connection and goes to `server` (null: the next in order) with the same session. A null timeout leaves it. */
  reconnect(server: Sid | null, sessionTimeout: number | null): void {
    assert(this.alive, 'a dead handle does not reconnect');
    if (server !== null) this.#hosts.prefer(server);
    if (sessionTimeout !== null) this.#sessionTimeout = sessionTimeout;
    if (this.#phase === 'idle') {
      this.#timer?.cancel();
      this.#connectNext();
    } else {
      this.#lose(server === null ? 'told to connect again' : `told to go to ${serverName(server)}`);
    }
  }

  onConnected(conn: ConnId): void {
    if (conn !== this.#conn) return;
    assert(this.#phase === 'opening', 'a connection stands twice');
    this.#phase = 'priming';
    this.#everOpened = true;
    this.#lastSend = this.#ctx.now();
    // Like the real client: a server that takes the TCP connection counts as heard.
    this.#lastHeard = this.#ctx.now();
    this.#priming = this.#watches
      .setWatches(this.#lastZxid)
      // The real client pushes each batch to the front of its queue.
      .toReversed()
      .map((operation) => ({ operation, call: null, done: () => undefined, xid: 0 }));
    this.#send(
      {
        type: 'ConnectRequest',
        lastZxidSeen: this.#lastZxid,
        timeout: this.#sessionTimeout,
        sessionId: this.#sessionId,
        passwd: this.#passwd,
        readOnly: false,
      },
      'client.connect-request',
    );
  }

  onConnectFailed(conn: ConnId): void {
    if (conn !== this.#conn) return;
    this.#conn = null;
    this.#lose(`no connection to ${this.#serverText()}`);
  }

  onClosed(conn: ConnId): void {
    if (conn !== this.#conn) return;
    this.#conn = null;
    this.#lose(
      this.#phase === 'priming'
        ? `${this.#serverText()} closed the connection instead of answering`
        : `the connection to ${this.#serverText()} is closed`,
    );
  }

  onPacket(conn: ConnId, packet: Packet): void {
    if (conn !== this.#conn) return;
    this.#lastHeard = this.#ctx.now();
    switch (packet.type) {
      case 'ConnectResponse':
        if (this.#phase === 'priming') this.#onConnectResponse(packet);
        else this.#lose('a ConnectResponse came twice');
        return;
      case 'Reply':
        if (packet.xid !== XID.ping) this.#onReply(packet);
        return;
      case 'WatchEvent':
        if (this.#watches.materialize(packet.event, packet.path)) {
          this.#tell(
            { type: packet.event, state: 'SyncConnected', path: packet.path, zxid: packet.zxid },
            'client.watch-materialized',
          );
        }
        return;
      default:
        this.#lose(`a ${packet.type} is nothing for a client`);
    }
  }

  /** Ends a step: what is due by the idle times, then what waits to be sent, then sleep. */
  run(): void {
    switch (this.#phase) {
      case 'idle':
      case 'over':
        return;
      case 'opening':
      case 'priming':
        if (!this.#checkExpiry() && this.#idle(this.#lastSend) >= this.#connectTimeout) {
          this.#lose(`no session on ${this.#serverText()} within ${this.#connectTimeout} ms`, 'client.connect-timeout');
        }
        break;
      case 'connected':
        if (!this.#checkExpiry()) this.#runConnected();
        break;
      default:
        unreachable(this.#phase);
    }
    this.#sleep();
  }

  #runConnected(): void {
    if (this.#idle(this.#lastHeard) >= this.#readTimeout) {
      this.#lose(`nothing heard from ${this.#serverText()} for ${this.#readTimeout} ms`, 'client.read-timeout');
      return;
    }
    const ping = this.#timeToNextPing() <= 0 || this.#idle(this.#lastSend) > MAX_SEND_PING_INTERVAL_MS;
    for (const request of [...this.#priming.splice(0), ...this.#outgoing.splice(0)]) this.#sendRequest(request);
    if (ping) this.#send({ type: 'Request', xid: XID.ping, operation: { op: 'ping' } }, 'client.ping');
  }

  /** ms; 1000 ms early once a second has passed, so that a second ping is not missed. */
  #timeToNextPing(): number {
    const idle = this.#idle(this.#lastSend);
    return this.#readTimeout / 2 - idle - (idle > 1000 ? 1000 : 0);
  }

  #sleep(): void {
    let delay: number;
    if (this.#phase === 'connected') {
      delay = Math.min(this.#readTimeout - this.#idle(this.#lastHeard), this.#timeToNextPing());
    } else if (this.#phase === 'opening' || this.#phase === 'priming') {
      delay = this.#connectTimeout - this.#idle(this.#lastSend);
    } else {
      return;
    }
    this.#setTimer(delay, () => this.run());
  }

  #setTimer(delay: number, handler: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#ctx.setTimer(delay, handler);
  }

  /** ms since `last`, on the grid of virtual time. */
  #idle(last: VirtualTime): number {
    return Math.round((this.#ctx.now() - last) * 1000) / 1000;
  }

  #connectNext(): void {
    const { server, afterRound } = this.#hosts.next();
    const random = this.#everOpened ? Math.floor(this.#ctx.random('reconnect') * RECONNECT_PAUSE_MS) : 0;
    const pause = random + (afterRound ? ROUND_PAUSE_MS : 0);
    if (pause === 0) {
      this.#open(server);
      return;
    }
    this.#setState(
      'CONNECTING',
      null,
      `waits ${pause} ms before it tries ${serverName(server)}`,
      'client.reconnect-pause',
    );
    this.#setTimer(pause, () => {
      this.#open(server);
      this.run();
    });
  }

  #open(server: Sid): void {
    this.#server = server;
    this.#phase = 'opening';
    this.#setState('CONNECTING', server, `connects to ${serverName(server)}`, 'client.host-order');
    this.#conn = this.#ctx.connect(serverName(server), 'client');
    this.#lastSend = this.#ctx.now();
  }

  #onConnectResponse(packet: Extract<ClientPacket, { readonly type: 'ConnectResponse' }>): void {
    if (packet.timeout <= 0) {
      this.#expire(`${this.#serverText()} does not know the session any more`, 'client.expired');
      return;
    }
    const renewed = this.#sessionId !== NO_SESSION;
    this.#sessionId = packet.sessionId;
    this.#passwd = packet.passwd;
    this.#readTimeout = Math.floor((packet.timeout * 2) / 3);
    this.#expirationTimeout = Math.floor((packet.timeout * 4) / 3);
    this.#connectTimeout = Math.floor(packet.timeout / this.#hosts.size);
    this.#hosts.onConnected();
    this.#phase = 'connected';
    const server = this.#server;
    assert(server !== null, 'a connection without a server');
    this.#setState('CONNECTED', server, renewed ? 'the session goes on' : 'a new session', 'client.established');
    this.#ctx.emit(
      { kind: 'session-established', sessionId: packet.sessionId, timeout: packet.timeout, server, renewed },
      { rule: 'client.established' },
    );
    this.#tellSession('SyncConnected');
  }

  #onReply(packet: Extract<ClientPacket, { readonly type: 'Reply' }>): void {
    const request = this.#pending.shift();
    if (!request) {
      this.#lose(`an answer with xid ${packet.xid} came to no request`, 'client.xid-order');
      return;
    }
    if (request.xid !== packet.xid) {
      this.#pending.unshift(request);
      this.#lose(`an answer with xid ${packet.xid} came where ${request.xid} was due`, 'client.xid-order');
      return;
    }
    if (packet.zxid > this.#lastZxid) this.#lastZxid = packet.zxid;
    this.#watches.onReply(request.operation, packet.error);
    const outcome: Outcome = {
      error: packet.error,
      result: packet.result,
      zxid: packet.zxid,
      server: this.#server,
    };
    if (request.operation.op === 'closeSession') this.#finishClose('the session is closed', { request, outcome });
    else request.done(outcome);
  }

  #sendRequest(request: Pending): void {
    request.xid = this.#xid;
    this.#xid = this.#xid === XID_MAX ? 1 : this.#xid + 1;
    this.#pending.push(request);
    const rule = request.operation.op === 'setWatches' ? 'client.set-watches' : 'client.queue';
    this.#send({ type: 'Request', xid: request.xid, operation: request.operation }, rule, request.call);
  }

  #send(packet: ClientPacket, rule: RuleId, cause: EventRef | null = null): void {
    assert(this.#conn !== null, 'nothing to send on');
    this.#ctx.send(this.#conn, packet, cause === null ? { rule } : { rule, causes: [cause] });
    this.#lastSend = this.#ctx.now();
  }

  /** The connection is gone or given up (`cleanAndNotifyState`): all requests fail, and the next server's turn comes. */
  #lose(why: string, rule: RuleId = 'client.connection-loss'): void {
    this.#drop(why);
    if (this.#closing) {
      this.#finishClose(`${why} before the session was closed`);
      return;
    }
    const failure = this.#failure();
    this.#setState('CONNECTING', null, why, rule);
    this.#failAll(failure);
    this.#tellSession('Disconnected');
    this.#connectNext();
  }

  #checkExpiry(): boolean {
    if (this.#sessionId === NO_SESSION || this.#idle(this.#lastHeard) < this.#expirationTimeout) return false;
    this.#expire(`no server heard for ${this.#expirationTimeout} ms`, 'client.local-expiry');
    return true;
  }

  #expire(why: string, rule: RuleId): void {
    this.#drop(why);
    this.#phase = 'over';
    this.#setState('EXPIRED', null, why, rule);
    // The server's word comes to the watcher before the failed calls, as in the real client; by then nothing can be called.
    this.#tellSession('Expired');
    this.#failAll(this.#failure());
  }

  /** Without an `answer` to closeSession the connection ended first, and the session lives on until it expires. */
  #finishClose(why: string, answered?: { readonly request: Pending; readonly outcome: Outcome }): void {
    this.#drop('the handle is closed');
    const failure = this.#failure();
    const failed = this.#takeAll();
    this.#phase = 'over';
    this.#setState('CLOSED', null, why, 'client.close');
    const isClose = (request: Pending) => request.operation.op === 'closeSession';
    for (const request of failed) if (!isClose(request)) request.done(failure);
    this.#tellSession('Closed');
    // Last, as a caller of close() goes on when everything has ended.
    answered?.request.done(answered.outcome);
    for (const request of failed) if (isClose(request)) request.done(failure);
  }

  #drop(why: string): void {
    if (this.#conn !== null) this.#ctx.close(this.#conn, why);
    this.#conn = null;
    this.#timer?.cancel();
    this.#timer = null;
    this.#phase = 'idle';
    this.#priming = [];
  }

  /** The callbacks may call again at once: what they ask for belongs to the next connection. */
  #failAll(failure: Outcome): void {
    for (const request of this.#takeAll()) request.done(failure);
  }

  #takeAll(): readonly Pending[] {
    return [...this.#pending.splice(0), ...this.#outgoing.splice(0)];
  }

  /** `conLossPacket` */
  #failure(): Outcome {
    const error = this.#phase === 'over' ? 'SESSIONEXPIRED' : 'CONNECTIONLOSS';
    return { error, result: null, zxid: null, server: this.#server };
  }

  #setState(state: ClientState, server: Sid | null, why: string, rule: RuleId): void {
    this.#state = state;
    if (server === null) this.#server = null;
    this.#ctx.emit({ kind: 'client-state', state, server, why }, { rule });
  }

  #tellSession(state: KeeperState): void {
    if (state === this.#told) return;
    this.#tell({ type: 'None', state, path: null, zxid: ZXID_UNKNOWN }, 'client.session-event');
  }

  #tell(event: WatchedEvent, rule: RuleId): void {
    if (event.type === 'None') this.#told = event.state;
    this.#ctx.emit({ kind: 'watch-event', ...event }, { rule });
    this.#onEvent(event);
  }

  #serverText(): string {
    return this.#server === null ? 'no server' : serverName(this.#server);
  }
}
