/** How long a server takes to start on a large log: its first step, beside a walk over the log that only adds checksums. */
import { adler32, createServer, MemoryDisk, presetDisk, type DiskContent } from '../../engine/index.ts';
import { NO_SESSION, RefSource, sid, type EventRef } from '../../protocol/ids.ts';
import { virtualTime, WALL_CLOCK_EPOCH_MS } from '../../protocol/time.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import { OPEN_ACL_UNSAFE } from '../../protocol/znode.ts';
import { makeZxid } from '../../protocol/zxid.ts';
import type { Benchmark } from './benchmark.ts';
import { interleaved, rounded, seconds } from './measure.ts';
import { ensemble } from './workload.ts';

export interface RecoveryFigures {
  readonly megabytes: number;
  readonly transactions: number;
  /** Wall seconds. */
  readonly seconds: number;
  readonly megabytesPerSecond: number;
  /** Of the walk. */
  readonly barePerSecond: number;
  /** megabytesPerSecond / barePerSecond */
  readonly share: number;
}

const MEGABYTES = 100;
const DATA_BYTES = 1000;
/** Around the data: checksum, lengths, header, path, version. */
const AROUND_BYTES = 75;
const ZNODES = 1000;

export const recovery: Benchmark = {
  name: 'recovery',
  says: 'a restart on a log of 100 MB, beside checksums of the same bytes',
  async run({ scale, turns }) {
    const figures: RecoveryFigures[] = [];
    for (const share of [0.25, 0.5, 1]) figures.push(await measure(share * scale * MEGABYTES, turns));
    return {
      figures,
      lines: figures.map(
        ({ megabytes, transactions, seconds: wall, megabytesPerSecond, barePerSecond }) =>
          `${megabytes} MB, ${transactions} transactions: ${wall} s, ${megabytesPerSecond} MB/s; checksums alone ${barePerSecond} MB/s`,
      ),
    };
  },
};

async function measure(wanted: number, turns: number): Promise<RecoveryFigures> {
  const transactions = Math.max(2 * ZNODES, Math.round((wanted * 1e6) / (DATA_BYTES + AROUND_BYTES)));
  const disk = serverDisk(transactions);
  const log = disk.files.find(({ name }) => name.includes('/log.'))?.bytes ?? new Uint8Array(0);
  const wall = await interleaved(turns, {
    start: () => start(disk),
    bare: () => seconds(() => void checksums(log)),
  });
  const megabytes = log.length / 1e6;
  return {
    megabytes: rounded(megabytes),
    transactions,
    seconds: rounded(wall.start),
    megabytesPerSecond: rounded(megabytes / wall.start),
    barePerSecond: rounded(megabytes / wall.bare),
    share: rounded(wall.bare / wall.start),
  };
}

/** A log that makes {@link ZNODES} znodes, and then sets the data of one after the other. */
function serverDisk(transactions: number): DiskContent {
  const data = new Uint8Array(DATA_BYTES).fill(120);
  const log = Array.from({ length: transactions }, (_, i): LoggedTxn => {
    const path = `/n${i % ZNODES}`;
    return {
      header: { clientId: NO_SESSION, cxid: i, zxid: makeZxid(1, i + 1), time: WALL_CLOCK_EPOCH_MS + i },
      txn:
        i < ZNODES
          ? { type: 'create', path, data, acl: OPEN_ACL_UNSAFE, ephemeral: false, parentCVersion: -1 }
          : { type: 'setData', path, data, version: Math.floor(i / ZNODES) },
    };
  });
  const disk = new MemoryDisk();
  const made = presetDisk(disk, { acceptedEpoch: 1, currentEpoch: 1, log });
  if (!made.ok) throw new Error(made.reason);
  return disk.image();
}

/** Wall seconds of a server's first step. */
async function start(image: DiskContent): Promise<number> {
  const { servers: members, autoStart: _, groups, weights, ...zoo } = ensemble(3).ensemble;
  const disk = MemoryDisk.fromImage(image);
  const identity = { sid: sid(1), seed: 0, incarnation: 0, refs: new RefSource(1) };
  const server = createServer({ ...identity, zoo, members, groups, weights, disk });
  return seconds(() => {
    const outputs = server.step(virtualTime(0), { type: 'boot', cause: 0 as EventRef });
    const recovered = outputs.some((output) => output.type === 'event' && output.event.body.kind === 'recovered');
    if (!recovered) throw new Error('the server does not start on its log');
  });
}

/** Block by block, as long as an entry. */
function checksums(log: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < log.length; at += DATA_BYTES) sum += adler32(log.subarray(at, at + DATA_BYTES));
  return sum;
}
