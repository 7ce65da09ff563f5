/** docs/broken-rules.md tells of every defect and every property, and of seeds that do catch what it says. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PROPERTY_NAMES } from '../../../src/check/index.ts';
import { DEFECT_NAMES, type Defect } from '../../../src/protocol/defects.ts';
import { DEFAULT_OPTIONS, generate, isNew, LIVENESS_NAMES, play, profileFor } from '../../../src/simulate/index.ts';

const text = readFileSync('docs/broken-rules.md', 'utf8');
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
const rowOf = (name: string): readonly string[] => rows.find(([first]) => first === name) ?? [];

test.each(DEFECT_NAMES)('%s is told of, in the profile in which it is hunted', (defect) => {
  const [, , , caught, seeds] = rowOf(`\`${defect}\``);
  expect(caught).toMatch(/\w/);
  expect(seeds).toMatch(/^(\d+|none of \d+) \((\w+)\)/);
  expect(seeds).toContain(`(${profileFor(defect)})`);
});

test.each([...PROPERTY_NAMES, ...LIVENESS_NAMES])('%s is told of', (property) => {
  expect(rowOf(property)).toHaveLength(4);
});

describe('the seed that is told catches it, with the property that is told', () => {
  const SOME: readonly Defect[] = ['commit-without-quorum', 'reuse-epoch', 'watch-fires-late', 'hole-in-committed-log'];

  test.each(SOME)('%s', async (defect) => {
    const [, , , caught = '', seeds = ''] = rowOf(`\`${defect}\``);
    const profile = profileFor(defect);
    const scenario = generate(parseInt(seeds, 10), { ...DEFAULT_OPTIONS, profile, defects: [defect] });
    const { violations } = await play(scenario, { heal: true, stopAtFirst: true });
    expect(caught).toContain(`**${violations.find(isNew)?.property ?? 'nothing'}**`);
  });
});
