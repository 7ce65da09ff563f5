/** zkCli's commands on znodes (`org.apache.zookeeper.cli.*Command`, `ZKUtil`), one generator each. */
import { ERROR_CODES } from '../../protocol/errors.ts';
import type { ClientOp } from '../../protocol/events.ts';
import { fromBase64, toBase64 } from '../../protocol/trace-data.ts';
import { childPath, type CreateMode } from '../../protocol/znode.ts';
import { usageOf, type CommandName } from './commands.ts';
import { errorLine, hexDump, pathLine, statLines } from './format.ts';
import { ask, tryAsk, type CommandLine, type Shell, type Steps } from './shell.ts';

/** `DeleteAllCommand`: deletes in flight at once, if -b does not say. */
const BATCH = 1000;
/** `SyncCommand.SYNC_TIMEOUT` */
const SYNC_TIMEOUT_MS = 30_000;

// A byte order mark is printed like any other character.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

export function* create(shell: Shell, { options, args }: CommandLine): Steps {
  const [, path, data, acl] = args;
  if (path === undefined) return shell.print(...usageOf('create'));
  const [sequential, ephemeral] = [options.has('s'), options.has('e')];
  if (options.has('c') && (sequential || ephemeral)) {
    return shell.print('-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.');
  }
  if (options.has('t') && ephemeral) return shell.print('TTLs cannot be used with Ephemeral znodes');
  if (options.has('t') && options.has('c')) return shell.print('TTLs cannot be used with Container znodes');
  if (options.has('c')) return shell.print('create -c: container nodes are not in this release');
  if (options.has('t')) return shell.print('create -t: TTL nodes are not in this release');
  if (acl !== undefined) return shell.print('create with an acl: access control lists are not in this release');
  const badPath = pathLine(path, sequential);
  if (badPath !== null) return shell.print(badPath);
  const mode: CreateMode = `${ephemeral ? 'EPHEMERAL' : 'PERSISTENT'}${sequential ? '_SEQUENTIAL' : ''}`;
  const reply = yield* ask(shell, { op: 'create', path, mode, ...(data === undefined ? {} : { data }) });
  if (reply) shell.print(`Created ${reply.result?.path ?? path}`);
}

export function* deleteNode(shell: Shell, { options, args }: CommandLine): Steps {
  const path = pathOf(shell, 'delete', args);
  if (path === null) return;
  if (args.length > 2) {
    shell.print("'delete path [version]' has been deprecated. Please use 'delete [-v version] path' instead.");
  }
  const version = intOption(shell, options, 'v', -1);
  if (version !== null) yield* ask(shell, { op: 'delete', path, version });
}

/**
 * Lists the subtree breadth first and deletes it from its end, the children so before their parents.
 * zkCli puts each batch into one multi; until there is multi, a batch is so many deletes in flight.
 */
export function* deleteAll(shell: Shell, { options, args }: CommandLine): Steps {
  const path = pathOf(shell, 'deleteall', args);
  if (path === null) return;
  const batch = intOption(shell, options, 'b', BATCH);
  if (batch === null) return;
  const tree = [path];
  for (let at = 0; at < tree.length; at++) {
    const parent = tree[at]!;
    const reply = yield* ask(shell, { op: 'ls', path: parent });
    if (!reply) return;
    tree.push(...childPaths(parent, reply.result?.children ?? []));
  }
  tree.reverse();
  const deletes = tree.map((node): ClientOp => ({ op: 'delete', path: node, version: -1 }));
  if (batch <= 0) {
    for (const request of deletes) if (!(yield* ask(shell, request))) return;
    return;
  }
  for (let at = 0; at < deletes.length; at += batch) {
    const outcomes = yield { requests: deletes.slice(at, at + batch) };
    if (outcomes?.some(({ error }) => error !== null)) {
      return shell.print('Failed to delete some node(s) in the subtree!');
    }
  }
}

export function* set(shell: Shell, { options, args }: CommandLine): Steps {
  const [, path, text] = args;
  if (path === undefined || text === undefined) return shell.print(...usageOf('set'));
  if (options.has('b') && fromBase64(text) === null) return shell.print('set -b: the data is not valid base64');
  const badPath = pathLine(path);
  if (badPath !== null) return shell.print(badPath);
  const version = intOption(shell, options, 'v', -1);
  if (version === null) return;
  const data = options.has('b') ? { base64: text } : text;
  const reply = yield* ask(shell, { op: 'set', path, data, version });
  if (reply?.result?.stat && options.has('s')) shell.print(...statLines(reply.result.stat));
}

