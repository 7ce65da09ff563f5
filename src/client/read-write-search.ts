/**
 * While a handle is served by a read-only server it asks the others whether they serve writes
 * (`ClientCnxn.SendThread.pingRwServer`): one at a time on a connection of its own, after 100 ms, then after
 * twice as long each time. The real client waits for the answer and does nothing meanwhile; here it goes on.
 */
import type { ClientEvent } from '../protocol/events.ts';
import { serverName, type ConnId, type Sid } from '../protocol/ids.ts';
import type { Packet } from '../protocol/network.ts';
import type { VirtualTime } from '../protocol/time.ts';
import type { ProcessContext } from '../process/context.ts';
import type { Timer } from '../process/io.ts';

/** ms */
const MIN_PING_RW_TIMEOUT = 100;
const MAX_PING_RW_TIMEOUT = 60_000;
/** Patience with an answer, ms (`setSoTimeout`). */
const ANSWER_TIMEOUT = 1000;

export class ReadWriteSearch {
  readonly #ctx: ProcessContext<ClientEvent>;
  readonly #found: (server: Sid) => void;
  /** ms until the next question, counted from the last one. */
  #timeout = MIN_PING_RW_TIMEOUT;
  /** At first the start of the handle. */
  #lastAsked: VirtualTime;
  #asked: { readonly conn: ConnId; readonly server: Sid; readonly timer: Timer } | null = null;

  /** `found` is told of a server that serves writes. */
  constructor(ctx: ProcessContext<ClientEvent>, found: (server: Sid) => void) {
    this.#ctx = ctx;
    this.#found = found;
    this.#lastAsked = ctx.now();
  }

  /** Whether this connection is the search's, and not the handle's. */
  owns(conn: ConnId): boolean {
    return this.#asked?.conn === conn;
  }

  /** ms until the next server is due. */
  get delay(): number {
    return this.#timeout - (this.#ctx.now() - this.#lastAsked);
  }

  /** Asks the server that `next` gives. */
  ask(next: () => Sid): void {
    this.#lastAsked = this.#ctx.now();
    this.#timeout = Math.min(2 * this.#timeout, MAX_PING_RW_TIMEOUT);
    this.stop();
    const server = next();
    const conn = this.#ctx.connect(serverName(server), 'client');
    this.#asked = { conn, server, timer: this.#ctx.setTimer(ANSWER_TIMEOUT, () => this.stop()) };
  }

  onConnected(): void {
    if (!this.#asked) return;
    this.#ctx.send(this.#asked.conn, { type: 'FourLetterWord', word: 'isro' }, { rule: 'client.read-write-search' });
  }

  onPacket(packet: Packet): void {
    const server = this.#asked?.server;
    this.stop();
    if (server === undefined || packet.type !== 'FourLetterAnswer' || packet.text.trim() !== 'rw') return;
    this.#timeout = MIN_PING_RW_TIMEOUT;
    this.#found(server);
  }

  /** The connection did not come about, or its end has come. */
  onGone(): void {
    this.#asked?.timer.cancel();
    this.#asked = null;
  }

  stop(): void {
    if (this.#asked) this.#ctx.close(this.#asked.conn, 'the question is settled');
    this.onGone();
  }
}
