/** What lies where in the timeline: lanes by height, the message nearest to a pointer, and how crowded each pixel is. Pure. */
import type { MessageTable, SpaceTime } from './space-time.ts';
import { LOST } from './space-time.ts';
import type { TimeView } from './view.ts';
import { timeAt, xOf } from './view.ts';

export interface LaneLayout {
  readonly top: number;
  /** Distance between two lanes, px. */
  readonly pitch: number;
  readonly count: number;
}

/** Lanes spread over `height` px, but no further apart than 30 px and no closer than 12. */
export function layLanes(count: number, height: number): LaneLayout {
  const pitch = Math.min(30, Math.max(12, height / Math.max(1, count)));
  const top = Math.max(0, (height - pitch * count) / 2) + pitch / 2;
  return { top, pitch, count };
}

export function yOf(lanes: LaneLayout, lane: number): number {
  return lanes.top + lane * lanes.pitch;
}

/** The lane at height `y`, or null between and outside of lanes. */
export function laneAt(lanes: LaneLayout, y: number): number | null {
  const lane = Math.round((y - lanes.top) / lanes.pitch);
  return lane >= 0 && lane < lanes.count && Math.abs(y - yOf(lanes, lane)) <= 6 ? lane : null;
}

/** Where a message begins and ends on the paper. A waiting one reaches to `now`. */
export interface Line {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

export function lineOf(table: MessageTable, row: number, view: TimeView, lanes: LaneLayout, now: number): Line {
  const sent = table.sent[row] ?? 0;
  const ends = table.ends[row] ?? 0;
  const [y1, goal] = [yOf(lanes, table.from[row] ?? 0), yOf(lanes, table.to[row] ?? 0)];
  // What waits is drawn as leaving at once and standing still half-way.
  const share = Number.isFinite(ends) ? (table.reach[row] ?? 1) : 0.5;
  return {
    x1: xOf(view, sent),
    y1,
    x2: xOf(view, Number.isFinite(ends) ? ends : Math.max(now, sent)),
    y2: y1 + (goal - y1) * share,
  };
}

/** Calls `each` with the rows that may be seen in `view`, oldest first, without those of `hidden` kinds. */
export function eachVisible(table: MessageTable, view: TimeView, hidden: number, each: (row: number) => void): void {
  const [first, last] = table.between(view.from, view.to);
  for (const row of table.waiting) {
    if (row < first && ((hidden >> (table.kind[row] ?? 0)) & 1) === 0) each(row);
  }
  for (let row = first; row < last; row++) {
    const done = table.ends[row] ?? 0;
    if (done >= view.from && ((hidden >> (table.kind[row] ?? 0)) & 1) === 0) each(row);
  }
}

/** The message whose line passes nearest to (x, y), at most `reach` px away; null if none does. */
export function messageAt(
  space: SpaceTime,
  view: TimeView,
  lanes: LaneLayout,
  hidden: number,
  now: number,
  x: number,
  y: number,
  reach = 6,
): number | null {
  const table = space.messages;
  const around = { from: timeAt(view, x - reach), to: timeAt(view, x + reach), width: 2 * reach };
  let best: number | null = null;
  let nearest = reach;
  eachVisible(table, around, hidden, (row) => {
    const distance = distanceTo(lineOf(table, row, view, lanes, now), x, y);
    if (distance <= nearest) [best, nearest] = [row, distance];
  });
  return best;
}

function distanceTo(line: Line, x: number, y: number): number {
  const [dx, dy] = [line.x2 - line.x1, line.y2 - line.y1];
  const length2 = dx * dx + dy * dy;
  const along = length2 === 0 ? 0 : Math.min(1, Math.max(0, ((x - line.x1) * dx + (y - line.y1) * dy) / length2));
  return Math.hypot(x - line.x1 - along * dx, y - line.y1 - along * dy);
}

/** More lines than this in one window are drawn as density. */
export const LINES_MAX = 3000;

export interface Density {
  /** Pixels of a column. */
  readonly column: number;
  readonly columns: number;
  /** Messages sent, by lane × columns + column. */
  readonly counts: Uint16Array;
  /** The most in one cell. */
  readonly most: number;
  /** Rows lost, each to be drawn alone. */
  readonly lost: readonly number[];
}

/** How many messages each lane sends in each column of `column` px. */
export function densityOf(space: SpaceTime, view: TimeView, hidden: number, column = 3): Density {
  const columns = Math.ceil(view.width / column);
  const counts = new Uint16Array(columns * space.lanes.length);
  const lost: number[] = [];
  let most = 0;
  const table = space.messages;
  const [first, last] = table.between(view.from, view.to);
  for (let row = first; row < last; row++) {
    if (((hidden >> (table.kind[row] ?? 0)) & 1) !== 0) continue;
    const at = Math.floor(xOf(view, table.sent[row] ?? 0) / column);
    if (at < 0 || at >= columns) continue;
    const cell = (table.from[row] ?? 0) * columns + at;
    const count = Math.min(65_535, (counts[cell] ?? 0) + 1);
    counts[cell] = count;
    if (count > most) most = count;
    if (table.fate[row] === LOST && lost.length < 200) lost.push(row);
  }
  return { column, columns, counts, most, lost };
}
