import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configurations } from '../../../src/check/configs.ts';
import { elections } from '../../../src/check/elections.ts';
import { epochs } from '../../../src/check/epochs.ts';
import { Checks } from '../../../src/check/index.ts';
import { messageOrder } from '../../../src/check/messages.ts';
import { phases } from '../../../src/check/phases.ts';
import { trees } from '../../../src/check/tree/index.ts';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { createProcess, Lab, parseScenario } from '../../../src/lab/index.ts';
import type { Defect } from '../../../src/protocol/defects.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { chaosScenario } from '../../helpers/chaos.ts';
import { reconfigScenario } from '../../helpers/reconfig-chaos.ts';

const CHECKERS = [elections, epochs, phases, messageOrder, configurations, trees];

/** What these checkers find in a run. */
async function found(json: object): Promise<readonly string[]> {
  const parsed = parseScenario(json);
  if (!parsed.ok) throw new Error(parsed.message);
  const lab = await Lab.open(parsed.scenario, () => new InlineHost(createProcess), { checks: false });
  await lab.advance(virtualTime(parsed.scenario.until));
  lab.dispose();
  const checks = new Checks(lab.trace.setup, CHECKERS);
  checks.follow(lab.trace);
  return checks.violations.map(({ property, says }) => `${property}: ${says}`);
}

const SCENARIOS = new URL('../../scenarios/', import.meta.url);

test.each(readdirSync(SCENARIOS).filter((file) => file.endsWith('.json')))('nothing in %s', async (file) => {
  expect(await found(JSON.parse(readFileSync(new URL(file, SCENARIOS), 'utf8')) as object)).toEqual([]);
});

test.each([9, 10, 11, 12, 13, 14])('nothing in chaos of seed %i', async (seed) => {
  expect(await found(chaosScenario(seed))).toEqual([]);
});

test.each([2, 14])('nothing in reconfigurations of seed %i', async (seed) => {
  expect(await found(reconfigScenario(seed))).toEqual([]);
});

test.each<[Defect, number, string]>([
  ['vote-id-before-zxid', 1, 'VoteOrder'],
  ['elect-without-quorum', 1, 'ElectionQuorum'],
  ['own-clock', 1, 'TreeDeterminism'],
  ['version-stays', 2, 'StatLaws'],
])('with %s chaos of seed %i breaks %s', async (defect, seed, property) => {
  const [first] = await found({ ...chaosScenario(seed), defects: [defect] });
  expect(first?.split(':')[0]).toBe(property);
});

test('ZOOKEEPER-2846, which the real server still has: a log on disk under a SNAP has a gap', async () => {
  expect((await found(chaosScenario(45)))[0]).toBe(
    'proposalInconsistent: s5 sends s6 the proposal 0x200000007 after 0x100000005; the one that follows should have come.',
  );
});
