/** `writes` and `reads`: requests a second in every host, with the trace and without; see load.ts. */
import type { BenchHost, Benchmark, BenchOptions, BenchResult } from './benchmark.ts';
import { inBenchPage } from './chromium.ts';
import { nodeHosts } from './hosts.ts';
import { load, type LoadFigures, type LoadPlan } from './load.ts';
import { percent } from './measure.ts';
import type { LoadKind } from './workload.ts';

export const writes: Benchmark = {
  name: 'writes',
  says: 'committed writes a second with the trace and without, beside encoding them',
  run: (options) => requests('writes', options),
};
export const reads: Benchmark = {
  name: 'reads',
  says: 'reads a second with the trace and without, beside encoding them',
  run: (options) => requests('reads', options),
};

async function requests(kind: LoadKind, options: BenchOptions): Promise<BenchResult> {
  const { hosts, servers, outstanding, scale, turns } = options;
  // More servers take longer for each request: so each ensemble takes about as long.
  const plans = servers.map((count): LoadPlan => ({
    kind,
    servers: count,
    outstanding,
    scale: (3 * scale) / count,
    turns,
  }));
  const figures: (LoadFigures & { readonly host: BenchHost })[] = [];
  for (const { name, createHost } of nodeHosts(options)) {
    for (const plan of plans) for (const each of await load(plan, createHost)) figures.push({ host: name, ...each });
  }
  if (hosts.includes('browser')) {
    await inBenchPage(async (call) => {
      for (const plan of plans) {
        for (const each of await call<readonly LoadFigures[]>('load', plan)) figures.push({ host: 'browser', ...each });
      }
    });
  }
  return {
    figures,
    lines: figures.map(
      ({ host, servers: count, outstanding: waiting, perSecond, share, untracedPerSecond, eventsPerRequest }) =>
        `${count} servers (${host}), ${waiting} outstanding: ${perSecond}/s (${percent(share)} of bare encoding), without trace ${untracedPerSecond}/s; ${eventsPerRequest} events each`,
    ),
  };
}
