/** Random scenarios are scenarios, and a pure function of seed and options. */
import { describe, expect, test } from 'vitest';
import { serializeScenario } from '../../../src/lab/index.ts';
import { DEFAULT_OPTIONS, generate, PROFILE_NAMES, PROFILES, type Profile } from '../../../src/simulate/index.ts';

const of = (seed: number, profile: Profile) => serializeScenario(generate(seed, { ...DEFAULT_OPTIONS, profile }));

describe.each(PROFILE_NAMES)('profile %s', (profile) => {
  test('500 seeds are valid, and each seed has a scenario of its own', () => {
    const texts = new Set<string>();
    // generate() refuses with an error what no lab would take.
    for (let seed = 1; seed <= 500; seed++)
      texts.add(JSON.stringify(generate(seed, { ...DEFAULT_OPTIONS, profile }).actions));
    expect(texts.size).toBe(500);
  });

  test('the same seed gives the same scenario', () => {
    expect(of(7, profile)).toEqual(of(7, profile));
  });
});

// Stagings strike whatever they need.
test.each(PROFILE_NAMES.filter((name) => name !== 'staged'))('nothing is struck in %s that is not of it', (profile) => {
  const done = new Set<string>();
  for (let seed = 1; seed <= 100; seed++) {
    for (const action of generate(seed, { ...DEFAULT_OPTIONS, profile }).actions) done.add(action.do);
  }
  const groups: readonly string[] = PROFILES[profile];
  expect(done.has('kill')).toBe(groups.includes('crash') || groups.includes('disk'));
  expect(done.has('cut')).toBe(groups.includes('network'));
  expect(done.has('wipe')).toBe(groups.includes('disk'));
  expect(done.has('add-server')).toBe(groups.includes('reconfig'));
  expect(done.has('clock')).toBe(groups.includes('sessions'));
  expect(done.has('request')).toBe(true);
});

test('how many voters there are, how long and with which defects, is as asked for', () => {
  const scenario = generate(3, { profile: 'crash', servers: 5, forMs: 3000, defects: ['skip-trunc'] });
  expect(scenario.ensemble.servers.filter(({ role }) => role === 'participant')).toHaveLength(5);
  expect(scenario.defects).toEqual(['skip-trunc']);
  expect(scenario.until).toBeLessThan(6000);
  expect(scenario.actions.every(({ at }) => at <= scenario.until)).toBe(true);
});
