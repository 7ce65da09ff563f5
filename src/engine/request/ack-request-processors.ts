/** What happens when this server's own log is durable: the end of SyncRequestProcessor. */
import type { ServerContext } from '../context.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import type { LeaderPort, LearnerPort } from '../ports.ts';
import type { LoggedProcessor, LogRequest } from './sync-request-processor.ts';

/** The leader acknowledges its own log to itself (`AckRequestProcessor`). */
export class AckRequestProcessor implements LoggedProcessor {
  readonly #ctx: ServerContext;
  readonly #leader: LeaderPort;
  constructor(ctx: ServerContext, leader: LeaderPort) {
    this.#ctx = ctx;
    this.#leader = leader;
  }
  processRequest({ txn }: LogRequest): void {
    noteAck(this.#ctx, txn);
    this.#leader.ackOwn(txn.header.zxid);
  }
}

/** A follower sends one ACK for each transaction (`SendAckRequestProcessor`). */
export class SendAckRequestProcessor implements LoggedProcessor {
  readonly #ctx: ServerContext;
  readonly #follower: LearnerPort;
  constructor(ctx: ServerContext, follower: LearnerPort) {
    this.#ctx = ctx;
    this.#follower = follower;
  }
  processRequest({ txn }: LogRequest): void {
    noteAck(this.#ctx, txn);
    this.#follower.sendAck(txn.header.zxid);
  }
}

function noteAck(ctx: ServerContext, { header }: LoggedTxn): void {
  ctx.metrics.addLatency('proposal_ack_creation_latency', ctx.wallClock(), header);
}
