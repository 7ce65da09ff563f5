import type { Rule } from './rule.ts';

/** Rules `watch.*`. */
export const WATCH_RULES = {
  'watch.data-table': {
    says: 'getData and exists leave a data watch on the connected server; the same watch twice counts once.',
    source: 'WatchManager.addWatch',
  },
  'watch.child-table': {
    says: 'getChildren leaves a child watch on the connected server; the same watch twice counts once.',
    source: 'WatchManager.addWatch',
  },
  'watch.one-shot': {
    says: 'A watch is removed in the moment it fires: it says that something changed, not how often.',
    source: 'WatchManager.triggerWatch',
  },
  'watch.node-created': {
    says: 'A create fires the data watches that wait at the new path.',
    source: 'DataTree.createNode',
  },
  'watch.node-deleted': {
    says: 'A delete fires the data watches of the znode, then its child watches of sessions that were not told yet.',
    source: 'DataTree.deleteNode',
  },
  'watch.node-data-changed': {
    says: 'A setData fires the data watches of the znode, even if the bytes are the same.',
    source: 'DataTree.setData',
  },
  'watch.node-children-changed': {
    says: 'A create or delete fires the child watches of the parent, after those of the znode itself.',
    source: 'DataTree.createNode, DataTree.deleteNode',
  },
  'watch.set-watches': {
    says: 'After a reconnect the client hands its watches to the server: what changed meanwhile is told at once, the rest is registered again.',
    source: 'DataTree.setWatches',
  },
  'watch.connection-bound': {
    says: 'Watches live in the memory of the connected server and vanish with the connection.',
    source: 'DataTree.removeCnxn',
  },
} as const satisfies Record<`watch.${string}`, Rule>;
