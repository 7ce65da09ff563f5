/** What the answers to operators ask of the other parts of a server. */
import type { SessionId, Sid } from '../../protocol/ids.ts';
import type { ServerState, SyncMode, ZabState } from '../../protocol/packets.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import type { ServerContext } from '../context.ts';
import type { QuorumVerifier } from '../ports.ts';
import type { SessionTracker } from '../session/session-tracker.ts';
import type { ZKDatabase } from '../storage/database.ts';
import type { BufferStats, CnxnStats, ServerStats } from './server-stats.ts';

/** `ZooKeeperServer.getState` */
export type Mode = 'leader' | 'follower' | 'observer' | 'standalone' | 'read-only';

/** The serving role (`ZooKeeperServer`). */
export interface MonitoredServer {
  readonly mode: Mode;
  readonly stats: ServerStats;
  readonly db: ZKDatabase;
  readonly sessionTracker: SessionTracker;
}

/** A server of an ensemble (`QuorumPeer`). */
export interface MonitoredPeer {
  readonly state: ServerState;
  readonly zabState: ZabState;
  /** While it is being synchronized; null: NONE. */
  readonly syncMode: SyncMode | null;
  readonly learnerType: 'PARTICIPANT' | 'OBSERVER';
  readonly quorumVerifier: QuorumVerifier;
  /** Whom it has registered with, or itself; −1: nobody. */
  readonly leaderId: number;
  /** What only a leader knows; null: this is none. */
  readonly leading: MonitoredLeader | null;
}

/** `Leader` */
export interface MonitoredLeader {
  readonly proposalStats: BufferStats;
  /** Connections of learners, whatever they have said yet. */
  readonly learnerCount: number;
  /** Followers that get every proposal. */
  readonly forwardingFollowers: readonly (Sid | null)[];
  readonly observingLearners: readonly MonitoredLearner[];
  /** Clients' syncs that wait for a commit. */
  readonly pendingSyncs: number;
  /** ms since it began to serve. */
  readonly uptime: number;
}

/** `LearnerHandler.getLearnerHandlerInfo` */
export interface MonitoredLearner {
  readonly sid: Sid | null;
  /** Wall clock, ms. */
  readonly established: number;
  readonly packetsReceived: number;
  readonly packetsSent: number;
  readonly requests: number;
  readonly lastZxid: number;
}

/** A client's connection (`ServerCnxn`). */
export interface MonitoredCnxn {
  readonly address: string;
  readonly port: number;
  readonly sessionId: SessionId;
  readonly sessionTimeout: number;
  readonly recvEnabled: boolean;
  /** It was asked by an operator: it is read no more. */
  readonly asked: boolean;
  /** Wall clock, ms. */
  readonly established: number;
  readonly stats: CnxnStats;
}

/** `ServerCnxnFactory` */
export interface MonitoredCnxns {
  readonly all: readonly MonitoredCnxn[];
  /** When each is taken for dead, soonest first, by the process's clock. */
  readonly expiries: readonly (readonly [VirtualTime, readonly MonitoredCnxn[]])[];
}

/** All that an answer can tell of. `server` null: nobody serves. */
export interface Subject<S extends MonitoredServer | null = MonitoredServer> {
  readonly ctx: ServerContext;
  readonly server: S;
  readonly peer: MonitoredPeer | null;
  readonly cnxns: MonitoredCnxns;
}
