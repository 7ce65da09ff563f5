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
    says: 'Closing a handle sends closeSession, and the handle ends with its answer or with the connection.',
    source: 'ClientCnxn.close',
  },
  'client.arguments': {
    says: 'Paths and arguments are checked in the client; what is not valid is never sent.',
    source: 'PathUtils.validatePath',
  },
  'client.watch-registered': {
    says: 'A watch counts for the client from the answer on: getData and getChildren on success, exists also when the node is missing.',
    source: 'ZooKeeper.WatchRegistration.register',
  },
  'client.watch-materialized': {
    says: 'A watch event takes the watches that it fulfils out of the registers of the client, and tells each of them once.',
    source: 'ZKWatchManager.materialize',
  },
  'client.set-watches': {
    says: 'After a reconnect the client registers its watches again with setWatches, before any queued request.',
    source: 'ClientCnxn.SendThread.primeConnection',
  },
  'client.session-event': {
    says: 'The default watcher is told when the connection is lost, stands again, or the session is over, but never twice the same.',
    source: 'ClientCnxn.EventThread.queueEvent',
  },
} as const satisfies Record<`client.${string}`, Rule>;
