/**
 * Old snapshots and logs go (`PurgeTxnLog`, `DatadirCleanupManager`): the newest snapshots stay, and every log
 * that may hold a transaction behind the oldest of them.
 */
import type { ServerContext } from '../context.ts';
import type { Disk } from '../disk.ts';
import { listFiles } from './files.ts';
import { findSnapshots } from './snapshot.ts';

const HOUR_MS = 3_600_000;
/** `MIN_SNAP_RETAIN_COUNT` */
const SNAPSHOTS_MIN = 3;

/** Removes what the `retain` newest snapshots (at least 3) do not need; returns the names (`PurgeTxnLog.purge`). */
export function purgeTxnLog(disk: Disk, retain: number): readonly string[] {
  const oldest = findSnapshots(disk, retain).at(-1)?.zxid;
  if (oldest === undefined) return [];
  const logs = listFiles(disk, 'log').filter(({ zxid }) => zxid < oldest);
  // The log that begins last before the snapshot may go on behind it, unless another begins right with it.
  const begun = listFiles(disk, 'log').some(({ zxid }) => zxid === oldest);
  const goes = [
    ...(begun ? logs : logs.slice(0, -1)),
    ...listFiles(disk, 'snapshot').filter(({ zxid }) => zxid < oldest),
  ].map(({ file }) => file);
  for (const file of goes) disk.remove(file);
  return goes;
}

/** Purges at the start of the process and then every `autopurge.purgeInterval` hours; 0 of them: never. */
export class DatadirCleanupManager {
  readonly #ctx: ServerContext;

  constructor(ctx: ServerContext) {
    this.#ctx = ctx;
  }

  /** Emits `files-purged` whenever something goes. */
  start(): void {
    const { autopurgePurgeInterval: hours, autopurgeSnapRetainCount: retain } = this.#ctx.zoo;
    if (hours <= 0) return;
    const files = purgeTxnLog(this.#ctx.disk, Math.max(retain, SNAPSHOTS_MIN));
    if (files.length > 0) this.#ctx.emit({ kind: 'files-purged', files }, { rule: 'storage.purge' });
    this.#ctx.setTimer(hours * HOUR_MS, () => this.start());
  }
}
