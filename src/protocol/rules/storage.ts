import type { Rule } from './rule.ts';

/** Rules `storage.*`. */
export const STORAGE_RULES = {
  'storage.recovery': {
    says: 'A starting server loads its newest valid snapshot and replays all of the log behind it, for the log does not say what was committed.',
    source: 'FileTxnSnapLog.restore, QuorumPeer.loadDataBase',
  },
  'storage.replay-idempotent': {
    says: 'Replaying a transaction over a tree that holds it already ends in the same tree.',
    source: 'DataTree.processTxn',
  },
  'storage.torn-tail': {
    says: 'A log file ends where its last complete entry ends; a torn tail is no error.',
    source: 'FileTxnLog.FileTxnIterator.next',
  },
  'storage.checksum': {
    says: 'A complete log entry with a wrong checksum keeps the server from starting.',
    source: 'FileTxnLog.FileTxnIterator.next',
  },
  'storage.append': {
    says: 'Appending a transaction to the log writes to memory only; it is not durable before an fsync.',
    source: 'FileTxnLog.append',
  },
  'storage.group-commit': {
    says: 'One fsync makes everything durable that was appended since the one before.',
    source: 'SyncRequestProcessor.run, SyncRequestProcessor.flush, FileTxnLog.commit',
  },
  'storage.apply': {
    says: 'Committed transactions are applied to the znode tree one by one, in the order of their zxids.',
    source: 'FinalRequestProcessor.applyRequest, DataTree.processTxn',
  },
  'storage.snapshot': {
    says: 'A snapshot keeps the whole tree under the zxid of the last transaction in it, so that replay can begin there.',
    source: 'FileTxnSnapLog.save',
  },
  'storage.snapshot-received': {
    says: 'A learner that receives SNAP throws its tree away and takes the leader’s.',
    source: 'Learner.syncWithLeader',
  },
  'storage.truncate': {
    says: 'TRUNC cuts the log behind a zxid and loads snapshot and log again, since a tree cannot be taken back.',
    source: 'ZKDatabase.truncateLog, FileTxnLog.truncate',
  },
  'storage.fast-forward': {
    says: 'A server that leaves its role keeps its tree and replays what it has logged but not applied, committed or not.',
    source: 'ZKDatabase.fastForwardDataBase',
  },
  'storage.committed-log': {
    says: 'The last committed transactions stay in memory, so that a learner that is a little behind gets a DIFF.',
    source: 'ZKDatabase.addCommittedProposal',
  },
  'storage.epoch-file': {
    says: 'An epoch file is replaced whole: written beside, fsynced, renamed.',
    source: 'AtomicFileWritingIdiom',
  },
} as const satisfies Record<`storage.${string}`, Rule>;
