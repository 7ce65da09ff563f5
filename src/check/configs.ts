/**
 * `OneReconfig`: a leader has one reconfiguration under way at most, and what a server has seen last is never older than
 * what it follows (`PrepRequestProcessor`, case reconfig; `QuorumPeer.setQuorumVerifier`). A learner that has heard of a
 * newer configuration in the election gets the older ones once more when it is synchronized, and the real server too
 * only complains of that (`setLastSeenQuorumVerifier`).
 */
import type { ActorName, EventId } from '../protocol/ids.ts';
import { formatZxid, type Zxid } from '../protocol/zxid.ts';
import type { Checker } from './types.ts';

interface Reconfig {
  readonly zxid: Zxid;
  readonly event: EventId;
}

export const configurations: Checker = (_world, report) => {
  /** Of leaders: the reconfig that is proposed and not committed. */
  const open = new Map<ActorName, Reconfig>();
  const committed = new Map<ActorName, Reconfig>();
  const syncing = new Set<ActorName>();
  const close = ({ actor }: { readonly actor: ActorName }): void => {
    open.delete(actor);
    syncing.delete(actor);
  };

  return {
    proposed: ({ actor, txn, zxid, id }) => {
      if (txn !== 'reconfig') return;
      const other = open.get(actor);
      if (other) {
        report({
          property: 'OneReconfig',
          says: `${actor} proposes the reconfig ${formatZxid(zxid)} while that of ${formatZxid(other.zxid)} is not committed.`,
          proof: [other.event, id],
          about: actor,
        });
      }
      open.set(actor, { zxid, event: id });
    },
    committed: ({ actor, zxid }) => {
      if (open.get(actor)?.zxid === zxid) open.delete(actor);
    },
    'sync-received': ({ actor }) => syncing.add(actor),
    serving: ({ actor }) => syncing.delete(actor),
    'stepped-down': close,
    'process-killed': close,
    'process-exited': close,
    'process-started': ({ actor }) => {
      open.delete(actor);
      committed.delete(actor);
    },
    'config-activated': ({ actor, version, id }) => {
      const before = committed.get(actor);
      if (before && version < before.zxid) {
        report({
          property: 'OneReconfig',
          says: `${actor} goes back from configuration ${formatZxid(before.zxid)} to ${formatZxid(version)}.`,
          proof: [before.event, id],
          about: actor,
        });
      }
      committed.set(actor, { zxid: version, event: id });
    },
    'config-seen': ({ actor, version, id }) => {
      const holds = committed.get(actor);
      if (!holds || version >= holds.zxid || syncing.has(actor)) return;
      report({
        property: 'OneReconfig',
        says: `${actor} takes ${formatZxid(version)} for the configuration seen last, but already follows ${formatZxid(holds.zxid)}.`,
        proof: [holds.event, id],
        about: actor,
      });
    },
  };
};
