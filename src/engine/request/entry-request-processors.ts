/** The first processor of each role: upgrades of local sessions, eager ACL checks, and the way to the leader. */
import type { KeeperError } from '../../protocol/errors.ts';
import type { ServerContext } from '../context.ts';
import type { LearnerPort, Request } from '../ports.ts';
import { isQuorumWrite, type RequestProcessor } from './processor.ts';

/** What the first processors need of their server. */
interface EntryServer {
  readonly ctx: Pick<ServerContext, 'metrics'>;
  readonly isRunning: boolean;
  checkUpgradeSession(request: Request): Request | KeeperError | null;
  /** False: the request is answered, and goes no further. */
  authWriteRequest(request: Request): boolean;
}

/** The request with what must go before it: the upgrade of its local session, which may also fail. */
function withUpgrade(zks: EntryServer, request: Request): readonly Request[] {
  const upgrade = zks.checkUpgradeSession(request);
  if (upgrade === null) return [request];
  return typeof upgrade === 'string' ? [{ ...request, error: upgrade }] : [upgrade, request];
}

/** Requests of the leader's own clients (`LeaderRequestProcessor`). */
export class LeaderRequestProcessor implements RequestProcessor {
  readonly #zks: EntryServer;
  readonly #next: RequestProcessor;

  constructor(zks: EntryServer, next: RequestProcessor) {
    this.#zks = zks;
    this.#next = next;
  }

  processRequest(request: Request): void {
    if (!this.#zks.authWriteRequest(request)) return;
    for (const each of withUpgrade(this.#zks, request)) {
      // The upgrade may have ended this leader's term: nobody takes from the queue then.
      if (this.#zks.isRunning) this.#next.processRequest(each);
    }
  }
}

/** Writes and syncs also go to the leader (`FollowerRequestProcessor`). */
export class FollowerRequestProcessor implements RequestProcessor {
  readonly #zks: EntryServer;
  readonly #pendingSyncs: Request[];
  readonly #learner: LearnerPort;
  readonly #next: RequestProcessor;

  /** @param pendingSyncs where syncs wait for the leader's SYNC, in order */
  constructor(zks: EntryServer, pendingSyncs: Request[], learner: LearnerPort, next: RequestProcessor) {
    this.#zks = zks;
    this.#pendingSyncs = pendingSyncs;
    this.#learner = learner;
    this.#next = next;
  }

  processRequest(request: Request): void {
    for (const each of withUpgrade(this.#zks, request)) this.#process(each);
  }

  #process(request: Request): void {
    // Its queue is always empty.
    this.#zks.ctx.metrics.add('learner_request_processor_queue_size', 0);
    if (!this.#zks.authWriteRequest(request)) return;
    // Queued here first, to be ready when the leader answers.
    this.#next.processRequest(request);
    const isSync = request.operation.op === 'sync';
    if (isSync) this.#pendingSyncs.push(request);
    // The leader is not told that an upgrade failed: to it the session is unknown, and the attempt an error.
    if (isSync || isQuorumWrite(request)) this.#learner.forward(request);
  }
}

/** The same steps as a follower's (`ObserverRequestProcessor`). */
export class ObserverRequestProcessor extends FollowerRequestProcessor {}
