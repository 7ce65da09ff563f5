/**
 * To any instant of a trace: a cursor that jumps to random ones, beside a plain walk over the array of events up to there.
 * The instants are the same in every run.
 */
import { Random } from '../../protocol/random.ts';
import type { Trace } from '../../trace/index.ts';
import type { Benchmark } from './benchmark.ts';
import { median, percentile, rounded } from './measure.ts';
import { traceOf } from './traces.ts';

export interface SeekFigures {
  readonly servers: number;
  readonly events: number;
  /** ms */
  readonly p50: number;
  readonly p99: number;
  /** ms, the median of the plain walks. */
  readonly walk: number;
  /** p50 / walk */
  readonly ratio: number;
}

const EVENTS = 100_000;
const SEEKS = 500;

export const seek: Benchmark = {
  name: 'seek',
  says: 'ms to a random instant of a trace, beside a plain walk over its events',
  async run({ servers, scale }) {
    const figures: SeekFigures[] = [];
    const sizes = [0.25, 0.5, 1].map((share) => Math.round(share * scale * EVENTS));
    const seeks = Math.max(20, Math.round(scale * SEEKS));
    for (const count of servers) {
      // How it grows with the events is seen with one ensemble, how with the servers at one size.
      for (const events of count === servers[0] ? sizes : sizes.slice(-1)) {
        figures.push(measure(count, await traceOf(count, events), seeks));
      }
    }
    return {
      figures,
      lines: figures.map(
        ({ servers: count, events, p50, p99, walk }) =>
          `${count} servers, ${events} events: p50 ${p50} ms, p99 ${p99} ms; a plain walk ${walk} ms`,
      ),
    };
  },
};

/** Everything has been shown once, as in the page: the keyframes are there. */
function measure(servers: number, trace: Trace, seeks: number): SeekFigures {
  const cursor = trace.cursor();
  cursor.seek(trace.end);
  const events = [...trace.events()];
  const random = Random.stream(1, 'bench/seek');
  const sought: number[] = [];
  const walked: number[] = [];
  let sum = 0;
  for (let i = 0; i < seeks; i++) {
    // Instants of events: most of the time nothing happens.
    const at = trace.at(random.below(trace.length)).t;
    const begin = performance.now();
    cursor.seek(at);
    const between = performance.now();
    for (const { t, kind } of events) {
      if (t > at) break;
      sum += kind.length;
    }
    walked.push(performance.now() - between);
    sought.push(between - begin);
  }
  if (sum === 0) throw new Error('nothing was walked over');
  const [p50, p99, walk] = [median(sought), percentile(sought, 0.99), median(walked)];
  return {
    servers,
    events: events.length,
    p50: rounded(p50),
    p99: rounded(p99),
    walk: rounded(walk),
    ratio: rounded(p50 / walk),
  };
}
