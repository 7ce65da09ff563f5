/**
 * Seeded random numbers. One seed makes a stream for each purpose (a link's latency, a disk, an
 * election), named by a string, so that a new draw in one stream does not shift the others.
 * Generator: sfc32, seeded through splitmix32 over an FNV-1a hash of the name.
 */

/** One stream. Copying it is not possible; streams are made by name. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  private constructor(hash: number, seed: number) {
    let state = (hash ^ Math.imul(seed | 0, 0x9e3779b1)) >>> 0;
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let x = state ^ (state >>> 16);
      x = Math.imul(x, 0x21f0aaad);
      x ^= x >>> 15;
      x = Math.imul(x, 0x735a2d97);
      return (x ^ (x >>> 15)) | 0;
    };
    this.#a = next();
    this.#b = next();
    this.#c = next() ^ Math.floor(seed / 2 ** 32);
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** The stream called `name` of the lab with this `seed` (an integer from 0 to 2^53 − 1). */
  static stream(seed: number, name: string): Random {
    let hash = 0x811c9dc5;
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
    return new Random(hash >>> 0, seed);
  }

  /** An integer from 0 to 2^32 − 1. */
  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** A number in [0, 1). */
  unit(): number {
    return this.uint32() / 2 ** 32;
  }

  /** An integer in [0, bound). `bound` from 1 to 2^32. */
  below(bound: number): number {
    return Math.floor(this.unit() * bound);
  }

  /** A number in [low, high], on the grid of 0.001. */
  between(low: number, high: number): number {
    return Math.round((low + this.unit() * (high - low)) * 1000) / 1000;
  }
}
