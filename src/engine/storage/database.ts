/**
 * All that a server keeps (`ZKDatabase`, `FileTxnSnapLog`, `QuorumPeer.loadDataBase`): the znode tree,
 * the sessions, the watches, the last committed transactions in memory, and on disk the transaction
 * log, the snapshots and the two epoch files. Formats are in txn-log.ts and snapshot.ts; what asks for
 * these calls, and when, belongs to the ZAB and request sides.
 */
import { InvariantError } from '../../protocol/assert.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { EventRef, SessionId } from '../../protocol/ids.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import type { Stat } from '../../protocol/znode.ts';
import type { Epoch, Zxid } from '../../protocol/zxid.ts';
import type { ServerContext } from '../context.ts';
import { DataTree } from '../tree/data-tree.ts';
import { WatchManager } from '../tree/watch-manager.ts';

/** For the reply to the client whose request became the transaction. */
export interface ProcessTxnResult {
  /** Of an `error` transaction its code. */
  readonly error?: ErrorCode;
  readonly path?: string;
  /** create, setData: the znode's Stat afterwards. */
  readonly stat?: Stat;
}

export type EpochFile = 'acceptedEpoch' | 'currentEpoch';
export type LoadResult = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const later = (): never => {
  throw new InvariantError('storage is being written');
};

export class ZKDatabase {
  readonly sessionsWithTimeouts = new Map<SessionId, number>();
  readonly watches: WatchManager;
  constructor(ctx: ServerContext) {
    this.watches = new WatchManager(ctx);
  }
  get dataTree(): DataTree {
    return later();
  }
  get lastProcessedZxid(): Zxid {
    return this.dataTree.lastProcessedZxid;
  }
  /** Leaders: (e,0) when they start to serve; learners: the zxid of a TRUNC. */
  setLastProcessedZxid(zxid: Zxid): void {
    this.dataTree.setLastProcessedZxid(zxid);
  }
  /** As durable: it changes when the file has been replaced. */
  get acceptedEpoch(): Epoch {
    return later();
  }
  get currentEpoch(): Epoch {
    return later();
  }
  /** Boot. Emits `recovered`; refuses with one sentence if the disk cannot be trusted. */
  load(): LoadResult {
    return later();
  }
  /** Writes to the page cache. Emits `log-appended`. */
  append(txn: LoggedTxn): void {
    later();
  }
  /**
   * One fsync for all that was appended, then `done`; emits `log-durable`. Without forceSync, or with
   * nothing to wait for, `done` is called at once, in this call.
   */
  commitLog(done: () => void): void {
    later();
  }
  /** The next append starts a new file; the count for {@link shouldSnapshot} starts again. */
  rollLog(): void {
    later();
  }
  /** Applies a committed transaction; emits `applied`, session events, and what its watches tell. */
  processTxn(txn: LoggedTxn, causes: readonly EventRef[] = []): ProcessTxnResult {
    return later();
  }
  addCommittedProposal(txn: LoggedTxn): void {
    later();
  }
  get committedLog(): readonly LoggedTxn[] {
    return later();
  }
  /** lastProcessedZxid if {@link committedLog} is empty. */
  get minCommittedLog(): Zxid {
    return later();
  }
  get maxCommittedLog(): Zxid {
    return later();
  }
  proposalsFromTxnLog(peer: Zxid): { readonly txns: readonly LoggedTxn[] } | { readonly unusable: string } {
    return later();
  }
  truncateLog(to: Zxid): boolean {
    return later();
  }
  /** Returns how many transactions were replayed. */
  fastForward(): number {
    return later();
  }
  serializeSnapshot(): Uint8Array {
    return later();
  }
  loadSnapshot(bytes: Uint8Array, zxid: Zxid): boolean {
    return later();
  }
  clear(): void {
    later();
  }
  /** `roll: false` keeps the log file (start of leading, NEWLEADER). */
  takeSnapshot(options: { readonly sync: boolean; readonly roll?: boolean }, done: () => void): void {
    later();
  }
  saveEpoch(file: EpochFile, epoch: Epoch, done: () => void): void {
    later();
  }
  /** Ask once after each append. When true, the next threshold is drawn. */
  shouldSnapshot(): boolean {
    return later();
  }
}
