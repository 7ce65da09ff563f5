import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clampView,
  follow,
  formatInstant,
  formatSpan,
  panBy,
  SPAN_MIN,
  spanOf,
  ticks,
  timeAt,
  wholeRun,
  xOf,
  zoomAt,
} from '../../../src/ui/dock/view.ts';

const view = { from: 1000, to: 2000, width: 500 };
const HEAD = 60_000;

describe('the timeline window', () => {
  it('maps instants to pixels and back', () => {
    expect(xOf(view, 1500)).toBe(250);
    expect(timeAt(view, 250)).toBe(1500);
    expect(timeAt({ from: 0, to: 10, width: 100 }, -20)).toBe(0);
  });

  it('keeps the instant under the pointer when it zooms', () => {
    fc.assert(
      fc.property(fc.double({ min: 1.01, max: 50, noNaN: true }), fc.integer({ min: 0, max: 500 }), (factor, x) => {
        const zoomed = zoomAt(view, factor, x, HEAD);
        expect(timeAt(zoomed, x)).toBeCloseTo(timeAt(view, x), 6);
      }),
    );
  });

  it('zooms no further than microseconds, and out to the whole run', () => {
    let near: typeof view = view;
    for (let i = 0; i < 60; i++) near = zoomAt(near, 2, 250, HEAD);
    expect(spanOf(near)).toBeCloseTo(SPAN_MIN, 9);
    const far = zoomAt(view, 1e-9, 250, HEAD);
    expect(far).toEqual(wholeRun(HEAD, 500));
  });

  it('never leaves the run, whatever is dragged and turned', () => {
    const act = fc.oneof(
      fc.record({ zoom: fc.double({ min: 0.01, max: 100, noNaN: true }), x: fc.integer({ min: 0, max: 500 }) }),
      fc.record({ pan: fc.integer({ min: -5000, max: 5000 }) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
        let now: typeof view = view;
        for (const a of acts) now = 'zoom' in a ? zoomAt(now, a.zoom, a.x, HEAD) : panBy(now, a.pan, HEAD);
        expect(now.from).toBeGreaterThanOrEqual(0);
        expect(spanOf(now)).toBeGreaterThan(0);
        expect(now.from).toBeLessThanOrEqual(HEAD);
      }),
    );
  });

  it('pulls the paper: dragging right shows what was earlier', () => {
    expect(panBy(view, 100, HEAD).from).toBe(800);
  });

  it('follows the playhead only when it must', () => {
    expect(follow(view, 1500, true, HEAD)).toBe(view);
    expect(xOf(follow(view, 1900, true, HEAD), 1900)).toBeCloseTo(425);
    expect(follow(view, 1900, false, HEAD)).toBe(view);
    expect(xOf(follow(view, 30_000, false, HEAD), 30_000)).toBeCloseTo(250);
    expect(follow(view, 10, false, HEAD).from).toBe(0);
  });

  it('is shrunk to a run that is shorter than the window', () => {
    expect(clampView({ from: 500, to: 100_000, width: 500 }, 1000)).toEqual(wholeRun(1000, 500));
  });

  it('labels its axis as exactly as the window needs', () => {
    expect(ticks({ from: 1500, to: 2500, width: 1000 }).map((tick) => tick.label)).toContain('1.6 s');
    expect(ticks({ from: 10, to: 10.1, width: 500 }).map((tick) => tick.label)).toContain('10.02 ms');
    const labels = ticks({ from: 2317, to: 2317.02, width: 800 }).map((tick) => tick.label);
    expect(new Set(labels).size).toBe(labels.length);
    expect(formatInstant(2317)).toBe('2.317 s');
    expect(formatSpan(0.25)).toBe('250 µs');
    expect(formatSpan(1500)).toBe('1.5 s');
  });
});
