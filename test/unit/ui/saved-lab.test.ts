/** What a browser keeps of a lab over a reload, and what of that is believed. */
import { expect, test } from 'vitest';
import { parseScenario } from '../../../src/lab/index.ts';
import { readSavedLab, writePlace, writeScenario, type SavedPlace } from '../../../src/ui/state/saved-lab.ts';

const parsed = parseScenario({
  format: 'zabscope/scenario@1',
  title: 'Kept',
  ensemble: { servers: [{ sid: 1 }] },
  clients: [{ name: 'alice' }],
  actions: [{ at: 5, do: 'kill', server: 1 }],
});
if (!parsed.ok) throw new TypeError(parsed.message);
const { scenario } = parsed;
const place: SavedPlace = {
  playhead: 3000.125,
  head: 4000,
  playing: true,
  pace: [40, 1000],
  smart: true,
  mode: 'lessons',
  lesson: { id: 'first-write', step: 2 },
  story: { defect: 'skip-trunc', step: -1, whole: true },
  hash: '#z1.abc',
};

test('what was written is read again', () => {
  expect(readSavedLab(writeScenario(scenario), writePlace(place))).toEqual({ scenario, ...place });
});

const WRONG: readonly (readonly [what: string, scenario: string | null, place: string | null])[] = [
  ['nothing', null, null],
  ['no place', writeScenario(scenario), null],
  ['no scenario', null, writePlace(place)],
  ['no JSON', '{', writePlace(place)],
  ['a wrong scenario', '{"format":"zabscope/scenario@1","ensemble":{"servers":[]}}', writePlace(place)],
  ['a place that is none', writeScenario(scenario), '[1,2]'],
  ['a playhead behind the head', writeScenario(scenario), writePlace({ ...place, playhead: 4001 })],
  ['an instant before the beginning', writeScenario(scenario), writePlace({ ...place, playhead: -1 })],
  ['an instant beyond all', writeScenario(scenario), writePlace({ ...place, head: 1e300 })],
  ['a pace that stands still', writeScenario(scenario), writePlace({ ...place, pace: [0, 1] })],
  ['too much', writeScenario({ ...scenario, title: 'x'.repeat(5_000_000) }), writePlace(place)],
];

test.each(WRONG)('%s is no lab', (_, kept, where) => {
  expect(readSavedLab(kept, where)).toBeNull();
});

test('a lesson, a story or a mode that cannot be is left out', () => {
  const story = { defect: 'skip-trunc', step: -2, whole: true };
  const text = JSON.stringify({ ...place, mode: 'chess', lesson: { id: 7, step: -1 }, story });
  expect(readSavedLab(writeScenario(scenario), text)).toMatchObject({ mode: 'sandbox', lesson: null, story: null });
});
