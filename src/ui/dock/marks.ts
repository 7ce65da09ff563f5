/** Which marks of the timeline are in sight, where they stand, and which of their labels have room. Pure. */
import type { Mark, SpaceTime } from './space-time.ts';
import type { LaneLayout } from './hits.ts';
import { yOf } from './hits.ts';
import type { TimeView } from './view.ts';
import { xOf } from './view.ts';

export interface PlacedMark {
  readonly mark: Mark;
  readonly x: number;
  /** Middle of its lane; null: it stands across all lanes. */
  readonly y: number | null;
  readonly label: string | null;
}

/** What clients ask for is marked no more often than this, px, on each lane. */
const ACTS_APART = 4;
/** Width of a letter of a label, px. */
const LETTER = 6;
const BOLD_LETTER = 7;
const MARKS_MAX = 300;

/** Faults are labelled before what clients ask for; a label that would overlap another of its lane is left out. */
export function placeMarks(space: SpaceTime, view: TimeView, lanes: LaneLayout): readonly PlacedMark[] {
  const seen = thinned(
    space.marks.filter((mark) => mark.t >= view.from && mark.t <= view.to),
    view,
  ).slice(-MARKS_MAX);
  const taken = new Map<number, [number, number][]>();
  const labelled = new Set<Mark>();
  const laneOf = (mark: Mark) => (mark.actor === null ? -1 : (space.laneOf(mark.actor) ?? -1));
  for (const mark of [...seen].sort((a, b) => Number(a.tone === 'act') - Number(b.tone === 'act'))) {
    const spans = taken.get(laneOf(mark)) ?? [];
    const from = xOf(view, mark.t);
    const to = from + mark.label.length * LETTER + 10;
    if (to > view.width + 40 || spans.some(([a, b]) => from < b && a < to)) continue;
    taken.set(laneOf(mark), [...spans, [from, to]]);
    labelled.add(mark);
  }
  return seen.map((mark) => {
    const lane = laneOf(mark);
    const y = lane < 0 ? null : yOf(lanes, lane);
    return { mark, x: xOf(view, mark.t), y, label: labelled.has(mark) ? mark.label : null };
  });
}

/** Faults and mends whole; of what clients ask for, one for each few pixels. */
function thinned(marks: readonly Mark[], view: TimeView): readonly Mark[] {
  const last = new Map<Mark['actor'], number>();
  return marks.filter((mark) => {
    if (mark.tone !== 'act') return true;
    const x = xOf(view, mark.t);
    if (x - (last.get(mark.actor) ?? -Infinity) < ACTS_APART) return false;
    last.set(mark.actor, x);
    return true;
  });
}

/** A violation: a flag on a line across all lanes. */
export interface Flag {
  /** Its place among the violations of the run. */
  readonly index: number;
  readonly x: number;
  /** The property; null where another's is in the way. */
  readonly label: string | null;
  /** Its label stands before the line: there is no room behind it. */
  readonly before: boolean;
}

type Instants = readonly { readonly at: number; readonly property: string }[];

/** Where flags fly, px from the top: below the knob of the playhead. */
export const FLAG_TOP = 13;
export const FLAG_HEIGHT = 12;
/** What a flag takes of the way beside its line, px. */
const FLAG_ROOM = 16;
/** A flag can be hit so far to both sides of its line, px. */
const FLAG_REACH = 12;

/** The flags that are in sight; of those of one instant the first one only. */
export function placeFlags(violations: Instants, view: TimeView): readonly Flag[] {
  let free = -Infinity;
  return violations.flatMap(({ at, property }, index) => {
    if (at < view.from || at > view.to || violations[index - 1]?.at === at) return [];
    const x = xOf(view, at);
    const width = property.length * BOLD_LETTER;
    const before = x + width + FLAG_ROOM > view.width;
    const label = (before ? x - width : x) >= free ? property : null;
    free = x + FLAG_ROOM + (label === null || before ? 0 : width);
    return [{ index, x, label, before }];
  });
}

/** The index of the violation whose flag is nearest to a point, or null. */
export function flagAt(violations: Instants, view: TimeView, x: number, y: number): number | null {
  if (y < FLAG_TOP - 3 || y > FLAG_TOP + FLAG_HEIGHT + 3) return null;
  const distance = (flag: Flag): number => Math.abs(flag.x + FLAG_REACH / 3 - x);
  const [nearest] = placeFlags(violations, view).toSorted((a, b) => distance(a) - distance(b));
  return nearest && distance(nearest) <= FLAG_REACH ? nearest.index : null;
}
