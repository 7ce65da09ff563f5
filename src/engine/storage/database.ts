/**
 * All that a server keeps (`ZKDatabase`, `FileTxnSnapLog`, `QuorumPeer.loadDataBase`): the znode tree,
 * the sessions, the watches, the last committed transactions in memory, and on disk the transaction
 * log, the snapshots and the two epoch files. Formats are in txn-log.ts and snapshot.ts; what asks for
 * these calls, and when, belongs to the ZAB and request sides.
 *
 * The log has no commit marks: recovery replays all of it.
 */
import { unreachable } from '../../protocol/assert.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { LogEntry, ServerEvent } from '../../protocol/events.ts';
import type { EventRef, SessionId } from '../../protocol/ids.ts';
import { JuteError } from '../../protocol/jute/codec.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import type { Stat } from '../../protocol/znode.ts';
import { formatZxid, ZXID_ZERO, type Epoch, type Zxid } from '../../protocol/zxid.ts';
import type { ServerContext } from '../context.ts';
import { DataTree } from '../tree/data-tree.ts';
import { WatchManager } from '../tree/watch-manager.ts';
import { CommittedLog } from './committed-log.ts';
import { EpochFiles, type EpochFile } from './epoch-files.ts';
import { fileName } from './files.ts';
import { decodeSnapshot, encodeSnapshot, findSnapshots } from './snapshot.ts';
import { LogError, logFilesFrom, readLog, TxnLog } from './txn-log.ts';

/** For the reply to the client whose request became the transaction. */
export interface ProcessTxnResult {
  /** Of an `error` transaction its code. */
  readonly error?: ErrorCode;
  readonly path?: string;
  /** create, setData: the znode's Stat afterwards. */
  readonly stat?: Stat;
  /** The event `applied`. */
  readonly applied: EventRef;
}

export type LoadResult = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** What was read from snapshot and log. */
interface Recovery {
  /** Of the snapshot; null: there was none, the disk is new. */
  readonly snapshot: Zxid | null;
  readonly replayed: number;
}

export class ZKDatabase {
  /** By session id, ms. */
  readonly sessionsWithTimeouts = new Map<SessionId, number>();
  readonly watches: WatchManager;
  readonly #ctx: ServerContext;
  readonly #epochs: EpochFiles;
  readonly #log: TxnLog;
  readonly #committedLog: CommittedLog;
  #tree = new DataTree();
  /** zxid of the snapshot below the log that events show. */
  #base: Zxid = ZXID_ZERO;
  /** Log files with bytes that no fsync was asked for, oldest first. */
  #dirtyFiles = new Set<string>();
  /** Transactions appended that no fsync was asked for, and the events of their appending. */
  #appended: { readonly zxid: Zxid; readonly event: EventRef }[] = [];
  /** How many log fsyncs run. */
  #fsyncsRunning = 0;
  /** Changes when the log is cut: what an older fsync made durable may be gone. */
  #logGeneration = 0;
  #txnsSinceRoll = 0;
  #snapshotThreshold: number;

  constructor(ctx: ServerContext) {
    this.#ctx = ctx;
    this.watches = new WatchManager(ctx);
    this.#epochs = new EpochFiles(ctx);
    this.#log = new TxnLog(ctx.disk, 2 * ctx.zoo.juteMaxBuffer);
    this.#committedLog = new CommittedLog(ctx.zoo.commitLogCount);
    this.#snapshotThreshold = this.#drawThreshold();
  }

  /** The tree; another object after a SNAP, a TRUNC or {@link load}. */
  get dataTree(): DataTree {
    return this.#tree;
  }

  get lastProcessedZxid(): Zxid {
    return this.#tree.lastProcessedZxid;
  }

  /** Leaders: (e,0) when they start to serve; learners: the zxid of a TRUNC. */
  setLastProcessedZxid(zxid: Zxid): void {
    this.#tree.setLastProcessedZxid(zxid);
  }

  /** As durable: it changes when the file has been replaced. */
  get acceptedEpoch(): Epoch {
    return this.#epochs.get('acceptedEpoch');
  }

  /** As durable: it changes when the file has been replaced. */
  get currentEpoch(): Epoch {
    return this.#epochs.get('currentEpoch');
  }

