/**
 * Requests a second of wall time, of one session that keeps so many outstanding: they are asked for in parts, each part
 * again when it has been answered. A lab with its trace, one without, and the bare encoding of the same requests in one thread take turns. Knows no
 * runtime: Node and the browser's bench page bring their hosts.
 */
import { Lab, type Action, type HostFactory } from '../../lab/index.ts';
import { virtualTime } from '../../protocol/time.ts';
import { encodeOnly } from './bare.ts';
import { interleaved, rounded, seconds } from './measure.ts';
import { advance, ensemble, preparation, round, roundLength, SETTLED, type LoadKind } from './workload.ts';

export interface LoadPlan {
  readonly kind: LoadKind;
  readonly servers: number;
  readonly outstanding: readonly number[];
  readonly scale: number;
  readonly turns: number;
}

/** Rates are of a second of wall time. */
export interface LoadFigures {
  readonly servers: number;
  readonly outstanding: number;
  readonly perSecond: number;
  readonly untracedPerSecond: number;
  /** One thread that only encodes. */
  readonly barePerSecond: number;
  /** perSecond / barePerSecond */
  readonly share: number;
  /** untracedPerSecond / perSecond: what could be gained if nothing were told. */
  readonly withoutTrace: number;
  readonly eventsPerRequest: number;
  readonly eventsPerSecond: number;
}

interface Stage {
  readonly outstanding: number;
  readonly requests: number;
  /** Turn by turn, the first, a longer one, to get warm. */
  readonly turns: readonly { readonly from: number; readonly to: number }[];
}

/** Checkers are off: what they cost is another benchmark. @throws Error if a lab stops, or leaves requests without answer */
export async function load(plan: LoadPlan, createHost: HostFactory): Promise<readonly LoadFigures[]> {
  const { kind, servers, turns } = plan;
  const { stages, actions } = await schedule(plan);
  const scenario = ensemble(servers, actions);
  const traced = await Lab.open(scenario, createHost, { checks: false });
  const untraced = await Lab.open(scenario, createHost, { traced: false });
  for (const lab of [traced, untraced]) await advance(lab, SETTLED);
  const figures: LoadFigures[] = [];
  for (const { outstanding, requests, turns: spans } of stages) {
    const run = async (lab: Lab, turn: number): Promise<number> =>
      requests / (await seconds(() => advance(lab, spans[turn]?.to ?? 0)));
    const bare = async (): Promise<number> => requests / (await seconds(() => encodeOnly(kind, servers, requests)));
    for (const lab of [traced, untraced]) await run(lab, 0);
    await bare();
    const before = traced.trace.length;
    const rates = await interleaved(turns, {
      traced: (turn) => run(traced, turn + 1),
      untraced: (turn) => run(untraced, turn + 1),
      bare,
    });
    const eventsPerRequest = answered(traced, before, turns * requests);
    figures.push({
      servers,
      outstanding,
      perSecond: Math.round(rates.traced),
      untracedPerSecond: Math.round(rates.untraced),
      barePerSecond: Math.round(rates.bare),
      share: rounded(rates.traced / rates.bare),
      withoutTrace: rounded(rates.untraced / rates.traced),
      eventsPerRequest: rounded(eventsPerRequest),
      eventsPerSecond: Math.round(rates.traced * eventsPerRequest),
    });
  }
  for (const lab of [traced, untraced]) lab.dispose();
  return figures;
}

/** Events for each request since `from`. @throws Error unless all `requests` were answered well */
function answered(lab: Lab, from: number, requests: number): number {
  let good = 0;
  for (const event of lab.trace.events(from)) if (event.kind === 'returned' && event.error === null) good++;
  if (good !== requests) throw new Error(`${good} of ${requests} requests were answered by ${lab.head} ms`);
  return (lab.trace.length - from) / requests;
}

async function schedule({ kind, servers, outstanding: sizes, scale, turns }: LoadPlan): Promise<{
  readonly stages: readonly Stage[];
  readonly actions: readonly Action[];
}> {
  const actions: Action[] = [preparation()];
  const stages: Stage[] = [];
  let at = SETTLED + 1;
  for (const outstanding of sizes) {
    const length = await roundLength(kind, servers, outstanding);
    const rounds = Math.max(1, Math.round((scale * fullMeasure(kind, outstanding)) / outstanding));
    const parts = outstanding % PARTS === 0 ? PARTS : 1;
    const apart = Math.ceil(length / parts);
    const spans = Array.from({ length: turns + 1 }, (_, turn) => {
      const from = at;
      const asked = parts * rounds * (turn === 0 ? WARM_UP : 1);
      for (let i = 0; i < asked; i++, at += apart) actions.push(...round(kind, outstanding / parts, at));
      // Until the last of them are answered, too.
      at += length;
      return { from, to: virtualTime(at - 1) };
    });
    stages.push({ outstanding, requests: rounds * outstanding, turns: spans });
  }
  return { stages, actions };
}

/** A part is asked for while the others are under way, so that all servers have work at any time. */
const PARTS = 5;
/** How much longer the first turn is: code that is seldom run is not yet compiled. */
const WARM_UP = 3;

/** Requests of a turn. */
function fullMeasure(kind: LoadKind, outstanding: number): number {
  const writes = outstanding >= 1000 ? 2000 : outstanding >= 100 ? 600 : 40;
  return kind === 'writes' ? writes : 2 * writes;
}
