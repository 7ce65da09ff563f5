export { FastLeaderElection } from './fast-leader-election.ts';
export { QuorumCnxManager } from './quorum-cnx-manager.ts';
export { hasAllQuorums, QuorumHierarchical, QuorumMaj, quorumVerifier, verifiersOf } from './quorum-verifier.ts';
export { initialVote, totalOrderPredicate, votesEqual, type StatedVote } from './vote.ts';
