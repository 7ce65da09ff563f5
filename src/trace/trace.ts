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

/** Events that are made when the first of them is wanted. */
export interface UnreadEvents {
  readonly length: number;
  /** Instants of the first and of the last. */
  readonly start: VirtualTime;
  readonly end: VirtualTime;
  read(): readonly TraceEvent[];
}

interface Unread {
  readonly from: number;
  readonly events: UnreadEvents;
}

export class Trace {
  readonly setup: TraceSetup;
  /** Null: unread. */
  readonly #events: (TraceEvent | null)[] = [];
  /** In their order. */
  readonly #unread: Unread[] = [];
  readonly #keyframes: Keyframes;
  #end = virtualTime(0);

  constructor(setup: TraceSetup) {
    this.setup = setup;
    this.#keyframes = new Keyframes(initialState(setup));
  }

  /** @throws InvariantError unless ids go on without a gap and time never goes back; of unread events when they are read */
  append(events: readonly TraceEvent[] | UnreadEvents): void {
    if ('read' in events) {
      if (events.length === 0) return;
      assert(events.start >= this.#end, `events at ${events.start} ms go back behind ${this.#end} ms`);
      this.#unread.push({ from: this.#events.length, events });
      for (let i = 0; i < events.length; i++) this.#events.push(null);
      this.#end = events.end;
      return;
    }
    for (const event of events) {
      this.#check(event, this.#events.length, this.#end);
      this.#events.push(event);
      this.#end = event.t;
    }
  }

  get length(): number {
    return this.#events.length;
  }

  /** Instant of the last event; 0 without events. */
  get end(): VirtualTime {
    return this.#end;
  }

  /** @throws InvariantError if there is no event `id`. */
  at(id: EventId | number): TraceEvent {
    const event = this.#events[id] ?? this.#read(id);
    assert(event, `there is no event ${id}`);
    return event;
  }

  /** Index of the first event later than `t`: as many events have happened by `t`. */
  firstAfter(t: VirtualTime): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const unread = this.#events[middle] === null ? this.#unreadAt(middle) : null;
      // Whole spans are passed over unread.
      if (unread && unread.events.start > t) high = unread.from;
      else if (unread && unread.events.end <= t) low = unread.from + unread.events.length;
      else if (this.at(middle).t > t) high = middle;
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

  #check(event: TraceEvent, id: number, end: VirtualTime): void {
    assert(event.id === id, `event ${event.id} is not number ${id}`);
    assert(event.t >= end, `event ${event.id} at ${event.t} ms goes back behind ${end} ms`);
  }

  /** The unread events that `id` is one of. */
  #unreadAt(id: number): Unread | null {
    let low = 0;
    let high = this.#unread.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#unread[middle]?.from ?? 0) > id) high = middle;
      else low = middle + 1;
    }
    return this.#unread[low - 1] ?? null;
  }

  #read(id: number): TraceEvent | null {
    const unread = this.#events[id] === null ? this.#unreadAt(id) : null;
    if (!unread) return null;
    const { from, events } = unread;
    let end = events.start;
    events.read().forEach((event, i) => {
      this.#check(event, from + i, end);
      this.#events[from + i] = event;
      end = event.t;
    });
    this.#unread.splice(this.#unread.indexOf(unread), 1);
    return this.#events[id] ?? null;
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
