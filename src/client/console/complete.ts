/** Help with a line that is being typed, for the interface: completion, and what its command is for. */
import { serverName, type Sid } from '../../protocol/ids.ts';
import { nodeName, parentPath } from '../../protocol/znode.ts';
import { COMMANDS, findCommand } from './commands.ts';
import { quote, splitLine } from './parse.ts';
import type { Command, Word } from './shell.ts';

export interface CompletionContext {
  /** Paths of the tree that the client's server shows, in any order. */
  readonly paths: Iterable<string>;
  readonly servers: readonly Sid[];
}

export interface Completion {
  /** The part of the line that a candidate replaces: from, inclusive, to, exclusive. */
  readonly from: number;
  readonly to: number;
  /** Sorted; none: there is nothing to complete. */
  readonly candidates: readonly string[];
}

/** What begins an access control list most often. */
const ACLS = ['world:anyone:cdrwa', 'world:anyone:r', 'auth::cdrwa'];
/** Of options whose values are known. */
const VALUES: Readonly<Record<string, readonly string[]>> = { 'addWatch -m': ['PERSISTENT', 'PERSISTENT_RECURSIVE'] };

/**
 * What may stand in place of the word that ends at `cursor`. A path that is completed by one name of a
 * parent with children is offered as it is; typing `/` goes on below it.
 */
export function complete(line: string, cursor: number, context: CompletionContext): Completion {
  const before = line.slice(0, cursor);
  const from = before.length - (/\S*$/.exec(before)?.[0].length ?? 0);
  const word = before.slice(from);
  const words = before.slice(0, from).split(/\s+/).filter(Boolean);
  const candidates = candidatesFor(words, word, context)
    .filter((candidate) => candidate.startsWith(word))
    .map((candidate) => quote([candidate]) ?? candidate)
    .sort();
  return { from, to: before.length, candidates };
}

/** What is known of the command that `line` begins with; null while it is none. */
export function explain(line: string): Pick<Command, 'name' | 'usage' | 'says'> | null {
  return findCommand(splitLine(line)[0] ?? '') ?? null;
}

function candidatesFor(words: readonly string[], word: string, context: CompletionContext): readonly string[] {
  const [name, ...others] = words;
  if (name === undefined) return COMMANDS.map((command) => command.name);
  const command = findCommand(name);
  if (!command) return [];
  const last = others.at(-1);
  const open = last === undefined ? undefined : command.options.find((option) => `-${option.name}` === last);
  if (open?.takesValue) return VALUES[`${name} ${last}`] ?? [];
  if (word.startsWith('-')) {
    return command.options.map((option) => `-${option.name}`).filter((option) => !words.includes(option));
  }
  const place = command.words[placeOf(command, others)];
  return place === undefined ? [] : candidatesOf(place, word, context);
}

/** How many words of the command itself stand before: options and their values aside. */
function placeOf(command: Command, others: readonly string[]): number {
  let place = 0;
  for (let at = 0; at < others.length; at++) {
    const option = command.options.find(({ name }) => `-${name}` === others[at]);
    if (option?.takesValue) at++;
    else if (!others[at]!.startsWith('-')) place++;
  }
  return place;
}

function candidatesOf(place: Word, word: string, context: CompletionContext): readonly string[] {
  switch (place) {
    case 'path':
      return word.startsWith('/') ? childrenLike(word, context.paths) : [];
    case 'server':
      return context.servers.map((server) => serverName(server));
    case 'acl':
      return ACLS;
    default:
      return place;
  }
}

/** The znodes of the folder that `word` stands in; `/a/` stands in `/a`. */
function childrenLike(word: string, paths: Iterable<string>): string[] {
  const slash = word.lastIndexOf('/');
  const folder = slash === 0 ? '/' : word.slice(0, slash);
  return [...paths].filter((path) => path !== '/' && parentPath(path) === folder && nodeName(path) !== '');
}
