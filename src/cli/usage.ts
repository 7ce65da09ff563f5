/** What every command shares: its shape, and how wrong usage is told. */

/** Wrong usage: told with the usage line, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Command {
  readonly name: string;
  /** One line. */
  readonly usage: string;
  /** The exit code. @throws UsageError */
  run(args: readonly string[]): Promise<number>;
}

/** @throws UsageError unless `text` is a number of milliseconds. */
export function milliseconds(text: string, option: string): number {
  const ms = Number(text);
  if (text.trim() === '' || !(ms >= 0 && ms <= 1e9)) {
    throw new UsageError(`${option}: expected a number of ms from 0 to 1000000000, got ${text}`);
  }
  return ms;
}

/** Runs `parse`; what `util.parseArgs` refuses is wrong usage. */
export function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
