/** Paints the space-time diagram: lanes of states, and messages as slanted lines, or as density where they crowd. */
import type { MessageKind } from '../message-kind.ts';
import { MESSAGE_KINDS } from '../message-kind.ts';
import type { LaneLayout } from './hits.ts';
import { densityOf, eachVisible, LINES_MAX, lineOf, yOf } from './hits.ts';
import type { LaneState, SpaceTime } from './space-time.ts';
import { LOST, WAITING } from './space-time.ts';
import type { TimeView } from './view.ts';
import { xOf } from './view.ts';

const TOKENS = ['line', 'quiet', 'leading', 'following', 'looking', 'observing', 'down', 'ack', 'fault'] as const;
type Token = (typeof TOKENS)[number];
/** Design tokens as CSS resolves them now. */
export type Palette = Readonly<Record<Token | `kind-${MessageKind}`, string>>;

export const STATE_TOKEN: Readonly<Record<LaneState, Token>> = {
  LEADING: 'leading',
  FOLLOWING: 'following',
  LOOKING: 'looking',
  OBSERVING: 'observing',
  STANDALONE: 'following',
  DOWN: 'down',
  PAUSED: 'quiet',
  CONNECTED: 'ack',
  CONNECTEDREADONLY: 'observing',
  CONNECTING: 'looking',
  NOT_CONNECTED: 'down',
  CLOSED: 'down',
  EXPIRED: 'fault',
  AUTH_FAILED: 'fault',
};

/** Reads the tokens where `probe` stands: a canvas does not know custom properties. */
export function readPalette(probe: HTMLElement): Palette {
  const tokens = [...TOKENS, ...MESSAGE_KINDS.map((kind) => `kind-${kind}`)];
  const colours = tokens.map((token) => {
    probe.style.color = `var(--${token})`;
    return [token, getComputedStyle(probe).color];
  });
  return Object.fromEntries(colours) as Palette;
}

export interface Diagram {
  readonly space: SpaceTime;
  readonly view: TimeView;
  readonly lanes: LaneLayout;
  readonly height: number;
  /** Bit set of message kinds that are not drawn. */
  readonly hidden: number;
  /** Up to where the run has got, ms. */
  readonly head: number;
  readonly palette: Palette;
}

export function paint(ctx: CanvasRenderingContext2D, diagram: Diagram, pixelRatio: number): void {
  ctx.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  ctx.clearRect(0, 0, diagram.view.width, diagram.height);
  const drawn = countVisible(diagram);
  if (drawn > LINES_MAX) paintDensity(ctx, diagram);
  paintLanes(ctx, diagram);
  if (drawn <= LINES_MAX) paintMessages(ctx, diagram);
}

function countVisible({ space, view, hidden }: Diagram): number {
  let count = 0;
  eachVisible(space.messages, view, hidden, () => count++);
  return count;
}

function paintLanes(ctx: CanvasRenderingContext2D, { space, view, lanes, head, palette }: Diagram): void {
  ctx.globalAlpha = 1;
  space.lanes.forEach((lane, i) => {
    const y = Math.round(yOf(lanes, i)) + 0.5;
    ctx.strokeStyle = palette.line;
    ctx.lineWidth = 1;
    line(ctx, 0, y, view.width, y);
    for (const segment of lane.segments) {
      const to = Math.min(segment.to, head);
      if (to < view.from || segment.from > view.to || segment.state === 'DOWN') continue;
      const [x1, x2] = [Math.max(-4, xOf(view, segment.from)), Math.min(view.width + 4, xOf(view, to))];
      ctx.strokeStyle = palette[STATE_TOKEN[segment.state]];
      ctx.lineWidth = lane.server ? 5 : 2;
      ctx.setLineDash(segment.state === 'PAUSED' ? [2, 4] : []);
      // A hair of a gap tells neighbours apart without their colours.
      line(ctx, x1, y, Math.max(x1 + 1, x2 - 1), y);
      ctx.setLineDash([]);
    }
  });
}

function paintMessages(ctx: CanvasRenderingContext2D, diagram: Diagram): void {
  const { space, view, lanes, hidden, head, palette } = diagram;
  const table = space.messages;
  const rows: number[][] = MESSAGE_KINDS.map(() => []);
  const ended: number[] = [];
  eachVisible(table, view, hidden, (row) => {
    rows[table.kind[row] ?? 0]?.push(row);
    if (table.fate[row] !== 0) ended.push(row);
  });
  const total = rows.reduce((sum, of) => sum + of.length, 0);
  ctx.lineWidth = 1.25;
  ctx.globalAlpha = total > 600 ? 0.55 : 0.85;
  // One path for a kind: strokes are what costs.
  MESSAGE_KINDS.forEach((kind, k) => {
    ctx.strokeStyle = ctx.fillStyle = palette[`kind-${kind}`];
    ctx.setLineDash(kind === 'reply' ? [4, 2] : kind === 'ping' ? [1, 3] : []);
    ctx.beginPath();
    for (const row of rows[k] ?? []) {
      const { x1, y1, x2, y2 } = lineOf(table, row, view, lanes, head);
      ctx.moveTo(x1, y1);
      ctx.lineTo(x2, y2);
    }
    ctx.stroke();
    ctx.setLineDash([]);
    if (total > 300) return;
    for (const row of rows[k] ?? []) {
      if (table.fate[row] !== 0) continue;
      const { x2, y2 } = lineOf(table, row, view, lanes, head);
      ctx.beginPath();
      ctx.arc(x2, y2, 2, 0, 7);
      ctx.fill();
    }
  });
  ctx.globalAlpha = 1;
  for (const row of ended) {
    const { x2, y2 } = lineOf(table, row, view, lanes, head);
    if (table.fate[row] === LOST) cross(ctx, x2, y2, palette.fault);
    else if (table.fate[row] === WAITING) bar(ctx, x2, y2, palette.fault);
  }
}

function paintDensity(ctx: CanvasRenderingContext2D, { space, view, lanes, hidden, head, palette }: Diagram): void {
  const { column, columns, counts, most, lost } = densityOf(space, view, hidden);
  const tall = lanes.pitch * 0.8;
  ctx.fillStyle = palette.quiet;
  ctx.globalAlpha = 0.6;
  for (let lane = 0; lane < lanes.count; lane++) {
    const base = yOf(lanes, lane);
    for (let i = 0; i < columns; i++) {
      const count = counts[lane * columns + i] ?? 0;
      if (count === 0) continue;
      const height = 2 + (tall - 2) * (Math.log1p(count) / Math.log1p(most));
      ctx.fillRect(i * column, base - height, column - 1, height);
    }
  }
  ctx.globalAlpha = 1;
  for (const row of lost) {
    const { x2, y2 } = lineOf(space.messages, row, view, lanes, head);
    cross(ctx, x2, y2, palette.fault);
  }
}

function line(ctx: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}

function cross(ctx: CanvasRenderingContext2D, x: number, y: number, colour: string): void {
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5;
  line(ctx, x - 3, y - 3, x + 3, y + 3);
  line(ctx, x - 3, y + 3, x + 3, y - 3);
}

/** Two short strokes, as of something stopped. */
function bar(ctx: CanvasRenderingContext2D, x: number, y: number, colour: string): void {
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  line(ctx, x - 2, y - 4, x - 2, y + 4);
  line(ctx, x + 2, y - 4, x + 2, y + 4);
}
