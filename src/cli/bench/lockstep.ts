/** Windows a second of idle servers in worker threads, beside as many workers that do nothing but exchange empty batches. */
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { nodeHost } from '../../lab/hosts/node.ts';
import { Lab, parseScenario } from '../../lab/index.ts';
import { virtualTime } from '../../protocol/time.ts';

export interface LockstepFigures {
  readonly servers: number;
  readonly windowsPerSecond: number;
  readonly barePerSecond: number;
  /** windowsPerSecond / barePerSecond */
  readonly share: number;
}

/** ms of virtual time: the election is over. */
const SETTLED = 5000;
/** ms of virtual time in one window. */
const WINDOW = 1;
/** The two take turns, so that whatever else the machine does meets both; the median counts. */
const TURNS = 7;
const TURN_WINDOWS = 1000;

/** Windows a second of one turn. */
type Turn = () => Promise<number>;
interface Contender {
  readonly turn: Turn;
  end(): Promise<void>;
}

export async function lockstep(): Promise<readonly LockstepFigures[]> {
  const figures: LockstepFigures[] = [];
  for (const servers of [3, 5, 9]) {
    const lab = await idleServers(servers);
    const bare = await bareWorkers(servers);
    const rates: { readonly lab: number; readonly bare: number }[] = [];
    for (let i = 0; i < TURNS; i++) rates.push({ bare: await bare.turn(), lab: await lab.turn() });
    await Promise.all([lab.end(), bare.end()]);
    const windowsPerSecond = median(rates.map((rate) => rate.lab));
    const barePerSecond = median(rates.map((rate) => rate.bare));
    figures.push({ servers, windowsPerSecond, barePerSecond, share: windowsPerSecond / barePerSecond });
  }
  return figures;
}

async function idleServers(count: number): Promise<Contender> {
  const parsed = parseScenario({
    format: 'zabscope/scenario@1',
    ensemble: { servers: Array.from({ length: count }, (_, i) => ({ sid: i + 1 })) },
  });
  if (!parsed.ok) throw new Error(parsed.message);
  const lab = await Lab.open(parsed.scenario, () => nodeHost(), { windowMax: WINDOW });
  await lab.advance(virtualTime(SETTLED));
  return {
    turn: async () => {
      const begin = performance.now();
      await lab.advance(virtualTime(lab.head + TURN_WINDOWS * WINDOW));
      if (lab.failure) throw new Error(lab.failure.message);
      return rate(begin);
    },
    end: () => Promise.resolve(lab.dispose()),
  };
}

function rate(begin: number): number {
  return TURN_WINDOWS / ((performance.now() - begin) / 1000);
}

function median(values: readonly number[]): number {
  return Math.round([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0);
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
  // The first rounds, which a lab has had in its election.
  await all(workers, (worker) => worker.postMessage(SETTLED / WINDOW));
  return {
    turn: async () => {
      const begin = performance.now();
      await all(workers, (worker) => worker.postMessage(TURN_WINDOWS));
      return rate(begin);
    },
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
