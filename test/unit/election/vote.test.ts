import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { totalOrderPredicate, votesEqual } from '../../../src/engine/election/index.ts';
import type { QuorumVerifier } from '../../../src/engine/ports.ts';
import { sid, type Sid } from '../../../src/protocol/ids.ts';
import type { ServerState, Vote } from '../../../src/protocol/packets.ts';
import { members, verifierOf, vote } from './harness.ts';

const majority = verifierOf(members(5));
const arbitraryVote: fc.Arbitrary<Vote> = fc
  .record({
    leader: fc.integer({ min: 1, max: 3 }),
    zxid: fc.integer({ min: -1, max: 2 }),
    peer: fc.integer({ min: -1, max: 2 }),
  })
  .map(({ leader, zxid, peer }) => vote(leader, zxid, 1, peer));

describe('fle.vote-order', () => {
  const better = (a: Vote, b: Vote): boolean => totalOrderPredicate(a, b, majority);
  const same = (a: Vote, b: Vote): boolean => a.leader === b.leader && a.zxid === b.zxid && a.peerEpoch === b.peerEpoch;

  test('peerEpoch decides before zxid, zxid before sid', () => {
    expect(better(vote(1, 0, 1, 2), vote(3, 9, 1, 1))).toBe(true);
    expect(better(vote(1, 9, 1, 1), vote(3, 8, 1, 1))).toBe(true);
    expect(better(vote(3, 8, 1, 1), vote(2, 8, 1, 1))).toBe(true);
  });

  test('the round is no part of it', () => {
    expect(better(vote(1, 0, 9), vote(2, 0, 1))).toBe(false);
    expect(better(vote(2, 0, 1), vote(2, 0, 9))).toBe(false);
  });

  test('a candidate of weight 0 is never better', () => {
    const weighted = verifierOf(members(5), { groups: { 1: members(5).map((m) => m.sid) }, weights: { 3: 0 } });
    expect(totalOrderPredicate(vote(3, 9), vote(1, 0), weighted)).toBe(false);
    expect(totalOrderPredicate(vote(2, 9), vote(1, 0), weighted)).toBe(true);
  });

  test('is a strict total order on distinct votes', () => {
    fc.assert(
      fc.property(arbitraryVote, arbitraryVote, arbitraryVote, (a, b, c) => {
        expect(better(a, a)).toBe(false);
        if (same(a, b)) expect(better(a, b) || better(b, a)).toBe(false);
        else expect(better(a, b)).not.toBe(better(b, a));
        if (better(a, b) && better(b, c)) expect(better(a, c)).toBe(true);
      }),
    );
  });
});

describe('fle.count-vote: Vote.equals', () => {
  const base = vote(3, 5, 2, 1);
  const others: readonly [string, Vote][] = [
    ['all', base],
    ['zxid', vote(3, 6, 2, 1)],
    ['round', vote(3, 5, 9, 1)],
    ['peerEpoch', vote(3, 5, 2, 7)],
    ['leader', vote(2, 5, 2, 1)],
  ];
  const equal = (state: ServerState, version: number, other: ServerState, otherVersion: number): string[] =>
    others
      .filter(([, v]) => votesEqual({ vote: base, state, version }, { vote: v, state: other, version: otherVersion }))
      .map(([differsIn]) => differsIn);

  test.each<[ServerState, number, ServerState, number, string[]]>([
    ['LOOKING', 0, 'LOOKING', 0, ['all']],
    ['LOOKING', 0, 'FOLLOWING', 2, ['all']],
    ['LEADING', 2, 'LOOKING', 0, ['all']],
    ['LEADING', 2, 'FOLLOWING', 2, ['all', 'zxid', 'round']],
    ['FOLLOWING', 0, 'FOLLOWING', 0, ['all', 'zxid', 'round']],
    ['FOLLOWING', 2, 'LEADING', 0, ['all', 'zxid', 'round', 'peerEpoch']],
    ['FOLLOWING', 0, 'LEADING', 2, ['all', 'zxid', 'round', 'peerEpoch']],
  ])('%s (version %i) and %s (version %i) are equal if they differ only in: %j', (a, va, b, vb, expected) => {
    expect(equal(a, va, b, vb)).toEqual(expected);
    expect(equal(b, vb, a, va)).toEqual(expected);
  });
});

