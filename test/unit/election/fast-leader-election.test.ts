import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_CANDIDATE } from '../../../src/protocol/packets.ts';
import { makeZxid, ZXID_UNKNOWN, type Zxid } from '../../../src/protocol/zxid.ts';
import { Ensemble, members, vote, type Start } from './harness.ts';

function ensemble(voters: number, starts: Readonly<Record<number, Start>>, observers = 0): Ensemble {
  const lab = new Ensemble(members(voters, observers));
  for (const [id, start] of Object.entries(starts)) lab.start(Number(id), start);
  return lab;
}

/** One server of five, the others down: what it hears is injected. */
function alone(start: Start = {}): Ensemble {
  return ensemble(5, { 1: start });
}

const why = (lab: Ensemble, n: number): (string | undefined)[] =>
  lab.of('vote-ignored', n).map((e) => `${e.body.from}: ${e.rule}`);
const leaders = (lab: Ensemble): string[] =>
  lab.of('elected').map((e) => `s${e.sid} ${e.body.state} → ${e.body.vote.leader}`);

describe('fle.new-round, fle.quorum', () => {
  test('three fresh servers elect the largest sid', () => {
    const lab = ensemble(3, { 1: {}, 2: {}, 3: {} });
    lab.runUntil(1_000);
    expect(lab.states()).toEqual(['s1 FOLLOWING → 3', 's2 FOLLOWING → 3', 's3 LEADING → 3']);
    expect(lab.of('elected').every((e) => e.rule === 'fle.quorum' && e.body.by === 'quorum')).toBe(true);
    for (const n of [1, 2, 3]) expect(lab.server(n).fle.logicalclock).toBe(1);
  });

  test('the largest sid of those that are up when there is a quorum wins', () => {
    const lab = ensemble(3, { 1: {}, 2: {} });
    lab.runUntil(1_000);
    expect(lab.states()).toEqual(['s1 FOLLOWING → 2', 's2 LEADING → 2']);
  });

  test('less than a quorum elects nobody', () => {
    const lab = ensemble(5, { 4: {}, 5: {} });
    lab.runUntil(300_000);
    expect(leaders(lab)).toEqual([]);
  });

  test('a single server elects itself 200 ms after its own vote', () => {
    const lab = ensemble(1, { 1: {} });
    lab.runUntil(1_000);
    expect(lab.of('elected')).toMatchObject([{ t: 200, body: { vote: vote(1), state: 'LEADING' } }]);
  });

  test('the causes of the end are the counted votes that agree', () => {
    const lab = ensemble(3, { 1: {}, 2: {} });
    lab.runUntil(1_000);
    const [end] = lab.of('elected', 1);
    const counted = lab.of('vote-counted', 1).filter((e) => end!.causes.includes(e.ref));
    expect(counted.map((e) => e.body.from).sort()).toEqual([1, 2]);
    expect(counted.at(-1)!.body).toMatchObject({ tally: [1, 2], need: 2 });
  });
});

describe('fle.vote-order', () => {
  test('the higher zxid beats the larger sid', () => {
    const lab = ensemble(3, { 1: { zxid: makeZxid(1, 5) }, 2: { zxid: makeZxid(1, 4) }, 3: { zxid: makeZxid(1, 4) } });
    lab.runUntil(1_000);
    expect(lab.states()).toEqual(['s1 LEADING → 1', 's2 FOLLOWING → 1', 's3 FOLLOWING → 1']);
  });

  test('the higher peerEpoch beats the higher zxid', () => {
    const lab = ensemble(3, {
      1: { zxid: makeZxid(1, 9), currentEpoch: 1 },
      2: { zxid: makeZxid(1, 2), currentEpoch: 2 },
      3: { zxid: makeZxid(1, 9), currentEpoch: 1 },
    });
    lab.runUntil(1_000);
    expect(lab.states()).toEqual(['s1 FOLLOWING → 2', 's2 LEADING → 2', 's3 FOLLOWING → 2']);
  });

  test('fle.broadcast: a better vote of this round is taken over and sent to all; a worse one is only counted', () => {
    const lab = alone();
    lab.sent.length = 0;
    lab.inject(1, 3, 'LOOKING', vote(3));
    expect(lab.of('vote-changed', 1)).toMatchObject([
      { rule: 'fle.vote-order', body: { from: 3, old: vote(1), vote: vote(3) } },
    ]);
    expect(lab.sent.map((s) => [s.to, s.packet.vote.leader, s.rule])).toEqual(
      [1, 2, 3, 4, 5].map((to) => [to, 3, 'fle.broadcast']),
    );
    lab.sent.length = 0;
    lab.inject(1, 2, 'LOOKING', vote(2));
    expect(lab.of('vote-counted', 1).at(-1)!.body).toMatchObject({ from: 2, vote: vote(2), tally: [1, 3], need: 3 });
    expect(lab.sent).toEqual([]);
  });
});

