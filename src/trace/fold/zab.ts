/** Discovery, synchronization and broadcast: epochs, handshakes, proposals and commits. */
import { unreachable } from '../../protocol/assert.ts';
import type { EventOf } from '../../protocol/events.ts';
import { sidOf, type Sid } from '../../protocol/ids.ts';
import type { LabState, ServerView } from '../state.ts';
import { makeZxid, type Zxid } from '../../protocol/zxid.ts';
import { leaveRole } from './election.ts';
import { serverOf } from './process.ts';

type ZabEvent = EventOf<
  | 'epoch-heard'
  | 'epoch-proposed'
  | 'epoch-acked'
  | 'epoch-saved'
  | 'sync-chosen'
  | 'sync-received'
  | 'newleader-acked'
  | 'serving'
  | 'stepped-down'
  | 'learner-joined'
  | 'learner-lost'
  | 'proposed'
  | 'acked'
  | 'committed'
  | 'commit-received'
>;

export function applyZab(state: LabState, event: ZabEvent): void {
  const server = serverOf(state, event.actor);
  switch (event.kind) {
    case 'epoch-heard':
      server.handshake = { phase: 'epoch', acks: event.heard, need: event.need };
      return;
    case 'epoch-acked':
      server.handshake = { phase: 'ackepoch', acks: event.acks, need: event.need };
      return;
    case 'newleader-acked':
      // Late ones come when the handshake is over.
      if (!server.serving)
        server.handshake = { phase: 'newleader', acks: event.acks, need: event.need, next: event.next };
      return;
    case 'epoch-saved':
      server[event.file] = event.epoch;
      // Whoever saves currentEpoch has everything before it on disk (ZOOKEEPER-4643, -4646).
      if (event.file === 'currentEpoch') server.lastDurable = server.lastLogged;
      return;
    case 'sync-received':
      server.syncMode = event.mode;
      return;
    case 'serving':
      server.serving = true;
      server.leader = event.leader;
      server.handshake = null;
      // A quorum holds the leader's whole log, and a learner that is up to date holds the same.
      commitUpTo(server, server.lastLogged);
      // Only the leader shows its epoch's first zxid before the epoch has transactions (`Leader.startZkServer`).
      if (server.serverState === 'LEADING') server.lastProcessed = makeZxid(event.epoch, 0);
      return;
    case 'stepped-down':
      return leaveRole(server);
    case 'proposed':
      server.outstanding.set(event.zxid, { acks: [], need: event.need, next: event.next, event: event.id });
      return;
    case 'acked': {
      const proposal = server.outstanding.get(event.zxid);
      if (proposal)
        server.outstanding.set(event.zxid, { ...proposal, acks: event.acks, need: event.need, next: event.next });
      return;
    }
    case 'committed': {
      const proposal = server.outstanding.get(event.zxid);
      if (proposal) {
        const { acks, need, next } = proposal;
        server.lastQuorum = { zxid: event.zxid, acks, need, next, voters: votersOf(server), at: event.t };
      }
      server.outstanding.delete(event.zxid);
      return commitUpTo(server, event.zxid);
    }
    case 'commit-received':
      return commitUpTo(server, event.zxid);
    case 'epoch-proposed':
    case 'sync-chosen':
    case 'learner-joined':
    case 'learner-lost':
      return;
    default:
      return unreachable(event);
  }
}

function votersOf({ config }: ServerView): number | null {
  return config?.committed.members.filter(({ role }) => role === 'participant').length ?? null;
}

/** An ACK arrives. The leader takes no notice of it after the commit, so its arrival is all that tells. */
export function hearAck(state: LabState, event: EventOf<'receive'>): void {
  const ack = state.messages.get(event.message);
  const from = ack ? sidOf(ack.from) : null;
  if (from !== null && ack?.packet.zxid !== undefined) {
    countLateAck(serverOf(state, event.actor), from, ack.packet.zxid);
  }
}

/** `from` has a proposal on disk that is committed already. */
export function countLateAck(server: ServerView, from: Sid, zxid: Zxid): void {
  const last = server.lastQuorum;
  if (last?.zxid !== zxid) return;
  const { next } = last;
  const acks = last.acks.includes(from) ? last.acks : [...last.acks, from];
  const heard = next?.members.includes(from) && !next.acks.includes(from) ? [...next.acks, from] : next?.acks;
  server.lastQuorum = { ...last, acks, next: next && { ...next, acks: heard ?? [] } };
}

export function commitUpTo(server: ServerView, zxid: Zxid): void {
  if (zxid > server.lastCommitted) server.lastCommitted = zxid;
}
