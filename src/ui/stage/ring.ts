/**
 * The ring of servers: as large as they may be without covering each other, with as much detail as there
 * is room for. Pure.
 */
import { distance, overlap, type Point, type Rect } from './geometry.ts';

/**
 * How much a server shows. `full`: all. `compact`: its state is written below it, letters are smaller.
 * `tiny`: no zxid, no epoch either.
 */
export type Detail = 'full' | 'compact' | 'tiny';

/** What a server takes up around its middle, px. */
export interface Figure {
  readonly half: number;
  readonly above: number;
  readonly below: number;
}

export interface Ring {
  readonly places: readonly Point[];
  readonly center: Point;
  readonly rx: number;
  readonly r: number;
  readonly detail: Detail;
}

/** Radii of servers, px, the larger the better. */
const RADII: Readonly<Record<Detail, readonly [most: number, least: number]>> = {
  full: [46, 36],
  compact: [35, 24],
  tiny: [28, 14],
};
/** How much wider than high the ring may be. */
const RATIOS = [1.75, 2.3, 3.2] as const;
/** From one server to the next there is room for a message, px. */
const BETWEEN = 40;

/** With the ring of a leader, the log row and the words below. */
export function figureOf(r: number, detail: Detail): Figure {
  if (detail === 'full') return { half: Math.max(r + 14, 54), above: r + 30, below: r + 45 };
  if (detail === 'compact') return { half: Math.max(r + 13, 38), above: r + 28, below: r + 57 };
  return { half: Math.max(r + 11, 26), above: r + 24, below: r + 36 };
}

/** The part of a figure that no other may touch: a crown may. */
function solid({ x, y }: Point, { half, above, below }: Figure): Rect {
  return { x: x - half, y: y - above + 12, width: 2 * half, height: above + below - 12 };
}

export function layRing(count: number, area: Rect): Ring {
  let last: Ring | null = null;
  for (const detail of ['full', 'compact', 'tiny'] as const) {
    const [most, least] = RADII[detail];
    for (let r = most; r >= least; r--) {
      for (const ratio of RATIOS) {
        const ring = ringOf(count, area, r, detail, ratio);
        if (fits(ring, area)) return ring;
        last = ring;
      }
    }
  }
  return last ?? ringOf(count, area, RADII.tiny[1], 'tiny', 3);
}

function ringOf(count: number, area: Rect, r: number, detail: Detail, ratio: number): Ring {
  const { half, above, below } = figureOf(r, detail);
  const single = count <= 1;
  const ry = single ? 0 : Math.max(r, (area.height - above - below) / 2);
  const rx = single ? 0 : Math.max(r, Math.min(area.width / 2 - half, ry * ratio));
  const center = { x: area.x + area.width / 2, y: area.y + (area.height + above - below) / 2 };
  return { places: placesOn(count, center, rx, ry), center, rx, r, detail };
}

function fits({ places, r, detail }: Ring, area: Rect): boolean {
  const figure = figureOf(r, detail);
  return places.every((one, i) => {
    const inside = one.y - figure.above >= area.y - 1 && one.y + figure.below <= area.y + area.height + 1;
    const apart = places
      .slice(i + 1)
      .every((other) => distance(one, other) >= 2 * r + BETWEEN && !overlap(solid(one, figure), solid(other, figure)));
    return inside && apart;
  });
}

/** Degrees per step along the ring. */
const STEP = 1;

/** Equally far from each other along an ellipse, symmetric, the first one at the lower left. Two stand side by side. */
function placesOn(count: number, { x, y }: Point, rx: number, ry: number): Point[] {
  const at = (degrees: number): Point => {
    const angle = ((90 + degrees) * Math.PI) / 180;
    return { x: x + rx * Math.cos(angle), y: y + ry * Math.sin(angle) };
  };
  // Half of the way around: the other half is its mirror image.
  const lengths = [0];
  for (let d = STEP; d <= 180; d += STEP) lengths.push((lengths.at(-1) ?? 0) + distance(at(d - STEP), at(d)));
  const half = lengths.at(-1) ?? 0;
  const degreesAt = (way: number): number => {
    const next = Math.max(
      1,
      lengths.findIndex((length) => length >= way),
    );
    const [from, to] = [lengths[next - 1] ?? 0, lengths[next] ?? 0];
    return (next - 1 + (to > from ? (way - from) / (to - from) : 0)) * STEP;
  };
  return Array.from({ length: count }, (_, i) => {
    const way = ((i + 0.5) / count) * 2 * half;
    return at(way <= half ? degreesAt(way) : 360 - degreesAt(2 * half - way));
  });
}
