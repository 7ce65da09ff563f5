/** Windows a second of idle servers in worker threads, beside as many workers that do nothing but exchange empty batches. */
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { nodeHost } from '../../lab/hosts/node.ts';
import { contest, LOCKSTEP_SERVERS, type Contender, type LockstepFigures } from './contest.ts';

export async function lockstep(): Promise<readonly LockstepFigures[]> {
  const figures: LockstepFigures[] = [];
  for (const servers of LOCKSTEP_SERVERS) figures.push(await contest(servers, () => nodeHost(), bareWorkers));
  return figures;
}

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
