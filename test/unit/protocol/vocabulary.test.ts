import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/protocol/random.ts';
import { addMs, justAfter, virtualTime } from '../../../src/protocol/time.ts';
import {
  COUNTER_MAX,
  counterOf,
  EPOCH_MAX,
  epochOf,
  formatZxid,
  makeZxid,
  nextZxid,
  parseZxid,
  ZXID_UNKNOWN,
} from '../../../src/protocol/zxid.ts';

const epochs = fc.integer({ min: 0, max: EPOCH_MAX });
const counters = fc.integer({ min: 0, max: COUNTER_MAX });

describe('zxid', () => {
  test('order is total: by epoch, then by counter', () => {
    fc.assert(
      fc.property(epochs, counters, epochs, counters, (e, n, f, m) => {
        const expected = e === f ? Math.sign(n - m) : Math.sign(e - f);
        expect(Math.sign(makeZxid(e, n) - makeZxid(f, m))).toBe(expected);
      }),
    );
  });

  test('its halves and its text come back', () => {
    fc.assert(
      fc.property(epochs, counters, (e, n) => {
        const zxid = makeZxid(e, n);
        expect([epochOf(zxid), counterOf(zxid)]).toEqual([e, n]);
        expect(parseZxid(formatZxid(zxid))).toBe(zxid);
      }),
    );
    expect(formatZxid(makeZxid(2, 7))).toBe('0x200000007');
    expect(parseZxid(formatZxid(ZXID_UNKNOWN))).toBe(ZXID_UNKNOWN);
  });

  test('what cannot be held is refused, and a counter does not run into the epoch', () => {
    for (const text of ['', '7', '0x', '0xg', '0x20000000000000', '0x-1']) expect(parseZxid(text)).toBeNull();
    expect(() => nextZxid(makeZxid(1, COUNTER_MAX))).toThrow();
  });
});

describe('virtual time', () => {
  test('stays on its grid however it is summed, and always has a next instant', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 12 }), fc.integer({ min: 1, max: 10 ** 6 }), (micros, more) => {
        const t = virtualTime(micros / 1000);
        expect(addMs(t, more / 1000)).toBe((micros + more) / 1000);
        expect(justAfter(t)).toBeGreaterThan(t);
      }),
    );
  });
});

describe('random streams', () => {
  const draw = (seed: number, name: string): number[] => {
    const stream = Random.stream(seed, name);
    return Array.from({ length: 4 }, () => stream.uint32());
  };

  test('are the same for the same seed and name, and others for another', () => {
    expect(draw(42, 'latency')).toEqual(draw(42, 'latency'));
    expect(draw(42, 'latency')).not.toEqual(draw(42, 'disk'));
    expect(draw(42, 'latency')).not.toEqual(draw(43, 'latency'));
    expect(draw(42, 'latency')).not.toEqual(draw(42 + 2 ** 32, 'latency'));
  });

  test('stay within their bounds and reach all of them', () => {
    const stream = Random.stream(1, 'bounds');
    const seen = new Set(Array.from({ length: 1000 }, () => stream.below(6)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    for (let i = 0; i < 1000; i++) {
      const latency = stream.between(15, 25);
      expect(latency).toBeGreaterThanOrEqual(15);
      expect(latency).toBeLessThanOrEqual(25);
    }
  });
});
