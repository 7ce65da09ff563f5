/** The work that labs are given: rounds of requests by one client. Knows no runtime. */
import { InlineHost } from '../../lab/hosts/inline.ts';
import { createProcess, Lab, parseScenario, type Action, type Scenario } from '../../lab/index.ts';
import { virtualTime } from '../../protocol/time.ts';

export type LoadKind = 'writes' | 'reads';

/** ms of virtual time: the election is over, and the client has its session. */
export const SETTLED = 5000;
/** What is written and read: 100 bytes. */
export const DATA = 'x'.repeat(100);
export const PATH = '/bench';

const CLIENT = 'alice';
/** Rounds are so much longer than the longest of the trial: the next ones draw other latencies. */
const SLACK = 1.2;

/** Servers, and a client of the first of them, which does not lead. */
export function ensemble(servers: number, actions: readonly Action[] = []): Scenario {
  const parsed = parseScenario({
    format: 'zabscope/scenario@1',
    ensemble: { servers: Array.from({ length: servers }, (_, i) => ({ sid: i + 1 })) },
    clients: [{ name: CLIENT, sessionTimeout: 40_000 }],
  });
  if (!parsed.ok) throw new Error(parsed.message);
  // Actions that were made here need no look.
  return { ...parsed.scenario, actions };
}

/** Makes the znode that the requests are about. */
export function preparation(): Action {
  return { at: SETTLED - 1000, do: 'request', client: CLIENT, op: 'create', path: PATH, data: DATA };
}

/** A request of a kind. */
export function request(kind: LoadKind, at: number): Action {
  return kind === 'writes'
    ? { at, do: 'request', client: CLIENT, op: 'set', path: PATH, data: DATA }
    : { at, do: 'request', client: CLIENT, op: 'get', path: PATH };
}

export function round(kind: LoadKind, outstanding: number, at: number): readonly Action[] {
  return Array.from({ length: outstanding }, () => request(kind, at));
}

/** @throws Error if the lab has stopped */
export async function advance(lab: Lab, to: number): Promise<void> {
  await lab.advance(virtualTime(to));
  if (lab.failure) throw new Error(lab.failure.message);
}

/** How many virtual ms pass until `outstanding` requests, asked for at once, are answered. Found by trying. */
export async function roundLength(kind: LoadKind, servers: number, outstanding: number): Promise<number> {
  const rounds = outstanding < 10 ? 5 : 1;
  const apart = 1000;
  const actions = Array.from({ length: rounds }, (_, i) => round(kind, outstanding, SETTLED + i * apart)).flat();
  const lab = await Lab.open(ensemble(servers, [preparation(), ...actions]), () => new InlineHost(createProcess), {
    checks: false,
  });
  await advance(lab, SETTLED + rounds * apart);
  let longest = 0;
  for (const event of lab.trace.events(lab.trace.firstAfter(virtualTime(SETTLED - 1)))) {
    if (event.kind === 'returned') longest = Math.max(longest, (event.t - SETTLED) % apart);
  }
  lab.dispose();
  return Math.ceil(longest * SLACK);
}
