/**
 * How fast simulations are: fixed seeds of profile chaos in this thread, and over all cores. Beside them the bare runs: the
 * same random scenarios in labs that nobody checks, heals or counts.
 */
import { availableParallelism } from 'node:os';
import { InlineHost } from '../../lab/hosts/inline.ts';
import { createProcess, Lab } from '../../lab/index.ts';
import { DEFAULT_OPTIONS, generate, type Totals } from '../../simulate/index.ts';
import { campaign } from '../simulate/campaign.ts';
import { Pool } from '../simulate/pool.ts';
import type { Benchmark, BenchOptions } from './benchmark.ts';
import { interleaved, percent, rounded, seconds } from './measure.ts';
import { advance } from './workload.ts';

export interface SimulateFigures {
  readonly servers: number;
  readonly seeds: number;
  /** Of one thread: simulated seconds and events a wall second. */
  readonly speed: number;
  readonly eventsPerSecond: number;
  readonly threads: number;
  /** The same over so many threads. */
  readonly speedOfAll: number;
  /** Of bare runs in one thread. */
  readonly bareSpeed: number;
  /** speed / bareSpeed */
  readonly share: number;
}

/** Of each size of the ensemble. */
const SEEDS = 6;
const MS = 10_000;

export const simulate: Benchmark = {
  name: 'simulate',
  says: 'simulated seconds a second with all checkers, in one thread and over all cores, beside bare runs',
  async run(options) {
    const threads = availableParallelism();
    const [one, all] = [new Pool(1), new Pool(threads)];
    try {
      const figures: SimulateFigures[] = [];
      for (const servers of options.servers) figures.push(await measure(options, servers, one, all));
      return {
        figures,
        lines: figures.map(
          ({ servers, seeds, speed, eventsPerSecond, speedOfAll, share }) =>
            `${servers} servers, ${seeds} seeds: ${speed} virtual s/s, ${eventsPerSecond} events/s in one thread (${percent(share)} of bare runs); ${threads} threads: ${speedOfAll} virtual s/s`,
        ),
      };
    } finally {
      await all.close();
    }
  },
};

async function measure(
  { scale, turns }: BenchOptions,
  servers: number,
  one: Pool,
  all: Pool,
): Promise<SimulateFigures> {
  const seeds = Math.max(1, Math.round(scale * SEEDS));
  const options = { ...DEFAULT_OPTIONS, servers, forMs: Math.max(1000, Math.round(scale * MS)) };
  const run = async (pool: Pool): Promise<Totals> => {
    const { totals, broken } = await campaign(pool, { first: 1, last: seeds }, options, () => false);
    const failure = broken.find((each) => each.failure !== null)?.failure;
    if (failure) throw new Error(failure.message);
    return totals;
  };
  // Threads load their code.
  await run(all);
  const { virtualMs, counts } = await run(one);
  let bareMs = 0;
  const bare = async (): Promise<void> => {
    bareMs = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const scenario = generate(seed, options);
      const lab = await Lab.open(scenario, () => new InlineHost(createProcess), { checks: false });
      await advance(lab, scenario.until);
      bareMs += scenario.until;
      lab.dispose();
    }
  };
  const wall = await interleaved(turns, {
    one: () => seconds(() => run(one)),
    all: () => seconds(() => run(all)),
    bare: () => seconds(bare),
  });
  const [speed, bareSpeed] = [virtualMs / 1000 / wall.one, bareMs / 1000 / wall.bare];
  return {
    servers,
    seeds,
    speed: rounded(speed),
    eventsPerSecond: rounded(counts.events / wall.one),
    threads: all.threads,
    speedOfAll: rounded(virtualMs / 1000 / wall.all),
    bareSpeed: rounded(bareSpeed),
    share: rounded(speed / bareSpeed),
  };
}
