import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../../src/protocol/events.ts';
import type { ActorName } from '../../../src/protocol/ids.ts';
import { densityOf, layLanes, laneAt, lineOf, messageAt, yOf } from '../../../src/ui/dock/hits.ts';
import { placeMarks } from '../../../src/ui/dock/marks.ts';
import { LOST, SpaceTime, WAITING } from '../../../src/ui/dock/space-time.ts';
import { xOf } from '../../../src/ui/dock/view.ts';

/** A trace of what a test names, with ids by position. */
function traceOf(...bodies: Record<string, unknown>[]) {
  const events = bodies.map((body, id) => ({ causes: [], ...body, id }) as unknown as TraceEvent);
  return { length: events.length, at: (id: number) => events[id] };
}
const send = (t: number, actor: string, to: string, arrives: number | null, type = 'PROPOSAL') => ({
  kind: 'send',
  t,
  actor,
  to,
  arrives,
  packet: { type },
});
const space = () => new SpaceTime(['s1', 's2', 's3'] as ActorName[], ['alice', 'bob'] as ActorName[]);
const view = { from: 0, to: 100, width: 1000 };

describe('the space-time diagram', () => {
  it('puts half of the clients above the servers', () => {
    expect(space().lanes.map((lane) => lane.actor)).toEqual(['alice', 's1', 's2', 's3', 'bob']);
  });

  it('makes a segment for each state of an actor, and remembers what a pause interrupted', () => {
    const diagram = space();
    diagram.read(
      traceOf(
        { kind: 'process-started', t: 0, actor: 's1', incarnation: 0 },
        { kind: 'server-state', t: 10, actor: 's1', state: 'FOLLOWING', why: '' },
        { kind: 'process-paused', t: 20, actor: 's1' },
        { kind: 'process-resumed', t: 30, actor: 's1' },
        { kind: 'process-killed', t: 40, actor: 's1' },
      ),
    );
    const segments = diagram.lanes[1]!.segments.map(({ state, from, to }) => [state, from, to]);
    expect(segments).toEqual([
      ['LOOKING', 0, 10],
      ['FOLLOWING', 10, 20],
      ['PAUSED', 20, 30],
      ['FOLLOWING', 30, 40],
      ['DOWN', 40, Infinity],
    ]);
  });

  it('reads only what is new', () => {
    const diagram = space();
    const trace = traceOf(send(1, 's1', 's2', 5));
    expect(diagram.read(trace)).toBe(true);
    expect(diagram.read(trace)).toBe(false);
    expect(diagram.messages.length).toBe(1);
  });

  it('ends a lost message where it was, and lets it fly when it is sent again', () => {
    const diagram = space();
    diagram.read(
      traceOf(send(0, 's1', 's2', 20), {
        kind: 'lost',
        t: 5,
        actor: 's1',
        message: 0,
        from: 's1',
        to: 's2',
        why: 'cut',
      }),
    );
    expect(diagram.messages.fate[0]).toBe(LOST);
    expect(diagram.messages.reach[0]).toBeCloseTo(0.25);
    diagram.messages.resend(0, 50);
    expect(diagram.messages.ends[0]).toBe(50);
    expect(diagram.messages.reach[0]).toBe(1);
  });

  it('sees a message that waits however long ago it was sent', () => {
    const diagram = space();
    diagram.read(traceOf(send(0, 's1', 's2', null, 'ACK')));
    expect(diagram.messages.fate[0]).toBe(WAITING);
    const lanes = layLanes(5, 150);
    const late = { from: 5000, to: 5100, width: 1000 };
    const y = (yOf(lanes, 1) + yOf(lanes, 2)) / 2;
    expect(messageAt(diagram, late, lanes, 0, 5050, xOf(late, 5050), y)).toBe(0);
  });

  it('finds the message under the pointer, and none that is hidden or far away', () => {
    const diagram = space();
    diagram.read(traceOf(send(10, 's1', 's3', 30), send(12, 's3', 's1', 32, 'PING')));
    const lanes = layLanes(5, 150);
    const line = lineOf(diagram.messages, 0, view, lanes, 100);
    const [x, y] = [line.x1 + 20, line.y1 + ((line.y2 - line.y1) * 20) / (line.x2 - line.x1)];
    expect(messageAt(diagram, view, lanes, 0, 100, x, y)).toBe(0);
    expect(messageAt(diagram, view, lanes, 1 << (diagram.messages.kind[0] ?? 0), 100, x, y)).toBeNull();
    expect(messageAt(diagram, view, lanes, 0, 100, 900, y)).toBeNull();
  });

  it('marks what people did, in words', () => {
    const diagram = space();
    diagram.read(
      traceOf(
        { kind: 'action', t: 1, actor: 'lab', action: { at: 1, do: 'kill', server: 2 } },
        { kind: 'action', t: 2, actor: 'lab', action: { at: 2, do: 'cut', from: 's1', to: 's2' } },
        {
          kind: 'action',
          t: 3,
          actor: 'lab',
          action: { at: 3, do: 'request', client: 'alice', op: 'create', path: '/a' },
        },
      ),
    );
    expect(diagram.marks.map(({ actor, tone, label }) => [actor, tone, label])).toEqual([
      ['s2', 'fault', 'kill'],
      [null, 'fault', 'cut s1–s2'],
      ['alice', 'act', 'create /a'],
    ]);
  });

  it('labels only marks that have room, faults first, and thins out what clients ask', () => {
    const diagram = space();
    const ask = (t: number) => ({
      kind: 'action',
      t,
      actor: 'lab',
      action: { at: t, do: 'request', client: 'alice', op: 'set', path: '/a' },
    });
    const kill = { kind: 'action', t: 10, actor: 'lab', action: { at: 10, do: 'disconnect', client: 'alice' } };
    diagram.read(traceOf(...[1, 1.1, 1.2, 1.3, 5].map(ask), kill));
    const placed = placeMarks(diagram, view, layLanes(5, 150));
    expect(placed.map(({ mark, label }) => [mark.t, label])).toEqual([
      [1, 'set /a'],
      [5, null],
      [10, 'disconnect'],
    ]);
  });

  it('counts 100,000 messages by pixel in a blink', () => {
    const diagram = space();
    const events = Array.from({ length: 100_000 }, (_, i) => send(i / 10, 's1', 's2', i / 10 + 2));
    diagram.read(traceOf(...events));
    const all = { from: 0, to: 10_000, width: 900 };
    const density = densityOf(diagram, all, 0, 3);
    const total = density.counts.reduce((sum, n) => sum + n, 0);
    expect(total).toBe(100_000);
    expect(density.most).toBeGreaterThan(300);
    const [first, last] = diagram.messages.between(5000, 5001);
    expect(last - first).toBeLessThan(50);
  });

  it('finds lanes by their height', () => {
    const lanes = layLanes(5, 150);
    expect(laneAt(lanes, yOf(lanes, 3) + 4)).toBe(3);
    expect(laneAt(lanes, yOf(lanes, 3) + 12)).toBeNull();
  });
});
