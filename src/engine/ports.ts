/**
 * How the parts of one server meet: the ZAB side (quorum peer, leader, learner), the election, the
 * storage, and the request side (processors, sessions, client connections). Each part knows the
 * others only through these interfaces.
 */
import type { KeeperError } from '../protocol/errors.ts';
import type { ConnId, EventRef, SessionId, Sid } from '../protocol/ids.ts';
import type { Operation } from '../protocol/operations.ts';
import type { ServerState, Vote } from '../protocol/packets.ts';
import type { QuorumConfig, QuorumServer } from '../protocol/quorum-config.ts';
import type { LoggedTxn, Txn, TxnDigest, TxnHeader } from '../protocol/txns.ts';
import type { AuthId } from '../protocol/znode.ts';
import type { Epoch, Zxid } from '../protocol/zxid.ts';

/** A configuration, and which sets of servers are its quorums (`QuorumVerifier`). */
export interface QuorumVerifier {
  readonly config: QuorumConfig;
  /** zxid of the reconfig that made it; 0: never established. */
  readonly version: Zxid;
  /** As in `/zookeeper/config`. */
  readonly text: string;
  readonly allMembers: readonly QuorumServer[];
  /** Null: not in this configuration. */
  member(sid: number): QuorumServer | null;
  /** Ascending. */
  readonly observingMembers: readonly Sid[];
  /** Same version, or the same servers and quorums. */
  equals(other: QuorumVerifier): boolean;
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
  /** The committed configuration. */
  readonly quorumVerifier: QuorumVerifier;
  /** Of a higher version while a reconfiguration is open, else the committed one. */
  readonly lastSeenQuorumVerifier: QuorumVerifier;
  /**
   * A notification brought a newer configuration while this server is LOOKING. Returns whether it is another one than
   * before: then the election begins anew, with a new {@link FastLeaderElection} object.
   */
  learnConfig(config: string): boolean;
  /** `QuorumPeer.getLastLoggedZxid`: the tree's lastProcessedZxid after replay. */
  readonly lastLoggedZxid: Zxid;
  readonly currentEpoch: Epoch;
  /** The vote with which the last election ended. */
  readonly currentVote: Vote;
  /** Called once when `lookForLeader` ends. */
  elected(vote: Vote, state: ServerState): void;
}

export type ReconfigOperation = Extract<Operation, { readonly op: 'reconfig' }>;

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
  /** When it came on that connection, whole ms of the process's clock. */
  readonly createTime?: number;
  /** When it came to CommitProcessor, likewise (`commitProcQueueStartTime`). */
  commitProcQueueStartTime?: number;
  /** Set by PrepRequestProcessor for what becomes a transaction. */
  header?: TxnHeader;
  txn?: Txn;
  digest?: TxnDigest;
  /** It begins or ends a session that only this server knows: it makes no transaction (`isLocalSession`). */
  readonly local?: boolean;
  /**
   * Why the request is refused, unless its transaction says so. Set by PrepRequestProcessor for what takes no zxid (a
   * read, a sync), and by the first processor for an ephemeral of a local session that may not be upgraded.
   */
  error?: KeeperError;
}

/** What the leader's processors ask of `Leader`. */
export interface LeaderPort extends ConfigPort {
  /** Whether the ensemble can be changed like this; the text of the new configuration, whose version is `zxid`. */
  prepareReconfig(operation: ReconfigOperation, zxid: Zxid): Uint8Array | KeeperError;
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

/** What the processors of every role ask. */
export interface ConfigPort {
  /** The committed configuration: what a reconfig answers with (`QuorumPeer.getQuorumVerifier`). */
  readonly quorumVerifier: QuorumVerifier;
}

/** What a learner's processors ask of `Follower` or `Observer`. */
export interface LearnerPort extends ConfigPort {
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
