/** `bench`: how fast this machine runs labs. Wall time is what is measured, so figures differ from run to run; traces never do. */
import { parseArgs } from 'node:util';
import { lockstepInBrowser } from '../bench/lockstep-browser.ts';
import { lockstep } from '../bench/lockstep.ts';
import { pageFigures } from '../bench/page.ts';
import { writes } from '../bench/writes.ts';
import { parsed, UsageError, type Command } from '../usage.ts';

const HOSTS = ['node', 'browser'] as const;
type Host = (typeof HOSTS)[number];

interface Benchmark {
  /** What is reported with `--json`. */
  readonly figures: unknown;
  /** The same for people. */
  readonly lines: readonly string[];
}

const BENCHMARKS = {
  async lockstep(host) {
    const figures = await (host === 'node' ? lockstep() : lockstepInBrowser());
    return {
      figures,
      lines: figures.map(
        ({ servers, windowsPerSecond, barePerSecond, share }) =>
          `${servers} servers: ${windowsPerSecond} windows/s; nothing but batches: ${barePerSecond} (${Math.round(100 * share)} %)`,
      ),
    };
  },
  async writes() {
    const figures = await writes();
    return {
      figures,
      lines: figures.map(
        ({ outstanding, host, committedPerSecond, eventsPerSecond }) =>
          `${outstanding} outstanding (${host}): ${committedPerSecond} committed/s, ${eventsPerSecond} events/s`,
      ),
    };
  },
  async page() {
    const figures = await pageFigures();
    const { firstPaint, firstLeader, paintToLeader, initialScripts, workerScripts } = figures;
    return {
      figures,
      lines: [
        `first paint after ${firstPaint} ms, first leader after ${firstLeader} ms: ${paintToLeader} ms between them`,
        `initial JavaScript ${kilobytes(initialScripts)} gzipped, workers ${kilobytes(workerScripts)}`,
      ],
    };
  },
} as const satisfies Record<string, (host: Host) => Promise<Benchmark>>;

type BenchmarkName = keyof typeof BENCHMARKS;
const NAMES = Object.keys(BENCHMARKS) as readonly BenchmarkName[];

export const bench: Command = {
  name: 'bench',
  usage: `bench [${NAMES.join('|')} …] [--host ${HOSTS.join('|')}] [--json]`,
  async run(args) {
    const { values, positionals } = parsed(() =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: { json: { type: 'boolean', default: false }, host: { type: 'string', default: 'node' } },
      }),
    );
    const host = HOSTS.find((known) => known === values.host);
    if (host === undefined) throw new UsageError(`--host: expected ${HOSTS.join(' or ')}, got ${values.host}`);
    const unknown = positionals.find((name) => !NAMES.some((known) => known === name));
    if (unknown !== undefined) {
      throw new UsageError(`There is no benchmark ${unknown}: expected ${NAMES.join(', ')}.`);
    }
    const chosen = positionals.length === 0 ? NAMES : NAMES.filter((name) => positionals.includes(name));
    const results: Record<string, unknown> = {};
    for (const name of chosen) {
      const { figures, lines } = await BENCHMARKS[name](host);
      results[name] = figures;
      if (!values.json) console.log([name, ...lines.map((line) => `  ${line}`), ''].join('\n'));
    }
    if (values.json) console.log(JSON.stringify(results, null, 2));
    return 0;
  },
};

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
