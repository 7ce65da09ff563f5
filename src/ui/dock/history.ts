/** The lines typed in one console, walked with the up and down keys as in a shell. A value: each step gives a new one. */

export interface History {
  readonly lines: readonly string[];
  /** The line shown; `lines.length` is the one being typed. */
  readonly at: number;
  /** What was being typed before the walk began. */
  readonly draft: string;
}

export const EMPTY_HISTORY: History = { lines: [], at: 0, draft: '' };
const LINES_MAX = 200;

/** Adds a line at the end, unless it repeats the last one, and goes back to an empty draft. */
export function remember(history: History, line: string): History {
  const repeated = line.trim() === '' || history.lines.at(-1) === line;
  const lines = repeated ? history.lines : [...history.lines, line].slice(-LINES_MAX);
  return { lines, at: lines.length, draft: '' };
}

/** One line back (−1) or forth (+1). `shown` is what stands in the field now. Null if there is nowhere to go. */
export function walk(history: History, step: -1 | 1, shown: string): { history: History; line: string } | null {
  const at = history.at + step;
  if (at < 0 || at > history.lines.length) return null;
  const draft = history.at === history.lines.length ? shown : history.draft;
  return { history: { ...history, at, draft }, line: history.lines[at] ?? draft };
}
