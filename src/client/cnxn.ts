/**
 * One handle of a client (`ClientCnxn` of one `ZooKeeper` object): it keeps one session alive over
 * whatever connections it takes, queues requests, matches answers, and keeps the watches. Calls are
 * callbacks; a lost connection fails them all. Every step ends in {@link ClientCnxn.run}, the body of
 * `ClientCnxn.SendThread.run`, which looks at the idle times, pings, sends and sleeps.
 *
 * Simpler than the real client: the pause of 100 ms at the end of a connection
 * (`ClientCnxnSocketNIO.cleanup`) is left out.
 */
import { assert, unreachable } from '../protocol/assert.ts';
import type { KeeperError } from '../protocol/errors.ts';
import type { ClientEvent, ClientState } from '../protocol/events.ts';
import { NO_SESSION, serverName, type ConnId, type EventRef, type SessionId, type Sid } from '../protocol/ids.ts';
import type { Packet } from '../protocol/network.ts';
import { XID, type ClientPacket, type Operation, type OperationResult } from '../protocol/operations.ts';
import type { RuleId } from '../protocol/rules/index.ts';
import { frameLength, replyBound } from '../protocol/wire/index.ts';
import { ZXID_ZERO, type Zxid } from '../protocol/zxid.ts';
import type { ProcessContext } from '../process/context.ts';
import type { Timer } from '../process/io.ts';
import {
  firstError,
  isEmptyMulti,
  NO_ANSWER,
  ownRequest,
  type CallOptions,
  type Outcome,
  type Pending,
} from './call.ts';
import { Chroot } from './chroot.ts';
import { HostProvider, ROUND_PAUSE_MS } from './hosts.ts';
import { Patience } from './patience.ts';
import { ReadWriteSearch } from './read-write-search.ts';
import { Watcher, type WatchedEvent } from './watcher.ts';

/** Bytes of an answer (`ZKClientConfig.CLIENT_MAX_PACKET_LENGTH_DEFAULT`): a client has the default of `jute.maxbuffer`. */
const MAX_PACKET_LENGTH = 0xfffff;
/** Bound of the random pause before a reconnect, ms. */
const RECONNECT_PAUSE_MS = 1000;
const NO_PASSWD = '0'.repeat(32);
const XID_MAX = 2 ** 31 - 1;

/** What a handle is made with: the arguments of `new ZooKeeper(…)`. */
export interface CnxnOptions {
  /** In the order in which they are tried. */
  readonly servers: readonly Sid[];
  /** Wished, ms; sent with every ConnectRequest. */
  readonly sessionTimeout: number;
  /** May be served by a read-only server (`canBeReadOnly`). */
  readonly readOnly: boolean;
  /** Prefix of all paths; empty: none. */
  readonly chroot: string;
  /** A session to take up. */
  readonly resume?: { readonly sessionId: SessionId; readonly passwd: string };
  /** Whether silence of all servers alone ends the session in the end, as from 3.9.3 on. */
  readonly localExpiry: boolean;
  /** The default watcher. */
  readonly onEvent: (event: WatchedEvent) => void;
}

/**
 * - `idle`: not started, or between two connections (a pause runs)
 * - `opening`: TCP connects
 * - `priming`: the ConnectRequest is on its way
 * - `connected`: the session stands
 * - `over`: CLOSED, EXPIRED or AUTH_FAILED
 */
type Phase = 'idle' | 'opening' | 'priming' | 'connected' | 'over';

export class ClientCnxn {
  readonly #ctx: ProcessContext<ClientEvent>;
  readonly #options: CnxnOptions;
  readonly #hosts: HostProvider;
  readonly #chroot: Chroot;
  readonly #watcher: Watcher;
  readonly #patience: Patience;
  readonly #search: ReadWriteSearch;
  /** Given again with each connection. */
  readonly #authInfo: Extract<Operation, { readonly op: 'auth' }>[] = [];
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

  #sessionId: SessionId;
  #passwd: string;
  /** Until then the session is one that a read-only server has made up, and no other server knows it. */
  #seenRwServerBefore: boolean;
  #lastZxid: Zxid = ZXID_ZERO;
  #xid = 1;

  /** Identities and setWatches of this connection; go before the queue. */
  #priming: Pending[] = [];
  #outgoing: Pending[] = [];
  /** Sent and not answered, in the order of their xids. */
  #pending: Pending[] = [];
  #timer: Timer | null = null;

