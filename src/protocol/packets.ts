/** What servers send each other: election notifications and the quorum packets of ZAB (`Leader` constants). */
import type { Operation } from './operations.ts';
import type { SessionId, Sid } from './ids.ts';
import type { LoggedTxn } from './txns.ts';
import type { AuthId } from './znode.ts';
import type { Epoch, Zxid } from './zxid.ts';

/** `QuorumPeer.ServerState` */
export type ServerState = 'LOOKING' | 'FOLLOWING' | 'LEADING' | 'OBSERVING';
/** `QuorumPeer.ZabState` */
export type ZabState = 'ELECTION' | 'DISCOVERY' | 'SYNCHRONIZATION' | 'BROADCAST';
/** `QuorumPeer.SyncMode`; null is NONE. */
export type SyncMode = 'DIFF' | 'TRUNC' | 'SNAP';

/** A vote (`Vote`). An observer's own vote has {@link NO_CANDIDATE} for `leader` and −2^63 elsewhere. */
export interface Vote {
  /** sid voted for */
  readonly leader: number;
  readonly zxid: Zxid;
  readonly electionEpoch: number;
  readonly peerEpoch: Epoch;
}
/** `Long.MIN_VALUE`, the vote of a server that cannot be elected. Exact as a double. */
export const NO_CANDIDATE = -(2 ** 63);

/** The one message of fast leader election. */
export interface Notification {
  readonly type: 'NOTIFICATION';
  readonly state: ServerState;
  readonly vote: Vote;
  /** Text of the sender's committed configuration (`QuorumVerifier.toString`), its version in the last line. */
  readonly config: string;
}

/** First bytes on an election connection (`QuorumCnxManager.startConnection`). */
export interface ElectionHello {
  readonly type: 'HELLO';
  readonly sid: Sid;
}

/** Packets of a learner's connection to its leader. `zxid` as in the table of reference/zab.md, section 2. */
export type QuorumPacket =
  | {
      readonly type: 'FOLLOWERINFO' | 'OBSERVERINFO';
      readonly zxid: Zxid;
      readonly sid: Sid;
      readonly configVersion: number;
    }
  | { readonly type: 'LEADERINFO'; readonly zxid: Zxid }
  /** `currentEpoch` −1: not a vote for this epoch. */
  | { readonly type: 'ACKEPOCH'; readonly zxid: Zxid; readonly currentEpoch: Epoch }
  | { readonly type: 'DIFF' | 'TRUNC'; readonly zxid: Zxid }
  /** `snapshot` is the tree in the snapshot file's format. */
  | { readonly type: 'SNAP'; readonly zxid: Zxid; readonly snapshot: Uint8Array }
  /** `config`: text of the configuration that the leader has seen last. */
  | { readonly type: 'NEWLEADER'; readonly zxid: Zxid; readonly config: string }
  | { readonly type: 'UPTODATE'; readonly zxid: Zxid }
  | { readonly type: 'PROPOSAL' | 'INFORM'; readonly zxid: Zxid; readonly txn: LoggedTxn }
  | { readonly type: 'ACK' | 'COMMIT'; readonly zxid: Zxid }
  /** Commits a reconfig: the new configuration holds, and `leader` leads it. */
  | { readonly type: 'COMMITANDACTIVATE'; readonly zxid: Zxid; readonly leader: Sid }
  | { readonly type: 'INFORMANDACTIVATE'; readonly zxid: Zxid; readonly txn: LoggedTxn; readonly leader: Sid }
  /** From the leader without `touched`; the answer lists sessions heard from since the last one. */
  | { readonly type: 'PING'; readonly zxid: Zxid; readonly touched?: readonly (readonly [SessionId, number])[] }
  | {
      readonly type: 'REVALIDATE';
      readonly zxid: Zxid;
      readonly sessionId: SessionId;
      /** From the learner: timeout in ms. */
      readonly timeout?: number;
      /** From the leader. */
      readonly valid?: boolean;
    }
  /** A client's write or sync, forwarded. */
  | {
      readonly type: 'REQUEST';
      readonly zxid: Zxid;
      readonly sessionId: SessionId;
      readonly cxid: number;
      readonly operation: Operation;
      /** Who the client is (`Request.authInfo`). */
      readonly authInfo: readonly AuthId[];
    }
  | { readonly type: 'SYNC'; readonly zxid: Zxid; readonly sessionId: SessionId; readonly cxid: number };

export type ServerPacket = Notification | ElectionHello | QuorumPacket;
