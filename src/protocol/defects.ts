/**
 * Defects: rules of the protocol that a lab can be told to break. Each is one switch at the place of its rule
 * (`ctx.broken('…')` in engine or client) and nowhere else; a checker of src/check catches what comes of it. What each
 * does, {@link ./defect-facts.ts} tells: words that the page loads when somebody asks.
 */

export const DEFECT_NAMES = [
  'commit-without-quorum',
  'ack-before-fsync',
  // synchronization
  'count-observer-acks',
  'skip-synchronization',
  'skip-trunc',
  'trunc-across-epochs',
  'trunc-too-far',
  'snapshot-named-too-late',
  'zxid-before-diff',
  'unsynced-snapshot',
  'keep-half-snapshot',
  'epoch-before-log',
  'ack-newleader-before-log',
  'forget-pending-at-newleader',
  'hole-in-committed-log',
  'serve-before-newleader-quorum',
  'uptodate-before-ack',
  // epochs
  'reuse-epoch',
  'lowest-epoch',
  'unsaved-epoch',
  'lead-without-promises',
  'unsaved-promise',
  'forget-promise',
  'accept-old-leader',
  // broadcast
  'keep-connection',
  'zxid-of-old-epoch',
  'counter-into-epoch',
  'propose-to-observers',
  'observer-acks',
  'drop-proposal',
  'propose-again',
  'ack-newest-first',
  'commit-newest-first',
  'commit-out-of-order',
  'leader-ignores-lost-quorum',
  'learner-ignores-silence',
  // storage
  'skip-fsync',
  'ignore-checksum',
  'no-fast-forward',
  'log-thread-survives-role',
  // election
  'ignore-vote-epoch',
  'vote-id-before-zxid',
  'elect-without-quorum',
  'settle-for-any-leader',
  // reconfiguration
  'reconfig-old-quorum',
  'two-reconfigs-at-once',
  // sessions and clients
  'expire-early',
  'session-dies-with-connection',
  'ignore-session-owner',
  'serve-closing-session',
  'client-accepts-older-server',
  'server-accepts-newer-client',
  'resend-on-reconnect',
  'forget-calls',
  'reply-before-commit',
  'reply-tells-mzxid',
  'stale-read-cache',
  'reads-overtake-writes',
  'local-sync',
  // watches
  'forget-watches',
  'watch-fires-late',
  'watch-fires-twice',
  'lose-watch',
  'watch-ignores-acl',
  // the tree
  'keep-ephemeral',
  'ephemeral-gone-early',
  'sequence-by-count',
  'half-multi',
  'own-clock',
  'set-any-version',
  'version-stays',
  'cversion-stays',
  'mzxid-stays',
  'pzxid-stays',
] as const;

export type Defect = (typeof DEFECT_NAMES)[number];

/** Who is asked at the place of a rule whether it is broken: the context of a process. */
export interface Rules {
  broken(defect: Defect): boolean;
}
export const NO_RULE_BROKEN: Rules = { broken: () => false };
