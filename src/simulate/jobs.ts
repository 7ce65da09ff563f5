/** What a thread of a simulation can be asked for: plain data there and back. */
import type { Scenario } from '../lab/index.ts';
import { unreachable } from '../protocol/assert.ts';
import type { GenerateOptions } from './generate.ts';
import { play, type Finding } from './play.ts';
import { counterexample, failing, simulate } from './simulate.ts';

interface OfSeed {
  readonly seed: number;
  readonly options: GenerateOptions;
}

export type Job =
  | (OfSeed & { readonly do: 'simulate' })
  | (OfSeed & { readonly do: 'counterexample'; readonly property: Finding['property']; readonly budget: number })
  | (OfSeed & { readonly do: 'failing' })
  /** A scenario that is there, healed in the end, played on behind what it breaks. */
  | { readonly do: 'play'; readonly scenario: Scenario };

export interface Answers {
  readonly simulate: Awaited<ReturnType<typeof simulate>>;
  readonly counterexample: Awaited<ReturnType<typeof counterexample>>;
  readonly failing: Awaited<ReturnType<typeof failing>>;
  readonly play: readonly Finding[];
}

export type JobOf<Name extends Job['do']> = Extract<Job, { readonly do: Name }>;

/** @throws Error that names the job, if the simulator itself has a bug */
export async function work(job: Job): Promise<Answers[Job['do']]> {
  try {
    return await done(job);
  } catch (error) {
    const what = 'seed' in job ? `seed ${job.seed}` : `"${job.scenario.title}"`;
    throw new Error(`${what} (${job.do}): ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function done(job: Job): Promise<Answers[Job['do']]> {
  switch (job.do) {
    case 'simulate':
      return simulate(job.seed, job.options);
    case 'counterexample':
      return counterexample(job.seed, job.options, job.property, job.budget);
    case 'failing':
      return failing(job.seed, job.options);
    case 'play':
      return (await play(job.scenario, { heal: true, stopAtFirst: false })).violations;
    default:
      return unreachable(job);
  }
}
