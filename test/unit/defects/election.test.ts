/** Defects of the election: each changes what its rule decides, and nothing else. */
import { describe, expect, test } from 'vitest';
import { totalOrderPredicate } from '../../../src/engine/election/index.ts';
import type { Defect } from '../../../src/protocol/defects.ts';
import type { Vote } from '../../../src/protocol/packets.ts';
import { Ensemble, members, verifierOf, vote } from '../election/harness.ts';

/** Whether `a` is better than `b`: with the rule kept, and with it broken. */
function better(defect: Defect, a: Vote, b: Vote): readonly boolean[] {
  const verifier = verifierOf(members(3));
  const rules = { broken: (asked: Defect) => asked === defect };
  return [totalOrderPredicate(a, b, verifier), totalOrderPredicate(a, b, verifier, rules)];
}

describe('ignore-vote-epoch', () => {
  test('a higher zxid wins over a higher epoch', () => {
    expect(better('ignore-vote-epoch', vote(1, 9, 1, 1), vote(2, 8, 1, 2))).toEqual([false, true]);
    expect(better('ignore-vote-epoch', vote(2, 8, 1, 2), vote(1, 9, 1, 1))).toEqual([true, false]);
  });

  test('within an epoch the order is as ever', () => {
    expect(better('ignore-vote-epoch', vote(1, 9), vote(2, 8))).toEqual([true, true]);
    expect(better('ignore-vote-epoch', vote(2, 8), vote(1, 8))).toEqual([true, true]);
  });
});

describe('vote-id-before-zxid', () => {
  test('a higher sid wins over a higher zxid', () => {
    expect(better('vote-id-before-zxid', vote(2, 8), vote(1, 9))).toEqual([false, true]);
    expect(better('vote-id-before-zxid', vote(1, 9), vote(2, 8))).toEqual([true, false]);
  });

  test('the epoch comes first still, and of one candidate the zxid decides', () => {
    expect(better('vote-id-before-zxid', vote(1, 8, 1, 2), vote(2, 9, 1, 1))).toEqual([true, true]);
    expect(better('vote-id-before-zxid', vote(1, 9), vote(1, 8))).toEqual([true, true]);
  });
});

describe('elect-without-quorum', () => {
  const alone = (...defects: Defect[]): string[] => {
    const lab = new Ensemble(members(3), defects);
    lab.start(1);
    lab.runUntil(5000);
    return lab.states();
  };

  test('a server alone elects itself', () => {
    expect(alone()).toEqual(['s1 LOOKING → 1']);
    expect(alone('elect-without-quorum')).toEqual(['s1 LEADING → 1']);
  });

  test('who hears of a better vote in time follows it', () => {
    const lab = new Ensemble(members(3), ['elect-without-quorum']);
    for (const n of [1, 2, 3]) lab.start(n);
    lab.runUntil(1000);
    expect(lab.states()).toEqual(['s1 FOLLOWING → 3', 's2 FOLLOWING → 3', 's3 LEADING → 3']);
  });
});

describe('settle-for-any-leader', () => {
  /** s1 of five servers hears `words`: who says that it is in this state under s3. */
  const hears = (words: readonly (readonly [number, 'LEADING' | 'FOLLOWING'])[], ...defects: Defect[]): string[] => {
    const lab = new Ensemble(members(5), defects);
    lab.start(1);
    for (const [from, state] of words) lab.inject(1, from, state, vote(3, 0, 7));
    return lab.states();
  };

  test('the word of the leader is enough', () => {
    expect(hears([[3, 'LEADING']])).toEqual(['s1 LOOKING → 1']);
    expect(hears([[3, 'LEADING']], 'settle-for-any-leader')).toEqual(['s1 FOLLOWING → 3']);
  });

  test('that of a follower is not', () => {
    expect(hears([[2, 'FOLLOWING']], 'settle-for-any-leader')).toEqual(['s1 LOOKING → 1']);
  });
});
