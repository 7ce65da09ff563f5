/** What a server's disk holds, read from its files as they are: independent of the engine's own recovery. */
import { JuteReader } from '../../protocol/jute/codec.ts';
import { fileHeader } from '../../protocol/jute/records.ts';
import { decodeTxn } from '../../protocol/jute/txn.ts';
import { formatZxid, type Zxid } from '../../protocol/zxid.ts';

export interface DiskFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** `[first zxid, last zxid, kind of transaction]` */
type Run = readonly [string, string, string];

/** As the recordings of ensembles write it; without the snapshots, of which an engine may have others. */
export interface DiskSummary {
  readonly acceptedEpoch: string | null;
  readonly currentEpoch: string | null;
  readonly lastLogged: string;
  readonly log: readonly Run[];
}

export function summarizeDisk(files: readonly DiskFile[]): DiskSummary {
  const text = (name: string): string | null => {
    const file = files.find((each) => each.name.endsWith(`/${name}`));
    return file ? new TextDecoder().decode(file.bytes) : null;
  };
  const entries = files
    .filter(({ name }) => /\/log\.[0-9a-f]+$/.test(name))
    .map((file) => ({ first: Number.parseInt(file.name.slice(file.name.lastIndexOf('.') + 1), 16), file }))
    .sort((a, b) => a.first - b.first)
    .flatMap(({ file }) => [...logEntries(file.bytes)]);
  const log: [Zxid, Zxid, string][] = [];
  for (const { zxid, kind } of entries) {
    const run = log.at(-1);
    if (run && run[2] === kind && run[1] + 1 === zxid) run[1] = zxid;
    else log.push([zxid, zxid, kind]);
  }
  return {
    acceptedEpoch: text('acceptedEpoch'),
    currentEpoch: text('currentEpoch'),
    lastLogged: formatZxid(entries.at(-1)?.zxid ?? (0 as Zxid)),
    log: log.map(([first, last, kind]) => [formatZxid(first), formatZxid(last), kind]),
  };
}

/** Up to the file's padding, or where it breaks off. */
function* logEntries(bytes: Uint8Array): Generator<{ readonly zxid: Zxid; readonly kind: string }> {
  const input = new JuteReader(bytes);
  fileHeader.read(input);
  while (input.remaining > 12) {
    input.uint64();
    const length = input.int32();
    if (length <= 0 || length >= input.remaining) return;
    const { header, txn } = decodeTxn(input.raw(length));
    input.int8();
    yield { zxid: header.zxid, kind: txn.type };
  }
}
