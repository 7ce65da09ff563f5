/** Text as Java writes and reads it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeJavaUtf8, encodeJavaUtf8, throughJavaUtf8 } from '../../../src/protocol/jute/utf8.ts';
import { fromHex, toHex } from '../../../src/protocol/wire/index.ts';

test.each([
  ['plain text', 'a/b', '612f62'],
  ['two and three bytes', 'ü☃', 'c3bce29883'],
  ['a lone surrogate', 'a\ud800b', '61eda08062'],
  ['a pair is two of them, not four bytes', '😀', 'eda0bdedb880'],
])('written: %s', (_, text, hex) => {
  expect(toHex(encodeJavaUtf8(text))).toBe(hex);
});

test.each([
  ['a surrogate becomes one mark', '61eda08062', 'a\ufffdb'],
  ['so does each of a pair', 'eda0bdedb880', '\ufffd\ufffd'],
  ['four bytes are one character', 'f09f9880', '😀'],
  ['a surrogate cut short', 'eda0', '\ufffd'],
  ['a surrogate of which the last byte is another’s', 'eda041', '\ufffdA'],
  ['bytes that begin nothing', '80ff', '\ufffd\ufffd'],
  ['an overlong slash', 'c0af', '\ufffd\ufffd'],
  ['text cut short', 'e298', '\ufffd'],
  ['a byte order mark is text', 'efbbbf61', '\ufeffa'],
  ['the last character before the surrogates', 'ed9fbf', '\ud7ff'],
])('read: %s', (_, hex, text) => {
  expect(decodeJavaUtf8(fromHex(hex))).toBe(text);
});

test('any text comes back with its surrogates replaced', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
      (text) => {
        expect(decodeJavaUtf8(encodeJavaUtf8(text))).toBe(throughJavaUtf8(text));
      },
    ),
    { seed: 5, numRuns: 500 },
  );
});

test('any bytes are text, of no more characters than bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect(decodeJavaUtf8(bytes).length).toBeLessThanOrEqual(bytes.length);
    }),
    { seed: 6, numRuns: 1000 },
  );
});
