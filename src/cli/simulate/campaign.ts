/** A range of seeds over a pool of threads: answers in the order of the seeds, and counterexamples of what they broke. */
import {
  addSeed,
  isNew,
  NO_TOTALS,
  type Counterexample,
  type Finding,
  type GenerateOptions,
  type SeedResult,
  type Totals,
} from '../../simulate/index.ts';
import type { Pool } from './pool.ts';

export interface Range {
  readonly first: number;
  readonly last: number;
}

export interface Campaign {
  readonly totals: Totals;
  /** Of seeds that broke a property or stopped the engine, in their order. */
  readonly broken: readonly SeedResult[];
  /** Of the other seeds those in which a known bug of Apache ZooKeeper did. */
  readonly known: readonly SeedResult[];
}

/**
 * Simulates the seeds of a range.
 * @param told of each seed, in their order; true ends the campaign behind it
 */
export async function campaign(
  pool: Pool,
  { first, last }: Range,
  options: GenerateOptions,
  told: (result: SeedResult, totals: Totals) => boolean,
): Promise<Campaign> {
  let totals = NO_TOTALS;
  const broken: SeedResult[] = [];
  const known: SeedResult[] = [];
  const ahead: Promise<SeedResult>[] = [];
  // So many that no thread waits for a slow one, and not so many that much is done in vain.
  const most = 4 * pool.threads;
  let next = first;
  for (let seed = first; seed <= last; seed++) {
    while (next <= last && next < seed + most) ahead.push(pool.do({ do: 'simulate', seed: next++, options }));
    const result = await ahead.shift();
    if (!result) break;
    totals = addSeed(totals, result);
    if (result.failure || result.violations.some(isNew)) broken.push(result);
    else if (result.violations.length > 0) known.push(result);
    if (told(result, totals)) break;
  }
  // Of what was begun in vain nobody waits for the answer.
  for (const rest of ahead) rest.catch(() => undefined);
  return { totals, broken, known };
}

/** A counterexample for the first violation of each broken seed, shrunk for the first seed of each property. */
export async function counterexamples(
  pool: Pool,
  broken: readonly SeedResult[],
  options: GenerateOptions,
  budget: number,
): Promise<readonly Counterexample[]> {
  const shrunk = new Set<Finding['property']>();
  const found = await Promise.all(
    broken.map(async ({ seed, violations }) => {
      const finding = violations.find(isNew);
      if (!finding) return null;
      const { property } = finding;
      const first = !shrunk.has(property);
      shrunk.add(property);
      return pool.do({ do: 'counterexample', seed, options, property, budget: first ? budget : 0 });
    }),
  );
  return found.filter((each) => each !== null);
}
