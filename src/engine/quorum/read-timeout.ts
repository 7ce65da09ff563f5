/**
 * The time-out of reads from a quorum connection (`Socket.setSoTimeout`). It runs only while its owner
 * reads: a thread that is busy with its disk, or waits for the leader, does not notice silence.
 */
import type { EventRef } from '../../protocol/ids.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import type { Timer } from '../../process/io.ts';
import type { ServerContext } from '../context.ts';

export interface Reader {
  /** Whether the owner is reading now. */
  readonly reading: boolean;
  /** A read took longer than `ms`. `heard`: the event since which it lasts. */
  silent(ms: number, heard: EventRef): void;
}

export class ReadTimeout {
  readonly #ctx: ServerContext;
  readonly #reader: Reader;
  #ms: number;
  #since: VirtualTime;
  #heard: EventRef;
  #timer: Timer;

  /** Begins at once. */
  constructor(ctx: ServerContext, ms: number, reader: Reader) {
    this.#ctx = ctx;
    this.#reader = reader;
    this.#ms = ms;
    this.#since = ctx.now();
    this.#heard = ctx.cause;
    this.#timer = this.#arm(ms);
  }

  /** Something was read, or the owner begins to read again. */
  restart(): void {
    this.#since = this.#ctx.now();
    this.#heard = this.#ctx.cause;
  }

  /** Another limit, from now on. */
  change(ms: number): void {
    this.#ms = ms;
    this.restart();
    this.#timer.cancel();
    this.#timer = this.#arm(ms);
  }

  cancel(): void {
    this.#timer.cancel();
  }

  /** One timer at a time, which looks at the clock when it is due: packets are many, silences few. */
  #arm(delayMs: number): Timer {
    return this.#ctx.setTimer(delayMs, () => {
      const left = this.#reader.reading ? this.#since + this.#ms - this.#ctx.now() : this.#ms;
      if (left <= 0) this.#reader.silent(this.#ms, this.#heard);
      else this.#timer = this.#arm(left);
    });
  }
}
