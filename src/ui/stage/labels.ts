/** Which labels are shown and where: no label covers another, a server or a message. Pure. */
import { contains, overlap, type Point, type Rect } from './geometry.ts';

export interface LabelWish {
  readonly id: number;
  readonly at: Point;
  readonly text: string;
  /** Instead of `text` where that has no room. */
  readonly short?: string;
  /** Higher goes first; 0 is not shown at all. */
  readonly rank: number;
}
export interface PlacedLabel {
  readonly id: number;
  readonly text: string;
  readonly x: number;
  /** Baseline. */
  readonly y: number;
}

/** Width of a letter and height of a line in the label's font, px. */
export interface LabelFont {
  readonly letter: number;
  readonly line: number;
}
/** More than this many labels are noise. */
const LABELS_MAX = 10;
/** From the middle of a message to its label, px. */
const GAP = 13;

function candidates(at: Point, text: string, { letter, line }: LabelFont): Rect[] {
  const width = text.length * letter;
  const height = line;
  const middle = at.y - height / 2;
  return [
    { x: at.x + GAP, y: middle, width, height },
    { x: at.x - GAP - width, y: middle, width, height },
    { x: at.x - width / 2, y: at.y - GAP - height, width, height },
    { x: at.x - width / 2, y: at.y + GAP, width, height },
    // Beside its middle, above or below.
    ...[-GAP - height, GAP].flatMap((dy) => [
      { x: at.x + GAP / 2 - width, y: at.y + dy, width, height },
      { x: at.x - GAP / 2, y: at.y + dy, width, height },
    ]),
  ];
}

/**
 * @param obstacles what may not be covered
 * @param bounds where labels must stay
 */
export function placeLabels(
  wishes: readonly LabelWish[],
  obstacles: readonly Rect[],
  bounds: Rect,
  font: LabelFont,
): PlacedLabel[] {
  const taken = [...obstacles];
  const placed: PlacedLabel[] = [];
  const marks = wishes.map(({ id, at }) => ({ id, rect: { x: at.x - 6, y: at.y - 6, width: 12, height: 12 } }));
  const ordered = wishes.filter(({ rank }) => rank > 0).sort((a, b) => b.rank - a.rank || a.id - b.id);
  for (const wish of ordered) {
    if (placed.length === LABELS_MAX) break;
    const isFree = (rect: Rect): boolean =>
      contains(bounds, rect) &&
      !taken.some((other) => overlap(rect, other)) &&
      !marks.some((mark) => mark.id !== wish.id && overlap(rect, mark.rect));
    for (const text of wish.short === undefined ? [wish.text] : [wish.text, wish.short]) {
      const free = candidates(wish.at, text, font).find(isFree);
      if (free === undefined) continue;
      taken.push(free);
      placed.push({ id: wish.id, text, x: free.x, y: free.y + font.line * 0.78 });
      break;
    }
  }
  return placed;
}
