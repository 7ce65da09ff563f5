/**
 * The timeline's window onto virtual time: which instants a width of pixels shows, and how wheel, drag and keys move it. Pure; the
 * component keeps one {@link TimeView} and replaces it.
 */
import { ticks as roundNumbers } from 'd3-array';

/** Instants `from` to `to` (ms) over `width` pixels. `to > from`, `width > 0`. */
export interface TimeView {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

/** The narrowest window, ms: some ten steps of virtual time (0.001 ms) on the screen. */
export const SPAN_MIN = 0.02;
/** A run that has only begun is shown with so much room, ms. */
const RUN_MIN = 1000;
/** What is shown beyond the end of the run, as a share of the window, so that messages in flight have room. */
const ROOM_BEYOND = 0.08;

export function spanOf(view: TimeView): number {
  return view.to - view.from;
}

/** Pixel of instant `t`; may lie outside of the view. */
export function xOf(view: TimeView, t: number): number {
  return ((t - view.from) / spanOf(view)) * view.width;
}

/** Instant (ms, at least 0) at pixel `x`. */
export function timeAt(view: TimeView, x: number): number {
  return Math.max(0, view.from + (x / view.width) * spanOf(view));
}

/** The whole run, with a little room at its end. */
export function wholeRun(head: number, width: number): TimeView {
  return { from: 0, to: Math.max(head, RUN_MIN) / (1 - ROOM_BEYOND), width };
}

/** Moves and shrinks `view` until it begins at 0 or later and ends at most {@link ROOM_BEYOND} of itself after `head`. */
export function clampView(view: TimeView, head: number): TimeView {
  const whole = wholeRun(head, view.width);
  const span = Math.max(spanOf(view), SPAN_MIN);
  if (span >= whole.to) return whole;
  const from = Math.min(Math.max(view.from, 0), Math.max(0, head - span * (1 - ROOM_BEYOND)));
  return { from, to: from + span, width: view.width };
}

/** `factor` > 1 shows less time. The instant at pixel `x` stays where it is. */
export function zoomAt(view: TimeView, factor: number, x: number, head: number): TimeView {
  const span = Math.min(Math.max(spanOf(view) / factor, SPAN_MIN), wholeRun(head, view.width).to);
  const fixed = view.from + (x / view.width) * spanOf(view);
  const from = fixed - (x / view.width) * span;
  return clampView({ from, to: from + span, width: view.width }, head);
}

/** Pulls the paper by `dx` pixels: a positive `dx` shows earlier instants. */
export function panBy(view: TimeView, dx: number, head: number): TimeView {
  const dt = (-dx / view.width) * spanOf(view);
  return clampView({ from: view.from + dt, to: view.to + dt, width: view.width }, head);
}

/** The same window at another width. */
export function resized(view: TimeView, width: number): TimeView {
  return width > 0 && width !== view.width ? { ...view, width } : view;
}

/**
 * Keeps the playhead in sight. While it runs it is held at 85 % of the width once it gets there; a
 * jump out of sight centres it. Returns `view` itself if nothing needs to move.
 */
export function follow(view: TimeView, playhead: number, playing: boolean, head: number): TimeView {
  const x = xOf(view, playhead) / view.width;
  const edge = playing ? 0.85 : 1;
  if (x >= 0 && x <= edge) return view;
  const span = spanOf(view);
  const place = x > edge && x < 1.5 ? 0.85 : 0.5;
  const from = Math.max(0, playhead - span * place);
  const next = clampView({ from, to: from + span, width: view.width }, Math.max(head, playhead));
  return next.from === view.from ? view : next;
}

export interface Tick {
  readonly t: number;
  readonly x: number;
  readonly label: string;
}

/** Axis marks at round instants, about one for each `spacing` pixels, with labels as exact as the window needs. */
export function ticks(view: TimeView, spacing = 90): readonly Tick[] {
  const count = Math.max(2, Math.floor(view.width / spacing));
  const instants = roundNumbers(view.from, view.to, count);
  const step = instants.length > 1 ? (instants[1] ?? 0) - (instants[0] ?? 0) : spanOf(view);
  return instants.map((t) => ({ t, x: xOf(view, t), label: formatInstant(t, step) }));
}

/** `2.317 s`, `317.25 ms` …: decimals as a step of `step` ms needs; seconds once there is one. */
export function formatInstant(t: number, step = 1): string {
  if (t >= 1000 || step >= 100) {
    const decimals = Math.min(6, Math.max(0, Math.ceil(3 - Math.log10(Math.max(step, 0.001)) - 1e-9)));
    return `${(t / 1000).toFixed(decimals)} s`;
  }
  const decimals = Math.min(3, Math.max(0, Math.ceil(-Math.log10(Math.max(step, 0.001)) - 1e-9)));
  return `${t.toFixed(decimals)} ms`;
}

/** A length of time in words: `20 ms`, `1.5 s`, `250 µs`. */
export function formatSpan(ms: number): string {
  if (ms >= 1000) return `${trim(ms / 1000)} s`;
  return ms >= 1 ? `${trim(ms)} ms` : `${trim(ms * 1000)} µs`;
}

function trim(n: number): string {
  return String(Number(n.toPrecision(3)));
}
