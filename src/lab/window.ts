/** Borders of windows: who runs in lock step must agree on them to the last digit. */
import { TIME_QUANTUM, virtualTime, type VirtualTime } from '../protocol/time.ts';

/** "Run up to here" when nothing has run yet; every other head is an instant. */
export const BEFORE_START = -TIME_QUANTUM;

/** The head right before `t`. */
export function headBefore(t: VirtualTime): number {
  return t === 0 ? BEFORE_START : virtualTime(t - TIME_QUANTUM);
}

/** Where the window that begins right after `head` ends, inclusive. */
export function windowEnd(head: number, to: VirtualTime, window: number): VirtualTime {
  const end = virtualTime(head + window);
  return end < to ? end : to;
}

/** The longest window that is safe while no link is faster than `latency` ms; a whole number of time's steps. */
export function windowFor(latency: number): number {
  return Math.floor(latency / TIME_QUANTUM + 1e-6) * TIME_QUANTUM;
}
