/** Words and numbers as the stage prints them. Pure. */
import { counterOf, formatZxid, type Zxid } from '../../protocol/zxid.ts';

/** `2.317 s` */
export function instantWords(t: number): string {
  return `${(t / 1000).toFixed(3)} s`;
}

/** `0x200000007` as `…07`: the last two hex digits, which is what differs in one view. */
export function shortZxid(zxid: Zxid): string {
  return zxid < 0 ? '?' : `…${(counterOf(zxid) % 256).toString(16).padStart(2, '0')}`;
}

export function longZxid(zxid: Zxid): string {
  return zxid < 0 ? 'no zxid' : formatZxid(zxid);
}

/** `67 B`, `64 KiB`, `1.5 MiB` */
export function bytesWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const kib = bytes / 1024;
  return kib < 1024 ? `${Number(kib.toFixed(1))} KiB` : `${Number((kib / 1024).toFixed(1))} MiB`;
}

/** `6 s`, `1.5 s`, `800 ms` */
export function durationWords(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}
