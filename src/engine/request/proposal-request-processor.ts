/**
 * The fork in the leader's pipeline (`ProposalRequestProcessor`): every request goes to
 * CommitProcessor, a write is also proposed to the learners and written to the leader's own log. A
 * learner's sync goes to `Leader.processSync` instead.
 */
import { COUNTER_MAX, counterOf } from '../../protocol/zxid.ts';
import type { ServerContext } from '../context.ts';
import type { LeaderPort, Request } from '../ports.ts';
import { isWriteRequest, loggedTxn, type RequestProcessor, type WriteRequest } from './processor.ts';
import type { SyncRequestProcessor } from './sync-request-processor.ts';

/** What it needs of `LeaderZooKeeperServer`. */
export interface ProposalServer {
  readonly ctx: Pick<ServerContext, 'sid' | 'broken'>;
  readonly isRunning: boolean;
  /** Keeps the request until its zxid is committed. */
  proposed(request: WriteRequest): void;
}

export class ProposalRequestProcessor implements RequestProcessor {
  readonly #zks: ProposalServer;
  readonly #leader: LeaderPort;
  readonly #next: RequestProcessor;
  readonly #syncProcessor: SyncRequestProcessor;

  constructor(zks: ProposalServer, leader: LeaderPort, next: RequestProcessor, syncProcessor: SyncRequestProcessor) {
    this.#zks = zks;
    this.#leader = leader;
    this.#next = next;
    this.#syncProcessor = syncProcessor;
  }

  processRequest(request: Request): void {
    const { owner } = request;
    if (request.operation.op === 'sync' && owner !== null && owner !== this.#zks.ctx.sid) {
      this.#leader.processSync({ ...request, owner });
      return;
    }
    this.#next.processRequest(request);
    if (!isWriteRequest(request)) return;
    if (counterOf(request.header.zxid) === COUNTER_MAX && !this.#zks.ctx.broken('counter-into-epoch')) {
      this.#leader.rollover();
      return;
    }
    this.#zks.proposed(request);
    this.#leader.propose(request);
    // Proposing may have ended this leader's term.
    if (!this.#zks.isRunning) return;
    this.#syncProcessor.processRequest({ txn: loggedTxn(request), cause: request.cause });
  }
}
