/**
 * A zkCli shell on a client (`ZooKeeperMain`): one line after the other, each waiting for the answers
 * of its calls as zkCli's synchronous calls do. What it prints are `console-output` events.
 */
import { unreachable } from '../../protocol/assert.ts';
import type { ClientEvent, ClientOp } from '../../protocol/events.ts';
import { sid, type EventRef, type Sid } from '../../protocol/ids.ts';
import type { ProcessContext } from '../../process/context.ts';
import type { CallOutcome } from '../client.ts';
import type { WatchedEvent } from '../cnxn.ts';
import { COMMANDS, isCommand, isLaterCommand, laterLine, usageList, usageOf, type CommandName } from './commands.ts';
import { watcherLines } from './format.ts';
import { parseOptions, splitLine } from './parse.ts';
import { tryAsk, type Answers, type Ask, type CommandLine, type Shell, type Steps } from './shell.ts';
import * as znodes from './znodes.ts';

/** Lines that `history` shows. */
const HISTORY_LINES = 11;
const VERSION = 'ZooKeeper CLI version: Zabscope, after 3.9.5';

/** What the console needs of its client. */
export interface ConsoleHost {
  readonly ctx: ProcessContext<ClientEvent>;
  readonly servers: readonly Sid[];
  call(request: ClientOp, causes: readonly EventRef[], done: (outcome: CallOutcome) => void): void;
  isAlive(): boolean;
  connect(servers: readonly Sid[] | null): void;
  exit(): void;
}

interface Line {
  readonly text: string;
  /** The event of the typed line. */
  readonly ref: EventRef;
}

export class Console {
  readonly #host: ConsoleHost;
  readonly #history = new Map<number, string>();
  /** Typed while a line was at work. */
  readonly #waiting: Line[] = [];
  #current: Line | null = null;
  #count = 0;
  #printWatches = true;
  readonly #shell: Shell;

