import type { Rule } from './rule.ts';

/** Rules `quota.*` (`ZooKeeperServer.checkQuota`, `DataTree`). */
export const QUOTA_RULES = {
  'quota.stats': {
    says: 'Each server counts the znodes and bytes below a quota as it applies transactions, and keeps them in the quota’s zookeeper_stats: that takes no zxid and fires no watch.',
    source: 'DataTree.updateQuotaStat',
  },
  'quota.count': {
    says: 'The count of a quota includes the znode that carries it.',
    source: 'DataTree.getCounts',
  },
  'quota.bytes': {
    says: 'The bytes of a quota are the lengths of the data of all znodes that count.',
    source: 'DataTree.getCounts',
  },
  'quota.deepest': {
    says: 'Of several quotas above a path the deepest one applies.',
    source: 'PathTrie.findMaxPrefix',
  },
  'quota.limits-node': {
    says: 'A quota begins when its zookeeper_limits is created, and ends when that znode is deleted; creating zookeeper_stats counts what is there already, whatever its data say.',
    source: 'DataTree.createNode, deleteNode',
  },
  'quota.text': {
    says: 'The limits are text, count=…,bytes=…=;byteHardLimit=…;countHardLimit=…, in which −1 or nothing means no limit.',
    source: 'StatsTrack',
  },
  'quota.soft': {
    says: 'On a server that enforces quotas a write beyond a soft limit only brings a warning.',
    source: 'ZooKeeperServer.checkQuota',
  },
  'quota.hard': {
    says: 'A write beyond a hard limit fails with QUOTAEXCEEDED if the server enforces quotas.',
    source: 'ZooKeeperServer.checkQuota, PrepRequestProcessor.pRequest2Txn',
  },
  'quota.replaces-soft': {
    says: 'Where a hard limit is set the soft one does not count.',
    source: 'ZooKeeperServer.checkQuota',
  },
  'quota.not-enforced': {
    says: 'A server with enforceQuota off refuses nothing for a quota, and counts all the same.',
    source: 'ZooKeeperServer.checkQuota',
  },
  'quota.applied-tree': {
    says: 'Quotas are checked against the applied tree, not against writes in flight, so a burst of writes may exceed them.',
    source: 'ZooKeeperServer.checkQuota',
  },
  'quota.loaded': {
    says: 'A server that loads a tree finds its quotas in /zookeeper/quota and counts anew.',
    source: 'DataTree.setupQuota, traverseNode',
  },
} as const satisfies Record<`quota.${string}`, Rule>;
