import { expect, test } from 'vitest';
import {
  APPROACH_MS,
  isInteresting,
  nextLanding,
  nextPace,
  PACE_MAX,
  PACE_MIN,
  paceAt,
  paceRange,
  SPEED_UP_MS,
} from '../../../src/ui/state/pace.ts';

const range = { slow: 20, fast: 2000 };

test('smart pace is slow while something flies and reaches fast after a moment of quiet', () => {
  expect(paceAt(range, true, 5, 0)).toBe(20);
  expect(paceAt(range, true, null, 0)).toBe(20);
  expect(paceAt(range, true, null, SPEED_UP_MS)).toBeCloseTo(2000);
  expect(paceAt(range, true, null, 100 * SPEED_UP_MS)).toBeCloseTo(2000);
});

test('between slow and fast it grows, on a logarithmic scale', () => {
  expect(paceAt(range, true, null, SPEED_UP_MS / 2)).toBeCloseTo(200);
});

test('without smart pace it is always the slow one', () => {
  expect(paceAt(range, false, null, 10 * SPEED_UP_MS)).toBe(20);
});

test('pings are silence, all else is interesting', () => {
  expect(isInteresting({ type: 'PING' })).toBe(false);
  expect(isInteresting({ type: 'Request', op: 'ping' })).toBe(false);
  expect(isInteresting({ type: 'Request', op: 'create' })).toBe(true);
  expect(isInteresting({ type: 'NOTIFICATION' })).toBe(true);
});

test('a long flight is hurried through, and slow at its end', () => {
  expect(paceAt(range, true, (APPROACH_MS / 1000) * 700, 0)).toBeCloseTo(700);
  expect(paceAt(range, true, 1, 0)).toBe(20);
  expect(paceAt(range, true, 1e6, 0)).toBe(2000);
});

test('a landed or held message does not slow the pace', () => {
  const packet = { type: 'PROPOSAL' } as const;
  expect(nextLanding([{ packet, arrives: 10 }], 9)).toBe(1);
  expect(nextLanding([{ packet, arrives: 10 }], 10)).toBeNull();
  expect(nextLanding([{ packet, arrives: null }], 0)).toBeNull();
  expect(nextLanding([{ packet: { type: 'PING' }, arrives: 10 }], 0)).toBeNull();
});

test('the message that lands first sets the pace', () => {
  const packet = { type: 'PROPOSAL' } as const;
  expect(
    nextLanding(
      [
        { packet, arrives: 400 },
        { packet, arrives: 12 },
      ],
      2,
    ),
  ).toBe(10);
});

test('a range stays inside the limits and in order', () => {
  expect(paceRange(1, 99_999)).toEqual({ slow: PACE_MIN, fast: PACE_MAX });
  expect(paceRange(500, 100)).toEqual({ slow: 500, fast: 500 });
  expect(paceRange(Number.NaN, 100).slow).toBe(PACE_MIN);
});

test('the next pace is the next one offered', () => {
  expect(nextPace(25, 1)).toBe(50);
  expect(nextPace(30, 1)).toBe(50);
  expect(nextPace(30, -1)).toBe(25);
  expect(nextPace(PACE_MAX, 1)).toBe(PACE_MAX);
  expect(nextPace(PACE_MIN, -1)).toBe(PACE_MIN);
});
