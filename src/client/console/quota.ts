/**
 * zkCli's commands on quotas (`SetQuotaCommand`, `ListQuotaCommand`, `DelQuotaCommand`). A quota of /a is the
 * pair of znodes zookeeper_limits and zookeeper_stats below /zookeeper/quota/a; the commands are made of
 * ordinary operations on these, and so not atomic.
 */
import type { ClientOp } from '../../protocol/events.ts';
import { formatStatsTrack, parseStatsTrack, type StatsTrack } from '../../protocol/stats-track.ts';
import { childPath, parentPath, type ZnodeData } from '../../protocol/znode.ts';
import type { CallOutcome } from '../client.ts';
import { pathLine } from './format.ts';
import type { Option } from './options.ts';
import {
  ask,
  failureLine,
  parseInt32,
  parseLong,
  tryAsk,
  type Command,
  type CommandLine,
  type Shell,
  type Steps,
} from './shell.ts';
import { visitFrom } from './tree.ts';

const PROC = '/zookeeper';
const QUOTA = '/zookeeper/quota';
const LIMITS = 'zookeeper_limits';
const STATS = 'zookeeper_stats';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

interface Limit {
  readonly name: string;
  readonly unit: 'num' | 'bytes';
}
/** By option. */
const LIMIT_OF: ReadonlyMap<string, Limit> = new Map([
  ['n', { name: 'count', unit: 'num' }],
  ['b', { name: 'bytes', unit: 'bytes' }],
  ['N', { name: 'countHardLimit', unit: 'num' }],
  ['B', { name: 'byteHardLimit', unit: 'bytes' }],
] as const);
const OPTIONS: readonly Option[] = [
  { name: 'n', says: 'num soft quota' },
  { name: 'b', says: 'bytes soft quota' },
  { name: 'N', says: 'num hard quota' },
  { name: 'B', says: 'bytes hard quota' },
];

export const QUOTA_COMMANDS: readonly Command[] = [
  {
    name: 'setquota',
    usage: '-n|-b|-N|-B val path',
    says: 'Limits how many znodes (-n, -N) or bytes (-b, -B) a subtree may have; the capital letters are hard limits.',
    options: OPTIONS.map((option) => ({ ...option, takesValue: true })),
    group: 'required',
    words: ['path'],
    least: 1,
    run: setQuota,
  },
  {
    name: 'listquota',
    usage: 'path',
    says: 'Prints the quota of a znode and what is used of it.',
    options: [],
    words: ['path'],
    least: 1,
    run: listQuota,
  },
  {
    name: 'delquota',
    usage: '[-n|-b|-N|-B] path',
    says: 'Removes one limit of a quota, or the whole quota.',
    options: OPTIONS,
    group: 'optional',
    words: ['path'],
    least: 1,
    run: delQuota,
  },
];

// ---- setquota

function* setQuota(shell: Shell, { options, args }: CommandLine): Steps {
  const [, path = ''] = args;
  if (path.startsWith(QUOTA)) return shell.print(`cannot set a quota under the path: ${QUOTA}`);
  const given = [...options].map(([letter, text]) => [LIMIT_OF.get(letter), text] as const);
  const wanted = new Map([...LIMIT_OF.values()].map(({ name }) => [name, -1n]));
  for (const [limit, text] of given) {
    if (!limit) continue;
    const { name, unit } = limit;
    const value = unit === 'num' ? toBigInt(parseInt32(text)) : parseLong(text);
    if (value === null) return shell.print('NumberFormatException happens when parsing the option value');
    if (unit === 'num' && value <= 0n) return shell.print('the num quota must be greater than zero');
    if (unit === 'bytes' && value < 0n) return shell.print('the bytes quota must be greater than or equal to zero');
    wanted.set(name, value);
  }
  const badPath = pathLine(path);
  if (badPath !== null) return shell.print(badPath);
  const found = yield* exists(shell, path);
  if (found === null) return;
  if (!found) return shell.print(`${path} does not exist.`);
  const conflict = (yield* quotaBelow(path)) ?? (yield* quotaAbove(path));
  if (conflict !== null) return shell.print(conflict);
  if (!(yield* makePath(shell, path))) return;
  yield* writeQuota(shell, path, wanted);
}

