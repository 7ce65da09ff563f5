/** Bytes of a znode as trace events carry them: text where the bytes are text, else base64. */
import type { TraceData } from './events.ts';
import type { ZnodeData } from './znode.ts';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
// A byte order mark is a character of the data like any other: it must survive the way back.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Valid UTF-8 becomes a string, other bytes `{ base64 }`, null stays null. */
export function toTraceData(data: ZnodeData): TraceData {
  if (data === null) return null;
  try {
    return utf8.decode(data);
  } catch {
    return { base64: toBase64(data) };
  }
}

/** Standard base64 with padding (RFC 4648, section 4). */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = bytes.subarray(i, i + 3);
    const digits = [a >> 2, ((a & 3) << 4) | ((b ?? 0) >> 4), (((b ?? 0) & 15) << 2) | ((c ?? 0) >> 6), (c ?? 0) & 63];
    text += digits
      .map((digit) => BASE64[digit])
      .join('')
      .slice(0, b === undefined ? 2 : c === undefined ? 3 : 4);
    text += b === undefined ? '==' : c === undefined ? '=' : '';
  }
  return text;
}

/** The bytes of standard base64 with padding; null if `text` is not that. */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  const digits = [...text.replace(/=+$/, '')].map((digit) => BASE64.indexOf(digit));
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  for (let i = 0, at = 0; at < bytes.length; i += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = digits.slice(i, i + 4);
    const triple = (a << 18) | (b << 12) | (c << 6) | d;
    for (let shift = 16; shift >= 0 && at < bytes.length; shift -= 8) bytes[at++] = (triple >> shift) & 255;
  }
  return bytes;
}
