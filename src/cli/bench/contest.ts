/**
 * Idle servers against as many workers that do nothing but exchange empty batches. The two take turns, so that whatever else the machine
 * does meets both; the median counts. Knows no runtime: Node and the browser's bench page bring their workers.
 */
import { Lab, parseScenario, type HostFactory } from '../../lab/index.ts';
import { virtualTime } from '../../protocol/time.ts';
import { median, seconds } from './measure.ts';

export interface LockstepFigures {
  readonly servers: number;
  readonly windowsPerSecond: number;
  readonly barePerSecond: number;
  /** windowsPerSecond / barePerSecond */
  readonly share: number;
}

/** ms of virtual time: the election is over. */
const SETTLED = 5000;
/** ms of virtual time in one window. */
const WINDOW = 1;
/** How much is measured: turns of each, and windows of a turn. */
export interface ContestSize {
  readonly turns: number;
  readonly windows: number;
}
export const CONTEST: ContestSize = { turns: 7, windows: 1000 };

export interface Contender {
  /** Runs so many windows. */
  turn(windows: number): Promise<void>;
  end(): Promise<void>;
}

export async function contest(
  servers: number,
  createHost: HostFactory,
  createBare: (workers: number) => Promise<Contender>,
  { turns, windows }: ContestSize = CONTEST,
): Promise<LockstepFigures> {
  const lab = await idleServers(servers, createHost);
  const bare = await createBare(servers);
  // The first rounds, which the lab has had in its election.
  await bare.turn(SETTLED / WINDOW);
  const rates: { readonly lab: number; readonly bare: number }[] = [];
  for (let i = 0; i < turns; i++) rates.push({ bare: await rate(bare, windows), lab: await rate(lab, windows) });
  await Promise.all([lab.end(), bare.end()]);
  const windowsPerSecond = Math.round(median(rates.map((each) => each.lab)));
  const barePerSecond = Math.round(median(rates.map((each) => each.bare)));
  return { servers, windowsPerSecond, barePerSecond, share: windowsPerSecond / barePerSecond };
}

async function idleServers(count: number, createHost: HostFactory): Promise<Contender> {
  const parsed = parseScenario({
    format: 'zabscope/scenario@1',
    ensemble: { servers: Array.from({ length: count }, (_, i) => ({ sid: i + 1 })) },
  });
  if (!parsed.ok) throw new Error(parsed.message);
  const lab = await Lab.open(parsed.scenario, createHost, { windowMax: WINDOW });
  await lab.advance(virtualTime(SETTLED));
  return {
    turn: async (windows) => {
      await lab.advance(virtualTime(lab.head + windows * WINDOW));
      if (lab.failure) throw new Error(lab.failure.message);
    },
    end: () => Promise.resolve(lab.dispose()),
  };
}

async function rate(contender: Contender, windows: number): Promise<number> {
  return windows / (await seconds(() => contender.turn(windows)));
}
