/** A machine's own clock, which may run faster or slower than virtual time, and the timers set by it. */
import type { EventRef } from '../../protocol/ids.ts';
import { virtualTime, type VirtualTime } from '../../protocol/time.ts';

interface PendingTimer {
  /** By this clock. */
  readonly at: VirtualTime;
  readonly cause: EventRef;
  /** Which entry of the event queue is the valid one. */
  readonly serial: number;
}

/** An entry of the event queue: the timer is due, unless it was cancelled or moved since. */
export interface TimerDue {
  readonly timer: number;
  readonly serial: number;
}

export class Clock {
  readonly #timers = new Map<number, PendingTimer>();
  readonly #schedule: (at: VirtualTime, due: TimerDue) => void;
  #rate: number;
  /** At virtual time `#since` this clock showed `#shown`. */
  #since: VirtualTime;
  #shown: VirtualTime;
  #latest: VirtualTime;
  #serial = 0;

  /** Right at `now`, with `rate` of its own ms in a virtual ms. */
  constructor(now: VirtualTime, rate: number, schedule: (at: VirtualTime, due: TimerDue) => void) {
    this.#since = this.#shown = this.#latest = now;
    this.#rate = rate;
    this.#schedule = schedule;
  }

  /** What the clock shows at `now`; never less than it showed before. */
  read(now: VirtualTime): VirtualTime {
    const shown = this.#rate === 1 && this.#since === this.#shown ? now : this.#showAt(now);
    if (shown > this.#latest) this.#latest = shown;
    return this.#latest;
  }

  setRate(now: VirtualTime, rate: number): void {
    this.#shown = this.read(now);
    this.#since = now;
    this.#rate = rate;
    for (const [timer, { at, cause }] of this.#timers) this.set(now, timer, at, cause);
  }

  /** Sets a timer for `at` by this clock. */
  set(now: VirtualTime, timer: number, at: VirtualTime, cause: EventRef): void {
    const serial = this.#serial++;
    this.#timers.set(timer, { at, cause, serial });
    const due = this.#rate === 1 && this.#since === this.#shown ? at : this.#instantOf(at);
    this.#schedule(due > now ? due : now, { timer, serial });
  }

  cancel(timer: number): void {
    this.#timers.delete(timer);
  }

  /** The cause of a timer that is due, or null if this entry of the queue does not count any more. */
  take({ timer, serial }: TimerDue): EventRef | null {
    const pending = this.#timers.get(timer);
    if (!pending || pending.serial !== serial) return null;
    this.#timers.delete(timer);
    // Rounding must not show the process an instant before the one it asked for.
    if (pending.at > this.#latest) this.#latest = pending.at;
    return pending.cause;
  }

  #showAt(now: VirtualTime): VirtualTime {
    return virtualTime(this.#shown + (now - this.#since) * this.#rate);
  }

  #instantOf(at: VirtualTime): VirtualTime {
    return virtualTime(Math.max(this.#since, this.#since + (at - this.#shown) / this.#rate));
  }
}
