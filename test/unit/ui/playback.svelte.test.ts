/** Playback, frame by frame: the test is the browser that calls for frames. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LabStore } from '../../../src/ui/state/lab.svelte.ts';
import { Playback } from '../../../src/ui/state/playback.svelte.ts';

let frames: ((now: number) => void)[] = [];
const frame = (now: number): void => {
  for (const draw of frames.splice(0)) draw(now);
};

beforeEach(() => {
  frames = [];
  vi.stubGlobal('requestAnimationFrame', (draw: (now: number) => void) => frames.push(draw));
  vi.stubGlobal('cancelAnimationFrame', () => (frames = []));
  vi.stubGlobal('matchMedia', () => ({ matches: false }));
  vi.spyOn(performance, 'now').mockReturnValue(1000);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function labAt(playhead: number): { lab: LabStore; asked: number[] } {
  const asked: number[] = [];
  const lab = {
    playhead,
    failure: null,
    busy: false,
    view: { messages: new Map() },
    runTo: (to: number) => {
      asked.push(to);
      return Promise.resolve(null);
    },
  };
  return { lab: lab as unknown as LabStore, asked };
}

test('a frame whose instant lies before the click that began to play does not take time back', () => {
  const { lab, asked } = labAt(0);
  new Playback(lab).play();
  frame(990);
  expect(asked).toEqual([0]);
});

test('a frame that took long moves time no further than a short one', () => {
  const { lab, asked } = labAt(0);
  const playback = new Playback(lab);
  playback.setSmart(false);
  playback.setRange(1000, 1000);
  playback.play();
  frame(9000);
  expect(asked).toEqual([50]);
});
