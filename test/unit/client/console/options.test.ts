/** Options against what the real parser made of the same words: commons-cli.json was written by commons-cli 1.5.0. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findCommand } from '../../../../src/client/console/commands.ts';
import { optionLines, parseOptions } from '../../../../src/client/console/options.ts';

interface Case {
  readonly words: readonly string[];
  readonly options?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly reason?: string;
}
const cases = JSON.parse(readFileSync(new URL('./commons-cli.json', import.meta.url), 'utf8')) as readonly Case[];

describe('options', () => {
  it('are taken as DefaultParser takes them', () => {
    expect(cases.length).toBeGreaterThan(200);
    for (const { words, options, args, reason } of cases) {
      const parsed = parseOptions(words, findCommand(words[0]!)!);
      const got = parsed.ok ? { options: Object.fromEntries(parsed.options), args: parsed.args } : parsed.reason;
      expect(got, words.join(' ')).toEqual(reason ?? { options, args });
    }
  });

  it('a hyphen before an equals sign is no option', () => {
    // DefaultParser itself fails here.
    expect(parseOptions(['set', '-=x'], findCommand('set')!)).toEqual({
      ok: false,
      reason: 'org.apache.commons.cli.UnrecognizedOptionException: Unrecognized option: -=x',
    });
  });

  it('are listed sorted, with what they say', () => {
    expect(optionLines(findCommand('set')!.options)).toEqual([
      ' -b         Supply data in base64 format',
      ' -s         Print znode stats additionally',
      ' -v <arg>   Set with an expected version',
    ]);
  });
});
