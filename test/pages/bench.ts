/** The page of benchmarks in Web Workers (`npm run lab -- bench --host browser`). Not part of the built site. */
import { contest, type Contender, type ContestSize, type LockstepFigures } from '../../src/cli/bench/contest.ts';
import { load, type LoadFigures, type LoadPlan } from '../../src/cli/bench/load.ts';
import { browserHost } from '../../src/lab/hosts/browser.ts';

/** What the benchmarks call from Node. */
export interface BenchPage {
  lockstep(servers: number, size: ContestSize): Promise<LockstepFigures>;
  load(plan: LoadPlan): Promise<readonly LoadFigures[]>;
}

declare global {
  var bench: BenchPage;
}

globalThis.bench = {
  lockstep: (servers, size) => contest(servers, browserHost, bareWorkers, size),
  load: (plan) => load(plan, browserHost),
};

async function bareWorkers(count: number): Promise<Contender> {
  const workers = Array.from(
    { length: count },
    () => new Worker(new URL('./bare-worker.ts', import.meta.url), { type: 'module' }),
  );
  const ports: MessagePort[][] = workers.map(() => []);
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      const { port1, port2 } = new MessageChannel();
      ports[a]?.push(port1);
      ports[b]?.push(port2);
    }
  }
  await all(workers, (worker, index) => worker.postMessage(ports[index], ports[index] ?? []));
  return {
    turn: (windows) => all(workers, (worker) => worker.postMessage(windows)),
    end: () => {
      for (const worker of workers) worker.terminate();
      return Promise.resolve();
    },
  };
}

/** Tells every worker something and waits for an answer of each. */
async function all(workers: readonly Worker[], tell: (worker: Worker, index: number) => void): Promise<void> {
  const answers = workers.map(
    (worker) => new Promise((resolve) => worker.addEventListener('message', resolve, { once: true })),
  );
  workers.forEach(tell);
  await Promise.all(answers);
}