describe('rounds', () => {
  test('fle.higher-round: a higher round empties recvset and compares with the first own vote', () => {
    const lab = alone();
    lab.inject(1, 4, 'LOOKING', vote(4));
    lab.inject(1, 2, 'LOOKING', vote(2, 0, 7));
    expect(lab.server(1).fle.logicalclock).toBe(7);
    // s4's vote of round 1 was better, but belongs to a round that is over.
    expect(lab.of('vote-changed', 1).at(-1)).toMatchObject({
      rule: 'fle.higher-round',
      body: { round: 7, old: vote(4, 0, 1), vote: vote(2, 0, 7) },
    });
    expect(lab.of('vote-counted', 1).at(-1)!.body.tally).toEqual([1, 2]);
  });

  test('fle.higher-round: what finished servers said of the old round is forgotten too', () => {
    const lab = alone();
    lab.inject(1, 5, 'LEADING', vote(5, 0, 1, 1));
    lab.inject(1, 2, 'LOOKING', vote(2, 0, 7));
    lab.inject(1, 4, 'FOLLOWING', vote(5, 0, 7, 2));
    lab.inject(1, 3, 'FOLLOWING', vote(5, 0, 7, 2));
    expect(leaders(lab)).toEqual([]);
  });

  test('fle.higher-round: of a worse vote only the round is taken over', () => {
    const lab = alone({ zxid: 5 as Zxid });
    lab.inject(1, 2, 'LOOKING', vote(2, 0, 7));
    expect(lab.of('vote-changed', 1).at(-1)!.body).toMatchObject({ vote: vote(1, 5, 7) });
    expect(lab.of('vote-counted', 1).at(-1)!.body.tally).toEqual([1]);
  });

  test('fle.lower-round, fle.answer-lagging: a lower round is answered and not counted', () => {
    const lab = alone();
    lab.inject(1, 2, 'LOOKING', vote(2, 0, 7));
    lab.sent.length = 0;
    lab.inject(1, 3, 'LOOKING', vote(3, 0, 6));
    expect(why(lab, 1)).toEqual(['3: fle.lower-round']);
    expect(lab.sent).toMatchObject([
      { to: 3, rule: 'fle.answer-lagging', packet: { state: 'LOOKING', vote: vote(2, 0, 7) } },
    ]);
  });
});

describe('who has a say', () => {
  test('fle.invalid-voter: neither an unknown candidate counts nor one that observes', () => {
    const lab = ensemble(3, { 1: {} }, 1);
    lab.inject(1, 2, 'LOOKING', vote(9, 9));
    lab.inject(1, 3, 'LOOKING', vote(4, 9));
    expect(why(lab, 1)).toEqual(['2: fle.invalid-voter', '3: fle.invalid-voter']);
  });

  test('fle.unknown-zxid: zxid −1 has no vote', () => {
    const lab = alone();
    lab.inject(1, 2, 'LOOKING', vote(2, ZXID_UNKNOWN));
    expect(why(lab, 1)).toEqual(['2: fle.unknown-zxid']);
    const untrusted = alone({ zxid: ZXID_UNKNOWN });
    untrusted.inject(1, 2, 'LOOKING', vote(2));
    // Its own vote too.
    expect(why(untrusted, 1)).toEqual(['1: fle.unknown-zxid', '2: fle.unknown-zxid']);
  });

  test('fle.observing-ignored', () => {
    const lab = alone();
    lab.inject(1, 2, 'OBSERVING', vote(3));
    expect(why(lab, 1)).toEqual(['2: fle.observing-ignored']);
  });
});

