import type { Rule } from './rule.ts';

/** Rules `reconfig.*`: the ensemble's configuration and how it changes while it serves. */
export const RECONFIG_RULES = {
  'reconfig.config-text': {
    says: 'A configuration is printed as its server lines, then groups and weights, then its version in hexadecimal.',
    source: 'QuorumMaj.toString, QuorumHierarchical.toString',
  },
  'reconfig.znode': {
    says: 'The znode /zookeeper/config shows the committed configuration; its version −1 never counts.',
    source: 'ZKDatabase.initConfigInZKDatabase',
  },
  'reconfig.version': {
    says: 'The version of a configuration is the zxid of the reconfig that made it.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'reconfig.first-version': {
    says: 'The configuration that an ensemble starts with is established by its first leader, with the zxid of NEWLEADER as its version.',
    source: 'Leader.lead (ZOOKEEPER-1783)',
  },
  'reconfig.switched-off': {
    says: 'Without reconfigEnabled no server learns of another configuration, and the version stays what the file says.',
    source: 'QuorumPeer.processReconfig, QuorumPeer.setLastSeenQuorumVerifier',
  },
  'reconfig.next-file': {
    says: 'A configuration that was proposed is on disk as zoo.cfg.dynamic.next before the proposal is acknowledged.',
    source: 'QuorumPeer.setLastSeenQuorumVerifier',
  },
  'reconfig.dynamic-file': {
    says: 'A committed configuration gets a file of its own, zoo.cfg points to it, and zoo.cfg.dynamic.next goes.',
    source: 'QuorumPeer.setQuorumVerifier',
  },
  'reconfig.boot-files': {
    says: 'A server that starts takes the committed configuration, and the one it has seen last, from its disk.',
    source: 'QuorumPeerConfig.parse',
  },
  'reconfig.forgotten': {
    says: 'A server that starts takes zoo.cfg.dynamic.next away, so that a second restart forgets what was open.',
    source: 'QuorumPeer.setQuorumVerifier',
  },
  'reconfig.boot-not-member': {
    says: 'A server that its own committed configuration does not name cannot start.',
    source: 'QuorumPeer.start',
  },
  'reconfig.disabled': {
    says: 'A server with reconfigEnabled off refuses to reconfigure, before anything else is looked at.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'reconfig.session': {
    says: 'The session must be there and at this server, before the request itself is looked at.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'reconfig.standalone': {
    says: 'A standalone server cannot be reconfigured.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'reconfig.in-progress': {
    says: 'There is one reconfiguration at a time: while one is open, the next is refused.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'reconfig.from-config': {
    says: 'Who names the configuration to start from is refused if that is not the last one.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'reconfig.bulk': {
    says: 'A list of new members is the whole next configuration, of any quorum system.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'reconfig.bulk-text': {
    says: 'A list of new members that is no configuration is refused.',
    source: 'QuorumPeerConfig.parseDynamicConfig',
  },
  'reconfig.incremental': {
    says: 'Joining and leaving servers change the last configuration: first those that leave go, then each that joins is added or replaces the one of its id.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'reconfig.majority-only': {
    says: 'Single servers join and leave only where a majority rules; groups and weights change as a whole.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'reconfig.server-string': {
    says: 'A joining server must be told with all of its three ports.',
    source: 'PrepRequestProcessor.pRequest2Txn, QuorumServer.initializeWithAddressString',
  },
  'reconfig.duplicate-address': {
    says: 'A joining server must not claim the address of another member; addresses of the own machine are not compared.',
    source: 'QuorumServer.checkAddressDuplicate',
  },
  'reconfig.too-few-voters': {
    says: 'The new configuration needs two voters, or one where standaloneEnabled is off.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'reconfig.quorum-synced': {
    says: 'A quorum of the new configuration must follow the leader already, connected and synced.',
    source: 'Leader.isQuorumSynced',
  },
  'reconfig.observers-not-synced': {
    says: 'A running observer does not count for the quorum of the new configuration, even if it is to vote there.',
    source: 'Leader.isQuorumSynced',
  },
  'reconfig.permission': {
    says: 'Last of all the client needs WRITE permission on /zookeeper/config.',
    source: 'PrepRequestProcessor.pRequest2Txn, DataTree.addConfigNode',
  },
  'reconfig.znode-acl': {
    says: 'Everybody may read /zookeeper/config, and at first nobody but the super user may write it.',
    source: 'DataTree.addConfigNode',
  },
  'reconfig.failed-takes-zxid': {
    says: 'A refused reconfig takes a zxid as every failed write.',
    source: 'PrepRequestProcessor.pRequest',
  },
  'reconfig.txn': {
    says: 'A reconfig is a write to /zookeeper/config: the text of the new configuration.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'reconfig.reply': {
    says: 'A reconfig answers with the new configuration and the Stat of its znode.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'reconfig.propose-both': {
    says: 'A reconfig is proposed to the old and the new configuration, and needs a quorum of each.',
    source: 'Leader.propose',
  },
  'reconfig.connect-new-peers': {
    says: 'Who sees a new configuration opens election connections to its new members.',
    source: 'QuorumPeer.connectNewPeers',
  },
  'reconfig.later-proposals': {
    says: 'While a reconfiguration is open, every proposal behind it needs both quorums, too.',
    source: 'Leader.propose',
  },
  'reconfig.seen-at-proposal': {
    says: 'A follower knows the new configuration from the proposal on.',
    source: 'Follower.processPacket',
  },
  'reconfig.commit-both': {
    says: 'A reconfig is committed when a quorum of the old and a quorum of the new configuration have it on disk.',
    source: 'Leader.tryToCommit',
  },
  'reconfig.designated-leader': {
    says: 'The leader stays if it votes in the new configuration at the same address; else one of those that have acknowledged the most is to lead.',
    source: 'Leader.getDesignatedLeader',
  },
  'reconfig.hand-over': {
    says: 'A leader that is not to lead the new configuration commits nothing after the reconfig.',
    source: 'Leader.tryToCommit, Leader.processAck',
  },
  'reconfig.uncommitted-survive': {
    says: 'What the old leader has not committed survives as far as the designated leader has logged it.',
    source: 'Leader.getDesignatedLeader, Leader.lead',
  },
  'reconfig.activate': {
    says: 'COMMITANDACTIVATE commits a reconfig at the followers and names the leader of the new configuration.',
    source: 'Leader.commitAndActivate',
  },
  'reconfig.inform-activate': {
    says: 'Observers get the reconfig, its commit and its leader in one packet.',
    source: 'Leader.informAndActivate',
  },
  'reconfig.commit-behind': {
    says: 'When the reconfig is committed, the proposals behind it that have their quorums follow, in order.',
    source: 'Leader.processAck',
  },
  'reconfig.restart-election': {
    says: 'With another configuration the election begins anew: new connections, and rounds are counted from the start.',
    source: 'QuorumPeer.restartLeaderElection',
  },
  'reconfig.client-port': {
    says: 'A server whose client port has changed listens at the new one; connections that stand go on.',
    source: 'QuorumPeer.processReconfig',
  },
  'reconfig.learner-type': {
    says: 'Whether a server observes or takes part is what the configuration says of it; a stranger takes part without a vote.',
    source: 'QuorumPeer.updateLearnerType',
  },
  'reconfig.direct-role': {
    says: 'Where a reconfig has changed role or leader, the server takes its next role under the designated leader without an election.',
    source: 'QuorumPeer.updateServerState',
  },
  'reconfig.direct-role-fails': {
    says: 'If the designated leader does not come up in time, servers hold an election as usual.',
    source: 'QuorumPeer.updateServerState',
  },
  'reconfig.new-epoch': {
    says: 'The designated leader begins a new epoch, with discovery and synchronization.',
    source: 'Leader.lead',
  },
  'reconfig.newleader-config': {
    says: 'NEWLEADER carries the configuration that the leader has seen last; a learner follows it from UPTODATE on.',
    source: 'LearnerHandler.run, Learner.syncWithLeader',
  },
  'reconfig.newleader-both': {
    says: 'A new leader that has seen a configuration which is not committed needs the ACK of NEWLEADER from a quorum of each.',
    source: 'Leader.lead, Leader.waitForNewLeaderAck',
  },
  'reconfig.completed': {
    says: 'A reconfig that was open is completed by the next leader that has seen it, before any new write.',
    source: 'Leader.startZkServer (ZOOKEEPER-1324)',
  },
  'reconfig.newer-learner-refused': {
    says: 'A leader refuses a learner whose committed configuration is newer than its own.',
    source: 'LearnerHandler.run',
  },
  'reconfig.non-voting-follower': {
    says: 'Who follows without a vote gets proposals and commits, and its acknowledgements are not counted.',
    source: 'SyncedLearnerTracker.addAck',
  },
  'reconfig.joiner': {
    says: 'A server that joins adopts the configuration of the ensemble, in which it is absent, and follows without a vote, whatever its own list said.',
    source: 'Learner.syncWithLeader, QuorumPeer.updateLearnerType',
  },
  'reconfig.removed-keeps-running': {
    says: 'A removed server goes on as a follower without a vote, and keeps its clients.',
    source: 'QuorumPeer.processReconfig',
  },
  'reconfig.leader-removed': {
    says: 'When the leader is removed, the designated leader takes over, and the old one follows it without a vote.',
    source: 'Leader.tryToCommit, QuorumPeer.updateServerState',
  },
  'reconfig.to-observer': {
    says: 'A participant that is to observe leaves its role as the reconfig is activated, and comes back as an observer.',
    source: 'QuorumPeer.updateLearnerType',
  },
  'reconfig.to-participant': {
    says: 'An observer that is to take part leaves its role as the reconfig is activated, and comes back as a follower with a vote.',
    source: 'QuorumPeer.updateLearnerType',
  },
  'reconfig.leader-address': {
    says: 'A leader whose address for learners changes hands over, as if it were removed.',
    source: 'Leader.getDesignatedLeader',
  },
  'reconfig.two-servers': {
    says: 'Of two servers one can only be removed while both are there: the old quorum is both.',
    source: 'Leader.tryToCommit',
  },
  'reconfig.several-joiners': {
    says: 'Several servers may join at once, if a quorum of the new configuration is up.',
    source: 'Leader.isQuorumSynced',
  },
  'reconfig.returned-early': {
    says: 'That a reconfig has returned says that it is committed, not that every server has activated it.',
    source: 'Leader.commitAndActivate',
  },
} as const satisfies Record<`reconfig.${string}`, Rule>;
