/** A trace as the page reads it, with one cursor that moves along with the playhead. */
import type { TraceEvent } from '../../protocol/events.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import type { LabState, Trace, TraceCursor } from '../../trace/index.ts';
import type { History } from './history.ts';

export class TraceHistory implements History {
  readonly #trace: Trace;
  readonly #cursor: TraceCursor;

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#cursor = trace.cursor();
  }

  get length(): number {
    return this.#trace.length;
  }
  at(index: number): TraceEvent | undefined {
    return index >= 0 && index < this.#trace.length ? this.#trace.at(index) : undefined;
  }
  countUntil(t: VirtualTime): number {
    return this.#trace.firstAfter(t);
  }
  stateAt(t: VirtualTime): LabState {
    return this.#cursor.seek(t);
  }
}