describe('fle.finalize-wait', () => {
  /** s1 of three with the vote of s2 behind s2, at 0 ms. */
  function supported(): Ensemble {
    const lab = ensemble(3, { 1: {} });
    lab.inject(1, 2, 'LOOKING', vote(2));
    return lab;
  }

  test('200 ms of silence end the election', () => {
    const lab = supported();
    expect(lab.of('election-waiting', 1)).toMatchObject([{ body: { until: 200 } }]);
    lab.runUntil(199);
    expect(leaders(lab)).toEqual([]);
    lab.runUntil(200);
    expect(leaders(lab)).toEqual(['s1 FOLLOWING → 2']);
  });

  test('a better vote in that time goes back into the election', () => {
    const lab = supported();
    lab.runUntil(150);
    lab.inject(1, 3, 'LOOKING', vote(3));
    expect(lab.of('vote-changed', 1).at(-1)!.body).toMatchObject({ vote: vote(3) });
    lab.runUntil(349);
    expect(leaders(lab)).toEqual([]);
    lab.runUntil(350);
    expect(leaders(lab)).toEqual(['s1 FOLLOWING → 3']);
  });

  test('any other is dropped, and the 200 ms begin anew', () => {
    const lab = supported();
    lab.runUntil(150);
    lab.inject(1, 3, 'LOOKING', vote(1));
    expect(why(lab, 1)).toEqual(['3: fle.finalize-wait']);
    lab.runUntil(349);
    expect(leaders(lab)).toEqual([]);
    lab.runUntil(350);
    expect(leaders(lab)).toEqual(['s1 FOLLOWING → 2']);
  });

  test('a better vote of a lower round interrupts the wait without being counted', () => {
    const lab = ensemble(3, { 1: {} });
    lab.inject(1, 2, 'LOOKING', vote(2, 0, 5));
    lab.runUntil(100);
    lab.inject(1, 3, 'LOOKING', vote(3, 0, 4));
    expect(why(lab, 1)).toEqual(['3: fle.lower-round']);
    lab.runUntil(300);
    expect(leaders(lab)).toEqual([]);
    // s2 and s3 are down, so nothing is sent again before s2 repeats its vote.
    lab.inject(1, 2, 'LOOKING', vote(2, 0, 5));
    lab.runUntil(500);
    expect(leaders(lab)).toEqual(['s1 FOLLOWING → 2']);
  });
});

