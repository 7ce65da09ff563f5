/** The simulator: random scenarios played headless, with checkers on, healed, and shrunk where they fail. */
export type { CountName, Counts } from './counts.ts';
export { COUNT_NAMES } from './counts.ts';
export { EVENT_RULES } from './event-rules.ts';
export { DEFAULT_OPTIONS, generate, type GenerateOptions } from './generate.ts';
export { work, type Answers, type Job, type JobOf } from './jobs.ts';
export { LIVENESS, LIVENESS_NAMES, type LivenessProperty } from './liveness.ts';
export { profileFor, unproved, type Hunt, type Proof } from './mutants.ts';
export { isNew, play, type Finding, type Outcome, type PlayOptions } from './play.ts';
export { PROFILE_NAMES, PROFILES, type Profile } from './profiles.ts';
export { shrink, type Shrunk } from './shrink.ts';
export { counterexample, failing, simulate, type Counterexample, type SeedResult } from './simulate.ts';
export { addSeed, coverage, missing, NO_TOTALS, type Coverage, type Totals } from './summary.ts';
