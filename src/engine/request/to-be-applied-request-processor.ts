/** Tells the leader that a committed write is applied (`Leader.ToBeAppliedRequestProcessor`). */
import type { LeaderPort } from '../ports.ts';
import type { FinalProcessor, FinalRequest } from './processor.ts';

export class ToBeAppliedRequestProcessor implements FinalProcessor {
  readonly #next: FinalProcessor;
  readonly #leader: LeaderPort;

  constructor(next: FinalProcessor, leader: LeaderPort) {
    this.#next = next;
    this.#leader = leader;
  }

  processRequest(request: FinalRequest): void {
    this.#next.processRequest(request);
    if (request.txn) this.#leader.applied(request.txn.header.zxid);
  }
}
