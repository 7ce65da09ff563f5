/**
 * How fast virtual time passes on the screen, and what playback stops at. Pure functions of what is
 * visible at the playhead; nothing here knows of frames.
 */
import type { PacketSummary, TraceEvent } from '../../protocol/events.ts';

/** Virtual ms per second of wall time. */
export interface PaceRange {
  readonly slow: number;
  readonly fast: number;
}

export const PACE_MIN = 5;
export const PACE_MAX = 5000;
export const DEFAULT_PACE: PaceRange = { slow: 25, fast: 1000 };

/** The values that the speed control offers. */
export const PACE_STEPS = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000] as const;

/** A range inside the limits, with `slow` ≤ `fast`. */
export function paceRange(slow: number, fast: number): PaceRange {
  const inside = (value: number) => Math.min(PACE_MAX, Math.max(PACE_MIN, Number.isFinite(value) ? value : PACE_MIN));
  return { slow: inside(slow), fast: Math.max(inside(slow), inside(fast)) };
}

/** Pings and their answers keep sessions and links alive and tell nothing else. */
export function isInteresting(packet: PacketSummary): boolean {
  return packet.type !== 'PING' && packet.op !== 'ping';
}

/** What smart pace looks at: messages that are on their way. */
export interface Flight {
  readonly packet: PacketSummary;
  readonly arrives: number | null;
}

/** In how many virtual ms the next message other than a ping lands; null: none flies. A held one does not fly. */
export function nextLanding(messages: Iterable<Flight>, at: number): number | null {
  let soonest: number | null = null;
  for (const { packet, arrives } of messages) {
    if (arrives === null || arrives <= at || !isInteresting(packet)) continue;
    soonest = Math.min(soonest ?? Infinity, arrives - at);
  }
  return soonest;
}

/** After the last interesting message landed, time speeds up gently: this many wall ms from slow to fast. */
export const SPEED_UP_MS = 600;

/** What flies for long on a slow link gets near its end in about so many wall ms, and is slow from there. */
export const APPROACH_MS = 1200;

/**
 * The pace now. With smart pace it is slow while something interesting flies, or as fast as a long flight
 * wants, and grows to fast, on a logarithmic scale, over {@link SPEED_UP_MS} of quiet; without it, it is
 * always `slow`.
 *
 * @param landsIn virtual ms until something interesting lands, or null
 * @param quietForMs wall ms since something interesting flew
 */
export function paceAt(range: PaceRange, smart: boolean, landsIn: number | null, quietForMs: number): number {
  if (!smart) return range.slow;
  if (landsIn !== null) return Math.min(range.fast, Math.max(range.slow, (landsIn / APPROACH_MS) * 1000));
  const part = Math.min(1, Math.max(0, quietForMs / SPEED_UP_MS));
  return range.slow * (range.fast / range.slow) ** part;
}

/** The next faster (+1) or slower (−1) value that the control offers. */
export function nextPace(pace: number, direction: 1 | -1): number {
  const steps = direction === 1 ? PACE_STEPS : [...PACE_STEPS].reverse();
  return steps.find((step) => (step - pace) * direction > 0.001) ?? (direction === 1 ? PACE_MAX : PACE_MIN);
}

/** Whether stepping stops at this event: all but pings and the small print of disks and sockets. */
export function isStep(event: TraceEvent): boolean {
  switch (event.kind) {
    case 'send':
      return isInteresting(event.packet);
    case 'receive':
      return event.type !== 'PING';
    case 'fsync-started':
    case 'fsync-done':
    case 'connect':
    case 'connected':
    case 'written-back':
    case 'action':
      return false;
    default:
      return true;
  }
}
