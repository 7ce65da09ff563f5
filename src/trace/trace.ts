/**
 * The trace of a lab: an append-only list of events, and the state of the lab at any instant as a fold
 * over them. Going forward folds what is new; going back starts from the nearest keyframe.
 */
import { assert } from '../protocol/assert.ts';
import type { TraceEvent } from '../protocol/events.ts';
import type { EventId } from '../protocol/ids.ts';
import { virtualTime, type VirtualTime } from '../protocol/time.ts';
import { apply, cloneState, initialState, type TraceSetup } from './fold/index.ts';
import { Keyframes } from './keyframes.ts';
import type { LabState } from './state.ts';

export class Trace {
  readonly setup: TraceSetup;
  readonly #events: TraceEvent[] = [];
  readonly #keyframes: Keyframes;

  constructor(setup: TraceSetup) {
    this.setup = setup;
    this.#keyframes = new Keyframes(initialState(setup));
  }

  /** @throws InvariantError unless ids go on without a gap and time never goes back. */
  append(events: readonly TraceEvent[]): void {
    for (const event of events) {
      assert(event.id === this.#events.length, `event ${event.id} is not number ${this.#events.length}`);
      assert(event.t >= this.end, `event ${event.id} at ${event.t} ms goes back behind ${this.end} ms`);
      this.#events.push(event);
    }
  }

  get length(): number {
    return this.#events.length;
  }

  /** Instant of the last event; 0 without events. */
  get end(): VirtualTime {
    return this.#events.at(-1)?.t ?? virtualTime(0);
  }

  /** @throws InvariantError if there is no event `id`. */
  at(id: EventId | number): TraceEvent {
    const event = this.#events[id];
    assert(event, `there is no event ${id}`);
    return event;
  }

  /** Index of the first event later than `t`: as many events have happened by `t`. */
  firstAfter(t: VirtualTime): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle).t > t) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Events `from` up to, without, `to`, in order; nothing is copied. */
  *events(from = 0, to = this.#events.length): Generator<TraceEvent, void> {
    for (let id = Math.max(0, from); id < Math.min(to, this.#events.length); id++) yield this.at(id);
  }

  /** The state at `t`: all events up to `t` inclusive have happened. It is the caller's own. */
  stateAt(t: VirtualTime): LabState {
    const state = this.#stateAfter(this.firstAfter(t));
    state.t = t;
    return state;
  }

  /** The state right before event `id`; for `id` = {@link length} the newest. It is the caller's own. */
  stateBefore(id: EventId | number): LabState {
    return this.#stateAfter(id);
  }

  cursor(): TraceCursor {
    return new TraceCursor(this, this.#keyframes);
  }

  #stateAfter(count: number): LabState {
    // The cursor is let go, and its state with it.
    return this.cursor().seekIndex(count);
  }
}

/**
 * A place in a trace that moves. Its {@link state} is one object that later seeks change: read it, and
 * take {@link Trace.stateAt} to keep one.
 */
export class TraceCursor {
  readonly #trace: Trace;
  readonly #keyframes: Keyframes;
  #index = 0;
  #state: LabState;

  constructor(trace: Trace, keyframes: Keyframes) {
    this.#trace = trace;
    this.#keyframes = keyframes;
    this.#state = cloneState(keyframes.nearest(0).state);
  }

  /** How many events have happened here. */
  get index(): number {
    return this.#index;
  }

  get state(): Readonly<LabState> {
    return this.#state;
  }

  /** Moves to `t`; events of that very instant have happened. */
  seek(t: VirtualTime): Readonly<LabState> {
    this.seekIndex(this.#trace.firstAfter(t));
    this.#state.t = t;
    return this.#state;
  }

  /** Moves to where `count` events have happened: to step through the events of one instant. */
  seekIndex(count: number): Readonly<LabState> {
    assert(count >= 0 && count <= this.#trace.length, `no place ${count} in a trace of ${this.#trace.length} events`);
    const keyframe = this.#keyframes.nearest(count);
    if (count < this.#index || keyframe.index > this.#index) {
      this.#state = cloneState(keyframe.state);
      this.#index = keyframe.index;
    }
    while (this.#index < count) {
      apply(this.#state, this.#trace.at(this.#index));
      this.#index++;
      this.#keyframes.offer(this.#index, this.#state);
    }
    // A seek past the last event may have moved the clock further than the events go.
    this.#state.t = count === 0 ? virtualTime(0) : this.#trace.at(count - 1).t;
    return this.#state;
  }
}
