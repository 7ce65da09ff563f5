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
  // flags raised inside actions
  stateInconsistent: {
    says: 'Every step of the handshake comes in its phase and once, and a leader’s phase fits what it has counted.',
    source: 'Zab.tla, ZkV3_7_0.tla: stateInconsistent',
  },
  proposalInconsistent: {
    says: 'A leader’s proposals follow each other without a gap on each connection, and a TRUNC goes to what its learner has.',
    source: 'Zab.tla, ZkV3_7_0.tla: proposalInconsistent',
  },
  commitInconsistent: {
    says: 'A learner is told to commit what was proposed to it, in the same order, and applies just that.',
    source: 'Zab.tla, ZkV3_7_0.tla: commitInconsistent',
  },
  ackInconsistent: {
    says: 'A learner acknowledges NEWLEADER first, then the proposals that it got, in their order.',
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
    says: 'Who is elected to lead has had the votes of a quorum in that round.',
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
    says: 'A Stat counts: version the writes of data, cversion the children made and deleted, and its zxids do not contradict each other.',
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
} as const satisfies Record<string, PropertyFacts>;

export type Property = keyof typeof TABLE;
export const PROPERTIES: Readonly<Record<Property, PropertyFacts>> = TABLE;
export const PROPERTY_NAMES = Object.keys(TABLE) as readonly Property[];
