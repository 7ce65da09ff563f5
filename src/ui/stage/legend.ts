/** Shapes of messages and marks of servers: one table for the stage and for the legend that explains it. */
import { unreachable } from '../../protocol/assert.ts';
import type { PacketSummary } from '../../protocol/events.ts';
import { KIND_WORDS, MESSAGE_KINDS, messageKind, type MessageKind } from '../message-kind.ts';
import { shortZxid } from './format.ts';

export type Shape = 'disc' | 'ring' | 'diamond' | 'ballot' | 'square' | 'letter' | 'envelope' | 'bolt' | 'dot';

interface KindLooks {
  readonly shape: Shape;
  /** What it means, for the legend. */
  readonly says: string;
  /** Which labels are kept where there is no room for all: higher first; 0 is never labelled. */
  readonly rank: number;
}

export const KIND_LOOKS: Readonly<Record<MessageKind, KindLooks>> = {
  proposal: { shape: 'disc', says: 'the leader proposes a transaction', rank: 6 },
  ack: { shape: 'ring', says: 'a follower has it on disk', rank: 4 },
  commit: {
    shape: 'diamond',
    says: 'a quorum has it: apply it; …ANDACTIVATE: and follow the new configuration',
    rank: 5,
  },
  vote: { shape: 'ballot', says: 'a vote of an election', rank: 3 },
  sync: { shape: 'square', says: 'how a learner catches up', rank: 6 },
  handshake: { shape: 'letter', says: 'a leader and a learner, or a session, come to terms', rank: 4 },
  request: { shape: 'envelope', says: 'a client asks', rank: 7 },
  reply: { shape: 'envelope', says: 'a client is answered', rank: 7 },
  watch: { shape: 'bolt', says: 'a client is told of a change', rank: 8 },
  ping: { shape: 'dot', says: 'still there', rank: 0 },
};

export interface LegendRow {
  readonly kind: MessageKind;
  readonly shape: Shape;
  readonly word: string;
  readonly says: string;
}

export const LEGEND: readonly LegendRow[] = MESSAGE_KINDS.map((kind) => ({
  kind,
  shape: KIND_LOOKS[kind].shape,
  word: KIND_WORDS[kind],
  says: KIND_LOOKS[kind].says,
}));

/** How servers and links look, for the legend. */
export const MARKS: readonly (readonly [mark: string, says: string])[] = [
  ['crown', 'LEADING; the ring around it fills with acknowledgements until the quorum'],
  ['two rings', 'a reconfiguration is open: inside the old configuration, outside the new one; both need a quorum'],
  ['v…05', 'the version of the configuration that a server follows; →…07: it has seen a newer one'],
  ['hexagon', 'follows without a vote: no member yet, or, with a red mark, removed'],
  ['two edges', 'read-only: it serves reads without a quorum'],
  ['dotted edge', 'LOOKING; below the name the vote, and a dot for each server that votes alike'],
  ['rounded square', 'an observer: it has no vote'],
  ['dashed edge', 'DOWN: no process'],
  ['hatched, two bars', 'PAUSED: frozen, not dead'],
  ['cells', 'the log: filled is committed, outlined only logged, a small dash missing'],
  ['mark on the ring', 'so many acknowledgements make the quorum'],
  ['red, dotted, ✕', 'a cut link: nothing gets through'],
  ['red, →|', 'cut in this direction only'],
  ['red, dashed', 'a slow link'],
  ['two yellow bars', 'packets are held here'],
];

/** The one or few words beside a message. */
export function messageLabel(packet: PacketSummary): string {
  const kind = messageKind(packet);
  const path = packet.path === undefined ? '' : ` ${packet.path}`;
  switch (kind) {
    case 'proposal':
    case 'ack':
    case 'commit':
      return packet.zxid === undefined ? packet.type : `${packet.type} ${shortZxid(packet.zxid)}`;
    case 'vote':
      return packet.vote === undefined || packet.vote.leader < 0 ? 'vote' : `vote s${packet.vote.leader}`;
    case 'request':
      return `${packet.op ?? packet.type}${path}`;
    case 'reply':
      if (packet.type === 'FourLetterAnswer') return 'answer';
      return packet.error ?? (packet.op === undefined ? 'reply' : `${packet.op} ok`);
    case 'watch':
      return `${packet.event ?? packet.type}${path}`;
    case 'ping':
      return 'PING';
    case 'sync':
      return packet.type;
    case 'handshake':
      return packet.config === undefined || packet.config <= 0
        ? packet.type
        : `${packet.type} v${shortZxid(packet.config)}`;
    default:
      return unreachable(kind);
  }
}

/** The letter inside of a handshake packet's square. */
export function messageLetter(packet: PacketSummary): string {
  return packet.type.charAt(0);
}
