/**
 * The few kinds into which the screen sorts packets: each has one colour (`--kind-…`), one shape and one word, wherever messages
 * are shown.
 */
import type { PacketSummary, TraceEvent } from '../protocol/events.ts';
import type { PacketType } from '../protocol/network.ts';
import { unreachable } from '../protocol/assert.ts';

export const MESSAGE_KINDS = [
  'proposal',
  'ack',
  'commit',
  'vote',
  'sync',
  'handshake',
  'request',
  'reply',
  'watch',
  'ping',
] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** What a legend says of each kind. */
export const KIND_WORDS: Readonly<Record<MessageKind, string>> = {
  proposal: 'PROPOSAL',
  ack: 'ACK',
  commit: 'COMMIT, INFORM, …ANDACTIVATE',
  vote: 'vote',
  sync: 'DIFF, TRUNC, SNAP',
  handshake: 'handshake',
  request: 'request',
  reply: 'reply',
  watch: 'watch event',
  ping: 'PING',
};

/** Whether an event is about a ping. A receipt names only the packet's type: `at` finds the sending. */
export function isPing(event: TraceEvent, at: (index: number) => TraceEvent | undefined): boolean {
  if (event.kind === 'send') return messageKind(event.packet) === 'ping';
  if (event.kind !== 'receive') return false;
  const sent = event.type === 'PING' ? null : at(event.message);
  return sent === null || (sent?.kind === 'send' && messageKind(sent.packet) === 'ping');
}

export function messageKind(packet: PacketSummary): MessageKind {
  if (packet.op === 'ping' || packet.xid === -2) return 'ping';
  return kindOfType(packet.type);
}

/** @throws InvariantError for a packet type that is none. */
export function kindOfType(type: PacketType): MessageKind {
  switch (type) {
    case 'PROPOSAL':
      return 'proposal';
    case 'ACK':
      return 'ack';
    case 'COMMIT':
    case 'INFORM':
    case 'COMMITANDACTIVATE':
    case 'INFORMANDACTIVATE':
      return 'commit';
    case 'NOTIFICATION':
      return 'vote';
    case 'DIFF':
    case 'TRUNC':
    case 'SNAP':
      return 'sync';
    case 'HELLO':
    case 'FOLLOWERINFO':
    case 'OBSERVERINFO':
    case 'LEADERINFO':
    case 'ACKEPOCH':
    case 'NEWLEADER':
    case 'UPTODATE':
    case 'REVALIDATE':
    case 'SYNC':
    case 'ConnectRequest':
    case 'ConnectResponse':
      return 'handshake';
    case 'REQUEST':
    case 'Request':
    case 'FourLetterWord':
    case 'BadFrame':
      return 'request';
    case 'Reply':
    case 'FourLetterAnswer':
      return 'reply';
    case 'WatchEvent':
      return 'watch';
    case 'PING':
      return 'ping';
    default:
      return unreachable(type);
  }
}
