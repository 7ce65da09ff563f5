/** Committed writes a second of wall time: three servers, 100 bytes a write, trace on. */
import { InlineHost } from '../../lab/hosts/inline.ts';
import { createProcess, Lab, parseScenario } from '../../lab/index.ts';
import { virtualTime } from '../../protocol/time.ts';

export interface WritesFigures {
  readonly host: 'inline';
  readonly outstanding: number;
  readonly committed: number;
  readonly committedPerSecond: number;
  readonly eventsPerSecond: number;
}

const START = 3000;
const DATA = 'x'.repeat(100);
/** Writes that are asked for at each size of the pipeline. */
const WRITES = 2000;
/** ms of virtual time within which a pipeline's writes are answered. */
const ROUND = 250;

export async function writes(): Promise<readonly WritesFigures[]> {
  const figures: WritesFigures[] = [];
  for (const outstanding of [1, 100, 1000]) figures.push(await run(outstanding));
  return figures;
}

/** `outstanding` writes are asked for at once, and again when they have been answered. */
async function run(outstanding: number): Promise<WritesFigures> {
  const rounds = Math.max(5, Math.ceil((outstanding === 1 ? WRITES / 5 : WRITES) / outstanding));
  const write = { do: 'request', client: 'alice', op: 'set', path: '/bench', data: DATA };
  const parsed = parseScenario({
    format: 'zabscope/scenario@1',
    ensemble: { servers: [{ sid: 1 }, { sid: 2 }, { sid: 3 }] },
    clients: [{ name: 'alice', sessionTimeout: 40_000 }],
    actions: [
      { at: START, do: 'request', client: 'alice', op: 'create', path: '/bench' },
      ...Array.from({ length: rounds }, (_, round) =>
        Array.from({ length: outstanding }, () => ({ ...write, at: START + ROUND * (round + 1) })),
      ).flat(),
    ],
  });
  if (!parsed.ok) throw new Error(parsed.message);
  const lab = await Lab.open(parsed.scenario, () => new InlineHost(createProcess));
  await lab.advance(virtualTime(START + ROUND - 1));
  const before = lab.trace.length;
  const begin = performance.now();
  await lab.advance(virtualTime(START + ROUND * (rounds + 2)));
  const seconds = (performance.now() - begin) / 1000;
  if (lab.failure) throw new Error(lab.failure.message);
  let committed = 0;
  for (const event of lab.trace.events(before)) if (event.kind === 'committed') committed++;
  const events = lab.trace.length - before;
  lab.dispose();
  return {
    host: 'inline',
    outstanding,
    committed,
    committedPerSecond: Math.round(committed / seconds),
    eventsPerSecond: Math.round(events / seconds),
  };
}
