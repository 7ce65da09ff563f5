/** Inputs that are much like good ones, and what is made of an input measured. */
import fc from 'fast-check';

/** Characters and words on which parsers turn. */
const PIECES = [
  '',
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\\',
  '\n',
  '@',
  '-1',
  '1e999',
  'null',
  '\u0000',
  '\ud800',
  '__proto__',
];

/** One of the texts with a few pieces cut out, put twice or replaced. */
export function likeTexts(texts: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 3 }));
  const change = fc.tuple(fc.nat(), fc.nat(12), piece, fc.boolean());
  return fc.tuple(fc.constantFrom(...texts), fc.array(change, { maxLength: 4 })).map(([text, changes]) =>
    changes.reduce((whole, [place, length, put, twice]) => {
      const at = place % (whole.length + 1);
      return whole.slice(0, at) + put + whole.slice(twice ? Math.max(0, at - length) : at + length);
    }, text),
  );
}

/** Some of the bytes of one of the files changed, cut off or put twice. */
export function likeBytes(files: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(
    fc.nat(),
    fc.constantFrom(0, 1, 0x7f, 0x80, 0xed, 0xff),
    fc.constantFrom('set', 'cut', 'twice'),
  );
  return fc.tuple(files, fc.array(change, { minLength: 1, maxLength: 6 })).map(([file, changes]) => {
    let bytes = file.slice();
    for (const [place, byte, how] of changes) {
      const at = bytes.length === 0 ? 0 : place % bytes.length;
      if (how === 'set') bytes[at] = byte;
      else if (how === 'cut') bytes = bytes.slice(0, at);
      else bytes = Uint8Array.of(...bytes.subarray(0, at + 16), ...bytes.subarray(at));
    }
    return bytes;
  });
}

/** Bytes that a value takes, about: two a character, eight a number or a reference, 32 an object. */
export function weight(value: unknown): number {
  let sum = 0;
  const seen = new Set<object>();
  const rest: unknown[] = [value];
  while (rest.length > 0) {
    const each = rest.pop();
    sum += 8;
    if (typeof each === 'string') sum += 2 * each.length;
    if (typeof each !== 'object' || each === null || seen.has(each)) continue;
    seen.add(each);
    sum += 32;
    if (ArrayBuffer.isView(each)) sum += each.byteLength;
    else if (each instanceof Map) rest.push(...each.keys(), ...each.values());
    else if (each instanceof Set) rest.push(...each.values());
    else for (const part of Object.values(each)) rest.push(part);
  }
  return sum;
}
