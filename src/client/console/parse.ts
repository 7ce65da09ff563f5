/** From a typed line to its words, as `ZooKeeperMain.MyCommandOptions.parseCommand` cuts them. */

// A word ends at white space; a quote counts only where a word begins. A quote that is never closed is skipped.
const WORD = /[ \t\n\v\f\r]*([^"'][^ \t\n\v\f\r]*|"[^"]*"|'[^']*')[ \t\n\v\f\r]*/g;
const BLANK = /^[ \t\n\v\f\r]*$/;

/** The words of a line, without their quotes; none for a blank line, or for one with nothing but a quote that is never closed. */
export function splitLine(line: string): readonly string[] {
  if (isBlank(line)) return [];
  return [...line.matchAll(WORD)].map(([, word = '']) => (/^(["'])[^]*\1$/.test(word) ? word.slice(1, -1) : word));
}

export function isBlank(line: string): boolean {
  return BLANK.test(line);
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
