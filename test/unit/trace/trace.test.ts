import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { TraceEvent } from '../../../src/protocol/events.ts';
import { sid, type ActorName, type EventId } from '../../../src/protocol/ids.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { epoch, makeZxid } from '../../../src/protocol/zxid.ts';
import { apply, cloneState, initialState, Trace, type LabState, type UnreadEvents } from '../../../src/trace/index.ts';
import { Keyframes } from '../../../src/trace/keyframes.ts';
import { conn, Recorder, s1, s2, s3, setup, z, znode } from './recorder.ts';
import { actorOf, KINDS, sample } from './samples.ts';

/** Random traces: the fold takes events of any kind in any order. */
const traces = fc
  .array(fc.record({ kind: fc.constantFrom(...KINDS), wait: fc.constantFrom(0, 0, 1, 7) }), { maxLength: 80 })
  .map((steps) => {
    const recorder = new Recorder();
    let last = 0 as EventId;
    for (const { kind, wait } of steps) {
      const body = sample(kind);
      // Packets meet their own life cycle.
      const event = 'message' in body ? { ...body, message: last } : body;
      const id = recorder.after(wait).add(actorOf(kind), event);
      if (kind === 'send') last = id;
    }
    return recorder.events;
  });

function bruteForce(events: readonly TraceEvent[], t: number): LabState {
  const state = initialState(setup);
  for (const event of events) if (event.t <= t) apply(state, event);
  state.t = virtualTime(t);
  return state;
}

function traceOf(events: readonly TraceEvent[]): Trace {
  const trace = new Trace(setup);
  trace.append(events);
  return trace;
}

function unread(events: readonly TraceEvent[], whenRead: () => void): UnreadEvents {
  const read = (): readonly TraceEvent[] => {
    whenRead();
    return events;
  };
  return {
    length: events.length,
    start: events[0]?.t ?? virtualTime(0),
    end: events.at(-1)?.t ?? virtualTime(0),
    read,
  };
}

/** `count` writes to `paths` znodes on s1, one a millisecond. */
function writes(count: number, paths: number): readonly TraceEvent[] {
  const recorder = new Recorder();
  for (let i = 0; i < count; i++) {
    recorder
      .at(i)
      .add(s1, { kind: 'applied', zxid: z(i + 1), txn: 'setData', changes: [[`/n${i % paths}`, znode(`${i}`)]] });
  }
  return recorder.events;
}

