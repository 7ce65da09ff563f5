/** Traces to measure with: servers under writes, run in this thread. */
import { InlineHost } from '../../lab/hosts/inline.ts';
import { createProcess, Lab, type HostFactory } from '../../lab/index.ts';
import type { Trace } from '../../trace/index.ts';
import { advance, ensemble, preparation, round, SETTLED } from './workload.ts';

/** Virtual ms between the rounds. */
const APART = 200;
const OUTSTANDING = 20;

/** A trace of at least so many events. Its lab is gone. */
export async function traceOf(
  servers: number,
  events: number,
  createHost: HostFactory = () => new InlineHost(createProcess),
): Promise<Trace> {
  // A write makes no less than that.
  const rounds = Math.ceil(events / (OUTSTANDING * 7 * servers)) + 1;
  const actions = Array.from({ length: rounds }, (_, i) => round('writes', OUTSTANDING, SETTLED + i * APART)).flat();
  const lab = await Lab.open(ensemble(servers, [preparation(), ...actions]), createHost, { checks: false });
  while (lab.trace.length < events) await advance(lab, lab.head + APART);
  lab.dispose();
  return lab.trace;
}
