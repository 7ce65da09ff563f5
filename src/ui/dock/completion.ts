/** What the Tab key does in a console line, from the candidates that the client's console knows. Pure. */
import type { Completion } from '../../client/index.ts';

export interface Edit {
  readonly line: string;
  readonly cursor: number;
}

/** `candidate` in place of the word, and a space after it unless the line goes on or the word is the start of a path. */
export function applyCandidate(line: string, { from, to }: Completion, candidate: string): Edit {
  const rest = line.slice(to);
  const gap = rest === '' || !rest.startsWith(' ') ? ' ' : '';
  const start = line.slice(0, from) + candidate + gap;
  return { line: start + rest, cursor: start.length };
}

/** The longest beginning that all of `words` share. */
export function commonStart(words: readonly string[]): string {
  const [first = '', ...others] = words;
  let length = first.length;
  for (const word of others) {
    while (!word.startsWith(first.slice(0, length))) length--;
  }
  return first.slice(0, length);
}

export type TabResult =
  /** Nothing typed or nothing known: the key moves the focus as everywhere. */
  | { readonly type: 'leave' }
  | { readonly type: 'edit'; readonly edit: Edit }
  /** Several fit: the line as far as they agree, and a list to choose from. */
  | { readonly type: 'choose'; readonly edit: Edit };

export function pressTab(line: string, completion: Completion): TabResult {
  const { from, to, candidates } = completion;
  const [only] = candidates;
  if (line.trim() === '' || only === undefined) return { type: 'leave' };
  if (candidates.length === 1) return { type: 'edit', edit: applyCandidate(line, completion, only) };
  // A path that needs quotes has its first letter before that of the word.
  const word = line.slice(from, to);
  const shared = commonStart(candidates);
  const start = line.slice(0, from) + (shared.startsWith(word) ? shared : word);
  return { type: 'choose', edit: { line: start + line.slice(to), cursor: start.length } };
}

export type LineTone = 'input' | 'plain' | 'watch' | 'error';

const ERRORS = [
  /^(Node (does not|already|not)|Ephemerals cannot|Not a read-only|Acl is not valid|Insufficient permission)/,
  /^(Arguments are not valid|version No is not valid|Quota has exceeded|Sync has failed|Failed to delete)/,
  /^(Another reconfiguration|No quorum of new config|Unable to create|Error processing|Can't use -file)/,
  /^(Command not found|Command index|No redoing|No command|Not connected|KeeperErrorCode|Path |Invalid path)/,
  /^(org\.apache\.commons\.cli\.|NumberFormatException|-\w (argument must|must be|cannot)|TTLs cannot|ttl must)/,
  /^(Quota does not|quota for |cannot set a quota|the (num|bytes) quota must|\[Warning\]|Unknown perm type)/,
  /(takes servers of this lab|does not have the form scheme:id:perm|is not valid base64)/,
  /^\S+ (does not exist\.$|has a (child|parent) |does not hold the numbers)/,
];

/** How a line of output is marked. */
export function toneOf(kind: 'input' | 'output', text: string): LineTone {
  if (kind === 'input') return 'input';
  if (text === 'WATCHER::' || text.startsWith('WatchedEvent ')) return 'watch';
  return ERRORS.some((pattern) => pattern.test(text)) ? 'error' : 'plain';
}
