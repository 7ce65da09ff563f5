/** Adler-32 (RFC 1950, section 8.2), the checksum of logs and snapshots. */

const MODULUS = 65521;
/** How many bytes can be added before a sum of 32 bits could overflow. */
const RUN = 5552;

/** The checksum of `bytes`, from 0 to 2^32 − 1; `before`: that of the bytes in front of them. */
export function adler32(bytes: Uint8Array, before = 1): number {
  let a = before % 65536;
  let b = Math.floor(before / 65536);
  for (let start = 0; start < bytes.length; start += RUN) {
    const end = Math.min(start + RUN, bytes.length);
    for (let i = start; i < end; i++) {
      a += bytes[i] ?? 0;
      b += a;
    }
    a %= MODULUS;
    b %= MODULUS;
  }
  return b * 65536 + a;
}
