import type { Rule } from './rule.ts';

/** Rules `session.*`. */
export const SESSION_RULES = {
  'session.not-serving': {
    says: 'A server that follows no leader serves nobody: it closes a client’s connection at the connect request, and the client tries another server.',
    source: 'NIOServerCnxn.readConnectRequest',
  },
  'session.zxid-ahead': {
    says: 'A server refuses a client that has already seen a later zxid than the server has applied, so no client ever steps back in time.',
    source: 'ZooKeeperServer.processConnectRequest',
  },
  'session.timeout-clamp': {
    says: 'The session timeout is the client’s wish, brought between the connected server’s minSessionTimeout and maxSessionTimeout.',
    source: 'ZooKeeperServer.processConnectRequest',
  },
  'session.id': {
    says: 'The connected server makes the session id: its own sid in the high byte, then the time its tracker started, then one more for each session.',
    source: 'SessionTrackerImpl.initializeNextSessionId, createSession',
  },
  'session.created': {
    says: 'A new session is an ordinary transaction: its client is answered when this server has applied createSession.',
    source: 'ZooKeeperServer.createSession, finishSessionInit',
  },
  'session.wait-established': {
    says: 'A server reads no further request of a connection until its session is established.',
    source: 'ServerCnxn.disableRecv, enableRecv',
  },
  'session.password': {
    says: 'The password of a session follows from its id, so every server can check it; with a wrong one the session counts as unknown.',
    source: 'ZooKeeperServer.generatePasswd, reopenSession',
  },
  'session.older-connection': {
    says: 'When a session reconnects to the same server, its older connection there is closed first.',
    source: 'ZooKeeperServer.processConnectRequest',
  },
  'session.renewed': {
    says: 'A session that reconnects is renewed if the leader still knows it; the learner asks with REVALIDATE.',
    source: 'LearnerZooKeeperServer.revalidateSession, Leader.revalidateSession',
  },
  'session.expired-answer': {
    says: 'A client learns that its session is over from a connect response with timeout 0, and not before it has reconnected.',
    source: 'ZooKeeperServer.finishSessionInit',
  },
  'session.touch': {
    says: 'Every packet of a client keeps its session alive; learners report the sessions they heard from with their answer to PING.',
    source: 'SessionTrackerImpl.touchSession, LearnerSessionTracker.touchSession',
  },
  'session.expiry-bucket': {
    says: 'The leader sorts sessions into buckets of one tick and expires a whole bucket at once, so a session dies between its timeout and its timeout plus one tick after its last touch.',
    source: 'ExpiryQueue.roundToNextInterval, SessionTrackerImpl.run',
  },
  'session.fresh-timeout': {
    says: 'A new leader gives every session a fresh, full timeout: silence under the old leader is forgotten.',
    source: 'SessionTrackerImpl constructor',
  },
  'session.owner': {
    says: 'A session belongs to the server through which its client last connected; if it has no owner yet, the first request sets it.',
    source: 'SessionTrackerImpl.setOwner, checkSession',
  },
  'session.moved': {
    says: 'A request that arrives through another server than the session’s owner fails with SESSIONMOVED, and its connection is closed instead of answered.',
    source: 'SessionTrackerImpl.checkSession, FinalRequestProcessor.processRequest (ZOOKEEPER-710)',
  },
  'session.closing': {
    says: 'From the moment its end is prepared a session is closing, and its later requests fail with SESSIONEXPIRED.',
    source: 'SessionTrackerImpl.setSessionClosing, checkSession',
  },
  'session.closed-connection': {
    says: 'When the end of a session is applied, the server that holds its connection closes it.',
    source: 'FinalRequestProcessor.applyRequest, processRequest',
  },
  'session.silent-connection': {
    says: 'A server closes a connection that is silent for its session’s timeout, or for 10 seconds without a session, at the next full 10 seconds; the session itself lives on.',
    source: 'NIOServerCnxnFactory.touchCnxn, ConnectionExpirerThread',
  },
  'session.server-stops': {
    says: 'A server that stops serving closes all its clients’ connections; their sessions live on.',
    source: 'ServerCnxnFactory.closeAll, QuorumPeer.closeAllConnections',
  },
} as const satisfies Record<`session.${string}`, Rule>;
