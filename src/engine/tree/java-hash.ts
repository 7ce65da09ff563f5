/**
 * The order in which Java's hash tables are walked, for a snapshot writes sessions, ACLs and children in
 * the order of a `HashMap`. Walked are the buckets one after the other, and in each its entries in the order
 * of their coming. A table that has shrunk keeps its size in Java; here it counts as made for what it holds.
 * Buckets of eight and more, which Java makes trees, keep their order here.
 */

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