/** `checkIfChildQuota`: the line that refuses a quota on `path`, or null. */
function* quotaBelow(path: string): Steps<string | null> {
  const root = QUOTA + path;
  const badPath = pathLine(root);
  if (badPath !== null) return badPath;
  const outcome = yield* tryAsk({ op: 'get', path: root });
  if (outcome.error === 'NONODE') return null;
  if (outcome.error !== null) return failureLine(outcome, root);
  return yield* visitFrom(root, false, function* (visited) {
    const { result } = yield* tryAsk({ op: 'ls', path: visited, stat: false });
    const limited = visited !== root && (result?.children ?? []).includes(LIMITS);
    return limited ? `${path} has a child ${visited.slice(QUOTA.length)} which has a quota` : null;
  });
}

/** `checkIfParentQuota` */
function* quotaAbove(path: string): Steps<string | null> {
  for (const ancestor of ancestorsOf(path)) {
    const outcome = yield* tryAsk({ op: 'ls', path: QUOTA + ancestor, stat: false });
    if (outcome.error === 'NONODE') return null;
    if (outcome.error !== null) return failureLine(outcome, QUOTA + ancestor);
    const children = outcome.result?.children ?? [];
    if (children.length === 0) return null;
    if (children.includes(LIMITS)) return `${path} has a parent ${ancestor} which has a quota`;
  }
  return null;
}

/** `/a` and `/a/b` of `/a/b/c`. */
function ancestorsOf(path: string): readonly string[] {
  const names = path.split('/').slice(1, -1);
  return names.map((_, at) => `/${names.slice(0, at + 1).join('/')}`);
}

/** The empty znodes down to the one that holds the quota. */
function* makePath(shell: Shell, path: string): Steps<boolean> {
  const root = yield* exists(shell, QUOTA);
  if (root === null) return false;
  if (!root && !((yield* make(shell, PROC)) && (yield* make(shell, QUOTA)))) return false;
  for (const node of [...ancestorsOf(path), path]) {
    const found = yield* exists(shell, QUOTA + node);
    if (found === null || (!found && !(yield* make(shell, QUOTA + node)))) return false;
  }
  return true;
}

function* writeQuota(shell: Shell, path: string, wanted: StatsTrack): Steps {
  const [limits, stats] = [limitPath(path), statPath(path)];
  const found = yield* exists(shell, limits);
  if (found === null) return;
  if (!found) {
    if (!(yield* ask(shell, newNode(limits, formatStatsTrack(wanted))))) return;
    const empty = new Map([
      ['count', 0n],
      ['bytes', 0n],
    ]);
    if (!(yield* ask(shell, newNode(stats, formatStatsTrack(empty))))) return;
  }
  const quota = yield* readTrack(shell, limits);
  if (quota === null) return;
  const merged = new Map(quota);
  for (const [name, value] of wanted) if (value > -1n) merged.set(name, value);
  const used = yield* readTrack(shell, stats);
  if (used === null) return;
  warn(shell, found ? merged : quota, used);
  if (found) yield* ask(shell, { op: 'set', path: limits, data: formatStatsTrack(merged), version: -1 });
}

/** `checkQuota`: a limit below what is used holds all the same. */
function warn(shell: Shell, quota: StatsTrack, used: StatsTrack): void {
  const isBelow = (limit: string, name: string) => of(quota, limit) > -1n && of(quota, limit) < of(used, name);
  for (const [name, hard] of [
    ['count', 'countHardLimit'],
    ['bytes', 'byteHardLimit'],
  ] as const) {
    if (isBelow(name, name) || isBelow(hard, name)) {
      shell.print(`[Warning]: the ${name} quota you create is less than the existing ${name}:${of(used, name)}`);
    }
  }
}

// ---- listquota

function* listQuota(shell: Shell, { args }: CommandLine): Steps {
  const [, path = ''] = args;
  shell.print(`absolute path is ${limitPath(path)}`);
  const badPath = pathLine(limitPath(path));
  if (badPath !== null) return shell.print(badPath);
  const tracks: string[] = [];
  for (const node of [limitPath(path), statPath(path)]) {
    const outcome = yield* tryAsk({ op: 'get', path: node });
    if (outcome.error !== null) return shell.print(quotaFailure(outcome, path, node));
    const track = trackOf(outcome.result?.data ?? null);
    if (track === null) return shell.print(notATrack(node));
    tracks.push(formatStatsTrack(track));
  }
  shell.print(`Output quota for ${path} ${tracks[0]}`, `Output stat for ${path} ${tracks[1]}`);
}

