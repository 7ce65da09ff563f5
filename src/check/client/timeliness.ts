/**
 * Timeliness: whoever has lost the quorum stops serving, so a client's view is old for a bounded time only. A learner that
 * hears nothing from its leader for syncLimit ticks stops; a leader looks at each full tick whether a quorum of learners was
 * heard of within syncLimit ticks (initLimit more for those that are being synchronized). Sources: zookeeperInternals
 * (Timeliness), `Learner` (its socket's time-out), `Leader.lead`, `LearnerHandler.synced`.
 *
 * Times are those of the server's own clock. What is old is seen when the server answers a client. A server that was paused
 * notices nothing meanwhile, so its silence counts from its resumption.
 */
import { serverName, sidOf, type ActorName, type EventId, type Sid } from '../../protocol/ids.ts';
import type { EventOf, TraceEvent } from '../../protocol/events.ts';
import type { Report } from '../types.ts';
import type { World } from '../world.ts';
import type { ClientRun, ClientServer, Part } from './run.ts';

/** Instants of a clock are not exact to the last bit, ms. */
const CLOCK_EPS = 0.01;

interface Contact {
  /** By the clock of who heard, ms. */
  at: number;
  event: EventId;
}

export function timeliness(world: World, run: ClientRun, report: Report): Part {
  const { tickTime, initLimit, syncLimit } = world.settings;
  /** By server, whom it has heard on the quorum port. */
  const contacts = new Map<ActorName, Map<ActorName, Contact>>();
  /** Learners of each leader that it has sent UPTODATE. */
  const joined = new Map<ActorName, Set<ActorName>>();
  /** Until then a leader has heard from a quorum. */
  const fineUntil = new Map<ActorName, number>();

  function forget({ actor }: TraceEvent): void {
    contacts.delete(actor);
    joined.delete(actor);
    fineUntil.delete(actor);
  }

  function heard(event: EventOf<'receive'>): void {
    const { actor, from, type } = event;
    // Election notifications tell nothing of a leader.
    if (type === 'Request' || type === 'NOTIFICATION' || type === 'HELLO' || sidOf(from) === null) return;
    const server = run.servers.get(actor);
    if (!server || server.clock === undefined) return;
    let own = contacts.get(actor);
    if (!own) contacts.set(actor, (own = new Map<ActorName, Contact>()));
    const contact = own.get(from);
    const at = server.clock.at(event.t);
    if (!contact) own.set(from, { at, event: event.id });
    else {
      contact.at = at;
      contact.event = event.id;
    }
  }

  /** A server serves a client. */
  function serves(event: EventOf<'send' | 'session-attached'>, client: ActorName): void {
    const server = run.servers.get(event.actor);
    if (!server?.serving || server.standalone || server.leader === null) return;
    const now = server.clock.at(event.t);
    if (server.leader === server.name) leads(server, now, client);
    else follows(server, server.leader, now, client);
  }

  function follows(server: ClientServer, leader: ActorName, now: number, client: ActorName): void {
    const contact = contacts.get(server.name)?.get(leader);
    const limit = syncLimit * tickTime;
    if (!contact || now - contact.at <= limit + CLOCK_EPS) return;
    report({
      property: 'Timeliness',
      says: `${server.name} answers ${client}, but has heard nothing from its leader ${leader} for ${Math.round(now - contact.at)} ms: after ${limit} ms it should have stopped.`,
      proof: [contact.event],
      about: server.name,
    });
  }

  function leads(server: ClientServer, now: number, client: ActorName): void {
    if (now <= (fineUntil.get(server.name) ?? -Infinity)) return;
    const config = world.servers.get(server.name)?.config?.committed;
    if (!config) return;
    const own = contacts.get(server.name);
    const synced = joined.get(server.name);
    const heardOf: { readonly sid: Sid; readonly until: number; readonly event: EventId }[] = [];
    for (const sid of config.voters) {
      const contact = own?.get(serverName(sid));
      if (!contact) continue;
      // One tick for the count of ticks, one for the check that comes with each.
      const ticks = syncLimit + 2 + (synced?.has(serverName(sid)) ? 0 : initLimit);
      heardOf.push({ sid, until: contact.at + ticks * tickTime, event: contact.event });
    }
    const fresh = heardOf.filter(({ until }) => until + CLOCK_EPS >= now);
    const sids = [...config.voters].filter(
      (sid) => serverName(sid) === server.name || fresh.some((each) => each.sid === sid),
    );
    if (config.has(sids)) {
      fineUntil.set(server.name, Math.min(...fresh.map(({ until }) => until)));
      return;
    }
    const others = heardOf.filter((each) => !fresh.includes(each));
    report({
      property: 'Timeliness',
      says: `${server.name} answers ${client} as the leader, but for more than ${syncLimit + 2} ticks has heard only from ${sids.map((sid) => `s${sid}`).join(', ')}: without a quorum it should have stopped.`,
      proof: others.map(({ event }) => event),
      about: server.name,
    });
  }

  return {
    on: {
      'process-started': forget,
      'server-state': forget,
      'process-resumed': (event) => {
        const now = run.servers.get(event.actor)?.clock.at(event.t);
        for (const contact of contacts.get(event.actor)?.values() ?? []) contact.at = now ?? contact.at;
        fineUntil.delete(event.actor);
      },
      'learner-joined': ({ actor, learner }) => {
        fineUntil.delete(actor);
        const known = joined.get(actor);
        if (known) known.add(serverName(learner));
        else joined.set(actor, new Set([serverName(learner)]));
      },
      'learner-lost': ({ actor, learner }) => {
        joined.get(actor)?.delete(serverName(learner));
      },
      receive: heard,
      send: (event) => {
        if (event.port === 'client' && event.packet.type === 'Reply') serves(event, event.to);
      },
      'session-attached': (event) => serves(event, event.client),
    },
  };
}
