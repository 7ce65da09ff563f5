/** Violations on the timeline: each is a flag on a line across all lanes. Pure. */
import type { TimeView } from './view.ts';
import { xOf } from './view.ts';

export interface Flag {
  /** Its place among the violations of the run. */
  readonly index: number;
  readonly x: number;
  /** The property; null where another's is in the way. */
  readonly label: string | null;
  /** Its label stands before the line: there is no room behind it. */
  readonly before: boolean;
}

/** Width of a letter of a label, px. */
const LETTER = 7;
/** What a flag takes of the way beside its line, px. */
const ROOM = 16;

/** The flags that are in sight; of those of one instant the first one only. */
export function placeFlags(
  violations: readonly { readonly at: number; readonly property: string }[],
  view: TimeView,
): readonly Flag[] {
  let free = -Infinity;
  return violations.flatMap(({ at, property }, index) => {
    if (at < view.from || at > view.to || violations[index - 1]?.at === at) return [];
    const x = xOf(view, at);
    const width = property.length * LETTER;
    const before = x + width + ROOM > view.width;
    const label = (before ? x - width : x) >= free ? property : null;
    free = x + ROOM + (label === null || before ? 0 : width);
    return [{ index, x, label, before }];
  });
}
