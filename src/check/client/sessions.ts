/**
 * Sessions and ephemerals. Sources: zookeeperProgrammers (ZooKeeper Sessions, Ephemeral Nodes), `SessionTrackerImpl`,
 * `ExpiryQueue`, `LearnerSessionTracker`, `DataTree.killSession`; ZOOKEEPER-1208, -2355.
 */
import type { EventOf } from '../../protocol/events.ts';
import { NO_SESSION, type ActorName, type EventId, type SessionId } from '../../protocol/ids.ts';
import { formatZxid } from '../../protocol/zxid.ts';
import type { Report } from '../types.ts';
import { ownerOf, type Committed } from './history.ts';
import type { ClientRun, Part } from './run.ts';

/** Instants of a clock are not exact to the last bit. */
const CLOCK_EPS = 0.01;

/** EphemeralsEnd, and of SessionExpiry that an ended session stays ended. */
export function sessionEnds(run: ClientRun, report: Report): Part {
  function committed({ history, zxid, txn, changes, event, proposal }: Committed): void {
    if (!proposal) return;
    const { sessionId } = proposal;
    const end = sessionId === NO_SESSION ? undefined : history.closed.get(sessionId);
    if (end && changes.length > 0) {
      report({
        property: 'SessionExpiry',
        says: `${formatZxid(zxid)} is a ${txn} of session ${sessionId}, which had ended with ${formatZxid(end.zxid)}: no request of an ended session takes effect.`,
        proof: [end.event, proposal.event],
        about: sessionId,
      });
    }
    if (txn === 'closeSession') {
      const gone = new Set(changes.flatMap(([path, node]) => (node === null ? [path] : [])));
      for (const path of history.ephemerals.get(sessionId) ?? []) {
        const made = history.newest(path);
        if (gone.has(path) || !made) continue;
        report({
          property: 'EphemeralsEnd',
          says: `Session ${sessionId} ends with ${formatZxid(zxid)}, and its ephemeral ${path} stays: it should go with it.`,
          proof: [made.event, proposal.event],
          about: path,
        });
      }
    }
    if (txn === 'delete' || txn === 'multi') return;
    for (const [path, node] of changes) {
      if (node !== null) continue;
      const made = history.newest(path);
      const owner = ownerOf(made?.node?.stat);
      if (!made || owner === null || (txn === 'closeSession' && owner === sessionId)) continue;
      report({
        property: 'EphemeralsEnd',
        says: `The ${txn} ${formatZxid(zxid)} deletes ${path}, an ephemeral of session ${owner}, which has not ended.`,
        proof: [made.event, proposal.event, event],
        about: path,
      });
    }
  }

  function attached({ actor, sessionId, client }: EventOf<'session-attached'>): void {
    const server = run.server(actor);
    const end = server.readOnly ? undefined : run.historyOf(server).closed.get(sessionId);
    if (!end || end.zxid > server.processed) return;
    report({
      property: 'SessionExpiry',
      says: `${actor} serves ${client} in session ${sessionId}, which ended with ${formatZxid(end.zxid)}: it should say that the session is over.`,
      proof: [end.event],
      about: sessionId,
    });
  }

  /** Whoever has applied the end of a session answers nothing more to its client, but that it has ended. */
  function sent({ actor, to, port, conn, packet }: EventOf<'send'>): void {
    if (port !== 'client' || packet.type !== 'Reply') return;
    const server = run.servers.get(actor);
    const attachment = server?.attached.get(to);
    if (!server || attachment?.conn !== conn || attachment.epoch === null) return;
    const end = attachment.history.closed.get(attachment.sessionId);
    if (!end || end.zxid > server.processed || end.cxid === packet.xid) return;
    report({
      property: 'SessionExpiry',
      says: `${actor} answers ${to} in session ${attachment.sessionId}, whose end it has applied with ${formatZxid(end.zxid)}: it should have closed the connection.`,
      proof: [end.event, attachment.event],
      about: attachment.sessionId,
    });
  }

  return { on: { 'session-attached': attached, send: sent }, committed };
}

/** When a server's tracker heard of a session last, by its own clock, and by which event. */
interface Touch {
  readonly at: number;
  readonly event: EventId;
}

/**
 * SessionExpiry: who expires a session has not heard of it for its timeout. A leader hears of its own clients' packets, and
 * with each learner's PING of the clients there; it grants every session a full timeout when it begins to serve. What else
 * it may have heard of counts for the session too, but is not followed here, and so is never held against it.
 */
