/** The timeline's words for what is under the pointer. */
import type { PacketSummary } from '../../protocol/events.ts';
import { formatZxid } from '../../protocol/zxid.ts';
import type { History } from '../state/history.ts';
import type { Lane } from './space-time.ts';
import { formatInstant, formatSpan } from './view.ts';

/** `PROPOSAL 0x100000002 setData /a`: type and what tells it from others of its type. */
export function packetWords(packet: PacketSummary): string {
  const { vote } = packet;
  const parts = [
    packet.type,
    packet.op,
    packet.event,
    packet.zxid !== undefined && packet.zxid > 0 ? formatZxid(packet.zxid) : undefined,
    packet.txn,
    packet.path,
    packet.error,
    vote === undefined ? undefined : vote.leader > 0 ? `for s${vote.leader}` : 'for nobody',
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}

/** One sentence about message `id`; empty if the trace has none. */
export function messageWords(history: History, id: number): string {
  const event = history.at(id);
  if (event?.kind !== 'send') return '';
  const took = event.arrives === null ? 'waits' : formatSpan(event.arrives - event.t);
  return `${packetWords(event.packet)} · ${event.actor} → ${event.to} · ${took}`;
}

/** What an actor was at `t`: `s1 LEADING since 1.84 s`. */
export function laneWords(lane: Lane, t: number): string {
  const segment = lane.segments.findLast(({ from }) => from <= t);
  if (segment === undefined) return `${lane.actor}: not started`;
  return `${lane.actor} ${segment.state} since ${formatInstant(segment.from)}`;
}
