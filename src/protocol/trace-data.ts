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
  const groups: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const triple = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const digit = (shift: number): string => BASE64.charAt((triple >> shift) & 63);
    groups.push(digit(18) + digit(12) + (left > 1 ? digit(6) : '=') + (left > 2 ? digit(0) : '='));
  }
  return groups.join('');
}

const DIGITS = new Map([...BASE64].map((digit, value) => [digit.charCodeAt(0), value]));

/** Standard base64 with padding. Also of texts so long that an expression with groups in it would run out of stack. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** The bytes of standard base64 with padding; null if `text` is not that. */
export function fromBase64(text: string): Uint8Array | null {
  if (!isBase64(text)) return null;
  const digits = text.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  const digit = (i: number): number => DIGITS.get(digits.charCodeAt(i)) ?? 0;
  for (let i = 0, at = 0; at < bytes.length; i += 4) {
    const triple = (digit(i) << 18) | (digit(i + 1) << 12) | (digit(i + 2) << 6) | digit(i + 3);
    for (let shift = 16; shift >= 0 && at < bytes.length; shift -= 8) bytes[at++] = (triple >> shift) & 255;
  }
  return bytes;
}
