/**
 * A zkCli shell on a client (`ZooKeeperMain`): one line after the other, each waiting for the answers
 * of its calls as zkCli's synchronous calls do. What it prints are `console-output` events.
 */
import type { ClientEvent, ClientOp } from '../../protocol/events.ts';
import type { EventRef, Sid } from '../../protocol/ids.ts';
import type { ProcessContext } from '../../process/context.ts';
import type { CallOutcome } from '../client.ts';
import type { WatchedEvent } from '../watcher.ts';
import { findCommand, usageList } from './commands.ts';
import { watcherLines } from './format.ts';
import { parseOptions } from './options.ts';
import { isBlank, splitLine } from './parse.ts';
import { usageOf, type Answers, type Ask, type Command, type Shell, type Steps } from './shell.ts';
import { hasFailed } from './write.ts';

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
  /** By number; a redo stands there as the line that it ran. */
  readonly #history: string[] = [];
  /** Typed while a line was at work. */
  readonly #waiting: Line[] = [];
  #current: Line | null = null;
  #count = 0;
  #printWatches = true;
  #exited = false;
  readonly #shell: Shell;

  constructor(host: ConsoleHost) {
    this.#host = host;
    this.#shell = this.#newShell();
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

  #newShell(): Shell {
    const host = this.#host;
    // A getter of the literal has a `this` of its own.
    const count = () => this.#count;
    const printWatches = () => this.#printWatches;
    const setPrintWatches = (on: boolean) => (this.#printWatches = on);
    return {
      print: (...lines) => this.#print(lines),
      isAlive: () => host.isAlive(),
      send: (request) => host.call(request, this.#causes(), () => undefined),
      knows: (server) => host.servers.includes(server),
      connect: (servers) => host.connect(servers),
      exit: () => {
        this.#exited = true;
        host.exit();
      },
      get count() {
        return count();
      },
      recall: (n) => this.#history[n],
      rerun: (text) => this.#rerun(text),
      get printWatches() {
        return printWatches();
      },
      set printWatches(on) {
        setPrintWatches(on);
      },
    };
  }

  #next(): void {
    const line = this.#waiting.shift();
    this.#current = line ?? null;
    if (!line) return;
    if (isBlank(line.text)) {
      this.#next();
      return;
    }
    this.#history[this.#count] = line.text;
    this.#drive(this.#process(splitLine(line.text)), null);
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

  #ask({ requests, withinMs, inFlight = Infinity }: Ask, then: (answers: Answers) => void): void {
    const outcomes: CallOutcome[] = [];
    let begun = 0;
    let ended = 0;
    let failed = false;
    let over = false;
    const timer = withinMs === undefined ? null : this.#host.ctx.setTimer(withinMs, () => end(null));
    const end = (answers: Answers): void => {
      if (over) return;
      over = true;
      timer?.cancel();
      then(answers);
    };
    const begin = (): void => {
      const at = begun++;
      this.#host.call(requests[at]!, this.#causes(), (outcome) => {
        outcomes[at] = outcome;
        ended++;
        failed ||= hasFailed(outcome);
        advance();
      });
    };
    // As many calls as may be in flight, and the next one for each that has its answer. Like `ZKUtil.deleteInBatch`
    // it is decided whether to go on before a place in flight is waited for: one more call may follow a failure.
    let decided = 0;
    let advancing = false;
    const advance = (): void => {
      // An answer that comes at once comes from within `begin`.
      if (advancing) return;
      advancing = true;
      for (;;) {
        if (decided === begun && begun < requests.length && !(failed && inFlight < Infinity)) decided++;
        if (decided === begun || begun - ended >= inFlight) break;
        begin();
      }
      advancing = false;
      if (begun === ended) end(outcomes);
    };
    advance();
  }

  #causes(): readonly EventRef[] {
    return this.#current ? [this.#current.ref] : [];
  }

  #print(lines: readonly string[]): void {
    if (lines.length > 0) this.#host.ctx.emit({ kind: 'console-output', lines }, { causes: this.#causes() });
  }

  /** `processZKCmd` */
  *#process(words: readonly string[]): Steps {
    const [name] = words;
    if (name === undefined) return this.#print([...usageList(), 'No command entered']);
    const command = findCommand(name);
    if (!command) return this.#print([...usageList(), `Command not found ${name}`]);
    if (command.ofShell) yield* this.#run(command, words);
    if (this.#exited) return;
    // Like zkCli, for commands of the shell too: `history` on a closed handle prints both.
    if (!this.#host.isAlive()) return this.#print(['Not connected']);
    if (!command.ofShell) yield* this.#run(command, words);
  }

  *#run(command: Command, words: readonly string[]): Steps {
    const parsed = command.unparsed
      ? { ok: true as const, options: new Map<string, string>(), args: words }
      : parseOptions(words, command);
    if (!parsed.ok) return this.#print([parsed.reason]);
    const { options, args } = parsed;
    const { least, most = Infinity } = command;
    if (args.length - 1 < least || args.length - 1 > most) return this.#print(usageOf(command));
    yield* command.run(this.#shell, { command, words, options, args });
  }

  *#rerun(text: string): Steps {
    this.#history[this.#count] = text;
    yield* this.#process(splitLine(text));
  }
}
