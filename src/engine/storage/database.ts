/**
 * What a server knows (`ZKDatabase`, `QuorumPeer.loadDataBase`): the znode tree, the sessions, the watches and the
 * last committed transactions in memory; and how its files, which txn-snap-log.ts and epoch-files.ts keep, become that
 * again. What asks for these calls, and when, belongs to the ZAB and request sides.
 *
 * The log has no commit marks: recovery replays all of it.
 */
import type { ErrorCode } from '../../protocol/errors.ts';
import type { LogEntry, ServerEvent } from '../../protocol/events.ts';
import type { EventRef, SessionId } from '../../protocol/ids.ts';
import { JuteError } from '../../protocol/jute/codec.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import type { Stat } from '../../protocol/znode.ts';
import { ZXID_UNKNOWN, ZXID_ZERO, type Epoch, type Zxid } from '../../protocol/zxid.ts';
import type { ServerContext } from '../context.ts';
import { DiskError } from '../disk.ts';
import { topNamespace } from '../monitor/index.ts';
import { DataTree, type TreeResult, type TreeTrigger, type TxnResult } from '../tree/data-tree.ts';
import { DigestLog, type ZxidDigest } from '../tree/digest.ts';
import { WatchManager } from '../tree/watch-manager.ts';
import { CommittedLog } from './committed-log.ts';
import { EpochFiles, type EpochFile } from './epoch-files.ts';
import { INITIALIZE_FILE, listFiles, MYID_FILE } from './files.ts';
import { logEntry } from './log-entry.ts';
import {
  decodeSnapshot,
  decodeSnapshotFile,
  encodeSnapshot,
  findSnapshots,
  isSnappy,
  type SnapshotContent,
  type SnapshotSource,
} from './snapshot.ts';
import { LogError } from './txn-log.ts';
import { TxnSnapLog, type ProposalsFromTxnLog } from './txn-snap-log.ts';

/** For the reply to the client whose request became the transaction. */
export interface ProcessTxnResult {
  /** Of an `error` transaction its code. */
  readonly error?: ErrorCode;
  readonly path?: string;
  /** create, setData, setACL, reconfig: the znode's Stat afterwards. */
  readonly stat?: Stat;
  /** multi: its parts, in order. */
  readonly results?: readonly TxnResult[];
  /** The event `applied`. */
  readonly applied: EventRef;
}

/** What `/zookeeper/config` shows, and the zxid of its last change. */
export interface ConfigText {
  readonly text: string;
  readonly version: Zxid;
}

export type LoadResult = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** What was read from snapshot and log. */
interface Recovery {
  /** Of the snapshot; null: there was none, the disk is new. */
  readonly snapshot: Zxid | null;
  readonly replayed: number;
  /** There is nothing on the disk, and nothing is missing. */
  readonly fresh: boolean;
  /** What the log holds behind the snapshot, as events show it. */
  readonly log: readonly LogEntry[];
}

export class ZKDatabase {
  /** By session id, ms. */
  readonly sessionsWithTimeouts = new Map<SessionId, number>();
  readonly watches: WatchManager;
  readonly #ctx: ServerContext;
  readonly #epochs: EpochFiles;
  readonly #files: TxnSnapLog;
  readonly #committedLog: CommittedLog;
  #tree: DataTree;
  /** zxid of the snapshot below the log that events show. */
  #base: Zxid = ZXID_ZERO;
  #digests = this.#newDigests();
  #digestMismatches = 0;
  #hasLoadedSnapshot = false;
  #lastSnapshot: { readonly zxid: Zxid; readonly timestamp: number } | null = null;

  constructor(ctx: ServerContext) {
    this.#ctx = ctx;
    this.#tree = new DataTree(ctx.zoo.extendedTypesEnabled);
    this.watches = new WatchManager(ctx);
    this.#epochs = new EpochFiles(ctx);
    this.#files = new TxnSnapLog(ctx);
    this.#committedLog = new CommittedLog(ctx.zoo.commitLogCount);
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
   * written at once; without `db.autocreate` it is zxid −1 until the server has synchronized, unless the operator has
   * put the file `initialize` there. A standalone server has no epoch files, and no configuration in its tree.
   */
  load(options: { readonly epochs?: boolean; readonly config?: ConfigText } = {}): LoadResult {
    const { epochs = true, config } = options;
    const stranger = this.#wrongMyid();
    if (stranger !== null) return { ok: false, reason: stranger };
    const restored = this.#restore();
    // Reading takes no virtual time.
    this.#ctx.metrics.add('dbinittime', 0);
    if ('reason' in restored) return { ok: false, reason: restored.reason };
    const { fresh, log, ...recovery } = restored;
    if (recovery.snapshot === null && config) {
      this.#noteWrites(this.#tree.initConfig(config.text, config.version).triggers);
    }
    const reason = epochs ? this.#loadEpochs() : null;
    if (reason !== null) return { ok: false, reason };
    this.#ctx.emit(
      {
        kind: 'recovered',
        ...recovery,
        lastZxid: this.lastProcessedZxid,
        acceptedEpoch: this.acceptedEpoch,
        currentEpoch: this.currentEpoch,
        ...this.#traceState(log),
      },
      { rule: 'storage.recovery' },
    );
    if (fresh) {
      // The real server does not wait for this one either, but later writes of a log must not outlive it:
      // a log without a snapshot is refused at the next start. Fsyncs of a disk run in order.
      const file = this.#files.snapshots.save(this.#snapshotSource, this.lastProcessedZxid);
      this.#ctx.fsync(file, () => undefined);
    }
    return { ok: true };
  }

