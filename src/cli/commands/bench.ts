/** `bench`: how fast this machine runs labs. Wall time is what is measured, so figures differ from run to run; traces never do. */
import { parseArgs } from 'node:util';
import { lockstep, type LockstepFigures } from '../bench/lockstep.ts';
import { writes, type WritesFigures } from '../bench/writes.ts';
import { parsed, UsageError, type Command } from '../usage.ts';

const BENCHMARKS = { lockstep, writes } as const;
type BenchmarkName = keyof typeof BENCHMARKS;
const NAMES = Object.keys(BENCHMARKS) as readonly BenchmarkName[];

export const bench: Command = {
  name: 'bench',
  usage: `bench [${NAMES.join('|')} …] [--json]`,
  async run(args) {
    const { values, positionals } = parsed(() =>
      parseArgs({ args: [...args], allowPositionals: true, options: { json: { type: 'boolean', default: false } } }),
    );
    const chosen = positionals.length === 0 ? NAMES : NAMES.filter((name) => positionals.includes(name));
    const unknown = positionals.find((name) => !NAMES.some((known) => known === name));
    if (unknown !== undefined)
      throw new UsageError(`There is no benchmark ${unknown}: expected ${NAMES.join(' or ')}.`);
    const results: Record<string, readonly LockstepFigures[] | readonly WritesFigures[]> = {};
    for (const name of chosen) {
      const figures = await BENCHMARKS[name]();
      results[name] = figures;
      if (!values.json) console.log([name, ...figures.map((figure) => `  ${line(figure)}`), ''].join('\n'));
    }
    if (values.json) console.log(JSON.stringify(results, null, 2));
    return 0;
  },
};

function line(figures: LockstepFigures | WritesFigures): string {
  return 'outstanding' in figures
    ? `${figures.outstanding} outstanding (${figures.host}): ${figures.committedPerSecond} committed/s, ${figures.eventsPerSecond} events/s`
    : `${figures.servers} servers: ${figures.windowsPerSecond} windows/s; nothing but batches: ${figures.barePerSecond} (${Math.round(100 * figures.share)} %)`;
}
