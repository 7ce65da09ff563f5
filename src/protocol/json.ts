/**
 * JSON of unknown origin, judged by valibot: what schemas are made of here, and the one line that tells the first thing
 * that is not as expected and where (`actions[2].server: expected …, got …`).
 */
import * as v from 'valibot';

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** A schema of which only the result matters. */
export type Schema<T = unknown> = v.GenericSchema<unknown, T>;

const GOT_MAX = 60;

/** What `schema` makes of `json`, or one line on the first thing that is wrong. Never throws. */
export function check<S extends Schema>(schema: S, json: unknown): Checked<v.InferOutput<S>> {
  const result = v.safeParse(schema, json, {
    abortEarly: true,
    message: (issue) => expected(issue.expected ?? '')(issue),
  });
  if (result.success) return { ok: true, value: result.output };
  const [{ path, message }] = result.issues;
  const place = (path ?? []).reduce((above, { key }) => placeIn(above, key), '');
  return { ok: false, message: place === '' ? message : `${place}: ${message}` };
}

/** The message of a schema: what was expected in its place, and what there is. */
export function expected(form: string): (issue: { readonly input: unknown }) => string {
  return ({ input }) => `expected ${form}, got ${input === undefined ? 'nothing' : shown(input)}`;
}

/** The JSON of a value; null if it is too deep to have one. */
function jsonText(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    return null;
  }
}

// ---- values

export const flag = v.boolean(expected('true or false'));

export function number(min: number, max: number, form = `a number from ${min} to ${max}`) {
  const message = expected(form);
  return v.pipe(v.number(message), v.minValue(min, message), v.maxValue(max, message));
}

export function integer(min: number, max: number, form = `an integer from ${min} to ${max}`) {
  return v.pipe(number(min, max, form), v.integer(expected(form)));
}

export function text(form: string, max: number) {
  return v.pipe(
    v.string(expected(form)),
    v.maxLength(max, ({ input }) => `expected at most ${max} characters, got ${input.length}`),
  );
}

export function oneOf<const C extends string>(choices: readonly C[]) {
  const [first, ...more] = choices;
  return v.picklist(choices, expected(more.length === 0 ? JSON.stringify(first) : `one of ${choices.join(', ')}`));
}

// ---- lists and objects

/** The length is checked before the items are looked at. */
export function list<S extends Schema>(item: S, form: string, max: number, min = 0) {
  return v.pipe(
    v.array(v.unknown(), expected(form)),
    v.check(
      ({ length }) => min <= length && length <= max,
      ({ input }) => `expected ${min === 0 ? 'at most' : `${min} to`} ${max} entries, got ${input.length}`,
    ),
    v.array(item),
    v.readonly(),
  );
}

/** An object with these keys and no others: an unknown key is told first, as the others may be missing for its sake. */
export function object<const E extends Readonly<Record<string, Schema>>>(entries: E, form = 'an object') {
  const keys = Object.keys(entries);
  return v.pipe(
    anyObject(form),
    together((given) => {
      const unknown = Object.keys(given).find((key) => !Object.hasOwn(entries, key));
      return unknown === undefined ? null : [[unknown], `unknown key; the keys here are ${keys.join(', ')}`];
    }),
    v.object(entries, missing(entries)),
  );
}

/** An object with these keys, and others that nobody here looks at. */
export function looseObject<const E extends Readonly<Record<string, Schema>>>(entries: E, form = 'an object') {
  return v.pipe(anyObject(form), v.looseObject(entries, missing(entries)));
}

/** An object of one of several kinds: its `key` names the schema. */
export function choice<const S extends Readonly<Record<string, Schema>>>(key: string, schemas: S, form = 'an object') {
  const kinds = { [key]: oneOf(Object.keys(schemas)) };
  // Tells what is wrong with an object that names no kind: of those it accepts none.
  const nameless = v.pipe(anyObject(form), v.looseObject(kinds, missing(kinds))) as unknown as Schema<never>;
  return v.lazy((input): Schema<v.InferOutput<S[keyof S]>> => {
    const kind = isObject(input) ? input[key] : null;
    // The keys of `schemas` are all text.
    return typeof kind === 'string' && Object.hasOwn(schemas, kind) ? (schemas[kind] as S[keyof S]) : nameless;
  });
}

/** Values of an object that must fit together: `problem` gives the place below it and the sentence, or null. */
export function together<T>(
  problem: (value: T) => readonly [place: readonly (string | number)[], says: string] | null,
) {
  return v.rawCheck<T>(({ dataset, addIssue }) => {
    const found = dataset.typed ? problem(dataset.value) : null;
    if (!found) return;
    const [place, message] = found;
    const input = dataset.value;
    const [first, ...more] = place.map(
      (key) => ({ type: 'unknown', origin: 'value', input, key, value: null }) as const,
    );
    addIssue(first ? { message, path: [first, ...more] } : { message });
  });
}

function isObject(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

function anyObject(form: string) {
  return v.custom<Readonly<Record<string, unknown>>>(isObject, expected(form));
}

/** The message for a key that is not there: what its own schema says to nothing. */
function missing(entries: Readonly<Record<string, Schema>>) {
  return ({
    path,
    input,
  }: {
    readonly path?: readonly { readonly key?: unknown }[] | undefined;
    readonly input: unknown;
  }) => {
    const schema = entries[String(path?.[0]?.key)];
    const said = schema && v.safeParse(schema, undefined);
    return said?.issues?.[0].message ?? expected('an object')({ input });
  };
}

function placeIn(above: string, key: unknown): string {
  if (typeof key === 'number') return `${above}[${key}]`;
  const name = typeof key === 'string' && /^[\w.-]{1,40}$/.test(key) ? key : shown(key);
  return above === '' ? name : `${above}.${name}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value) && value.length > 20) return `a list of ${value.length}`;
  if (typeof value === 'number') return String(value);
  const json = jsonText(value) ?? 'something very deep';
  return json.length > GOT_MAX ? `${json.slice(0, GOT_MAX)}…` : json;
}