  constructor(host: ConsoleHost) {
    this.#host = host;
    this.#shell = {
      print: (...lines) => this.#print(lines),
      isAlive: () => host.isAlive(),
      knows: (server) => host.servers.includes(server),
      connect: (servers) => host.connect(servers),
      exit: () => host.exit(),
    };
  }

  /** A line was typed. It runs now, or after the lines before it. */
  line(text: string): void {
    const ref = this.#host.ctx.emit({ kind: 'console-line', line: text });
    this.#waiting.push({ text, ref });
    if (!this.#current) this.#next();
  }

  /** The shell's watcher, which is the default watcher of every handle. */
  watchEvent(event: WatchedEvent): void {
    if (this.#printWatches) this.#host.ctx.emit({ kind: 'console-output', lines: watcherLines(event) });
  }

  #next(): void {
    const line = this.#waiting.shift();
    this.#current = line ?? null;
    if (!line) return;
    const words = splitLine(line.text);
    if (words.length === 0) {
      this.#next();
      return;
    }
    this.#history.set(this.#count, line.text);
    this.#history.delete(this.#count - HISTORY_LINES);
    this.#drive(this.#process(words), null);
  }

  /** Runs a command to its next call, or to its end. */
  #drive(steps: Steps, answers: Answers): void {
    const step = steps.next(answers);
    if (!step.done) {
      this.#ask(step.value, (given) => this.#drive(steps, given));
      return;
    }
    this.#count++;
    this.#next();
  }

  #ask({ requests, withinMs }: Ask, then: (answers: Answers) => void): void {
    const causes = this.#current ? [this.#current.ref] : [];
    const outcomes: CallOutcome[] = [];
    let missing = requests.length;
    let over = false;
    const timer =
      withinMs === undefined
        ? null
        : this.#host.ctx.setTimer(withinMs, () => {
            over = true;
            then(null);
          });
    if (missing === 0) then([]);
    requests.forEach((request, at) => {
      this.#host.call(request, causes, (outcome) => {
        outcomes[at] = outcome;
        if (--missing > 0 || over) return;
        timer?.cancel();
        then(outcomes);
      });
    });
  }

  #print(lines: readonly string[]): void {
    this.#host.ctx.emit({ kind: 'console-output', lines }, { causes: this.#current ? [this.#current.ref] : [] });
  }

  *#process(words: readonly string[]): Steps {
    const [name = ''] = words;
    if (name === 'help') return this.#print([...usageList(), laterLine()]);
    if (isLaterCommand(name)) return this.#print([`${name} is not in this release`]);
    if (!isCommand(name)) return this.#print([...usageList(), `Command not found ${name}`]);
    if (yield* this.#shellCommand(name, words)) return;
    // Like zkCli, for shell commands too: `history` on a closed handle prints both.
    if (!this.#host.isAlive()) return this.#print(['Not connected']);
    const parsed = parseOptions(words, COMMANDS[name]);
    if (!parsed.ok) return this.#print([parsed.reason]);
    yield* this.#command(name, parsed, words);
  }

  /** The commands of the shell itself; true: nothing else is to be done. */
  *#shellCommand(name: CommandName, words: readonly string[]): Steps<boolean> {
    switch (name) {
      case 'quit':
        yield* closeHandle(this.#shell);
        this.#shell.exit();
        return true;
      case 'redo':
        yield* this.#redo(words[1]);
        return true;
      case 'history':
        for (let n = Math.max(0, this.#count - HISTORY_LINES + 1); n <= this.#count; n++) {
          this.#print([`${n} - ${this.#history.get(n) ?? ''}`]);
        }
        return false;
      case 'printwatches':
        if (words[1] === undefined) this.#print([`printwatches is ${this.#printWatches ? 'on' : 'off'}`]);
        else this.#printWatches = words[1] === 'on';
        return false;
      case 'connect':
        return yield* connect(this.#shell, words[1]);
      default:
        return false;
    }
  }

  *#redo(number: string | undefined): Steps {
    if (number === undefined) return this.#print(usageOf('redo'));
    const n = /^\d{1,9}$/.test(number) ? Number(number) : NaN;
    const text = n < this.#count ? this.#history.get(n) : undefined;
    if (text === undefined) return this.#print(['Command index out of range']);
    const words = splitLine(text);
    if (words[0] === 'redo') return this.#print(['No redoing redos']);
    this.#history.set(this.#count, text);
    yield* this.#process(words);
  }

  *#command(name: CommandName, line: CommandLine, words: readonly string[]): Steps {
    switch (name) {
      case 'create':
        return yield* znodes.create(this.#shell, line);
      case 'delete':
        return yield* znodes.deleteNode(this.#shell, line);
      case 'deleteall':
        return yield* znodes.deleteAll(this.#shell, line);
      case 'set':
        return yield* znodes.set(this.#shell, line);
      case 'get':
        return yield* znodes.get(this.#shell, this.#compatible('get', '[-s] [-w]', line, words));
      case 'ls':
        return yield* znodes.ls(this.#shell, this.#compatible('ls', '[-w]', line, words));
      case 'stat':
        return yield* znodes.stat(this.#shell, this.#compatible('stat', '[-w]', line, words));
      case 'sync':
        return yield* znodes.sync(this.#shell, line);
      case 'getEphemerals':
        return yield* znodes.getEphemerals(this.#shell, line);
      case 'getAllChildrenNumber':
        return yield* znodes.getAllChildrenNumber(this.#shell, line);
      case 'close':
        return yield* closeHandle(this.#shell);
      case 'version':
        return this.#print(line.args.length > 1 ? usageOf('version') : [VERSION]);
      case 'connect':
      case 'history':
      case 'printwatches':
      case 'quit':
      case 'redo':
        return;
      default:
        unreachable(name);
    }
  }

  /** `retainCompatibility`: a word after the path was the wish for a watch; the third word becomes -w, whatever it is. */
  #compatible(name: CommandName, options: string, line: CommandLine, words: readonly string[]): CommandLine {
    if (line.args.length <= 2) return line;
    this.#print([`'${name} path [watch]' has been deprecated. Please use '${name} ${options} path' instead.`]);
    const parsed = parseOptions([...words.slice(0, 2), '-w', ...words.slice(3)], COMMANDS[name]);
    return parsed.ok ? parsed : line;
  }
}

/** `ZooKeeper.close`, which never fails: without an answer the session ends by its timeout. */
function* closeHandle(shell: Shell): Steps {
  if (shell.isAlive()) yield* tryAsk({ op: 'close' });
}

/** A new session, on the servers named or on those of before; the old session is closed first. */
function* connect(shell: Shell, hosts: string | undefined): Steps<boolean> {
  const servers = hosts === undefined ? null : hosts.split(',').map(parseHost);
  if (servers?.some((server) => server === null || !shell.knows(server))) {
    shell.print('connect takes servers of this lab: connect s1 or connect s1,s2');
    return true;
  }
  yield* closeHandle(shell);
  shell.connect(servers as readonly Sid[] | null);
  return false;
}

/** `s2`, `2` or `s2:2181`. */
function parseHost(text: string): Sid | null {
  const number = Number(/^s?(\d{1,3})(:\d+)?$/.exec(text)?.[1] ?? NaN);
  return number >= 1 && number <= 255 ? sid(number) : null;
}
