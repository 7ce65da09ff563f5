// A worker thread of Node: seeds of a simulation, one after the other. An exception ends the thread, and so the whole run.
import { parentPort } from 'node:worker_threads';
import { work, type Job } from '../src/simulate/index.ts';

parentPort?.on('message', (job: Job) => {
  void work(job).then((answer) => parentPort?.postMessage(answer));
});
