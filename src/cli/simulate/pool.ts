/** Threads that simulate: each does one job at a time. What comes of a job does not depend on the thread, or on how many there are. */
import { Worker } from 'node:worker_threads';
import { work, type Answers, type Job, type JobOf } from '../../simulate/index.ts';

const ENTRY = new URL('../../../workers/node-simulate-boot.mjs', import.meta.url);

interface Waiting {
  readonly job: Job;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  doing: Waiting | null;
}

export class Pool {
  readonly threads: number;
  readonly #threads: Thread[] = [];
  readonly #waiting: Waiting[] = [];

  /** `threads`: 1 works in this one. */
  constructor(threads: number) {
    this.threads = threads;
  }

  /** Rejects if the job throws: that is a bug of the simulator, and no thread can be trusted any more. */
  do<Name extends Job['do']>(job: JobOf<Name>): Promise<Answers[Name]> {
    if (this.threads === 1) return work(job) as Promise<Answers[Name]>;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#next();
    });
  }

  /** Ends all threads, whatever they do. */
  async close(): Promise<void> {
    this.#waiting.length = 0;
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #next(): void {
    const idle = this.#threads.find((thread) => thread.doing === null) ?? this.#launch();
    const waiting = idle && this.#waiting.shift();
    if (!waiting) return;
    idle.doing = waiting;
    idle.worker.postMessage(waiting.job);
  }

  #launch(): Thread | null {
    if (this.#threads.length >= this.threads) return null;
    const thread: Thread = { worker: new Worker(ENTRY), doing: null };
    thread.worker.on('message', (answer) => {
      thread.doing?.resolve(answer as never);
      thread.doing = null;
      this.#next();
    });
    thread.worker.on('error', (error) => thread.doing?.reject(error));
    this.#threads.push(thread);
    return thread;
  }
}
