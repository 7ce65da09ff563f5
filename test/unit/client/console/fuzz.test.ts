/** Whatever is typed: an error line or a request, never an exception, never a shell that hangs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitLine } from '../../../../src/client/index.ts';
import { COMMANDS } from '../../../../src/client/console/commands.ts';
import { shell } from './server.ts';

const OPTIONS = [...new Set(COMMANDS.flatMap(({ options }) => options.map(({ name }) => `-${name}`)))];
const WORDS = [
  '/',
  '/a',
  '/a/b',
  '/no',
  'a',
  '/a/',
  '/a//b',
  '/zookeeper/quota/a',
  '0',
  '3',
  '-1',
  '99999999999',
  'on',
];
const ODD = [
  '-',
  '--',
  '-=',
  '-v3',
  '-n=5',
  '"',
  "'",
  '"a b"',
  "'-s'",
  '""',
  's2',
  's1,s3',
  'world:anyone:r',
  'x:y',
  ',',
];

const command = fc.constantFrom(...COMMANDS.map(({ name }) => name), 'help', 'multi', '');
const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 3, arbitrary: fc.constantFrom(...OPTIONS) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
);
const likely = fc.tuple(command, fc.array(word, { maxLength: 5 })).map(([name, rest]) => [name, ...rest].join(' '));
/** A line with one piece cut out, put twice, or replaced. */
const mutated = fc
  .tuple(likely, fc.nat(), fc.nat(6), fc.string({ unit: 'binary', maxLength: 3 }))
  .map(([line, at, length, piece]) => {
    const from = at % (line.length + 1);
    return line.slice(0, from) + piece + line.slice(from + length);
  });
const anything = fc.string({ unit: 'binary', maxLength: 40 });
const line = fc.oneof(
  { weight: 3, arbitrary: likely },
  { weight: 2, arbitrary: mutated },
  { weight: 1, arbitrary: anything },
);

/** These may have nothing to say when all is well. */
const SILENT = ['printwatches', 'connect', 'redo', 'create'];

describe('any line', () => {
  it('is answered by output or a call', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const { rig } = shell();
        for (const text of lines) {
          const before = rig.events.length;
          const { conn } = rig;
          rig.type(text);
          if (rig.exited !== null) return;
          if (rig.conn !== conn) {
            rig.connected();
            rig.accept();
          }
          const kinds = rig.events.slice(before).map(({ body }) => body.kind);
          const [name] = splitLine(text);
          if (text.trim() === '' || name === undefined || SILENT.includes(name)) continue;
          expect(
            kinds.some((kind) => kind === 'console-output' || kind === 'call'),
            JSON.stringify(text),
          ).toBe(true);
        }
        // It still listens.
        const answered = rig.type('nonsense');
        expect(answered.at(-1)).toBe('Command not found nonsense');
      }),
      { numRuns: 400 },
    );
  });

  it('waits for its answers, and ends with the connection', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 4 }), (lines) => {
        const { rig } = shell();
        rig.server = null;
        for (const text of lines) rig.type(text);
        if (rig.exited !== null) return;
        rig.type('close');
        rig.after(60_000);
        const returned = rig.of('returned').length;
        // What was asked is answered, at the latest by the end of the handle.
        expect(rig.of('call').length - returned).toBeLessThanOrEqual(1);
      }),
      { numRuns: 200 },
    );
  });

  it('of the greatest length is cut into words without delay', () => {
    for (const piece of ['" ', "' ", ' ', 'a ', '"a', '-s ']) {
      const text = piece.repeat(30_000);
      const before = performance.now();
      splitLine(text);
      expect(performance.now() - before, piece).toBeLessThan(3000);
    }
  });
});
