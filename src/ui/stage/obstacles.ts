/** What labels of messages must not cover: servers with their rows, clients with their lines, the ribbon. */
import type { Rect } from './geometry.ts';
import type { StageLayout } from './layout.ts';
import { figureOf } from './ring.ts';

/** Half the width of a log row with the words around it, px. */
const ROW_HALF = { full: 52, compact: 34, tiny: 26 } as const;

export function labelObstacles({ servers, clients, r, detail, pill, width }: StageLayout): Rect[] {
  const { above, below } = figureOf(r, detail);
  const row = ROW_HALF[detail];
  const bodies = [...servers.values()].flatMap(({ x, y }): Rect[] => [
    { x: x - r - 10, y: y - above, width: 2 * r + 20, height: above + r + 4 },
    { x: x - row, y: y + r, width: 2 * row, height: below - r },
  ]);
  const pills = [...clients.values()].map(({ x, y }) => ({
    x: x - pill.width / 2,
    y: y - pill.height / 2,
    width: pill.width,
    height: pill.height + 28,
  }));
  return [...bodies, ...pills, { x: width / 2 - 230, y: 0, width: 460, height: 46 }];
}
