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
    says: 'Every packet of a client keeps its session alive, a ping as well as a request.',
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
    says: 'A session belongs to the server through which its client last connected.',
    source: 'SessionTrackerImpl.setOwner, checkSession',
  },
  'session.owner-new': {
    says: 'A new session belongs to the server that made it, from the moment its createSession is prepared.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'session.owner-first': {
    says: 'After a change of leader a session has no owner until its first request, which makes its server the owner.',
    source: 'SessionTrackerImpl.checkSession',
  },
  'session.moved': {
    says: 'A request that arrives through another server than the session’s owner fails with SESSIONMOVED, and its connection is closed instead of answered.',
    source: 'SessionTrackerImpl.checkSession, FinalRequestProcessor.processRequest (ZOOKEEPER-710)',
  },
  'session.closing': {
    says: 'From the moment its end is prepared a session is closing, and its later requests fail with SESSIONEXPIRED.',
    source: 'SessionTrackerImpl.setSessionClosing, checkSession',
  },
  'session.unknown': {
    says: 'A request of a session that the leader does not know fails with SESSIONEXPIRED.',
    source: 'LeaderSessionTracker.checkSession',
  },
  'session.closed-connection': {
    says: 'When the end of a session is applied, the server that holds its connection closes it.',
    source: 'FinalRequestProcessor.applyRequest, processRequest',
  },
  'session.silent-connection': {
    says: 'A server closes a connection that is silent for its session’s timeout, at the next full 10 seconds; the session itself lives on.',
    source: 'NIOServerCnxnFactory.touchCnxn, ConnectionExpirerThread',
  },
  'session.sessionless': {
    says: 'A connection on which no session was asked for is closed as silent after 10 seconds.',
    source: 'NIOServerCnxnFactory (zookeeper.nio.sessionlessCnxnTimeout)',
  },
  'session.connection-limit': {
    says: 'A server takes at most maxClientCnxns connections from one address, and closes every further one at once.',
    source: 'NIOServerCnxnFactory.AcceptThread.doAccept',
  },
  'session.stored': {
    says: 'Every server keeps id and timeout of every global session, in its tree and its snapshots; when a session expires is known to the leader alone.',
    source: 'ZKDatabase.getSessionWithTimeOuts, SerializeUtils.serializeSnapshot',
  },
  'session.tracked-from-prepare': {
    says: 'The expiry of a new session runs from the moment its createSession is prepared, before that is committed.',
    source: 'PrepRequestProcessor.pRequest2Txn (createSession)',
  },
  'session.touch-table': {
    says: 'A learner notes the sessions it hears from and tells the leader with its answer to PING, so the leader’s view lags.',
    source: 'LearnerSessionTracker.touchSession, snapshot, LearnerZooKeeperServer.getTouchSnapshot',
  },
  'session.learner-accepts': {
    says: 'A learner without local sessions takes every request of a session; whether the session lives is the leader’s to say.',
    source: 'LearnerSessionTracker.touchSession',
  },
  'session.expire-closes': {
    says: 'The leader ends a silent session with a closeSession of its own, a transaction like any other.',
    source: 'ZooKeeperServer.expire, close',
  },
  'session.no-leader-no-expiry': {
    says: 'While there is no leader no session expires.',
    source: 'LeaderSessionTracker, LearnerSessionTracker',
  },
  'session.ephemerals': {
    says: 'All ephemerals of a session are deleted with its end, with one zxid.',
    source: 'DataTree.killSession',
  },
  'session.ephemerals-order': {
    says: 'The ephemerals of a session are deleted in the order of the list in the transaction, which is that of a hash set at the leader.',
    source: 'PrepRequestProcessor.pRequest2Txn, DataTree.killSession',
  },
  'session.ephemeral-survives': {
    says: 'An ephemeral outlives connections, servers and leaders, as long as its session lives.',
    source: 'DataTree.killSession',
  },
  'session.ephemeral-owner': {
    says: 'Others may change or delete an ephemeral if its ACL lets them, and it stays its owner’s.',
    source: 'DataTree.setData, DataTree.deleteNode',
  },
  'session.local': {
    says: 'With localSessionsEnabled a new session is known to its server only: it takes no zxid and no quorum.',
    source: 'QuorumZooKeeperServer.setLocalSessionFlag, LocalSessionTracker.createSession',
  },
  'session.local-elsewhere': {
    says: 'Another server does not know a local session: a client that takes it there is told that it is over.',
    source: 'LeaderZooKeeperServer.checkIfValidGlobalSession',
  },
  'session.local-lost': {
    says: 'Local sessions end when their server changes its role.',
    source: 'UpgradeableSessionTracker.createLocalSessionTracker',
  },
  'session.local-close': {
    says: 'A local session ends where it began, without a transaction, whether its client closes it or it expires.',
    source: 'QuorumZooKeeperServer.setLocalSessionFlag, FinalRequestProcessor.applyRequest',
  },
  'session.upgrade': {
    says: 'Before a local session makes its first ephemeral, its server makes it a session of the whole ensemble, under the same id.',
    source: 'QuorumZooKeeperServer.checkUpgradeSession, makeUpgradeRequest',
  },
  'session.no-upgrade': {
    says: 'If sessions may not be upgraded, an ephemeral of a local session fails with EPHEMERALONLOCALSESSION; the attempt takes a zxid.',
    source: 'QuorumZooKeeperServer.checkUpgradeSession, PrepRequestProcessor.validateCreateRequest',
  },
  'session.read-only-server': {
    says: 'With readonlymode.enabled a server that has looked for a leader for one tick, at least 2 seconds, serves reads until its election ends.',
    source: 'QuorumPeer.run, ReadOnlyZooKeeperServer.startup',
  },
  'session.read-only-client': {
    says: 'A read-only server turns away clients that have not said that they can do with one.',
    source: 'ZooKeeperServer.processConnectRequest',
  },
  'session.read-only-renewal': {
    says: 'A read-only server does not renew a session of the ensemble: whether that lives is not known without a leader.',
    source: 'ReadOnlyZooKeeperServer.validateSession',
  },
  'session.read-only-local': {
    says: 'A session of a read-only server is local; without localSessionsEnabled it serves nobody.',
    source: 'ReadOnlyRequestProcessor.run',
  },
  'session.read-only-write': {
    says: 'A read-only server answers every write, and sync, with NOTREADONLY.',
    source: 'ReadOnlyRequestProcessor.run',
  },
  'session.is-ro': {
    says: 'A server answers the word isro with ro if it is read-only, with rw if it serves, and with null if it does not.',
    source: 'IsroCommand.commandRun',
  },
  'session.server-stops': {
    says: 'A server that stops serving closes all its clients’ connections; their sessions live on.',
    source: 'ServerCnxnFactory.closeAll, QuorumPeer.closeAllConnections',
  },
} as const satisfies Record<`session.${string}`, Rule>;
