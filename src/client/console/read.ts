/** zkCli's commands that read znodes (`GetCommand`, `LsCommand`, `StatCommand`, `SyncCommand` and their like). */
import { ERROR_CODES } from '../../protocol/errors.ts';
import { toBase64 } from '../../protocol/trace-data.ts';
import { hexDump, pathLine, statLines } from './format.ts';
import { optionLines, parseOptions, type Option } from './options.ts';
import { ask, pathOf, usageOf, type Command, type CommandLine, type Shell, type Steps } from './shell.ts';
import { visitSubTree } from './tree.ts';

/** `SyncCommand.SYNC_TIMEOUT` */
const SYNC_TIMEOUT_MS = 30_000;

// A byte order mark is printed like any other character.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

const LS_OPTIONS: readonly Option[] = [
  { name: '?', says: 'help' },
  { name: 's', says: 'stat' },
  { name: 'w', says: 'watch' },
  { name: 'R', says: 'recurse' },
];

export const READ_COMMANDS: readonly Command[] = [
  {
    name: 'get',
    usage: '[-s] [-w] [-b] [-x] path',
    says: 'Prints the data of a znode; -w watches it for its next change.',
    options: [
      { name: 's', says: 'Print znode stats additionally' },
      { name: 'w', says: 'Watch for changes on the znode' },
      { name: 'b', says: 'Output data in base64 format' },
      { name: 'x', says: 'Output data in hexdump format' },
    ],
    listsOptions: true,
    words: ['path'],
    least: 1,
    run: get,
  },
  {
    name: 'ls',
    usage: '[-s] [-w] [-R] path',
    says: 'Lists the children of a znode; -R its whole subtree.',
    options: LS_OPTIONS,
    words: ['path'],
    // Not until -? was answered.
    least: 0,
    run: ls,
  },
  {
    name: 'stat',
    usage: '[-w] path',
    says: 'Prints versions, zxids, times and sizes of a znode; it is what programs call exists.',
    options: [{ name: 'w', says: 'watch' }],
    words: ['path'],
    least: 1,
    run: stat,
  },
  {
    name: 'sync',
    usage: 'path',
    says: 'Waits until the server of this client has caught up with the leader.',
    options: [],
    words: ['path'],
    least: 1,
    run: sync,
  },
  {
    name: 'getEphemerals',
    usage: 'path',
    says: 'Lists the ephemeral znodes of this session below a path.',
    options: [],
    words: ['path'],
    least: 0,
    run: getEphemerals,
  },
  {
    name: 'getAllChildrenNumber',
    usage: 'path',
    says: 'Counts the descendants of a znode on all levels.',
    options: [],
    words: ['path'],
    least: 1,
    run: getAllChildrenNumber,
  },
];

function* get(shell: Shell, given: CommandLine): Steps {
  const line = compatible(shell, given, '[-s] [-w]');
  const path = pathOf(shell, line);
  if (path === null) return;
  const { options } = line;
  const reply = yield* ask(shell, { op: 'get', path, watch: options.has('w') });
  if (!reply) return;
  const { data = null, stat } = reply.result ?? {};
  const bytes = data ?? new TextEncoder().encode('null');
  const shown = options.has('x')
    ? hexDump(bytes)
    : (options.has('b') ? toBase64(bytes) : utf8.decode(bytes)).split('\n');
  shell.print(...shown, ...(stat && options.has('s') ? statLines(stat) : []));
}

function* ls(shell: Shell, given: CommandLine): Steps {
  if (given.options.has('?')) shell.print('usage: ls [options] path', ...optionLines(LS_OPTIONS));
  const line = compatible(shell, given, '[-w]');
  if (line.args.length < 2) return shell.print(...usageOf(line.command));
  const path = pathOf(shell, line);
  if (path === null) return;
  const { options } = line;
  const watch = options.has('w');
  if (options.has('R')) {
    // eslint-disable-next-line require-yield -- a visit may ask, this one has no need to
    const failure = yield* visitSubTree(path, watch, function* (visited) {
      shell.print(visited);
      return null;
    });
    if (failure !== null) shell.print(failure);
    return;
  }
  const reply = yield* ask(shell, { op: 'ls', path, watch });
  if (!reply) return;
  const { children = [], stat } = reply.result ?? {};
  shell.print(`[${[...children].sort().join(', ')}]`, ...(stat && options.has('s') ? statLines(stat) : []));
}

function* stat(shell: Shell, given: CommandLine): Steps {
  const line = compatible(shell, given, '[-w]');
  const path = pathOf(shell, line);
  if (path === null) return;
  const reply = yield* ask(shell, { op: 'stat', path, watch: line.options.has('w') });
  if (reply?.result?.stat) shell.print(...statLines(reply.result.stat));
}

function* sync(shell: Shell, line: CommandLine): Steps {
  const path = pathOf(shell, line);
  if (path === null) return;
  const outcomes = yield { requests: [{ op: 'sync', path }], withinMs: SYNC_TIMEOUT_MS };
  const outcome = outcomes?.[0];
  if (!outcome) return shell.print(`Sync has failed: no answer within ${SYNC_TIMEOUT_MS} ms`);
  shell.print(outcome.error === null ? 'Sync is OK' : `Sync has failed. rc=${ERROR_CODES[outcome.error]}`);
}

function* getEphemerals(shell: Shell, { args }: CommandLine): Steps {
  const path = args[1] ?? '/';
  const badPath = pathLine(path);
  if (badPath !== null) return shell.print(badPath);
  const reply = yield* ask(shell, { op: 'getEphemerals', path }, null);
  if (reply) shell.print(`[${(reply.result?.paths ?? []).join(', ')}]`);
}

function* getAllChildrenNumber(shell: Shell, line: CommandLine): Steps {
  const path = pathOf(shell, line);
  if (path === null) return;
  const reply = yield* ask(shell, { op: 'getAllChildrenNumber', path });
  if (reply) shell.print(String(reply.result?.number ?? 0));
}

/** `retainCompatibility`: a word after the path was the wish for a watch; the third word becomes -w, whatever it is. */
function compatible(shell: Shell, line: CommandLine, options: string): CommandLine {
  if (line.args.length <= 2) return line;
  const { name } = line.command;
  shell.print(`'${name} path [watch]' has been deprecated. Please use '${name} ${options} path' instead.`);
  const parsed = parseOptions([...line.words.slice(0, 2), '-w', ...line.words.slice(3)], line.command);
  return parsed.ok ? { ...line, options: parsed.options, args: parsed.args } : line;
}
