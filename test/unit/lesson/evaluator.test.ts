import { describe, expect, test } from 'vitest';
import type { Violation } from '../../../src/check/index.ts';
import type { TraceEvent } from '../../../src/protocol/events.ts';
import { LAB, sid, type SessionId } from '../../../src/protocol/ids.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { epoch } from '../../../src/protocol/zxid.ts';
import { atomsOf, Evaluator, parseCondition, sentenceOf } from '../../../src/lesson/condition/index.ts';
import { apply, cloneState, initialState } from '../../../src/trace/index.ts';
import { alice, Recorder, s1, s2, s3, setup, z, znode } from '../trace/recorder.ts';

const names = {
  servers: new Set(['s1', 's2', 's3']),
  clients: new Set(['alice']),
  questions: new Set(['raft']),
};

/** A condition that follows the events of a recorder as they come. */
class Follow {
  readonly recorder = new Recorder();
  violations: readonly Violation[] = [];
  readonly evaluator: Evaluator;
  readonly #state = initialState(setup);
  #fed = 0;

  constructor(source: string) {
    const parsed = parseCondition(source, names);
    if (!parsed.ok) throw new Error(parsed.reason);
    this.evaluator = new Evaluator(parsed.condition, this.#state, cloneState(this.#state), -1, () => this.violations);
    this.atoms = atomsOf(parsed.condition);
  }

  readonly atoms;

  /** Adds events at `t`; returns whether the condition is satisfied after them. */
  at(t: number, add: (recorder: Recorder) => void = () => undefined): boolean {
    add(this.recorder.at(t));
    for (const event of this.recorder.events.slice(this.#fed)) this.#feed(event);
    this.#fed = this.recorder.events.length;
    this.evaluator.tick(virtualTime(t));
    return this.evaluator.done !== null;
  }

  get met(): readonly boolean[] {
    return this.atoms.map((atom) => this.evaluator.met(atom));
  }

  #feed(event: TraceEvent): void {
    this.evaluator.feed(event);
    apply(this.#state, event);
    this.evaluator.settle();
  }
}

const role = (server: typeof s1, state: 'LOOKING' | 'FOLLOWING' | 'LEADING') => (r: Recorder) =>
  r.add(server, { kind: 'server-state', state, why: '' });
const boot = (r: Recorder) => {
  for (const server of [s1, s2, s3]) r.add(server, { kind: 'process-started', incarnation: 0 });
};
const lead = (server: typeof s1, e: number) => (r: Recorder) => {
  r.add(server, { kind: 'server-state', state: 'LEADING', why: '' });
  r.add(server, { kind: 'zab-state', zabState: 'BROADCAST' });
  r.add(server, { kind: 'epoch-saved', file: 'currentEpoch', epoch: epoch(e) });
  r.add(server, { kind: 'serving', epoch: epoch(e), leader: sid(Number(server.slice(1))) });
};
const propose = (counter: number) => (r: Recorder) =>
  r.add(s3, {
    kind: 'proposed',
    zxid: z(counter),
    txn: 'setData',
    path: '/x',
    sessionId: '0x1' as SessionId,
    cxid: 1,
    need: 2,
  });
const log =
  (server: typeof s1, ...counters: number[]) =>
  (r: Recorder) => {
    for (const counter of counters) {
      r.add(server, { kind: 'log-appended', entry: { zxid: z(counter), txn: 'setData', path: '/x', digest: 1 } });
    }
    r.add(server, { kind: 'log-durable', zxid: z(counters.at(-1) ?? 0), count: counters.length });
  };
const ack = (server: typeof s1, counter: number) => (r: Recorder) =>
  r.add(server, {
    kind: 'send',
    to: s3,
    conn: 'c' as never,
    port: 'quorum',
    packet: { type: 'ACK', zxid: z(counter) },
    arrives: virtualTime(1e6),
  });
const returned =
  (error: 'NONODE' | null, data: string | null = null) =>
  (r: Recorder) =>
    r.add(alice, {
      kind: 'returned',
      call: 0,
      request: { op: 'get', path: '/x' },
      server: sid(1),
      zxid: z(1),
      error,
      result: error === null ? { data } : null,
    });

describe('atoms', () => {
  test('latch: an event once seen, a state once true', () => {
    const follow = new Follow('role(s1) = FOLLOWING and op{alice,get,/x,OK}');
    follow.at(0, boot);
    expect(follow.at(1, role(s1, 'FOLLOWING'))).toBe(false);
    expect(follow.met).toEqual([true, false]);
    expect(follow.at(2, role(s1, 'LOOKING'))).toBe(false);
    expect(follow.met).toEqual([true, false]);
    expect(follow.at(3, returned('NONODE'))).toBe(false);
    expect(follow.at(4, returned(null))).toBe(true);
    expect(follow.evaluator.done).toMatchObject({ t: 4 });
  });

  test('under hold must be true when everything else is', () => {
    const follow = new Follow('op{alice,get,OK} and hold role(s1) = FOLLOWING');
    follow.at(0, boot);
    follow.at(1, role(s1, 'FOLLOWING'));
    follow.at(2, role(s1, 'LOOKING'));
    expect(follow.at(3, returned(null))).toBe(false);
    expect(follow.met).toEqual([true, false]);
    expect(follow.at(4, role(s1, 'FOLLOWING'))).toBe(true);
  });

  test('of a never fail the step for good', () => {
    const follow = new Follow('never crash{s2} and op{alice,get,OK}');
    follow.at(0, boot);
    expect(follow.evaluator.violated(follow.atoms[0]!)).toBe(false);
    follow.at(1, (r) => r.add(s2, { kind: 'process-killed' }));
    expect(follow.evaluator.violated(follow.atoms[0]!)).toBe(true);
    expect(follow.at(2, returned(null))).toBe(false);
  });

  test('compare what events carry', () => {
    expect(new Follow('op{alice,get,val:"2"}').at(1, returned(null, '1'))).toBe(false);
    expect(new Follow('op{alice,get,val:"2"}').at(1, returned(null, '2'))).toBe(true);
    expect(new Follow('op{alice,get,/y}').at(1, returned(null))).toBe(false);
    expect(new Follow('op{alice,get,by:s2}').at(1, returned(null))).toBe(false);
  });
});

describe('order and time', () => {
  test('`then` wants the second after the first', () => {
    const follow = new Follow('crash{s1} then start{s1}');
    expect(follow.at(0, boot)).toBe(false);
    expect(follow.at(1, (r) => r.add(s1, { kind: 'process-killed' }))).toBe(false);
    expect(follow.at(2, (r) => r.add(s1, { kind: 'process-started', incarnation: 1 }))).toBe(true);
  });

  test('`then` takes a state that an event leaves behind, but not one that is over', () => {
    const follow = new Follow('crash{s1} then role(s1) = DOWN');
    follow.at(0, boot);
    expect(follow.at(1, (r) => r.add(s1, { kind: 'process-killed' }))).toBe(true);
    const over = new Follow('op{alice,get} then role(s2) = LOOKING');
    over.at(0, boot);
    over.at(1, role(s2, 'FOLLOWING'));
    expect(over.at(2, returned(null))).toBe(false);
    expect(over.at(3, role(s2, 'LOOKING'))).toBe(true);
  });

  test('`for` wants a state without a break, and time alone can complete it', () => {
    const follow = new Follow('role(s1) = LOOKING for 3 s');
    follow.at(0, boot);
    follow.at(2000, role(s1, 'FOLLOWING'));
    follow.at(2100, role(s1, 'LOOKING'));
    expect(follow.at(5000)).toBe(false);
    expect(follow.at(5100)).toBe(true);
  });

  test('`within` counts from what stands before', () => {
    const kill = (r: Recorder) => r.add(s1, { kind: 'process-killed' });
    const late = new Follow('op{alice,get} then crash{s1} within 1 s');
    late.at(0, returned(null));
    expect(late.at(1500, kill)).toBe(false);
    const quick = new Follow('crash{s1} within 1 s of op{alice,get}');
    quick.at(0, returned(null));
    expect(quick.at(900, kill)).toBe(true);
  });

  test('`never … within` waits for its time', () => {
    const follow = new Follow('op{alice,get} and never crash{s1} within 2 s');
    expect(follow.at(1000, returned(null))).toBe(false);
    expect(follow.at(2999)).toBe(false);
    expect(follow.at(3000)).toBe(true);
    const broken = new Follow('op{alice,get} and never crash{s1} within 2 s');
    broken.at(1000, returned(null));
    broken.at(2000, (r) => r.add(s1, { kind: 'process-killed' }));
    expect(broken.at(4000)).toBe(false);
  });

  test('`never … before` waits for the other, and fails if it comes too late', () => {
    const follow = new Follow('never crash{s1} before op{alice,get}');
    expect(follow.at(1)).toBe(false);
    expect(follow.at(2, returned(null))).toBe(true);
    const broken = new Follow('never crash{s1} before op{alice,get}');
    broken.at(1, (r) => r.add(s1, { kind: 'process-killed' }));
    expect(broken.at(2, returned(null))).toBe(false);
    expect(broken.evaluator.violated(broken.atoms[0]!)).toBe(true);
  });
});

describe('variables', () => {
  test('stand for the same thing in all atoms', () => {
    const follow = new Follow('log{s2,z} then ack{s2,z}');
    follow.at(1, log(s2, 1));
    expect(follow.at(2, ack(s2, 2))).toBe(false);
    expect(follow.at(3, ack(s2, 1))).toBe(true);
  });

  test('know every transaction of one fsync', () => {
    const follow = new Follow('log{s2,z} then ack{s2,z}');
    follow.at(1, log(s2, 1, 2, 3));
    expect(follow.at(2, ack(s2, 2))).toBe(true);
  });

  test('join events with the state', () => {
    const follow = new Follow('propose{z} and logged(s3) = z and logged(s1) < z');
    follow.at(0, boot);
    expect(follow.at(1, propose(5))).toBe(false);
    expect(follow.at(2, log(s3, 5))).toBe(true);
  });

  test('leave other proposals to a never of their own', () => {
    const follow = new Follow('propose{z} and never commit{z} and op{alice,get}');
    follow.at(1, propose(1));
    follow.at(2, (r) => r.add(s3, { kind: 'committed', zxid: z(1) }));
    expect(follow.at(3, returned(null))).toBe(false);
    expect(follow.evaluator.violated(follow.atoms[1]!)).toBe(false);
    expect(follow.at(4, propose(2))).toBe(true);
  });

  test('know what a commit is about', () => {
    const follow = new Follow('commit{type:setData,path:/x}');
    follow.at(1, propose(1));
    expect(follow.at(2, (r) => r.add(s3, { kind: 'committed', zxid: z(1) }))).toBe(true);
  });
});

describe('states', () => {
  test('count events since the step began', () => {
    const follow = new Follow('count(op{alice}) = 2');
    expect(follow.at(1, returned(null))).toBe(false);
    expect(follow.at(2, returned('NONODE'))).toBe(true);
  });

  test('name the leader that serves with the highest epoch', () => {
    const follow = new Follow('hold leader = s2 and epoch = 2 and leaders = {s2,s3}');
    follow.at(0, boot);
    follow.at(1, lead(s3, 1));
    expect(follow.at(2, role(s2, 'LEADING'))).toBe(false);
    expect(follow.at(3, lead(s2, 2))).toBe(true);
  });

  test('say nothing of the tree of a dead server', () => {
    const follow = new Follow('node(s1,/x) = null');
    expect(follow.at(0)).toBe(false);
    expect(follow.at(1, boot)).toBe(true);
  });

  test('read znodes', () => {
    const follow = new Follow('node(s1,/x).children = {a,b} and node(s1,/x).data = "v" and node(s1,/x).version = 1');
    follow.at(0, boot);
    const change =
      (path: string, data: string, version = 0) =>
      (r: Recorder) =>
        r.add(s1, { kind: 'applied', zxid: z(1), txn: 'create', changes: [[path, znode(data, version)]] });
    follow.at(1, change('/x', 'v', 1));
    follow.at(2, change('/x/b', ''));
    expect(follow.at(3, change('/x/b/c', ''))).toBe(false);
    expect(follow.at(4, change('/x/a', ''))).toBe(true);
  });

  test('tell losing a connection from losing a session', () => {
    const follow = new Follow('hold session(alice) = DISCONNECTED and sid(alice) = "0x7"');
    const state = (to: 'CONNECTING' | 'CONNECTED') => (r: Recorder) =>
      r.add(alice, { kind: 'client-state', state: to, server: sid(1), why: '' });
    follow.at(0, (r) => r.add(alice, { kind: 'process-started', incarnation: 0 }));
    expect(follow.at(1, state('CONNECTING'))).toBe(false);
    follow.at(2, (r) => {
      state('CONNECTED')(r);
      const session = { sessionId: '0x7' as SessionId, timeout: 6000, server: sid(1), renewed: false };
      r.add(alice, { kind: 'session-established', ...session });
    });
    expect(follow.at(3)).toBe(false);
    expect(follow.at(4, state('CONNECTING'))).toBe(true);
  });

  test('`unchanged` compares with the start of the step', () => {
    const follow = new Follow('op{alice,get} and hold logged(s1) unchanged');
    follow.at(0, boot);
    follow.at(1, log(s1, 1));
    expect(follow.at(2, returned(null))).toBe(false);
  });
});

describe('the panel', () => {
  test('answers and looks count', () => {
    const follow = new Follow('answered(raft) and inspect(propose{path:/x})');
    follow.at(1, propose(1));
    follow.evaluator.answered('raft');
    expect(follow.met).toEqual([true, false]);
    follow.evaluator.inspected(follow.recorder.events[0]!, initialState(setup));
    expect(follow.evaluator.done).not.toBeNull();
  });

  test('typed commands count', () => {
    const follow = new Follow('count(command{alice}) = 2');
    const act = (action: { do: string; [key: string]: unknown }) => (r: Recorder) =>
      r.add(LAB, { kind: 'action', action: { at: 0, ...action } });
    follow.at(1, act({ do: 'console', client: 'alice', line: 'deleteall /x' }));
    follow.at(2, act({ do: 'kill', server: 1 }));
    expect(follow.at(3, act({ do: 'request', client: 'alice', op: 'create', path: '/x' }))).toBe(true);
  });
});

describe('violations', () => {
  /** As the checkers tell it: at event `event`, which may not have been fed yet. */
  const leadership = (event: number): Violation =>
    ({ property: 'Leadership1', event, at: 0, proof: [event], says: 'Two lead.' }) as unknown as Violation;

  test('are counted as far as the events have been seen', () => {
    const follow = new Follow('violations = 1');
    follow.violations = [leadership(3)];
    expect(follow.at(1, boot)).toBe(false);
    expect(follow.at(2, role(s1, 'LEADING'))).toBe(true);
  });
  test('are asked for by the property that they break', () => {
    const follow = new Follow('violated(Leadership1) and not violated(Leadership2)');
    follow.violations = [leadership(0)];
    expect(follow.at(1, boot)).toBe(true);
    expect(follow.met).toEqual([true, true]);
  });
  test('can be forbidden', () => {
    const follow = new Follow('never violated(Leadership1)');
    expect(follow.at(1, boot)).toBe(true);
    expect(follow.evaluator.violated(follow.atoms[0]!)).toBe(false);
    follow.violations = [leadership(3)];
    follow.at(2, role(s1, 'LEADING'));
    expect(follow.evaluator.violated(follow.atoms[0]!)).toBe(true);
  });
  test('are properties that there are', () => {
    expect(parseCondition('violated(Kindness)', names)).toMatchObject({ ok: false });
    expect(parseCondition('violated(s1)', names)).toEqual({
      ok: false,
      reason: 'violated takes a property here (character 10 of: violated(s1))',
    });
    expect(parseCondition('violations', names)).toMatchObject({ ok: false });
    const told = parseCondition('violated(Leadership1) and violations = 0', names);
    expect(told.ok && atomsOf(told.condition).map(sentenceOf)).toEqual([
      'Leadership1 is broken',
      'the number of violations is 0',
    ]);
  });
});
