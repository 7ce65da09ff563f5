import type { Rule } from './rule.ts';

/** Rules `client.*`. */
export const CLIENT_RULES = {
  'client.host-order': {
    says: 'A client tries the servers of its list one after the other, from the start again after the last.',
    source: 'StaticHostProvider.next',
  },
  'client.reconnect-pause': {
    says: 'Before it connects again a client waits a random time below one second, and one second more after a full round of its servers.',
    source: 'ClientCnxn.SendThread.startConnect',
  },
  'client.connect-timeout': {
    says: 'A connection that has brought no session within the session timeout divided by the number of servers is given up.',
    source: 'ClientCnxn.SendThread.run',
  },
  'client.connect-request': {
    says: 'A new connection begins with a ConnectRequest that carries session id, password and the last zxid that the client has seen.',
    source: 'ClientCnxn.SendThread.primeConnection',
  },
  'client.established': {
    says: 'The ConnectResponse tells the session and its negotiated timeout; two thirds of it are the read timeout.',
    source: 'ClientCnxn.SendThread.onConnected',
  },
  'client.queue': {
    says: 'Requests wait in a queue until the session is established, and are then sent in the order of the calls.',
    source: 'ClientCnxn.queuePacket',
  },
  'client.ping': {
    says: 'A client that has sent nothing for half of the read timeout sends a ping.',
    source: 'ClientCnxn.SendThread.run',
  },
  'client.read-timeout': {
    says: 'A client that hears nothing for two thirds of the session timeout drops the connection and tries the next server.',
    source: 'ClientCnxn.SendThread.run',
  },
  'client.connection-loss': {
    says: 'When its connection is lost every request without an answer fails with CONNECTIONLOSS; it may have happened or not, and is not sent again.',
    source: 'ClientCnxn.conLossPacket',
  },
  'client.xid-order': {
    says: 'Answers come in the order of the requests; any other order breaks the connection.',
    source: 'ClientCnxn.SendThread.readResponse',
  },
  'client.expired': {
    says: 'A ConnectResponse with timeout 0 says that the session has expired; only then does the client know, and the handle is dead.',
    source: 'ClientCnxn.SendThread.onConnected',
  },
  'client.local-expiry': {
    says: 'A client that has heard no server for four thirds of the session timeout takes its session for expired.',
    source: 'ClientCnxn.SendThread.run',
  },
  'client.dead-handle': {
    says: 'A handle whose session is over answers every call with SESSIONEXPIRED; only a new handle makes a new session.',
    source: 'ClientCnxn.queuePacket',
  },
  'client.close': {
    says: 'Closing a handle sends closeSession, and the handle ends with its answer or with the connection; the call does not say which.',
    source: 'ClientCnxn.close',
  },
  'client.arguments': {
    says: 'Paths and arguments are checked in the client; what is not valid is never sent.',
    source: 'PathUtils.validatePath',
  },
  'client.chroot': {
    says: 'With a chroot all paths go out with its prefix, and come back without it; the root itself is not deleted.',
    source: 'ZooKeeper.prependChroot',
  },
  'client.chroot-event': {
    says: 'The path of an event loses as many characters as the chroot has.',
    source: 'ClientCnxn.SendThread.readResponse',
  },
  'client.chroot-bare': {
    says: 'getEphemerals, reconfig and config know no chroot, and the paths in the results of a multi keep it.',
    source: 'ZooKeeper.getEphemerals',
  },
  'client.multi-result': {
    says: 'The error of a multi is the first among its results.',
    source: 'ClientCnxn.EventThread.processEvent',
  },
  'client.multi-empty': {
    says: 'A multi of no operations is answered by the client.',
    source: 'ZooKeeper.multiInternal',
  },
  'client.multi-kinds': {
    says: 'A multi holds only reads or only writes.',
    source: 'MultiOperationRecord.setOrCheckOpKind',
  },
  'client.multi-paths': {
    says: 'A multi with a bad path is not sent: its operation gets BADARGUMENTS, the others RUNTIMEINCONSISTENCY.',
    source: 'ZooKeeper.validatePath',
  },
  'client.ttl': {
    says: 'A time to live is from 1 ms to 2^40 - 1 ms, and given only with the modes that have one.',
    source: 'EphemeralType.validateTTL',
  },
  'client.last-zxid': {
    says: 'The last zxid seen is that of the replies to requests, not of pings and events.',
    source: 'ClientCnxn.SendThread.readResponse',
  },
  // identities
  'client.add-auth': {
    says: 'addauth is sent as it comes and has no answer for the caller.',
    source: 'ClientCnxn.addAuthInfo',
  },
  'client.auth-again': {
    says: 'With each new connection all identities are given again, before the watches and the queue.',
    source: 'ClientCnxn.SendThread.primeConnection',
  },
  'client.auth-failed': {
    says: 'An identity that the server refuses ends the handle: every call fails with AUTHFAILED.',
    source: 'ClientCnxn.SendThread.readResponse',
  },
  // read-only mode
  'client.read-only-session': {
    says: 'A handle that allows it is served by a read-only server, and says so with the state CONNECTEDREADONLY.',
    source: 'ClientCnxn.SendThread.onConnected',
  },
  'client.read-only-id': {
    says: 'Session id 0 is sent until a read-write server was seen: the session of a read-only server is not a real one.',
    source: 'ClientCnxn.SendThread.primeConnection',
  },
  'client.read-write-search': {
    says: 'On a read-only server the client asks one server after the other with isro, after 100 ms, then twice as long each time up to 60 s.',
    source: 'ClientCnxn.SendThread.pingRwServer',
  },
  'client.read-write-found': {
    says: 'When a server answers rw the client drops its connection and goes there.',
    source: 'ClientCnxn.SendThread.pingRwServer',
  },
  'client.resume': {
    says: 'A handle made with the id and password of a session takes that session up.',
    source: 'ZooKeeper constructor with sessionId',
  },
  // watches
  'client.watch-registered': {
    says: 'A watch counts for the client from the answer on: getData and getChildren on success, exists also when the node is missing.',
    source: 'ZooKeeper.WatchRegistration.register',
  },
  'client.exists-registered': {
    says: 'exists enters a data watch if the node is there, and an exists watch if it is missing.',
    source: 'ZooKeeper.ExistsWatchRegistration.getWatches',
  },
  'client.add-watch-registered': {
    says: 'addWatch enters a persistent or a recursive watch.',
    source: 'ZooKeeper.AddWatchRegistration.getWatches',
  },
  'client.watch-materialized': {
    says: 'A watch event takes the watches that it fulfils out of the registers of the client, and tells each of them once.',
    source: 'ZKWatchManager.materialize',
  },
  'client.fulfilled-by-change': {
    says: 'NodeCreated and NodeDataChanged fulfil the data and exists watches of their path.',
    source: 'ZKWatchManager.materialize',
  },
  'client.fulfilled-by-delete': {
    says: 'NodeDeleted fulfils the data, exists and child watches of its path.',
    source: 'ZKWatchManager.materialize',
  },
  'client.fulfilled-by-children': {
    says: 'NodeChildrenChanged fulfils the child watches of its path.',
    source: 'ZKWatchManager.materialize',
  },
  'client.watch-stays': {
    says: 'Persistent watches at the path and recursive ones at it or above it are told and stay in the registers.',
    source: 'ZKWatchManager.addPersistentWatches',
  },
  'client.watch-unmatched': {
    says: 'An event that matches no register is dropped.',
    source: 'ClientCnxn.EventThread.queueEvent',
  },
  'client.set-watches': {
    says: 'After a reconnect the client registers its watches again with setWatches, before any queued request.',
    source: 'ClientCnxn.SendThread.primeConnection',
  },
  'client.set-watches-batch': {
    says: 'Watches are handed over in batches of about 128 KiB of paths, in the order data, exists, child, persistent, recursive.',
    source: 'ClientCnxn.SendThread.primeConnection',
  },
  'client.set-watches2': {
    says: 'Only a batch with persistent watches is sent as setWatches2.',
    source: 'ClientCnxn.SendThread.primeConnection',
  },
  'client.no-watcher': {
    says: 'Removing a watch that the register does not have gives NOWATCHER, whatever the server said.',
    source: 'ZKWatchManager.containsWatcher',
  },
  'client.remove-all': {
    says: 'removeAllWatches lets the server forget the watches; removeWatches only asks it whether there is one, and the entry there stays.',
    source: 'ZooKeeper.removeWatches',
  },
  'client.remove-type': {
    says: 'Data removes data and exists watches, Children child watches, Any persistent ones too; a persistent watch counts as present for all three.',
    source: 'ZKWatchManager.removeWatcher',
  },
  'client.remove-local': {
    says: 'A local removal forgets the watch even if the server cannot be reached.',
    source: 'ZKWatchManager.removeWatches',
  },
  'client.watch-removed': {
    says: 'The watcher of a removed watch is told DataWatchRemoved, ChildWatchRemoved or PersistentWatchRemoved, before the caller goes on.',
    source: 'ClientCnxn.finishPacket',
  },
  'client.session-event': {
    says: 'The default watcher is never told the same state twice in a row.',
    source: 'ClientCnxn.EventThread.queueEvent',
  },
  'client.told-disconnected': {
    says: 'Disconnected: the connection is lost, and no watch event can come until there is another.',
    source: 'ClientCnxn.SendThread.cleanAndNotifyState',
  },
  'client.told-connected': {
    says: 'SyncConnected: the session stands, for the first time or again.',
    source: 'ClientCnxn.SendThread.onConnected',
  },
  'client.told-read-only': {
    says: 'ConnectedReadOnly: a read-only server serves the session.',
    source: 'ClientCnxn.SendThread.onConnected',
  },
  'client.told-expired': {
    says: 'Expired: a server does not know the session any more, or none was heard for too long.',
    source: 'ClientCnxn.SendThread.onConnected, ClientCnxn.SendThread.run',
  },
  'client.told-auth-failed': {
    says: 'AuthFailed: the server has refused an identity.',
    source: 'ClientCnxn.SendThread.readResponse',
  },
  'client.told-closed': {
    says: 'Closed: the handle was closed by its own application.',
    source: 'ClientCnxn.disconnect',
  },
} as const satisfies Record<`client.${string}`, Rule>;
