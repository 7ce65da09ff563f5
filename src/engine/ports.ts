/**
 * How the parts of one server meet: the ZAB side (quorum peer, leader, learner), the election, the
 * storage, and the request side (processors, sessions, client connections). Each part knows the
 * others only through these interfaces.
 */
import type { KeeperError } from '../protocol/errors.ts';
import type { ConnId, EventRef, SessionId, Sid } from '../protocol/ids.ts';
import type { Operation } from '../protocol/operations.ts';
import type { ServerState, Vote } from '../protocol/packets.ts';
import type { LoggedTxn, Txn, TxnDigest, TxnHeader } from '../protocol/txns.ts';
import type { AuthId } from '../protocol/znode.ts';
import type { Epoch, Zxid } from '../protocol/zxid.ts';

/** Decides which sets of servers are quorums (`QuorumVerifier`). */
export interface QuorumVerifier {
  /** Ascending. */
  readonly votingMembers: readonly Sid[];
  weight(sid: Sid): number;
  containsQuorum(sids: ReadonlySet<Sid>): boolean;
  /** Votes that make a quorum, for display: of equal weights, floor(n / 2) + 1. */
  readonly need: number;
}

/** What the election needs from its server (`FastLeaderElection.self`). */
export interface ElectionPeer {
  readonly sid: Sid;
  readonly state: ServerState;
  readonly learnerType: 'PARTICIPANT' | 'OBSERVER';
  readonly quorumVerifier: QuorumVerifier;
  /** `QuorumPeer.getLastLoggedZxid`: the tree's lastProcessedZxid after replay. */
  readonly lastLoggedZxid: Zxid;
  readonly currentEpoch: Epoch;
  /** The vote with which the last election ended. */
  readonly currentVote: Vote;
  /** Called once when `lookForLeader` ends. */
  elected(vote: Vote, state: ServerState): void;
}

/** A request on its way through the processors (`Request`). */
export interface Request {
  readonly sessionId: SessionId;
  readonly cxid: number;
  readonly operation: Operation;
  /** Who asks, as its connection is known. */
  readonly authInfo: readonly AuthId[];
  /** The server through which it came: this one, or the learner that forwarded it. Null: the leader itself (expiry). */
  readonly owner: Sid | null;
  /** At the leader: the learner's connection on which it came. */
  readonly learner?: ConnId;
  /** The event that brought it to this server; causes of what it leads to. */
  readonly cause: EventRef;
  /** The connection to answer on, if its client is connected to this server. */
  readonly conn?: ConnId;
  /** Set by PrepRequestProcessor for what becomes a transaction. */
  header?: TxnHeader;
  txn?: Txn;
  digest?: TxnDigest;
  /** Set by PrepRequestProcessor: why a request that takes no zxid (a read, a sync) is refused. */
  error?: KeeperError;
}

/** What the leader's processors ask of `Leader`. */
export interface LeaderPort {
  /** `Leader.propose`: sends PROPOSAL, opens the ack set. The header's zxid is the next one. */
  propose(request: Request & { header: TxnHeader; txn: Txn }): void;
  /** `AckRequestProcessor`: this server's own log has `zxid` durably. */
  ackOwn(zxid: Zxid): void;
  /** `Leader.processSync`: answers a learner's sync now or after the commit of what is outstanding. */
  processSync(request: Request & { owner: Sid }): void;
  /** `ToBeAppliedRequestProcessor`: applied to the leader's tree. */
  applied(zxid: Zxid): void;
  /** The next write's zxid would overflow the counter: the leader steps down (`XidRolloverException`). */
  rollover(): void;
}

/** What a learner's processors ask of `Follower` or `Observer`. */
export interface LearnerPort {
  /** `Learner.request`: REQUEST to the leader. */
  forward(request: Request): void;
  /** `SendAckRequestProcessor`: ACK to the leader. Never called for an observer. */
  sendAck(zxid: Zxid): void;
  /** `Learner.validateSession`: REVALIDATE; the answer comes to {@link LearnerServer.revalidated}. */
  validateSession(sessionId: SessionId, timeout: number): void;
}

/** The request side of any serving server (`QuorumZooKeeperServer`). */
export interface ZooKeeperServer {
  /** Opens for clients: from now on connection requests are served. */
  start(): void;
  /** Closes clients' connections and stops all processors; what waits for disk or commit is forgotten, what is appended stays in the log. */
  shutdown(why: string): void;
}

/** `LeaderZooKeeperServer` with its processors. */
export interface LeaderServer extends ZooKeeperServer {
  /** `setZxid`: the next write gets the zxid after this one. */
  setZxid(zxid: Zxid): void;
  /** REQUEST of a learner: a write, or a sync (`LeaderZooKeeperServer.submitLearnerRequest`). */
  submitLearnerRequest(request: Request & { owner: Sid }): void;
  /** A quorum has the proposal: to CommitProcessor (`Leader.commit` → `zk.commitProcessor.commit`). `cause`: the event `committed`. */
  commit(zxid: Zxid, cause?: EventRef): void;
  /** Sessions that a learner's clients were heard from (PING). */
  touch(sessionId: SessionId, timeout: number): void;
  /** REVALIDATE of a learner: touches, sets the owner, tells whether the session lives (`LearnerHandler`, `Leader.revalidateSession`). */
  revalidate(sessionId: SessionId, timeout: number, owner: Sid): boolean;
}

/** `FollowerZooKeeperServer` / `ObserverZooKeeperServer` with their processors. */
export interface LearnerServer extends ZooKeeperServer {
  /** Follower: PROPOSAL → pendingTxns and log; ACK after fsync (`logRequest`). */
  logRequest(txn: LoggedTxn, cause: EventRef): void;
  /**
   * Follower: COMMIT; must match the head of pendingTxns, else the process exits. Observer: of the INFORM given to logRequest.
   * `cause`: the event `commit-received`.
   */
  commit(zxid: Zxid, cause?: EventRef): void;
  /** SYNC came: the oldest waiting sync of a client here is answered after what is committed so far. */
  sync(): void;
  /** The answer to a REVALIDATE. */
  revalidated(sessionId: SessionId, valid: boolean): void;
  /** Sessions heard from since the last call, with timeouts: the answer to PING (`getTouchSnapshot`). */
  takeTouched(): readonly (readonly [SessionId, number])[];
}
