/** All checkers on whole runs: silent where nothing is broken (seeds: test/unit/simulate), and not where something is. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Property } from '../../../src/check/index.ts';
import { parseScenarioText } from '../../../src/lab/index.ts';
import type { Defect } from '../../../src/protocol/defects.ts';
import { DEFAULT_OPTIONS, generate, play, type Profile } from '../../../src/simulate/index.ts';

const SCENARIOS = new URL('../../scenarios/', import.meta.url);

test.each(readdirSync(SCENARIOS).filter((file) => file.endsWith('.json')))('nothing is found in %s', async (file) => {
  const parsed = parseScenarioText(readFileSync(new URL(file, SCENARIOS), 'utf8'));
  if (!parsed.ok) throw new Error(parsed.message);
  expect((await play(parsed.scenario, { heal: false, stopAtFirst: true })).violations).toEqual([]);
});

describe('a random run with a broken rule', () => {
  // The stories of lessons/broken-rules have the shortest run of each; here a checker has to see the same among much else.
  // Another generator has other seeds: `npm run lab -- simulate --mutate NAME` finds them.
  const BREAKS: readonly (readonly [Defect, Property, Profile, number])[] = [
    ['vote-id-before-zxid', 'VoteOrder', 'crash', 7],
    ['elect-without-quorum', 'ElectionQuorum', 'chaos', 4],
    ['own-clock', 'TreeDeterminism', 'chaos', 2],
    ['version-stays', 'StatLaws', 'chaos', 2],
    ['half-multi', 'ExactlyOnce', 'chaos', 9],
    ['expire-early', 'SessionExpiry', 'sessions', 1],
    ['resend-on-reconnect', 'ExactlyOnce', 'sessions', 7],
    ['reply-before-commit', 'ExactlyOnce', 'network', 1],
    ['reads-overtake-writes', 'SequentialConsistency', 'network', 3],
    ['local-sync', 'SyncPromise', 'network', 39],
    ['learner-ignores-silence', 'Timeliness', 'network', 18],
    ['forget-watches', 'WatchCompleteness', 'sessions', 8],
    ['watch-fires-twice', 'WatchCompleteness', 'sessions', 3],
    ['watch-fires-late', 'WatchOrder', 'network', 3],
    ['watch-ignores-acl', 'WatchPermission', 'sessions', 19],
    ['keep-ephemeral', 'EphemeralsEnd', 'sessions', 10],
    ['sequence-by-count', 'UniqueSequence', 'sessions', 8],
  ];

  test.each(BREAKS)('%s: %s in profile %s, seed %i', async (defect, property, profile, seed) => {
    const scenario = generate(seed, { ...DEFAULT_OPTIONS, profile, forMs: 6000, defects: [defect] });
    const { violations } = await play(scenario, { heal: false, stopAtFirst: false });
    expect(violations.map((violation) => violation.property)).toContain(property);
  });
});

test('LinearizableWrites: a write that was acknowledged without a quorum is missed by later ones', async () => {
  const parsed = parseScenarioText(readFileSync(new URL('broken/linearizable-writes.json', SCENARIOS), 'utf8'));
  if (!parsed.ok) throw new Error(parsed.message);
  const options = { heal: false, stopAtFirst: false };
  const broken = await play(parsed.scenario, options);
  expect(broken.violations.map(({ property }) => property)).toContain('LinearizableWrites');
  expect((await play({ ...parsed.scenario, defects: [] }, options)).violations).toEqual([]);
});
