/**
 * What an acknowledgement says: `DurableBeforeAck` (`SyncRequestProcessor.flush`, `Learner.syncWithLeader`), and
 * `ObserverSilent`: observers acknowledge no transaction, and nobody without a vote is counted
 * (`SyncedLearnerTracker.addAck`; proposals: commits.ts).
 */
import type { EventOf, TraceEvent } from '../../protocol/events.ts';
import type { EventId } from '../../protocol/ids.ts';
import { counterOf, epochOf, formatZxid, type Zxid } from '../../protocol/zxid.ts';
import type { Checker, Report } from '../types.ts';
import { entryAt, type GhostServer, type World } from '../world.ts';

export const acks: Checker = (world, report) => ({
  send: ({ actor, packet }) => {
    if (packet.type !== 'ACK' || packet.zxid === undefined) return;
    const server = world.servers.get(actor);
    if (!server) return;
    if (counterOf(packet.zxid) === 0) checkNewLeaderAck(server, packet.zxid, world, report);
    else checkAck(server, packet.zxid, world, report);
  },
  acked: ({ actor, zxid, from }) => {
    const server = world.servers.get(actor);
    if (server?.sid === from) checkAck(server, zxid, world, report);
  },
  'epoch-heard': (event) => {
    if (event.heard.includes(event.from)) checkVoter(event, 'FOLLOWERINFO', world, report);
  },
  'epoch-acked': (event) => checkVoter(event, 'ACKEPOCH', world, report),
  'newleader-acked': (event) => checkVoter(event, 'ACK of NEWLEADER', world, report),
});

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
