/**
 * What an acknowledgement says: `DurableBeforeAck` (`SyncRequestProcessor.flush`, `Learner.syncWithLeader`); that leaders
 * count what was sent to them (of `ackInconsistent` and `stateInconsistent`); and
 * `ObserverSilent`: observers acknowledge no transaction, and nobody without a vote is counted
 * (`SyncedLearnerTracker.addAck`; proposals: commits.ts).
 */
import type { EventOf, TraceEvent } from '../../protocol/events.ts';
import { serverName, type ActorName, type EventId } from '../../protocol/ids.ts';
import { counterOf, epochOf, formatZxid, ZXID_UNKNOWN, type Zxid } from '../../protocol/zxid.ts';
import type { Checker, Report } from '../types.ts';
import { entryAt, type GhostServer, type World } from '../world.ts';

/** What a server has sent to a leader in the leader's role. */
interface Said {
  followerInfo: boolean;
  ackEpoch: boolean;
  /** The highest zxid of an ACK; (e, 0): NEWLEADER's. */
  ack: Zxid;
}

export const acks: Checker = (world, report) => {
  /** By leader and learner. Leaders listen while they lead, so what was sent before does not reach them. */
  const said = new Map<ActorName, Map<ActorName, Said>>();

  function saidTo(leader: ActorName, learner: ActorName): Said {
    let all = said.get(leader);
    if (!all) said.set(leader, (all = new Map<ActorName, Said>()));
    let known = all.get(learner);
    if (!known) all.set(learner, (known = { followerInfo: false, ackEpoch: false, ack: ZXID_UNKNOWN }));
    return known;
  }

  /** A leader counts what it was sent, and itself. */
  function counts(
    { actor, from }: EventOf<'epoch-heard' | 'epoch-acked' | 'newleader-acked' | 'acked'>,
    has: (learner: Said) => boolean,
    what: string,
  ): void {
    const name = serverName(from);
    if (name === actor || has(saidTo(actor, name))) return;
    report({
      property: what.startsWith('ACK of') ? 'ackInconsistent' : 'stateInconsistent',
      says: `${actor} counts the ${what} of ${name}, which has not sent it that.`,
      proof: [],
      about: `${actor} ${name}`,
    });
  }

  return {
    'server-state': ({ actor }) => said.delete(actor),
    send: ({ actor, to, packet }) => {
      const { type, zxid } = packet;
      if (type === 'FOLLOWERINFO' || type === 'OBSERVERINFO') saidTo(to, actor).followerInfo = true;
      else if (type === 'ACKEPOCH') saidTo(to, actor).ackEpoch = true;
      if (type !== 'ACK' || zxid === undefined) return;
      const learner = saidTo(to, actor);
      if (zxid > learner.ack) learner.ack = zxid;
      const server = world.servers.get(actor);
      if (!server) return;
      if (counterOf(zxid) === 0) checkNewLeaderAck(server, zxid, world, report);
      else checkAck(server, zxid, world, report);
    },
    acked: (event) => {
      const { actor, zxid, from } = event;
      const server = world.servers.get(actor);
      if (server?.sid === from) checkAck(server, zxid, world, report);
      else counts(event, ({ ack }) => ack >= zxid, 'ACK of a proposal');
    },
    'epoch-heard': (event) => {
      if (event.heard.includes(event.from)) checkVoter(event, 'FOLLOWERINFO', world, report);
      counts(event, ({ followerInfo }) => followerInfo, 'FOLLOWERINFO');
    },
    'epoch-acked': (event) => {
      checkVoter(event, 'ACKEPOCH', world, report);
      counts(event, ({ ackEpoch }) => ackEpoch, 'ACKEPOCH');
    },
    'newleader-acked': (event) => {
      checkVoter(event, 'ACK of NEWLEADER', world, report);
      counts(event, ({ ack }) => ack >= 0, 'ACK of NEWLEADER');
    },
    recovered: ({ actor }) => {
      const server = world.servers.get(actor);
      const { unrecovered } = world;
      if (!server || !unrecovered) return;
      report({
        property: 'DurableBeforeAck',
        says: `${actor} has lost ${formatZxid(unrecovered.zxid)} at its start, which was on its disk for good, and nothing has damaged that.`,
        proof: [unrecovered.event],
        about: `recovery ${actor}`,
      });
    },
  };
};

function checkAck(server: GhostServer, zxid: Zxid, world: World, report: Report): void {
  const name = formatZxid(zxid);
  if (server.state === 'OBSERVING') {
    report({
      property: 'ObserverSilent',
      says: `${server.name} is an observer and acknowledges ${name}; it should only listen.`,
      proof: [],
    });
  }
  const entry = entryAt(server.log, zxid);
  if (entry && (zxid <= server.durable || !world.settings.forceSync)) return;
  const why = entry ? 'which a crash could still take from its disk' : 'which is not in its log';
  report({
    property: 'DurableBeforeAck',
    says: `${server.name} acknowledges ${name}, ${why}; it should be durable first.`,
    proof: entry ? [entry.event] : [],
  });
}

/**
 * All that the leader had committed when it chose the synchronization has to be durable, and currentEpoch the new one.
 * Observers log later; and what a TRUNC left to a snapshot is not asked for.
 */
function checkNewLeaderAck(server: GhostServer, zxid: Zxid, world: World, report: Report): void {
  const { name, state, currentEpoch, lastLogged, syncZxid, durable, log } = server;
  const epoch = epochOf(zxid);
  const tell = (why: string, proof: readonly EventId[]): void =>
    report({
      property: 'DurableBeforeAck',
      says: `${name} acknowledges NEWLEADER of epoch ${epoch}, but ${why}.`,
      proof,
      about: `NEWLEADER ${name}`,
    });
  if (currentEpoch !== epoch) tell(`its currentEpoch on disk is ${currentEpoch}`, []);
  else if (lastLogged > durable && world.settings.forceSync) {
    const entry = entryAt(log, lastLogged);
    tell(`a crash could still take ${formatZxid(lastLogged)} from its disk`, entry ? [entry.event] : []);
  } else if (state === 'FOLLOWING' && counterOf(syncZxid) !== 0 && syncZxid > durable && world.settings.forceSync) {
    tell(`${formatZxid(syncZxid)} is not on its disk`, []);
  }
}

function checkVoter(
  { actor, from }: TraceEvent & EventOf<'epoch-heard' | 'epoch-acked' | 'newleader-acked'>,
  what: string,
  world: World,
  report: Report,
): void {
  const config = world.servers.get(actor)?.config;
  if (!config || config.committed.voters.has(from) || config.lastSeen.voters.has(from)) return;
  report({
    property: 'ObserverSilent',
    says: `${actor} counts the ${what} of s${from}, which has no vote; only voters should count.`,
    proof: [],
  });
}
