/** Points and lines of the stage, in px. Pure. */

export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface Rect extends Point {
  readonly width: number;
  readonly height: number;
}
export interface Segment {
  readonly from: Point;
  readonly to: Point;
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(b.x - a.x, b.y - a.y);
}

/** The point at `part` (0 to 1) of the way, moved `aside` px to the right of the way. */
export function along({ from, to }: Segment, part: number, aside = 0): Point {
  const length = distance(from, to) || 1;
  const dx = (to.x - from.x) / length;
  const dy = (to.y - from.y) / length;
  return { x: from.x + dx * length * part - dy * aside, y: from.y + dy * length * part + dx * aside };
}

/** The segment without `start` and `end` px at its ends; never turned around. */
export function trim(segment: Segment, start: number, end: number): Segment {
  const length = distance(segment.from, segment.to) || 1;
  const first = Math.min(0.5, start / length);
  const last = Math.max(0.5, 1 - end / length);
  return { from: along(segment, first), to: along(segment, last) };
}

function side(a: Point, b: Point, c: Point): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/** Whether two segments cross at a point inside both. */
export function crosses(one: Segment, other: Segment): boolean {
  const a = side(one.from, one.to, other.from);
  const b = side(one.from, one.to, other.to);
  const c = side(other.from, other.to, one.from);
  const d = side(other.from, other.to, one.to);
  return a * b < 0 && c * d < 0;
}

export function overlap(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

export function contains(outer: Rect, inner: Rect): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** Path of segment `index` of `count` of a circle around the origin, clockwise from the top, `gap` px between segments. */
export function ringSegment(radius: number, index: number, count: number, gap: number): string {
  const turn = (2 * Math.PI) / count;
  // A whole circle is no arc: its ends would be one point.
  const space = Math.max(gap / radius, 0.02);
  const point = (angle: number) => `${(radius * Math.sin(angle)).toFixed(2)} ${(-radius * Math.cos(angle)).toFixed(2)}`;
  const large = turn - space > Math.PI ? 1 : 0;
  return `M${point(index * turn + space / 2)}A${radius} ${radius} 0 ${large} 1 ${point((index + 1) * turn - space / 2)}`;
}

/** A path around the origin, a corner at the left and at the right. */
export function hexagon(radius: number): string {
  const [half, height] = [radius / 2, (radius * Math.sqrt(3)) / 2];
  const corners = [
    [radius, 0],
    [half, height],
    [-half, height],
    [-radius, 0],
    [-half, -height],
    [half, -height],
  ];
  return `M${corners.map(([x = 0, y = 0]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}Z`;
}
