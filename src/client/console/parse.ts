/**
 * From a typed line to words and options: the words as `ZooKeeperMain.MyCommandOptions.parseCommand`
 * cuts them, the options as zkCli's option parser (`DefaultParser` of commons-cli) takes them.
 */

// A word ends at white space; a quote counts only where a word begins. A quote that is never closed is skipped.
const WORD = /[ \t\n\v\f\r]*([^"'][^ \t\n\v\f\r]*|"[^"]*"|'[^']*')[ \t\n\v\f\r]*/g;
const BLANK = /^[ \t\n\v\f\r]*$/;

/** The words of a line, without their quotes; none for a blank line. */
export function splitLine(line: string): readonly string[] {
  if (BLANK.test(line)) return [];
  return [...line.matchAll(WORD)].map(([, word = '']) => (/^(["'])[^]*\1$/.test(word) ? word.slice(1, -1) : word));
}

/**
 * A line that {@link splitLine} cuts into exactly `words`; null if there is none: no words, or one
 * that needs quotes and has both kinds in it.
 */
export function quote(words: readonly string[]): string | null {
  if (words.length === 0) return null;
  const quoted = words.map((word) => {
    if (word !== '' && !/[ \t\n\v\f\r]/.test(word) && !/^["']/.test(word)) return word;
    if (!word.includes('"')) return `"${word}"`;
    return word.includes("'") ? null : `'${word}'`;
  });
  return quoted.includes(null) ? null : quoted.join(' ');
}

/** Option letters of a command: with a value, or without. */
export interface OptionSpec {
  readonly flags: string;
  readonly valued: string;
}

export type ParsedOptions =
  | {
      readonly ok: true;
      /** Letter → value, '' for a flag. */
      readonly options: ReadonlyMap<string, string>;
      /** The other words; the command is the first. */
      readonly args: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

/** Takes the options out of `words`, wherever they stand; `-se` is `-s -e`, `-v3` is `-v 3`, and `--` ends them. */
export function parseOptions(words: readonly string[], spec: OptionSpec): ParsedOptions {
  const options = new Map<string, string>();
  const args: string[] = [];
  const isOption = (word: string) =>
    word.startsWith('-') && word.length > 1 && (spec.flags + spec.valued).includes(word.charAt(1));
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') {
      args.push(...words.slice(at + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      args.push(word);
      continue;
    }
    for (let letterAt = 1; letterAt < word.length; letterAt++) {
      const letter = word.charAt(letterAt);
      if (spec.flags.includes(letter)) {
        options.set(letter, '');
        continue;
      }
      if (!spec.valued.includes(letter)) return { ok: false, reason: `Unrecognized option: ${word}` };
      const rest = word.slice(letterAt + 1);
      const next = words[at + 1];
      // A negative number is a value, not an option.
      const value = rest !== '' ? rest : next !== undefined && !isOption(next) && next !== '--' ? next : null;
      if (value === null) return { ok: false, reason: `Missing argument for option: ${letter}` };
      if (rest === '') at++;
      options.set(letter, value.startsWith('=') ? value.slice(1) : value);
      break;
    }
  }
  return { ok: true, options, args };
}
