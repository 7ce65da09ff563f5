/** The ring of servers: nobody covers anybody, wherever and however many. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientName, sid } from '../../../src/protocol/ids.ts';
import { contains, overlap, type Rect } from '../../../src/ui/stage/geometry.ts';
import { layoutStage, presentScale } from '../../../src/ui/stage/layout.ts';
import { figureOf, layRing } from '../../../src/ui/stage/ring.ts';

const SIZES = [
  { width: 800, height: 555 },
  { width: 768, height: 468 },
  { width: 390, height: 410 },
  { width: 1920, height: 740 },
];
const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'].map(clientName);
const sids = (count: number) => Array.from({ length: count }, (_, i) => [sid(i + 1)]);
const homes = (count: number, servers: number) =>
  NAMES.slice(0, count).map((name, i) => ({ name, home: sid((i % servers) + 1) }));

describe.each(SIZES)('on a stage of $width × $height', (size) => {
  test.each([3, 5, 7, 9])('%i servers with their log rows and six clients cover nothing of each other', (count) => {
    const { servers, clients, pill, r, detail } = layoutStage(size, sids(count), homes(6, count));
    const { half, below } = figureOf(r, detail);
    const figures = [...servers.values()].map(({ x, y }): Rect => ({
      x: x - half,
      y: y - r,
      width: 2 * half,
      height: r + below,
    }));
    const pills = [...clients.values()].map(({ x, y }): Rect => ({
      x: x - pill.width / 2,
      y: y - 13,
      width: pill.width,
      height: 36,
    }));
    const all = [...figures, ...pills];
    for (const [i, one] of all.entries()) {
      for (const other of all.slice(i + 1)) expect(overlap(one, other)).toBe(false);
      expect(contains({ x: 0, y: 0, ...size }, one)).toBe(true);
    }
  });
});

test('servers show as much as there is room for', () => {
  const detail = (width: number, height: number, count: number) =>
    layoutStage({ width, height }, sids(count), homes(2, count)).detail;
  expect(detail(800, 555, 5)).toBe('full');
  expect(detail(800, 555, 9)).toBe('compact');
  expect(detail(390, 410, 9)).toBe('tiny');
});

test('presenting draws larger, and shows as much as before', () => {
  const size = { width: 1440, height: 620 };
  const scale = presentScale(size, sids(5), homes(2, 5));
  expect(scale).toBeGreaterThan(1.1);
  const before = layoutStage(size, sids(5), homes(2, 5));
  const after = layoutStage({ width: size.width / scale, height: size.height / scale }, sids(5), homes(2, 5), scale);
  expect(after.detail).toBe(before.detail);
});

test('the ring is the mirror image of itself, the first server at the lower left', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 300, max: 1500 }), (count, width) => {
      const { places, center } = layRing(count, { x: 0, y: 0, width, height: 500 });
      expect(places[0]!.x).toBeLessThan(center.x);
      expect(places[0]!.y).toBeGreaterThanOrEqual(center.y - 1e-6);
      for (const [i, { x, y }] of places.entries()) {
        const mirror = places[count - 1 - i]!;
        expect(x - center.x).toBeCloseTo(center.x - mirror.x, 6);
        expect(y).toBeCloseTo(mirror.y, 6);
      }
    }),
  );
});
