/** The shape of lesson files. What conditions and actions say is checked in {@link ./parse.ts}. */
import * as v from 'valibot';

const id = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]*$/, 'expected a name of small letters, digits and -'));
const text = v.pipe(v.string(), v.trim(), v.minLength(1, 'expected some text'));
const ms = v.pipe(v.number(), v.minValue(0));
const condition = text;

/** An action of a scenario with its keys, or something that is done in the panel. */
const act = v.looseObject({
  after: v.optional(condition),
  wait: v.optional(ms, 0),
});
const acts = v.array(act);

const route = v.strictObject({ name: text, acts });

const step = {
  id,
  checkpoint: v.optional(v.strictObject({ scenario: v.optional(v.unknown()), acts: v.optional(acts, []) })),
  predict: v.optional(
    v.strictObject({ options: v.pipe(v.array(v.strictObject({ id, when: condition })), v.minLength(2)) }),
  ),
  question: v.optional(
    v.strictObject({
      id,
      options: v.pipe(v.array(v.strictObject({ id, right: v.optional(v.boolean(), false) })), v.minLength(2)),
    }),
  ),
  done: condition,
  never: v.optional(v.array(condition), []),
  solution: acts,
  runUntil: v.optional(condition),
  limit: v.optional(ms, 30_000),
};

export const LessonSchema = v.strictObject({
  format: v.literal('zabscope/lesson@1'),
  number: v.pipe(v.string(), v.regex(/^\d+\.\d+$/, 'expected a number such as 3.1')),
  id,
  minutes: v.pipe(v.number(), v.integer(), v.minValue(1)),
  scenario: v.unknown(),
  steps: v.pipe(v.array(v.strictObject(step)), v.minLength(1), v.maxLength(6, 'expected at most six steps')),
  challenge: v.strictObject({ ...step, alternatives: v.array(route), cheats: v.array(route) }),
});
export type LessonData = v.InferOutput<typeof LessonSchema>;
export type ActData = v.InferOutput<typeof act>;

const choice = v.strictObject({ question: text, options: v.record(id, text) });

export const LessonTextSchema = v.strictObject({
  title: text,
  goal: text,
  attacks: v.pipe(v.array(text), v.minLength(1)),
  steps: v.record(
    id,
    v.strictObject({
      title: text,
      say: text,
      do: text,
      explain: text,
      hints: v.strictTuple([text, text, text]),
      predict: v.optional(choice),
      question: v.optional(choice),
      atoms: v.optional(v.array(text)),
    }),
  ),
  smallPrint: v.pipe(v.array(text), v.minLength(1)),
});

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** One sentence that names the place of the first thing that is wrong. */
export function check<S extends v.GenericSchema>(schema: S, data: unknown): Checked<v.InferOutput<S>> {
  const result = v.safeParse(schema, data);
  if (result.success) return { ok: true, value: result.output };
  const [issue] = result.issues;
  const place = v.getDotPath(issue);
  return { ok: false, reason: `${place === null ? '' : `${place}: `}${issue.message}` };
}
