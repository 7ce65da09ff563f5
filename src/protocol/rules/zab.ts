import type { Rule } from './rule.ts';

/** Rules `zab.*`: discovery, synchronization, broadcast. */
export const ZAB_RULES = {
  'zab.followerinfo': {
    says: 'A learner tells the elected leader the highest epoch that it has ever promised to follow.',
    source: 'Learner.registerWithLeader',
  },
  'zab.new-epoch': {
    says: 'The new epoch is one more than the highest accepted epoch that a quorum reports, and the leader saves it before it tells anybody.',
    source: 'Leader.getEpochToPropose',
  },
  'zab.leaderinfo': {
    says: 'The leader proposes its epoch to every learner that has reported.',
    source: 'LearnerHandler.run',
  },
  'zab.promise-before-reply': {
    says: 'A learner saves the epoch as accepted before it answers, so it will never follow an older leader again.',
    source: 'Learner.registerWithLeader',
  },
  'zab.ackepoch-quorum': {
    says: 'The leader needs the promise of a quorum, none of whose members knows more than it does.',
    source: 'Leader.waitForEpochAck',
  },
  'zab.sync-nothing-missing': {
    says: 'The learner has exactly what the leader has: an empty DIFF.',
    source: 'LearnerHandler.syncFollower',
  },
  'zab.sync-diff': {
    says: 'The leader still holds what the learner lacks, so it sends just those transactions.',
    source: 'LearnerHandler.queueCommittedProposals',
  },
  'zab.sync-trunc-ahead': {
    says: 'The learner has logged more than was ever committed: it must cut its log back.',
    source: 'LearnerHandler.syncFollower',
  },
  'zab.sync-trunc': {
    says: 'The learner holds a transaction that this leader does not: it must cut it off, then gets what follows.',
    source: 'LearnerHandler.queueCommittedProposals',
  },
  'zab.sync-trunc-epoch': {
    says: 'A log is never cut across an epoch; the learner gets the whole tree instead.',
    source: 'LearnerHandler.queueCommittedProposals',
  },
  'zab.sync-snap': {
    says: 'The learner is too far behind for a list of transactions, so it gets the whole tree.',
    source: 'LearnerHandler.syncFollower',
  },
  'zab.start-forwarding': {
    says: 'What was committed while the learner was being synchronized follows at once, so nothing falls between sync and live traffic.',
    source: 'Leader.startForwarding',
  },
  'zab.sync-apply': {
    says: 'The learner makes its state the leader’s, by DIFF, TRUNC or SNAP.',
    source: 'Learner.syncWithLeader',
  },
  'zab.newleader': {
    says: 'NEWLEADER closes the synchronization: everything sent before it must be on disk when it is acknowledged.',
    source: 'LearnerHandler.run',
  },
  'zab.newleader-ack': {
    says: 'Log, fsync, currentEpoch, and only then the ACK of NEWLEADER.',
    source: 'Learner.syncWithLeader (ZOOKEEPER-3911, -4643, -4646)',
  },
  'zab.newleader-quorum': {
    says: 'Once a quorum has acknowledged NEWLEADER, all of the leader’s log is committed and it serves.',
    source: 'Leader.waitForNewLeaderAck, Leader.startZkServer',
  },
  'zab.uptodate': {
    says: 'UPTODATE tells a synchronized learner that the leader serves, so it may serve clients too.',
    source: 'LearnerHandler.run, Learner.syncWithLeader',
  },
  'zab.uptodate-ack': {
    says: 'The learner answers UPTODATE with one more ACK of the epoch’s start, which the leader ignores.',
    source: 'Learner.syncWithLeader',
  },
  'zab.propose': {
    says: 'The leader gives the write the next zxid and sends it to all followers while it logs it itself.',
    source: 'Leader.propose',
  },
  'zab.ack-after-fsync': {
    says: 'A follower acknowledges a proposal only when its own disk has it.',
    source: 'SyncRequestProcessor.flush, SendAckRequestProcessor',
  },
  'zab.ack-count': {
    says: 'An ACK counts when it comes from a voter; the leader’s own disk is one voter among the others.',
    source: 'Leader.processAck, AckRequestProcessor',
  },
  'zab.commit-quorum': {
    says: 'A proposal is committed when a quorum has it on disk and every proposal before it is committed.',
    source: 'Leader.tryToCommit',
  },
  'zab.commit': {
    says: 'COMMIT tells the followers, which apply their proposals in the order in which they came; it is not acknowledged.',
    source: 'Leader.commit',
  },
  'zab.inform': {
    says: 'Observers get proposal and commit in one packet, and never acknowledge.',
    source: 'Leader.inform',
  },
  'zab.sync': {
    says: 'sync is answered after everything that was proposed before it; it is not a quorum round.',
    source: 'Leader.processSync',
  },
  'zab.ping': {
    says: 'The leader pings every half tick; a learner answers with the sessions that it has heard from.',
    source: 'LearnerHandler.ping, Learner.ping',
  },
  'zab.learner-lost': {
    says: 'A learner that is silent, or owes an ACK, for more than syncLimit ticks is let go.',
    source: 'LearnerHandler.synced, LearnerHandler.SyncLimitCheck',
  },
  'zab.learner-gone': {
    says: 'A learner whose connection has ended is forgotten; when it comes back it is synchronized again.',
    source: 'LearnerHandler.run, LearnerHandler.shutdown',
  },
  'zab.role-ends': {
    says: 'A leader without a quorum, and a learner without its leader, closes its connections, stops serving and looks for a leader again.',
    source: 'Leader.lead, QuorumPeer.run',
  },
} as const satisfies Record<`zab.${string}`, Rule>;