  /** `/zookeeper/config` shows this configuration from now on; nothing is logged. Emits `config-written`, and what watches tell. */
  initConfigInZKDatabase({ text, version }: ConfigText): void {
    const { changes, triggers } = this.#tree.initConfig(text, version);
    const written = this.#ctx.emit({ kind: 'config-written', version, changes }, { rule: 'reconfig.znode' });
    this.#noteWrites(triggers);
    for (const trigger of triggers) this.watches.trigger(trigger, version, [written]);
  }

  /** As {@link TxnSnapLog.append}. */
  append(txn: LoggedTxn, causes: readonly EventRef[] = []): void {
    this.#files.append(txn, causes);
  }

  /** As {@link TxnSnapLog.commit}. */
  commitLog(done: () => void): void {
    this.#files.commit(done);
  }

  /** As {@link TxnSnapLog.rollLog}. */
  rollLog(): void {
    this.#files.rollLog();
  }

  /** As {@link TxnSnapLog.shouldSnapshot}. */
  shouldSnapshot(): boolean {
    return this.#files.shouldSnapshot();
  }

  /** Applies a committed transaction; emits `applied`, session events, and what its watches tell. */
  processTxn(txn: LoggedTxn, causes: readonly EventRef[] = []): ProcessTxnResult {
    const { zxid, clientId } = txn.header;
    const result = this.#toTree(txn);
    this.#noteWrites(result.triggers);
    this.#trackSession(txn);
    this.#compareDigest(txn);
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
      ...(result.results === undefined ? {} : { results: result.results }),
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

  /** For a learner below {@link minCommittedLog}: as {@link TxnSnapLog.proposals}, up to there. */
  proposalsFromTxnLog(peer: Zxid): ProposalsFromTxnLog {
    return this.#files.proposals(peer, this.minCommittedLog);
  }

  /**
   * TRUNC: cuts the log behind `to`, then loads snapshot and log again; emits `log-truncated` and
   * `tree-loaded`. False if that is impossible; the real server's process ends then. Snapshots stay, as
   * in the real server: one taken above `to` before its log was accepted would bring back what is cut.
   */
  truncateLog(to: Zxid): boolean {
    if (!this.#files.truncateLog(to)) return false;
    const restored = this.#restore();
    if ('reason' in restored) return false;
    this.#emitLoaded('TRUNC', restored.log);
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
    if (this.#files.hasUncommitted) this.commitLog(() => undefined);
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
    return encodeSnapshot(this.#snapshotSource);
  }

  /** SNAP received: replaces tree and sessions, empties committedLog; emits `tree-loaded`. False, and nothing changed, if the bytes are no snapshot. */
  loadSnapshot(bytes: Uint8Array, zxid: Zxid): boolean {
    const { extendedTypesEnabled } = this.#ctx.zoo;
    if (!this.#takeOver(zxid, () => decodeSnapshot(bytes, zxid, extendedTypesEnabled))) return false;
    this.#committedLog.clear();
    this.#emitLoaded('SNAP');
    return true;
  }

  /** Forgets tree, sessions and committedLog, after a SNAP that did not end (ZOOKEEPER-3642). {@link load} must follow. */
  clear(): void {
    this.#tree = new DataTree(this.#ctx.zoo.extendedTypesEnabled);
    this.#digests = this.#newDigests();
    this.sessionsWithTimeouts.clear();
    this.#committedLog.clear();
  }

  /**
   * Writes a snapshot named by lastProcessedZxid and starts a new log file, unless `roll` is false. Emits
   * `snapshot-taken`. With `sync`, `done` follows its fsync; else it is called at once, and a crash may take the file:
   * the log is still there. With `fuzzy` the snapshot is written beside what goes on, and `done` is called at its end.
   */
  takeSnapshot(
    options: { readonly sync?: boolean; readonly fuzzy?: boolean; readonly roll?: boolean },
    done: () => void,
  ): void {
    if (options.roll !== false) this.rollLog();
    const source = this.#snapshotSource;
    const zxid = this.lastProcessedZxid;
    const began = this.#ctx.elapsed();
    const taken = (): void => {
      this.#ctx.metrics.add('snapshottime', this.#ctx.elapsed() - began);
      this.#lastSnapshot = { zxid, timestamp: Math.floor(this.#ctx.wallClock() / 1000) };
      done();
    };
    if (options.fuzzy) {
      this.#files.snapshots.saveFuzzy(source, zxid, taken);
    } else if (options.sync) {
      this.#files.snapshots.saveAndSync(source, zxid, taken);
    } else {
      this.#files.snapshots.save(source, zxid);
      taken();
    }
  }

  /**
   * `snapshot.trust.empty` let this server start from its log alone: it must write a snapshot as soon as it follows or
   * leads (`shouldForceWriteInitialSnapshotAfterLeaderElection`, ZOOKEEPER-3781).
   */
  get needsInitialSnapshot(): boolean {
    return this.#ctx.zoo.snapshotTrustEmpty && !this.#hasLoadedSnapshot && !this.#files.snapshots.hasWritten;
  }

  /**
   * Of the snapshot that was read or written last, seconds since 1970 (`getLastSnapshotInfo`); null: there was none. A
   * lab's files have no times: of one that was found on the disk the time is when it was read.
   */
  get lastSnapshot(): { readonly zxid: Zxid; readonly timestamp: number } | null {
    return this.#lastSnapshot;
  }

  /** How often a digest was not as expected (`digest_mismatches_count`). */
  get digestMismatches(): number {
    return this.#digestMismatches;
  }

  /** Digests of the tree at every 128th zxid, oldest first (`getDigestLog`). */
  get recentDigests(): readonly ZxidDigest[] {
    return this.#digests.recent;
  }

  /** Replaces the file; emits `epoch-saved`, then calls `done`. A second call for the same file waits for the first. */
  saveEpoch(file: EpochFile, epoch: Epoch, done: () => void): void {
    this.#epochs.save(file, epoch, done);
  }

  /** The tree that is there now, whatever takes its place while a snapshot is written. */
  get #snapshotSource(): SnapshotSource {
    const digests = this.#digests;
    return {
      tree: this.#tree,
      sessions: new Map(this.sessionsWithTimeouts),
      ...(this.#ctx.zoo.digestEnabled ? { digest: () => digests.last } : {}),
    };
  }

  /** The file `myid` is the operator's; where it is, it must name this server. */
  #wrongMyid(): string | null {
    const bytes = this.#ctx.disk.read(MYID_FILE);
    if (bytes === null) return null;
    const text = new TextDecoder().decode(bytes.subarray(0, 100)).trim();
    return text === String(this.#ctx.sid) ? null : `The file myid says ${text}, and this is server ${this.#ctx.sid}.`;
  }

  #loadEpochs(): string | null {
    try {
      return this.#epochs.load(this.lastProcessedZxid);
    } catch (error) {
      if (error instanceof DiskError) return `${error.message}.`;
      throw error;
    }
  }

  /** `FileTxnSnapLog.restore` */
  #restore(): Recovery | { readonly reason: string } {
    this.clear();
    this.rollLog();
    const { disk, zoo } = this.#ctx;
    const found = this.#restoreSnapshot();
    this.#ctx.metrics.add('startup_snap_load_time', 0);
    if (found !== null && typeof found === 'object') return found;
    const initialize = disk.size(INITIALIZE_FILE) >= 0;
    if (initialize) disk.remove(INITIALIZE_FILE);
    if (found === null) {
      this.#base = ZXID_ZERO;
      if (listFiles(disk, 'log').length === 0) {
        const fresh = initialize || zoo.dbAutocreate;
        if (!fresh) this.#tree.setLastProcessedZxid(ZXID_UNKNOWN);
        return { snapshot: null, replayed: 0, fresh, log: [] };
      }
      if (!zoo.snapshotTrustEmpty)
        return { reason: 'There is a transaction log but no snapshot; something is broken.' };
    }
    // A snapshot of 3.9 may hold more than its name says.
    const whole = this.lastProcessedZxid === this.#base;
    const log: LogEntry[] = [];
    const replayed = this.#replay((entry) => log.push(entry));
    if (typeof replayed !== 'number') return replayed;
    return { snapshot: found, replayed, fresh: false, log: whole ? log : this.#logBehindSnapshot() };
  }

  /** The newest snapshot that can be read becomes the state; its zxid, or null if there is none at all. */
  #restoreSnapshot(): Zxid | null | { readonly reason: string } {
    const { disk, zoo } = this.#ctx;
    const candidates = findSnapshots(disk);
    for (const candidate of candidates) {
      const { file, zxid } = candidate;
      if (isSnappy(file)) return { reason: `${file} is compressed with snappy, which cannot be read here.` };
      const bytes = disk.read(file);
      if (!bytes) continue;
      if (!this.#takeOver(zxid, () => decodeSnapshotFile(candidate, bytes, zoo.extendedTypesEnabled))) continue;
      this.#hasLoadedSnapshot = true;
      this.#lastSnapshot = { zxid, timestamp: Math.floor(this.#ctx.wallClock() / 1000) };
      return zxid;
    }
    return candidates.length === 0 ? null : { reason: 'No snapshot can be read: every one of them is corrupt.' };
  }

  /** Replays the log above lastProcessedZxid (`fastForwardFromEdits`). */
  #replay(seen?: (entry: LogEntry) => void): number | { readonly reason: string } {
    let replayed = 0;
    try {
      for (const { txn, digest } of this.#files.readFrom((this.lastProcessedZxid + 1) as Zxid)) {
        this.#noteWrites(this.#toTree(txn).triggers);
        this.#trackSession(txn);
        this.#compareDigest(txn);
        this.#committedLog.add(txn);
        seen?.(logEntry(txn, digest));
        replayed++;
      }
    } catch (error) {
      if (error instanceof LogError) return { reason: error.message };
      throw error;
    }
    if (replayed > 0) {
      this.#ctx.metrics.add('startup_txns_loaded', replayed);
      this.#ctx.metrics.add('startup_txns_load_time', 0);
    }
    return replayed;
  }

  #toTree(txn: LoggedTxn): TreeResult {
    if (!this.#ctx.broken('own-clock')) return this.#tree.processTxn(txn, this.#ctx);
    return this.#tree.processTxn({ ...txn, header: { ...txn.header, time: this.#ctx.wallClock() } }, this.#ctx);
  }

  /** Makes a snapshot's content the state of this server; false if it cannot be read. */
  #takeOver(zxid: Zxid, read: () => SnapshotContent): boolean {
    try {
      const { tree, sessions, digest } = read();
      this.#tree = tree;
      this.sessionsWithTimeouts.clear();
      for (const [id, timeout] of sessions) this.sessionsWithTimeouts.set(id, timeout);
      this.#digests = this.#newDigests();
      if (this.#ctx.zoo.digestEnabled) this.#digests.loaded(zxid, digest, tree.treeDigest);
      this.#base = zxid;
      return true;
    } catch (error) {
      if (error instanceof JuteError) return false;
      throw error;
    }
  }

  #newDigests(): DigestLog {
    return new DigestLog((zxid, expected, actual) => {
      this.#digestMismatches++;
      this.#ctx.metrics.count('digest_mismatches_count');
      const digests = { expected: expected.toString(16), actual: actual.toString(16) };
      this.#ctx.emit({ kind: 'digest-mismatch', zxid, ...digests }, { rule: 'storage.digest-compare' });
    });
  }

  #compareDigest({ header, digest }: LoggedTxn): void {
    if (this.#ctx.zoo.digestEnabled) this.#digests.applied(header.zxid, digest, this.#tree.treeDigest);
  }

  /** `DataTree.updateWriteStat` */
  #noteWrites(triggers: readonly TreeTrigger[]): void {
    for (const { path, bytes } of triggers) {
      const namespace = topNamespace(path);
      if (namespace !== null) this.#ctx.metrics.addTo('write_per_namespace', namespace, path.length + bytes);
    }
  }

  #trackSession({ header, txn }: LoggedTxn): void {
    if (txn.type === 'createSession') this.sessionsWithTimeouts.set(header.clientId, txn.timeout);
    else if (txn.type === 'closeSession') this.sessionsWithTimeouts.delete(header.clientId);
  }

  #emitLoaded(source: 'SNAP' | 'TRUNC' | 'replay', log = this.#logBehindSnapshot()): void {
    const rule = {
      SNAP: 'storage.snapshot-received',
      TRUNC: 'storage.truncate',
      replay: 'storage.fast-forward',
    } as const;
    this.#ctx.emit(
      { kind: 'tree-loaded', source, zxid: this.lastProcessedZxid, ...this.#traceState(log) },
      { rule: rule[source] },
    );
  }

  /** Tree, sessions and log. */
  #traceState(
    log: readonly LogEntry[],
  ): Pick<Extract<ServerEvent, { kind: 'tree-loaded' }>, 'nodes' | 'sessions' | 'log'> {
    return { nodes: this.#tree.traceNodes(), sessions: [...this.sessionsWithTimeouts], log };
  }

  /** The log above the snapshot that the tree came from. */
  #logBehindSnapshot(): readonly LogEntry[] {
    const log: LogEntry[] = [];
    for (const { txn, digest } of this.#files.readFrom((this.#base + 1) as Zxid)) log.push(logEntry(txn, digest));
    return log;
  }
}
