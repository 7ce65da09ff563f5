/** Labs of the page: servers and clients in Web Workers, states by the fold over the trace. */
import { browserHost } from '../../lab/hosts/browser.ts';
import { Lab, parseScenario, type LabApi } from '../../lab/index.ts';
import type { TraceEvent } from '../../protocol/events.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import type { LabState, Trace, TraceCursor } from '../../trace/index.ts';
import type { History } from './history.ts';
import type { LabSource } from './lab.svelte.ts';

class TraceHistory implements History {
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

export function browserLabs(): LabSource {
  return {
    async open(scenario) {
      const parsed = parseScenario(scenario);
      if (!parsed.ok) return { ok: false, reason: parsed.message };
      return { ok: true, lab: await Lab.open(parsed.scenario, browserHost) };
    },
    read: (lab: LabApi) => new TraceHistory(lab.trace),
  };
}
