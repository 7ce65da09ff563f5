/**
 * The connections of leader election: one per pair of servers, opened by the one with the larger sid,
 * each with a send queue of one notification. Source: `QuorumCnxManager`.
 *
 * A send here takes no time, so a queue holds a message only while its peer is not connected. The real
 * listener reads one hello at a time; here a peer that connects and says nothing keeps nobody waiting.
 */
import { assert } from '../../protocol/assert.ts';
import { serverName, sidOf, type ActorName, type ConnId, type EventRef, type Sid } from '../../protocol/ids.ts';
import type { Packet } from '../../protocol/network.ts';
import type { Notification } from '../../protocol/packets.ts';
import type { EmitOptions, Timer } from '../../process/io.ts';
import type { ServerContext } from '../context.ts';

/** ms that an attempt to connect may take (`zookeeper.cnxTimeout`). */
const CNX_TIMEOUT_MS = 5_000;

/** A notification with the reason for it, to be sent when its peer is connected. */
interface Queued {
  readonly packet: Notification;
  readonly options: EmitOptions;
}

/** What is kept of a peer. */
interface Peer {
  /** Whether it has a send queue: something was sent to it, or it was connected (`queueSendMap`). */
  hasQueue: boolean;
  /** The queue: at most one message. */
  queued: Queued | null;
  /** `lastMessageSent`, with the event of its sending. */
  last: { readonly packet: Notification; readonly ref: EventRef } | null;
  /** The connection that is up (`senderWorkerMap`). */
  conn: ConnId | null;
  /** A connection being opened by this server (`inprogressConnections`). */
  attempt: { readonly conn: ConnId; readonly timeout: Timer } | null;
}

export class QuorumCnxManager {
  readonly #ctx: ServerContext;
  readonly #receive: (from: Sid, packet: Notification) => void;
  readonly #knows: (sid: Sid) => boolean;
  readonly #peers = new Map<Sid, Peer>();
  /** Connections that peers opened and that have not said hello. */
  readonly #unnamed = new Map<ConnId, Timer>();

  /**
   * `receive` gets every notification, this server's own ones to itself included; `knows`: whether a server is in the
   * committed configuration or in the proposed one, so that there is an address to connect to.
   */
  constructor(ctx: ServerContext, receive: (from: Sid, packet: Notification) => void, knows: (sid: Sid) => boolean) {
    this.#ctx = ctx;
    this.#receive = receive;
    this.#knows = knows;
  }

  /** Listens for peers. */
  start(): void {
    this.#ctx.listen('election', true);
  }

  /** Ends all connections; nothing is sent or received any more. */
  halt(): void {
    const why = 'leader election is restarted';
    for (const [conn, timeout] of this.#unnamed) {
      timeout.cancel();
      this.#ctx.close(conn, why);
    }
    this.#unnamed.clear();
    for (const peer of this.#peers.values()) {
      this.#abandonAttempt(peer, why);
      this.#finish(peer, why);
    }
    this.#peers.clear();
  }

