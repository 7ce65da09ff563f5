import { expect, test } from 'vitest';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { createProcess, Lab, parseScenario, type Scenario } from '../../../src/lab/index.ts';
import { virtualTime } from '../../../src/protocol/time.ts';

const parsed = parseScenario({
  format: 'zabscope/scenario@1',
  ensemble: { servers: [{ sid: 1 }, { sid: 2 }, { sid: 3 }] },
  clients: [{ name: 'alice', server: 1 }],
  actions: [{ at: 2000, do: 'request', client: 'alice', op: 'create', path: '/a', data: 'x' }],
  defects: ['commit-without-quorum'],
});
if (!parsed.ok) throw new Error(parsed.message);
const { scenario } = parsed;
const open = (of: Scenario, checks?: boolean): Promise<Lab> =>
  Lab.open(of, () => new InlineHost(createProcess), checks === undefined ? {} : { checks });

test('checkers that come late find what those find that were there from the start', async () => {
  const [early, late] = [await open(scenario), await open(scenario, false)];
  for (const lab of [early, late]) await lab.advance(virtualTime(3000));
  expect(late.violations).toEqual([]);
  expect(early.violations.length).toBeGreaterThan(0);
  await late.watch();
  expect(late.violations).toEqual(early.violations);
  await late.watch();
  for (const lab of [early, late]) await lab.advance(virtualTime(4000));
  expect(late.violations).toEqual(early.violations);
  for (const lab of [early, late]) lab.dispose();
});
