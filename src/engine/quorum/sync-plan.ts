/**
 * Which synchronization a learner gets: DIFF, TRUNC or SNAP, and which transactions. A pure function
 * of what the leader holds and of the learner's last zxid. Rules: `LearnerHandler.syncFollower` and
 * `queueCommittedProposals` (reference/zab.md, section 4).
 */
import { NO_RULE_BROKEN, type Rules } from '../../protocol/defects.ts';
import type { SyncMode } from '../../protocol/packets.ts';
import type { RuleId } from '../../protocol/rules/index.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import { counterOf, epochOf, formatZxid, type Zxid } from '../../protocol/zxid.ts';

/** What the leader holds when a learner asks to be synchronized. */
export interface SyncSource {
  readonly lastProcessedZxid: Zxid;
  /** The last committed transactions, ascending. */
  readonly committedLog: readonly LoggedTxn[];
  readonly minCommittedLog: Zxid;
  readonly maxCommittedLog: Zxid;
  /** The log on disk may be used (`ZKDatabase.isTxnLogSyncEnabled`). */
  readonly txnLogSyncEnabled: boolean;
  /** The log on disk from the learner's last zxid, or why it cannot be used. */
  proposalsFromTxnLog(peer: Zxid): { readonly txns: readonly LoggedTxn[] } | { readonly unusable: string };
}

export interface SyncPlan {
  readonly mode: SyncMode;
  /** The zxid of the DIFF, TRUNC or SNAP packet. */
  readonly zxid: Zxid;
  /** Sent behind it, each as PROPOSAL and COMMIT. Empty for SNAP. */
  readonly txns: readonly LoggedTxn[];
  /** Live proposals above this zxid follow (`Leader.startForwarding`). */
  readonly lastQueued: Zxid;
  readonly rule: RuleId;
  /** What was decided on the way, for the trace; with the words that the real leader logs, where it logs any. */
  readonly notes: readonly string[];
}

/** The first packet and what has been queued behind it, while a list of committed transactions is walked. */
interface Walk {
  op: { mode: 'DIFF' | 'TRUNC'; zxid: Zxid } | null;
  txns: LoggedTxn[];
  queued: Zxid;
}

const NO_TRUNC = 'Cannot send TRUNC';

export function planSync(source: SyncSource, peer: Zxid, rules: Rules = NO_RULE_BROKEN): SyncPlan {
  const last = source.lastProcessedZxid;
  const min = source.minCommittedLog;
  const max = source.maxCommittedLog;
  const notes: string[] = [];
  const snap = (rule: RuleId = 'zab.sync-snap'): SyncPlan => ({
    mode: 'SNAP',
    zxid: last,
    txns: [],
    lastQueued: last,
    rule,
    notes,
  });

  if (peer === last || rules.broken('skip-synchronization')) {
    return { mode: 'DIFF', zxid: peer, txns: [], lastQueued: last, rule: 'zab.sync-nothing-missing', notes };
  }
  if (peer > max && counterOf(peer) !== 0) {
    const to = rules.broken('trunc-too-far') ? min : max;
    return { mode: 'TRUNC', zxid: to, txns: [], lastQueued: max, rule: 'zab.sync-trunc-ahead', notes };
  }

  const walk: Walk = { op: null, txns: [], queued: peer };
  if (min <= peer && peer <= max) {
    notes.push('Using committedLog');
    walkCommitted(walk, source.committedLog, peer, null, max, notes, rules);
  } else if (peer < min && source.txnLogSyncEnabled) {
    const fromDisk = source.proposalsFromTxnLog(peer);
    if ('unusable' in fromDisk) {
      notes.push(fromDisk.unusable);
      return snap();
    }
    notes.push('Use txnlog and committedLog');
    walkCommitted(walk, fromDisk.txns, peer, min, max, notes, rules);
    if (walk.queued < min) {
      notes.push(`the log on disk ends at ${formatZxid(walk.queued)}, before ${formatZxid(min)}`);
      return snap();
    }
    walkCommitted(walk, source.committedLog, walk.queued, null, max, notes, rules);
  }
  if (!walk.op) {
    const crossed = notes.some((note) => note.startsWith(NO_TRUNC));
    notes.push(`Unhandled: the learner's ${formatZxid(peer)} cannot be reached from the log`);
    return snap(crossed ? 'zab.sync-trunc-epoch' : 'zab.sync-snap');
  }
  return {
    ...walk.op,
    txns: walk.txns,
    lastQueued: walk.queued,
    rule: walk.op.mode === 'DIFF' ? 'zab.sync-diff' : 'zab.sync-trunc',
    notes,
  };
}

/**
 * Walks committed transactions in order, chooses the first packet at the first useful one, and queues
 * the rest. `upTo` ends the walk (null: to the end); `max` is the zxid that a DIFF announces.
 */
function walkCommitted(
  walk: Walk,
  committed: readonly LoggedTxn[],
  peer: Zxid,
  upTo: Zxid | null,
  max: Zxid,
  notes: string[],
  rules: Rules,
): void {
  const peerStartsEpoch = counterOf(peer) === 0;
  let previous: Zxid | null = null;
  for (const txn of committed) {
    const zxid = txn.header.zxid;
    if (upTo !== null && zxid > upTo) break;
    if (zxid < peer) {
      previous = zxid;
      continue;
    }
    if (!walk.op) {
      if (zxid === peer || peerStartsEpoch) {
        walk.op = { mode: 'DIFF', zxid: max };
      } else if (previous === null || (epochOf(zxid) !== epochOf(peer) && !rules.broken('trunc-across-epochs'))) {
        // The learner has transactions that this log does not know; cutting them would cross an epoch.
        notes.push(`${NO_TRUNC}: ${formatZxid(peer)} is not in the log and ${formatZxid(zxid)} is of another epoch`);
        return;
      } else {
        walk.op = { mode: 'TRUNC', zxid: previous };
      }
    }
    if (zxid <= walk.queued) continue;
    walk.txns.push(txn);
    walk.queued = zxid;
  }
  if (!walk.op && peerStartsEpoch) walk.op = { mode: 'DIFF', zxid: max };
}