describe('a trace', () => {
  test('is appended to without a gap, and time never goes back', () => {
    const [first, second, third] = writes(3, 1);
    const trace = new Trace(setup);
    trace.append([first!]);
    expect(() => trace.append([third!])).toThrow('event 2 is not number 1');
    trace.append([{ ...second!, t: virtualTime(9) }]);
    expect(() => trace.append([third!])).toThrow('goes back');
    expect(trace.length).toBe(2);
    expect(trace.end).toBe(9);
  });

  test('finds the first event after an instant', () => {
    const recorder = new Recorder();
    for (const t of [0, 5, 5, 5, 9]) recorder.at(t).start();
    const trace = traceOf(recorder.events);
    const expected = [
      [0, 1],
      [4.999, 1],
      [5, 4],
      [8, 4],
      [9, 5],
      [100, 5],
    ] as const;
    for (const [t, index] of expected) expect(trace.firstAfter(virtualTime(t))).toBe(index);
    expect([...trace.events(1, 4)].map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  test('reads unread events when one of them is wanted, and passes over the others', () => {
    const recorder = new Recorder();
    for (const t of [0, 5, 5, 7, 7, 9]) recorder.at(t).start();
    const spans = [recorder.events.slice(0, 2), recorder.events.slice(2, 4), recorder.events.slice(4)];
    const read: number[] = [];
    const trace = new Trace(setup);
    spans.forEach((span, i) => trace.append(unread(span, () => read.push(i))));
    trace.append(unread([], () => read.push(3)));
    expect([trace.length, trace.end]).toEqual([6, 9]);
    expect(trace.firstAfter(virtualTime(4))).toBe(1);
    expect(read).toEqual([0]);
    expect(trace.at(5)).toBe(recorder.events[5]);
    expect(trace.at(4)).toBe(recorder.events[4]);
    expect(read).toEqual([0, 2]);
    expect([...trace.events()]).toEqual(recorder.events);
    expect(read).toEqual([0, 2, 1]);
    expect(() => trace.at(6)).toThrow('there is no event 6');
    expect(() => trace.append(unread(spans[0]!, () => read.push(4)))).toThrow('go back');
  });

  test('finds the same instants whether its events are read or not', () => {
    fc.assert(
      fc.property(traces, fc.array(fc.nat(8)), fc.array(fc.nat(300)), (events, lengths, instants) => {
        const trace = new Trace(setup);
        let from = 0;
        for (const [i, length] of [...lengths, events.length].entries()) {
          const span = events.slice(from, from + length);
          trace.append(i % 3 === 0 ? span : unread(span, () => undefined));
          from += length;
        }
        const whole = traceOf(events);
        for (const t of instants) expect(trace.firstAfter(virtualTime(t))).toBe(whole.firstAfter(virtualTime(t)));
        expect([...trace.events()]).toEqual(events);
      }),
    );
  });

  test('gives at every instant the same state by fold, by cursor and by seeking back and forth', () => {
    fc.assert(
      fc.property(traces, fc.array(fc.nat(300), { minLength: 1, maxLength: 12 }), (events, instants) => {
        const trace = traceOf(events);
        const cursor = trace.cursor();
        for (const t of instants) {
          const expected = bruteForce(events, t);
          expect(cursor.seek(virtualTime(t))).toEqual(expected);
          expect(trace.stateAt(virtualTime(t))).toEqual(expected);
        }
      }),
    );
  });

  test('seeks back over keyframes to the same state', () => {
    const events = writes(9000, 50);
    const trace = traceOf(events);
    const cursor = trace.cursor();
    cursor.seek(trace.end);
    for (const t of [8999, 4000, 4001, 1999, 2000, 0, 6500]) {
      expect(cursor.seek(virtualTime(t))).toEqual(bruteForce(events, t));
    }
  });

  test('hands out states that later seeks leave alone', () => {
    const trace = traceOf(writes(5000, 3));
    const kept = trace.stateAt(virtualTime(100));
    const before = structuredClone(kept);
    trace.cursor().seek(trace.end);
    expect(kept).toEqual(before);
    apply(kept, { ...trace.at(4999) });
    expect(trace.stateAt(virtualTime(100))).toEqual(before);
  });

  test('grows while a cursor stands in it', () => {
    const events = writes(20, 2);
    const trace = traceOf(events.slice(0, 10));
    const cursor = trace.cursor();
    cursor.seek(virtualTime(50));
    trace.append(events.slice(10));
    expect(cursor.seek(virtualTime(50))).toEqual(bruteForce(events, 50));
  });

  test('steps through the events of one instant', () => {
    const recorder = new Recorder();
    recorder.at(5).add(s1, { kind: 'process-started', incarnation: 0 });
    recorder.add(s1, { kind: 'zab-state', zabState: 'DISCOVERY' });
    const trace = traceOf(recorder.events);
    expect(trace.stateBefore(1).servers.get(1 as never)?.zabState).toBe('ELECTION');
    expect(trace.stateBefore(2).servers.get(1 as never)?.zabState).toBe('DISCOVERY');
  });
});

describe('keyframes', () => {
  test('share znodes, and trees that did not change', () => {
    const events = writes(100, 100);
    const state = initialState(setup);
    for (const event of events) apply(state, event);
    const first = cloneState(state);
    const second = cloneState(state);
    const tree = (of: LabState) => [...of.servers.values()][0]!.tree;
    expect(tree(first)).toBe(tree(second));
    apply(state, { ...events[0]!, ...sample('applied'), id: 100 as EventId } as TraceEvent);
    expect(tree(state)).not.toBe(tree(first));
    expect(tree(first).has('/config')).toBe(false);
    expect(tree(state).get('/n1')).toBe(tree(first).get('/n1'));
  });

  test('are rarer the more a state holds, and bounded all together', () => {
    const small = new Keyframes(initialState(setup));
    const large = new Keyframes(initialState(setup));
    const state = initialState(setup);
    for (let i = 1; i <= 100_000; i++) small.offer(i, state);
    for (const event of writes(40_000, 40_000)) apply(state, event);
    for (let i = 1; i <= 100_000; i++) large.offer(i, state);
    expect(small.count).toBe(51);
    expect(large.count).toBeLessThan(12);
    for (let i = 100_000; i <= 2_000_000; i++) large.offer(i, state);
    expect(large.count).toBeLessThan(30);
  });

  test('spare a seek all but the last few thousand of 100,000 events', () => {
    const trace = traceOf(writes(100_000, 200));
    const cursor = trace.cursor();
    cursor.seek(trace.end);
    const read = vi.spyOn(trace, 'at');
    for (let i = 0; i < 50; i++) {
      read.mockClear();
      cursor.seek(virtualTime((i * 37_717) % 100_000));
      expect(read.mock.calls.length).toBeLessThan(2100);
    }
  });
});

describe('zab.newleader-quorum', () => {
  test('a leader that serves shows its epoch’s first zxid, a learner its last transaction', () => {
    const recorder = new Recorder();
    recorder.at(4).add(s3, { kind: 'server-state', state: 'LEADING', why: 'elected' });
    recorder.at(5).add(s3, { kind: 'serving', epoch: epoch(2), leader: sid(3) });
    recorder.at(6).add(s1, { kind: 'serving', epoch: epoch(2), leader: sid(3) });
    const { servers } = traceOf(recorder.events).stateAt(virtualTime(6));
    expect([sid(3), sid(1)].map((each) => servers.get(each)?.lastProcessed)).toEqual([makeZxid(2, 0), 0]);
  });

  test('a server that stands alone shows what it has recovered', () => {
    const recorder = new Recorder();
    recorder.at(4).add(s1, { kind: 'server-state', state: 'STANDALONE', why: 'one voter' });
    recorder.at(5).add(s1, { kind: 'serving', epoch: epoch(0), leader: sid(1) });
    const server = traceOf(recorder.events).stateAt(virtualTime(6)).servers.get(sid(1));
    expect(server).toMatchObject({ state: 'STANDALONE', serving: true, lastProcessed: 0 });
  });
});

describe('a packet', () => {
  const link = { conn: conn('s3#0.1'), port: 'quorum' } as const;
  const begin = () => {
    const recorder = new Recorder();
    recorder.at(1).add(s1, { kind: 'connected', ...link, peer: s3, initiator: false });
    recorder.at(2).add(s3, { kind: 'connected', ...link, peer: s1, initiator: true });
    return recorder;
  };
  const send = (recorder: Recorder, arrives: number | null) =>
    recorder.add(s3, {
      kind: 'send',
      to: s1,
      ...link,
      packet: { type: 'PROPOSAL', zxid: z(1) },
      arrives: arrives === null ? null : virtualTime(arrives),
    });
  const messages = (recorder: Recorder) => [...bruteForce(recorder.events, 1e6).messages.values()];

  test('is on its way from send to receive', () => {
    const recorder = begin();
    const id = send(recorder.at(10), 30);
    expect(messages(recorder)).toMatchObject([{ id, from: s3, to: s1, sent: 10, arrives: 30, waits: null }]);
    recorder.at(30).add(s1, { kind: 'receive', message: id, from: s3, type: 'PROPOSAL' });
    expect(messages(recorder)).toEqual([]);
  });

  test('that a cut has caught waits for TCP to send it again', () => {
    const recorder = begin();
    const id = send(recorder.at(10), 30);
    recorder.at(20).add(s1, { kind: 'lost', message: id, from: s3, to: s1, why: 'cut' });
    expect(messages(recorder)).toMatchObject([{ id, arrives: null, waits: 'cut' }]);
    recorder.at(90).add(s3, { kind: 'resend', message: id, to: s1, arrives: virtualTime(120), why: 'retransmitted' });
    expect(messages(recorder)).toMatchObject([{ id, sent: 90, arrives: 120, waits: null }]);
  });

  test('that was held and is let go during a cut waits for that cut', () => {
    const recorder = begin();
    const id = send(recorder.at(10), null);
    recorder.at(10).add(s3, { kind: 'held', message: id, to: s1, type: 'PROPOSAL' });
    expect(messages(recorder)).toMatchObject([{ id, arrives: null, waits: 'held' }]);
    recorder.at(20).add(s3, { kind: 'resend', message: id, to: s1, arrives: null, why: 'released' });
    expect(messages(recorder)).toMatchObject([{ id, arrives: null, waits: 'cut' }]);
  });

  test('is gone for good if its connection ended at its sender, before the cut or after it', () => {
    const before = begin();
    const early = send(before.at(10), 30);
    before.at(15).add(s3, { kind: 'disconnected', ...link, peer: s1, reason: 'done' });
    before.at(20).add(s1, { kind: 'lost', message: early, from: s3, to: s1, why: 'cut' });
    expect(messages(before)).toEqual([]);

    const after = begin();
    const late = send(after.at(10), 30);
    after.at(20).add(s1, { kind: 'lost', message: late, from: s3, to: s1, why: 'cut' });
    after.at(25).add(s3, { kind: 'disconnected', ...link, peer: s1, reason: 'nothing heard' });
    expect(messages(after)).toEqual([]);
  });

  test('that is held waits, and its hold counts down', () => {
    const recorder = begin();
    recorder.at(5).add('lab' as typeof s1, { kind: 'link-hold', from: s3, to: s1, type: 'PROPOSAL', count: 1 });
    const id = send(recorder.at(10), null);
    recorder.add(s3, { kind: 'held', message: id, to: s1, type: 'PROPOSAL' });
    const state = bruteForce(recorder.events, 10);
    expect([...state.messages.values()]).toMatchObject([{ waits: 'held', arrives: null }]);
    expect(state.links.size).toBe(0);
  });

  test('is lost with the process that it was on its way to, or that held it', () => {
    const receiver = begin();
    send(receiver.at(10), 30);
    receiver.at(20).add(s1, { kind: 'process-killed' });
    expect(messages(receiver)).toEqual([]);

    const peer = begin();
    const waiting = send(peer.at(10), null);
    peer.at(20).add(s1, { kind: 'process-killed' });
    expect(messages(peer).map(({ id }) => id)).toEqual([waiting]);

    const sender = begin();
    const held = send(sender.at(10), null);
    const flying = send(sender, 30);
    sender.at(20).add(s3, { kind: 'process-killed' });
    expect(messages(sender).map(({ id }) => id)).toEqual([flying]);
    expect(held).not.toBe(flying);
  });
});

describe('the fold', () => {
  test('keeps what is on disk when a server is killed, and nothing else', () => {
    const recorder = new Recorder();
    recorder.at(1).add(s2, { kind: 'process-started', incarnation: 0 });
    for (const counter of [1, 2, 3]) {
      recorder.add(s2, { kind: 'log-appended', entry: { zxid: z(counter), txn: 'setData', path: '/x', digest: 1 } });
      if (counter === 2) recorder.add(s2, { kind: 'log-durable', zxid: z(2), count: 2 });
      recorder.add(s2, { kind: 'applied', zxid: z(counter), txn: 'setData', changes: [['/x', znode('v')]] });
    }
    recorder.at(2).add(s2, { kind: 'process-killed' });
    const server = bruteForce(recorder.events, 2).servers.get(2 as never)!;
    expect(server).toMatchObject({ state: 'DOWN', serverState: null, lastLogged: z(2), lastDurable: z(2) });
    expect(server.log.map(({ zxid }) => zxid)).toEqual([z(1), z(2)]);
    expect(server.tree.size).toBe(0);
  });

  test('shows what a frozen server was, and lets it go on', () => {
    const recorder = new Recorder();
    recorder.at(1).add(s2, { kind: 'process-started', incarnation: 0 });
    recorder.add(s2, { kind: 'server-state', state: 'FOLLOWING', why: '' });
    recorder.at(2).add(s2, { kind: 'process-paused' });
    recorder.at(3).add(s2, { kind: 'process-resumed' });
    const at = (t: number) => bruteForce(recorder.events, t).servers.get(2 as never)!;
    expect(at(2)).toMatchObject({ state: 'PAUSED', serverState: 'FOLLOWING', since: 2 });
    expect(at(3)).toMatchObject({ state: 'FOLLOWING', serverState: 'FOLLOWING' });
  });

  test('keeps who acknowledged the last commit, ACKs that come late too', () => {
    const r = new Recorder();
    r.add(s3, { kind: 'proposed', zxid: z(2), txn: 'setData', sessionId: '0x1' as never, cxid: 1, need: 2 });
    const ack = (from: ActorName) =>
      r.add(from, {
        kind: 'send',
        to: s3,
        conn: conn('c'),
        port: 'quorum',
        packet: { type: 'ACK', zxid: z(2) },
        arrives: virtualTime(9),
      });
    const [first, second] = [ack(s1), ack(s2)];
    r.at(9).add(s3, { kind: 'receive', message: first, from: s1, type: 'ACK' });
    r.add(s3, { kind: 'acked', zxid: z(2), from: sid(1), acks: [sid(1), sid(3)], need: 2 });
    r.add(s3, { kind: 'committed', zxid: z(2) });
    const last = () => bruteForce(r.events, 99).servers.get(sid(3))?.lastQuorum;
    expect(last()).toMatchObject({ zxid: z(2), acks: [1, 3], need: 2, at: 9 });
    r.add(s3, { kind: 'receive', message: second, from: s2, type: 'ACK' });
    expect(last()?.acks).toEqual([1, 3, 2]);
    r.add(s3, { kind: 'server-state', state: 'LOOKING', why: 'lost its quorum' });
    expect(last()).toBeNull();
  });

  test('counts the disk of a leader that commits before its own fsync', () => {
    const r = new Recorder();
    r.add(s3, { kind: 'proposed', zxid: z(2), txn: 'setData', sessionId: '0x1' as never, cxid: 1, need: 2 });
    r.add(s3, { kind: 'acked', zxid: z(2), from: sid(1), acks: [sid(1), sid(2)], need: 2 });
    r.add(s3, { kind: 'committed', zxid: z(2) });
    r.add(s3, { kind: 'log-durable', zxid: z(2), count: 1 });
    expect(bruteForce(r.events, 99).servers.get(sid(3))?.lastQuorum?.acks).toEqual([1, 2, 3]);
  });

  test('shows a connection until both ends have closed it', () => {
    const recorder = new Recorder();
    const link = { conn: conn('s3#0.1'), port: 'quorum' } as const;
    recorder.at(1).add(s1, { kind: 'connected', ...link, peer: s3, initiator: false });
    recorder.at(2).add(s1, { kind: 'disconnected', ...link, peer: s3, reason: 'timeout' });
    recorder.at(3).add(s3, { kind: 'disconnected', ...link, peer: s1, reason: 'closed by peer' });
    const at = (t: number) => [...bruteForce(recorder.events, t).connections.values()];
    expect(at(1)).toMatchObject([{ initiator: s3, acceptor: s1, closedBy: null }]);
    expect(at(2)).toMatchObject([{ closedBy: s1 }]);
    expect(at(3)).toEqual([]);
  });
});
