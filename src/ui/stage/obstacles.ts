/** What labels of messages must not cover: servers with their rows, clients with their lines, the ribbon. */
import type { Rect } from './geometry.ts';
import type { StageLayout } from './layout.ts';

const ROW_WIDTH = 104;
const ROW_HEIGHT = 46;
const CROWN = 30;

export function labelObstacles({ servers, clients, r, pill, width }: StageLayout): Rect[] {
  const bodies = [...servers.values()].flatMap(({ x, y }): Rect[] => [
    { x: x - r - 4, y: y - r - CROWN, width: 2 * r + 8, height: 2 * r + 4 + CROWN },
    { x: x - ROW_WIDTH / 2, y: y + r, width: ROW_WIDTH, height: ROW_HEIGHT },
  ]);
  const pills = [...clients.values()].map(({ x, y }) => ({
    x: x - pill.width / 2,
    y: y - pill.height / 2,
    width: pill.width,
    height: pill.height + 28,
  }));
  return [...bodies, ...pills, { x: width / 2 - 230, y: 0, width: 460, height: 46 }];
}
