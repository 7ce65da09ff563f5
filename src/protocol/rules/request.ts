import type { Rule } from './rule.ts';

/** Rules `request.*`. */
export const REQUEST_RULES = {
  'request.dropped': {
    says: 'A request of a session that its server knows to be closing or unknown is dropped without an answer.',
    source: 'ZooKeeperServer.submitRequestNow',
  },
  'request.unimplemented': {
    says: 'An operation that the server does not know is refused before it becomes a transaction, and the connection is closed.',
    source: 'Request.isValid, UnimplementedRequestProcessor',
  },
  'request.sasl': {
    says: 'A server without SASL answers a SASL token with none, and without the processors; a missing token ends the connection.',
    source: 'ZooKeeperServer.processSasl',
  },
  'request.validate-once': {
    says: 'A write is checked once, at the leader, in a fixed order, and its first failing check gives the error.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'request.outstanding-changes': {
    says: 'The leader checks a write against its tree and all earlier writes still in flight, so writes need not wait for each other.',
    source: 'PrepRequestProcessor.getRecordForPath',
  },
  'request.failed-write': {
    says: 'A write that fails its checks still takes a zxid and is proposed, logged and committed, as a transaction that changes nothing.',
    source: 'PrepRequestProcessor.pRequest',
  },
  'request.sequence': {
    says: 'A sequential name ends in the number of children ever created under its parent, ten digits wide.',
    source: 'PrepRequestProcessor.pRequest2TxnCreate',
  },
  'request.close-session': {
    says: 'Closing a session never fails; the transaction lists the ephemerals of the tree and of the writes in flight.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'request.forward': {
    says: 'A learner sends writes and syncs to the leader and keeps its own copy of each, so that it can answer when the commit comes.',
    source: 'FollowerRequestProcessor.run, ObserverRequestProcessor.run',
  },
  'request.session-order': {
    says: 'Requests of one session are answered in the order of their arrival: a read waits behind the session’s own write, other sessions’ reads do not.',
    source: 'CommitProcessor.run',
  },
  'request.commit-order': {
    says: 'A follower commits the oldest proposal it holds; a COMMIT for another zxid ends its process.',
    source: 'FollowerZooKeeperServer.commit',
  },
  'request.reply': {
    says: 'The server that holds the client’s connection answers a write once it has applied it; the reply carries the last zxid that this server has applied.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'request.local-read': {
    says: 'A read is answered from the tree of the connected server, which may be behind; the reply tells the last zxid applied there.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'request.sync': {
    says: 'A sync is answered when this server has applied all that the leader had committed when the sync reached it.',
    source: 'Leader.processSync, FollowerZooKeeperServer.sync',
  },
  'request.sync-path': {
    says: 'The path of a sync is not looked at, and comes back in the answer.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'request.close-reply': {
    says: 'The reply to closeSession goes out before the socket is closed.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'request.watch-before-reply': {
    says: 'Watch events of a transaction are sent before its reply and before the answer of any read that can see the change.',
    source: 'FinalRequestProcessor.applyRequest, CommitProcessor.run',
  },
  'request.standalone-commit': {
    says: 'A lone server without an ensemble commits a write when its own log has it, and answers reads in their turn behind the writes.',
    source: 'ZooKeeperServer.setupRequestProcessors, SyncRequestProcessor.run',
  },
  'request.rollover': {
    says: 'When the counter of the zxid is used up, the leader steps down and the next epoch starts a new one.',
    source: 'Leader.propose (ZOOKEEPER-1277)',
  },
} as const satisfies Record<`request.${string}`, Rule>;
