/** Small helps with collections that stores replace whole. */

/** A set that nobody changes. */
export function setOf<T>(...items: readonly T[]): ReadonlySet<T> {
  return new Set(items);
}

/** `set` without `item` if it was in, with it if not. */
export function toggled<T>(set: ReadonlySet<T>, item: T): ReadonlySet<T> {
  const changed = new Set(set);
  if (!changed.delete(item)) changed.add(item);
  return changed;
}

/** One value for each key, made when it is asked for first. */
export class Once<K, V> {
  readonly #made = new Map<K, V>();

  of(key: K, make: () => V): V {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#made.set(key, made);
    return made;
  }
}
