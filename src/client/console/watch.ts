/** zkCli's commands on watches (`AddWatchCommand`, `RemoveWatchesCommand`); -w of get, ls, stat and config sets one, too. */
import { ADD_WATCH_MODES, type WatcherType } from '../../protocol/operations.ts';
import { ask, pathOf, usageOf, type Command, type CommandLine, type Shell, type Steps } from './shell.ts';

const MODES = Object.keys(ADD_WATCH_MODES);
const DEFAULT_MODE = 'PERSISTENT_RECURSIVE';

/** Of several letters the first in this order counts. */
const TYPES: readonly (readonly [letter: string, type: WatcherType])[] = [
  ['c', 'Children'],
  ['d', 'Data'],
  ['p', 'Persistent'],
  ['r', 'PersistentRecursive'],
  ['a', 'Any'],
];

export const WATCH_COMMANDS: readonly Command[] = [
  {
    name: 'addWatch',
    usage: `[-m mode] path # optional mode is one of [${MODES.join(', ')}] - default is ${DEFAULT_MODE}`,
    says: 'Sets a watch that stays after it has fired, on a znode or on its whole subtree.',
    options: [{ name: 'm', takesValue: true, says: '' }],
    words: ['path'],
    least: 1,
    most: 1,
    run: addWatch,
  },
  {
    name: 'removewatches',
    usage: 'path [-c|-d|-a] [-l]',
    says: 'Removes the watches of this session on a znode: -c of children, -d of data, -p and -r persistent ones.',
    options: [
      { name: 'c', says: 'child watcher type' },
      { name: 'd', says: 'data watcher type' },
      { name: 'p', says: 'persistent watcher type' },
      { name: 'r', says: 'persistent recursive watcher type' },
      { name: 'a', says: 'any watcher type' },
      { name: 'l', says: 'remove locally when there is no server connection' },
    ],
    words: ['path'],
    least: 1,
    run: removeWatches,
  },
];

/** zkCli forgets to go back to its default after a -m; here each line stands for itself. */
function* addWatch(shell: Shell, line: CommandLine): Steps {
  const mode = (line.options.get('m') ?? DEFAULT_MODE).toUpperCase();
  if (!MODES.includes(mode)) return shell.print(...usageOf(line.command));
  const path = pathOf(shell, line);
  if (path !== null) yield* ask(shell, { op: 'addWatch', path, mode });
}

function* removeWatches(shell: Shell, line: CommandLine): Steps {
  const path = pathOf(shell, line);
  if (path === null) return;
  const type = TYPES.find(([letter]) => line.options.has(letter))?.[1] ?? 'Any';
  yield* ask(shell, { op: 'removewatches', path, type, local: line.options.has('l') });
}
