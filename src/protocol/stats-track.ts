/**
 * What quota znodes hold (`StatsTrack`): numbers by name, `count=5,bytes=-1=;byteHardLimit=-1;countHardLimit=-1`.
 * The equals sign after `bytes` makes readers that do not know hard limits stop there.
 */

/** Names that ZooKeeper uses: count, bytes, countHardLimit, byteHardLimit. Absent or −1: no limit. Java longs. */
export type StatsTrack = ReadonlyMap<string, bigint>;

const LONG_MIN = -(2n ** 63n);

/** Null if `text` is no such list. */
export function parseStatsTrack(text: string): StatsTrack | null {
  const track = new Map<string, bigint>();
  if (text === '') return track;
  for (const pair of javaSplit(text, /[,;]+/)) {
    const [name, value] = javaSplit(pair, '=');
    if (name === undefined || value === undefined || !/^([+-]?\d{1,19})?$/.test(value)) return null;
    const number = BigInt(value.replace('+', '') || '-1');
    if (number < LONG_MIN || number >= -LONG_MIN) return null;
    track.set(name, number);
  }
  return track;
}

/** As `java.lang.String.split`: empty parts at the end are dropped. */
function javaSplit(text: string, separator: string | RegExp): string[] {
  const parts = text.split(separator);
  while (parts.length > 1 && parts.at(-1) === '') parts.pop();
  return parts.length === 1 && parts[0] === '' && text !== '' ? [] : parts;
}

/** `StatsTrack.toString`: count and bytes always, the others where they are given, sorted. */
export function formatStatsTrack(track: StatsTrack): string {
  const others = [...track.keys()].filter((name) => name !== 'count' && name !== 'bytes').sort();
  const hard = others.map((name) => `;${name}=${track.get(name)}`).join('');
  return `count=${track.get('count') ?? -1n},bytes=${track.get('bytes') ?? -1n}${hard === '' ? '' : `=${hard}`}`;
}
