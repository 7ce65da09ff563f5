/** What it costs that every run is watched: the same labs with all checkers and without, in this thread, by CPU time. */
import { Checks } from '../../check/index.ts';
import { InlineHost } from '../../lab/hosts/inline.ts';
import { createProcess, Lab, type Action } from '../../lab/index.ts';
import type { Benchmark } from './benchmark.ts';
import { interleaved, median, rounded, seconds } from './measure.ts';
import { advance, ensemble, preparation, round, SETTLED } from './workload.ts';

export interface CheckersFigures {
  readonly servers: number;
  readonly load: string;
  readonly events: number;
  /** CPU ms. */
  readonly without: number;
  readonly with: number;
  /** with / without, the median of the turns */
  readonly ratio: number;
  /** Of the checkers alone, over a trace that is there. */
  readonly eventsPerSecond: number;
  /** Of a plain walk over it. */
  readonly walkedPerSecond: number;
}

/** Virtual ms at full measure, and what is asked for. */
const LOADS: Readonly<Record<string, { readonly span: number; readonly actions: (end: number) => readonly Action[] }>> =
  {
    idle: { span: 600_000, actions: () => [] },
    'writes and reads': { span: 20_000, actions: (end) => every(200, end, (at) => mixed(at)) },
    'kills and cuts': {
      span: 120_000,
      actions: (end) => every(4000, end, (at, n) => [...mixed(at), ...trouble(at, n)]),
    },
  };

/** Turns for each that other benchmarks take: a collection of garbage costs as much as a run. */
const TURNS = 3;

export const checkers: Benchmark = {
  name: 'checkers',
  says: 'a run with all checkers as a multiple of one without',
  async run({ servers, scale, turns }) {
    const figures: CheckersFigures[] = [];
    for (const count of servers) {
      for (const load of Object.keys(LOADS)) figures.push(await measure(count, load, scale, turns));
    }
    return {
      figures,
      lines: figures.map(
        ({ servers: count, load, ratio, eventsPerSecond, walkedPerSecond }) =>
          `${count} servers, ${load}: ${ratio} times as long; ${eventsPerSecond} events/s, a plain walk ${walkedPerSecond}`,
      ),
    };
  },
};

async function measure(servers: number, load: string, scale: number, turns: number): Promise<CheckersFigures> {
  const { span, actions } = LOADS[load] ?? { span: 0, actions: () => [] };
  const end = SETTLED + Math.round(scale * span);
  const scenario = ensemble(servers, [preparation(), ...actions(end)]);
  const run = async (checks: boolean): Promise<Lab> => {
    const lab = await Lab.open(scenario, () => new InlineHost(createProcess), { checks });
    await advance(lab, end);
    lab.dispose();
    return lab;
  };
  const { trace } = await run(true);
  const without: number[] = [];
  const watched: number[] = [];
  for (let turn = 0; turn < TURNS * turns; turn++) {
    // Who comes second collects the garbage of the first.
    for (const checks of turn % 2 === 0 ? [false, true] : [true, false]) {
      (checks ? watched : without).push(await cpu(() => run(checks)));
    }
  }
  const walls = await interleaved(turns, {
    checks: () => seconds(() => new Checks(trace.setup).follow(trace)),
    walk: () =>
      seconds(() => {
        for (const event of trace.events()) if (event.t < 0) throw new Error('time has gone back');
      }),
  });
  return {
    servers,
    load,
    events: trace.length,
    without: Math.round(median(without)),
    with: Math.round(median(watched)),
    ratio: rounded(median(watched.map((ms, turn) => ms / (without[turn] ?? Number.NaN)))),
    eventsPerSecond: rounded(trace.length / walls.checks),
    walkedPerSecond: rounded(trace.length / walls.walk),
  };
}

async function cpu(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function every(apart: number, end: number, what: (at: number, n: number) => readonly Action[]): readonly Action[] {
  const actions: Action[] = [];
  for (let at = SETTLED, n = 0; at + apart <= end; at += apart, n++) actions.push(...what(at, n));
  return actions;
}

function mixed(at: number): readonly Action[] {
  return [...round('writes', 10, at), ...round('reads', 10, at)];
}

/** The follower that leads next or the link between two others, never both. */
function trouble(at: number, n: number): readonly Action[] {
  return n % 2 === 0
    ? [
        { at, do: 'kill', server: 2 },
        { at: at + 2000, do: 'restart', server: 2 },
      ]
    : [
        { at, do: 'cut', from: 's2', to: 's3' },
        { at: at + 2000, do: 'heal', from: 's2', to: 's3' },
      ];
}
