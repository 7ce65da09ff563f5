/**
 * What a learner holds beside what its leader holds: `ProcessConsistency` when it has taken NEWLEADER (`mixed_v1.tla`),
 * `PrimaryIntegrity` when both broadcast (`Zab.tla`, `ZkV3_7_0.tla`), and `CommittedLogDurability`: what TRUNC takes
 * away was not committed (`mixed_v1.tla`).
 */
import type { EventId } from '../../protocol/ids.ts';
import { epochOf, formatZxid, type Epoch, type Zxid } from '../../protocol/zxid.ts';
import type { Checker } from '../types.ts';
import { entryAt, indexAbove, type GhostEntry, type GhostServer, type World } from '../world.ts';

export const histories: Checker = (world, report) => {
  /** It has delivered something of an older epoch that its leader has not. */
  const tellAhead = (server: GhostServer, leader: GhostServer, { zxid, event }: GhostEntry): void =>
    report({
      property: 'PrimaryIntegrity',
      says: `${server.name} has delivered ${formatZxid(zxid)} of an older epoch, and its leader ${leader.name} has not; a leader should have all that its followers have before it broadcasts.`,
      proof: [event],
    });

  return {
    'epoch-saved': ({ actor, file, epoch }) => {
      const server = world.servers.get(actor);
      const leader = file === 'currentEpoch' && server ? leaderOf(world, server, epoch) : null;
      if (!server || !leader) return;
      const odd = firstDifference(server, leader, epoch);
      if (!odd) return;
      const zxid = formatZxid(odd.entry.zxid);
      report({
        property: 'ProcessConsistency',
        says:
          odd.of === server
            ? `${actor} takes NEWLEADER of epoch ${epoch} and keeps ${zxid}, which ${leader.name} does not have; its log should be a prefix of its leader’s.`
            : `${actor} takes NEWLEADER of epoch ${epoch} without ${zxid}, which ${leader.name} has before ${actor}’s last; its log should be a prefix of its leader’s.`,
        proof: [odd.entry.event],
      });
    },
    serving: ({ actor, epoch }) => {
      const server = world.servers.get(actor);
      const leader = server ? leaderOf(world, server, epoch) : null;
      if (!server || leader?.zabState !== 'BROADCAST') return;
      const { log, floor } = server;
      const end = indexAbove(log, server.delivered);
      for (let index = indexAbove(log, Math.max(floor, leader.floor) as typeof floor); index < end; index++) {
        const entry = log[index] as GhostEntry; // index < end ≤ length
        if (epochOf(entry.zxid) >= epoch) return;
        if (!hasDelivered(leader, entry)) return tellAhead(server, leader, entry);
      }
    },
    applied: ({ actor, id, zxid }) => {
      const server = world.servers.get(actor);
      if (!server?.serving || epochOf(zxid) >= server.currentEpoch) return;
      const leader = leaderOf(world, server, server.currentEpoch);
      if (leader?.zabState !== 'BROADCAST' || zxid <= leader.floor) return;
      const entry = entryAt(server.log, zxid) ?? { zxid, digest: NaN, event: id };
      if (!hasDelivered(leader, entry)) tellAhead(server, leader, entry);
    },
    'log-truncated': ({ actor, to }) => {
      const server = world.servers.get(actor);
      const leader = server ? leaderOf(world, server) : null;
      const cut = world.truncated.find(
        ({ zxid, digest }) => world.committedAt(zxid)?.digest === digest && !isUnderWay(leader, zxid),
      );
      if (!server || !cut || world.isExcusable(cut.zxid)) return;
      const committed = world.committedAt(cut.zxid)?.event as EventId; // it was found
      report({
        property: 'CommittedLogDurability',
        says: `${actor} cuts its log behind ${formatZxid(to)} and loses ${formatZxid(cut.zxid)}, which is committed; it should be kept for good.`,
        proof: [cut.event, committed],
      });
    },
  };
};

/**
 * The leader cuts a learner that comes back to where its own tree is, and sends its outstanding proposals again behind
 * the TRUNC: what it proposed and still holds may be committed meanwhile.
 */
function isUnderWay(leader: GhostServer | null, zxid: Zxid): boolean {
  return leader !== null && epochOf(zxid) === leader.currentEpoch && entryAt(leader.log, zxid) !== null;
}

/** Whom the learner follows, if that one still leads the learner's epoch, or this one, and neither disk was tampered with. */
function leaderOf(world: World, server: GhostServer, epoch?: Epoch): GhostServer | null {
  if (server.state !== 'FOLLOWING' && server.state !== 'OBSERVING') return null;
  const leader = server.leader === null ? null : world.server(server.leader);
  if (leader?.state !== 'LEADING' || leader.currentEpoch !== (epoch ?? server.acceptedEpoch)) return null;
  return server.damaged === null && leader.damaged === null ? leader : null;
}

function hasDelivered(leader: GhostServer, { zxid, digest }: GhostEntry): boolean {
  const own = zxid <= leader.delivered ? entryAt(leader.log, zxid) : null;
  return own !== null && (own.digest === digest || Number.isNaN(digest) || Number.isNaN(own.digest));
}

/**
 * Where the learner's history is no prefix of its leader's. What the leader itself has broadcast may be in the learner's
 * log before it is in its own, so this is about older epochs.
 */
function firstDifference(
  server: GhostServer,
  leader: GhostServer,
  epoch: Epoch,
): { readonly of: GhostServer; readonly entry: GhostEntry } | null {
  const from = Math.max(server.floor, leader.floor) as typeof server.floor;
  let theirs = indexAbove(leader.log, from);
  for (let index = indexAbove(server.log, from); index < server.log.length; index++) {
    const entry = server.log[index] as GhostEntry; // index < length
    const own = leader.log[theirs++];
    if (own && own.zxid < entry.zxid) return { of: leader, entry: own };
    if (epochOf(entry.zxid) >= epoch) return null;
    const differs = own?.digest !== entry.digest && !Number.isNaN(entry.digest) && !Number.isNaN(own?.digest);
    if (own?.zxid !== entry.zxid || differs) return { of: server, entry };
  }
  return null;
}
