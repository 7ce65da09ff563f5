/**
 * Virtual time: milliseconds from the start of the lab, a multiple of 0.001 ms. Every instant goes
 * through {@link virtualTime}, so equal instants are equal numbers on every host.
 */
import { assert } from './assert.ts';
import type { Brand } from './brand.ts';

/** Virtual milliseconds since the lab began. */
export type VirtualTime = Brand<number, 'VirtualTime'>;

/** The smallest step of virtual time, in ms. */
export const TIME_QUANTUM = 0.001;

/** Milliseconds since 1970 at virtual time 0: 2026-01-01T00:00:00Z. Wall clocks in the lab derive from it. */
export const WALL_CLOCK_EPOCH_MS = 1_767_225_600_000;

/** @throws InvariantError if `ms` is not a finite number of at least 0. */
export function virtualTime(ms: number): VirtualTime {
  assert(Number.isFinite(ms) && ms >= 0, `virtual time must be a finite number of ms ≥ 0, got ${ms}`);
  return (Math.round(ms * 1000) / 1000) as VirtualTime;
}

/** `t` plus `ms`, on the grid. */
export function addMs(t: VirtualTime, ms: number): VirtualTime {
  return virtualTime(t + ms);
}

/** The instant right after `t`. */
export function justAfter(t: VirtualTime): VirtualTime {
  return virtualTime(t + TIME_QUANTUM);
}