describe('QuorumMaj', () => {
  test('fle.majority: a quorum is more than half of the voting members', () => {
    const of = (n: number): ReadonlySet<ReturnType<typeof sid>> =>
      new Set(Array.from({ length: n }, (_, i) => sid(i + 1)));
    expect([1, 2, 3, 4, 5, 6, 7].map((n) => verifierOf(members(n)).need)).toEqual([1, 2, 2, 3, 3, 4, 4]);
    const four = verifierOf(members(4));
    expect(four.containsQuorum(of(2))).toBe(false);
    expect(four.containsQuorum(of(3))).toBe(true);
  });

  test('observers are members without a vote; sids ascend', () => {
    const verifier = verifierOf([...members(3, 2)].reverse());
    expect(verifier).toMatchObject({ votingMembers: [1, 2, 3], need: 2 });
  });
});

describe('QuorumHierarchical', () => {
  const of = (groups: Record<string, number[]>, weights: Record<string, number> = {}): QuorumVerifier =>
    verifierOf(members(Math.max(...Object.values(groups).flat())), {
      groups: groups as Record<string, Sid[]>,
      weights,
    });
  const quorum = (verifier: QuorumVerifier, ...sids: number[]): boolean =>
    verifier.containsQuorum(new Set(sids.map(sid)));

  test('fle.groups: more than half of the weight in each of more than half of the groups', () => {
    const nine = of({ 1: [1, 2, 3], 2: [4, 5, 6], 3: [7, 8, 9] });
    expect(nine.need).toBe(4);
    expect(quorum(nine, 1, 2, 4, 5)).toBe(true);
    expect(quorum(nine, 1, 2, 3, 4, 7)).toBe(false);
    const heavy = of({ 1: [1, 2, 3] }, { 1: 3 });
    expect([quorum(heavy, 1), quorum(heavy, 2, 3)]).toEqual([true, false]);
    expect(heavy.need).toBe(1);
  });

  test('fle.weightless-group: it neither helps nor is missed', () => {
    const verifier = of({ 1: [1, 2], 2: [3] }, { 3: 0 });
    expect(verifier).toMatchObject({ need: 2, votingMembers: [1, 2, 3] });
    expect([quorum(verifier, 1, 2), quorum(verifier, 1, 3), quorum(verifier, 3)]).toEqual([true, false, false]);
  });

  test('two quorums always have a server in common', () => {
    const groups = fc.constantFrom<Record<string, number[]>[]>(
      { 1: [1, 2, 3], 2: [4, 5], 3: [6] },
      { 1: [1, 2, 3, 4] },
      { 1: [1, 2], 2: [3, 4], 3: [5, 6] },
    );
    const weight = fc.array(fc.nat(4), { minLength: 6, maxLength: 6 });
    const some = fc.uniqueArray(fc.integer({ min: 1, max: 6 }));
    fc.assert(
      fc.property(groups, weight, some, some, (groups, list, a, b) => {
        const all = Object.values(groups).flat();
        const verifier = of(groups, Object.fromEntries(all.map((n, i): [string, number] => [`${n}`, list[i] ?? 1])));
        const [x, y] = [a, b].map((sids) => sids.filter((n) => all.includes(n)));
        if (!x || !y || !quorum(verifier, ...x) || !quorum(verifier, ...y)) return;
        // Without any weight at all nothing is won, and nothing is needed but an answer.
        if (list.slice(0, all.length).every((each) => each === 0)) return;
        expect(x.some((n) => y.includes(n))).toBe(true);
        expect(x.length).toBeGreaterThanOrEqual(verifier.need);
      }),
    );
  });
});
