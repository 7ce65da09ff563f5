import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contains, overlap, type Rect } from '../../../src/ui/stage/geometry.ts';
import { placeLabels, type LabelWish, type PlacedLabel } from '../../../src/ui/stage/labels.ts';

const FONT = { letter: 6, line: 12 };
const BOUNDS: Rect = { x: 0, y: 0, width: 600, height: 400 };

function rectOf({ x, y, text }: PlacedLabel): Rect {
  return { x, y: y - FONT.line * 0.78, width: text.length * FONT.letter, height: FONT.line };
}

const wishes = fc
  .array(
    fc.record({
      at: fc.record({ x: fc.integer({ min: 0, max: 600 }), y: fc.integer({ min: 0, max: 400 }) }),
      text: fc.string({ minLength: 1, maxLength: 16 }),
      rank: fc.integer({ min: 0, max: 8 }),
    }),
    { maxLength: 40 },
  )
  .map((list): LabelWish[] => list.map((wish, id) => ({ id, ...wish })));
const obstacles = fc.array(
  fc.record({
    x: fc.integer({ min: 0, max: 600 }),
    y: fc.integer({ min: 0, max: 400 }),
    width: fc.integer({ min: 1, max: 100 }),
    height: fc.integer({ min: 1, max: 100 }),
  }),
  { maxLength: 9 },
);

test('labels cover neither each other nor obstacles, and stay inside', () => {
  fc.assert(
    fc.property(wishes, obstacles, (list, blocks) => {
      const rects = placeLabels(list, blocks, BOUNDS, FONT).map(rectOf);
      for (const [i, rect] of rects.entries()) {
        // A hair of tolerance for the way from baseline to box and back.
        const inner = { x: rect.x, y: rect.y + 1e-6, width: rect.width, height: rect.height - 2e-6 };
        expect(contains(BOUNDS, inner)).toBe(true);
        for (const other of [...rects.slice(i + 1), ...blocks]) expect(overlap(inner, other)).toBe(false);
      }
    }),
  );
});

test('a free label stands to the right of its message', () => {
  const [label] = placeLabels([{ id: 1, at: { x: 100, y: 100 }, text: 'ACK …07', rank: 4 }], [], BOUNDS, FONT);
  expect(label?.x).toBeGreaterThan(100);
});

test('where only one has room, the higher rank has it', () => {
  const at = { x: 300, y: 200 };
  const blocks = [
    { x: 0, y: 0, width: 300, height: 400 },
    { x: 300, y: 0, width: 300, height: 190 },
    { x: 300, y: 210, width: 300, height: 190 },
  ];
  const list = [
    { id: 1, at, text: 'PING-like', rank: 1 },
    { id: 2, at: { x: 299, y: 200 }, text: 'WatchEvent', rank: 8 },
  ];
  const placed = placeLabels([...list], blocks, BOUNDS, FONT);
  expect(placed.map(({ id }) => id)).toEqual([2]);
});

test('rank 0 has no label, and there are never more than ten', () => {
  const many = Array.from({ length: 30 }, (_, id) => ({
    id,
    at: { x: 40 + (id % 5) * 110, y: 30 + Math.floor(id / 5) * 60 },
    text: 'vote',
    rank: id === 0 ? 0 : 3,
  }));
  const placed = placeLabels(many, [], BOUNDS, FONT);
  expect(placed).toHaveLength(10);
  expect(placed.some(({ id }) => id === 0)).toBe(false);
});

test('a text with no room gives way to its short form', () => {
  const wall: Rect = { x: 0, y: 0, width: 600, height: 180 };
  const pit: Rect = { x: 0, y: 215, width: 600, height: 185 };
  const right: Rect = { x: 360, y: 180, width: 240, height: 35 };
  const left: Rect = { x: 0, y: 180, width: 280, height: 35 };
  const wish = { id: 1, at: { x: 300, y: 197 }, text: 'holds PROPOSAL', short: 'PROP', rank: 1 };
  expect(placeLabels([wish], [wall, pit, left], BOUNDS, FONT)[0]?.text).toBe('holds PROPOSAL');
  expect(placeLabels([wish], [wall, pit, left, right], BOUNDS, FONT)[0]?.text).toBe('PROP');
});
