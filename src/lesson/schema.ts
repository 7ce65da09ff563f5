/** The shape of lesson files. What conditions and actions say is checked in {@link ./parse.ts}. */
import * as v from 'valibot';
import { expected, flag, integer, list, number, object, text, type Schema } from '../protocol/json.ts';

const ENTRIES_MAX = 100;

const id = matching(/^[a-z][a-z0-9-]*$/, 'a name of small letters, digits and -');
const words = v.pipe(text('some text', 10_000), v.trim(), v.minLength(1, expected('some text')));
const ms = number(0, 1e9);
const condition = words;

/** An action of a scenario with its keys, or something that is done in the panel. */
const act = v.looseObject({ after: v.optional(condition), wait: v.optional(ms, 0) }, expected('an act'));
const acts = list(act, 'a list of acts', ENTRIES_MAX);
const routes = list(object({ name: words, acts }), 'a list of routes', ENTRIES_MAX);

const step = {
  id,
  checkpoint: v.optional(object({ scenario: v.optional(v.unknown()), acts: v.optional(acts, []) })),
  predict: v.optional(object({ options: options({ id, when: condition }) })),
  question: v.optional(object({ id, options: options({ id, right: v.optional(flag, false) }) })),
  done: condition,
  never: v.optional(list(condition, 'a list of conditions', ENTRIES_MAX), []),
  solution: acts,
  runUntil: v.optional(condition),
  limit: v.optional(ms, 30_000),
};

export const LessonSchema = object(
  {
    format: v.literal('zabscope/lesson@1', expected('"zabscope/lesson@1"')),
    number: matching(/^\d+\.\d+$/, 'a number such as 3.1'),
    id,
    minutes: integer(1, 60),
    scenario: v.unknown(),
    steps: list(object(step), 'a list of steps', 6, 1),
    challenge: object({ ...step, alternatives: routes, cheats: routes }),
  },
  'a lesson',
);
export type LessonData = v.InferOutput<typeof LessonSchema>;
export type ActData = v.InferOutput<typeof act>;

const choice = object({ question: words, options: byId(words) });
const sentences = list(words, 'a list of sentences', ENTRIES_MAX, 1);
const hints = expected('three hints');

export const LessonTextSchema = object(
  {
    title: words,
    goal: words,
    attacks: sentences,
    steps: byId(
      object({
        title: words,
        say: words,
        do: words,
        explain: words,
        hints: v.strictTuple([words, words, words], hints),
        predict: v.optional(choice),
        question: v.optional(choice),
        atoms: v.optional(list(words, 'a list of sentences', ENTRIES_MAX)),
      }),
    ),
    smallPrint: sentences,
  },
  'the text of a lesson',
);

function matching(pattern: RegExp, form: string) {
  return v.pipe(text(form, 100), v.regex(pattern, expected(form)));
}

function options<const E extends Readonly<Record<string, Schema>>>(entries: E) {
  return list(object(entries), 'a list of options', ENTRIES_MAX, 2);
}

function byId<const S extends Schema>(schema: S) {
  return v.record(id, schema, expected('an object with ids as keys'));
}
