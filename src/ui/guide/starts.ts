/** The labs that the sandbox opens: a few ready ones, and one of any size. Pure data for the scenario's parser. */

export interface FreshLab {
  /** Voting servers; with the observers at most {@link SERVERS_MAX}. */
  readonly voters: number;
  readonly observers: number;
  readonly clients: number;
  readonly seed: number;
  /** Every server is down and every disk empty. */
  readonly cold: boolean;
}

export const SERVERS_MAX = 9;
export const CLIENTS_MAX = 6;
export const SEED_MAX = 2 ** 32 - 1;
const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'] as const;

export interface Start {
  readonly title: string;
  readonly says: string;
  readonly lab: FreshLab;
}

const warm = (voters: number, observers = 0): FreshLab => ({ voters, observers, clients: 2, seed: 42, cold: false });

export const STARTS: readonly Start[] = [
  { title: 'Three servers', says: 'one may fail', lab: warm(3) },
  { title: 'Five servers', says: 'two may fail', lab: warm(5) },
  { title: 'Five and two observers', says: 'readers without a vote', lab: warm(5, 2) },
  { title: 'Cold start of three', says: 'you start each server', lab: { ...warm(3), cold: true } },
  { title: 'Cold start of five', says: 'you start each server', lab: { ...warm(5), cold: true } },
];

/** Numbers as a person typed them, brought into the limits. */
export function withinLimits(lab: FreshLab): FreshLab {
  const voters = clamp(lab.voters, 1, SERVERS_MAX);
  return {
    voters,
    observers: clamp(lab.observers, 0, SERVERS_MAX - voters),
    clients: clamp(lab.clients, 0, CLIENTS_MAX),
    seed: clamp(lab.seed, 0, SEED_MAX),
    cold: lab.cold,
  };
}

function clamp(n: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, Number.isFinite(n) ? Math.round(n) : low));
}

/** The scenario of a fresh lab. Clients are spread over the servers. */
export function freshScenario(wished: FreshLab) {
  const { voters, observers, clients, seed, cold } = withinLimits(wished);
  const servers = Array.from({ length: voters + observers }, (_, i) => ({
    sid: i + 1,
    ...(i < voters ? {} : { role: 'observer' as const }),
  }));
  return {
    format: 'zabscope/scenario@1',
    title: 'Sandbox',
    seed,
    ensemble: { servers, ...(cold ? { autoStart: false } : {}) },
    clients: NAMES.slice(0, clients).map((name, i) => ({ name, server: (i % servers.length) + 1 })),
    start: cold ? 0 : 3000,
  };
}

/** How many of `voters` must agree, and how many may fail. */
export function quorumWords(voters: number): string {
  const quorum = Math.floor(voters / 2) + 1;
  const spare = voters - quorum;
  return `quorum ${quorum} · ${spare === 0 ? 'none may fail' : spare === 1 ? 'one may fail' : `${spare} may fail`}`;
}

/** What a partition does to the votes: which side, if any, can still have a leader. */
export function partitionWords(groups: readonly (readonly number[])[], voters: ReadonlySet<number>): string {
  const quorum = Math.floor(voters.size / 2) + 1;
  const side = groups.find((group) => group.filter((id) => voters.has(id)).length >= quorum);
  const words = groups.map((group) => group.map((id) => `s${id}`).join(' ')).join(' | ');
  return side === undefined
    ? `${words}: no side has a quorum`
    : `${words}: ${side.map((id) => `s${id}`).join(' ')} may serve`;
}
