/**
 * The clients' port (`ServerCnxnFactory`, `NIOServerCnxnFactory`). It listens as long as the process
 * runs; whom it serves changes with the server's role. With no serving role a connection is accepted
 * and closed at its connect request, so that the client tries another server. The limit on outstanding
 * requests (globalOutstandingLimit) is left out.
 */
import { LAB, NO_SESSION, type ActorName, type ConnId, type EventRef, type SessionId } from '../../protocol/ids.ts';
import { isAdminCommand } from '../../protocol/monitoring.ts';
import type { Packet } from '../../protocol/network.ts';
import type { ClientPacket, Operation } from '../../protocol/operations.ts';
import type { RuleId } from '../../protocol/rules/index.ts';
import { frameLength } from '../../protocol/wire/index.ts';
import type { AuthId } from '../../protocol/znode.ts';
import type { ServerContext } from '../context.ts';
import { Monitor, type MonitoredServer } from '../monitor/index.ts';
import { ExpiryQueue } from '../session/expiry-queue.ts';
import type { WatchNotification } from '../tree/watch-manager.ts';
import { ServerCnxn, SESSIONLESS_CNXN_TIMEOUT } from './server-cnxn.ts';

export type ConnectRequest = Extract<ClientPacket, { readonly type: 'ConnectRequest' }>;

/** The serving role (`ZooKeeperServer`) as connections need it. */
export interface ClientServer extends MonitoredServer {
  /** Serves without a quorum. */
  readonly readOnly: boolean;
  processConnectRequest(cnxn: ServerCnxn, request: ConnectRequest): void;
  processPacket(cnxn: ServerCnxn, xid: number, operation: Operation, cause: EventRef): void;
  /** The connection of this session is gone, with its watches. */
  removeCnxn(cnxn: ServerCnxn): void;
}

/** Bytes before each frame. */
const LENGTH_WORD = 4;
/** Ports of clients' sides count up from here. */
const FIRST_CLIENT_PORT = 40_000;
/** A long answer leaves in pieces of so many characters, and each counts as a packet (`NIOServerCnxn.SendBufferWriter`). */
const ANSWER_PIECE = 8192;

export class ServerCnxnFactory {
  readonly monitor: Monitor;
  readonly #ctx: ServerContext;
  readonly #cnxns = new Map<ConnId, ServerCnxn>();
  /** The one connection of each session here, from its connect request on. */
  readonly #bySession = new Map<SessionId, ServerCnxn>();
  readonly #expiryQueue: ExpiryQueue<ServerCnxn>;
  #server: ClientServer | null = null;
  #nextPort = FIRST_CLIENT_PORT;