  /**
   * Boot: newest valid snapshot, then all of the log behind it, then the epoch files. Emits `recovered`.
   * Refuses with one sentence if the disk cannot be trusted. A fresh disk is zxid 0, with a snapshot
   * written at once (`db.autocreate`). A standalone server has no epoch files.
   */
  load({ epochs }: { readonly epochs: boolean } = { epochs: true }): LoadResult {
    const recovery = this.#restore();
    if ('reason' in recovery) return { ok: false, reason: recovery.reason };
    const reason = epochs ? this.#epochs.load(this.lastProcessedZxid) : null;
    if (reason !== null) return { ok: false, reason };
    this.#ctx.emit(
      {
        kind: 'recovered',
        ...recovery,
        lastZxid: this.lastProcessedZxid,
        acceptedEpoch: this.acceptedEpoch,
        currentEpoch: this.currentEpoch,
        ...this.#traceState(),
      },
      { rule: 'storage.recovery' },
    );
    if (recovery.snapshot === null) {
      // The real server does not wait for this one either, but later writes of a log must not outlive it:
      // a log without a snapshot is refused at the next start. Fsyncs of a disk run in order.
      const file = this.#writeSnapshot();
      this.#ctx.fsync(file, () => undefined);
    }
    return { ok: true };
  }

  /** Writes to the page cache, to a new file after start, {@link rollLog} and {@link truncateLog}. Emits `log-appended`. */
  append(txn: LoggedTxn, causes: readonly EventRef[] = []): void {
    this.#dirtyFiles.add(this.#log.append(txn));
    this.#txnsSinceRoll++;
    const event = this.#ctx.emit({ kind: 'log-appended', entry: logEntry(txn) }, { rule: 'storage.append', causes });
    this.#appended.push({ zxid: txn.header.zxid, event });
  }

  /**
   * One fsync for all that was appended, then `done`; emits `log-durable`. Without forceSync, or with
   * nothing to wait for, `done` is called at once, within this call. An fsync cannot be called off:
   * `done` comes even if the role that asked for it has ended.
   */
  commitLog(done: () => void): void {
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
    for (const file of files) this.#ctx.fsync(file, () => undefined);
    this.#fsyncsRunning++;
    this.#ctx.fsync(last, () => {
      this.#fsyncsRunning--;
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
    this.#txnsSinceRoll = 0;
  }

  /** Applies a committed transaction; emits `applied`, session events, and what its watches tell. */
  processTxn(txn: LoggedTxn, causes: readonly EventRef[] = []): ProcessTxnResult {
    const { zxid, clientId } = txn.header;
    const result = this.#tree.processTxn(txn);
    this.#trackSession(txn);
    const applied = this.#ctx.emit(
      { kind: 'applied', zxid, txn: txn.txn.type, changes: result.changes },
      { rule: 'storage.apply', causes },
    );
    if (txn.txn.type === 'createSession') {
      this.#ctx.emit({ kind: 'session-opened', sessionId: clientId, timeout: txn.txn.timeout }, { causes: [applied] });
    } else if (txn.txn.type === 'closeSession') {
      this.#ctx.emit({ kind: 'session-closed', sessionId: clientId }, { causes: [applied] });
    }
    for (const trigger of result.triggers) this.watches.trigger(trigger, zxid, [applied]);
    return {
      applied,
      ...(result.error === null ? {} : { error: result.error }),
      ...(result.path === undefined ? {} : { path: result.path }),
      ...(result.stat === undefined ? {} : { stat: result.stat }),
    };
  }

  /** Keeps a committed transaction for DIFF; ignored unless above {@link maxCommittedLog}. */
  addCommittedProposal(txn: LoggedTxn): void {
    this.#committedLog.add(txn);
  }

  /** Oldest first. */
  get committedLog(): readonly LoggedTxn[] {
    return this.#committedLog.txns;
  }

  /** lastProcessedZxid if {@link committedLog} is empty. */
  get minCommittedLog(): Zxid {
    return this.#committedLog.min ?? this.lastProcessedZxid;
  }

  /** lastProcessedZxid if {@link committedLog} is empty. */
  get maxCommittedLog(): Zxid {
    return this.#committedLog.max ?? this.lastProcessedZxid;
  }

  /**
   * For a learner below {@link minCommittedLog}: the log on disk, from the first entry of the file that
   * may hold `peer` up to minCommittedLog (`ZKDatabase.getProposalsFromTxnLog`,
   * `calculateTxnLogSizeLimit`). Entries up to `peer` are included, for the walk that decides on TRUNC.
   * Unusable if the log begins above `peer`, or is too long compared with the newest snapshot. As in the
   * real server the first of the files does not count for that (`FileTxnIterator.getStorageSize`), so one
   * file alone is always short enough.
   */
  proposalsFromTxnLog(peer: Zxid): { readonly txns: readonly LoggedTxn[] } | { readonly unusable: string } {
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
      for (const { txn } of readLog(disk, files, 2 * this.#ctx.zoo.juteMaxBuffer)) {
        if (txns.length === 0 && txn.header.zxid > peer) {
          return { unusable: `The log on disk begins at ${formatZxid(txn.header.zxid)}, above ${formatZxid(peer)}.` };
        }
        if (txn.header.zxid > this.minCommittedLog) break;
        txns.push(txn);
      }
      return txns.length > 0 ? { txns } : { unusable: 'The log on disk is empty.' };
    } catch (error) {
      if (error instanceof LogError) return { unusable: error.message };
      throw error;
    }
  }

  /**
   * TRUNC: cuts the log behind `to`, then loads snapshot and log again; emits `log-truncated` and
   * `tree-loaded`. False if that is impossible; the real server's process ends then. Snapshots stay, as
   * in the real server: one taken above `to` before its log was accepted would bring back what is cut.
   */
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
    if ('reason' in this.#restore()) return false;
    this.#emitLoaded('TRUNC');
    return true;
  }

  /**
   * Leaving a role keeps the memory: what is logged above lastProcessedZxid is replayed over it, committed
   * or not, and joins committedLog. Emits `tree-loaded` if anything was. Returns how many transactions.
   *
   * First an fsync is asked for of what was appended, as the real server's log thread flushes when it
   * ends: the election will count on it, and fsyncs of a disk run in order.
   */
  fastForward(): number {
    if (this.#appended.length > 0) this.commitLog(() => undefined);
    const replayed = this.#replay();
    if (typeof replayed !== 'number') {
      this.#ctx.exit(replayed.reason);
      return 0;
    }
    if (replayed > 0) this.#emitLoaded('replay');
    return replayed;
  }

  /** The bytes of SNAP: a snapshot of the tree as it is now. */
  serializeSnapshot(): Uint8Array {
    return encodeSnapshot(this.#tree, this.sessionsWithTimeouts);
  }

  /** SNAP received: replaces tree and sessions, empties committedLog; emits `tree-loaded`. False, and nothing changed, if the bytes are no snapshot. */
  loadSnapshot(bytes: Uint8Array, zxid: Zxid): boolean {
    if (!this.#takeOver(bytes, zxid)) return false;
    this.#committedLog.clear();
    this.#emitLoaded('SNAP');
    return true;
  }

  /** Forgets tree, sessions and committedLog, after a SNAP that did not end (ZOOKEEPER-3642). {@link load} must follow. */
  clear(): void {
    this.#tree = new DataTree();
    this.sessionsWithTimeouts.clear();
    this.#committedLog.clear();
  }

  /**
   * Writes a snapshot named by lastProcessedZxid and starts a new log file, unless `roll` is false. Emits
   * `snapshot-taken`. With `sync`, `done` follows its fsync; else it is called at once, and a crash may
   * take the file: the log is still there.
   */
  takeSnapshot(options: { readonly sync: boolean; readonly roll?: boolean }, done: () => void): void {
    if (options.roll !== false) this.rollLog();
    const file = this.#writeSnapshot();
    if (options.sync) this.#ctx.fsync(file, done);
    else done();
  }

  /** Replaces the file; emits `epoch-saved`, then calls `done`. A second call for the same file waits for the first. */
  saveEpoch(file: EpochFile, epoch: Epoch, done: () => void): void {
    this.#epochs.save(file, epoch, done);
  }

  /** Asked once after each append (`SyncRequestProcessor.shouldSnapshot`). When true, the next threshold is drawn. */
  shouldSnapshot(): boolean {
    if (this.#txnsSinceRoll <= this.#snapshotThreshold) return false;
    this.#snapshotThreshold = this.#drawThreshold();
    return true;
  }

  /** snapCount / 2 and a random part up to the same, so that servers do not take snapshots together. */
  #drawThreshold(): number {
    const half = Math.floor(this.#ctx.zoo.snapCount / 2);
    return half + Math.floor(this.#ctx.random('snapCount') * half);
  }

  #writeSnapshot(): string {
    const bytes = this.serializeSnapshot();
    const file = fileName('snapshot', this.lastProcessedZxid);
    // The same snapshot may be there, durable or on its way to be: written anew it would be neither, and a
    // log that outlives the only snapshot is refused at the next start.
    if (!sameBytes(this.#ctx.disk.read(file), bytes)) this.#ctx.disk.write(file, bytes);
    this.#ctx.emit(
      { kind: 'snapshot-taken', zxid: this.lastProcessedZxid, bytes: bytes.length },
      { rule: 'storage.snapshot' },
    );
    return file;
  }

  /** `FileTxnSnapLog.restore` */
  #restore(): Recovery | { readonly reason: string } {
    this.clear();
    this.rollLog();
    const { disk } = this.#ctx;
    const candidates = findSnapshots(disk);
    const loaded = candidates.find(({ file, zxid }) => this.#takeOver(disk.read(file), zxid));
    if (!loaded && candidates.length > 0) return { reason: 'No snapshot can be read: every one of them is corrupt.' };
    if (!loaded) {
      this.#base = ZXID_ZERO;
      try {
        const first = this.#log.readFrom(ZXID_ZERO).next();
        if (!first.done) return { reason: 'There is a transaction log but no snapshot; something is broken.' };
      } catch (error) {
        if (error instanceof LogError) return { reason: error.message };
        throw error;
      }
      return { snapshot: null, replayed: 0 };
    }
    const replayed = this.#replay();
    return typeof replayed === 'number' ? { snapshot: loaded.zxid, replayed } : replayed;
  }

  /** Replays the log above lastProcessedZxid (`fastForwardFromEdits`). */
  #replay(): number | { readonly reason: string } {
    let replayed = 0;
    try {
      for (const { txn } of this.#log.readFrom((this.lastProcessedZxid + 1) as Zxid)) {
        this.#tree.processTxn(txn);
        this.#trackSession(txn);
        this.#committedLog.add(txn);
        replayed++;
      }
    } catch (error) {
      if (error instanceof LogError) return { reason: error.message };
      throw error;
    }
    return replayed;
  }

  /** Makes a snapshot's content the state of this server; false if it cannot be read. */
  #takeOver(bytes: Uint8Array | null, zxid: Zxid): boolean {
    if (bytes === null) return false;
    try {
      const { tree, sessions } = decodeSnapshot(bytes, zxid);
      this.#tree = tree;
      this.sessionsWithTimeouts.clear();
      for (const [id, timeout] of sessions) this.sessionsWithTimeouts.set(id, timeout);
      this.#base = zxid;
      return true;
    } catch (error) {
      if (error instanceof JuteError) return false;
      throw error;
    }
  }

  #trackSession({ header, txn }: LoggedTxn): void {
    if (txn.type === 'createSession') this.sessionsWithTimeouts.set(header.clientId, txn.timeout);
    else if (txn.type === 'closeSession') this.sessionsWithTimeouts.delete(header.clientId);
  }

  #emitLoaded(source: 'SNAP' | 'TRUNC' | 'replay'): void {
    const rule = {
      SNAP: 'storage.snapshot-received',
      TRUNC: 'storage.truncate',
      replay: 'storage.fast-forward',
    } as const;
    this.#ctx.emit(
      { kind: 'tree-loaded', source, zxid: this.lastProcessedZxid, ...this.#traceState() },
      { rule: rule[source] },
    );
  }

  /** Tree, sessions, and the log above the snapshot that the tree came from. */
  #traceState(): Pick<Extract<ServerEvent, { kind: 'tree-loaded' }>, 'nodes' | 'sessions' | 'log'> {
    const log: LogEntry[] = [];
    for (const { txn } of this.#log.readFrom((this.#base + 1) as Zxid)) log.push(logEntry(txn));
    return { nodes: this.#tree.traceNodes(), sessions: [...this.sessionsWithTimeouts], log };
  }
}

function sameBytes(a: Uint8Array | null, b: Uint8Array): boolean {
  return a !== null && a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** A transaction as log rows show it. */
export function logEntry({ header, txn }: LoggedTxn): LogEntry {
  const entry = { zxid: header.zxid, txn: txn.type };
  switch (txn.type) {
    case 'create':
    case 'delete':
    case 'setData':
      return { ...entry, path: txn.path };
    case 'error':
      return { ...entry, error: txn.error };
    case 'createSession':
    case 'closeSession':
      return entry;
    default:
      return unreachable(txn);
  }
}
