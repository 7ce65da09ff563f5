import type { Rule } from './rule.ts';

/** Rules `quota.*` (`ZooKeeperServer.checkQuota`, `DataTree`). */
export const QUOTA_RULES = {
  'quota.stats': {
    says: 'Each server counts the znodes and bytes below a quota as it applies transactions, and keeps them in the quota’s zookeeper_stats: that takes no zxid and fires no watch.',
    source: 'DataTree.updateQuotaStat',
  },
  'quota.count': {
    says: 'The count of a quota includes the znode that carries it, and its bytes are the data of all of them.',
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
  'quota.soft': {
    says: 'On a server that enforces quotas a write beyond a soft limit only brings a warning.',
    source: 'ZooKeeperServer.checkQuota',
  },
  'quota.hard': {
    says: 'A write beyond a hard limit fails with QUOTAEXCEEDED if the server enforces quotas; a hard limit takes the place of the soft one.',
    source: 'ZooKeeperServer.checkQuota, PrepRequestProcessor.pRequest2Txn',
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