// ---- delquota

function* delQuota(shell: Shell, { options, args }: CommandLine): Steps {
  const [, path = ''] = args;
  const limits = limitPath(path);
  const badPath = pathLine(limits);
  if (badPath !== null) return shell.print(badPath);
  const found = yield* exists(shell, limits);
  if (found === null) return;
  if (!found) return shell.print(`Quota does not exist for ${path}`);
  const outcome = yield* tryAsk({ op: 'get', path: limits });
  if (outcome.error !== null) return shell.print(quotaFailure(outcome, path, limits));
  const track = trackOf(outcome.result?.data ?? null);
  if (track === null) return shell.print(notATrack(limits));

  const [letter] = options.keys();
  const limit = letter === undefined ? undefined : LIMIT_OF.get(letter);
  const failure = limit ? yield* dropLimit(limits, track, limit, path) : yield* dropQuota(path);
  if (failure !== null) shell.print(failure);
}

function* dropLimit(limits: string, track: StatsTrack, { name }: Limit, path: string): Steps<string | null> {
  const data = formatStatsTrack(new Map(track).set(name, -1n));
  const outcome = yield* tryAsk({ op: 'set', path: limits, data, version: -1 });
  return outcome.error === null ? null : quotaFailure(outcome, path, limits);
}

/** Deletes what holds the quota, and the znodes above it that hold nothing else (`trimProcQuotas`). */
function* dropQuota(path: string): Steps<string | null> {
  const children = yield* tryAsk({ op: 'ls', path: QUOTA + path, stat: false });
  if (children.error !== null) return quotaFailure(children, path, QUOTA + path);
  for (const name of children.result?.children ?? []) {
    const child = childPath(QUOTA + path, name);
    const outcome = yield* tryAsk({ op: 'delete', path: child, version: -1 });
    if (outcome.error !== null) return quotaFailure(outcome, path, child);
  }
  for (let node = QUOTA + path; node !== QUOTA; node = parentPath(node)) {
    const rest = yield* tryAsk({ op: 'ls', path: node, stat: false });
    if (rest.error !== null) return quotaFailure(rest, path, node);
    if ((rest.result?.children ?? []).length > 0) return null;
    const outcome = yield* tryAsk({ op: 'delete', path: node, version: -1 });
    if (outcome.error !== null) return quotaFailure(outcome, path, node);
  }
  return null;
}

// ---- znodes of quotas

function limitPath(path: string): string {
  return `${QUOTA}${path}/${LIMITS}`;
}
function statPath(path: string): string {
  return `${QUOTA}${path}/${STATS}`;
}

function newNode(path: string, data: string | null = null): ClientOp {
  return { op: 'create', path, data, stat: false };
}

/** Null after a failure, which is printed. */
function* exists(shell: Shell, path: string): Steps<boolean | null> {
  const outcome = yield* tryAsk({ op: 'stat', path });
  if (outcome.error === null) return true;
  if (outcome.error === 'NONODE') return false;
  shell.print(failureLine(outcome, path));
  return null;
}

/** Creates an empty znode, or finds that somebody else did. */
function* make(shell: Shell, path: string): Steps<boolean> {
  const outcome = yield* tryAsk(newNode(path));
  if (outcome.error === null || outcome.error === 'NODEEXISTS') return true;
  shell.print(failureLine(outcome, path));
  return false;
}

function* readTrack(shell: Shell, path: string): Steps<StatsTrack | null> {
  const reply = yield* ask(shell, { op: 'get', path });
  if (!reply) return null;
  const track = trackOf(reply.result?.data ?? null);
  if (track === null) shell.print(notATrack(path));
  return track;
}

function trackOf(data: ZnodeData): StatsTrack | null {
  return parseStatsTrack(data === null ? '' : utf8.decode(data));
}
function of(track: StatsTrack, name: string): bigint {
  return track.get(name) ?? -1n;
}
function toBigInt(value: number | null): bigint | null {
  return value === null ? null : BigInt(value);
}
/** A missing znode is a missing quota. */
function quotaFailure(outcome: CallOutcome, path: string, node: string): string {
  return outcome.error === 'NONODE' ? `quota for ${path} does not exist.` : failureLine(outcome, node);
}
function notATrack(path: string): string {
  return `${path} does not hold the numbers of a quota`;
}
