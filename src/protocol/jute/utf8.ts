/**
 * Text as the Java of ZooKeeper writes and reads it. `BinaryOutputArchive` encodes each UTF-16 code unit by
 * itself, so that a surrogate takes three bytes, alone or in a pair; reading is that of `String`, which puts
 * U+FFFD where bytes are no UTF-8, one for each of those three. So text with surrogates does not come back.
 */
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const SURROGATE = /[\ud800-\udfff]/;
const REPLACEMENT = [0xef, 0xbf, 0xbd] as const;

/** The bytes that `BinaryOutputArchive.writeString` puts behind the length. */
export function encodeJavaUtf8(text: string): Uint8Array {
  if (!SURROGATE.test(text)) return encoder.encode(text);
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      bytes[length++] = unit;
    } else if (unit < 0x800) {
      bytes[length++] = 0xc0 | (unit >> 6);
      bytes[length++] = 0x80 | (unit & 0x3f);
    } else {
      bytes[length++] = 0xe0 | (unit >> 12);
      bytes[length++] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[length++] = 0x80 | (unit & 0x3f);
    }
  }
  return bytes.slice(0, length);
}

/** What Java makes of `bytes` (`new String(bytes, UTF_8)`). Takes any bytes. */
export function decodeJavaUtf8(bytes: Uint8Array): string {
  return decoder.decode(hasSurrogate(bytes) ? withoutSurrogates(bytes) : bytes);
}

/** What a server reads where a Java client wrote `text`. */
export function throughJavaUtf8(text: string): string {
  return SURROGATE.test(text) ? text.replace(/[\ud800-\udfff]/g, '\ufffd') : text;
}

/** An ED with an A0 to BF behind it begins the three bytes of a surrogate, and nothing else. */
function isSurrogate(bytes: Uint8Array, at: number): boolean {
  const second = bytes[at + 1];
  return bytes[at] === 0xed && second !== undefined && second >= 0xa0 && second <= 0xbf;
}

function hasSurrogate(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0xed); at !== -1; at = bytes.indexOf(0xed, at + 1))
    if (isSurrogate(bytes, at)) return true;
  return false;
}

/** A surrogate, whole or cut short, becomes one U+FFFD, where the decoder would make one of each byte. */
function withoutSurrogates(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length * 2);
  let length = 0;
  for (let at = 0; at < bytes.length;) {
    if (isSurrogate(bytes, at)) {
      result.set(REPLACEMENT, length);
      length += REPLACEMENT.length;
      at += ((bytes[at + 2] ?? 0) & 0xc0) === 0x80 ? 3 : 2;
    } else {
      result[length++] = bytes[at++] ?? 0;
    }
  }
  return result.subarray(0, length);
}
