import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TraceEvent } from '../../../src/protocol/events.ts';
import type { EventId, SessionId } from '../../../src/protocol/ids.ts';
import { LAB, sid } from '../../../src/protocol/ids.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import {
  describe as sentence,
  parseJsonl,
  relatedMessage,
  summarize,
  toJsonl,
  toLine,
  Trace,
  why,
} from '../../../src/trace/index.ts';
import { alice, conn, Recorder, s1, s3, setup, z, znode } from './recorder.ts';
import { actorOf, KINDS, sample } from './samples.ts';

function eventOf(kind: (typeof KINDS)[number], id = 0): TraceEvent {
  return { id: id as EventId, t: virtualTime(0), actor: actorOf(kind), causes: [], ...sample(kind) };
}

describe('sentences', () => {
  test.each(KINDS)('tell an event of kind %s in one sentence', (kind) => {
    const text = sentence(eventOf(kind));
    expect(text).toMatch(/^\S.*[^.\s]$/);
    expect(text).not.toMatch(/undefined|\[object|NaN|null/);
    expect(text.length).toBeLessThan(140);
  });

  test('use the words of ZooKeeper', () => {
    expect(sentence({ ...eventOf('proposed') })).toBe('s3 proposes 0x100000002 (setData /config)');
    expect(sentence(eventOf('vote-changed'))).toBe(
      's1 votes for s3 after hearing s3: (epoch 0, zxid 0x100000000, s3) beats (epoch 0, zxid 0x100000000, s1)',
    );
    expect(sentence(eventOf('send'))).toBe('s1 sends PROPOSAL 0x100000002 (setData /config) to s2');
  });
});

/** A write through a follower: action, call, request, forward, proposal, ACK, commit. */
function aWrite(): { events: readonly TraceEvent[]; committed: EventId } {
  const r = new Recorder();
  const root = r.start();
  const link = { conn: conn('c'), port: 'quorum' } as const;
  const send = (from: typeof s1, to: typeof s1, type: 'Request' | 'REQUEST' | 'PROPOSAL' | 'ACK', causes: EventId[]) =>
    r.add(from, { kind: 'send', to, ...link, packet: { type, zxid: z(2) }, arrives: virtualTime(99) }, causes);
  const action = r
    .at(1)
    .add(LAB, { kind: 'action', action: { at: 1, do: 'request', client: 'alice', op: 'set', path: '/x' } }, [root]);
  const call = r.add(alice, { kind: 'call', call: 0, request: { op: 'set', path: '/x' } }, [action]);
  const request = send(alice, s1, 'Request', [call]);
  const received = r.after(1).add(s1, { kind: 'receive', message: request, from: alice, type: 'Request' }, [request]);
  const forwarded = send(s1, s3, 'REQUEST', [received]);
  const heard = r.after(1).add(s3, { kind: 'receive', message: forwarded, from: s1, type: 'REQUEST' }, [forwarded]);
  const proposed = r.add(
    s3,
    { kind: 'proposed', zxid: z(2), txn: 'setData', path: '/x', sessionId: '0x1' as SessionId, cxid: 1, need: 2 },
    [heard],
    'zab.propose',
  );
  const own = r.after(1).add(s3, { kind: 'acked', zxid: z(2), from: sid(3), acks: [sid(3)], need: 2 }, [proposed]);
  const proposal = send(s3, s1, 'PROPOSAL', [proposed]);
  const got = r.after(1).add(s1, { kind: 'receive', message: proposal, from: s3, type: 'PROPOSAL' }, [proposal]);
  const appended = r.add(s1, { kind: 'log-appended', entry: { zxid: z(2), txn: 'setData', path: '/x', digest: 1 } }, [
    got,
  ]);
  const durable = r.after(1).add(s1, { kind: 'log-durable', zxid: z(2), count: 1 }, [appended]);
  const ack = send(s1, s3, 'ACK', [durable]);
  const ackGot = r.after(1).add(s3, { kind: 'receive', message: ack, from: s1, type: 'ACK' }, [ack]);
  const acked = r.add(
    s3,
    { kind: 'acked', zxid: z(2), from: sid(1), acks: [sid(3), sid(1)], need: 2 },
    [proposed, ackGot],
    'zab.ack-count',
  );
  const committed = r.add(s3, { kind: 'committed', zxid: z(2) }, [own, acked, proposed, ackGot], 'zab.commit-quorum');
  return { events: r.events, committed };
}

describe('why', () => {
  const { events, committed } = aWrite();
  const trace = new Trace(setup);
  trace.append(events);

  test('walks from a commit over the deciding ACK and the proposal back to what a person did', () => {
    const steps = why(trace, committed, 20);
    expect(steps.map(({ event }) => event.kind)).toEqual([
      'committed',
      'acked',
      'send',
      'log-durable',
      'log-appended',
      'send',
      'proposed',
      'send',
      'send',
      'call',
      'action',
      'lab-started',
    ]);
    expect(steps[1]?.text).toBe('s1 acknowledges 0x100000002: 2 of 2 needed');
    expect(steps[0]?.rule).toMatchObject({ id: 'zab.commit-quorum', source: expect.stringContaining('Leader') });
  });

  test('keeps the root when it has to be short', () => {
    const steps = why(trace, committed, 4);
    expect(steps.map(({ event }) => event.kind)).toEqual(['committed', 'acked', 'send', 'lab-started']);
  });

  test('finds the packet that an event is about', () => {
    const ack = events.findLast((event) => event.kind === 'send')!;
    expect(relatedMessage(trace, committed)).toBe(ack.id);
    expect(relatedMessage(trace, ack.id)).toBe(ack.id);
    expect(relatedMessage(trace, 0)).toBeNull();
  });
});

test('a server that has applied a write names the znode, not its parent', () => {
  const parent = znode('', 0, z(1));
  const applied = {
    ...eventOf('applied'),
    changes: [
      ['/', parent],
      ['/config', znode('v', 0, z(2))],
    ],
  };
  expect(sentence(applied as TraceEvent)).toBe('s1 applies 0x100000002 (setData /config)');
});

describe('traces as text', () => {
  test('have a fixed order of keys', () => {
    const event = { ...eventOf('committed'), causes: [], rule: 'zab.commit-quorum' } as TraceEvent;
    expect(toLine(event)).toBe(
      '{"id":0,"t":0,"actor":"s3","kind":"committed","zxid":4294967298,"causes":[],"rule":"zab.commit-quorum"}',
    );
  });

  test('come back as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...KINDS), { maxLength: 30 }), (kinds) => {
        const events = kinds.map((kind, id) => eventOf(kind, id));
        expect(parseJsonl(toJsonl(events))).toEqual({ ok: true, events });
      }),
    );
  });

  test.each([
    ['{', 'line 1: not JSON'],
    ['[]', 'line 1: an event is an object'],
    ['{"id":1}', 'line 1: id must be 0'],
    ['{"id":0,"t":-1}', 'line 1: t must be a number of at least 0'],
    ['{"id":0,"t":0,"actor":"s1","kind":"explode","causes":[]}', 'line 1: there is no event kind "explode"'],
    ['{"id":0,"t":0,"actor":"s1","kind":"committed","zxid":1}', 'line 1: causes must be a list of ids'],
    ['{"id":0,"t":0,"actor":"s1","kind":"committed","causes":[]}', 'line 1: zxid of committed must be a number'],
    ['{"id":0,"t":0,"actor":"s1","kind":"committed","zxid":1,"causes":[],"rule":"x"}', 'line 1: there is no rule "x"'],
  ])('are refused with one sentence: %s', (text, reason) => {
    expect(parseJsonl(text)).toEqual({ ok: false, reason });
  });
});

