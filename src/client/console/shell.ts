/** What the commands of the console work with; each command is a generator of the calls that it waits for. */
import type { ClientOp } from '../../protocol/events.ts';
import type { Sid } from '../../protocol/ids.ts';
import type { CallOutcome } from '../client.ts';
import { errorLine, pathLine } from './format.ts';
import { optionLines, type OptionSpec } from './options.ts';

/** Calls whose answers the command waits for; they are made together. */
export interface Ask {
  readonly requests: readonly ClientOp[];
  /** The patience of the command, ms; then it goes on with null, and the answers are ignored. */
  readonly withinMs?: number;
  /** At most so many at a time; after a failure no further ones are begun. */
  readonly inFlight?: number;
}
/** In the order of the requests; those that were not begun are missing. */
export type Answers = readonly CallOutcome[] | null;
export type Steps<T = void> = Generator<Ask, T, Answers>;

/** What can stand in a place of a command line; a list: one of these. */
export type Word = 'path' | 'server' | 'acl' | readonly string[];

export interface Command extends OptionSpec {
  readonly name: string;
  /** What follows the name in the usage line. */
  readonly usage: string;
  /** One sentence for those who meet the command for the first time. */
  readonly says: string;
  /** The usage message lists the options. */
  readonly listsOptions?: true;
  /** What its words are, the first one after the name first. */
  readonly words: readonly Word[];
  /** Words after the name that it needs at least, and takes at most; otherwise its usage is printed. */
  readonly least: number;
  readonly most?: number;
  /** Its options are words like all others. */
  readonly unparsed?: true;
  /** Of the shell itself: it is done before zkCli looks whether there is a session. */
  readonly ofShell?: true;
  readonly run: (shell: Shell, line: CommandLine) => Steps;
}

/** A command line after its options were taken. */
export interface CommandLine {
  readonly command: Command;
  /** All words, options included. */
  readonly words: readonly string[];
  readonly options: ReadonlyMap<string, string>;
  /** Without options; the command is the first. */
  readonly args: readonly string[];
}

export interface Shell {
  print(...lines: readonly string[]): void;
  isAlive(): boolean;
  /** Makes a call and does not wait for its answer. */
  send(request: ClientOp): void;
  /** Servers that `connect` may name. */
  knows(server: Sid): boolean;
  /** A new handle on these servers, or on those of the old one; the old one must be dead. */
  connect(servers: readonly Sid[] | null): void;
  exit(): void;
  /** Number of the line at work. */
  readonly count: number;
  /** A line of the history. */
  recall(count: number): string | undefined;
  /** Runs a line of before in place of the line at work. */
  rerun(line: string): Steps;
  /** Events that the default watcher gets are printed. */
  printWatches: boolean;
}

/** What a command prints when its arguments are wrong (`CliCommand.getUsageStr`). */
export function usageOf({ name, usage, options, listsOptions }: Command): readonly string[] {
  // HelpFormatter ends with a line break of its own.
  return [`${name} ${usage}`, ...(listsOptions ? [...optionLines(options), ''] : [])];
}

/** One call. A failure is printed in zkCli's words and gives null. `path`: what the exception names. */
export function* ask(
  shell: Shell,
  request: ClientOp,
  path: string | null = request.path ?? null,
): Steps<CallOutcome | null> {
  const outcome = yield* tryAsk(request);
  if (outcome.error === null) return outcome;
  shell.print(failureLine(outcome, path));
  return null;
}

/** One call, whatever comes of it. */
export function* tryAsk(request: ClientOp): Steps<CallOutcome> {
  const [outcome] = (yield { requests: [request] }) ?? [];
  return outcome ?? { error: 'SYSTEMERROR', result: null, zxid: null, server: null };
}

/** The line for a call that failed; `path` as in {@link errorLine}. */
export function failureLine({ error, reason }: CallOutcome, path: string | null): string {
  return reason ?? errorLine(error ?? 'SYSTEMERROR', path);
}

/** The path on a line; of a bad one it is printed what is wrong, and it is null. */
export function pathOf(shell: Shell, { args }: CommandLine): string | null {
  const path = args[1] ?? '';
  const badPath = pathLine(path);
  if (badPath !== null) shell.print(badPath);
  return badPath === null ? path : null;
}

const INT_BITS = 32;
const LONG_BITS = 64;

/** `Integer.parseInt`; null if `text` is no int. */
export function parseInt32(text: string): number | null {
  const value = parseInteger(text, 10, INT_BITS);
  return value === null ? null : Number(value);
}

/** `Long.parseLong(text, radix)`; null if `text` is no long. */
export function parseLong(text: string, radix: 10 | 16 = 10): bigint | null {
  return parseInteger(text, radix, LONG_BITS);
}

function parseInteger(text: string, radix: 10 | 16, bits: number): bigint | null {
  const [, sign, digits] = (radix === 10 ? /^([+-]?)(\d+)$/ : /^([+-]?)([\da-f]+)$/i).exec(text) ?? [];
  // Leading zeros aside, a longer text is no number of so few bits, and a very long one would take its time.
  const significant = digits?.replace(/^0+(?=.)/, '');
  if (significant === undefined || significant.length > bits) return null;
  const size = BigInt(radix === 10 ? significant : `0x${significant}`);
  const value = sign === '-' ? -size : size;
  return BigInt.asIntN(bits, value) === value ? value : null;
}

/** The value of an option that is an int; of another text it is printed what is wrong, and it is null. */
export function intOption(shell: Shell, { options }: CommandLine, name: string, otherwise: number): number | null {
  const text = options.get(name);
  if (text === undefined) return otherwise;
  const value = parseInt32(text);
  if (value === null) shell.print(`-${name} argument must be an int value`);
  return value;
}