export function sessionExpiry(run: ClientRun, report: Report): Part {
  /** Of each server, of the sessions that it has not ended. */
  const touches = new Map<ActorName, Map<SessionId, Touch>>();
  /** Heard of by each learner since its last PING. */
  const heard = new Map<ActorName, Set<SessionId>>();
  /** Packets on their way that are no sign of life of a session, but of a connection only. */
  const auths = new Set<EventId>();
  /** PINGs on their way, with what they tell. */
  const pings = new Map<EventId, ReadonlySet<SessionId>>();
  /** Expired, and its end is not proposed yet. */
  const expired = new Set<SessionId>();
  /** The shortest that anybody has agreed with the client, ms. */
  const timeouts = new Map<SessionId, number>();

  function touch(
    actor: ActorName,
    sessionId: SessionId,
    event: { readonly t: EventOf<'receive'>['t']; readonly id: EventId },
  ): void {
    let known = touches.get(actor);
    if (!known) touches.set(actor, (known = new Map<SessionId, Touch>()));
    known.set(sessionId, { at: run.server(actor).clock.at(event.t), event: event.id });
  }
  /** Whose client has not asked for it must have expired. */
  function ended({ actor, sessionId, cxid, zxid }: EventOf<'proposed'>): void {
    if (expired.delete(sessionId) || cxid !== 0) return;
    const last = touches.get(actor)?.get(sessionId);
    report({
      property: 'SessionExpiry',
      says: `${actor} ends session ${sessionId} with ${formatZxid(zxid)}: it has not expired, and its client has not asked for that.`,
      proof: last ? [last.event] : [],
      about: sessionId,
    });
  }
  /** A packet in flight when its session ended says nothing more. */
  function heardOf(actor: ActorName, sessionId: SessionId, event: EventOf<'receive'>): void {
    if (timeouts.has(sessionId)) touch(actor, sessionId, event);
  }
  function agreed(sessionId: SessionId, timeout: number): void {
    if (timeout < (timeouts.get(sessionId) ?? Infinity)) timeouts.set(sessionId, timeout);
  }
  const forget = ({ actor }: { readonly actor: ActorName }): void => {
    touches.delete(actor);
    heard.delete(actor);
  };

  return {
    on: {
      'process-started': forget,
      'server-state': forget,
      recovered: (event) => {
        for (const [sessionId, timeout] of event.sessions) agreed(sessionId, timeout);
      },
      'tree-loaded': (event) => {
        for (const [sessionId, timeout] of event.sessions) agreed(sessionId, timeout);
      },
      'session-opened': (event) => {
        agreed(event.sessionId, event.timeout);
        // A learner tells of it with its next PING, but has not heard of the client itself.
        if (event.local) touch(event.actor, event.sessionId, event);
      },
      'session-attached': (event) => agreed(event.sessionId, event.timeout),
      'session-closed': (event) => {
        timeouts.delete(event.sessionId);
        touches.get(event.actor)?.delete(event.sessionId);
        heard.get(event.actor)?.delete(event.sessionId);
        expired.delete(event.sessionId);
      },
      proposed: (event) => {
        if (event.txn === 'createSession') touch(event.actor, event.sessionId, event);
        else if (event.txn === 'closeSession') ended(event);
      },
      serving: (event) => {
        forget(event);
        // A server that was behind has told of sessions that had ended, and has never come to their end itself.
        const { closed } = run.historyOf(run.server(event.actor));
        for (const sessionId of timeouts.keys()) if (closed.has(sessionId)) timeouts.delete(sessionId);
        for (const [sessionId] of timeouts) touch(event.actor, sessionId, event);
      },
      receive: (event) => {
        if (event.type === 'Request') {
          const attachment = run.servers.get(event.actor)?.attached.get(event.from);
          if (auths.delete(event.message) || !attachment) return;
          heardOf(event.actor, attachment.sessionId, event);
          const known = heard.get(event.actor);
          if (known) known.add(attachment.sessionId);
          else heard.set(event.actor, new Set([attachment.sessionId]));
        } else if (event.type === 'PING') {
          const told = pings.get(event.message);
          if (!told) return;
          pings.delete(event.message);
          if (run.servers.get(event.actor)?.leader !== event.actor) return;
          for (const sessionId of told) heardOf(event.actor, sessionId, event);
        }
      },
      send: (event) => {
        if (event.packet.op === 'auth') auths.add(event.id);
        if (event.port !== 'quorum' || event.packet.type !== 'PING') return;
        const told = heard.get(event.actor);
        if (!told) return;
        heard.delete(event.actor);
        if (run.servers.get(event.actor)?.leader !== event.actor) pings.set(event.id, told);
      },
      lost: ({ message, why }) => {
        pings.delete(message);
        // What a cut loses comes again.
        if (why !== 'cut') auths.delete(message);
      },
      'session-expired': (event) => {
        const { actor, sessionId, bucket, t } = event;
        expired.add(sessionId);
        const last = touches.get(actor)?.get(sessionId);
        const timeout = timeouts.get(sessionId);
        if (!last || timeout === undefined) return;
        const now = run.server(actor).clock.at(t);
        const due = last.at + timeout;
        if (now + CLOCK_EPS >= due && bucket + CLOCK_EPS >= due) return;
        report({
          property: 'SessionExpiry',
          says: `${actor} expires session ${sessionId} ${Math.round(now - last.at)} ms after it heard of it: its timeout is ${timeout} ms.`,
          proof: [last.event],
          about: sessionId,
        });
      },
    },
  };
}
