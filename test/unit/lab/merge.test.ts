/** One trace of several reports, packed or not. */
import { expect, test } from 'vitest';
import { EventMerger } from '../../../src/lab/merge.ts';
import type { PackedEvents } from '../../../src/lab/types.ts';
import type { RawEvent, TraceEvent } from '../../../src/protocol/events.ts';
import { ACTORS_MAX, type ActorName, type EventRef } from '../../../src/protocol/ids.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import type { UnreadEvents } from '../../../src/trace/index.ts';

function ref(actor: number, counter: number): EventRef {
  return (counter * ACTORS_MAX + actor) as EventRef;
}

function event(actor: number, counter: number, t: number, ...causes: readonly EventRef[]): RawEvent {
  const name = `s${actor}` as ActorName;
  return { id: ref(actor, counter), t: virtualTime(t), actor: name, kind: 'process-killed', causes };
}

function pack(events: readonly RawEvent[]): PackedEvents {
  return {
    order: new Float64Array(events.flatMap(({ t, id }) => [t, id])),
    unpack: () => structuredClone(events),
  };
}

function read(events: readonly TraceEvent[] | UnreadEvents): readonly TraceEvent[] {
  return 'read' in events ? events.read() : events;
}

/** What the conductor reports first is of several actors, in any order. */
const REPORTS = (): readonly (readonly RawEvent[])[] => [
  [event(2, 0, 1), event(1, 0, 1)],
  [event(1, 1, 1, ref(1, 0)), event(1, 3, 4), event(1, 2, 4, ref(2, 2))],
  [event(2, 1, 0), event(2, 2, 3, ref(1, 1))],
];

test('events are ordered by time, actor and the order within the actor; references become positions', () => {
  const events = read(new EventMerger().merge(REPORTS()));
  expect(events.map(({ id, t, actor, causes }) => [id, t, actor, causes])).toEqual([
    [0, 0, 's2', []],
    [1, 1, 's1', []],
    [2, 1, 's1', [1]],
    [3, 1, 's2', []],
    [4, 3, 's2', [2]],
    [5, 4, 's1', []],
    [6, 4, 's1', [4]],
  ]);
});

test('packed events are the same, whenever they are read', () => {
  const merger = new EventMerger();
  const [pending = [], ...reports] = REPORTS();
  const early = merger.merge([pending, ...reports.map(pack)]);
  expect(early).toMatchObject({ length: 7, start: 0, end: 4 });
  const late = merger.merge([[], pack([event(2, 3, 5, ref(1, 3))])]);
  expect(read(late)).toMatchObject([{ id: 7, causes: [5] }]);
  expect(read(early)).toEqual(read(new EventMerger().merge(REPORTS())));
});

test('a cause that is no event before it is told', () => {
  const later = [event(1, 0, 1, ref(1, 1)), event(1, 1, 2)];
  expect(() => new EventMerger().merge([later])).toThrow('process-killed of s1 at 1 ms names a cause that is no event');
  expect(() => read(new EventMerger().merge([pack(later)]))).toThrow('names a cause that is no event before it');
});
