/**
 * Votes: their order, when two of them say the same, and the vote that a server starts with.
 * Source: `Vote`, `FastLeaderElection.totalOrderPredicate`, `getInitId`, `getInitLastLoggedZxid`, `getPeerEpoch`.
 */
import { NO_RULE_BROKEN, type Rules } from '../../protocol/defects.ts';
import type { Sid } from '../../protocol/ids.ts';
import { NO_CANDIDATE, type ServerState, type Vote } from '../../protocol/packets.ts';
import type { Epoch, Zxid } from '../../protocol/zxid.ts';
import type { ElectionPeer, QuorumVerifier } from '../ports.ts';

/** The format of notifications since 3.5 (`Notification.CURRENTVERSION`). */
export const NOTIFICATION_VERSION = 2;

/** A vote as one server keeps it: with the state of its sender. */
export interface StatedVote {
  readonly vote: Vote;
  readonly state: ServerState;
  /** Format of the notification that brought it; 0 where ZooKeeper does not keep it. */
  readonly version: number;
}

/**
 * Whether `vote` is better than `current`: by (peerEpoch, zxid, sid), the round aside. A candidate of
 * weight 0 is never better (`totalOrderPredicate`).
 */
export function totalOrderPredicate(
  vote: Vote,
  current: Vote,
  verifier: QuorumVerifier,
  rules: Rules = NO_RULE_BROKEN,
): boolean {
  if (verifier.weight(vote.leader as Sid) === 0) return false;
  if (vote.peerEpoch !== current.peerEpoch && !rules.broken('ignore-vote-epoch')) {
    return vote.peerEpoch > current.peerEpoch;
  }
  if (vote.leader !== current.leader && rules.broken('vote-id-before-zxid')) return vote.leader > current.leader;
  if (vote.zxid !== current.zxid) return vote.zxid > current.zxid;
  return vote.leader > current.leader;
}

/**
 * `Vote.equals`. A vote of a looking server has to match in everything. Members of a settled ensemble
 * may rightly differ in zxid and round (ZOOKEEPER-1805), so of theirs only leader and peerEpoch
 * count; only the leader where just one of the two has a version (ZOOKEEPER-1732).
 */
export function votesEqual(a: StatedVote, b: StatedVote): boolean {
  if (a.vote.leader !== b.vote.leader) return false;
  if (a.state === 'LOOKING' || b.state === 'LOOKING') {
    return (
      a.vote.zxid === b.vote.zxid &&
      a.vote.electionEpoch === b.vote.electionEpoch &&
      a.vote.peerEpoch === b.vote.peerEpoch
    );
  }
  return a.version > 0 !== b.version > 0 || a.vote.peerEpoch === b.vote.peerEpoch;
}

/**
 * The vote with which `peer` enters a round: for itself if it has a vote, else for {@link NO_CANDIDATE}
 * with −2^63 in the other fields.
 */
export function initialVote(peer: ElectionPeer, electionEpoch = -1): Vote {
  const participant = peer.learnerType === 'PARTICIPANT';
  return {
    leader: peer.quorumVerifier.votingMembers.includes(peer.sid) ? peer.sid : NO_CANDIDATE,
    zxid: participant ? peer.lastLoggedZxid : (NO_CANDIDATE as Zxid),
    electionEpoch,
    peerEpoch: participant ? peer.currentEpoch : (NO_CANDIDATE as Epoch),
  };
}