  /** Nothing happens before {@link start}. */
  constructor(ctx: ProcessContext<ClientEvent>, options: CnxnOptions) {
    const { servers, sessionTimeout, chroot, resume } = options;
    this.#ctx = ctx;
    this.#options = options;
    this.#hosts = new HostProvider(servers);
    this.#chroot = new Chroot(chroot);
    this.#watcher = new Watcher(ctx, this.#chroot, options.onEvent);
    this.#patience = new Patience(() => ctx.now(), sessionTimeout, this.#hosts.size);
    this.#search = new ReadWriteSearch(ctx, (server) => this.#onReadWriteServer(server));
    this.#sessionId = resume?.sessionId ?? NO_SESSION;
    this.#passwd = resume?.passwd ?? NO_PASSWD;
    this.#seenRwServerBefore = resume !== undefined;
    this.#sessionTimeout = sessionTimeout;
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Not CLOSED, EXPIRED or AUTH_FAILED (`States.isAlive`). */
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
    this.#patience.sent();
    this.#patience.heard();
    this.#connectNext();
    this.run();
  }

  /** Queues a request (`queuePacket`). `call` is the event that asked for it. Answers at once if the handle is dead or closing. */
  submit(
    operation: Operation,
    call: EventRef | null,
    done: (outcome: Outcome) => void,
    options: CallOptions = {},
  ): void {
    const request: Pending = { operation, options, call, done, xid: 0 };
    if (operation.op === 'auth') this.#addAuth(operation, request);
    else if (isEmptyMulti(operation)) done({ ...NO_ANSWER, result: { results: [] } });
    else if (!this.alive || this.#closing) this.#watcher.finish(request, this.#failure());
    else {
      if (operation.op === 'closeSession') this.#closing = true;
      this.#outgoing.push(request);
    }
  }

  /** `addAuthInfo`: the caller never hears what became of it. */
  #addAuth(auth: Extract<Operation, { readonly op: 'auth' }>, request: Pending): void {
    if (this.alive) {
      this.#authInfo.push(auth);
      if (!this.#closing) this.#outgoing.push({ ...request, done: () => undefined });
    }
    request.done(NO_ANSWER);
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
    if (this.#search.owns(conn)) this.#search.onConnected();
    if (conn !== this.#conn) return;
    assert(this.#phase === 'opening', 'a connection stands twice');
    this.#phase = 'priming';
    this.#everOpened = true;
    this.#patience.sent();
    // Like the real client: a server that takes the TCP connection counts as heard.
    this.#patience.heard();
    // The real client pushes each of these to the front of its queue, so the last goes first.
    const watches = this.#ctx.broken('forget-watches') ? [] : this.#watcher.setWatches(this.#lastZxid);
    this.#priming = [...this.#authInfo.toReversed(), ...watches.toReversed()].map(ownRequest);
    this.#send(
      {
        type: 'ConnectRequest',
        lastZxidSeen: this.#ctx.broken('client-accepts-older-server') ? ZXID_ZERO : this.#lastZxid,
        timeout: this.#sessionTimeout,
        sessionId: this.#seenRwServerBefore ? this.#sessionId : NO_SESSION,
        passwd: this.#passwd,
        readOnly: this.#options.readOnly,
      },
      'client.connect-request',
    );
  }

  onConnectFailed(conn: ConnId): void {
    if (this.#search.owns(conn)) this.#search.onGone();
    if (conn !== this.#conn) return;
    this.#conn = null;
    this.#lose(`no connection to ${this.#serverText()}`);
  }

  onClosed(conn: ConnId): void {
    if (this.#search.owns(conn)) this.#search.onGone();
    if (conn !== this.#conn) return;
    this.#conn = null;
    this.#lose(
      this.#phase === 'priming'
        ? `${this.#serverText()} closed the connection instead of answering`
        : `the connection to ${this.#serverText()} is closed`,
    );
  }

  onPacket(conn: ConnId, packet: Packet): void {
    if (this.#search.owns(conn)) this.#search.onPacket(packet);
    if (conn !== this.#conn) return;
    this.#patience.heard();
    if (this.#tooLong(packet)) return;
    switch (packet.type) {
      case 'ConnectResponse':
        if (this.#phase === 'priming') this.#onConnectResponse(packet);
        else this.#lose('a ConnectResponse came twice');
        return;
      case 'Reply':
        if (packet.xid === XID.auth) this.#onAuthReply(packet.error);
        else if (packet.xid !== XID.ping) this.#onReply(packet);
        return;
      case 'WatchEvent':
        this.#watcher.node(packet);
        return;
      default:
        this.#lose(`a ${packet.type} is nothing for a client`);
    }
  }

  /** Only an answer that carries something can be too long. */
  #tooLong(packet: Packet): boolean {
    if (packet.type !== 'Reply' || !packet.result || replyBound(packet.result) <= MAX_PACKET_LENGTH) return false;
    const [asked] = this.#pending;
    const length = frameLength(packet, { operation: asked?.xid === packet.xid ? asked.operation : null });
    if (length <= MAX_PACKET_LENGTH) return false;
    this.#lose(`an answer of ${length} bytes is longer than ${MAX_PACKET_LENGTH}`, 'client.max-buffer');
    return true;
  }

  /** Ends a step: what is due by the idle times, then what waits to be sent, then sleep. */
  run(): void {
    switch (this.#phase) {
      case 'idle':
      case 'over':
        return;
      case 'opening':
      case 'priming':
        if (!this.#checkExpiry() && this.#patience.idleSend >= this.#patience.connect) {
          this.#lose(
            `no session on ${this.#serverText()} within ${this.#patience.connect} ms`,
            'client.connect-timeout',
          );
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
    if (this.#patience.idleRecv >= this.#patience.read) {
      this.#lose(`nothing heard from ${this.#serverText()} for ${this.#patience.read} ms`, 'client.read-timeout');
      return;
    }
    const ping = this.#patience.pingIsDue;
    for (const request of [...this.#priming.splice(0), ...this.#outgoing.splice(0)]) this.#sendRequest(request);
    if (ping) this.#send({ type: 'Request', xid: XID.ping, operation: { op: 'ping' } }, 'client.ping');
    if (this.#state === 'CONNECTEDREADONLY' && this.#search.delay <= 0)
      this.#search.ask(() => this.#hosts.next().server);
  }

  #sleep(): void {
    let delay: number;
    if (this.#phase === 'connected') {
      delay = Math.min(this.#patience.read - this.#patience.idleRecv, this.#patience.toNextPing);
      if (this.#state === 'CONNECTEDREADONLY') delay = Math.min(delay, this.#search.delay);
    } else if (this.#phase === 'opening' || this.#phase === 'priming') {
      delay = this.#patience.connect - this.#patience.idleSend;
    } else {
      return;
    }
    this.#setTimer(delay, () => this.run());
  }

  #setTimer(delay: number, handler: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#ctx.setTimer(delay, handler);
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
    this.#patience.sent();
  }

  #onConnectResponse(packet: Extract<ClientPacket, { readonly type: 'ConnectResponse' }>): void {
    if (packet.timeout <= 0) {
      this.#expire(`${this.#serverText()} does not know the session any more`, 'client.expired');
      return;
    }
    const renewed = this.#seenRwServerBefore && this.#sessionId !== NO_SESSION;
    this.#sessionId = packet.sessionId;
    this.#passwd = packet.passwd;
    this.#patience.negotiated(packet.timeout, this.#hosts.size);
    this.#hosts.onConnected();
    this.#phase = 'connected';
    if (!packet.readOnly) this.#seenRwServerBefore = true;
    const server = this.#server;
    assert(server !== null, 'a connection without a server');
    const state = packet.readOnly ? 'CONNECTEDREADONLY' : 'CONNECTED';
    const rule = packet.readOnly ? 'client.read-only-session' : 'client.established';
    this.#setState(state, server, renewed ? 'the session goes on' : 'a new session', rule);
    this.#ctx.emit(
      { kind: 'session-established', sessionId: packet.sessionId, timeout: packet.timeout, server, renewed },
      { rule },
    );
    this.#watcher.session(packet.readOnly ? 'ConnectedReadOnly' : 'SyncConnected');
  }

  #onReadWriteServer(server: Sid): void {
    this.#hosts.prefer(server);
    this.#lose(`${serverName(server)} serves writes`, 'client.read-write-found');
  }

  #onAuthReply(error: KeeperError | null): void {
    if (error !== 'AUTHFAILED') return;
    const server = this.#serverText();
    this.#drop('the handle is dead');
    this.#phase = 'over';
    this.#setState('AUTH_FAILED', null, `${server} does not accept the identity`, 'client.auth-failed');
    this.#watcher.session('AuthFailed');
    this.#failAll(this.#failure());
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
    const { absolute, noStat } = request.options;
    const result = noStat ? withoutStat(packet.result) : packet.result;
    const outcome: Outcome = {
      error: packet.error ?? firstError(packet.result),
      result: absolute ? result : this.#chroot.result(request.operation, result),
      zxid: packet.zxid,
      server: this.#server,
    };
    if (request.operation.op === 'closeSession') this.#finishClose('the session is closed', { request, outcome });
    else this.#watcher.finish(request, outcome);
  }

  #sendRequest(request: Pending): void {
    const operation = request.options.absolute ? request.operation : this.#chroot.request(request.operation);
    if (operation.op === 'auth') {
      // Neither numbered nor waited for.
      this.#send({ type: 'Request', xid: XID.auth, operation }, 'client.add-auth', request.call);
      return;
    }
    request.xid = this.#xid;
    this.#xid = this.#xid === XID_MAX ? 1 : this.#xid + 1;
    this.#pending.push(request);
    const again = operation.op === 'setWatches' || operation.op === 'setWatches2';
    this.#send(
      { type: 'Request', xid: request.xid, operation },
      again ? 'client.set-watches' : 'client.queue',
      request.call,
    );
  }

  #send(packet: ClientPacket, rule: RuleId, cause: EventRef | null = null): void {
    assert(this.#conn !== null, 'nothing to send on');
    this.#ctx.send(this.#conn, packet, cause === null ? { rule } : { rule, causes: [cause] });
    this.#patience.sent();
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
    if (this.#ctx.broken('resend-on-reconnect')) this.#outgoing = [...this.#takeAll()];
    else if (this.#ctx.broken('forget-calls')) this.#takeAll();
    else this.#failAll(failure);
    this.#watcher.session('Disconnected');
    this.#connectNext();
  }

  #checkExpiry(): boolean {
    if (!this.#options.localExpiry || !this.#seenRwServerBefore) return false;
    if (this.#patience.idleRecv < this.#patience.expiration) return false;
    this.#expire(`no server heard for ${this.#patience.expiration} ms`, 'client.local-expiry');
    return true;
  }

  #expire(why: string, rule: RuleId): void {
    this.#drop(why);
    this.#phase = 'over';
    this.#setState('EXPIRED', null, why, rule);
    // The server's word comes to the watcher before the failed calls, as in the real client; by then nothing can be called.
    this.#watcher.session('Expired');
    this.#failAll(this.#failure());
  }

  /**
   * Without an `answer` to closeSession the connection ended first, and the session lives on until it expires; close()
   * has no way to say so.
   */
  #finishClose(why: string, answered?: { readonly request: Pending; readonly outcome: Outcome }): void {
    this.#drop('the handle is closed');
    const failure = this.#failure();
    const failed = this.#takeAll();
    this.#phase = 'over';
    this.#setState('CLOSED', null, why, 'client.close');
    const isClose = (request: Pending) => request.operation.op === 'closeSession';
    for (const request of failed) if (!isClose(request)) this.#watcher.finish(request, failure);
    this.#watcher.session('Closed');
    // Last, as a caller of close() goes on when everything has ended.
    answered?.request.done(answered.outcome);
    for (const request of failed) if (isClose(request)) request.done(NO_ANSWER);
  }

  #drop(why: string): void {
    if (this.#conn !== null) this.#ctx.close(this.#conn, why);
    this.#conn = null;
    this.#search.stop();
    this.#timer?.cancel();
    this.#timer = null;
    this.#phase = 'idle';
    this.#priming = [];
  }

  /** The callbacks may call again at once: what they ask for belongs to the next connection. */
  #failAll(failure: Outcome): void {
    for (const request of this.#takeAll()) this.#watcher.finish(request, failure);
  }

  #takeAll(): readonly Pending[] {
    return [...this.#pending.splice(0), ...this.#outgoing.splice(0)];
  }

  /** `conLossPacket` */
  #failure(): Outcome {
    const dead = this.#state === 'AUTH_FAILED' ? 'AUTHFAILED' : 'SESSIONEXPIRED';
    return { ...NO_ANSWER, server: this.#server, error: this.#phase === 'over' ? dead : 'CONNECTIONLOSS' };
  }

  #setState(state: ClientState, server: Sid | null, why: string, rule: RuleId): void {
    this.#state = state;
    if (server === null) this.#server = null;
    this.#ctx.emit({ kind: 'client-state', state, server, why }, { rule });
  }

  #serverText(): string {
    return this.#server === null ? 'no server' : serverName(this.#server);
  }
}

function withoutStat(result: OperationResult | null): OperationResult | null {
  if (!result) return null;
  const { stat: _, ...rest } = result;
  return rest;
}
