/** All checkers over one run: events in, violations out. */
import type { EventKind, TraceEvent } from '../protocol/events.ts';
import type { Trace, TraceSetup } from '../trace/index.ts';
import type { Property } from './properties.ts';
import type { Checker, Finding, Violation } from './types.ts';
import { CHECKERS } from './checkers.ts';
import { KnownBugWatch, type KnownBug } from './known-bugs.ts';
import { Ghosts } from './world.ts';

/** A run that is wrong is wrong in ever more ways: more than so many violations tell nothing. */
const VIOLATIONS_MAX = 50;

export class Checks {
  readonly #handlers = new Map<EventKind, ((event: TraceEvent) => void)[]>();
  readonly #violations: Violation[] = [];
  readonly #told = new Set<string>();
  readonly #known: KnownBugWatch;
  #event: TraceEvent | null = null;
  #next = 0;

  /** @param setup that of the trace which the events are from */
  constructor(setup: TraceSetup, checkers: readonly Checker[] = CHECKERS) {
    const world = new Ghosts(setup);
    this.#known = new KnownBugWatch(world);
    const ofCheckers = checkers.map((checker) => checker(world, (finding) => this.#report(finding)));
    for (const handlers of [world.handlers, this.#known.handlers, ...ofCheckers]) {
      for (const [kind, handler] of Object.entries(handlers) as [EventKind, (event: TraceEvent) => void][]) {
        const list = this.#handlers.get(kind);
        if (list) list.push(handler);
        else this.#handlers.set(kind, [handler]);
      }
    }
  }

  /** In the order in which they were found. */
  get violations(): readonly Violation[] {
    return this.#violations;
  }

  /** The bug of Apache ZooKeeper that has struck, if one has. */
  get known(): KnownBug | null {
    return this.#known.struck?.bug ?? null;
  }

  /** How many events have been looked at. */
  get seen(): number {
    return this.#next;
  }

  /** Looks at the events of `trace` that are new since the last time. */
  follow(trace: Trace): void {
    for (const event of trace.events(this.#next)) this.see(event);
  }

  /** Looks at the next event. */
  see(event: TraceEvent): void {
    this.#next++;
    this.#event = event;
    const handlers = this.#handlers.get(event.kind);
    if (handlers) for (const handler of handlers) handler(event);
  }

  #report({ property, says, proof, about = '' }: Finding): void {
    const event = this.#event;
    const key = `${property}/${about}`;
    if (event === null || this.#violations.length >= VIOLATIONS_MAX || this.#told.has(key)) return;
    this.#told.add(key);
    const { struck } = this.#known;
    const ids = [...new Set([...proof, ...(struck ? [struck.event] : []), event.id])]
      .filter((id) => id <= event.id)
      .sort((a, b) => a - b);
    const violation = { property, at: event.t, event: event.id, proof: ids, says };
    this.#violations.push(struck ? { ...violation, known: struck.bug } : violation);
  }
}

/** The properties that `violations` speak of, each once, in order. */
export function brokenProperties(violations: readonly Violation[]): readonly Property[] {
  return [...new Set(violations.map(({ property }) => property))];
}
