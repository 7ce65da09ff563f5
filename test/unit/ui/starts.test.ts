import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../../src/lab/scenario.ts';
import {
  FRESH,
  freshProblem,
  freshScenario,
  freeSid,
  parseGroups,
  partitionWords,
  quorumWords,
  STARTS,
  withinLimits,
} from '../../../src/ui/guide/starts.ts';

describe('a fresh lab', () => {
  it.each(STARTS)('$title is a valid scenario', ({ lab }) => {
    expect(parseScenario(freshScenario(lab)).ok).toBe(true);
  });

  it('is valid whatever is typed', () => {
    const number = fc.oneof(fc.integer(), fc.double(), fc.constant(NaN));
    const labs = fc.record({ voters: number, observers: number, clients: number, seed: number, cold: fc.boolean() });
    fc.assert(fc.property(labs, (lab) => parseScenario(freshScenario({ ...FRESH, ...lab })).ok));
  });

  it('has at most nine servers and six clients', () => {
    const most = { ...FRESH, voters: 8, observers: 8, clients: 99, seed: 1 };
    expect(withinLimits(most)).toMatchObject({ voters: 8, observers: 1, clients: 6 });
    expect(freshScenario(most).clients.at(-1)).toEqual({ name: 'frank', server: 6 });
  });

  it('says what its votes can bear', () => {
    expect([1, 2, 3, 4, 5].map(quorumWords)).toEqual([
      'quorum 1 · none may fail',
      'quorum 2 · none may fail',
      'quorum 2 · one may fail',
      'quorum 3 · one may fail',
      'quorum 3 · 2 may fail',
    ]);
    const voters = new Set([1, 2, 3]);
    expect(
      partitionWords(
        [
          [1, 4],
          [2, 3],
        ],
        voters,
      ),
    ).toBe('s1 s4 | s2 s3: s2 s3 may serve');
    expect(partitionWords([[1], [2], [3, 4]], voters)).toContain('no side has a quorum');
  });
});

describe('settings', () => {
  it('go into the scenario under the names of files, as far as they are not as usual', () => {
    const lab = { ...FRESH, readOnly: true, chroot: '/app', clients: 1 };
    const settings = { reconfigEnabled: true, readonlymodeEnabled: true, tickTime: 2000, snapCount: 10 };
    const { ensemble, clients } = freshScenario({ ...lab, settings });
    expect(ensemble).toMatchObject({ reconfigEnabled: true, 'readonlymode.enabled': true, snapCount: 10 });
    expect(ensemble).not.toHaveProperty('tickTime');
    expect(clients).toEqual([{ name: 'alice', server: 1, readOnly: true, chroot: '/app' }]);
  });

  it('are refused with the sentence of the scenario', () => {
    expect(freshProblem(FRESH)).toBeNull();
    expect(freshProblem({ ...FRESH, settings: { tickTime: NaN } })).toContain('tickTime');
    expect(freshProblem({ ...FRESH, chroot: 'app' })).toContain('path of a znode');
    expect(freshProblem({ ...FRESH, groups: 'group.1=1:2:3' })).toContain(
      'expected every participant, got none with 4',
    );
    expect(freshProblem({ ...FRESH, voters: 3, groups: 'weight.1=0' })).toContain('weights count in groups only');
    expect(freshProblem({ ...FRESH, voters: 3, groups: 'group.1=1:2:3\nweight.3=0' })).toBeNull();
  });

  it('take groups and weights as a configuration file has them', () => {
    expect(parseGroups(' group.1 = 1:2\n\nweight.2=3 ')).toEqual({
      ok: true,
      value: { groups: { 1: [1, 2] }, weights: { 2: 3 } },
    });
    expect(parseGroups('')).toEqual({ ok: true, value: {} });
    expect(parseGroups('group=1')).toEqual({
      ok: false,
      reason: 'expected group.1=1:2:3 or weight.3=0, got group=1',
    });
  });

  it('never make the form fail', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^(group|weight)\.\d+=\d+(:\d+)?$/));
    fc.assert(
      fc.property(text, text, (groups, chroot) => typeof freshProblem({ ...FRESH, groups, chroot }) !== 'number'),
    );
  });
});

it('a new server gets the next sid', () => {
  expect(freeSid([1, 2, 3])).toBe(4);
  expect(freeSid([])).toBe(1);
  expect(freeSid([1, 255])).toBe(2);
});
