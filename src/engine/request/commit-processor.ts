/**
 * Keeps each session's requests in the order of their arrival (`CommitProcessor`): a write waits for
 * its commit, a read behind it waits with it, reads of other sessions pass. Writes are applied one
 * after the other. The real class runs reads in worker threads between writes; here everything is
 * one thread.
 */
import { assert } from '../../protocol/assert.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { Request } from '../ports.ts';
import { isQuorumWrite, type Committed, type FinalProcessor, type RequestProcessor } from './processor.ts';

export class CommitProcessor implements RequestProcessor {
  readonly #next: FinalProcessor;
  /** Learners: a sync waits for the leader's answer. At the leader it passes like a read. */
  readonly #matchSyncs: boolean;
  /** Requests that wait for a commit, in the order of their arrival. Commits come in the same order. */
  readonly #queuedWriteRequests: Request[] = [];
  /** Per session: its waiting writes and what arrived behind them. The first is a write. No queue is empty. */
  readonly #pendingRequests = new Map<SessionId, Request[]>();
  readonly #committedRequests: Committed[] = [];
  #draining = false;

  constructor(next: FinalProcessor, matchSyncs: boolean) {
    this.#next = next;
    this.#matchSyncs = matchSyncs;
  }

  processRequest(request: Request): void {
    const waiting = this.#pendingRequests.get(request.sessionId);
    const needsCommit = this.#needCommit(request);
    if (needsCommit) this.#queuedWriteRequests.push(request);
    if (waiting) waiting.push(request);
    else if (needsCommit) this.#pendingRequests.set(request.sessionId, [request]);
    else this.#pass(request);
  }

  commit(committed: Committed): void {
    this.#committedRequests.push(committed);
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
  }

  #process(committed: Committed): void {
    const write = this.#queuedWriteRequests[0];
    if (!write || write.sessionId !== committed.sessionId || write.cxid !== committed.cxid) {
      // The commits of requests that came through here arrive in their order, so this is another server's.
      this.#next.processRequest({ request: null, txn: committed.txn, causes: committed.causes });
      return;
    }
    const waiting = this.#pendingRequests.get(write.sessionId);
    assert(waiting && waiting[0] === write, 'the oldest waiting request of a session is its oldest uncommitted write');
    this.#queuedWriteRequests.shift();
    waiting.shift();
    this.#next.processRequest({ request: write, txn: committed.txn, causes: [...committed.causes, write.cause] });

    for (let read = waiting[0]; read && !this.#needCommit(read); read = waiting[0]) {
      waiting.shift();
      this.#pass(read);
    }
    if (waiting.length === 0) this.#pendingRequests.delete(write.sessionId);
  }

  #pass(request: Request): void {
    this.#next.processRequest({ request, txn: null, causes: [request.cause] });
  }

  #needCommit(request: Request): boolean {
    return isQuorumWrite(request) || (this.#matchSyncs && request.operation.op === 'sync');
  }
}
