/**
 * The order in which Java's hash tables are walked, for a snapshot writes sessions, ACLs and children in
 * the order of a `HashMap`. Walked are the buckets one after the other, and in each its entries in the order
 * of their coming. Tables grow and never shrink. Buckets of eight and more, which Java makes trees, keep their order here.
 */

/** A `HashSet` that knows how many it held at most. */
export class GrownSet<T> extends Set<T> {
  #sizeMax = 0;

  get sizeMax(): number {
    return this.#sizeMax;
  }

  override add(value: T): this {
    super.add(value);
    this.#sizeMax = Math.max(this.#sizeMax, this.size);
    return this;
  }
}

/** `String.hashCode` */
export function stringHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/** `Long.hashCode` of 64 bits, given as a number of 53 bits or as a session id. */
export function longHash(value: bigint): number {
  return Number((value ^ (value >> 32n)) & 0xffff_ffffn) | 0;
}

/** Buckets of a `HashMap` or `ConcurrentHashMap` that began with `initial` and grew to hold `size` entries. */
export function tableLength(size: number, initial: number): number {
  let length = initial;
  while (size > length * 0.75) length *= 2;
  return length;
}

/** Buckets of `new HashMap(map)` for a map of `size` entries. */
export function copiedTableLength(size: number): number {
  let length = 1;
  while (length < Math.floor(size / 0.75 + 1)) length *= 2;
  return length;
}

/** The order of a `HashSet` to which the texts were added one after the other. */
export function inSetOrder(texts: readonly string[]): readonly string[] {
  return inBuckets(texts, tableLength(texts.length, 16), stringHash);
}

/** `values` by bucket; those of one bucket stay in their order. */
export function inBuckets<T>(values: readonly T[], length: number, hash: (value: T) => number): readonly T[] {
  const keyed = values.map((value) => {
    const h = hash(value);
    return { value, bucket: (h ^ (h >>> 16)) & (length - 1) };
  });
  return keyed.sort((a, b) => a.bucket - b.bucket).map(({ value }) => value);
}

/** `values` as a `ConcurrentHashMap` walks them into which they were put one after the other. */
export function inConcurrentMap<T>(values: readonly T[], hash: (value: T) => number): readonly T[] {
  const spread = (value: T): number => {
    const h = hash(value);
    return h ^ (h >>> 16);
  };
  let table: T[][] = Array.from({ length: 16 }, () => []);
  for (const [count, value] of values.entries()) {
    table[spread(value) & (table.length - 1)]?.push(value);
    if (count + 1 >= table.length * 0.75) table = transferred(table, spread);
  }
  return table.flat();
}

/**
 * A table of twice the length. Of each bucket the last entries that go to the same new one move as they are; those
 * before them are put in front of it one by one, and so turn around (`ConcurrentHashMap.transfer`).
 */
function transferred<T>(table: readonly T[][], spread: (value: T) => number): T[][] {
  const length = table.length;
  const larger: T[][] = Array.from({ length: 2 * length }, () => []);
  for (const [index, bucket] of table.entries()) {
    const target = (value: T): T[] | undefined => larger[(spread(value) & length) === 0 ? index : index + length];
    const last = bucket.at(-1);
    if (last === undefined) continue;
    const lastRun = bucket.findLastIndex((value) => target(value) !== target(last)) + 1;
    target(last)?.push(...bucket.slice(lastRun));
    for (const value of bucket.slice(0, lastRun)) target(value)?.unshift(value);
  }
  return larger;
}
