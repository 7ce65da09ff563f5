/** The labs that the sandbox opens: a few ready ones, and one of any size. Pure data for the scenario's parser. */
import { parseScenario } from '../../lab/index.ts';
import { settingName, ZOO_DEFAULTS, type ZooConfig } from '../../protocol/config.ts';
import type { Defect } from '../../protocol/defects.ts';

/** Settings that the form offers; the file of a scenario takes all of them. */
export type Settings = Partial<Pick<ZooConfig, (typeof FLAGS)[number] | (typeof NUMBERS)[number]>>;

export const FLAGS = [
  'reconfigEnabled',
  'skipACL',
  'standaloneEnabled',
  'localSessionsEnabled',
  'localSessionsUpgradingEnabled',
  'readonlymodeEnabled',
  'extendedTypesEnabled',
  'enforceQuota',
] as const satisfies readonly (keyof ZooConfig)[];
export const NUMBERS = [
  'tickTime',
  'initLimit',
  'syncLimit',
  'snapCount',
] as const satisfies readonly (keyof ZooConfig)[];

export interface FreshLab {
  /** Voting servers; with the observers at most {@link SERVERS_MAX}. */
  readonly voters: number;
  readonly observers: number;
  readonly clients: number;
  readonly seed: number;
  /** Every server is down and every disk empty. */
  readonly cold: boolean;
  readonly settings: Settings;
  /** Lines such as `group.1=1:2:3` and `weight.3=0`; empty: a majority rules. */
  readonly groups: string;
  /** Its clients may be served by a read-only server. */
  readonly readOnly: boolean;
  /** Of its clients; empty: none. */
  readonly chroot: string;
  /** The rules that are broken. */
  readonly defects: readonly Defect[];
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

export const FRESH: FreshLab = {
  voters: 5,
  observers: 0,
  clients: 2,
  seed: 42,
  cold: false,
  settings: {},
  groups: '',
  readOnly: false,
  chroot: '',
  defects: [],
};
const warm = (voters: number, observers = 0): FreshLab => ({ ...FRESH, voters, observers });
const CHANGING: Settings = { reconfigEnabled: true, skipACL: true };

export const STARTS: readonly Start[] = [
  { title: 'Three servers', says: 'one may fail', lab: warm(3) },
  { title: 'Five servers', says: 'two may fail', lab: warm(5) },
  { title: 'Five and two observers', says: 'readers without a vote', lab: warm(5, 2) },
  { title: 'Three that can change', says: 'servers join and leave', lab: { ...warm(3), settings: CHANGING } },
  { title: 'Cold start of three', says: 'you start each server', lab: { ...warm(3), cold: true } },
  { title: 'Cold start of five', says: 'you start each server', lab: { ...warm(5), cold: true } },
];

/** Numbers as a person typed them, brought into the limits. */
export function withinLimits(lab: FreshLab): FreshLab {
  const voters = clamp(lab.voters, 1, SERVERS_MAX);
  return {
    ...lab,
    voters,
    observers: clamp(lab.observers, 0, SERVERS_MAX - voters),
    clients: clamp(lab.clients, 0, CLIENTS_MAX),
    seed: clamp(lab.seed, 0, SEED_MAX),
  };
}

function clamp(n: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, Number.isFinite(n) ? Math.round(n) : low));
}

/** The scenario of a fresh lab. Clients are spread over the servers. */
export function freshScenario(wished: FreshLab) {
  const { voters, observers, clients, seed, cold, settings, groups, readOnly, chroot, defects } = withinLimits(wished);
  const servers = Array.from({ length: voters + observers }, (_, i) => ({
    sid: i + 1,
    ...(i < voters ? {} : { role: 'observer' as const }),
  }));
  const changed = Object.entries(settings).filter(([name, value]) => value !== ZOO_DEFAULTS[name as keyof ZooConfig]);
  const named = changed.map(([name, value]) => [settingName(name as keyof ZooConfig), value] as const);
  const parsed = parseGroups(groups);
  return {
    format: 'zabscope/scenario@1',
    title: 'Sandbox',
    seed,
    ensemble: {
      servers,
      // People may ask servers whatever they like.
      '4lw.commands.whitelist': '*',
      ...(cold ? { autoStart: false } : {}),
      ...Object.fromEntries(named),
      ...(parsed.ok ? parsed.value : {}),
    },
    clients: NAMES.slice(0, clients).map((name, i) => ({
      name,
      server: (i % servers.length) + 1,
      ...(readOnly ? { readOnly } : {}),
      ...(chroot === '' ? {} : { chroot }),
    })),
    start: cold ? 0 : 3000,
    defects,
  };
}

/** Why a lab cannot be opened as wished, in one sentence; null: it can. The scenario's parser decides. */
export function freshProblem(wished: FreshLab): string | null {
  const groups = parseGroups(wished.groups);
  if (!groups.ok) return groups.reason;
  const parsed = parseScenario(freshScenario(wished));
  return parsed.ok ? null : parsed.message;
}

interface Groups {
  readonly groups?: Readonly<Record<string, readonly number[]>>;
  readonly weights?: Readonly<Record<string, number>>;
}

/** Lines as in a configuration file. Whether they fit the servers is the scenario's to say. */
export function parseGroups(
  text: string,
): { readonly ok: true; readonly value: Groups } | { readonly ok: false; readonly reason: string } {
  const groups: Record<string, readonly number[]> = {};
  const weights: Record<string, number> = {};
  for (const line of text.split('\n').map((each) => each.trim())) {
    const [, group, sids] = /^group\.(\d+)\s*=\s*(\d+(?::\d+)*)$/.exec(line) ?? [];
    const [, sid, weight] = /^weight\.(\d+)\s*=\s*(\d+)$/.exec(line) ?? [];
    if (group !== undefined && sids !== undefined) groups[group] = sids.split(':').map(Number);
    else if (sid !== undefined && weight !== undefined) weights[sid] = Number(weight);
    else if (line !== '') return { ok: false, reason: `expected group.1=1:2:3 or weight.3=0, got ${line}` };
  }
  const given = {
    ...(Object.keys(groups).length > 0 && { groups }),
    ...(Object.keys(weights).length > 0 && { weights }),
  };
  return { ok: true, value: given };
}

/** The smallest sid above all that are taken, or the smallest that is free. */
export function freeSid(taken: readonly number[]): number {
  const next = Math.max(0, ...taken) + 1;
  if (next <= 255) return next;
  return Array.from({ length: 255 }, (_, i) => i + 1).find((id) => !taken.includes(id)) ?? 255;
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
