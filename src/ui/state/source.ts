/** Labs of the page: servers and clients in Web Workers. */
import { browserHost } from '../../lab/hosts/browser.ts';
import { Lab, parseScenario, type LabApi } from '../../lab/index.ts';
import type { LabSource } from './lab.svelte.ts';
import { TraceHistory } from './trace-history.ts';

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
