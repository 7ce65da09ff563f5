import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Violation } from '../../../src/check/index.ts';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { createProcess, Lab, type LabApi, type Scenario } from '../../../src/lab/index.ts';
import { parseStory, proveStory, type Story } from '../../../src/lesson/index.ts';
import { DEFECT_NAMES } from '../../../src/protocol/defects.ts';

const FOLDER = new URL('../../../lessons/broken-rules/', import.meta.url);
const json = (path: string): unknown => JSON.parse(readFileSync(new URL(path, FOLDER), 'utf8'));
const folders = existsSync(FOLDER) ? readdirSync(FOLDER).sort() : [];
const open = (scenario: Scenario): Promise<LabApi> => Lab.open(scenario, () => new InlineHost(createProcess));

function storyOf(data: unknown, text: unknown): Story {
  const parsed = parseStory(data, text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.story;
}

const SCENARIO = {
  format: 'zabscope/scenario@1',
  title: 'A story',
  ensemble: { servers: [{ sid: 1 }, { sid: 2 }, { sid: 3 }] },
  defects: ['ack-before-fsync'],
  until: 5000,
};
const STORY = {
  format: 'zabscope/story@1',
  defect: 'ack-before-fsync',
  property: 'Leadership1',
  scenario: SCENARIO,
  steps: [{ at: 1000 }, { at: 2000.4 }],
};
const TEXT = { title: 'A story', intro: 'It begins.', steps: ['One.', 'Two.'], meaning: 'Much.' };

describe('a story', () => {
  const refusal = (data: object, text: object = {}): string => {
    const parsed = parseStory({ ...STORY, ...data }, { ...TEXT, ...text });
    return parsed.ok ? 'accepted' : parsed.reason;
  };

  test('has its scenario, its steps and their texts', () => {
    const story = storyOf(STORY, TEXT);
    expect(story).toMatchObject({ defect: 'ack-before-fsync', property: 'Leadership1', meaning: 'Much.' });
    expect(story.scenario.defects).toEqual(['ack-before-fsync']);
    expect(story.steps).toEqual([
      { at: 1000, text: 'One.' },
      { at: 2000.4, text: 'Two.' },
    ]);
  });

  test.each<[string, object, object, RegExp]>([
    ['another format', { format: 'zabscope/story@2' }, {}, /^format: expected "zabscope\/story@1"/],
    ['a defect that nobody knows', { defect: 'vote-twice' }, {}, /^defect: expected one of /],
    ['a property that nobody knows', { property: 'Kindness' }, {}, /^property: expected one of /],
    ['a key that nobody knows', { more: 1 }, {}, /^more: unknown key/],
    ['a scenario that is none', { scenario: { ...SCENARIO, seed: -1 } }, {}, /^scenario: seed: expected/],
    ['no defect in the scenario', { scenario: { ...SCENARIO, defects: [] } }, {}, /^scenario\.defects: expected/],
    [
      'two defects',
      { scenario: { ...SCENARIO, defects: ['ack-before-fsync', 'commit-without-quorum'] } },
      {},
      /^scenario\.defects: expected \["ack-before-fsync"\] and no other/,
    ],
    ['one step only', { steps: [{ at: 1 }] }, {}, /^steps: expected 2 to 12 entries, got 1/],
    ['steps that stand still', { steps: [{ at: 5 }, { at: 5 }] }, {}, /^steps\[1\]\.at: expected an instant after/],
    ['a step after the end', { steps: [{ at: 1 }, { at: 5001 }] }, {}, /^steps\[1\]\.at: expected at most 5000/],
    ['a text too few', {}, { steps: ['One.'] }, /^text: steps: expected 2 texts, one for each step, got 1/],
    ['an empty text', {}, { intro: ' ' }, /^text: intro: expected some text/],
    ['a text that is too long', {}, { title: 'x'.repeat(81) }, /^text: title: expected at most 80 characters, got 81/],
  ])('is refused with %s', (_what, data, text, reason) => {
    expect(refusal(data, text)).toMatch(reason);
  });

  test('is refused whatever it is', () => {
    for (const junk of [null, 1, 'x', [], {}]) {
      expect(parseStory(junk, TEXT).ok).toBe(false);
      expect(parseStory(STORY, junk).ok).toBe(false);
    }
  });
});

describe('the proof of a story', () => {
  const violation = (changes: Partial<Violation> = {}): Violation =>
    ({ property: 'Leadership1', at: 2000.1, event: 7, proof: [7], says: 'Two lead.', ...changes }) as Violation;
  const problems = async (withIt: readonly Violation[], without: readonly Violation[] = []) => {
    const lab = (violations: readonly Violation[]): LabApi =>
      ({ violations, failure: null, advance: () => Promise.resolve(), dispose: () => undefined }) as never;
    const proof = await proveStory(storyOf(STORY, TEXT), ({ defects }) =>
      Promise.resolve(lab(defects.length > 0 ? withIt : without)),
    );
    return proof.problems;
  };

  test('holds when the property catches the defect at the last step, and nothing else ever', async () => {
    expect(await problems([violation()])).toEqual([]);
    expect(await problems([violation({ at: 2000.9 as never })])).toEqual([]);
  });
  test('fails a defect that nothing catches', async () => {
    expect(await problems([])).toEqual(['nothing catches ack-before-fsync until 5000 ms']);
  });
  test('fails when another property is broken first', async () => {
    expect(await problems([violation({ property: 'Leadership2' }), violation()])).toEqual([
      'Leadership2 catches it at 2000.1 ms, before Leadership1 does: Two lead.',
    ]);
  });
  test('fails when the last step is elsewhere', async () => {
    expect(await problems([violation({ at: 2001 as never })])).toEqual([
      'the last step is at 2000.4 ms, but the violation at 2001 ms',
    ]);
  });
  test('fails when the whole protocol breaks too', async () => {
    expect(await problems([violation()], [violation()])).toEqual([
      'without the defect Leadership1 is broken too, at 2000.1 ms: Two lead.',
    ]);
  });
});

describe('the stories of lessons/broken-rules', () => {
  test.each(folders)('%s ends in its violation, and without the defect in none', async (folder) => {
    const story = storyOf(json(`${folder}/story.json`), json(`${folder}/text.en.json`));
    expect(story.defect).toBe(folder);
    expect((await proveStory(story, open)).problems).toEqual([]);
  });

  test('tell of every defect', () => {
    expect(folders).toEqual([...DEFECT_NAMES].sort());
  });
});