describe('joining a settled ensemble', () => {
  test('fle.join-established: a late server follows the leader that a quorum follows', () => {
    const lab = ensemble(3, { 1: {}, 2: {} });
    lab.runUntil(1_000);
    lab.start(3);
    lab.runUntil(2_000);
    expect(lab.states()).toEqual(['s1 FOLLOWING → 2', 's2 LEADING → 2', 's3 FOLLOWING → 2']);
    expect(lab.of('elected', 3)).toMatchObject([{ body: { by: 'settled' } }]);
    expect(lab.of('elected', 3)[0]!.t).toBeLessThan(1_050);
  });

  test('fle.join-established: a follower that alone goes looking comes back, and its round goes down again', () => {
    const lab = ensemble(3, { 1: {}, 2: {}, 3: {} });
    lab.runUntil(1_000);
    lab.look(1);
    expect(lab.server(1).fle.logicalclock).toBe(2);
    lab.runUntil(2_000);
    expect(lab.of('elected', 1).at(-1)).toMatchObject({
      rule: 'fle.join-established',
      body: { by: 'settled', state: 'FOLLOWING', vote: vote(3, 0, 1) },
    });
    expect(lab.server(1).fle.logicalclock).toBe(1);
    expect(lab.of('elected', 2)).toHaveLength(1);
  });

  test('fle.resend-last, fle.higher-round: a restarted follower gets from round 1 to the established round', () => {
    const lab = ensemble(3, { 1: {}, 2: {}, 3: {} });
    lab.runUntil(1_000);
    // Two more elections.
    for (const t of [2_000, 3_000]) {
      for (const n of [1, 2, 3]) lab.look(n);
      lab.runUntil(t);
    }
    lab.kill(1);
    lab.runUntil(4_000);
    lab.start(1);
    lab.runUntil(5_000);
    // The new connections begin with the others' votes of the last election, and these alone are a quorum.
    expect(lab.of('vote-changed', 1).at(-1)).toMatchObject({ rule: 'fle.higher-round', body: { round: 3 } });
    expect(lab.of('elected', 1).at(-1)).toMatchObject({
      rule: 'fle.quorum',
      body: { by: 'quorum', state: 'FOLLOWING', vote: vote(3, 0, 3) },
    });
    expect(lab.server(1).fle.logicalclock).toBe(3);
    expect(lab.of('elected', 2)).toHaveLength(3);
  });

  test('fle.join-established: zxid and round of the answers may differ, peerEpoch may not', () => {
    const lab = alone();
    lab.inject(1, 5, 'LEADING', vote(5, 7, 4, 2));
    lab.inject(1, 4, 'FOLLOWING', vote(5, 6, 3, 1));
    lab.inject(1, 3, 'FOLLOWING', vote(5, 5, 9, 2));
    expect(leaders(lab)).toEqual([]);
    expect(lab.of('vote-counted', 1).at(-1)!.body).toMatchObject({ tally: [3, 5] });
    lab.inject(1, 2, 'FOLLOWING', vote(5, 0, 8, 2));
    expect(leaders(lab)).toEqual(['s1 FOLLOWING → 5']);
    expect(lab.server(1).fle.logicalclock).toBe(8);
  });

  test('fle.leader-must-lead: followers alone make no leader', () => {
    const lab = alone();
    for (const n of [2, 3, 4]) lab.inject(1, n, 'FOLLOWING', vote(5, 0, 3, 1));
    expect(leaders(lab)).toEqual([]);
    expect(lab.of('vote-counted', 1).at(-1)).toMatchObject({
      rule: 'fle.leader-must-lead',
      body: { tally: [2, 3, 4] },
    });
    lab.inject(1, 5, 'LEADING', vote(5, 0, 3, 1));
    expect(leaders(lab)).toEqual(['s1 FOLLOWING → 5']);
  });

  test('fle.leader-must-lead: named by all others, a server leads only in its own round', () => {
    const lab = alone();
    for (const n of [2, 3, 4]) lab.inject(1, n, 'FOLLOWING', vote(1, 0, 3));
    expect(leaders(lab)).toEqual([]);
    for (const n of [2, 3, 4]) lab.inject(1, n, 'FOLLOWING', vote(1, 0, 1));
    expect(leaders(lab)).toEqual(['s1 LEADING → 1']);
  });

  test('fle.join-same-round: finished servers of this round count together with looking ones', () => {
    const lab = alone();
    lab.inject(1, 5, 'LOOKING', vote(5));
    lab.inject(1, 4, 'FOLLOWING', vote(5));
    expect(lab.of('vote-counted', 1).map((e) => e.body.tally)).toContainEqual([1, 4, 5]);
    expect(leaders(lab)).toEqual([]);
    lab.inject(1, 5, 'LEADING', vote(5));
    expect(lab.of('elected', 1)).toMatchObject([
      { rule: 'fle.join-same-round', body: { by: 'settled', vote: vote(5) } },
    ]);
  });

  test('fle.join-same-round: finished servers of this round need to agree on the leader only', () => {
    const lab = alone();
    lab.inject(1, 5, 'LEADING', vote(5, 7, 1, 2));
    lab.inject(1, 4, 'FOLLOWING', vote(5, 7, 1, 1));
    lab.inject(1, 3, 'FOLLOWING', vote(5, 7, 1, 0));
    expect(lab.of('elected', 1)).toMatchObject([{ rule: 'fle.join-same-round', body: { vote: vote(5, 7, 1, 0) } }]);
  });

  test('fle.answer-settled: the reply carries the vote and the round of the finished election', () => {
    const lab = ensemble(3, { 1: {}, 2: {} });
    lab.runUntil(1_000);
    lab.sent.length = 0;
    lab.inject(2, 3, 'LOOKING', vote(3, 0, 9));
    lab.inject(2, 3, 'FOLLOWING', vote(3, 0, 9));
    expect(lab.sent).toMatchObject([
      { to: 3, rule: 'fle.answer-settled', packet: { state: 'LEADING', vote: vote(2, 0, 1) } },
    ]);
    expect(lab.server(2).fle.logicalclock).toBe(1);
  });

  test('notifications that came between two elections are not lost, and end no election inside lookForLeader', () => {
    const lab = ensemble(5, { 1: { look: false } });
    lab.inject(1, 5, 'LEADING', vote(5, 0, 3));
    lab.inject(1, 4, 'FOLLOWING', vote(5, 0, 3));
    lab.inject(1, 3, 'FOLLOWING', vote(5, 0, 3));
    lab.look(1);
    expect(leaders(lab)).toEqual([]);
    lab.runUntil(0);
    expect(leaders(lab)).toEqual(['s1 FOLLOWING → 5']);
  });

  test('what is left in the queue at the end of an election does not reach the next one', () => {
    const lab = ensemble(5, { 1: { look: false } });
    lab.inject(1, 5, 'LEADING', vote(5, 0, 3));
    for (const n of [4, 3, 2]) lab.inject(1, n, 'FOLLOWING', vote(5, 0, 3));
    lab.look(1);
    lab.runUntil(100);
    expect(leaders(lab)).toHaveLength(1);
    lab.look(1);
    lab.runUntil(200);
    expect(lab.of('vote-counted', 1).map((e) => e.body.from)).toEqual([5, 4, 3, 1]);
  });
});

