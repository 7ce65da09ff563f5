/** The page of `npm run lab -- bench lockstep --host browser`. Not part of the built site. */
import { contest, type Contender, type LockstepFigures } from '../../src/cli/bench/contest.ts';
import { browserHost } from '../../src/lab/hosts/browser.ts';

declare global {
  // What the benchmark calls from Node.
  var benchLockstep: (servers: number) => Promise<LockstepFigures>;
}

globalThis.benchLockstep = (servers) => contest(servers, browserHost, bareWorkers);

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
