/**
 * Makes one trace of what several actors reported: ordered by (time, actor, order within the actor),
 * with references replaced by positions. Every actor's events of a span of time must come together.
 */
import { assert } from '../protocol/assert.ts';
import type { RawEvent, TraceEvent } from '../protocol/events.ts';
import { ACTORS_MAX, type EventId, type EventRef } from '../protocol/ids.ts';

function actorIndex(event: RawEvent): number {
  return event.ref % ACTORS_MAX;
}

export class EventMerger {
  /** By actor, by the counter of the reference: the event's position. */
  readonly #ids: EventId[][] = [];
  #next = 0;

  /** @throws InvariantError if an event names a cause that no event before it is. */
  merge(reports: readonly (readonly RawEvent[])[]): readonly TraceEvent[] {
    // Sorting is stable, so that the order within an actor stays.
    const events = reports.flat().sort((a, b) => a.t - b.t || actorIndex(a) - actorIndex(b));
    return events.map((event) => {
      const { ref, ...rest } = event;
      const id = this.#next++ as EventId;
      const causes = event.causes.map((cause) => this.#resolve(cause, event));
      this.#enter(ref, id);
      const resolved = 'message' in rest ? { message: this.#resolve(rest.message, event) } : {};
      // Every reference of the body has been replaced; the compiler cannot see that the union keeps its kinds.
      return { id, ...rest, ...resolved, causes } as TraceEvent;
    });
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
