/**
 * Keeps each session's requests in the order of their arrival (`CommitProcessor`): a write waits for
 * its commit, a read behind it waits with it, reads of other sessions pass. Writes are applied one
 * after the other. The real class runs reads in worker threads between writes; here everything is
 * one thread.
 */
import { assert } from '../../protocol/assert.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { ServerContext } from '../context.ts';
import type { Request } from '../ports.ts';
import { isQuorumWrite, type Committed, type FinalProcessor, type RequestProcessor } from './processor.ts';

export class CommitProcessor implements RequestProcessor {
  readonly #ctx: ServerContext;
  readonly #next: FinalProcessor;
  /** Learners: a sync waits for the leader's answer. At the leader it passes like a read. */
  readonly #matchSyncs: boolean;
  /** Requests that wait for a commit, in the order of their arrival. Commits come in the same order. */
  readonly #queuedWriteRequests: Request[] = [];
  /** Per session: its waiting writes and what arrived behind them. The first is a write. No queue is empty. */
  readonly #pendingRequests = new Map<SessionId, Request[]>();
  readonly #committedRequests: Committed[] = [];
  #draining = false;
  /** Reads among what waits behind writes. */
  #queuedReads = 0;

  constructor(ctx: ServerContext, next: FinalProcessor, matchSyncs: boolean) {
    this.#ctx = ctx;
    this.#next = next;
    this.#matchSyncs = matchSyncs;
  }

  processRequest(request: Request): void {
    request.commitProcQueueStartTime = this.#ctx.elapsed();
    const needsCommit = this.#needCommit(request);
    const passing = !needsCommit && this.#ctx.broken('reads-overtake-writes');
    const waiting = passing ? undefined : this.#pendingRequests.get(request.sessionId);
    if (needsCommit) this.#queuedWriteRequests.push(request);
    else this.#queuedReads++;
    this.#noteQueues();
    if (waiting) waiting.push(request);
    else if (needsCommit) this.#pendingRequests.set(request.sessionId, [request]);
    const passes = !waiting && !needsCommit;
    if (passes) this.#pass(request);
    const { metrics } = this.#ctx;
    if (!passes) metrics.add('requests_in_session_queue', waiting?.length ?? 1);
    metrics.add('read_commit_proc_issued', passes ? 1 : 0);
    metrics.add('commit_process_time', 0);
  }

  commit(committed: Committed): void {
    this.#committedRequests.push(committed);
    this.#ctx.metrics.count('request_commit_queued');
    this.#noteQueues();
    // A commit that comes while another is being applied takes its turn.
    if (this.#draining) return;
    this.#draining = true;
    for (let head = this.#committedRequests.shift(); head; head = this.#committedRequests.shift()) this.#process(head);
    this.#draining = false;
  }

  /** Forgets all that waits. */
  shutdown(): void {
    this.#queuedWriteRequests.length = 0;
    this.#pendingRequests.clear();
    this.#committedRequests.length = 0;
    this.#queuedReads = 0;
  }

  #process(committed: Committed): void {
    const write = this.#queuedWriteRequests[0];
    if (!write || write.sessionId !== committed.sessionId || write.cxid !== committed.cxid) {
      // The commits of requests that came through here arrive in their order, so this is another server's.
      this.#noteWrite(null, 0);
      this.#next.processRequest({ request: null, txn: committed.txn, causes: committed.causes });
      return;
    }
    const waiting = this.#pendingRequests.get(write.sessionId);
    assert(waiting && waiting[0] === write, 'the oldest waiting request of a session is its oldest uncommitted write');
    this.#ctx.metrics.add('pending_session_queue_size', this.#pendingRequests.size);
    this.#ctx.metrics.add('requests_in_session_queue', waiting.length);
    this.#queuedWriteRequests.shift();
    waiting.shift();
    const readsBehind = waiting.findIndex((each) => this.#needCommit(each));
    this.#noteWrite(write, readsBehind === -1 ? waiting.length : readsBehind);
    this.#next.processRequest({ request: write, txn: committed.txn, causes: [...committed.causes, write.cause] });

    for (let read = waiting[0]; read && !this.#needCommit(read); read = waiting[0]) {
      waiting.shift();
      this.#pass(read);
    }
    if (waiting.length === 0) this.#pendingRequests.delete(write.sessionId);
  }

  #pass(request: Request): void {
    this.#queuedReads--;
    const { metrics } = this.#ctx;
    metrics.add('read_commitproc_time_ms', this.#timeOf(request));
    metrics.add('read_final_proc_time_ms', 0);
    this.#next.processRequest({ request, txn: null, causes: [request.cause] });
  }

  #noteQueues(): void {
    const { metrics } = this.#ctx;
    metrics.add('read_commit_proc_req_queued', this.#queuedReads);
    metrics.add('write_commit_proc_req_queued', this.#queuedWriteRequests.length);
    metrics.add('commit_commit_proc_req_queued', this.#committedRequests.length);
  }

  /** A commit is processed: of a write that came through here, and so many reads of its session behind it, or of another. */
  #noteWrite(write: Request | null, readsBehind: number): void {
    const { metrics } = this.#ctx;
    if (write) {
      metrics.add('write_commitproc_time_ms', this.#timeOf(write));
      metrics.add('local_write_committed_time_ms', 0);
      metrics.add('reads_after_write_in_session_queue', readsBehind);
    } else {
      metrics.add('server_write_committed_time_ms', 0);
    }
    metrics.add('write_final_proc_time_ms', 0);
    metrics.add('time_waiting_empty_pool_in_commit_processor_read_ms', 0);
    metrics.add('write_batch_time_in_commit_processor', 0);
    metrics.add('write_commit_proc_issued', 1);
    metrics.add('session_queues_drained', write ? 1 : 0);
    metrics.add('reads_issued_from_session_queue', readsBehind);
    metrics.add('read_commit_proc_issued', 0);
    metrics.add('commit_process_time', 0);
  }

  #timeOf({ commitProcQueueStartTime }: Request): number {
    const now = this.#ctx.elapsed();
    return now - (commitProcQueueStartTime ?? now);
  }

  #needCommit(request: Request): boolean {
    if (isQuorumWrite(request)) return true;
    return this.#matchSyncs && request.operation.op === 'sync' && !this.#ctx.broken('local-sync');
  }
}
