/** What the commands of the console work with; each command is a generator of the calls that it waits for. */
import type { ClientOp } from '../../protocol/events.ts';
import type { Sid } from '../../protocol/ids.ts';
import type { CallOutcome } from '../client.ts';
import { errorLine } from './format.ts';

/** Calls made together; the command goes on when all have their answers. */
export interface Ask {
  readonly requests: readonly ClientOp[];
  /** The patience of the command, ms; then it goes on with null, and the answers are ignored. */
  readonly withinMs?: number;
}
export type Answers = readonly CallOutcome[] | null;
export type Steps<T = void> = Generator<Ask, T, Answers>;

/** A command line after its options were taken. */
export interface CommandLine {
  readonly options: ReadonlyMap<string, string>;
  /** The command is the first. */
  readonly args: readonly string[];
}

export interface Shell {
  print(...lines: readonly string[]): void;
  isAlive(): boolean;
  /** Servers that `connect` may name. */
  knows(server: Sid): boolean;
  /** A new handle on these servers, or on those of the old one; the old one must be dead. */
  connect(servers: readonly Sid[] | null): void;
  exit(): void;
}

/** One call. A failure is printed in zkCli's words and gives null. */
export function* ask(shell: Shell, request: ClientOp): Steps<CallOutcome | null> {
  const outcome = yield* tryAsk(request);
  if (outcome.error === null) return outcome;
  shell.print(failureLine(outcome, request));
  return null;
}

/** One call, whatever comes of it. */
export function* tryAsk(request: ClientOp): Steps<CallOutcome> {
  const [outcome] = (yield { requests: [request] }) ?? [];
  return outcome ?? { error: 'SYSTEMERROR', result: null, zxid: null, server: null };
}

function failureLine({ error, reason }: CallOutcome, request: ClientOp): string {
  if (reason !== undefined) return reason;
  return errorLine(error ?? 'SYSTEMERROR', request.path ?? null);
}
