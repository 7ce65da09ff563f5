/** Completion of a zkCli line for the interface: commands, options, paths of znodes, servers, words of a command. */
import { serverName, type Sid } from '../../protocol/ids.ts';
import { nodeName, parentPath } from '../../protocol/znode.ts';
import { COMMANDS, isCommand, type CommandName } from './commands.ts';

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
    .sort();
  return { from, to: before.length, candidates };
}

function candidatesFor(words: readonly string[], word: string, context: CompletionContext): string[] {
  const [name] = words;
  if (name === undefined) return [...Object.keys(COMMANDS), 'help'];
  if (!isCommand(name)) return [];
  if (word.startsWith('-')) return optionsOf(name).filter((option) => !words.includes(option));
  if (name === 'connect') return context.servers.map((server) => serverName(server));
  if (name === 'printwatches') return ['on', 'off'];
  return word.startsWith('/') ? childrenLike(word, context.paths) : [];
}

/** The letters that this release knows. */
function optionsOf(name: CommandName): string[] {
  const { flags, valued } = COMMANDS[name];
  const later = name === 'create' ? 'ct' : '';
  return [...flags, ...valued].filter((letter) => !later.includes(letter)).map((letter) => `-${letter}`);
}

/** The znodes of the folder that `word` stands in; `/a/` stands in `/a`. */
function childrenLike(word: string, paths: Iterable<string>): string[] {
  const slash = word.lastIndexOf('/');
  const folder = slash === 0 ? '/' : word.slice(0, slash);
  return [...paths].filter((path) => path !== '/' && parentPath(path) === folder && nodeName(path) !== '');
}