  constructor(ctx: ServerContext) {
    this.#ctx = ctx;
    this.monitor = new Monitor(ctx, this);
    // The interval of the buckets is the sessionless timeout too, so silence is noticed up to 10 s late.
    this.#expiryQueue = new ExpiryQueue(ctx, SESSIONLESS_CNXN_TIMEOUT, (cnxn) => {
      ctx.metrics.count('sessionless_connections_expired');
      const rule = cnxn.initialized ? 'session.silent-connection' : 'session.sessionless';
      this.close(cnxn, `silent for ${cnxn.sessionTimeout} ms`, rule);
    });
  }

  /** Opens the port. */
  start(): void {
    this.#ctx.listen('client', true);
  }

  /** Another port: `known` tells whether clients find it. Connections that stand go on (`NIOServerCnxnFactory.reconfigure`). */
  reconfigure(known: boolean): void {
    this.#ctx.listen('client', known);
  }

  /** From now on connections are served by `server`; null: by nobody. Open connections stay. */
  setServer(server: ClientServer | null): void {
    this.#server = server;
  }

  accepted(conn: ConnId, client: ActorName): void {
    if (!this.#admit(this.#newCnxn(conn, client)))
      this.#ctx.close(conn, `there are ${this.#ctx.zoo.maxClientCnxns} connections from its address already`);
  }

  /** Open connections, in the order of their coming. */
  get all(): readonly ServerCnxn[] {
    return [...this.#cnxns.values()];
  }

  /** When each is taken for dead, soonest first. */
  get expiries(): ExpiryQueue<ServerCnxn>['buckets'] {
    return this.#expiryQueue.buckets;
  }

  /**
   * An operator asks: a four-letter word on a connection of its own, which ends with the answer, or a command of the admin
   * server. Emits `answered`.
   * @param command a monitor command (`isMonitorCommand`)
   */
  ask(command: string): void {
    if (isAdminCommand(command)) {
      const answer = this.monitor.answer(command, this.#server);
      this.#answered(command, answer?.text ?? '', answer?.rule);
      return;
    }
    const cnxn = this.#newCnxn(`lab#0.${this.#nextPort}` as ConnId, LAB);
    if (!this.#admit(cnxn)) {
      this.#answered(command, '', 'session.connection-limit');
      return;
    }
    const answer = this.#wordOn(cnxn, command);
    this.#forget(cnxn, 'answered', undefined);
    this.#answered(command, answer?.text ?? '', answer?.rule);
  }

  packet(conn: ConnId, packet: Packet): void {
    const cnxn = this.#cnxns.get(conn);
    // Packets may still arrive on a connection that was closed here.
    if (!cnxn) return;
    this.touchCnxn(cnxn);
    switch (packet.type) {
      case 'ConnectRequest':
      case 'Request':
        if (cnxn.recvEnabled) this.#read(cnxn, packet, this.#ctx.cause);
        else cnxn.waiting.push({ packet, cause: this.#ctx.cause });
        return;
      case 'BadFrame':
        this.close(cnxn, packet.why, 'request.bad-frame');
        return;
      case 'FourLetterWord':
        this.#word(cnxn, packet.word);
        return;
      default:
        this.close(cnxn, `a client does not send ${packet.type}`);
    }
  }

  /** The client's side closed, or the connection broke. */
  closed(conn: ConnId): void {
    const cnxn = this.#cnxns.get(conn);
    if (!cnxn) return;
    this.#ctx.metrics.count('connection_drop_count');
    this.#forget(cnxn, 'connection closed by the other side', undefined);
  }

  /** The open connection called `conn`, or null. */
  get(conn: ConnId): ServerCnxn | null {
    return this.#cnxns.get(conn) ?? null;
  }

  /** The connection carries this session from now on (`addSession`). */
  addSession(session: SessionId, cnxn: ServerCnxn): void {
    cnxn.sessionId = session;
    this.#bySession.set(session, cnxn);
  }

  /** Closes the connection of a session, if it is here. */
  closeSession(session: SessionId, why: string, rule: RuleId): void {
    const cnxn = this.#bySession.get(session);
    if (cnxn) this.close(cnxn, why, rule);
  }

  closeAll(why: string, rule: RuleId): void {
    for (const cnxn of [...this.#cnxns.values()]) this.close(cnxn, why, rule);
  }

  close(cnxn: ServerCnxn, why: string, rule?: RuleId): void {
    if (this.#cnxns.get(cnxn.conn) !== cnxn) return;
    this.#forget(cnxn, why, rule);
    this.#ctx.close(cnxn.conn, why);
  }

  /** The client was heard from, or its timeout was negotiated. */
  touchCnxn(cnxn: ServerCnxn): void {
    this.#expiryQueue.update(cnxn, cnxn.sessionTimeout);
  }

  /** The session is established: what waited is read now. */
  enableRecv(cnxn: ServerCnxn): void {
    cnxn.recvEnabled = true;
    while (cnxn.recvEnabled && this.#cnxns.has(cnxn.conn)) {
      const next = cnxn.waiting.shift();
      if (!next) return;
      this.#read(cnxn, next.packet, next.cause);
    }
  }

  /** How the session's client is known; empty if it is not connected here. */
  authInfoOf(session: SessionId): readonly AuthId[] {
    return this.#bySession.get(session)?.authInfo ?? [];
  }

  /** Tells the session's client of a watch event. */
  deliver(session: SessionId, notification: WatchNotification, fired: EventRef): void {
    const send = (): void => this.#bySession.get(session)?.process(notification, fired);
    if (this.#ctx.broken('watch-fires-late')) {
      this.#ctx.setTimer(this.#ctx.zoo.tickTime, send);
      return;
    }
    send();
    if (this.#ctx.broken('watch-fires-twice')) send();
  }

  #read(cnxn: ServerCnxn, packet: ClientPacket, cause: EventRef): void {
    const { juteMaxBuffer } = this.#ctx.zoo;
    const length = frameLength(packet);
    if (length > juteMaxBuffer) {
      const why = `a packet of ${length} bytes is longer than jute.maxbuffer, ${juteMaxBuffer}`;
      this.close(cnxn, why, 'request.max-buffer');
      return;
    }
    if (!this.#server) {
      this.#ctx.emit(
        { kind: 'client-refused', client: cnxn.client, conn: cnxn.conn, why: 'NOT_SERVING' },
        { rule: 'session.not-serving' },
      );
      this.close(cnxn, 'not serving', 'session.not-serving');
      return;
    }
    cnxn.packetReceived(LENGTH_WORD + length);
    if (packet.type === 'ConnectRequest' && !cnxn.initialized) {
      this.#server.processConnectRequest(cnxn, packet);
    } else if (packet.type === 'Request' && cnxn.initialized) {
      this.#server.processPacket(cnxn, packet.xid, packet.operation, cause);
    } else {
      this.close(cnxn, `${packet.type} is not expected now`);
    }
  }

  #connectionsFrom(address: string): number {
    let count = 0;
    for (const cnxn of this.#cnxns.values()) if (cnxn.address === address) count++;
    return count;
  }

  #newCnxn(conn: ConnId, client: ActorName): ServerCnxn {
    return new ServerCnxn(this.#ctx, conn, client, this.#nextPort++, () => this.#server);
  }

  /** False: there are as many connections from its address as may be. */
  #admit(cnxn: ServerCnxn): boolean {
    const { maxClientCnxns } = this.#ctx.zoo;
    if (maxClientCnxns > 0 && this.#connectionsFrom(cnxn.address) >= maxClientCnxns) {
      this.#ctx.metrics.count('connection_rejected');
      const { client, conn } = cnxn;
      const body = { kind: 'client-refused', client, conn, why: 'TOO_MANY_CONNECTIONS' } as const;
      this.#ctx.emit(body, { rule: 'session.connection-limit' });
      return false;
    }
    this.#cnxns.set(cnxn.conn, cnxn);
    this.touchCnxn(cnxn);
    return true;
  }

  /** Instead of a connect request; the connection ends with the answer. */
  #word(cnxn: ServerCnxn, word: string): void {
    const answer = cnxn.initialized ? null : this.#wordOn(cnxn, word);
    if (answer) this.#ctx.send(cnxn.conn, { type: 'FourLetterAnswer', text: answer.text }, { rule: answer.rule });
    this.close(cnxn, answer ? `${word} is answered` : `${word} is not expected now`);
  }

  #wordOn(cnxn: ServerCnxn, word: string): ReturnType<Monitor['answer']> {
    cnxn.asked = true;
    cnxn.packetReceived(LENGTH_WORD);
    const answer = this.monitor.answer(word, this.#server);
    for (let sent = 0; sent < (answer?.text.length ?? 0); sent += ANSWER_PIECE) cnxn.packetSent();
    return answer;
  }

  #answered(command: string, text: string, rule: RuleId | undefined): void {
    const lines = text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    this.#ctx.emit({ kind: 'answered', command, lines }, rule ? { rule } : {});
  }

  #forget(cnxn: ServerCnxn, why: string, rule: RuleId | undefined): void {
    this.#cnxns.delete(cnxn.conn);
    this.#expiryQueue.remove(cnxn);
    cnxn.waiting.length = 0;
    const { sessionId, conn, client } = cnxn;
    if (sessionId === NO_SESSION || this.#bySession.get(sessionId) !== cnxn) return;
    this.#bySession.delete(sessionId);
    if (cnxn.attached) {
      this.#ctx.emit({ kind: 'session-detached', sessionId, conn, client, why }, rule ? { rule } : {});
    }
    this.#server?.removeCnxn(cnxn);
  }
}
