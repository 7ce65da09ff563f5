/**
 * Makes one trace of what several actors reported: ordered by (time, actor, order within the actor),
 * with references replaced by positions. Every actor's events of a span of time must come together.
 */
import { assert } from '../protocol/assert.ts';
import type { RawEvent, TraceEvent } from '../protocol/events.ts';
import { ACTORS_MAX, type EventId, type EventRef } from '../protocol/ids.ts';

/** An event on its way from {@link RawEvent} to {@link TraceEvent}. */
interface Changing {
  id: EventRef | EventId;
  causes: readonly (EventRef | EventId)[];
  message?: EventRef | EventId;
}

function actorIndex(event: RawEvent): number {
  return event.id % ACTORS_MAX;
}

export class EventMerger {
  /** By actor, by the counter of the reference: the event's position. */
  readonly #ids: EventId[][] = [];
  #next = 0;

  /**
   * The events are the merger's own from now on: it changes them in place, since a copy of each would cost more than
   * making them did.
   * @throws InvariantError if an event names a cause that no event before it is.
   */
  merge(reports: readonly (readonly RawEvent[])[]): readonly TraceEvent[] {
    // Sorting is stable, so that the order within an actor stays.
    const events = reports.flat().sort((a, b) => a.t - b.t || actorIndex(a) - actorIndex(b));
    for (const event of events) {
      const changing: Changing = event;
      const id = this.#next++ as EventId;
      changing.causes = event.causes.map((cause) => this.#resolve(cause, event));
      if ('message' in event) changing.message = this.#resolve(event.message, event);
      this.#enter(event.id, id);
      changing.id = id;
    }
    // Every reference has been replaced.
    return events as readonly unknown[] as readonly TraceEvent[];
  }

  #enter(ref: EventRef, id: EventId): void {
    const ids = (this.#ids[ref % ACTORS_MAX] ??= []);
    ids[Math.floor(ref / ACTORS_MAX)] = id;
  }

  #resolve(ref: EventRef, event: RawEvent): EventId {
    const id = this.#ids[ref % ACTORS_MAX]?.[Math.floor(ref / ACTORS_MAX)];
    assert(
      id !== undefined,
      `${event.kind} of ${event.actor} at ${event.t} ms names a cause that is no event before it`,
    );
    return id;
  }
}
