/**
 * Transaction ids: epoch in the high 32 bits, counter in the low 32 (`ZxidUtils`). Kept as one
 * JavaScript number, exact while the epoch stays below 2^21; comparison is `<` and `===`.
 */
import { assert } from './assert.ts';
import type { Brand } from './brand.ts';

/** epoch * 2^32 + counter; −1 means "unknown" as in ZooKeeper. */
export type Zxid = Brand<number, 'Zxid'>;
/** The epoch of an established leader; −1 where ZooKeeper says −1. */
export type Epoch = Brand<number, 'Epoch'>;

const COUNTERS = 2 ** 32;
/** Largest epoch that a {@link Zxid} can hold exactly. */
export const EPOCH_MAX = 2 ** 21 - 1;
/** Largest counter of an epoch; a leader steps down before it would be used (`Leader.propose`). */
export const COUNTER_MAX = COUNTERS - 1;
export const ZXID_ZERO = 0 as Zxid;
export const ZXID_UNKNOWN = -1 as Zxid;

/** @throws InvariantError unless −1 ≤ n ≤ 2^21 − 1. */
export function epoch(n: number): Epoch {
  assert(Number.isInteger(n) && n >= -1 && n <= EPOCH_MAX, `an epoch is an integer from -1 to ${EPOCH_MAX}, got ${n}`);
  return n as Epoch;
}

/** @throws InvariantError if epoch or counter is out of range. */
export function makeZxid(e: number, counter: number): Zxid {
  assert(Number.isInteger(e) && e >= 0 && e <= EPOCH_MAX, `epoch out of range: ${e}`);
  assert(Number.isInteger(counter) && counter >= 0 && counter <= COUNTER_MAX, `counter out of range: ${counter}`);
  return (e * COUNTERS + counter) as Zxid;
}

export function epochOf(zxid: Zxid): Epoch {
  return (zxid < 0 ? -1 : Math.floor(zxid / COUNTERS)) as Epoch;
}

/** The low 32 bits; 0 names no transaction but the start of an epoch (NEWLEADER). */
export function counterOf(zxid: Zxid): number {
  return zxid < 0 ? COUNTER_MAX : zxid % COUNTERS;
}

/** The zxid after `zxid` in the same epoch. */
export function nextZxid(zxid: Zxid): Zxid {
  return makeZxid(epochOf(zxid), counterOf(zxid) + 1);
}

/** `0x200000007`; −1 prints as ZooKeeper prints it, `0xffffffffffffffff`. */
export function formatZxid(zxid: Zxid): string {
  return zxid < 0 ? '0xffffffffffffffff' : `0x${zxid.toString(16)}`;
}

/** The inverse of {@link formatZxid}; null if `text` is not a zxid that can be held. */
export function parseZxid(text: string): Zxid | null {
  if (text === '0xffffffffffffffff') return ZXID_UNKNOWN;
  if (!/^0x[0-9a-f]{1,14}$/i.test(text)) return null;
  const value = Number.parseInt(text.slice(2), 16);
  return value <= EPOCH_MAX * COUNTERS + COUNTER_MAX ? (value as Zxid) : null;
}
