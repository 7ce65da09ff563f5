import { describe, expect, test } from 'vitest';
import { clientName, sid } from '../../../src/protocol/ids.ts';
import { distance, overlap, type Rect } from '../../../src/ui/stage/geometry.ts';
import { layoutStage, ringAngle, type StageLayout } from '../../../src/ui/stage/layout.ts';

const SIZES = [
  { width: 800, height: 555 },
  { width: 768, height: 468 },
  { width: 390, height: 400 },
  { width: 1440, height: 800 },
];
const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'].map(clientName);

function lay(size: { width: number; height: number }, servers: number, clients: number): StageLayout {
  const sids = Array.from({ length: servers }, (_, i) => sid(i + 1));
  const places = NAMES.slice(0, clients).map((name, i) => ({ name, home: sid((i % servers) + 1) }));
  return layoutStage(
    size,
    sids.map((id) => [id]),
    places,
  );
}

function pillRects({ clients, pill }: StageLayout): Rect[] {
  return [...clients.values()].map(({ x, y }) => ({
    x: x - pill.width / 2,
    y: y - pill.height / 2,
    width: pill.width,
    height: pill.height + 14,
  }));
}

describe.each(SIZES)('on a stage of $width × $height', (size) => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])('%i servers stand apart and inside', (count) => {
    const { servers, r } = lay(size, count, 2);
    const places = [...servers.values()];
    expect(places).toHaveLength(count);
    for (const [i, one] of places.entries()) {
      expect(one.x - r).toBeGreaterThanOrEqual(0);
      expect(one.x + r).toBeLessThanOrEqual(size.width);
      expect(one.y - r).toBeGreaterThanOrEqual(40);
      expect(one.y + r).toBeLessThanOrEqual(size.height - 40);
      for (const other of places.slice(i + 1)) expect(distance(one, other)).toBeGreaterThan(2 * r);
    }
  });

  test.each([1, 2, 3, 4, 5, 6])('%i clients cover neither each other nor a server', (count) => {
    const layout = lay(size, 5, count);
    const pills = pillRects(layout);
    expect(pills).toHaveLength(count);
    const bodies = [...layout.servers.values()].map(({ x, y }) => ({
      x: x - layout.r,
      y: y - layout.r,
      width: 2 * layout.r,
      height: 2 * layout.r,
    }));
    for (const [i, pill] of pills.entries()) {
      for (const other of [...pills.slice(i + 1), ...bodies]) expect(overlap(pill, other)).toBe(false);
      expect(pill.x).toBeGreaterThanOrEqual(0);
      expect(pill.x + pill.width).toBeLessThanOrEqual(size.width);
    }
  });
});

test('a client stands on the side of its first server', () => {
  const size = { width: 800, height: 555 };
  const homes = [
    { name: clientName('left'), home: sid(2) },
    { name: clientName('right'), home: sid(4) },
  ];
  const layout = layoutStage(
    size,
    [1, 2, 3, 4, 5].map((id) => [sid(id)]),
    homes,
  );
  expect(layout.clients.get(clientName('left'))?.x).toBeLessThan(layout.servers.get(sid(2))?.x ?? 0);
  expect(layout.clients.get(clientName('right'))?.x).toBeGreaterThan(layout.servers.get(sid(4))?.x ?? Infinity);
});

test('the ring is symmetric, with the first server at the lower left', () => {
  for (const count of [2, 3, 4, 5, 9]) {
    const first = ringAngle(0, count);
    const last = ringAngle(count - 1, count);
    expect(Math.cos(first)).toBeLessThan(0);
    expect(Math.cos(first)).toBeCloseTo(-Math.cos(last));
    expect(Math.sin(first)).toBeCloseTo(Math.sin(last));
  }
});
