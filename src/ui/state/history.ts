/** What the page reads of a trace, and what it shows of a state: the only place that knows the fold's details. */
import type { TraceEvent } from '../../protocol/events.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import type { LabState } from '../../trace/index.ts';

/** The events of a run in order, as far as it has run. */
export interface History {
  readonly length: number;
  at(index: number): TraceEvent | undefined;
  /** The number of events with an instant ≤ `t`: the index of the first one after it. */
  countUntil(t: VirtualTime): number;
  /** The fold at `t`. The object may be reused by the next call. */
  stateAt(t: VirtualTime): LabState;
}

/**
 * A copy one level deep. The fold changes its objects in place; who shows them needs new ones to see
 * that something changed.
 */
export function snapshot(state: LabState): LabState {
  return {
    t: state.t,
    servers: new Map([...state.servers].map(([id, server]) => [id, { ...server }])),
    clients: new Map([...state.clients].map(([name, client]) => [name, { ...client }])),
    messages: new Map(state.messages),
    links: new Map([...state.links].map(([key, link]) => [key, { ...link }])),
    connections: new Map(state.connections),
  };
}

export const NOTHING: LabState = {
  t: 0 as VirtualTime,
  servers: new Map(),
  clients: new Map(),
  messages: new Map(),
  links: new Map(),
  connections: new Map(),
};

/** The first event after `index` (exclusive when stepping on) that `wanted` accepts, with an instant ≤ `until`. */
export function findForward(
  history: History,
  index: number,
  until: VirtualTime,
  wanted: (event: TraceEvent) => boolean,
): TraceEvent | null {
  for (let i = index; i < history.length; i++) {
    const event = history.at(i);
    if (event === undefined || event.t > until) return null;
    if (wanted(event)) return event;
  }
  return null;
}

/** The last event before `index` that `wanted` accepts. */
export function findBackward(
  history: History,
  index: number,
  wanted: (event: TraceEvent) => boolean,
): TraceEvent | null {
  for (let i = index - 1; i >= 0; i--) {
    const event = history.at(i);
    if (event !== undefined && wanted(event)) return event;
  }
  return null;
}
