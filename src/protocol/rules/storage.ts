import type { Rule } from './rule.ts';

/** Rules `storage.*`. */
export const STORAGE_RULES = {
  'storage.recovery': {
    says: 'A starting server loads its newest valid snapshot and replays all of the log behind it, for the log does not say what was committed.',
    source: 'FileTxnSnapLog.restore, QuorumPeer.loadDataBase',
  },
  'storage.snapshot-zxid': {
    says: 'The tree of a snapshot counts as being at the zxid of the file’s name, whatever later effects it holds.',
    source: 'FileSnap.deserialize',
  },
  'storage.replay-idempotent': {
    says: 'Replaying a transaction over a tree that holds it already ends in the same tree.',
    source: 'DataTree.processTxn',
  },
  'storage.torn-tail': {
    says: 'A log file ends where its last complete entry ends; a torn tail is no error.',
    source: 'FileTxnLog.FileTxnIterator.next',
  },
  'storage.next-file': {
    says: 'Behind the end of a log file, torn or not, the next file goes on.',
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
  'storage.truncate-later-files': {
    says: 'TRUNC deletes every log file behind the one that it cuts.',
    source: 'FileTxnLog.truncate',
  },
  'storage.truncate-fails': {
    says: 'A server whose log cannot be cut where it is told ends its process.',
    source: 'Learner.syncWithLeader',
  },
  'storage.fast-forward': {
    says: 'A server that leaves its role keeps its tree and replays what it has logged but not applied, committed or not.',
    source: 'ZKDatabase.fastForwardDataBase',
  },
  'storage.committed-log': {
    says: 'The last committed transactions stay in memory, so that a learner that is a little behind gets a DIFF.',
    source: 'ZKDatabase.addCommittedProposal',
  },
  'storage.committed-log-size': {
    says: 'Of the committed transactions in memory the oldest goes only when there are more than commitLogCount: so there is one more.',
    source: 'ZKDatabase.addCommittedProposal',
  },
  'storage.committed-log-snap': {
    says: 'After a SNAP no committed transaction is in memory until new ones come.',
    source: 'ZKDatabase.deserializeSnapshot',
  },
  'storage.epoch-file': {
    says: 'An epoch file is replaced whole: written beside, fsynced, renamed.',
    source: 'AtomicFileWritingIdiom',
  },

  // ---- files and formats
  'storage.log-name': {
    says: 'A log file is named by the zxid of the first transaction that is written into it.',
    source: 'FileTxnLog.append, Util.makeLogName',
  },
  'storage.log-format': {
    says: 'A log is a header and then entries of checksum, length, bytes and an end mark.',
    source: 'FileTxnLog.append, Util.writeTxnBytes',
  },
  'storage.txn-result': {
    says: 'A logged transaction is a result with its new versions in it: replaying it checks no condition again.',
    source: 'PrepRequestProcessor.pRequest2Txn, DataTree.processTxn',
  },
  'storage.preallocation': {
    says: 'A log file is extended with zeros when fewer than 4096 bytes are left of it.',
    source: 'FilePadding.calculateFileSizeWithPadding',
  },
  'storage.log-end': {
    says: 'A length of zero is the end of a log file: the zeros behind it were never written.',
    source: 'FileTxnLog.FileTxnIterator.next',
  },
  'storage.log-roll': {
    says: 'A new log file begins with the first transaction after a start, and after a roll for a snapshot; an old file is never continued.',
    source: 'FileTxnLog.rollLog, FileTxnLog.append',
  },
  'storage.log-size-limit': {
    says: 'A log file above txnLogSizeLimitInKb is not continued after its fsync.',
    source: 'FileTxnLog.commit',
  },
  'storage.append-order': {
    says: 'The log takes a transaction even if its zxid is not above the last one.',
    source: 'FileTxnLog.append',
  },
  'storage.digest': {
    says: 'The leader puts the digest that the tree will have into each transaction; nodes below /zookeeper do not count.',
    source: 'PrepRequestProcessor.precalculateDigest, DigestCalculator.calculateDigest',
  },
  'storage.digest-compare': {
    says: 'A server compares the digest of its tree after each transaction; a mismatch is counted and nothing else.',
    source: 'DataTree.compareDigest, DataTree.reportDigestMismatch',
  },
  'storage.digest-fuzzy': {
    says: 'Behind a fuzzy snapshot digests are compared only from the zxid on that the snapshot names at its end.',
    source: 'DataTree.deserializeZxidDigest, DataTree.compareSnapshotDigests',
  },
  'storage.myid': {
    says: 'The file myid must name the server that starts.',
    source: 'QuorumPeerConfig.setupMyId',
  },

  // ---- group commit
  'storage.batch-size': {
    says: 'A group commit holds 1000 requests at most.',
    source: 'SyncRequestProcessor.shouldFlush',
  },
  'storage.force-sync': {
    says: 'Without forceSync nothing is fsynced, and transactions count as logged at once.',
    source: 'FileTxnLog.commit',
  },
  'storage.pass-on': {
    says: 'What is no transaction passes the log at once, unless a transaction before it waits for its fsync.',
    source: 'SyncRequestProcessor.run',
  },

  // ---- snapshots
  'storage.snapshot-threshold': {
    says: 'A snapshot is due after half of snapCount transactions and a random part up to the same.',
    source: 'SyncRequestProcessor.shouldSnapshot, SyncRequestProcessor.resetSnapshotStats',
  },
  'storage.snapshot-redrawn': {
    says: 'The random part of the snapshot thresholds is drawn anew for each snapshot, so that servers do not take them together.',
    source: 'SyncRequestProcessor.resetSnapshotStats',
  },
  'storage.snapshot-size-threshold': {
    says: 'A snapshot is due as well after half of snapSizeLimitInKb of log and a random part up to the same.',
    source: 'SyncRequestProcessor.shouldSnapshot',
  },
  'storage.snapshot-busy': {
    says: 'While one snapshot is being written, another one that is due is skipped; the log is rolled all the same.',
    source: 'SyncRequestProcessor.run',
  },
  'storage.snapshot-format': {
    says: 'A snapshot holds sessions, the table of ACLs, all znodes with parents first, and seals with checksums.',
    source: 'FileSnap.serialize, SerializeUtils.serializeSnapshot, DataTree.serialize',
  },
  'storage.snapshot-fuzzy': {
    says: 'A snapshot is written while transactions are applied: each znode is copied when its turn comes, so the file may be ahead of its name.',
    source: 'DataTree.serializeNode, FileTxnSnapLog.save',
  },
  'storage.snapshot-synced': {
    says: 'A learner that received SNAP writes its snapshot beside, fsyncs and renames it before it goes on.',
    source: 'Learner.syncWithLeader, SnapStream.getOutputStream',
  },
  'storage.snapshot-leading': {
    says: 'A server that begins to lead writes a snapshot, before a quorum has accepted its log.',
    source: 'ZooKeeperServer.loadData, Leader.lead',
  },
  'storage.snapshot-after-trunc': {
    says: 'A learner that has cut its log writes a snapshot at NEWLEADER.',
    source: 'Learner.syncWithLeader',
  },

  // ---- replay over a snapshot that is ahead
  'storage.replay-create': {
    says: 'Replaying a create of a znode that is there keeps the znode, with the ACL of the transaction.',
    source: 'DataTree.createNode',
  },
  'storage.replay-delete': {
    says: 'Replaying a delete of a znode that is gone still raises its parent’s pzxid.',
    source: 'DataTree.deleteNode',
  },
  'storage.replay-parent': {
    says: 'Replay only ever raises a parent’s cversion and pzxid.',
    source: 'DataTree.createNode, DataTree.deleteNode (ZOOKEEPER-3125)',
  },
  'storage.replay-close-session': {
    says: 'Replaying the end of a session deletes the znodes that the transaction lists, whoever owns them now.',
    source: 'DataTree.killSession (ZOOKEEPER-3145)',
  },
  'storage.processed-last': {
    says: 'The last processed zxid moves behind the change of the tree, and of a multi behind its last part.',
    source: 'DataTree.processTxn (ZOOKEEPER-3127)',
  },
  'storage.acl-table': {
    says: 'Every list of ACLs is kept once under a number; a create puts its list there before the znode.',
    source: 'ReferenceCountedACLCache.convertAcls, DataTree.createNode (ZOOKEEPER-3306)',
  },

  // ---- recovery
  'storage.snapshot-candidates': {
    says: 'The newest 100 snapshots that end in a seal are tried, newest first, until one can be read.',
    source: 'FileSnap.findNValidSnapshots, FileSnap.deserialize',
  },
  'storage.snapshots-corrupt': {
    says: 'If there are snapshots and none can be read, the server does not start.',
    source: 'FileSnap.deserialize',
  },
  'storage.log-without-snapshot': {
    says: 'A log without any snapshot keeps the server from starting, unless snapshot.trust.empty is set.',
    source: 'FileTxnSnapLog.restore',
  },
  'storage.empty-disk': {
    says: 'On an empty disk a server begins with zxid 0 and a snapshot of the empty tree.',
    source: 'FileTxnSnapLog.restore',
  },
  'storage.no-autocreate': {
    says: 'Without db.autocreate an empty disk may have lost its data, and the zxid is −1.',
    source: 'FileTxnSnapLog.restore',
  },
  'storage.initialize': {
    says: 'The file initialize says that an empty disk is meant to be empty; it counts once, for the start removes it.',
    source: 'FileTxnSnapLog.restore',
  },
  'storage.empty-log': {
    says: 'An empty last log file is left by a crash before its header, and is deleted.',
    source: 'FileTxnLog.FileTxnIterator.createInputArchive',
  },
  'storage.epoch-missing': {
    says: 'A missing epoch file is made with the epoch of the last zxid.',
    source: 'QuorumPeer.loadDataBase',
  },
  'storage.epoch-interrupted': {
    says: 'If the last zxid is of a later epoch than currentEpoch, currentEpoch.tmp of an interrupted write tells the epoch.',
    source: 'QuorumPeer.loadDataBase (ZOOKEEPER-1653)',
  },
  'storage.epoch-behind': {
    says: 'A currentEpoch below the epoch of the last zxid keeps the server from starting.',
    source: 'QuorumPeer.loadDataBase',
  },
  'storage.epoch-accepted': {
    says: 'An acceptedEpoch below currentEpoch keeps the server from starting.',
    source: 'QuorumPeer.loadDataBase',
  },
  'storage.committed-log-replay': {
    says: 'What recovery and fast-forward replay joins the committed transactions in memory.',
    source: 'ZKDatabase.loadDataBase, ZKDatabase.fastForwardDataBase',
  },
  'storage.truncate-keeps-snapshots': {
    says: 'TRUNC deletes no snapshot: one that is ahead of the cut brings back what was cut.',
    source: 'ZKDatabase.truncateLog',
  },
  'storage.half-snap': {
    says: 'A server whose SNAP did not end clears its memory and loads the disk again.',
    source: 'QuorumPeer.run (ZOOKEEPER-3642)',
  },

  // ---- purge and failure
  'storage.purge': {
    says: 'A purge keeps the newest snapshots and every log that may hold transactions behind the oldest of them.',
    source: 'PurgeTxnLog.purgeOlderSnapshots',
  },
  'storage.purge-least': {
    says: 'A purge keeps three snapshots at least, whatever autopurge.snapRetainCount says.',
    source: 'QuorumPeerConfig.parseProperties',
  },
  'storage.purge-interval': {
    says: 'A server purges when it starts and then every autopurge.purgeInterval hours; 0 means never.',
    source: 'DatadirCleanupManager.start',
  },
  'storage.disk-full': {
    says: 'A server that cannot write its log ends its role and looks for a leader again; a standalone one exits.',
    source: 'SyncRequestProcessor.run, ZooKeeperCriticalThread.handleException (ZOOKEEPER-2247)',
  },
  'storage.disk-full-snapshot': {
    says: 'A server that cannot write a snapshot exits.',
    source: 'ZooKeeperServer.takeSnapshot',
  },
  'storage.no-empty-snapshot': {
    says: 'Of a snapshot that could not be written no empty file is left.',
    source: 'FileTxnSnapLog.save',
  },
} as const satisfies Record<`storage.${string}`, Rule>;