export function* get(shell: Shell, { options, args }: CommandLine): Steps {
  const path = pathOf(shell, 'get', args);
  if (path === null) return;
  const reply = yield* ask(shell, { op: 'get', path, watch: options.has('w') });
  if (!reply) return;
  const { data = null, stat } = reply.result ?? {};
  const bytes = data ?? new TextEncoder().encode('null');
  const shown = options.has('x')
    ? hexDump(bytes)
    : (options.has('b') ? toBase64(bytes) : utf8.decode(bytes)).split('\n');
  shell.print(...shown, ...(stat && options.has('s') ? statLines(stat) : []));
}

export function* ls(shell: Shell, { options, args }: CommandLine): Steps {
  const path = pathOf(shell, 'ls', args);
  if (path === null) return;
  const watch = options.has('w');
  if (options.has('R')) {
    if (!(yield* ask(shell, { op: 'get', path, watch }))) return;
    shell.print(path);
    yield* visitSubTree(shell, path, watch);
    return;
  }
  const reply = yield* ask(shell, { op: 'ls', path, watch });
  if (!reply) return;
  const { children = [], stat } = reply.result ?? {};
  shell.print(`[${[...children].sort().join(', ')}]`, ...(stat && options.has('s') ? statLines(stat) : []));
}

/** `ZKUtil.visitSubTreeDFS`: a node's children are printed together before the first of them is entered. */
function* visitSubTree(shell: Shell, path: string, watch: boolean): Steps<boolean> {
  const outcome = yield* tryAsk({ op: 'ls', path, watch });
  // The node went away after it was listed.
  if (outcome.error === 'NONODE') return true;
  if (outcome.error !== null) {
    shell.print(errorLine(outcome.error, path));
    return false;
  }
  const children = childPaths(path, [...(outcome.result?.children ?? [])].sort());
  if (children.length > 0) shell.print(...children);
  for (const child of children) if (!(yield* visitSubTree(shell, child, watch))) return false;
  return true;
}

export function* stat(shell: Shell, { options, args }: CommandLine): Steps {
  const path = pathOf(shell, 'stat', args);
  if (path === null) return;
  const reply = yield* ask(shell, { op: 'stat', path, watch: options.has('w') });
  if (reply?.result?.stat) shell.print(...statLines(reply.result.stat));
}

export function* sync(shell: Shell, { args }: CommandLine): Steps {
  const path = pathOf(shell, 'sync', args);
  if (path === null) return;
  const outcomes = yield { requests: [{ op: 'sync', path }], withinMs: SYNC_TIMEOUT_MS };
  const outcome = outcomes?.[0];
  if (!outcome) return shell.print(`Sync has failed: no answer within ${SYNC_TIMEOUT_MS} ms`);
  shell.print(outcome.error === null ? 'Sync is OK' : `Sync has failed. rc=${ERROR_CODES[outcome.error]}`);
}

export function* getEphemerals(shell: Shell, { args }: CommandLine): Steps {
  const path = args[1] ?? '/';
  const badPath = pathLine(path);
  if (badPath !== null) return shell.print(badPath);
  const reply = yield* ask(shell, { op: 'getEphemerals', path });
  if (reply) shell.print(`[${(reply.result?.paths ?? []).join(', ')}]`);
}

export function* getAllChildrenNumber(shell: Shell, { args }: CommandLine): Steps {
  const path = pathOf(shell, 'getAllChildrenNumber', args);
  if (path === null) return;
  const reply = yield* ask(shell, { op: 'getAllChildrenNumber', path });
  if (reply) shell.print(String(reply.result?.number ?? 0));
}

/** The path among `args`; without one the usage is printed, of a bad one what is wrong. */
function pathOf(shell: Shell, command: CommandName, args: readonly string[]): string | null {
  const path = args[1];
  if (path === undefined) {
    shell.print(...usageOf(command));
    return null;
  }
  const badPath = pathLine(path);
  if (badPath !== null) shell.print(badPath);
  return badPath === null ? path : null;
}

function intOption(
  shell: Shell,
  options: ReadonlyMap<string, string>,
  letter: string,
  otherwise: number,
): number | null {
  const text = options.get(letter);
  if (text === undefined) return otherwise;
  const value = /^[+-]?\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value >= -(2 ** 31) && value < 2 ** 31) return value;
  shell.print(`-${letter} argument must be an int value`);
  return null;
}

function childPaths(parent: string, names: readonly string[]): readonly string[] {
  return names.map((name) => childPath(parent, name));
}
