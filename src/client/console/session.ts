/** zkCli's commands on the session, and those of the shell itself (`ZooKeeperMain.processZKCmd`, `CloseCommand`, `VersionCommand`). */
import { sid, type Sid } from '../../protocol/ids.ts';
import { splitLine } from './parse.ts';
import { parseInt32, tryAsk, usageOf, type Command, type CommandLine, type Shell, type Steps } from './shell.ts';

const VERSION = 'ZooKeeper CLI version: Zabscope, after 3.9.5';
/** Lines that `history` shows. */
const HISTORY_LINES = 11;

const none = { options: [], words: [], least: 0 } as const;
const ofShell = { ...none, ofShell: true, unparsed: true } as const;

export const SESSION_COMMANDS: readonly Command[] = [
  {
    name: 'close',
    usage: '',
    says: 'Closes the session; its ephemeral znodes go.',
    ...none,
    unparsed: true,
    run: close,
  },
  { name: 'version', usage: '', says: 'Tells what this console is.', ...none, most: 0, run: version },
  {
    ...ofShell,
    name: 'connect',
    usage: 'host:port',
    says: 'Closes the session and begins a new one, on the servers named or on those of before.',
    words: ['server'],
    run: connect,
  },
  { ...ofShell, name: 'history', usage: '', says: 'Lists the last lines with their numbers.', run: history },
  { ...ofShell, name: 'redo', usage: 'cmdno', says: 'Runs the line of this number again.', run: redo },
  {
    ...ofShell,
    name: 'printwatches',
    usage: 'on|off',
    says: 'Switches the printing of watch events.',
    words: [['on', 'off']],
    run: printWatches,
  },
  { ...ofShell, name: 'quit', usage: '', says: 'Closes the session and ends the client.', run: quit },
];

/** `ZooKeeper.close`, which never fails: without an answer the session ends by its timeout. */
function* close(shell: Shell): Steps {
  if (shell.isAlive()) yield* tryAsk({ op: 'close' });
}

// eslint-disable-next-line require-yield -- nothing is waited for
function* version(shell: Shell): Steps {
  shell.print(VERSION);
}

function* quit(shell: Shell): Steps {
  yield* close(shell);
  shell.exit();
}

function* connect(shell: Shell, { args }: CommandLine): Steps {
  const servers = args[1] === undefined ? null : args[1].split(',').map(parseHost);
  if (servers?.some((server) => server === null || !shell.knows(server))) {
    shell.print('connect takes servers of this lab: connect s1 or connect s1,s2');
    return;
  }
  yield* close(shell);
  shell.connect(servers as readonly Sid[] | null);
}

/** `s2`, `2` or `s2:2181`. */
function parseHost(text: string): Sid | null {
  const number = Number(/^s?(\d{1,3})(:\d+)?$/.exec(text)?.[1] ?? NaN);
  return number >= 1 && number <= 255 ? sid(number) : null;
}

// eslint-disable-next-line require-yield -- nothing is waited for
function* history(shell: Shell): Steps {
  for (let n = Math.max(0, shell.count - HISTORY_LINES + 1); n <= shell.count; n++) {
    shell.print(`${n} - ${shell.recall(n) ?? 'null'}`);
  }
}

function* redo(shell: Shell, { command, args }: CommandLine): Steps {
  const [, number] = args;
  // zkCli says nothing here.
  if (number === undefined) return shell.print(...usageOf(command));
  const n = parseInt32(number);
  const line = n !== null && n < shell.count ? shell.recall(n) : undefined;
  if (line === undefined) return shell.print('Command index out of range');
  if (splitLine(line)[0] === 'redo') return shell.print('No redoing redos');
  yield* shell.rerun(line);
}

// eslint-disable-next-line require-yield -- nothing is waited for
function* printWatches(shell: Shell, { args }: CommandLine): Steps {
  if (args[1] === undefined) shell.print(`printwatches is ${shell.printWatches ? 'on' : 'off'}`);
  else shell.printWatches = args[1] === 'on';
}