  /**
   * Sends `packet`, or keeps it as the one message that waits for a connection, and asks for that
   * connection. To this server itself it is received within the call.
   */
  toSend(sid: Sid, packet: Notification, options: EmitOptions = {}): void {
    if (sid === this.#ctx.sid) {
      this.#receive(sid, packet);
      return;
    }
    const peer = this.#peer(sid);
    peer.hasQueue = true;
    // It may be sent in a later step, and is still due to the one that asked for it.
    peer.queued = { packet, options: { ...options, causes: [...(options.causes ?? []), this.#ctx.cause] } };
    if (peer.conn !== null) this.#flush(peer);
    else this.connectOne(sid);
  }

  /** Tries to connect to every peer that has a send queue and is not connected. */
  connectAll(): void {
    for (const [sid, peer] of this.#peers) if (peer.hasQueue) this.connectOne(sid);
  }

  /** Whether the send queue of some peer is empty; false if there are no queues. */
  haveDelivered(): boolean {
    return [...this.#peers.values()].some((peer) => peer.hasQueue && peer.queued === null);
  }

  connected(conn: ConnId, actor: ActorName): void {
    const sid = sidOf(actor);
    const peer = sid === null ? undefined : this.#peers.get(sid);
    if (sid === null || peer?.attempt?.conn !== conn) return;
    peer.attempt.timeout.cancel();
    peer.attempt = null;
    const keep = this.#ctx.sid > sid;
    this.#ctx.send(conn, { type: 'HELLO', sid: this.#ctx.sid }, { rule: keep ? 'fle.hello' : 'fle.larger-sid' });
    if (keep) this.#startWorkers(peer, conn);
    else this.#ctx.close(conn, `s${sid} has the larger sid and connects back`);
  }

  connectFailed(conn: ConnId, actor: ActorName): void {
    const sid = sidOf(actor);
    const peer = sid === null ? undefined : this.#peers.get(sid);
    if (peer?.attempt?.conn !== conn) return;
    peer.attempt.timeout.cancel();
    peer.attempt = null;
  }

  accepted(conn: ConnId): void {
    const { syncLimit, tickTime } = this.#ctx.zoo;
    const timeout = this.#ctx.setTimer(syncLimit * tickTime, () => {
      this.#unnamed.delete(conn);
      this.#ctx.close(conn, 'no hello in time');
    });
    this.#unnamed.set(conn, timeout);
  }

  packet(conn: ConnId, packet: Packet): void {
    const timeout = this.#unnamed.get(conn);
    if (timeout) {
      timeout.cancel();
      this.#unnamed.delete(conn);
      if (packet.type === 'HELLO') this.#handleConnection(conn, packet.sid);
      else this.#ctx.close(conn, 'the first message is not a hello');
      return;
    }
    // A connection that is not known was closed or replaced by this server.
    const sid = this.#sidOn(conn);
    if (sid !== null && packet.type === 'NOTIFICATION') this.#receive(sid, packet);
  }

  closed(conn: ConnId): void {
    this.#unnamed.get(conn)?.cancel();
    this.#unnamed.delete(conn);
    const sid = this.#sidOn(conn);
    if (sid !== null) this.#peer(sid).conn = null;
  }

  /** A peer said who it is (`handleConnection`). */
  #handleConnection(conn: ConnId, sid: Sid): void {
    if (sid === this.#ctx.sid) {
      // The real server logs this misconfiguration and leaves the socket alone.
      this.#ctx.close(conn, 'a server with this sid is here already');
      return;
    }
    const peer = this.#peer(sid);
    if (sid > this.#ctx.sid) {
      this.#startWorkers(peer, conn);
      return;
    }
    // A peer that asks for a connection has none, whatever this side still believes.
    this.#finish(peer, `s${sid} asked for a new connection`);
    this.#ctx.close(conn, `s${sid} has the smaller sid`);
    this.#connect(sid, peer);
  }

  /** Connects to a server that is not connected, if it is known (`connectOne`). */
  connectOne(sid: Sid): void {
    if (!this.#knows(sid)) return;
    const peer = this.#peer(sid);
    if (peer.conn === null) this.#connect(sid, peer);
  }

  /** `initiateConnectionAsync`: one attempt per peer at a time. */
  #connect(sid: Sid, peer: Peer): void {
    if (peer.attempt) return;
    const conn = this.#ctx.connect(serverName(sid), 'election');
    const timeout = this.#ctx.setTimer(CNX_TIMEOUT_MS, () => this.#abandonAttempt(peer, 'connect timed out'));
    peer.attempt = { conn, timeout };
  }

  #abandonAttempt(peer: Peer, reason: string): void {
    if (!peer.attempt) return;
    peer.attempt.timeout.cancel();
    this.#ctx.close(peer.attempt.conn, reason);
    peer.attempt = null;
  }

  /** Makes `conn` the connection to `peer` (`SendWorker`, `RecvWorker`). */
  #startWorkers(peer: Peer, conn: ConnId): void {
    this.#finish(peer, 'replaced by a newer connection');
    peer.conn = conn;
    peer.hasQueue = true;
    if (peer.queued) this.#flush(peer);
    else if (peer.last) {
      this.#ctx.send(conn, peer.last.packet, { rule: 'fle.resend-last', causes: [peer.last.ref] });
    }
  }

  #flush(peer: Peer): void {
    assert(peer.conn !== null && peer.queued, 'nothing to send, or no connection to send it on');
    const { packet, options } = peer.queued;
    peer.queued = null;
    peer.last = { packet, ref: this.#ctx.send(peer.conn, packet, options) };
  }

  #finish(peer: Peer, reason: string): void {
    if (peer.conn === null) return;
    this.#ctx.close(peer.conn, reason);
    peer.conn = null;
  }

  #peer(sid: Sid): Peer {
    let peer = this.#peers.get(sid);
    if (!peer) {
      peer = { hasQueue: false, queued: null, last: null, conn: null, attempt: null };
      this.#peers.set(sid, peer);
    }
    return peer;
  }

  #sidOn(conn: ConnId): Sid | null {
    for (const [sid, peer] of this.#peers) if (peer.conn === conn) return sid;
    return null;
  }
}
