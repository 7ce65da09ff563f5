/** Names of logs and snapshots as people give them, without folders. */
import { parseZxid, type Zxid } from '../../protocol/zxid.ts';

/** What a name such as `log.100000001`, `snapshot.0` or `snapshot.5.gz` says; null for any other name. */
export function parseFileName(name: string): { readonly kind: 'log' | 'snapshot'; readonly zxid: Zxid } | null {
  const [, kind, number] = /^(log|snapshot)\.([0-9a-f]{1,16})(?:\.gz|\.snappy)?$/.exec(name) ?? [];
  const zxid = number === undefined ? null : parseZxid(`0x${number}`);
  return zxid === null || zxid < 0 ? null : { kind: kind === 'log' ? 'log' : 'snapshot', zxid };
}
