/**
 * The log thread (`SyncRequestProcessor`): appends transactions and hands them on once they are
 * durable. While an fsync runs nothing is appended; all that came meanwhile is the next batch. It
 * also starts snapshots. flushDelay and maxWriteQueuePollTime are 0, their default.
 */
import type { EventRef } from '../../protocol/ids.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import type { ServerContext } from '../context.ts';
import { DiskError } from '../disk.ts';
import type { ZKDatabase } from '../storage/database.ts';

/** `zookeeper.maxBatchSize` */
export const MAX_BATCH_SIZE = 1000;

/** A transaction on its way into the log. */
export interface LogRequest {
  readonly txn: LoggedTxn;
  /** The request or packet that brought it. */
  readonly cause: EventRef;
}
/** What passes through the log thread. On a standalone server that is every request; `txn` null: nothing to log. */
export interface Loggable {
  readonly txn: LoggedTxn | null;
  readonly cause: EventRef;
}
/** Who is told that a transaction is durable: AckRequestProcessor, SendAckRequestProcessor; FinalRequestProcessor of a standalone server. */
export interface LoggedProcessor<R extends Loggable = LogRequest> {
  processRequest(request: R): void;
}

type SyncContext = Pick<ServerContext, 'metrics' | 'elapsed' | 'broken'>;
type LogDatabase = Pick<ZKDatabase, 'append' | 'commitLog' | 'shouldSnapshot' | 'rollLog' | 'takeSnapshot'>;

export class SyncRequestProcessor<R extends Loggable = LogRequest> {
  readonly #ctx: SyncContext;
  readonly #db: LogDatabase;
  /** Null: nobody waits (observers). */
  readonly #next: LoggedProcessor<R> | null;
  readonly #queuedRequests: R[] = [];
  /** When each came, whole ms (`syncQueueStartTime`). */
  readonly #queuedAt = new Map<R, number>();
  /** Appended, not known to be durable, with the reads behind them. */
  #toFlush: R[] = [];
  #flushing = false;
  #snapInProcess = false;
  #stopped = false;

  constructor(ctx: SyncContext, db: LogDatabase, next: LoggedProcessor<R> | null) {
    this.#ctx = ctx;
    this.#db = db;
    this.#next = next;
    this.#noteQueue();
  }

  processRequest(request: R): void {
    this.#queuedRequests.push(request);
    this.#queuedAt.set(request, this.#ctx.elapsed());
    this.#ctx.metrics.count('sync_processor_request_queued');
    if (!this.#flushing) this.#run();
  }

  /**
   * Writes what is queued and lets it become durable, but tells nobody any more. What a role has
   * accepted must be in the log before the log is read for the next election (ZOOKEEPER-4712).
   */
  shutdown(): void {
    this.#stopped = true;
    try {
      if (this.#append(Infinity) > 0) this.#db.commitLog(() => undefined);
    } catch (error) {
      // The real server only warns: the role is over, be it because of this disk.
      if (!(error instanceof DiskError)) throw error;
    }
  }

  #run(): void {
    this.#append(MAX_BATCH_SIZE);
    this.#flush();
  }

  #append(max: number): number {
    const batch = this.#queuedRequests.splice(0, max);
    for (const [done, request] of batch.entries()) {
      this.#noteQueue(batch.length - done - 1);
      this.#ctx.metrics.add('sync_processor_queue_time_ms', this.#timeOf(request));
      if (request.txn === null && this.#toFlush.length === 0) {
        // A read with no write before it waits for nothing.
        this.#queuedAt.delete(request);
        this.#next?.processRequest(request);
        continue;
      }
      this.#ctx.metrics.add('sync_process_time', 0);
      if (request.txn === null) {
        this.#toFlush.push(request);
        continue;
      }
      this.#db.append(request.txn, [request.cause]);
      this.#toFlush.push(request);
      if (this.#db.shouldSnapshot()) this.#snapshot();
    }
    return batch.length;
  }

  #flush(): void {
    if (this.#toFlush.length === 0) return;
    this.#flushing = true;
    const { metrics } = this.#ctx;
    const began = this.#ctx.elapsed();
    metrics.add('sync_processor_batch_size', this.#toFlush.length);
    const handOn = (): void => {
      metrics.add('sync_processor_queue_flush_time_ms', this.#ctx.elapsed() - began);
      const batch = this.#ctx.broken('ack-newest-first') ? this.#toFlush.toReversed() : this.#toFlush;
      this.#toFlush = [];
      // `flushing` stays until the batch is handed on: what that leads to comes behind it.
      for (const request of batch) {
        // The role may have ended during the fsync, or by handing one on.
        if (this.#stopped) return;
        if (this.#next) metrics.add('sync_processor_queue_and_flush_time_ms', this.#timeOf(request));
        this.#queuedAt.delete(request);
        this.#next?.processRequest(request);
      }
      this.#flushing = false;
      if (!this.#stopped) this.#run();
    };
    const early = this.#ctx.broken('ack-before-fsync');
    this.#db.commitLog(early ? () => undefined : handOn);
    if (early) handOn();
  }

  /** The thread looks at its queue before each request. */
  #noteQueue(behind = 0): void {
    this.#ctx.metrics.add('sync_processor_queue_size', behind + this.#queuedRequests.length);
  }

  #timeOf(request: R): number {
    const now = this.#ctx.elapsed();
    return now - (this.#queuedAt.get(request) ?? now);
  }

  #snapshot(): void {
    if (this.#snapInProcess) {
      this.#db.rollLog();
      return;
    }
    this.#snapInProcess = true;
    this.#db.takeSnapshot({ fuzzy: true }, () => {
      this.#snapInProcess = false;
    });
  }
}