describe('the summary', () => {
  test('has the shape that run --json prints', () => {
    const r = new Recorder();
    r.at(1).add(s3, { kind: 'process-started', incarnation: 0 });
    r.add(s3, { kind: 'server-state', state: 'LEADING', why: '' });
    r.add(s3, { kind: 'zab-state', zabState: 'BROADCAST' });
    r.add(s3, { kind: 'epoch-saved', file: 'currentEpoch', epoch: 1 as never });
    const trace = new Trace(setup);
    trace.append(r.events);
    expect(summarize(trace.stateAt(virtualTime(5)), trace).leader).toBeNull();

    r.at(6).add(s3, { kind: 'serving', epoch: 1 as never, leader: sid(3) });
    r.add(s3, { kind: 'applied', zxid: z(2), txn: 'create', changes: [['/x', znode('1', 0, z(2))]] });
    r.at(7).add(alice, {
      kind: 'returned',
      call: 0,
      request: { op: 'create', path: '/x-', mode: 'PERSISTENT_SEQUENTIAL' },
      server: sid(3),
      zxid: z(2),
      error: null,
      result: { path: '/x-0000000000' },
    });
    r.add(alice, {
      kind: 'returned',
      call: 1,
      request: { op: 'get', path: '/no' },
      server: sid(3),
      zxid: z(2),
      error: 'NONODE',
      result: null,
    });
    r.add(alice, { kind: 'watch-event', type: 'NodeCreated', state: 'SyncConnected', path: '/x', zxid: z(2) });
    r.at(9).add(alice, { kind: 'watch-event', type: 'NodeDeleted', state: 'SyncConnected', path: '/x', zxid: z(3) });
    trace.append(r.events.slice(trace.length));
    const summary = summarize(trace.stateAt(virtualTime(8)), trace, { trees: true });
    expect(summary).toMatchObject({ virtualMs: 8, events: 9, leader: 3, epoch: 1 });
    expect(summary.servers['1']).toMatchObject({ state: 'DOWN', lastLogged: '0x0', syncMode: null });
    expect(summary.clients['alice']).toEqual({
      state: 'DOWN',
      sessionId: '0x0',
      server: null,
      replies: [
        { at: 7, op: 'create', path: '/x-0000000000', zxid: '0x100000002' },
        { at: 7, op: 'get', path: '/no', zxid: '0x100000002', error: 'NONODE' },
      ],
      events: [{ at: 7, type: 'NodeCreated', path: '/x', state: 'SyncConnected' }],
    });
    expect(Object.keys(summary.trees ?? {})).toEqual(['3']);
    expect(summary.trees?.['3']?.['/x']).toMatchObject({ data: '1', stat: { czxid: '0x100000002', version: 0 } });
  });
});
