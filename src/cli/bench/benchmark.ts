/** What every benchmark shares: its shape, and what can be chosen. */

export const BENCH_HOSTS = ['inline', 'workers', 'browser'] as const;
export type BenchHost = (typeof BENCH_HOSTS)[number];

export interface BenchOptions {
  /** Where labs run: plain objects, worker threads of Node, Web Workers of Chromium. A benchmark leaves out what it cannot use. */
  readonly hosts: readonly BenchHost[];
  /** Sizes of ensembles. */
  readonly servers: readonly number[];
  /** How many requests wait for their answer. */
  readonly outstanding: readonly number[];
  /** How much is done, as a share of the full measure. */
  readonly scale: number;
  /** How often each contender is measured. */
  readonly turns: number;
}

export const FULL: BenchOptions = {
  hosts: BENCH_HOSTS,
  servers: [3, 5, 7],
  outstanding: [1, 100, 1000],
  scale: 1,
  turns: 3,
};
/** Enough to see what a change did. */
export const QUICK: BenchOptions = { ...FULL, servers: [3], scale: 0.25 };

export interface BenchResult {
  /** What is reported with `--json`. */
  readonly figures: unknown;
  /** The same for people. */
  readonly lines: readonly string[];
}

export interface Benchmark {
  readonly name: string;
  /** What is measured, beside what. One line. */
  readonly says: string;
  run(options: BenchOptions): Promise<BenchResult>;
}
