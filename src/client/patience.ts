/** How long a handle waits for what (`ClientCnxn`'s timeouts), and since when. All in ms. */
import { assert } from '../protocol/assert.ts';
import type { VirtualTime } from '../protocol/time.ts';

/** Longest silence of a client's own (`MAX_SEND_PING_INTERVAL`). */
const MAX_SEND_PING_INTERVAL = 10_000;

export class Patience {
  readonly #now: () => VirtualTime;
  #lastSend: VirtualTime;
  #lastHeard: VirtualTime;
  /** For a session on one server. */
  connect = 0;
  /** For any packet of a server that serves. */
  read = 0;
  /** For any server at all. */
  expiration = 0;

  /** `timeout`: of the session, as wished; `hosts`: how many servers share it. */
  constructor(now: () => VirtualTime, timeout: number, hosts: number) {
    this.#now = now;
    this.#lastSend = now();
    this.#lastHeard = now();
    this.negotiated(timeout, hosts);
  }

  negotiated(timeout: number, hosts: number): void {
    assert(hosts > 0, 'a client needs at least one server');
    this.connect = Math.floor(timeout / hosts);
    this.read = Math.floor((timeout * 2) / 3);
    this.expiration = Math.floor((timeout * 4) / 3);
  }

  sent(): void {
    this.#lastSend = this.#now();
  }

  heard(): void {
    this.#lastHeard = this.#now();
  }

  get idleSend(): number {
    return this.#since(this.#lastSend);
  }

  get idleRecv(): number {
    return this.#since(this.#lastHeard);
  }

  /** Until the next ping is due; 1000 ms early once a second has passed, so that a second ping is not missed. */
  get toNextPing(): number {
    return this.read / 2 - this.idleSend - (this.idleSend > 1000 ? 1000 : 0);
  }

  get pingIsDue(): boolean {
    return this.toNextPing <= 0 || this.idleSend > MAX_SEND_PING_INTERVAL;
  }

  /** On the grid of virtual time. */
  #since(last: VirtualTime): number {
    return Math.round((this.#now() - last) * 1000) / 1000;
  }
}
