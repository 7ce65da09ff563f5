import { describe, expect, test } from 'vitest';
import type { Violation } from '../../../src/check/index.ts';
import { DEFECT_NAMES, type Defect } from '../../../src/protocol/defects.ts';
import { proofsOf } from '../../../src/ui/dock/event-filter.ts';
import { placeFlags } from '../../../src/ui/dock/flags.ts';
import { groupDefects } from '../../../src/ui/guide/defect-groups.ts';

const view = { from: 0, to: 1000, width: 1000 };
const at = (...instants: readonly number[]) => instants.map((each) => ({ at: each, property: 'Leadership1' }));

describe('flags of violations on the timeline', () => {
  test('stand at their instants, those of one instant once, and only in sight', () => {
    const flags = placeFlags(at(100, 100, 400, 1200), view);
    expect(flags.map(({ index, x }) => [index, x])).toEqual([
      [0, 100],
      [2, 400],
    ]);
  });

  test('have labels that do not overlap, and none beyond the edge', () => {
    const flags = placeFlags(at(100, 110, 400, 990), view);
    expect(flags.map(({ label }) => label !== null)).toEqual([true, false, true, true]);
    expect(flags.map(({ before }) => before)).toEqual([false, false, false, true]);
  });
});

test('events know what they prove: what breaks a property goes first', () => {
  const violations = [
    { property: 'Leadership1', event: 9, proof: [3, 5, 9] },
    { property: 'Leadership2', event: 5, proof: [2, 5] },
  ] as unknown as Violation[];
  expect([...proofsOf(violations)]).toEqual([
    [2, { property: 'Leadership2', breaks: false }],
    [3, { property: 'Leadership1', breaks: false }],
    [5, { property: 'Leadership2', breaks: true }],
    [9, { property: 'Leadership1', breaks: true }],
  ]);
});

describe('the list of broken rules', () => {
  test('has every defect once', () => {
    const listed = groupDefects().flatMap(({ defects }) => defects);
    expect([...listed].sort()).toEqual([...DEFECT_NAMES].sort());
  });

  test('puts each where its rule belongs', () => {
    const groupOf = (name: Defect): string | undefined =>
      groupDefects().find(({ defects }) => defects.includes(name))?.title;
    expect(groupOf('ignore-vote-epoch')).toBe('Election');
    expect(groupOf('skip-trunc')).toBe('Discovery and synchronization');
    expect(groupOf('commit-without-quorum')).toBe('Broadcast');
    expect(groupOf('keep-ephemeral')).toBe('Sessions and watches');
    expect(groupOf('reconfig-old-quorum')).toBe('Reconfiguration');
    expect(groupOf('version-stays')).toBe('The tree of znodes');
  });
});
