/** Many seeds together: sums, what never happened, and which rules no seed has touched. */
import type { RuleId } from '../protocol/rules/index.ts';
import { addCounts, addFaults, NO_COUNTS, type CountName, type Counts } from './counts.ts';
import { EVENT_RULES } from './event-rules.ts';
import { DEFAULT_OPTIONS } from './generate.ts';
import type { Profile } from './profiles.ts';
import type { SeedResult } from './simulate.ts';

export interface Totals {
  readonly seeds: number;
  /** Virtual ms of all seeds together. */
  readonly virtualMs: number;
  readonly counts: Counts;
  readonly faults: Readonly<Record<string, number>>;
  readonly rules: ReadonlySet<RuleId>;
}

export const NO_TOTALS: Totals = { seeds: 0, virtualMs: 0, counts: NO_COUNTS, faults: {}, rules: new Set() };

export function addSeed(totals: Totals, { end, counts, faults, rules }: SeedResult): Totals {
  return {
    seeds: totals.seeds + 1,
    virtualMs: totals.virtualMs + end,
    counts: addCounts(totals.counts, counts),
    faults: addFaults(totals.faults, faults),
    rules: new Set([...totals.rules, ...rules]),
  };
}

/** Of so few seeds, as long as by default, nothing is demanded but that each has worked. */
const FEW = 30;

/** What a seed as long as by default brings on average at least, by profile; far below what they do. */
const EVERY: Readonly<Partial<Record<CountName, number>>> = { commits: 5, requests: 20, replies: 5 };
const FLOORS: Readonly<Record<Profile, Readonly<Partial<Record<CountName, number>>>>> = {
  calm: { watchEvents: 1, snapshots: 1 },
  network: { diffs: 2, moves: 1 },
  crash: { elections: 2, recoveries: 5, diffs: 2 },
  disk: { recoveries: 2, snaps: 0.2 },
  pause: { elections: 1.2 },
  reconfig: { reconfigs: 0.5 },
  sessions: { sessions: 3, expiries: 0.2 },
  chaos: { elections: 1.5, recoveries: 1, diffs: 2, expiries: 0.1, snapshots: 1 },
  staged: { elections: 1, recoveries: 1, diffs: 1 },
};
/** What some seed out of a hundred brings. */
const RARE: Readonly<Record<Profile, readonly CountName[]>> = {
  calm: ['snaps'],
  network: ['truncs', 'snaps', 'expiries'],
  crash: ['truncs', 'snaps', 'expiries', 'rollovers'],
  disk: ['truncs', 'exits'],
  pause: ['expiries'],
  reconfig: [],
  sessions: [],
  chaos: ['truncs', 'snaps', 'rollovers', 'exits', 'reconfigs'],
  staged: ['truncs', 'snaps', 'exits', 'reconfigs', 'expiries'],
};

/**
 * What did not happen as often as it should have, one sentence each.
 * @param forMs how long faults and requests went on in each seed, virtual ms: shorter ones bring less
 */
export function missing(totals: Totals, profile: Profile, forMs = DEFAULT_OPTIONS.forMs): readonly string[] {
  const { seeds, counts, faults } = totals;
  const whole = seeds * Math.min(1, forMs / DEFAULT_OPTIONS.forMs);
  const sentences: string[] = [];
  const demand = (name: CountName, floor: number): void => {
    if (counts[name] < floor)
      sentences.push(`Only ${counts[name]} ${name} in ${seeds} seeds, expected ${floor} or more.`);
  };
  demand('established', seeds);
  const floors = { ...EVERY, ...(whole >= FEW ? FLOORS[profile] : {}) };
  for (const [name, share] of Object.entries(floors) as [CountName, number][]) demand(name, Math.floor(share * whole));
  if (whole >= 100) for (const name of RARE[profile]) demand(name, 1);
  const struck = Object.values(faults).reduce((sum, count) => sum + count, 0);
  if (profile !== 'calm' && profile !== 'reconfig' && whole >= FEW && struck < whole) {
    sentences.push(`Only ${struck} faults in ${seeds} seeds, expected ${Math.ceil(whole)} or more.`);
  }
  return sentences;
}

/** Of the rules that events can name. */
export interface Coverage {
  readonly touched: number;
  readonly of: number;
  readonly untouched: readonly RuleId[];
}

export function coverage(rules: ReadonlySet<RuleId>): Coverage {
  const untouched = EVENT_RULES.filter((rule) => !rules.has(rule));
  return { touched: EVENT_RULES.length - untouched.length, of: EVENT_RULES.length, untouched };
}
