/**
 * The properties that every run is checked for. Names and meaning: TLA+ specifications of ZAB and of ZooKeeper 3.7
 * (`Zab.tla`, `ZkV3_7_0.tla`), the mixed specification of Disalg (`mixed_v1.tla`), Apache ZooKeeper's code, and its
 * documents zookeeperInternals and zookeeperProgrammers.
 */
export interface PropertyFacts {
  /** What always holds, in one plain sentence. */
  readonly says: string;
  /** Where it is stated. */
  readonly source: string;
}

const TABLE = {
  Leadership1: {
    says: 'An epoch has at most one established leader at a time.',
    source: 'Zab.tla, ZkV3_7_0.tla: Leadership1',
  },
  Leadership2: {
    says: 'An epoch is led by one server only, over all time.',
    source: 'Zab.tla, ZkV3_7_0.tla: Leadership2',
  },
  PrefixConsistency: {
    says: 'What any two servers have delivered begins alike, as far as the shorter goes.',
    source: 'Zab.tla, ZkV3_7_0.tla: PrefixConsistency',
  },
  Integrity: {
    says: 'Only what a leader has broadcast is delivered.',
    source: 'Zab.tla, ZkV3_7_0.tla: Integrity',
  },
  Agreement: {
    says: 'Of two transactions that two servers have delivered, one of the servers has delivered both.',
    source: 'Zab.tla, ZkV3_7_0.tla: Agreement',
  },
  TotalOrder: {
    says: 'If one server delivers a before b, whoever delivers b has delivered a before it.',
    source: 'Zab.tla, ZkV3_7_0.tla: TotalOrder',
  },
  LocalPrimaryOrder: {
    says: 'What one leader broadcasts is delivered in its order, without a gap.',
    source: 'Zab.tla, ZkV3_7_0.tla: LocalPrimaryOrder, for all pairs',
  },
  GlobalPrimaryOrder: {
    says: 'Epochs are delivered in their order.',
    source: 'Zab.tla, ZkV3_7_0.tla: GlobalPrimaryOrder',
  },
  PrimaryIntegrity: {
    says: 'A leader that broadcasts has delivered all of older epochs that its followers have.',
    source: 'Zab.tla, ZkV3_7_0.tla: PrimaryIntegrity',
  },
  CommittedLogMonotonicity: {
    says: 'What is committed stays so; the committed sequence only grows at its end.',
    source: 'mixed_v1.tla: CommittedLogMonotonicity',
  },
  ProcessConsistency: {
    says: 'The log of a follower that has taken NEWLEADER is a prefix of its leader’s.',
    source: 'mixed_v1.tla: ProcessConsistency',
  },
  LeaderLogCompleteness: {
    says: 'An established leader has everything that is committed.',
    source: 'mixed_v1.tla: LeaderLogCompleteness',
  },
  CommittedLogDurability: {
    says: 'TRUNC removes nothing that is committed.',
    source: 'mixed_v1.tla: CommittedLogDurability',
  },
  // acknowledgements and commits
  DurableBeforeAck: {
    says: 'What a server acknowledges is on its disk for good, with NEWLEADER the new epoch, too; a restart finds it there.',
    source: 'SyncRequestProcessor.flush, Learner.syncWithLeader',
  },
  QuorumBeforeCommit: {
    says: 'A leader commits what a quorum of each configuration in force has acknowledged.',
    source: 'Leader.tryToCommit, SyncedLearnerTracker.hasAllQuorums',
  },
  InOrderCommit: {
    says: 'A leader commits its proposals one after the other, by zxid.',
    source: 'Leader.tryToCommit',
  },
  ZxidInEpoch: {
    says: 'What a leader proposes has a zxid of its own epoch.',
    source: 'Leader.lead, ZooKeeperServer.getNextZxid',
  },
  CommitDurableOnQuorum: {
    says: 'What is committed is on the disks of a quorum for good.',
    source: 'Leader.tryToCommit, Leader.startZkServer',
  },
  ObserverSilent: {
    says: 'Observers acknowledge no transaction, and nobody without a vote is counted.',
    source: 'ObserverZooKeeperServer, SyncedLearnerTracker.addAck',
  },
  // flags raised inside actions
  stateInconsistent: {
    says: 'Every step of the handshake comes in its phase and once, and a leader’s phase fits what it has counted.',
    source: 'Zab.tla, ZkV3_7_0.tla: stateInconsistent',
  },
  proposalInconsistent: {
    says: 'A leader’s proposals follow each other without a gap on each connection, and a TRUNC goes to what its learner has.',
    source: 'Zab.tla, ZkV3_7_0.tla: proposalInconsistent; FileTxnLog.truncate',
  },
  commitInconsistent: {
    says: 'A learner is told to commit what was proposed to it, in the same order, and applies just that.',
    source: 'Zab.tla, ZkV3_7_0.tla: commitInconsistent',
  },
  ackInconsistent: {
    says: 'A learner acknowledges NEWLEADER first, then the proposals that it got, in their order, and its leader counts no other ACK.',
    source: 'Zab.tla, ZkV3_7_0.tla: ackInconsistent; ZOOKEEPER-4685',
  },
  messageIllegal: {
    says: 'A quorum packet reaches a server in a role that handles it, from its own leader or learner.',
    source: 'Zab.tla, ZkV3_7_0.tla: messageIllegal',
  },
  // election, epochs, configuration
  VoteOrder: {
    says: 'Within a round a server’s vote only grows, by peerEpoch, then zxid, then sid.',
    source: 'FastLeaderElection.totalOrderPredicate',
  },
  ElectionQuorum: {
    says: 'Who leads by election has had the votes of a quorum in that round; who joins a leader, the word of one.',
    source: 'FastLeaderElection.lookForLeader',
  },
  EpochOrder: {
    says: 'A server’s epochs on disk never go back, and currentEpoch is not above acceptedEpoch.',
    source: 'QuorumPeer.loadDataBase',
  },
  PromiseBeforeReply: {
    says: 'A learner answers ACKEPOCH once the new epoch is its acceptedEpoch on disk.',
    source: 'Learner.registerWithLeader',
  },
  OneReconfig: {
    says: 'One reconfiguration at a time, and no server knows a newer committed configuration than it has seen.',
    source: 'PrepRequestProcessor, case reconfig; QuorumPeer.setQuorumVerifier',
  },
  // the tree
  TreeDeterminism: {
    says: 'Servers that have applied the same transactions have the same tree.',
    source: 'ZOOKEEPER-3114; DataTree.compareDigest',
  },
  StatLaws: {
    says: 'A Stat counts: version the writes of data, cversion the children made and deleted, and its zxids are those of the changes. No znode goes before its children.',
    source: 'zookeeperProgrammers: Time in ZooKeeper, Stat Structure',
  },
  SeqNumbers: {
    says: 'Numbers of sequential znodes under one parent only grow, and none comes twice.',
    source: 'zookeeperProgrammers: Sequence Nodes',
  },
  EphemeralLife: {
    says: 'An ephemeral exists only while its session does.',
    source: 'zookeeperProgrammers: Ephemeral Nodes',
  },
  Atomicity: {
    says: 'A multi is applied whole and at once, or changes nothing.',
    source: 'zookeeperProgrammers: Consistency Guarantees',
  },
  // what clients are promised
  LinearizableWrites: {
    says: 'Each write finds what those before it in the order of zxids have left, and comes behind what was acknowledged before it was called.',
    source: 'ZooKeeper paper (2010), section 2.3; zookeeperInternals: Ordering',
  },
  SequentialConsistency: {
    says: 'Requests of one client take effect, and are answered, in the order in which it sent them.',
    source: 'zookeeperInternals: Consistency Guarantees',
  },
  SingleSystemImage: {
    says: 'A client is served only by servers that have applied all that it has seen.',
    source: 'zookeeperInternals: Consistency Guarantees; ZooKeeperServer.processConnectRequest',
  },
  MonotonicReads: {
    says: 'The answers that a client gets never show an older state than those before.',
    source: 'zookeeperInternals: Consistency Guarantees',
  },
  ReadsSeeTheirZxid: {
    says: 'What a client reads is what the committed transactions up to the zxid of the answer have made, and nothing else.',
    source: 'zookeeperInternals: Consistency Guarantees; FinalRequestProcessor',
  },
  SyncPromise: {
    says: 'Reads behind a sync see all that was committed before it, unless the leader is deposed and does not know yet.',
    source: 'zookeeperProgrammers: Consistency Guarantees; ZOOKEEPER-1675',
  },
  WatchOrder: {
    says: 'A client hears of a change that it watches before it can read the new state, and of changes in their order.',
    source: 'zookeeperProgrammers: What ZooKeeper Guarantees about Watches',
  },
  WatchCompleteness: {
    says: 'A change tells everybody who waits for it once, also after a reconnect, and nobody else.',
    source: 'zookeeperProgrammers: ZooKeeper Watches; DataTree.setWatches',
  },
  WatchPermission: {
    says: 'Watch events are only for clients that may read the znode.',
    source: 'WatchManager.triggerWatch; ZOOKEEPER-4799, CVE-2024-23944',
  },
  EphemeralsEnd: {
    says: 'The ephemerals of a session go with the transaction that ends it, and not before.',
    source: 'zookeeperProgrammers: Ephemeral Nodes; ZOOKEEPER-2355',
  },
  SessionExpiry: {
    says: 'A session ends when its client asks for that or is silent for its timeout, and is not served again.',
    source: 'zookeeperProgrammers: ZooKeeper Sessions; SessionTrackerImpl',
  },
  UniqueSequence: {
    says: 'Names of acknowledged sequential creates are unique, and their numbers grow with the zxid.',
    source: 'zookeeperProgrammers: Sequence Nodes',
  },
  ExactlyOnce: {
    says: 'An acknowledged write is applied once and as it was asked for, a refused one never, and one without an answer at most once.',
    source: 'zookeeperProgrammers: Consistency Guarantees, Error Handling',
  },
  Durability: {
    says: 'A write that was acknowledged is in the log of every later leader.',
    source: 'zookeeperInternals: Consistency Guarantees',
  },
  Timeliness: {
    says: 'A server that has lost its leader or its quorum stops serving in bounded time.',
    source: 'zookeeperInternals: Consistency Guarantees; Leader.lead, LearnerHandler.synced',
  },
} as const satisfies Record<string, PropertyFacts>;

export type Property = keyof typeof TABLE;
export const PROPERTIES: Readonly<Record<Property, PropertyFacts>> = TABLE;
export const PROPERTY_NAMES = Object.keys(TABLE) as readonly Property[];
