/** Differences between what was recorded and what came, and what the format tolerates. */

/** A difference, at its place below the step (`res.stat.version`). */
export interface Difference {
  readonly place: string;
  readonly expected: unknown;
  /** Undefined: nothing. */
  readonly got: unknown;
}

/** Compares JSON values; lists of different length are one difference. */
export function compare(place: string, expected: unknown, got: unknown): readonly Difference[] {
  if (Array.isArray(expected) && Array.isArray(got) && expected.length === got.length) {
    return expected.flatMap((each: unknown, index) => compare(`${place}[${index}]`, each, got[index]));
  }
  if (isObject(expected) && isObject(got)) {
    const keys = [...Object.keys(expected), ...Object.keys(got).filter((key) => !Object.hasOwn(expected, key))];
    return keys.flatMap((key) => compare(place === '' ? key : `${place}.${key}`, expected[key], got[key]));
  }
  return equal(expected, got) ? [] : [{ place, expected, got }];
}

export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((each, index) => equal(each, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}

/** The entries of a bag in an order of their own. */
export function sortedBag<T>(bag: readonly T[]): readonly T[] {
  return bag
    .map((each) => ({ each, key: JSON.stringify(each) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ each }) => each);
}

/** What a session was told: node events between two replies or session events are sorted (tolerance 1). */
export function withoutOrder(seen: readonly unknown[]): readonly unknown[] {
  const result: unknown[] = [];
  let bag: unknown[] = [];
  for (const each of seen) {
    if (typeof each === 'string' || (Array.isArray(each) && each[0] === 'None')) {
      result.push(...sortedBag(bag), each);
      bag = [];
    } else {
      bag.push(each);
    }
  }
  return [...result, ...sortedBag(bag)];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
