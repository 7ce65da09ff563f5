/**
 * What leaders commit. `QuorumBeforeCommit`, `InOrderCommit`, `ZxidInEpoch`, `CommitDurableOnQuorum`: the rules of
 * `Leader.propose`, `Leader.tryToCommit` and `Leader.startZkServer`, counted anew. `CommittedLogMonotonicity` and
 * `LeaderLogCompleteness` (`mixed_v1.tla`): what was committed once stays so, under every later leader.
 */
import type { ActorName, EventId, Sid } from '../../protocol/ids.ts';
import { epochOf, formatZxid, makeZxid, type Zxid } from '../../protocol/zxid.ts';
import { inForce, type Quorum } from '../quorums.ts';
import type { Checker } from '../types.ts';
import { entryAt, type GhostServer, type World } from '../world.ts';

/** A proposal that is not committed. */
interface Pending {
  readonly event: EventId;
  /** Each of them has to have its quorum: of the configurations that were in force when it was proposed. */
  readonly quorums: readonly Quorum[];
  /** Who has acknowledged it to its leader, and when. */
  readonly acks: Map<Sid, EventId>;
}

interface Term {
  readonly pending: Map<Zxid, Pending>;
  last: Zxid;
  /** Of the last commit, or of the beginning. */
  event: EventId;
}

export const commits: Checker = (world, report) => {
  const terms = new Map<ActorName, Term>();

  return {
    serving: ({ actor, id, epoch, leader: sid }) => {
      const leader = world.servers.get(actor);
      if (leader?.sid !== sid) return;
      if (leader.state === 'LEADING') {
        terms.set(actor, { pending: new Map(), last: makeZxid(epoch, world.settings.initialZxid), event: id });
      }
      const { missing, extra } = world.clash ?? {};
      if (missing) {
        report({
          property: 'LeaderLogCompleteness',
          says: `${actor} leads epoch ${epoch} without ${formatZxid(missing.zxid)}, which is committed; a leader should have all that is.`,
          proof: [missing.event],
        });
      }
      const odd = extra ?? missing;
      if (odd) {
        const how = extra ? `commits ${formatZxid(odd.zxid)} below` : `drops ${formatZxid(odd.zxid)} from`;
        report({
          property: 'CommittedLogMonotonicity',
          says: `${actor} ${how} what is committed already; what is committed should only grow at its end.`,
          proof: missing ? [missing.event, odd.event] : [odd.event],
        });
      }
      const last = leader.log.at(-1);
      if (leader.state !== 'LEADING' || !last) return;
      const quorums = inForce(leader.config);
      const short = quorums.find((quorum) => !quorum.has(holders(world, quorum, last.zxid)));
      if (short) {
        report({
          property: 'CommitDurableOnQuorum',
          says: `${actor} commits its log up to ${formatZxid(last.zxid)}, which only ${names(holders(world, short, last.zxid))} surely keep on disk; a quorum of ${names(short.voters)} should.`,
          proof: [last.event],
        });
      }
    },
    'stepped-down': ({ actor }) => terms.delete(actor),
    'process-started': ({ actor }) => terms.delete(actor),

    proposed: ({ actor, id, zxid }) => {
      const leader = world.servers.get(actor);
      if (!leader) return;
      terms.get(actor)?.pending.set(zxid, { event: id, quorums: inForce(leader.config), acks: new Map() });
      if (epochOf(zxid) === leader.currentEpoch) return;
      report({
        property: 'ZxidInEpoch',
        says: `${actor} leads epoch ${leader.currentEpoch} and proposes ${formatZxid(zxid)}; its zxids should be of its epoch.`,
        proof: [],
      });
    },
    acked: ({ actor, id, zxid, from }) => {
      const pending = terms.get(actor)?.pending.get(zxid);
      if (!pending) return;
      pending.acks.set(from, id);
      if (pending.quorums.some(({ voters }) => voters.has(from))) return;
      report({
        property: 'ObserverSilent',
        says: `${actor} counts an acknowledgement of ${formatZxid(zxid)} by s${from}, which has no vote; only voters should count.`,
        proof: [pending.event],
      });
    },
    committed: ({ actor, id, zxid }) => {
      const leader = world.servers.get(actor);
      const name = formatZxid(zxid);
      if (world.clash?.extra) {
        report({
          property: 'CommittedLogMonotonicity',
          says: `${actor} commits ${name} below what is committed already; what is committed should only grow at its end.`,
          proof: [world.committed.at(-1)?.event ?? id],
        });
      }
      const term = terms.get(actor);
      if (leader?.state !== 'LEADING' || !term) return;
      const later = lacking(world, leader, zxid);
      if (later) {
        report({
          property: 'LeaderLogCompleteness',
          says: `${actor} commits ${name}, which ${later.name} leads epoch ${later.currentEpoch} without; a leader should have all that is committed.`,
          proof: [terms.get(later.name)?.event ?? id],
        });
      }
      const pending = term.pending.get(zxid);
      term.pending.delete(zxid);
      if (zxid !== term.last + 1) {
        report({
          property: 'InOrderCommit',
          says: `${actor} commits ${name} after ${formatZxid(term.last)}; ${formatZxid((term.last + 1) as Zxid)} should be next.`,
          proof: [term.event, ...(pending ? [pending.event] : [])],
        });
      }
      term.last = zxid;
      term.event = id;
      const quorums = pending?.quorums ?? inForce(leader.config);
      const acks = pending?.acks ?? new Map<Sid, EventId>();
      const short = quorums.find((quorum) => !quorum.has(acks.keys()));
      if (short) {
        report({
          property: 'QuorumBeforeCommit',
          says: `${actor} commits ${name}, which ${names(acks.keys())} acknowledged; a quorum of ${names(short.voters)} should have.`,
          proof: [...(pending ? [pending.event] : []), ...acks.values()],
        });
      }
      // Once the next configuration is in force, the one before may forget what it has acknowledged.
      const since = leader.config?.committed.version ?? 0;
      const bare = quorums.find((quorum) => quorum.version >= since && !quorum.has(holders(world, quorum, zxid, acks)));
      if (bare) {
        const holding = holders(world, bare, zxid, acks);
        report({
          property: 'CommitDurableOnQuorum',
          says: `${actor} commits ${name}, which ${names(holding)} surely keep on disk; a quorum of ${names(bare.voters)} should.`,
          proof: [...(pending ? [pending.event] : []), ...acks.values()],
        });
      }
    },
  };
};

