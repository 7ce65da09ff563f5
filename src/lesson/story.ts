/**
 * Stories of broken rules: data of `lessons/broken-rules/<defect>/story.json` and the text of one language. A story is a
 * scenario that has one defect, and the instants at which to look at it; the last one is that of the violation.
 */
import * as v from 'valibot';
import { PROPERTY_NAMES, type Property } from '../check/index.ts';
import { parseScenario, TIME_MAX, type Scenario } from '../lab/index.ts';
import { DEFECT_NAMES, type Defect } from '../protocol/defects.ts';
import { check, expected, list, number, object, oneOf, text } from '../protocol/json.ts';

const STEPS_MAX = 12;

export interface StoryStep {
  /** Virtual ms. */
  readonly at: number;
  /** Markdown: what happens there. */
  readonly text: string;
}

export interface Story {
  readonly defect: Defect;
  /** Catches it before any other does. */
  readonly property: Property;
  /** With the defect, and no other. */
  readonly scenario: Scenario;
  /** Ascending; the last is at the violation, to half a millisecond. */
  readonly steps: readonly StoryStep[];
  readonly title: string;
  /** Markdown. */
  readonly intro: string;
  /** Markdown: what this breaks for those who use ZooKeeper, and the real bug if there was one. */
  readonly meaning: string;
}

export type ParsedStory =
  { readonly ok: true; readonly story: Story } | { readonly ok: false; readonly reason: string };

const words = (max: number) => v.pipe(text('some text', max), v.trim(), v.minLength(1, expected('some text')));

const StorySchema = object(
  {
    format: v.literal('zabscope/story@1', expected('"zabscope/story@1"')),
    defect: oneOf(DEFECT_NAMES),
    property: oneOf(PROPERTY_NAMES),
    scenario: v.unknown(),
    steps: list(object({ at: number(0, TIME_MAX) }), 'a list of steps', STEPS_MAX, 2),
  },
  'a story',
);

const StoryTextSchema = object(
  {
    title: words(80),
    intro: words(800),
    steps: list(words(500), 'a list of texts', STEPS_MAX),
    meaning: words(1500),
  },
  'the text of a story',
);

/** `data` and `text` are JSON that was read already. Never throws; what is wrong is told in one sentence. */
export function parseStory(data: unknown, text: unknown): ParsedStory {
  const story = check(StorySchema, data);
  if (!story.ok) return refuse(story.message);
  const told = check(StoryTextSchema, text);
  if (!told.ok) return refuse(`text: ${told.message}`);
  const parsed = parseScenario(story.value.scenario);
  if (!parsed.ok) return refuse(`scenario: ${parsed.message}`);
  const { defect, property, steps } = story.value;
  const { scenario } = parsed;
  if (scenario.defects.join() !== defect) return refuse(`scenario.defects: expected ["${defect}"] and no other`);
  const early = steps.findIndex(({ at }, i) => at <= (steps[i - 1]?.at ?? -1));
  if (early >= 0) return refuse(`steps[${early}].at: expected an instant after that of the step before`);
  const late = steps.findIndex(({ at }) => at > scenario.until);
  if (late >= 0) return refuse(`steps[${late}].at: expected at most ${scenario.until}, where the scenario ends`);
  if (told.value.steps.length !== steps.length) {
    return refuse(`text: steps: expected ${steps.length} texts, one for each step, got ${told.value.steps.length}`);
  }
  return {
    ok: true,
    story: {
      ...told.value,
      defect,
      property,
      scenario,
      steps: steps.map(({ at }, i) => ({ at, text: told.value.steps[i] ?? '' })),
    },
  };
}

/** The scenario of a story with the whole protocol. */
export function withoutDefect({ scenario }: Story): Scenario {
  return { ...scenario, defects: [] };
}

function refuse(reason: string): ParsedStory {
  return { ok: false, reason };
}
