/** What a thread of a simulation can be asked for: plain data there and back. */
import { unreachable } from '../protocol/assert.ts';
import type { GenerateOptions } from './generate.ts';
import type { Finding } from './play.ts';
import { counterexample, failing, simulate } from './simulate.ts';

export type Job = { readonly seed: number; readonly options: GenerateOptions } & (
  | { readonly do: 'simulate' }
  | { readonly do: 'counterexample'; readonly property: Finding['property']; readonly budget: number }
  | { readonly do: 'failing' }
);

export interface Answers {
  readonly simulate: Awaited<ReturnType<typeof simulate>>;
  readonly counterexample: Awaited<ReturnType<typeof counterexample>>;
  readonly failing: Awaited<ReturnType<typeof failing>>;
}

export type JobOf<Name extends Job['do']> = Extract<Job, { readonly do: Name }>;

export async function work(job: Job): Promise<Answers[Job['do']]> {
  switch (job.do) {
    case 'simulate':
      return simulate(job.seed, job.options);
    case 'counterexample':
      return counterexample(job.seed, job.options, job.property, job.budget);
    case 'failing':
      return failing(job.seed, job.options);
    default:
      return unreachable(job);
  }
}