/** Who serves as the leader of a later epoch and does not have what a deposed leader commits. */
function lacking(world: World, { currentEpoch, log }: GhostServer, zxid: Zxid): GhostServer | null {
  for (const other of world.servers.values()) {
    if (other.state !== 'LEADING' || !other.serving || other.currentEpoch <= currentEpoch) continue;
    if (zxid <= other.floor || other.damaged !== null || world.isExcusable(zxid)) continue;
    const [own, theirs] = [entryAt(log, zxid), entryAt(other.log, zxid)];
    if (!theirs || (own && own.digest !== theirs.digest)) return other;
  }
  return null;
}

/**
 * Who keeps a transaction, whatever happens to its process. A server that acknowledged it and whose disk was damaged
 * since is not asked. Behind a TRUNC a snapshot holds what came, and the real learner does not fsync that either
 * (`Learner.syncWithLeader`).
 */
function holders(world: World, { voters }: Quorum, zxid: Zxid, acks?: ReadonlyMap<Sid, EventId>): readonly Sid[] {
  return [...voters].filter((sid) => {
    const server = world.server(sid);
    if (!server || server.damaged !== null) return acks ? acks.has(sid) : true;
    if (!entryAt(server.log, zxid)) return false;
    return zxid <= server.durable || server.syncMode === 'TRUNC' || !world.settings.forceSync;
  });
}

/** `s1, s2 and s3` */
function names(sids: Iterable<Sid>): string {
  const list = [...sids].sort((a, b) => a - b).map((sid) => `s${sid}`);
  if (list.length === 0) return 'nobody';
  return list.length === 1 ? (list[0] as string) : `${list.slice(0, -1).join(', ')} and ${list.at(-1)}`;
}
