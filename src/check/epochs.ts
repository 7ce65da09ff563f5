/**
 * The two epochs on disk: `EpochOrder` (`QuorumPeer.loadDataBase`), and `PromiseBeforeReply`: what a learner promises
 * with ACKEPOCH is on its disk (`Learner.registerWithLeader`).
 */
import type { ActorName, ConnId, EventId } from '../protocol/ids.ts';
import { serverName } from '../protocol/ids.ts';
import { epochOf, type Epoch } from '../protocol/zxid.ts';
import type { Checker, Report } from './types.ts';

type File = 'acceptedEpoch' | 'currentEpoch';
interface Saved {
  readonly epoch: Epoch;
  readonly event: EventId;
}
type Epochs = Partial<Record<File, Saved>>;

/** The files of an epoch; with damage to one of them, its server may go back. */
const FILES: readonly File[] = ['acceptedEpoch', 'currentEpoch'];

export const epochs: Checker = (_world, report) => {
  const disks = new Map<ActorName, Epochs>();
  /** By connection: the epoch that its leader has told. */
  const told = new Map<ConnId, Saved>();
  const of = (actor: ActorName): Epochs => {
    const known = disks.get(actor) ?? {};
    disks.set(actor, known);
    return known;
  };
  const damaged = ({ actor, file }: { readonly actor: ActorName; readonly file: string }): void => {
    for (const name of FILES) if (file.endsWith(name)) disks.delete(actor);
  };

  return {
    recovered: ({ actor, id, acceptedEpoch, currentEpoch }) => {
      const known = of(actor);
      hold(report, actor, known, 'acceptedEpoch', { epoch: acceptedEpoch, event: id });
      hold(report, actor, known, 'currentEpoch', { epoch: currentEpoch, event: id });
    },
    'epoch-saved': ({ actor, id, file, epoch }) => hold(report, actor, of(actor), file, { epoch, event: id }),
    'disk-wiped': ({ actor }) => disks.delete(actor),
    'disk-corrupted': damaged,
    'disk-torn': damaged,
    'disk-file-removed': damaged,
    'server-added': ({ sid }) => disks.delete(serverName(sid)),

    send: (event) => {
      if (event.port !== 'quorum') return;
      const { actor, to, conn, id, packet } = event;
      if (packet.type === 'LEADERINFO') {
        if (packet.zxid !== undefined) told.set(conn, { epoch: epochOf(packet.zxid), event: id });
      } else if (packet.type === 'ACKEPOCH') {
        const asked = told.get(conn);
        const promised = disks.get(actor)?.acceptedEpoch;
        told.delete(conn);
        if (!asked || promised?.epoch === asked.epoch) return;
        const holds = promised ? `its acceptedEpoch on disk is ${promised.epoch}` : 'it has no acceptedEpoch on disk';
        report({
          property: 'PromiseBeforeReply',
          says: `${actor} answers ${to} with ACKEPOCH for epoch ${asked.epoch}, but ${holds}.`,
          proof: [asked.event, ...(promised ? [promised.event] : []), id],
          about: actor,
        });
      }
    },
    disconnected: ({ conn, port }) => {
      if (port === 'quorum') told.delete(conn);
    },
  };
};

function hold(report: Report, actor: ActorName, known: Epochs, file: File, saved: Saved): void {
  const before = known[file];
  if (before && saved.epoch < before.epoch) {
    report({
      property: 'EpochOrder',
      says: `${actor} has ${saved.epoch} for its ${file}, after ${before.epoch}; it should never go back.`,
      proof: [before.event, saved.event],
      about: `${actor} ${file}`,
    });
  }
  known[file] = saved;
  const { acceptedEpoch: accepted, currentEpoch: current } = known;
  if (file === 'currentEpoch' && accepted && current && current.epoch > accepted.epoch) {
    report({
      property: 'EpochOrder',
      says: `${actor} has currentEpoch ${current.epoch} above its acceptedEpoch ${accepted.epoch}.`,
      proof: [accepted.event, current.event],
      about: actor,
    });
  }
}
