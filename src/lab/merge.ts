/**
 * Makes one trace of what several actors reported: ordered by (time, actor, order within the actor),
 * with references replaced by positions. Every actor's events of a span of time must come together.
 * Positions are given out at once; packed events are made when the trace is read.
 */
import { assert } from '../protocol/assert.ts';
import type { RawEvent, TraceEvent } from '../protocol/events.ts';
import { ACTORS_MAX, type EventId, type EventRef } from '../protocol/ids.ts';
import type { VirtualTime } from '../protocol/time.ts';
import type { UnreadEvents } from '../trace/index.ts';
import type { PackedEvents, Report } from './types.ts';

/** An event on its way from {@link RawEvent} to {@link TraceEvent}. */
interface Changing {
  id: EventRef | EventId;
  causes: readonly (EventRef | EventId)[];
  message?: EventRef | EventId;
}

/** One report while it is merged with the others: `t` and `actor` are those of its next event. */
interface Run {
  readonly order: PackedEvents['order'];
  place: number;
  t: number;
  ref: number;
  actor: number;
}

export class EventMerger {
  /** By actor, by the counter of the reference: the event's position. */
  readonly #ids: EventId[][] = [];
  #next = 0;

  /**
   * Events that are no longer packed are the merger's own from now on: it changes them in place, since a copy of each
   * would cost more than making them did.
   * @throws InvariantError if an event names a cause that no event before it is; of packed ones when they are read
   */
  merge(reports: readonly Report['events'][]): readonly TraceEvent[] | UnreadEvents {
    const from = this.#next;
    const runs = reports.map(runOf).filter(({ order }) => order.length > 0);
    const start = Math.min(...runs.map(({ t }) => t));
    let end = start;
    for (let first = earliest(runs); first; first = earliest(runs)) {
      end = first.t;
      this.#enter(first.ref as EventRef, this.#next++ as EventId);
      step(first);
    }
    const length = this.#next - from;
    const read = (): readonly TraceEvent[] => this.#read(reports, from, length);
    if (reports.every((events) => !('unpack' in events))) return read();
    return { length, start: start as VirtualTime, end: end as VirtualTime, read };
  }

  #read(reports: readonly Report['events'][], from: number, length: number): readonly TraceEvent[] {
    const events = new Array<TraceEvent>(length);
    for (const report of reports) {
      for (const event of 'unpack' in report ? report.unpack() : report) {
        const id = this.#resolve(event.id, event);
        const changing: Changing = event;
        changing.causes = event.causes.map((cause) => this.#resolve(cause, event, id));
        if ('message' in event) changing.message = this.#resolve(event.message, event, id);
        changing.id = id;
        // Every reference has been replaced.
        events[id - from] = event as unknown as TraceEvent;
      }
    }
    return events;
  }

  #enter(ref: EventRef, id: EventId): void {
    const ids = (this.#ids[ref % ACTORS_MAX] ??= []);
    ids[Math.floor(ref / ACTORS_MAX)] = id;
  }

  /** The position of `ref`, which `event` names; before `before`, if given. */
  #resolve(ref: EventRef, event: RawEvent, before = Infinity): EventId {
    const id = this.#ids[ref % ACTORS_MAX]?.[Math.floor(ref / ACTORS_MAX)];
    assert(
      id !== undefined && id < before,
      `${event.kind} of ${event.actor} at ${event.t} ms names a cause that is no event before it`,
    );
    return id;
  }
}

function runOf(events: Report['events']): Run {
  const order = 'unpack' in events ? events.order : orderOf(events);
  const run: Run = { order, place: -2, t: Infinity, ref: 0, actor: 0 };
  step(run);
  return run;
}

/** Sorting is stable, so that the order within an actor stays. */
function orderOf(events: readonly RawEvent[]): Float64Array {
  const sorted = [...events].sort((a, b) => a.t - b.t || (a.id % ACTORS_MAX) - (b.id % ACTORS_MAX));
  const order = new Float64Array(2 * sorted.length);
  sorted.forEach(({ t, id }, i) => {
    order[2 * i] = t;
    order[2 * i + 1] = id;
  });
  return order;
}

function step(run: Run): void {
  run.place += 2;
  run.t = run.order[run.place] ?? Infinity;
  run.ref = run.order[run.place + 1] ?? 0;
  run.actor = run.ref % ACTORS_MAX;
}

/** The run whose next event is the first of all; of equal ones the first run, so that an actor's order stays. */
function earliest(runs: readonly Run[]): Run | null {
  let first: Run | null = null;
  for (const run of runs) {
    if (run.t === Infinity) continue;
    if (first === null || run.t < first.t || (run.t === first.t && run.actor < first.actor)) first = run;
  }
  return first;
}