describe('observers', () => {
  test('fle.observer-vote, fle.answer-observer: an observer learns the leader of a settled ensemble', () => {
    const lab = ensemble(3, { 1: {}, 2: {}, 3: {} }, 1);
    lab.runUntil(1_000);
    lab.start(4);
    lab.runUntil(2_000);
    expect(lab.states()).toContain('s4 OBSERVING → 3');
    expect(lab.of('election-started', 4)).toMatchObject([
      {
        rule: 'fle.observer-vote',
        body: { vote: { leader: NO_CANDIDATE, zxid: NO_CANDIDATE, peerEpoch: NO_CANDIDATE } },
      },
    ]);
    expect(lab.sent.filter((s) => s.to === 4).every((s) => s.rule === 'fle.answer-observer')).toBe(true);
  });

  test('fle.answer-observer: the answer has the round of the moment and is not counted', () => {
    const lab = ensemble(3, { 1: {} }, 1);
    lab.inject(1, 2, 'LOOKING', vote(2, 0, 7));
    lab.sent.length = 0;
    const counted = lab.of('vote-counted', 1).length;
    lab.inject(1, 4, 'LOOKING', vote(NO_CANDIDATE, NO_CANDIDATE, 1, NO_CANDIDATE));
    expect(lab.sent).toMatchObject([
      { to: 4, rule: 'fle.answer-observer', packet: { state: 'LOOKING', vote: vote(1, 0, 7) } },
    ]);
    expect(lab.of('vote-counted', 1)).toHaveLength(counted);
  });

  test('all started together: the observer ends with the leader of the voters', () => {
    const lab = ensemble(3, { 1: {}, 2: {}, 3: {}, 4: {} }, 1);
    lab.runUntil(5_000);
    expect(lab.states()).toEqual(['s1 FOLLOWING → 3', 's2 FOLLOWING → 3', 's3 LEADING → 3', 's4 OBSERVING → 3']);
  });
});

