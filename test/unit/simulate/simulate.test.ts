/** Fixed seeds of every profile: nothing breaks, all settles, and a lot happens. */
import { beforeAll, describe, expect, test } from 'vitest';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createProcess, Lab, parseScenario, serializeScenario } from '../../../src/lab/index.ts';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { FOUR_LETTER_WORDS } from '../../../src/protocol/monitoring.ts';
import { RULES } from '../../../src/protocol/rules/index.ts';
import { toJsonl } from '../../../src/trace/index.ts';
import {
  addSeed,
  COUNT_NAMES,
  coverage,
  counterexample,
  DEFAULT_OPTIONS,
  EVENT_RULES,
  generate,
  isNew,
  missing,
  NO_TOTALS,
  play,
  PROFILE_NAMES,
  simulate,
  type Finding,
  type GenerateOptions,
  type Profile,
  type SeedResult,
  type Totals,
} from '../../../src/simulate/index.ts';

const SEEDS: Readonly<Record<Profile, number>> = {
  ...{ calm: 4, network: 12, crash: 12, disk: 12, pause: 8, reconfig: 12, sessions: 12, chaos: 40, staged: 20 },
};
const FIRST = 1000;
/** Profiles in which no process may end by itself: neither does a machine die in them, nor a disk fail. */
const NO_EXITS: readonly Profile[] = ['calm', 'network', 'pause', 'sessions'];
let all: Totals = NO_TOTALS;

async function holds(seed: number, options: GenerateOptions): Promise<SeedResult> {
  const result = await simulate(seed, options);
  expect({ violations: result.violations, failure: result.failure }).toEqual({ violations: [], failure: null });
  all = addSeed(all, result);
  return result;
}

describe.each(PROFILE_NAMES)('profile %s', (profile) => {
  let totals: Totals = NO_TOTALS;
  const options: GenerateOptions = { ...DEFAULT_OPTIONS, profile };

  test.each(Array.from({ length: SEEDS[profile] }, (_, i) => FIRST + i))('seed %i holds', async (seed) => {
    totals = addSeed(totals, await holds(seed, options));
  });

  test('and a lot has happened', () => {
    expect(missing(totals, profile)).toEqual([]);
    if (NO_EXITS.includes(profile)) expect(totals.counts.exits).toBe(0);
  });
});

describe('reconfigurations while servers die and links fail', () => {
  let totals: Totals = NO_TOTALS;
  const seeds = Array.from({ length: 800 }, (_, i) => FIRST + 100 + i)
    .filter((seed) => {
      const { actions } = generate(seed, DEFAULT_OPTIONS);
      const reconfigs = actions.filter((action) => action.do === 'request' && action.op === 'reconfig');
      const done = new Set(actions.map((action) => action.do));
      return reconfigs.length >= 5 && done.has('kill') && done.has('cut');
    })
    .slice(0, 12);

  test.each(seeds)('seed %i holds', async (seed) => {
    totals = addSeed(totals, await holds(seed, DEFAULT_OPTIONS));
  });

  test('and the ensembles have changed', () => {
    expect(seeds).toHaveLength(12);
    expect(totals.counts.reconfigs).toBeGreaterThan(seeds.length);
  });
});

test('all together: whatever is counted has happened', () => {
  expect(COUNT_NAMES.filter((name) => all.counts[name] === 0)).toEqual([]);
});

// What liveness asks for is the matter of ensembles.
test.each([1, 2, 3, 5])('a server without an ensemble, seed %i: nothing is violated', async (seed) => {
  const { ensemble, ...scenario } = generate(seed, { ...DEFAULT_OPTIONS, profile: 'sessions', servers: 1 });
  const [server] = ensemble.servers;
  if (!server) throw new Error('there is no server');
  const { violations, failure, counts } = await play(
    { ...scenario, ensemble: { ...ensemble, servers: [server], standaloneEnabled: true } },
    { heal: false, stopAtFirst: true },
  );
  expect({ violations, failure }).toEqual({ violations: [], failure: null });
  expect(counts.replies).toBeGreaterThan(20);
  expect(counts.elections).toBe(0);
});

