/** The first processor of each role. Upgrades of local sessions and eager ACL checks would be here. */
import type { LearnerPort, Request } from '../ports.ts';
import { isWrite, type RequestProcessor } from './processor.ts';

/** Requests of the leader's own clients (`LeaderRequestProcessor`). */
export class LeaderRequestProcessor implements RequestProcessor {
  readonly #next: RequestProcessor;
  constructor(next: RequestProcessor) {
    this.#next = next;
  }
  processRequest(request: Request): void {
    this.#next.processRequest(request);
  }
}

/** Writes and syncs also go to the leader (`FollowerRequestProcessor`). */
export class FollowerRequestProcessor implements RequestProcessor {
  readonly #pendingSyncs: Request[];
  readonly #learner: LearnerPort;
  readonly #next: RequestProcessor;

  /** @param pendingSyncs where syncs wait for the leader's SYNC, in order */
  constructor(pendingSyncs: Request[], learner: LearnerPort, next: RequestProcessor) {
    this.#pendingSyncs = pendingSyncs;
    this.#learner = learner;
    this.#next = next;
  }

  processRequest(request: Request): void {
    // Queued here first, to be ready when the leader answers.
    this.#next.processRequest(request);
    const isSync = request.operation.op === 'sync';
    if (isSync) this.#pendingSyncs.push(request);
    if (isSync || isWrite(request.operation)) this.#learner.forward(request);
  }
}

/** The same steps as a follower's (`ObserverRequestProcessor`). */
export class ObserverRequestProcessor extends FollowerRequestProcessor {}
