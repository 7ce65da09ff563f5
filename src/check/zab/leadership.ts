/**
 * `Leadership1`, `Leadership2`: who is established as leader of an epoch (`Zab.tla`, `ZkV3_7_0.tla`). Two leaders of
 * different epochs are legal: one is deposed and does not know. Where disks have lost promises, epochs may come twice.
 */
import type { EventId, Sid } from '../../protocol/ids.ts';
import type { Epoch } from '../../protocol/zxid.ts';
import type { Checker } from '../types.ts';

interface Established {
  readonly sid: Sid;
  readonly event: EventId;
}

export const leadership: Checker = (world, report) => {
  /** Who has saved the epoch as its leader. */
  const leads = new Map<Epoch, Established>();
  /** When each leader became established. */
  const since = new Map<Sid, EventId>();

  return {
    'zab-state': ({ actor, id, zabState }) => {
      const leader = world.servers.get(actor);
      if (leader?.state !== 'LEADING' || (zabState !== 'SYNCHRONIZATION' && zabState !== 'BROADCAST')) return;
      if (zabState === 'SYNCHRONIZATION') since.set(leader.sid, id);
      const { currentEpoch } = leader;
      if (currentEpoch <= world.epochsLost) return;
      for (const other of world.servers.values()) {
        if (other === leader || other.state !== 'LEADING' || other.currentEpoch !== currentEpoch) continue;
        if (other.zabState !== 'SYNCHRONIZATION' && other.zabState !== 'BROADCAST') continue;
        report({
          property: 'Leadership1',
          says: `${actor} and ${other.name} both lead epoch ${currentEpoch}; an epoch should have one leader.`,
          proof: [since.get(other.sid) ?? id, since.get(leader.sid) ?? id],
          about: String(currentEpoch),
        });
      }
    },
    'epoch-saved': ({ actor, id, file, epoch }) => {
      const leader = world.servers.get(actor);
      if (file !== 'currentEpoch' || leader?.state !== 'LEADING' || epoch <= world.epochsLost) return;
      const before = leads.get(epoch);
      if (!before) {
        leads.set(epoch, { sid: leader.sid, event: id });
      } else if (before.sid !== leader.sid) {
        report({
          property: 'Leadership2',
          says: `${actor} becomes leader of epoch ${epoch}, which s${before.sid} has led before; it should be a new one.`,
          proof: [before.event],
          about: String(epoch),
        });
      }
    },
  };
};
