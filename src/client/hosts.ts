/**
 * Which server a client tries next (`StaticHostProvider`). ZooKeeper shuffles the list once; here
 * the order is the one given, so that a scenario says which server comes first.
 */
import { assert } from '../protocol/assert.ts';
import type { Sid } from '../protocol/ids.ts';

/** The extra pause after a full round of servers, ms (`hostProvider.next(1000)`). */
export const ROUND_PAUSE_MS = 1000;

export interface NextHost {
  readonly server: Sid;
  /** A full round has brought no session: pause {@link ROUND_PAUSE_MS} first. */
  readonly afterRound: boolean;
}

export class HostProvider {
  readonly #servers: Sid[];
  /** Index of the server tried last; −1 before the first. */
  #current = -1;
  /** Index at which a round is full: the last one connected, or the first ever tried. */
  #last = -1;
  #wanted: number | null = null;

  /** `servers` in the order in which they are tried; at least one. */
  constructor(servers: readonly Sid[]) {
    assert(servers.length > 0, 'a client needs at least one server');
    this.#servers = [...servers];
  }

  get servers(): readonly Sid[] {
    return this.#servers;
  }

  get size(): number {
    return this.#servers.length;
  }

  next(): NextHost {
    if (this.#wanted !== null) {
      this.#current = this.#wanted;
      this.#wanted = null;
      if (this.#last === -1) this.#last = this.#current;
      return { server: this.#at(this.#current), afterRound: false };
    }
    this.#current = (this.#current + 1) % this.#servers.length;
    const afterRound = this.#current === this.#last;
    if (this.#last === -1) this.#last = 0;
    return { server: this.#at(this.#current), afterRound };
  }

  /** Makes `server` the next one, without the pause of a full round; a server that is not in the list joins its end. */
  prefer(server: Sid): void {
    if (!this.#servers.includes(server)) this.#servers.push(server);
    this.#wanted = this.#servers.indexOf(server);
  }

  /** The session stands on the current server: a round begins here. */
  onConnected(): void {
    this.#last = this.#current;
  }

  #at(index: number): Sid {
    const server = this.#servers[index];
    assert(server !== undefined, 'the host list has no such index');
    return server;
  }
}
