/** `bench`: how fast this machine runs labs. Wall time is what is measured, so figures differ from run to run; traces never do. */
import { parseArgs } from 'node:util';
import { BENCH_HOSTS, FULL, QUICK, type Benchmark } from '../bench/benchmark.ts';
import { checkers } from '../bench/checkers.ts';
import { lockstep } from '../bench/lockstep.ts';
import { memory } from '../bench/memory.ts';
import { page } from '../bench/page.ts';
import { recovery } from '../bench/recovery.ts';
import { replay } from '../bench/replay.ts';
import { reads, writes } from '../bench/requests.ts';
import { seek } from '../bench/seek.ts';
import { simulate } from '../bench/simulate.ts';
import { zookeeper } from '../bench/zookeeper.ts';
import { parsed, UsageError, type Command } from '../usage.ts';

export const BENCHMARKS: readonly Benchmark[] = [
  lockstep,
  writes,
  reads,
  replay,
  seek,
  memory,
  checkers,
  simulate,
  recovery,
  zookeeper,
  page,
];
const NAMES = BENCHMARKS.map(({ name }) => name);

export const bench: Command = {
  name: 'bench',
  usage: `bench [${NAMES.join('|')} …] [--host ${BENCH_HOSTS.join('|')} …] [--quick] [--json]`,
  async run(args) {
    const { values, positionals } = parsed(() =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          json: { type: 'boolean', default: false },
          quick: { type: 'boolean', default: false },
          host: { type: 'string', multiple: true, default: [] },
        },
      }),
    );
    const unknownHost = values.host.find((host) => !BENCH_HOSTS.some((known) => known === host));
    if (unknownHost !== undefined) {
      throw new UsageError(`--host: expected ${BENCH_HOSTS.join(' or ')}, got ${unknownHost}`);
    }
    const unknown = positionals.find((name) => !NAMES.includes(name));
    if (unknown !== undefined) {
      throw new UsageError(`There is no benchmark ${unknown}: expected ${NAMES.join(', ')}.`);
    }
    const hosts = BENCH_HOSTS.filter((host) => values.host.length === 0 || values.host.includes(host));
    const options = { ...(values.quick ? QUICK : FULL), hosts };
    const results: Record<string, unknown> = {};
    for (const benchmark of BENCHMARKS) {
      const { name, says } = benchmark;
      if (positionals.length > 0 && !positionals.includes(name)) continue;
      const { figures, lines } = await benchmark.run(options);
      results[name] = figures;
      if (!values.json) console.log([`${name}: ${says}`, ...lines.map((line) => `  ${line}`), ''].join('\n'));
    }
    if (values.json) console.log(JSON.stringify(results, null, 2));
    return 0;
  },
};
