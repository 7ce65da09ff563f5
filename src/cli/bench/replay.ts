/**
 * Virtual seconds a second of wall time: servers that only keep each other alive, and such that take 100 writes a second.
 * Beside them a queue that does nothing but hold and give as many things as events happen.
 */
import { EventQueue, Lab } from '../../lab/index.ts';
import { virtualTime } from '../../protocol/time.ts';
import type { Benchmark, BenchOptions } from './benchmark.ts';
import { nodeHosts } from './hosts.ts';
import { interleaved, percent, rounded, seconds } from './measure.ts';
import { advance, ensemble, preparation, request, SETTLED } from './workload.ts';

export interface ReplayFigures {
  readonly host: string;
  readonly servers: number;
  readonly writesPerVirtualSecond: number;
  /** Virtual seconds a wall second. */
  readonly speed: number;
  readonly eventsPerVirtualSecond: number;
  /** speed / that of the bare queue */
  readonly share: number;
}

const BUSY = 100;
/** Virtual seconds of a turn. */
const IDLE_SPAN = 40;
const BUSY_SPAN = 4;

export const replay: Benchmark = {
  name: 'replay',
  says: 'virtual seconds a second, idle and with 100 writes a second, beside a bare queue of events',
  async run(options) {
    const figures: ReplayFigures[] = [];
    for (const host of nodeHosts(options)) {
      for (const servers of options.servers) {
        for (const writes of [0, BUSY]) figures.push(await measure(options, host, servers, writes));
      }
    }
    return {
      figures,
      lines: figures.map(
        ({ host, servers, writesPerVirtualSecond, speed, share }) =>
          `${servers} servers (${host}), ${writesPerVirtualSecond} writes/s: ${speed} virtual s/s (${percent(share)} of a bare queue)`,
      ),
    };
  },
};

async function measure(
  { scale, turns }: BenchOptions,
  { name, createHost }: ReturnType<typeof nodeHosts>[number],
  servers: number,
  writes: number,
): Promise<ReplayFigures> {
  const span = Math.max(1, Math.round(scale * (writes === 0 ? IDLE_SPAN : BUSY_SPAN)));
  const end = SETTLED + 1000 * span * (turns + 1);
  const requests = Array.from({ length: Math.round((writes * (end - SETTLED)) / 1000) }, (_, i) =>
    request('writes', SETTLED + (i * 1000) / writes),
  );
  const lab = await Lab.open(ensemble(servers, [preparation(), ...requests]), createHost, { checks: false });
  await advance(lab, SETTLED + 1000 * span);
  const before = lab.trace.length;
  const wall = await interleaved(turns, {
    lab: () => seconds(() => advance(lab, lab.head + 1000 * span)),
    bare: () => {
      const events = Math.round((lab.trace.length - before) / (lab.head / 1000 / span - SETTLED / 1000 / span - 1));
      return seconds(() => queueOnly(events));
    },
  });
  const eventsPerVirtualSecond = (lab.trace.length - before) / (span * turns);
  lab.dispose();
  return {
    host: name,
    servers,
    writesPerVirtualSecond: writes,
    speed: rounded(span / wall.lab),
    eventsPerVirtualSecond: Math.round(eventsPerVirtualSecond),
    share: rounded(wall.bare / wall.lab),
  };
}

/** As many things as wait in a busy machine. */
const WAITING = 64;

function queueOnly(events: number): void {
  const queue = new EventQueue<number>();
  for (let i = 0; i < events; i++) {
    queue.push(virtualTime(i + ((i * 7919) % 31)), i % 5, i);
    if (i >= WAITING) queue.pop();
  }
}
