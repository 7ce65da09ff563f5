/**
 * The log and the snapshots of a server (`FileTxnSnapLog`): what is appended and made durable, when a snapshot is due, and
 * what a learner can be sent from the log on disk. What is read becomes a tree in database.ts.
 */
import type { EventRef } from '../../protocol/ids.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import { formatZxid, type Zxid } from '../../protocol/zxid.ts';
import type { ServerContext } from '../context.ts';
import { logEntry } from './log-entry.ts';
import { SnapWriter } from './snap-writer.ts';
import { findSnapshots } from './snapshot.ts';
import { LogError, logFilesFrom, readLog, TxnLog, type LogRecord } from './txn-log.ts';

/** `fsync.warningthresholdms` */
const FSYNC_WARNING_MS = 1000;

export type ProposalsFromTxnLog = { readonly txns: readonly LoggedTxn[] } | { readonly unusable: string };

export class TxnSnapLog {
  readonly snapshots: SnapWriter;
  readonly #ctx: ServerContext;
  readonly #log: TxnLog;
  /** Log files with bytes that no fsync was asked for, oldest first. */
  #dirtyFiles = new Set<string>();
  /** Transactions appended that no fsync was asked for, and the events of their appending. */
  #appended: { readonly zxid: Zxid; readonly event: EventRef }[] = [];
  /** How many log fsyncs run. */
  #fsyncsRunning = 0;
  /** Changes when the log is cut: what an older fsync made durable may be gone. */
  #logGeneration = 0;
  #txnsSinceRoll = 0;
  /** Transactions, and bytes of log, above which a snapshot is due. */
  #snapshotThresholds: { readonly txns: number; readonly bytes: number };

