/**
 * Windows a second of idle servers, beside as many workers that do nothing but exchange empty batches: in worker threads
 * here, in Web Workers on test/pages/bench.ts.
 */
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { nodeHost } from '../../lab/hosts/node.ts';
import type { BenchHost, Benchmark } from './benchmark.ts';
import { inBenchPage } from './chromium.ts';
import { contest, CONTEST, type Contender, type LockstepFigures } from './contest.ts';
import { percent } from './measure.ts';

/** As few as their batches allow, many, and more than there are cores for. */
const SERVERS = [3, 5, 9] as const;

export const lockstep: Benchmark = {
  name: 'lockstep',
  says: 'windows a second of idle servers in workers, beside workers that exchange empty batches',
  async run({ hosts, servers, scale }) {
    const size = { ...CONTEST, windows: Math.max(50, Math.round(scale * CONTEST.windows)) };
    const counts = servers.length === 1 ? servers : SERVERS;
    const figures: (LockstepFigures & { readonly host: BenchHost })[] = [];
    if (hosts.includes('workers')) {
      for (const count of counts) {
        figures.push({ host: 'workers', ...(await contest(count, () => nodeHost(), bareWorkers, size)) });
      }
    }
    if (hosts.includes('browser')) {
      await inBenchPage(async (call) => {
        for (const count of counts) {
          figures.push({ host: 'browser', ...(await call<LockstepFigures>('lockstep', count, size)) });
        }
      });
    }
    return {
      figures,
      lines: figures.map(
        ({ host, servers: count, windowsPerSecond, barePerSecond, share }) =>
          `${count} servers (${host}): ${windowsPerSecond} windows/s; nothing but batches: ${barePerSecond} (${percent(share)})`,
      ),
    };
  },
};

/** What a worker does here: a number to every peer, wait for one of each, and again. */
const BARE = `
const { parentPort } = require('node:worker_threads');
parentPort.once('message', (ports) => {
  const inbox = new Int32Array(ports.length);
  let goal = 0;
  const post = () => { for (const port of ports) port.postMessage(0); };
  const goOn = () => {
    while (goal > 0 && inbox.every((batches) => batches > 0)) {
      for (let i = 0; i < inbox.length; i++) inbox[i]--;
      if (--goal === 0) parentPort.postMessage('done');
      else post();
    }
  };
  ports.forEach((port, i) => port.on('message', () => { inbox[i]++; goOn(); }));
  parentPort.on('message', (windows) => { goal = windows; post(); goOn(); });
  parentPort.postMessage('ready');
});
`;

async function bareWorkers(count: number): Promise<Contender> {
  const workers = Array.from({ length: count }, () => new Worker(BARE, { eval: true }));
  const ports: MessagePort[][] = workers.map(() => []);
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      const { port1, port2 } = new MessageChannel();
      ports[a]?.push(port1);
      ports[b]?.push(port2);
    }
  }
  await all(workers, (worker, index) => worker.postMessage(ports[index], ports[index]));
  return {
    turn: (windows) => all(workers, (worker) => worker.postMessage(windows)),
    end: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** Tells every worker something and waits for an answer of each. */
async function all(workers: readonly Worker[], tell: (worker: Worker, index: number) => void): Promise<void> {
  const answers = workers.map((worker) => new Promise((resolve) => worker.once('message', resolve)));
  workers.forEach(tell);
  await Promise.all(answers);
}
