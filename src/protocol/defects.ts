/**
 * Defects: rules of the protocol that a lab can be told to break. Each is one switch at the place of its rule
 * (`ctx.broken('…')` in engine or client) and nowhere else; a checker of src/check catches what comes of it.
 */
import type { RuleId } from './rules/index.ts';

export interface DefectFacts {
  /** What the broken process does, in one plain sentence. */
  readonly says: string;
  /** The rule that it breaks. */
  readonly breaks: RuleId;
  /** The real bug that this was, if it was one: `ZOOKEEPER-4643`. */
  readonly history?: string;
}

const TABLE = {
  'commit-without-quorum': {
    says: 'The leader commits a proposal as soon as its own log has it.',
    breaks: 'zab.commit-quorum',
  },
  'ack-before-fsync': {
    says: 'A server acknowledges a proposal before its log is on disk.',
    breaks: 'zab.ack-after-fsync',
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
  'reply-before-commit': {
    says: 'A server answers a write with OK when the write comes, not when it is committed.',
    breaks: 'request.reply',
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
    says: 'A server deletes the ephemerals of a session when its connection ends, though the session lives on.',
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
} as const satisfies Record<string, DefectFacts>;

export type Defect = keyof typeof TABLE;

/** Who is asked at the place of a rule whether it is broken: the context of a process. */
export interface Rules {
  broken(defect: Defect): boolean;
}
export const NO_RULE_BROKEN: Rules = { broken: () => false };

export const DEFECTS: Readonly<Record<Defect, DefectFacts>> = TABLE;
export const DEFECT_NAMES = Object.keys(TABLE) as readonly Defect[];
