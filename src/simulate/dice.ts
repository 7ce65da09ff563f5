/** Draws from one stream of the seed (src/protocol/random.ts), in the words of a generator. */
import { assert } from '../protocol/assert.ts';
import { Random } from '../protocol/random.ts';

export class Dice {
  readonly #random: Random;

  /** The stream `simulate/<name>` of `seed`. */
  constructor(seed: number, name: string) {
    this.#random = Random.stream(seed, `simulate/${name}`);
  }

  /** An integer in [low, high]. */
  int(low: number, high: number): number {
    return low + this.#random.below(high - low + 1);
  }

  /** True in `share` of all cases. */
  chance(share: number): boolean {
    return this.#random.unit() < share;
  }

  /** One of `choices`, each as likely; there is at least one. */
  pick<T>(choices: readonly T[]): T {
    assert(choices.length > 0, 'nothing to pick from');
    return choices[this.#random.below(choices.length)] as T; // below() is in range
  }

  /** One of the names, as likely as its weight says; a sum above 0. */
  weighted<K extends string>(weights: Readonly<Partial<Record<K, number>>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let left = this.#random.unit() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      left -= weight;
      if (left < 0) return name;
    }
    const last = entries.at(-1);
    assert(last, 'nothing to pick from');
    return last[0];
  }

  /** ms in [low, high], short ones as likely as long ones: evenly on a logarithmic scale. */
  span(low: number, high: number): number {
    return Math.round(low * (high / low) ** this.#random.unit());
  }

  /** `count` different ones of `choices`, or all if there are fewer, in their order. */
  sample<T>(choices: readonly T[], count: number): readonly T[] {
    const left = choices.map((_, index) => index);
    const taken: number[] = [];
    while (taken.length < count && left.length > 0) taken.push(...left.splice(this.#random.below(left.length), 1));
    return taken.sort((a, b) => a - b).map((index) => choices[index] as T); // an index of it
  }
}
