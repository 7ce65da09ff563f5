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
