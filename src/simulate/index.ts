/** The simulator: random scenarios played headless, with checkers on, healed, and shrunk where they fail. */
export { COUNT_NAMES } from './counts.ts';
export { EVENT_RULES } from './event-rules.ts';
export { DEFAULT_OPTIONS, generate, type GenerateOptions } from './generate.ts';
export { work, type Answers, type Job, type JobOf } from './jobs.ts';
export { LIVENESS, LIVENESS_NAMES } from './liveness.ts';
export { profileFor, unproved, type Hunt, type Proof } from './mutants.ts';
export { isNew, play, type Finding } from './play.ts';
export { PROFILE_NAMES, PROFILES, type Profile } from './profiles.ts';
export { counterexample, failing, simulate, type Counterexample, type SeedResult } from './simulate.ts';
export { addSeed, coverage, missing, NO_TOTALS, type Totals } from './summary.ts';
