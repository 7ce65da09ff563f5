import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../../src/lab/scenario.ts';
import { freshScenario, partitionWords, quorumWords, STARTS, withinLimits } from '../../../src/ui/guide/starts.ts';

describe('a fresh lab', () => {
  it.each(STARTS)('$title is a valid scenario', ({ lab }) => {
    expect(parseScenario(freshScenario(lab)).ok).toBe(true);
  });

  it('is valid whatever is typed', () => {
    const number = fc.oneof(fc.integer(), fc.double(), fc.constant(NaN));
    const labs = fc.record({ voters: number, observers: number, clients: number, seed: number, cold: fc.boolean() });
    fc.assert(fc.property(labs, (lab) => parseScenario(freshScenario(lab)).ok));
  });

  it('has at most nine servers and six clients', () => {
    const most = { voters: 8, observers: 8, clients: 99, seed: 1, cold: false };
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
