/**
 * The pointer's side of the cutting gesture, as an attachment of the stage's svg: a line that begins
 * on empty ground or on a link. A press that does not move stays a click.
 */
import type { Attachment } from 'svelte/attachments';
import { distance, type Point, type Segment } from './geometry.ts';

export interface DrawHandlers {
  /** The line so far; null when it ends or is given up. */
  onmove(line: Segment | null): void;
  onfinish(line: Segment): void;
}

/** Moving less than this is a click, px. */
const SLACK = 8;
/** A line does not begin on these. */
const SOLID = '[data-server], [data-client], .message';

export function drawing(handlers: DrawHandlers): Attachment<SVGSVGElement> {
  return (svg) => {
    let start: Point | null = null;
    let line: Segment | null = null;

    const place = (event: PointerEvent): Point => {
      const box = svg.getBoundingClientRect();
      const scale = box.width / svg.viewBox.baseVal.width;
      return { x: (event.clientX - box.left) / scale, y: (event.clientY - box.top) / scale };
    };
    const end = () => {
      start = null;
      line = null;
      handlers.onmove(null);
    };
    const down = (event: PointerEvent) => {
      if (event.button !== 0 || !event.isPrimary) return;
      if (event.target instanceof Element && event.target.closest(SOLID)) return;
      start = place(event);
    };
    const move = (event: PointerEvent) => {
      if (start === null) return;
      const to = place(event);
      if (line === null && distance(start, to) < SLACK) return;
      if (line === null) svg.setPointerCapture(event.pointerId);
      line = { from: start, to };
      handlers.onmove(line);
    };
    const up = () => {
      const drawn = line;
      if (start !== null) end();
      if (drawn !== null) handlers.onfinish(drawn);
    };
    const key = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || line === null) return;
      event.preventDefault();
      end();
    };

    svg.addEventListener('pointerdown', down);
    svg.addEventListener('pointermove', move);
    svg.addEventListener('pointerup', up);
    svg.addEventListener('pointercancel', end);
    window.addEventListener('keydown', key, true);
    return () => {
      svg.removeEventListener('pointerdown', down);
      svg.removeEventListener('pointermove', move);
      svg.removeEventListener('pointerup', up);
      svg.removeEventListener('pointercancel', end);
      window.removeEventListener('keydown', key, true);
    };
  };
}
