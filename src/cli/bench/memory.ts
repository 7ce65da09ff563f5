/**
 * What an event costs to keep: the growth of the heap and of buffers by a trace whose lab is gone, after garbage
 * collection, by the number of events: first unread, where the host leaves it so, then shown whole; beside it the bytes of
 * the same events as text (JSONL). The collector is V8's own (`--expose-gc`, set
 * while running), called until the heap shrinks no more.
 */
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { toJsonl, type Trace } from '../../trace/index.ts';
import type { Benchmark } from './benchmark.ts';
import { nodeHosts } from './hosts.ts';
import { rounded } from './measure.ts';
import { traceOf } from './traces.ts';

export interface MemoryFigures {
  readonly host: string;
  readonly servers: number;
  readonly events: number;
  /** Bytes an event. */
  readonly kept: number;
  /** The same with the keyframes of a trace that was shown whole. */
  readonly keptWithKeyframes: number;
  /** Bytes an event as text. */
  readonly text: number;
  /** kept / text */
  readonly ratio: number;
}

const EVENTS = 100_000;

export const memory: Benchmark = {
  name: 'memory',
  says: 'bytes of heap an event kept, beside the bytes of its text',
  async run(options) {
    const { scale, servers } = options;
    const collect = collector();
    const figures: MemoryFigures[] = [];
    for (const { name, createHost } of nodeHosts(options)) {
      // Code and its feedback are not what is measured.
      await traceOf(servers[0] ?? 3, Math.round((scale * EVENTS) / 10), createHost);
      for (const count of servers) {
        const sizes = count === servers[0] ? [0.25, 1] : [1];
        for (const share of sizes) {
          const wanted = Math.round(share * scale * EVENTS);
          figures.push({
            host: name,
            servers: count,
            ...(await measure(collect, () => traceOf(count, wanted, createHost))),
          });
        }
      }
    }
    return {
      figures,
      lines: figures.map(
        ({ host, servers: count, events, kept, keptWithKeyframes, text }) =>
          `${count} servers (${host}), ${events} events: ${kept} bytes each, with keyframes ${keptWithKeyframes}; as text ${text}`,
      ),
    };
  },
};

async function measure(
  collect: () => Promise<number>,
  make: () => Promise<Trace>,
): Promise<Omit<MemoryFigures, 'host' | 'servers'>> {
  const before = await collect();
  const trace = await make();
  const kept = ((await collect()) - before) / trace.length;
  trace.cursor().seek(trace.end);
  const keptWithKeyframes = ((await collect()) - before) / trace.length;
  let bytes = 0;
  for (const event of trace.events()) bytes += Buffer.byteLength(toJsonl([event]));
  const text = bytes / trace.length;
  return {
    events: trace.length,
    kept: Math.round(kept),
    keptWithKeyframes: Math.round(keptWithKeyframes),
    text: Math.round(text),
    ratio: rounded(kept / text),
  };
}

/** Collects garbage until there is none, and returns the bytes of the heap in use, and of buffers beside it. */
function collector(): () => Promise<number> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  return async () => {
    let used = Infinity;
    for (;;) {
      // What is done may hang on a promise or a worker that is just ending.
      await setTimeout(50);
      gc();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      const now = heapUsed + arrayBuffers;
      if (now >= used * 0.999) return now;
      used = now;
    }
  };
}
