/** What each defect does, which rule it breaks, and which real bug it was. */
import type { Defect } from './defects.ts';
import type { RuleId } from './rules/index.ts';

export interface DefectFacts {
  /** What the broken process does, in one plain sentence. */
  readonly says: string;
  /** The rule that it breaks. */
  readonly breaks: RuleId;
  /** The real bug that this was, if it was one: `ZOOKEEPER-4643`. */
  readonly history?: string;
}

export const DEFECTS: Readonly<Record<Defect, DefectFacts>> = {
  'commit-without-quorum': {
    says: 'The leader commits a proposal as soon as its own log has it.',
    breaks: 'zab.commit-quorum',
  },
  'ack-before-fsync': {
    says: 'A server acknowledges a proposal before its log is on disk.',
    breaks: 'zab.ack-after-fsync',
  },
  // synchronization
  'count-observer-acks': {
    says: 'A leader counts what observers promise and acknowledge as if they had a vote.',
    breaks: 'zab.newleader-quorum',
  },
  'skip-synchronization': {
    says: 'A leader tells every learner that nothing is missing, whatever the learner has.',
    breaks: 'zab.sync-diff',
  },
  'skip-trunc': {
    says: 'A learner does not cut its log when it is told to.',
    breaks: 'zab.sync-trunc-ahead',
  },
  'trunc-across-epochs': {
    says: 'A leader has a log cut across an epoch, to a zxid that the learner’s log need not have.',
    breaks: 'zab.sync-trunc-epoch',
  },
  'trunc-too-far': {
    says: 'A leader has a log cut behind the oldest transaction that it keeps in memory, not behind the newest.',
    breaks: 'zab.sync-trunc-ahead',
  },
  'snapshot-named-too-late': {
    says: 'A leader names a SNAP by the last zxid that it has proposed, which its tree does not hold yet.',
    breaks: 'storage.snapshot',
    history: 'ZOOKEEPER-3104',
  },
  'zxid-before-diff': {
    says: 'A learner takes the transactions of a DIFF for applied before they have come.',
    breaks: 'zab.sync-apply',
    history: 'ZOOKEEPER-2355',
  },
  'unsynced-snapshot': {
    says: 'A learner that received SNAP does not wait until its snapshot is on disk.',
    breaks: 'storage.snapshot-synced',
    history: 'ZOOKEEPER-2872',
  },
  'keep-half-snapshot': {
    says: 'A server keeps the tree of a SNAP that did not end, and of which nothing is on its disk.',
    breaks: 'storage.half-snap',
    history: 'ZOOKEEPER-3642',
  },
  'epoch-before-log': {
    says: 'A learner saves currentEpoch before the transactions of the synchronization are on disk.',
    breaks: 'zab.newleader-ack',
    history: 'ZOOKEEPER-4643',
  },
  'ack-newleader-before-log': {
    says: 'A learner acknowledges NEWLEADER while it holds the transactions of the synchronization in memory only.',
    breaks: 'zab.newleader-ack',
    history: 'ZOOKEEPER-3911',
  },
  'forget-pending-at-newleader': {
    says: 'A learner forgets, at NEWLEADER, the proposals whose COMMIT has not come yet.',
    breaks: 'zab.newleader',
    history: 'ZOOKEEPER-4394',
  },
  'hole-in-committed-log': {
    says: 'A learner does not keep the transactions of its synchronization for others that will need a DIFF.',
    breaks: 'storage.committed-log',
    history: 'ZOOKEEPER-4925',
  },
  'serve-before-newleader-quorum': {
    says: 'A leader serves as soon as it has acknowledged NEWLEADER itself.',
    breaks: 'zab.newleader-quorum',
  },
  'uptodate-before-ack': {
    says: 'A serving leader sends UPTODATE to a learner that has not acknowledged NEWLEADER.',
    breaks: 'zab.uptodate',
  },
  // epochs
  'reuse-epoch': {
    says: 'A new leader takes the highest epoch that it hears of, not one above it.',
    breaks: 'zab.new-epoch',
  },
  'lowest-epoch': {
    says: 'A new leader takes one above the lowest epoch that it hears of, not above the highest.',
    breaks: 'zab.new-epoch',
  },
  'unsaved-epoch': {
    says: 'A leader tells its new epoch without saving it as accepted.',
    breaks: 'zab.new-epoch',
  },
  'lead-without-promises': {
    says: 'A leader goes on to synchronize before a quorum has promised to follow its epoch.',
    breaks: 'zab.ackepoch-quorum',
  },
  'unsaved-promise': {
    says: 'A learner promises an epoch without saving it.',
    breaks: 'zab.promise-before-reply',
  },
  'forget-promise': {
    says: 'A learner goes by currentEpoch where it should go by the epoch that it has promised.',
    breaks: 'zab.promise-before-reply',
  },
  'accept-old-leader': {
    says: 'A learner follows a leader of an older epoch than the one that it has promised.',
    breaks: 'zab.promise-before-reply',
  },
  // broadcast
  'keep-connection': {
    says: 'A learner that has left its leader does not close their connection.',
    breaks: 'zab.role-ends',
  },
  'zxid-of-old-epoch': {
    says: 'A leader counts zxids on where the epoch before has ended.',
    breaks: 'zab.propose',
  },
  'counter-into-epoch': {
    says: 'A leader whose counter is used up counts on, into the bits of the epoch.',
    breaks: 'request.rollover',
  },
  'propose-to-observers': {
    says: 'A leader sends proposals to observers, too.',
    breaks: 'zab.inform',
  },
  'observer-acks': {
    says: 'An observer acknowledges what it has logged.',
    breaks: 'zab.inform',
  },
  'drop-proposal': {
    says: 'A leader sends no proposal to a follower that owes it an ACK, and does not send it later either.',
    breaks: 'zab.propose',
  },
  'propose-again': {
    says: 'A leader sends proposals that are not committed again with each ping.',
    breaks: 'zab.propose',
  },
  'ack-newest-first': {
    says: 'A server acknowledges the transactions of one fsync from the newest to the oldest.',
    breaks: 'zab.ack-after-fsync',
  },
  'commit-newest-first': {
    says: 'A leader commits a proposal when none after it waits, instead of none before it.',
    breaks: 'zab.commit-quorum',
  },
  'commit-out-of-order': {
    says: 'A follower takes each COMMIT for the newest transaction that waits, not for the oldest.',
    breaks: 'zab.commit',
  },
  'leader-ignores-lost-quorum': {
    says: 'A leader goes on serving when it has lost its quorum.',
    breaks: 'zab.role-ends',
  },
  'learner-ignores-silence': {
    says: 'A learner goes on serving however long its leader is silent.',
    breaks: 'zab.role-ends',
  },
  // storage
  'skip-fsync': {
    says: 'A server takes its log for durable without an fsync.',
    breaks: 'storage.group-commit',
  },
  'ignore-checksum': {
    says: 'A server replays entries of its log whose checksum is wrong.',
    breaks: 'storage.checksum',
  },
  'no-fast-forward': {
    says: 'A server that leaves its role does not apply the end of its log, and votes without it.',
    breaks: 'storage.fast-forward',
    history: 'ZOOKEEPER-2845',
  },
  'log-thread-survives-role': {
    says: 'A server that leaves its role applies its log before the log thread has written all that it holds.',
    breaks: 'storage.fast-forward',
    history: 'ZOOKEEPER-4712',
  },
  // election
  'ignore-vote-epoch': {
    says: 'Votes are compared by zxid and sid only: the epoch in which their candidate last took part does not count.',
    breaks: 'fle.vote-order',
  },
  'vote-id-before-zxid': {
    says: 'Of two votes of one epoch the one with the higher sid is better, whatever the candidates have logged.',
    breaks: 'fle.vote-order',
  },
  'elect-without-quorum': {
    says: 'A looking server takes any support for its vote, even its own alone, for that of a quorum.',
    breaks: 'fle.quorum',
  },
  'settle-for-any-leader': {
    says: 'A looking server joins whoever says that it leads, though no quorum says that it follows it.',
    breaks: 'fle.join-established',
  },
  // reconfiguration
  'reconfig-old-quorum': {
    says: 'A leader commits with a quorum of the old configuration alone while a new one is proposed.',
    breaks: 'reconfig.commit-both',
  },
  'two-reconfigs-at-once': {
    says: 'The leader takes up a reconfig while another one is not committed yet.',
    breaks: 'reconfig.in-progress',
  },
  // sessions and clients
  'expire-early': {
    says: 'Packets of a client do not keep its session alive: it expires one timeout after it has begun.',
    breaks: 'session.touch',
  },
  'session-dies-with-connection': {
    says: 'A server ends the session of a client whose connection ends.',
    breaks: 'session.renewed',
  },
  'ignore-session-owner': {
    says: 'The leader takes requests of a session through servers that the session has left.',
    breaks: 'session.moved',
  },
  'serve-closing-session': {
    says: 'The leader takes requests of a session whose end is on its way already.',
    breaks: 'session.closing',
    history: 'ZOOKEEPER-1208',
  },
  'client-accepts-older-server': {
    says: 'A client that connects again does not tell which zxid it has seen, so a server that is behind takes it.',
    breaks: 'client.connect-request',
  },
  'server-accepts-newer-client': {
    says: 'A server takes clients that have seen more than it has applied.',
    breaks: 'session.zxid-ahead',
  },
  'resend-on-reconnect': {
    says: 'A client sends requests without an answer again after a connection loss.',
    breaks: 'client.connection-loss',
  },
  'forget-calls': {
    says: 'A client that loses its connection forgets what it has asked, and its callers wait for ever.',
    breaks: 'client.connection-loss',
  },
  'reply-before-commit': {
    says: 'A server answers a write with OK when the write comes, not when it is committed.',
    breaks: 'request.reply',
  },
  'reply-tells-mzxid': {
    says: 'A reply carries the mzxid of the znode that was asked for, not the last zxid that the server has applied.',
    breaks: 'request.reply',
  },
  'stale-read-cache': {
    says: 'A server answers getData from what it has answered before, though the znode has changed since.',
    breaks: 'request.local-read',
  },
  'reads-overtake-writes': {
    says: 'A read does not wait behind the writes of its session that came before it.',
    breaks: 'request.session-order',
  },
  'local-sync': {
    says: 'A learner answers a sync by itself, without waiting for the leader.',
    breaks: 'request.sync',
  },
  // watches
  'forget-watches': {
    says: 'A client does not register its watches again after a reconnect.',
    breaks: 'client.set-watches',
  },
  'watch-fires-late': {
    says: 'A server sends watch events a tick after the change, when its clients may have read the new state.',
    breaks: 'request.watch-before-reply',
  },
  'watch-fires-twice': {
    says: 'A server sends each watch event twice.',
    breaks: 'watch.told-once',
  },
  'lose-watch': {
    says: 'A watch that fires is removed, and nobody is told.',
    breaks: 'watch.one-shot',
  },
  'watch-ignores-acl': {
    says: 'Watch events also go to clients that may not read the znode.',
    breaks: 'watch.read-permission',
    history: 'ZOOKEEPER-4799',
  },
  // the tree
  'keep-ephemeral': {
    says: 'The end of a session leaves its ephemerals in the tree.',
    breaks: 'session.ephemerals',
    history: 'ZOOKEEPER-2355',
  },
  'ephemeral-gone-early': {
    says: 'The end of a session takes the ephemerals of all other sessions with it.',
    breaks: 'session.ephemeral-survives',
  },
  'sequence-by-count': {
    says: 'A sequential name ends in the number of children that are there, so a number can come again.',
    breaks: 'sequence.deletes',
  },
  'half-multi': {
    says: 'A multi that fails keeps what its parts before the failed one did.',
    breaks: 'multi.all-or-nothing',
  },
  'own-clock': {
    says: 'Each server takes the times of a Stat from its own clock when it applies the transaction.',
    breaks: 'stat.time',
  },
  'set-any-version': {
    says: 'A setData is made whatever version it asks for.',
    breaks: 'set-data.version',
  },
  'version-stays': {
    says: 'A setData does not raise the version, so an old version still fits.',
    breaks: 'stat.set-data',
  },
  'cversion-stays': {
    says: 'A create does not count in the cversion of the parent.',
    breaks: 'stat.cversion',
  },
  'mzxid-stays': {
    says: 'A setData leaves the mzxid of the znode.',
    breaks: 'stat.set-data',
  },
  'pzxid-stays': {
    says: 'Creates and deletes leave the pzxid of the parent.',
    breaks: 'stat.parent-create',
    history: 'ZOOKEEPER-3125',
  },
};
