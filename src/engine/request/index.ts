/** The request side of a server: its clients' connections, its processors, its sessions. */
export { ReadOnlyMode } from './read-only-zookeeper-server.ts';
export { LeaderZooKeeperServer } from './leader-zookeeper-server.ts';
export { FollowerZooKeeperServer, ObserverZooKeeperServer } from './learner-zookeeper-server.ts';
