/**
 * The options of a command line, taken as zkCli's parser takes them: `DefaultParser` of commons-cli 1.5.0.
 * Options may stand anywhere and be repeated; the first value counts. Refusals are the lines that zkCli
 * prints, the name of the exception included (`CliParseException`).
 */
export interface Option {
  /** Without the hyphen. */
  readonly name: string;
  readonly takesValue?: true;
  readonly says: string;
}

export interface OptionSpec {
  readonly options: readonly Option[];
  /** At most one of the options may be given (`OptionGroup`); `required`: exactly one. */
  readonly group?: 'optional' | 'required';
}

export type ParsedOptions =
  | {
      readonly ok: true;
      /** Name → value, '' for a flag. */
      readonly options: ReadonlyMap<string, string>;
      /** The other words; the command is the first. */
      readonly args: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

const EXCEPTIONS = 'org.apache.commons.cli';

/** Takes the options out of `words`: `-se` is `-s -e`, `-v3`, `-v=3` and `-v 3` are the same, and `--` ends them. */
export function parseOptions(words: readonly string[], spec: OptionSpec): ParsedOptions {
  const parser = new Parser(spec);
  const reason = parser.parse(words);
  return reason === null ? { ok: true, options: parser.taken, args: parser.args } : { ok: false, reason };
}

class Parser {
  readonly #spec: OptionSpec;
  readonly taken = new Map<string, string>();
  readonly args: string[] = [];
  /** The option that waits for its value. */
  #open: Option | null = null;
  /** The option of the group that was given. */
  #chosen: string | null = null;

  constructor(spec: OptionSpec) {
    this.#spec = spec;
  }

  /** What is wrong with `words`, or null. */
  parse(words: readonly string[]): string | null {
    for (const [at, word] of words.entries()) {
      if (word === '--') {
        this.args.push(...words.slice(at + 1));
        break;
      }
      const reason = this.#word(word);
      if (reason !== null) return reason;
    }
    if (this.#open) return missingArgument(this.#open);
    if (this.#spec.group === 'required' && this.#chosen === null) {
      const all = this.#spec.options.map(({ name, says }) => `-${name} ${says}`).join(', ');
      return `${EXCEPTIONS}.MissingOptionException: Missing required option: [${all}]`;
    }
    return null;
  }

  #word(word: string): string | null {
    if (this.#open && this.#isValue(word)) {
      this.#give(stripQuotes(word));
      return null;
    }
    if (!word.startsWith('-') || word === '-') {
      this.args.push(word);
      return null;
    }
    return word.startsWith('--') ? unrecognized(word) : this.#options(word);
  }

  /** `-name`, `-n=value`, or letters in a row, of which the last may be followed by its value. */
  #options(word: string): string | null {
    const text = word.slice(1);
    const whole = this.#option(text);
    if (whole) return this.#take(whole);
    const equals = text.indexOf('=');
    if (equals >= 0) {
      const option = equals === 1 ? this.#option(text.charAt(0)) : null;
      if (!option?.takesValue) return unrecognized(word);
      return this.#take(option) ?? this.#give(text.slice(equals + 1));
    }
    for (let at = 0; at < text.length; at++) {
      const option = this.#option(text.charAt(at));
      if (!option) return unrecognized(word);
      const reason = this.#take(option);
      if (reason !== null) return reason;
      if (this.#open && at + 1 < text.length) return this.#give(text.slice(at + 1));
    }
    return null;
  }

  #take(option: Option): string | null {
    if (this.#open) return missingArgument(this.#open);
    const { name } = option;
    if (this.#spec.group !== undefined && this.#chosen !== null && this.#chosen !== name) {
      return (
        `${EXCEPTIONS}.AlreadySelectedException: The option '${name}' was specified ` +
        `but an option from this group has already been selected: '${this.#chosen}'`
      );
    }
    this.#chosen = name;
    if (option.takesValue) this.#open = option;
    else this.taken.set(name, '');
    return null;
  }

  #give(value: string): null {
    const name = this.#open?.name;
    if (name !== undefined && !this.taken.has(name)) this.taken.set(name, value);
    this.#open = null;
    return null;
  }

  /** Whatever is no option of the command; a word like `-NaN` is a number first. */
  #isValue(word: string): boolean {
    if (!word.startsWith('-') || word === '-' || word.trim() === '-NaN') return true;
    const [name = ''] = word.slice(1).split('=', 1);
    return !this.#option(withoutHyphens(name)) && !this.#option(withoutHyphens(name.charAt(0)));
  }

  #option(name: string): Option | null {
    return this.#spec.options.find((option) => option.name === name) ?? null;
  }
}

function unrecognized(word: string): string {
  return `${EXCEPTIONS}.UnrecognizedOptionException: Unrecognized option: ${word}`;
}
function missingArgument({ name }: Option): string {
  return `${EXCEPTIONS}.MissingArgumentException: Missing argument for option: ${name}`;
}
function withoutHyphens(text: string): string {
  return text.replace(/^--?/, '');
}
/** Of a word that the shell's own quotes have left its double quotes. */
function stripQuotes(word: string): string {
  return /^"[^"]*"$/.test(word) && word.length > 1 ? word.slice(1, -1) : word;
}

/** The options with what they say, sorted, as `HelpFormatter.printOptions` prints them. */
export function optionLines(options: readonly Option[]): readonly string[] {
  const rows = [...options]
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
    .map(({ name, takesValue, says }) => [` -${name}${takesValue ? ' <arg>' : ''}`, says] as const);
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, says]) => `${left.padEnd(width)}   ${says}`);
}
