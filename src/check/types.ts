/** What a checker is: handlers of events that report what must not be. */
import type { EventKind, EventOf, TraceEvent } from '../protocol/events.ts';
import type { EventId } from '../protocol/ids.ts';
import type { VirtualTime } from '../protocol/time.ts';
import type { KnownBug } from './known-bugs.ts';
import type { Property } from './properties.ts';
import type { World } from './world.ts';

/** A property that did not hold. Plain data. */
export interface Violation {
  readonly property: Property;
  /** The instant of the deciding event, virtual ms. */
  readonly at: VirtualTime;
  /** The deciding event: before it the property held. */
  readonly event: EventId;
  /** The events that prove it, ascending; `event` is the last. */
  readonly proof: readonly EventId[];
  /** Who did what, and what should have been, in one plain sentence with sids and zxids. */
  readonly says: string;
  /** The bug of Apache ZooKeeper itself that has struck before, and has done this. */
  readonly known?: KnownBug;
}

/** What a checker tells of an event that breaks a property. */
export interface Finding {
  readonly property: Property;
  readonly says: string;
  /** Events that prove it beside the one that is being looked at; any order. */
  readonly proof: readonly EventId[];
  /** What is wrong: the same matter is reported once. By default once for each property. */
  readonly about?: string;
}

/** Called for the event that is being looked at. */
export type Report = (finding: Finding) => void;

/** One function for each kind of event that a checker looks at. */
export type Handlers = { readonly [K in EventKind]?: (event: TraceEvent & EventOf<K>) => void };

/**
 * Makes the handlers of one checker for one run. They see every event once, in order; `world` has taken the event in
 * before them. Time and memory for each event must not grow with the length of the run beyond what the ensemble itself
 * holds (its logs, trees and sessions).
 */
export type Checker = (world: World, report: Report) => Handlers;
