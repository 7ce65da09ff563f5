/** Pure parts of the console: words and options of a line, dates, prompt, completion; arguments of operations. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { complete, formatDate, prompt, quote, splitLine } from '../../../src/client/index.ts';
import { errorLine, pathLine } from '../../../src/client/console/format.ts';
import { ERROR_CODES, type KeeperError } from '../../../src/protocol/errors.ts';
import { sid } from '../../../src/protocol/ids.ts';
import { validatePath } from '../../../src/protocol/paths.ts';
import { fromBase64, toBase64 } from '../../../src/protocol/trace-data.ts';

describe('words of a line', () => {
  it.each([
    ['', []],
    [' \t ', []],
    ['ls /', ['ls', '/']],
    ['  ls   /  ', ['ls', '/']],
    ['set /a "two words" -s', ['set', '/a', 'two words', '-s']],
    ['set /a \'say "x"\'', ['set', '/a', 'say "x"']],
    ['set /a ""', ['set', '/a', '']],
    ['set /a b"c d"', ['set', '/a', 'b"c', 'd"']],
    ['get "/a', ['get', '/a']],
  ])('%j', (line, words) => {
    expect(splitLine(line)).toEqual(words);
  });

  it('splitLine(quote(words)) gives the words', () => {
    const word = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.constantFrom('', ' ', '"', "'", 'a "b'),
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        const line = quote(words);
        if (line === null) expect(words.some((one) => one.includes('"') && one.includes("'"))).toBe(true);
        else expect(splitLine(line)).toEqual(words);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("zkCli's words", () => {
  it.each([
    [0, 'Thu Jan 01 00:00:00 UTC 1970'],
    [951_827_696_789, 'Tue Feb 29 12:34:56 UTC 2000'],
    [1_767_225_600_000, 'Thu Jan 01 00:00:00 UTC 2026'],
  ])('the date %i', (ms, text) => {
    expect(formatDate(ms)).toBe(text);
  });

  it('a date is what the calendar says', () => {
    fc.assert(
      fc.property(fc.integer({ min: -6e13, max: 2e14 }), (ms) => {
        const [, day, date, month, year, time] = /^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/.exec(
          new Date(ms).toUTCString(),
        )!;
        expect(formatDate(ms)).toBe(`${day} ${month} ${date} ${time} UTC ${Number(year)}`);
      }),
    );
  });

  it('the prompt', () => {
    expect(prompt('CONNECTED', [sid(1), sid(2), sid(3)], 0)).toBe('[zk: s1,s2,s3(CONNECTED) 0] ');
    expect(prompt('EXPIRED', [sid(2)], 12)).toBe('[zk: s2(CLOSED) 12] ');
  });

  it('every error has a line', () => {
    for (const code of Object.keys(ERROR_CODES)) {
      if (code !== 'OK') expect(errorLine(code as KeeperError, '/a')).toMatch(/\w.*(\/a|\(yet\)|and synced)$/);
    }
    expect(errorLine('SESSIONEXPIRED', '/a')).toBe('KeeperErrorCode = Session expired for /a');
    expect(errorLine('RECONFIGDISABLED', '')).toBe('KeeperErrorCode = Reconfig is disabled');
    expect(errorLine('NOAUTH', '')).toBe('Insufficient permission : ');
    expect(errorLine('CONNECTIONLOSS', null)).toBe('KeeperErrorCode = ConnectionLoss');
  });

  it('client.arguments: a path is refused in words exactly when it is no path', () => {
    const path = fc.array(fc.constantFrom('/', '.', 'a', '\0', '\u0001', '\ud800', '\uffff', '-'), { maxLength: 6 });
    fc.assert(
      fc.property(path, fc.boolean(), (letters, sequential) => {
        const text = letters.join('');
        expect(pathLine(text, sequential) === null).toBe(validatePath(text, sequential) === null);
        expect(pathLine(text, sequential)?.endsWith('its form')).not.toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('completion', () => {
  const context = { paths: ['/', '/a', '/app', '/app/x', '/app/y', '/b'], servers: [sid(1), sid(2)] };
  it.each([
    ['', ['addWatch', 'addauth']],
    ['del', ['delete', 'deleteall', 'delquota']],
    ['ls /a', ['/a', '/app']],
    ['ls /app/', ['/app/x', '/app/y']],
    ['ls -w /', ['/a', '/app', '/b']],
    ['ls -', ['-?', '-R', '-s', '-w']],
    ['ls -w -', ['-?', '-R', '-s']],
    ['create -', ['-c', '-e', '-s', '-t']],
    ['create -t /', []],
    ['create -t 5 /b', ['/b']],
    ['addWatch -m P', ['PERSISTENT', 'PERSISTENT_RECURSIVE']],
    ['addWatch -m PERSISTENT /b', ['/b']],
    ['setAcl /a w', ['world:anyone:cdrwa', 'world:anyone:r']],
    ['addauth ', ['digest']],
    ['reconfig -', ['-add', '-file', '-members', '-remove', '-s', '-v']],
    ['connect s', ['s1', 's2']],
    ['printwatches o', ['off', 'on']],
    ['nothing /', []],
  ])('%j', (line, candidates) => {
    const completion = complete(line, line.length, context);
    expect(completion.candidates.slice(0, line === '' ? 2 : undefined)).toEqual(candidates);
    expect(completion.to).toBe(line.length);
  });

  it('replaces the word before the cursor', () => {
    expect(complete('ls /ap -w', 6, context)).toEqual({ from: 3, to: 6, candidates: ['/app'] });
  });
});

describe('base64', () => {
  it('there and back', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void expect(fromBase64(toBase64(bytes))).toEqual(bytes)));
    for (const bad of ['a', 'a===', 'ab=c', '????']) expect(fromBase64(bad)).toBeNull();
  });
});
