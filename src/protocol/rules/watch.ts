import type { Rule } from './rule.ts';

/** Rules `watch.*`. */
export const WATCH_RULES = {
  // where watches are
  'watch.data-table': {
    says: 'getData and exists leave a data watch on the connected server; the same watch twice counts once.',
    source: 'WatchManager.addWatch',
  },
  'watch.child-table': {
    says: 'getChildren leaves a child watch on the connected server; the same watch twice counts once.',
    source: 'WatchManager.addWatch',
  },
  'watch.both-tables': {
    says: 'addWatch leaves its watch in the data table and in the child table, so it counts twice.',
    source: 'DataTree.addWatch',
  },
  'watch.mode-replaced': {
    says: 'A session has one watch at a path of a table: the mode given last replaces the one before.',
    source: 'WatcherModeManager.setWatcherMode',
  },
  'watch.bad-mode': {
    says: 'addWatch with a number that is no mode is refused with MARSHALLINGERROR.',
    source: 'WatcherMode.fromZooDef',
  },
  'watch.connection-bound': {
    says: 'Watches vanish with the connection on which they were left.',
    source: 'DataTree.removeCnxn',
  },
  'watch.local': {
    says: 'A server tells only the clients that are connected to it, when it applies the transaction itself.',
    source: 'DataTree.processTxn',
  },
  'watch.count': {
    says: 'The number of watches is that of the entries in both tables.',
    source: 'DataTree.getWatchCount',
  },
  'watch.add-unchecked': {
    says: 'addWatch asks for no permission and for no znode.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'watch.numbers': {
    says: 'Modes, types and events of watches travel as numbers.',
    source: 'AddWatchMode, Watcher.WatcherType, Watcher.Event.EventType',
  },
  'watch.no-data': {
    says: 'A watch event names what happened and the path, and carries no data.',
    source: 'WatcherEvent (zookeeper.jute)',
  },
  'watch.not-kept': {
    says: 'Watches are in no log and in no snapshot, and no other server knows of them.',
    source: 'DataTree.serialize',
  },
  // what fires
  'watch.node-created': {
    says: 'A create fires the data watches that wait at the new path.',
    source: 'DataTree.createNode',
  },
  'watch.node-deleted': {
    says: 'A delete fires the data watches of the znode, then its child watches of sessions that were not told yet.',
    source: 'DataTree.deleteNode',
  },
  'watch.deleted-once': {
    says: 'A session that its data watch has told of a delete is not told again by its child watch, which is used up all the same.',
    source: 'WatchManager.triggerWatch',
  },
  'watch.node-data-changed': {
    says: 'A setData fires the data watches of the znode, even if the bytes are the same.',
    source: 'DataTree.setData',
  },
  'watch.node-children-changed': {
    says: 'A create or delete fires the child watches of the parent, after those of the znode itself.',
    source: 'DataTree.createNode, DataTree.deleteNode',
  },
  'watch.session-end': {
    says: 'The end of a session fires for each of its ephemeral nodes as a delete does.',
    source: 'DataTree.killSession',
  },
  'watch.multi': {
    says: 'The parts of a multi fire in their order, each as it would alone.',
    source: 'DataTree.processTxn',
  },
  'watch.silent': {
    says: 'A setACL, a check, a failed write and the opening of a session fire nothing.',
    source: 'DataTree.setACL',
  },
  'watch.data-sees': {
    says: 'A data watch of getData sees its znode change or go, and nothing of its children.',
    source: 'DataTree.setData, DataTree.deleteNode',
  },
  'watch.exists-sees': {
    says: 'A watch of exists sees its znode come, change or go, and nothing of its children.',
    source: 'DataTree.createNode, DataTree.setData, DataTree.deleteNode',
  },
  'watch.child-sees': {
    says: 'A child watch sees its znode go and children come and go, and no data change.',
    source: 'DataTree.createNode, DataTree.deleteNode',
  },
  // who is told, and what becomes of the watch
  'watch.one-shot': {
    says: 'A watch is removed in the moment it fires: it says that something changed, not how often.',
    source: 'WatchManager.triggerWatch',
  },
  'watch.persistent': {
    says: 'A persistent watch tells of the data and of the children of its znode, and stays.',
    source: 'WatchManager.triggerWatch',
  },
  'watch.recursive': {
    says: 'A recursive watch tells of its znode and of all below it under their own paths, never of changed children, and stays.',
    source: 'WatchManager.triggerWatch',
  },
  'watch.ancestors': {
    says: 'The ancestors of a path are looked up for recursive watches, and only while there is one.',
    source: 'PathParentIterator.forAll',
  },
  'watch.told-once': {
    says: 'A session with several watches in a table that an event matches is told once.',
    source: 'WatchManager.triggerWatch',
  },
  'watch.read-permission': {
    says: 'Only who may read the znode, by its ACL as the transaction found it, is told; the one-shot watch is used up all the same.',
    source: 'NIOServerCnxn.process',
  },
  'watch.parent-permission': {
    says: 'For changed children it is the ACL of the parent that counts, for a delete the last one of the deleted znode.',
    source: 'DataTree.deleteNode',
  },
  'watch.zxid-order': {
    says: 'A client is told of changes in the order of their zxids.',
    source: 'FinalRequestProcessor.processRequest',
  },
  // removal
  'watch.remove': {
    says: 'removeWatches takes the watch of the session out of the data table, the child table or both, whatever its mode.',
    source: 'DataTree.removeWatch',
  },
  'watch.check': {
    says: 'checkWatches only looks whether anybody waits at the path in the tables of the type, and removes nothing.',
    source: 'WatchManager.containsWatcher',
  },
  'watch.check-path': {
    says: 'Whether an empty path is watched is answered with NOWATCHER, and of a path without a slash with MARSHALLINGERROR, whatever watches are there.',
    source: 'WatchManager.containsWatcher, PathParentIterator.next',
  },
  'watch.no-watcher': {
    says: 'Where there is no watch to check or to remove the answer is NOWATCHER.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'watch.bad-type': {
    says: 'A number that is no type of watches is refused with MARSHALLINGERROR.',
    source: 'Watcher.WatcherType.fromInt',
  },
  // after a reconnect
  'watch.set-watches': {
    says: 'After a reconnect the client hands its watches to the server: what changed meanwhile is told at once, the rest is registered again.',
    source: 'DataTree.setWatches',
  },
  'watch.set-watches-order': {
    says: 'The lists are taken up in the order data, exists, child, persistent, recursive.',
    source: 'DataTree.setWatches',
  },
  'watch.reset-data': {
    says: 'A data watch on a znode that is gone is told NodeDeleted, on one with a newer mzxid NodeDataChanged.',
    source: 'DataTree.setWatches',
  },
  'watch.reset-exist': {
    says: 'An exists watch on a znode that is there is told NodeCreated; a create and delete meanwhile are missed.',
    source: 'DataTree.setWatches',
  },
  'watch.reset-recreated': {
    says: 'A data watch sees a delete and a new create meanwhile as one change of data.',
    source: 'DataTree.setWatches',
  },
  'watch.reset-acl': {
    says: 'That the ACL has changed meanwhile is not told.',
    source: 'DataTree.setWatches',
  },
  'watch.reset-child': {
    says: 'A child watch on a znode that is gone is told NodeDeleted, on one with a newer pzxid NodeChildrenChanged, once for however many changes.',
    source: 'DataTree.setWatches',
  },
  'watch.reset-persistent': {
    says: 'Persistent and recursive watches are registered again, and what they missed is not told.',
    source: 'DataTree.setWatches',
  },
  'watch.reset-unfiltered': {
    says: 'What a reconnect finds is told whatever the ACL says, with zxid -1.',
    source: 'DataTree.setWatches',
  },
} as const satisfies Record<`watch.${string}`, Rule>;
