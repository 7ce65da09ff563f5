/** Simulations as plain data: what a thread is asked for and what it answers. Pure functions of seed and options. */
import { encodeLink, serializeScenario, type Scenario } from '../lab/index.ts';
import { generate, type GenerateOptions } from './generate.ts';
import { isNew, play, type Finding, type Outcome } from './play.ts';
import { cut, shrink } from './shrink.ts';

/** What one seed came to. */
export interface SeedResult extends Omit<Outcome, 'scenario'> {
  readonly seed: number;
}

/** A scenario that shows a violation. */
export interface Counterexample {
  readonly seed: number;
  readonly finding: Finding;
  /** As in a file; ends right behind the violation, and opens there. */
  readonly scenario: Readonly<Record<string, unknown>>;
  /** Fragment of a link to the page; null: too large. */
  readonly link: string | null;
  /** Whether it was shrunk, and with how many runs. */
  readonly runs: number;
}

/** Generates a seed's scenario, plays it, heals it. With a defect it goes on behind the first violation, to see what else breaks. */
export async function simulate(seed: number, options: GenerateOptions): Promise<SeedResult> {
  const { scenario: _, ...rest } = await outcomeOf(seed, options);
  return { seed, ...rest };
}

async function outcomeOf(seed: number, options: GenerateOptions): Promise<Outcome> {
  return play(generate(seed, options), { heal: true, stopAtFirst: options.defects.length === 0 });
}

/**
 * A small scenario in which `property`, which `seed` has broken, is broken too.
 * @param budget most runs that shrinking may take; 0: the scenario as it was, cut behind the violation
 */
export async function counterexample(
  seed: number,
  options: GenerateOptions,
  property: Finding['property'],
  budget: number,
): Promise<Counterexample | null> {
  const outcome = await outcomeOf(seed, options);
  const finding = outcome.violations.find((each) => each.property === property && isNew(each));
  if (!finding) return null;
  const shrunk = budget > 0 ? await shrink(generate(seed, options), outcome, property, budget) : null;
  const found = shrunk ?? { scenario: { ...cut(outcome.scenario, finding), start: finding.at }, finding, runs: 0 };
  return { seed, runs: found.runs, finding: found.finding, ...asFile(found.scenario, seed, found.finding) };
}

/** The scenario of a seed in which the engine itself has failed. */
export async function failing(
  seed: number,
  options: GenerateOptions,
): Promise<Readonly<Record<string, unknown>> | null> {
  const { failure, scenario } = await outcomeOf(seed, options);
  return failure && serializeScenario(scenario);
}

function asFile(scenario: Scenario, seed: number, finding: Finding): Pick<Counterexample, 'scenario' | 'link'> {
  const titled = { ...scenario, title: `${finding.property}, found by seed ${seed}` };
  const link = encodeLink(titled, finding.at);
  return { scenario: serializeScenario(titled), link: link.ok ? link.fragment : null };
}
