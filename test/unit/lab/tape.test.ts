/** Tapes: what is written is read, whatever plain data it is. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readWritten, TapeReader, TapeWriter, type Tape } from '../../../src/lab/tape/index.ts';

/** Through a structured clone, as between threads. */
function posted(tape: Tape): Tape {
  return structuredClone(tape);
}

const plain = fc.letrec((again) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(
      null,
      undefined,
      true,
      false,
      0,
      -0,
      -1,
      2 ** 28 - 1,
      2 ** 28,
      -(2 ** 28),
      -(2 ** 63),
      Infinity,
      NaN,
    ),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.nat({ max: 2 ** 40 }).map((n) => n / 1000),
    fc.string(),
    fc.bigInt(),
    fc.uint8Array(),
    fc.array(again('value')),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      again('value'),
      { noNullPrototype: true },
    ),
  ),
})).value;

test('what was written on a row of tapes is read from them, values, keys and their order', () => {
  fc.assert(
    fc.property(fc.array(fc.array(plain)), (tapes) => {
      const writer = new TapeWriter();
      const reader = new TapeReader();
      for (const values of tapes) {
        for (const value of values) writer.write(value);
        const read = reader.read(posted(writer.take()));
        expect(read).toStrictEqual(values);
        expect(JSON.stringify(read, digits)).toBe(JSON.stringify(values, digits));
      }
    }),
  );
});

function digits(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

test('bytes that are a part of a larger buffer come alone', () => {
  const writer = new TapeWriter();
  writer.write({ data: new Uint8Array([1, 2, 3, 4, 5, 6]).subarray(1, 5) });
  expect(new TapeReader().read(posted(writer.take()))).toStrictEqual([{ data: new Uint8Array([2, 3, 4, 5]) }]);
});

test('keys and strings are told once', () => {
  const writer = new TapeWriter();
  writer.write({ path: '/a' });
  expect(writer.take()).toMatchObject({ strings: ['/a'], shapes: [['path']] });
  writer.write([{ path: '/a' }, { path: '/b' }]);
  expect(writer.take()).toMatchObject({ strings: ['/b'], shapes: [] });
});

test('a writer forgets strings when there are many; what it wrote before stays readable', () => {
  const writer = new TapeWriter();
  const reader = new TapeReader();
  const many = Array.from({ length: 10_000 }, (_, i) => `/node-${i}`);
  writer.write(many);
  const early = reader.take(posted(writer.take()));
  writer.write('/node-1');
  const late = writer.take();
  expect(late).toMatchObject({ fresh: true, strings: ['/node-1'] });
  expect(reader.read(posted(late))).toEqual(['/node-1']);
  expect(readWritten(early)).toEqual([many]);
});

test('what is no plain data is refused', () => {
  const writer = new TapeWriter();
  expect(() => writer.write(new Map())).toThrow('only plain objects are plain data');
  expect(() => writer.write(() => 0)).toThrow('a function is no plain data');
});
