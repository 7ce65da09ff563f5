/**
 * Links, connections, and the packets on their way. A packet is there from its `send` to its `receive` or
 * `lost`; one that a cut has caught waits for TCP to send it again, as long as its sender holds the
 * connection for open.
 */
import { unreachable } from '../../protocol/assert.ts';
import type { EventOf } from '../../protocol/events.ts';
import type { ActorName, ConnId, EventId } from '../../protocol/ids.ts';
import type { LabState, LinkView, MessageView } from '../state.ts';

type NetworkEvent = EventOf<
  | 'link-cut'
  | 'link-healed'
  | 'link-latency'
  | 'link-hold'
  | 'link-release'
  | 'connect'
  | 'connected'
  | 'connect-failed'
  | 'disconnected'
  | 'send'
  | 'resend'
  | 'held'
  | 'receive'
  | 'lost'
>;

export function applyNetwork(state: LabState, event: NetworkEvent): void {
  switch (event.kind) {
    case 'link-cut':
    case 'link-healed':
      return setLink(state, event, { cut: event.kind === 'link-cut' });
    case 'link-latency':
      return setLink(state, event, { latency: event.latency });
    case 'link-hold':
    case 'link-release':
      return applyHold(state, event);
    case 'connect':
      // Not there before the other side has answered.
      return;
    case 'connected':
      return open(state, event);
    case 'connect-failed':
      state.connections.delete(event.conn);
      return;
    case 'disconnected':
      return close(state, event);
    case 'send':
      return send(state, event);
    case 'resend':
      return change(state, event.message, {
        sent: event.t,
        arrives: event.arrives,
        waits: event.arrives === null ? 'cut' : null,
      });
    case 'held':
      countHeld(state, event);
      return change(state, event.message, { arrives: null, waits: 'held' });
    case 'receive':
      state.messages.delete(event.message);
      return;
    case 'lost':
      if (event.why === 'cut' && isOpenAtSender(state, event.message)) {
        return change(state, event.message, { arrives: null, waits: 'cut' });
      }
      state.messages.delete(event.message);
      return;
    default:
      return unreachable(event);
  }
}

/**
 * A process has died: what flew to it, and what still waited at it to be sent, is lost with it. What waits at
 * a peer stays until that peer notices.
 */
export function dropMessagesOf(state: LabState, actor: ActorName): void {
  for (const [id, message] of state.messages) {
    const flies = message.arrives !== null;
    if (flies ? message.to === actor : message.from === actor) state.messages.delete(id);
  }
  for (const connection of [...state.connections.values()]) {
    if (connection.initiator === actor || connection.acceptor === actor) closeEnd(state, connection.conn, actor);
  }
}

function send(state: LabState, event: EventOf<'send'>): void {
  const cut = state.links.get(`${event.actor}>${event.to}`)?.cut ?? false;
  state.messages.set(event.id, {
    id: event.id,
    from: event.actor,
    to: event.to,
    conn: event.conn,
    port: event.port,
    packet: event.packet,
    sent: event.t,
    arrives: event.arrives,
    waits: event.arrives !== null ? null : cut ? 'cut' : 'held',
  });
}

function change(state: LabState, id: EventId, changes: Partial<MessageView>): void {
  const message = state.messages.get(id);
  if (message) state.messages.set(id, { ...message, ...changes });
}

function isOpenAtSender(state: LabState, id: EventId): boolean {
  const message = state.messages.get(id);
  const connection = message && state.connections.get(message.conn);
  return connection !== undefined && connection.closedBy !== message?.from;
}

function open(state: LabState, event: EventOf<'connected'>): void {
  const known = state.connections.get(event.conn);
  // The initiator hears of it last; the acceptor may have closed it by then.
  if (known) return;
  const [initiator, acceptor] = event.initiator ? [event.actor, event.peer] : [event.peer, event.actor];
  const { conn, port } = event;
  state.connections.set(conn, { conn, port, initiator, acceptor, closedBy: null });
}

function close(state: LabState, event: EventOf<'disconnected'>): void {
  closeEnd(state, event.conn, event.actor);
  for (const [id, message] of state.messages) {
    if (message.conn === event.conn && message.from === event.actor && message.arrives === null) {
      state.messages.delete(id);
    }
  }
}

function closeEnd(state: LabState, conn: ConnId, end: ActorName): void {
  const connection = state.connections.get(conn);
  if (!connection) return;
  if (connection.closedBy === null) state.connections.set(conn, { ...connection, closedBy: end });
  else if (connection.closedBy !== end) state.connections.delete(conn);
}

type Direction = { readonly from: ActorName; readonly to: ActorName };

/** Changes a direction; one that is as usual again is forgotten. */
function setLink(state: LabState, { from, to }: Direction, changes: Partial<LinkView>): void {
  const key = `${from}>${to}`;
  const usual: LinkView = { from, to, cut: false, holds: [], latency: null };
  const link = { ...usual, ...state.links.get(key), ...changes };
  if (!link.cut && link.holds.length === 0 && link.latency === null) state.links.delete(key);
  else state.links.set(key, link);
}

function applyHold(state: LabState, event: EventOf<'link-hold' | 'link-release'>): void {
  const holds = holdsOf(state, event);
  if (event.kind === 'link-hold') {
    setLink(state, event, { holds: [...holds, { type: event.type, count: event.count }] });
  } else if (event.count === null) {
    // Without a count the hold itself ends; with one, some held packets go and it stays.
    setLink(state, event, { holds: event.type === null ? [] : holds.filter((hold) => hold.type !== event.type) });
  }
}

/** The first hold that matches has caught one more. */
function countHeld(state: LabState, event: EventOf<'held'>): void {
  const direction = { from: event.actor, to: event.to };
  const holds = holdsOf(state, direction);
  const index = holds.findIndex((hold) => hold.type === null || hold.type === event.type);
  const hold = holds[index];
  if (!hold || hold.count === null) return;
  const counted = hold.count === 1 ? [] : [{ ...hold, count: hold.count - 1 }];
  setLink(state, direction, { holds: [...holds.slice(0, index), ...counted, ...holds.slice(index + 1)] });
}

function holdsOf(state: LabState, { from, to }: Direction): LinkView['holds'] {
  return state.links.get(`${from}>${to}`)?.holds ?? [];
}
