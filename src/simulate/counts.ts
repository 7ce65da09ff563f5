/** What happened in a run, as numbers: to see that a simulation did its work. */
import type { EventKind, TraceEvent } from '../protocol/events.ts';
import type { RuleId } from '../protocol/rules/index.ts';

/** By name; a sum over runs is the sum of each. */
export interface Counts {
  readonly events: number;
  /** Elections that made a leader; such leaders may still fail to gather a quorum. */
  readonly elections: number;
  /** Leaders that came to serve. */
  readonly established: number;
  readonly proposals: number;
  readonly commits: number;
  readonly diffs: number;
  readonly truncs: number;
  readonly snaps: number;
  readonly rollovers: number;
  readonly snapshots: number;
  /** Recoveries from a disk that was not empty. */
  readonly recoveries: number;
  readonly exits: number;
  readonly sessions: number;
  readonly moves: number;
  readonly expiries: number;
  /** Reconfigs that a client was told of. */
  readonly reconfigs: number;
  readonly requests: number;
  /** From a server, errors among them. */
  readonly replies: number;
  readonly errors: number;
  readonly watchEvents: number;
  readonly refusals: number;
}
export type CountName = keyof Counts;

export const NO_COUNTS: Counts = {
  ...{ events: 0, elections: 0, established: 0, proposals: 0, commits: 0, diffs: 0, truncs: 0, snaps: 0, rollovers: 0 },
  ...{
    snapshots: 0,
    recoveries: 0,
    exits: 0,
    sessions: 0,
    moves: 0,
    expiries: 0,
    reconfigs: 0,
    requests: 0,
    replies: 0,
  },
  ...{ errors: 0, watchEvents: 0, refusals: 0 },
};
export const COUNT_NAMES = Object.keys(NO_COUNTS) as readonly CountName[];

/** Actions that are no fault: what clients and operators ask for. */
const NO_FAULTS = ['request', 'console', 'connect', 'ask', 'resume', 'restart', 'release', 'heal', 'heal-all'];

/** Kinds of which each event counts as one. */
const KINDS: Readonly<Partial<Record<EventKind, CountName>>> = {
  proposed: 'proposals',
  committed: 'commits',
  'snapshot-taken': 'snapshots',
  'process-exited': 'exits',
  'session-expired': 'expiries',
  call: 'requests',
  'watch-event': 'watchEvents',
  'action-refused': 'refusals',
};
const MODES = { DIFF: 'diffs', TRUNC: 'truncs', SNAP: 'snaps' } as const satisfies Record<string, CountName>;

/** Counts the events of one run. */
export class Counter {
  readonly #counts: Record<CountName, number> = { ...NO_COUNTS };
  readonly #faults = new Map<string, number>();
  readonly #rules = new Set<RuleId>();

  take(event: TraceEvent): void {
    this.#counts.events++;
    if (event.rule !== undefined) this.#rules.add(event.rule);
    const name = KINDS[event.kind];
    if (name !== undefined) this.#counts[name]++;
    switch (event.kind) {
      case 'elected':
        if (event.state === 'LEADING') this.#counts.elections++;
        return;
      case 'serving':
        if (event.actor === `s${event.leader}`) this.#counts.established++;
        return;
      case 'sync-chosen':
        this.#counts[MODES[event.mode]]++;
        return;
      case 'stepped-down':
        if (event.rule === 'request.rollover') this.#counts.rollovers++;
        return;
      case 'recovered':
        if (event.lastZxid > 0) this.#counts.recoveries++;
        return;
      case 'session-established':
        this.#counts[event.renewed ? 'moves' : 'sessions']++;
        return;
      case 'returned':
        if (event.zxid !== null) this.#counts.replies++;
        if (event.error !== null) this.#counts.errors++;
        if (event.request.op === 'reconfig' && event.error === null) this.#counts.reconfigs++;
        return;
      case 'action': {
        const { do: what } = event.action;
        if (!NO_FAULTS.includes(what)) this.#faults.set(what, (this.#faults.get(what) ?? 0) + 1);
        return;
      }
      default:
    }
  }

  get counts(): Counts {
    return { ...this.#counts };
  }

  /** By the action that made them, in the order of their names. */
  get faults(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#faults].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The rules that events named. */
  get rules(): readonly RuleId[] {
    return [...this.#rules].sort();
  }
}

export function addCounts(a: Counts, b: Counts): Counts {
  return Object.fromEntries(COUNT_NAMES.map((name) => [name, a[name] + b[name]])) as unknown as Counts;
}

/** Of numbers by name. */
export function addFaults(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return Object.fromEntries(names.map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
}
