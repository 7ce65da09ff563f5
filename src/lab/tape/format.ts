/**
 * Tapes: plain data as words of 32 bits, for what crosses threads and what is kept but seldom read. Cloning a graph of
 * objects costs several times as much, since it spells out the keys of each.
 *
 * A value is a word: its lowest bits say what it is, the others are a number of 29 bits; what does not fit follows. An
 * object is the number of its shape (its keys) and its values. Shapes and strings are numbered by the writer, and told
 * to the reader when they are new. Nothing is lost but what structured clones keep and plain data do not have: identity
 * of objects that stand in two places, holes, class instances.
 */

/** What a writer tells its reader at once. Tapes of a writer are read in their order. */
export interface Tape {
  readonly words: Int32Array<ArrayBuffer>;
  /** Those that no tape before has told. */
  readonly strings: readonly string[];
  readonly shapes: readonly (readonly string[])[];
  /** The strings of all tapes before are forgotten: the first of `strings` is number 0. */
  readonly fresh: boolean;
}

export const TAG_BITS = 3;
export const TAG_MASK = (1 << TAG_BITS) - 1;
export const INT_MAX = 2 ** (31 - TAG_BITS) - 1;

/** A whole number of 29 bits. */
export const INT = 0;
/** A whole number of thousandths, such as an instant. */
export const MILLI = 1;
/** Two words follow: the double. */
export const DOUBLE = 2;
export const STRING = 3;
/** Its values follow. */
export const OBJECT = 4;
/** So many values follow. */
export const ARRAY = 5;
/** So many bytes follow, in whole words. */
export const BYTES = 6;
/** One of {@link NULL} … */
export const OTHER = 7;

export const NULL = 0;
export const UNDEFINED = 1;
export const FALSE = 2;
export const TRUE = 3;
/** A string follows: its digits. */
export const BIGINT = 4;