describe('fle.notification-timeout', () => {
  test('the wait doubles from 200 ms to 60 s', () => {
    const lab = ensemble(2, { 1: {} });
    const tries: number[] = [];
    lab.server(1).cnx.connectAll = () => tries.push(lab.now);
    lab.runUntil(300_000);
    expect(tries.map((t, i) => t - (tries[i - 1] ?? 0))).toEqual([
      200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200, 60_000, 60_000, 60_000,
    ]);
  });

  test('the wait begins anew with each notification, as long as it was', () => {
    const lab = alone();
    const tries: number[] = [];
    lab.server(1).cnx.connectAll = () => tries.push(lab.now);
    lab.runUntil(500);
    lab.inject(1, 2, 'LOOKING', vote(1));
    lab.runUntil(1_000);
    expect(tries).toEqual([200, 900]);
  });

  test('something delivered: the vote is sent again; nothing delivered: only connecting is tried again', () => {
    const lonely = alone();
    lonely.runUntil(10_000);
    expect(lonely.sent.some((s) => s.rule === 'fle.notification-timeout')).toBe(false);
    const two = ensemble(5, { 1: {}, 2: {} });
    two.runUntil(10_000);
    expect(two.sent.some((s) => s.rule === 'fle.notification-timeout')).toBe(true);
  });

  test('when a full partition heals, the next repetition finishes the election', () => {
    const lab = ensemble(3, {});
    for (const [a, b] of [
      [1, 2],
      [1, 3],
      [2, 3],
    ] as const)
      lab.cut(a, b);
    for (const n of [1, 2, 3]) lab.start(n);
    lab.runUntil(30_000);
    expect(leaders(lab)).toEqual([]);
    for (const [a, b] of [
      [1, 2],
      [1, 3],
      [2, 3],
    ] as const)
      lab.heal(a, b);
    lab.runUntil(120_000);
    expect(lab.states()).toEqual(['s1 FOLLOWING → 3', 's2 FOLLOWING → 3', 's3 LEADING → 3']);
  });
});

describe('stop', () => {
  test('ends the election without result; another one begins a new round', () => {
    const lab = ensemble(1, { 1: {} });
    lab.step(1, ({ fle }) => fle.stop());
    lab.runUntil(1_000);
    expect(leaders(lab)).toEqual([]);
    lab.look(1);
    lab.runUntil(2_000);
    expect(lab.of('elected', 1)).toMatchObject([{ body: { vote: vote(1, 0, 2) } }]);
  });
});

describe('agreement', () => {
  const scene = fc.integer({ min: 3, max: 5 }).chain((n) =>
    fc.record({
      n: fc.constant(n),
      // A quorum at least is up.
      order: fc.shuffledSubarray(
        members(n).map((m) => m.sid as number),
        { minLength: Math.floor(n / 2) + 1 },
      ),
      epochs: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: n, maxLength: n }),
      counters: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: n, maxLength: n }),
      latencies: fc.array(fc.integer({ min: 1, max: 15 }), { minLength: n * n, maxLength: n * n }),
    }),
  );

  test('servers that start together all end on the one best candidate', () => {
    fc.assert(
      fc.property(scene, ({ n, order, epochs, counters, latencies }) => {
        const lab = new Ensemble(members(n));
        lab.latency = (from, to) => latencies[(from - 1) * n + to - 1]!;
        for (const id of order) {
          lab.start(id, { currentEpoch: epochs[id - 1]!, zxid: makeZxid(epochs[id - 1]!, counters[id - 1]!) });
        }
        lab.runUntil(10_000);
        const rank = (id: number): number => (epochs[id - 1]! * 10 + counters[id - 1]!) * 10 + id;
        const best = order.reduce((a, b) => (rank(a) > rank(b) ? a : b));
        expect(lab.states()).toEqual(
          order.map((id) => `s${id} ${id === best ? 'LEADING' : 'FOLLOWING'} → ${best}`).sort(),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('two runs of one scene are equal, event by event', () => {
    fc.assert(
      fc.property(scene, ({ n, order, latencies }) => {
        const run = (): Ensemble => {
          const lab = new Ensemble(members(n, 1));
          lab.latency = (from, to) => latencies[((from - 1) * n + to - 1) % latencies.length]!;
          for (const id of [n + 1, ...order]) lab.start(id);
          lab.runUntil(3_000);
          return lab;
        };
        const [a, b] = [run(), run()];
        expect(a.events.length).toBeGreaterThan(order.length);
        expect(a.events).toEqual(b.events);
        expect(a.transmitted).toEqual(b.transmitted);
      }),
      { numRuns: 20 },
    );
  });
});