test('a seed gives the same trace, however it is played again', async () => {
  const scenario = generate(5, DEFAULT_OPTIONS);
  const first = await play(scenario, { heal: true, stopAtFirst: true });
  const second = await play(scenario, { heal: true, stopAtFirst: true });
  expect(second).toEqual(first);
  // What was played is a plain scenario: run without the simulator it makes the same trace.
  const parsed = parseScenario(serializeScenario(first.scenario));
  if (!parsed.ok) throw new Error(parsed.message);
  const runs = await Promise.all(
    [first.scenario, parsed.scenario].map(async (each) => {
      const lab = await Lab.open(each, () => new InlineHost(createProcess), { checks: false });
      await lab.advance(virtualTime(first.end));
      return toJsonl(lab.trace.events());
    }),
  );
  expect(runs[1]).toBe(runs[0]);
  expect(runs[0]?.trimEnd().split('\n')).toHaveLength(first.counts.events);
});

test('what a known bug of Apache ZooKeeper does is no violation', () => {
  const finding = { property: 'TreeDeterminism', says: '', proof: [], event: 1, at: 2 } as unknown as Finding;
  expect(isNew(finding)).toBe(true);
  expect(isNew({ ...finding, known: 'ZOOKEEPER-2846' })).toBe(false);
});

test('what does not happen is told', () => {
  expect(missing({ ...NO_TOTALS, seeds: 5 }, 'chaos')[0]).toBe('Only 0 established in 5 seeds, expected 5 or more.');
  expect(missing({ ...NO_TOTALS, seeds: 50 }, 'network').at(-1)).toMatch(/^Only 0 faults in 50 seeds/);
  // Ten short ones are not even one.
  expect(missing({ ...NO_TOTALS, seeds: 10 }, 'chaos', 1000)).toEqual([
    'Only 0 established in 10 seeds, expected 10 or more.',
    'Only 0 commits in 10 seeds, expected 2 or more.',
    'Only 0 requests in 10 seeds, expected 10 or more.',
    'Only 0 replies in 10 seeds, expected 2 or more.',
  ]);
});

describe('a planted violation', () => {
  const options: GenerateOptions = { ...DEFAULT_OPTIONS, profile: 'calm', defects: ['mzxid-stays'] };
  let found: Awaited<ReturnType<typeof counterexample>> = null;

  beforeAll(async () => {
    const { violations } = await simulate(1, options);
    found = violations[0] ? await counterexample(1, options, violations[0].property, 150) : null;
  }, 60_000);

  test('is shrunk to few actions, and the file shows it', async () => {
    expect(found?.runs).toBeGreaterThan(5);
    const parsed = parseScenario(found?.scenario);
    if (!parsed.ok) throw new Error(parsed.message);
    expect(parsed.scenario.actions.length).toBeLessThan(6);
    expect(parsed.scenario.ensemble.servers.length).toBeLessThan(3);
    expect(parsed.scenario.start).toBe(found?.finding.at);
    const lab = await Lab.open(parsed.scenario, () => new InlineHost(createProcess));
    await lab.advance(virtualTime(parsed.scenario.until));
    expect(lab.violations.map(({ property }) => property)).toContain(found?.finding.property);
  });

  test('has a link', () => expect(found?.link).toMatch(/^z1\.[\w-]+@[\d.]+$/));

  test('is shrunk to the same scenario again', async () => {
    if (!found) throw new Error('nothing was found');
    const again = await counterexample(1, options, found.finding.property, 150);
    expect(again).toEqual(found);
  });
});

describe('rules that events can name', () => {
  test('are those whose id stands in the sources', () => {
    const sources = ['engine', 'client', 'process', 'lab', 'protocol'].flatMap((folder) =>
      readdirSync(path.join('src', folder), { recursive: true, encoding: 'utf8' })
        .map((file) => path.join(folder, file))
        .filter((file) => file.endsWith('.ts') && !/^protocol.(rules|defect)/.test(file)),
    );
    // Ids that are put together there.
    const built = [
      ...FOUR_LETTER_WORDS.map((word) => `monitor.${word}`),
      ...['watch.data-table', 'watch.child-table', 'session.created', 'session.renewed'],
    ];
    const text = sources.map((file) => readFileSync(path.join('src', file), 'utf8')).join('\n');
    expect(EVENT_RULES).toEqual(
      Object.keys(RULES).filter((rule) => built.includes(rule) || text.includes(`'${rule}'`)),
    );
  });

  test('are counted', () => {
    const [first = 'zab.commit-quorum'] = EVENT_RULES;
    expect(coverage(new Set([first]))).toMatchObject({ touched: 1, of: EVENT_RULES.length });
  });
});
