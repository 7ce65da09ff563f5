/** Playback, frame by frame: the test is the browser that calls for frames. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { virtualTime } from '../../../src/protocol/time.ts';
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

test('it plays up to an instant and says when it is there', async () => {
  const { lab, asked } = labAt(0);
  const playback = new Playback(lab);
  const there = playback.playTo(virtualTime(10));
  await Promise.resolve();
  expect(playback.passing).toBe(true);
  // A long way takes no longer than a short one; never further than it was asked to.
  frame(1050);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toBeLessThanOrEqual(10);
  Object.assign(lab, { playhead: 10 });
  frame(1066);
  expect(await there).toBe(true);
  expect(playback.playing).toBe(false);
});

test('who pauses on the way does not get there', async () => {
  const { lab } = labAt(0);
  const playback = new Playback(lab);
  const there = playback.playTo(virtualTime(10));
  playback.pause();
  expect(await there).toBe(false);
});

test('with reduced motion it is there at once', async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: true }));
  const { lab, asked } = labAt(0);
  const playback = new Playback(lab);
  await playback.playTo(virtualTime(5000));
  expect(asked).toEqual([5000]);
  expect(playback.playing).toBe(false);
});
