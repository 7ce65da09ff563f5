/** Labs of the page: servers and clients in Web Workers, disks in folders. */
import { browserHost } from '../../lab/hosts/browser.ts';
import { Lab, parseScenario, type LabApi } from '../../lab/index.ts';
import type { LabFolders } from './lab-folders.svelte.ts';
import type { LabSource } from './lab.svelte.ts';
import { TraceHistory } from './trace-history.ts';

/** `folders`: where disks are kept; null: in memory. */
export function browserLabs(folders: LabFolders | null = null): LabSource {
  return {
    async open(scenario) {
      const parsed = parseScenario(scenario);
      if (!parsed.ok) return { ok: false, reason: parsed.message };
      const createHost = () => browserHost(folders?.next() ?? null);
      return { ok: true, lab: await Lab.open(parsed.scenario, createHost, { checks: false }) };
    },
    read: (lab: LabApi) => new TraceHistory(lab.trace),
  };
}
