import type { Rule } from './rule.ts';

/** Rules `fle.*`: fast leader election and the connections that carry it. */
export const FLE_RULES = {
  'fle.new-round': {
    says: 'A server that starts looking for a leader raises its round by one and first votes for itself.',
    source: 'FastLeaderElection.lookForLeader',
  },
  'fle.observer-vote': {
    says: 'An observer takes part with a vote that names nobody: it can neither be elected nor be counted.',
    source: 'FastLeaderElection.getInitId',
  },
  'fle.broadcast': {
    says: 'A looking server sends its vote to every voter, itself included, when it starts and whenever the vote changes.',
    source: 'FastLeaderElection.sendNotifications',
  },
  'fle.vote-order': {
    says: 'A vote with the higher peerEpoch is better; then the one with the higher zxid; then the one with the higher sid.',
    source: 'FastLeaderElection.totalOrderPredicate',
  },
  'fle.higher-round': {
    says: 'A vote of a higher round moves the server into that round: it forgets the votes it has and takes the better of the new vote and its first one.',
    source: 'FastLeaderElection.lookForLeader',
  },
  'fle.lower-round': {
    says: 'A vote of a lower round is not counted.',
    source: 'FastLeaderElection.lookForLeader',
  },
  'fle.unknown-zxid': {
    says: 'A server whose last zxid is unknown has no say: it counts no votes, and votes for it are not counted.',
    source: 'FastLeaderElection.lookForLeader',
  },
  'fle.invalid-voter': {
    says: 'A vote counts only if both its sender and its candidate are voting members.',
    source: 'FastLeaderElection.validVoter',
  },
  'fle.observing-ignored': {
    says: 'What an observing server says about the leader is not counted.',
    source: 'FastLeaderElection.lookForLeader',
  },
  'fle.count-vote': {
    says: 'Of each voter the last vote of this round counts; those equal to the own vote support it.',
    source: 'FastLeaderElection.getVoteTracker',
  },
  'fle.finalize-wait': {
    says: 'With a quorum behind its vote, a server waits until it has heard nothing for 200 ms; a better vote in that time sends it back into the election, any other is dropped.',
    source: 'FastLeaderElection.lookForLeader',
  },
  'fle.quorum': {
    says: 'A quorum behind the same vote, and 200 ms of silence, end the election: the server named leads, the others follow or observe.',
    source: 'FastLeaderElection.lookForLeader',
  },
  'fle.join-same-round': {
    says: 'Servers that have finished this very round are counted with its votes; with a quorum and the leader among them, their leader is accepted at once.',
    source: 'FastLeaderElection.receivedFollowingNotification',
  },
  'fle.join-established': {
    says: 'When a quorum of servers says that it follows one leader, and that leader says that it leads, a looking server joins them and takes over their round.',
    source: 'FastLeaderElection.receivedFollowingNotification',
  },
  'fle.leader-must-lead': {
    says: 'A quorum of followers is not enough to accept a leader: the leader itself has to say that it leads.',
    source: 'FastLeaderElection.checkLeader',
  },
  'fle.notification-timeout': {
    says: 'After a silence a looking server sends its vote again, or connects again if nothing could be delivered; each silence doubles the next wait, from 200 ms to 60 s.',
    source: 'FastLeaderElection.lookForLeader',
  },
  'fle.answer-lagging': {
    says: 'A looking server answers a looking server of a lower round with its own vote, so that the other catches up.',
    source: 'FastLeaderElection.Messenger.WorkerReceiver.run',
  },
  'fle.answer-settled': {
    says: 'A server that follows or leads answers a looking one with the vote that ended its own election.',
    source: 'FastLeaderElection.Messenger.WorkerReceiver.run',
  },
  'fle.answer-observer': {
    says: 'A server without a vote is answered right away with the vote of the last finished election; its message is not counted.',
    source: 'FastLeaderElection.Messenger.WorkerReceiver.run',
  },
  'fle.hello': {
    says: 'The side that opens an election connection first says who it is.',
    source: 'QuorumCnxManager.startConnection',
  },
  'fle.larger-sid': {
    says: 'Of two servers the one with the larger sid opens the connection; an opening by the smaller one is closed and only asks the larger one to connect back.',
    source: 'QuorumCnxManager.handleConnection',
  },
  'fle.send-queue': {
    says: 'To each peer at most one notification waits to be sent; a newer one replaces it.',
    source: 'QuorumCnxManager.addToSendQueue',
  },
  'fle.known-address': {
    says: 'Election connections go to members of the committed configuration, and to those of the proposed one.',
    source: 'QuorumCnxManager.connectOne',
  },
  'fle.both-configs': {
    says: 'While a reconfiguration is open, a vote needs a quorum of the committed configuration and one of the proposed.',
    source: 'FastLeaderElection.getVoteTracker',
  },
  'fle.union-of-voters': {
    says: 'Votes are sent to the voters of the committed and of the proposed configuration, and those of either are heard.',
    source: 'QuorumPeer.getCurrentAndNextConfigVoters',
  },
  'fle.weight-zero': {
    says: 'A server of weight 0 votes and follows, but nobody else votes for it.',
    source: 'FastLeaderElection.totalOrderPredicate',
  },
  'fle.majority': {
    says: 'Without groups a quorum is more than half of the voting members, each of weight 1.',
    source: 'QuorumMaj.containsQuorum',
  },
  'fle.groups': {
    says: 'With groups a quorum is more than half of the weight in each of more than half of the groups.',
    source: 'QuorumHierarchical.containsQuorum',
  },
  'fle.weightless-group': {
    says: 'A group without any weight is not counted among the groups.',
    source: 'QuorumHierarchical.computeGroupWeight',
  },
  'fle.one-group-each': {
    says: 'Each participant is in exactly one group, or the configuration is refused.',
    source: 'QuorumHierarchical.parse',
  },
  'fle.members-only': {
    says: 'A vote or an acknowledgement counts in a configuration only if its sender votes there.',
    source: 'SyncedLearnerTracker.addAck',
  },
  'fle.config-in-votes': {
    says: 'A looking server that hears of a newer configuration takes it over and starts its election again; one that has found its leader ignores it.',
    source: 'FastLeaderElection.Messenger.WorkerReceiver.run',
  },
  'fle.resend-last': {
    says: 'On a new connection with nothing to send, the last notification is sent again, as the old connection may have lost it.',
    source: 'QuorumCnxManager.SendWorker.run',
  },
} as const satisfies Record<`fle.${string}`, Rule>;
