/** What happens when this server's own log is durable: the end of SyncRequestProcessor. */
import type { LeaderPort, LearnerPort } from '../ports.ts';
import type { LoggedProcessor, LogRequest } from './sync-request-processor.ts';

/** The leader acknowledges its own log to itself (`AckRequestProcessor`). */
export class AckRequestProcessor implements LoggedProcessor {
  readonly #leader: LeaderPort;
  constructor(leader: LeaderPort) {
    this.#leader = leader;
  }
  processRequest({ txn }: LogRequest): void {
    this.#leader.ackOwn(txn.header.zxid);
  }
}

/** A follower sends one ACK for each transaction (`SendAckRequestProcessor`). */
export class SendAckRequestProcessor implements LoggedProcessor {
  readonly #follower: LearnerPort;
  constructor(follower: LearnerPort) {
    this.#follower = follower;
  }
  processRequest({ txn }: LogRequest): void {
    this.#follower.sendAck(txn.header.zxid);
  }
}
