/** Labs in this browser's Web Workers, for tests that compare their traces with those of other hosts. Not part of the built site. */
import { browserHost } from '../../src/lab/hosts/browser.ts';
import { Lab, parseScenario, type Scenario } from '../../src/lab/index.ts';
import { virtualTime } from '../../src/protocol/time.ts';
import { toJsonl, type Trace } from '../../src/trace/index.ts';
import { LabFolders } from '../../src/ui/state/lab-folders.svelte.ts';
import { LabStore } from '../../src/ui/state/lab.svelte.ts';
import { Playback } from '../../src/ui/state/playback.svelte.ts';
import { browserLabs } from '../../src/ui/state/source.ts';

export interface HostTests {
  /**
   * `disks`: in memory, or in folders of the origin private file system.
   *
   * @returns the trace up to the scenario's `until`, run in strides of `stride` virtual ms
   */
  run(json: unknown, stride: number, disks?: 'memory' | 'folders'): Promise<string>;
  /** @returns the same, played frame by frame at `pace` virtual ms a second, as the page does it */
  play(json: unknown, pace: number): Promise<string>;
}

declare global {
  // What the tests call from Node.
  var hostTests: HostTests;
}

function valid(json: unknown): Scenario {
  const parsed = parseScenario(json);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.scenario;
}

function textOf(trace: Trace, until: number): string {
  return toJsonl([...trace.events()].filter(({ t }) => t <= until));
}

globalThis.hostTests = {
  async run(json, stride, disks = 'memory') {
    const scenario = valid(json);
    const failures: string[] = [];
    const folder = disks === 'folders' ? new LabFolders((reason) => failures.push(reason)).next() : null;
    const lab = await Lab.open(scenario, () => browserHost(folder));
    while (lab.head < scenario.until && lab.failure === null) {
      await lab.advance(virtualTime(Math.min(scenario.until, lab.head + stride)));
    }
    lab.dispose();
    if (lab.failure !== null) throw new Error(lab.failure.message);
    if (failures.length > 0) throw new Error(failures.join(', '));
    return textOf(lab.trace, scenario.until);
  },

  async play(json, pace) {
    const { until } = valid(json);
    const store = new LabStore(browserLabs(), {
      passed: () => undefined,
      acted: () => undefined,
      letGo: () => undefined,
      violated: () => undefined,
      refused: (reason) => {
        throw new Error(reason);
      },
    });
    await store.open(json);
    const playback = new Playback(store);
    playback.setRange(pace, pace);
    playback.play();
    while (store.head < until && store.failure === null) await new Promise((drawn) => requestAnimationFrame(drawn));
    playback.pause();
    store.dispose();
    const trace = store.branch?.lab.trace;
    if (trace === undefined || store.failure !== null) throw new Error(store.failure?.message ?? 'no lab');
    return textOf(trace, until);
  },
};