  constructor(ctx: ServerContext) {
    this.#ctx = ctx;
    this.snapshots = new SnapWriter(ctx);
    this.#log = new TxnLog(ctx.disk, {
      lengthMax: this.#lengthMax,
      rules: ctx,
      preAllocSize: ctx.zoo.preAllocSize,
      sizeLimitKb: ctx.zoo.txnLogSizeLimitInKb,
    });
    this.#snapshotThresholds = this.#drawThresholds();
  }

  /** Whether something was appended that no fsync was asked for. */
  get hasUncommitted(): boolean {
    return this.#appended.length > 0;
  }

  /** Writes to the page cache, to a new file after start, {@link rollLog} and {@link truncateLog}. Emits `log-appended`. */
  append(txn: LoggedTxn, causes: readonly EventRef[] = []): void {
    const { file, digest } = this.#log.append(txn);
    this.#dirtyFiles.add(file);
    this.#txnsSinceRoll++;
    const entry = logEntry(txn, digest);
    const event = this.#ctx.emit({ kind: 'log-appended', entry }, { rule: 'storage.append', causes });
    this.#appended.push({ zxid: txn.header.zxid, event });
  }

  /**
   * One fsync for all that was appended, then `done`; emits `log-durable`. Without forceSync, or with
   * nothing to wait for, `done` is called at once, within this call. An fsync cannot be called off:
   * `done` comes even if the role that asked for it has ended.
   */
  commit(done: () => void): void {
    this.#log.commit();
    const batch = this.#appended;
    const files = [...this.#dirtyFiles];
    this.#appended = [];
    this.#dirtyFiles = new Set();
    if (!this.#ctx.zoo.forceSync) {
      done();
      return;
    }
    // Everything may be on its way already; then this waits for the same file's next fsync.
    const last = files.pop() ?? (this.#fsyncsRunning > 0 ? this.#log.lastFile : null);
    if (last === null) {
      done();
      return;
    }
    const generation = this.#logGeneration;
    const began = this.#ctx.elapsed();
    const fsync = (file: string, synced: () => void): void =>
      this.#ctx.broken('skip-fsync') ? synced() : this.#ctx.fsync(file, synced);
    for (const file of files) fsync(file, () => this.#noteFsync(began));
    this.#fsyncsRunning++;
    fsync(last, () => {
      this.#fsyncsRunning--;
      this.#noteFsync(began);
      const newest = batch.at(-1);
      if (newest && generation === this.#logGeneration) {
        this.#ctx.emit(
          { kind: 'log-durable', zxid: newest.zxid, count: batch.length },
          { rule: 'storage.group-commit', causes: batch.map(({ event }) => event) },
        );
      }
      done();
    });
  }

  /** The next append starts a new file; the count for {@link shouldSnapshot} starts again. */
  rollLog(): void {
    this.#log.roll();
    this.#log.resetTotalSize();
    this.#txnsSinceRoll = 0;
  }

  /** Asked once after each append (`SyncRequestProcessor.shouldSnapshot`). When true, the next thresholds are drawn. */
  shouldSnapshot(): boolean {
    const { txns, bytes } = this.#snapshotThresholds;
    if (this.#txnsSinceRoll <= txns && this.#log.totalSize <= bytes) return false;
    this.#snapshotThresholds = this.#drawThresholds();
    return true;
  }

  /** As {@link TxnLog.readFrom}. */
  readFrom(from: Zxid): Generator<LogRecord> {
    return this.#log.readFrom(from);
  }

  /**
   * The log on disk for a learner at `peer`: from the first entry of the file that may hold it up to
   * `last` (`ZKDatabase.getProposalsFromTxnLog`, `calculateTxnLogSizeLimit`). Entries up to `peer` are included, for the walk that decides on TRUNC.
   * Unusable if the log begins above `peer`, or is too long compared with the newest snapshot. As in the
   * real server the first of the files does not count for that (`FileTxnIterator.getStorageSize`), so one
   * file alone is always short enough.
   */
  proposals(peer: Zxid, last: Zxid): ProposalsFromTxnLog {
    const factor = this.#ctx.zoo.snapshotSizeFactor;
    if (factor < 0)
      return { unusable: 'Synchronization from the log on disk is switched off (snapshotSizeFactor < 0).' };
    const { disk } = this.#ctx;
    const files = logFilesFrom(disk, peer);
    const newest = findSnapshots(disk)[0];
    const sizeLimit = Math.floor((newest ? disk.size(newest.file) : 0) * factor);
    const size = files.slice(1).reduce((sum, { file }) => sum + disk.size(file), 0);
    if (sizeLimit > 0 && size > sizeLimit) {
      return {
        unusable: `The log files take ${size} bytes, more than ${sizeLimit}, the share of the snapshot's size.`,
      };
    }
    try {
      const txns: LoggedTxn[] = [];
      for (const { txn } of readLog(disk, files, this.#lengthMax, this.#ctx)) {
        if (txns.length === 0 && txn.header.zxid > peer) {
          return { unusable: `The log on disk begins at ${formatZxid(txn.header.zxid)}, above ${formatZxid(peer)}.` };
        }
        if (txn.header.zxid > last) break;
        txns.push(txn);
      }
      return txns.length > 0 ? { txns } : { unusable: 'The log on disk is empty.' };
    } catch (error) {
      if (error instanceof LogError) return { unusable: error.message };
      throw error;
    }
  }

  /** Cuts the log behind `to`; emits `log-truncated`. False if that is impossible. */
  truncateLog(to: Zxid): boolean {
    try {
      if (!this.#log.truncate(to)) return false;
    } catch (error) {
      if (error instanceof LogError) return false;
      throw error;
    }
    this.#logGeneration++;
    this.#appended = [];
    this.#dirtyFiles = new Set();
    this.#ctx.emit({ kind: 'log-truncated', to }, { rule: 'storage.truncate' });
    return true;
  }

  /** Longer entries, in bytes, are taken for corruption. */
  get #lengthMax(): number {
    return 2 * this.#ctx.zoo.juteMaxBuffer;
  }

  /** Half of each limit and a random part up to the same, so that servers do not take snapshots together. */
  #drawThresholds(): { readonly txns: number; readonly bytes: number } {
    const { snapCount, snapSizeLimitInKb } = this.#ctx.zoo;
    const draw = (stream: string, half: number): number => half + Math.floor(this.#ctx.random(stream) * half);
    return {
      txns: draw('snapCount', Math.floor(snapCount / 2)),
      bytes: snapSizeLimitInKb > 0 ? draw('snapSize', snapSizeLimitInKb * 512) : Infinity,
    };
  }

  #noteFsync(began: number): void {
    const ms = this.#ctx.elapsed() - began;
    this.#ctx.metrics.add('fsynctime', ms);
    if (ms > FSYNC_WARNING_MS) this.#ctx.fsyncWarnings++;
  }
}
