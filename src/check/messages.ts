/**
 * The order of what a leader and a learner tell each other, on each connection: `proposalInconsistent`,
 * `commitInconsistent`, `ackInconsistent` and the part of `stateInconsistent` that packets show (`Zab.tla`,
 * `ZkV3_7_0.tla`, for traces). Whether what is acknowledged is durable, and what is committed has a quorum, others check.
 *
 * The hottest events are looked at here: constant work, and nothing is allocated for a packet that is as it should be.
 */
import type { EventOf, PacketSummary } from '../protocol/events.ts';
import type { ActorName, ConnId, EventId } from '../protocol/ids.ts';
import { counterOf, epochOf, formatZxid, makeZxid, ZXID_ZERO, type Zxid } from '../protocol/zxid.ts';
import { follows, Link, move } from './link.ts';
import type { Property } from './properties.ts';
import type { Checker, Handlers, Report } from './types.ts';
import { entryAt, type World } from './world.ts';

export const messageOrder: Checker = (world, report) => new MessageOrder(world, report).handlers;

class MessageOrder {
  readonly #world: World;
  readonly #initialZxid: number;
  readonly #report: Report;
  readonly #links = new Map<ConnId, Link>();
  /** Of learners: the connection of the role that they are in. */
  readonly #current = new Map<ActorName, Link>();

  constructor(world: World, report: Report) {
    this.#world = world;
    this.#initialZxid = world.settings.initialZxid;
    this.#report = report;
  }

  readonly handlers: Handlers = {
    send: (event) => {
      if (event.port === 'quorum') this.#sent(event, event.packet);
    },
    applied: ({ actor, zxid, id }) => {
      const link = this.#current.get(actor);
      if (link) this.#applied(link, zxid, id);
    },
    'tree-loaded': ({ actor, source, log, id }) => {
      const link = this.#current.get(actor);
      if (link && source === 'TRUNC') this.#cut(link, log.at(-1)?.zxid ?? ZXID_ZERO, id);
    },
    disconnected: ({ conn, port }) => {
      if (port === 'quorum') this.#links.delete(conn);
    },
    'stepped-down': ({ actor }) => this.#roleEnded(actor),
    'process-killed': ({ actor }) => this.#processEnded(actor),
    'process-exited': ({ actor }) => this.#processEnded(actor),
  };

  #roleEnded(actor: ActorName): void {
    this.#current.delete(actor);
  }

  /** Both ends are forgotten: nobody may be left who would notice that the connection has ended. */
  #processEnded(actor: ActorName): void {
    this.#current.delete(actor);
    for (const [conn, { learner, leader }] of this.#links) {
      if (learner === actor || leader === actor) this.#links.delete(conn);
    }
  }

  #sent(event: EventOf<'send'>, packet: PacketSummary): void {
    const { actor, conn, id, to } = event;
    const { type } = packet;
    if (type === 'FOLLOWERINFO' || type === 'OBSERVERINFO') {
      const link = new Link(conn, actor, to, id);
      this.#links.set(conn, link);
      this.#current.set(actor, link);
      return;
    }
    const link = this.#links.get(conn);
    if (!link || packet.zxid === undefined) return;
    switch (type) {
      case 'LEADERINFO':
        if (link.epoch >= 0) this.#state(link, id, `${actor} sends ${to} LEADERINFO twice.`);
        link.epoch = epochOf(packet.zxid);
        return;
      case 'ACKEPOCH':
        if (link.epoch < 0) this.#state(link, id, `${actor} sends ACKEPOCH to ${to} before it has got LEADERINFO.`);
        if (link.ackEpoch) this.#state(link, id, `${actor} sends ${to} ACKEPOCH twice.`, link.ackEpoch.event);
        link.ackEpoch = { zxid: packet.zxid, event: id };
        return;
      case 'DIFF':
      case 'TRUNC':
      case 'SNAP':
        return this.#synchronized(link, type, packet.zxid, id);
      case 'NEWLEADER':
        return this.#newLeader(link, packet.zxid, id);
      case 'UPTODATE':
        return this.#upToDate(link, id);
      case 'PROPOSAL':
        return this.#proposed(link, packet.zxid, id);
      case 'COMMIT':
      case 'COMMITANDACTIVATE':
        return this.#committed(link, packet.zxid, id);
      case 'INFORM':
      case 'INFORMANDACTIVATE':
        this.#proposed(link, packet.zxid, id);
        return this.#committed(link, packet.zxid, id);
      case 'ACK':
        return this.#acked(link, packet.zxid, id);
      default:
        return; // PING, REVALIDATE, REQUEST and SYNC may come at any time
    }
  }

  #synchronized(link: Link, mode: 'DIFF' | 'TRUNC' | 'SNAP', zxid: Zxid, id: EventId): void {
    const { learner, leader, ackEpoch, sync } = link;
    if (!ackEpoch) this.#state(link, id, `${leader} sends ${learner} ${mode} before it has got its ACKEPOCH.`);
    if (sync)
      this.#state(
        link,
        id,
        `${leader} sends ${learner} ${mode} after ${sync.mode}: it is synchronized twice.`,
        sync.event,
      );
    link.sync = { mode, event: id, zxid };
    if (mode === 'TRUNC' && ackEpoch && zxid >= ackEpoch.zxid) {
      this.#truncFault(link, zxid, [ackEpoch.event], `but its log ends at ${formatZxid(ackEpoch.zxid)}`);
    } else if (mode === 'TRUNC' && !this.#mayHave(learner, zxid)) {
      this.#truncFault(link, zxid, [], 'which it has never had');
    }
    link.begin(mode === 'DIFF' && ackEpoch ? ackEpoch.zxid : zxid, id);
  }

  /** (e, 0) is where an epoch begins, and in no log. */
  #mayHave(learner: ActorName, zxid: Zxid): boolean {
    const server = this.#world.servers.get(learner);
    if (!server || server.damaged !== null || zxid <= server.floor || counterOf(zxid) === 0) return true;
    return entryAt(server.log, zxid) !== null;
  }

  /** `FileTxnLog.truncate` cuts behind the first transaction that is not older: it should be the one that was named. */
  #cut(link: Link, last: Zxid, id: EventId): void {
    const { sync } = link;
    if (sync?.mode !== 'TRUNC' || last <= sync.zxid) return;
    const why = `which its log files do not hold: it keeps ${formatZxid(last)}`;
    this.#truncFault(link, sync.zxid, [sync.event, id], why);
  }

  #truncFault(link: Link, to: Zxid, proof: readonly EventId[], why: string): void {
    const says = `${link.leader} tells ${link.learner} to cut its log back to ${formatZxid(to)}, ${why}.`;
    this.#say('proposalInconsistent', link, proof, says);
  }

  #newLeader(link: Link, zxid: Zxid, id: EventId): void {
    const { learner, leader } = link;
    if (link.newLeader !== null) this.#state(link, id, `${leader} sends ${learner} NEWLEADER twice.`, link.newLeader);
    if (!link.sync)
      this.#state(link, id, `${leader} sends ${learner} NEWLEADER without DIFF, TRUNC or SNAP before it.`);
    if (zxid !== start(link)) {
      const should = formatZxid(start(link));
      this.#state(
        link,
        id,
        `${leader} sends ${learner} NEWLEADER ${formatZxid(zxid)}; it should be ${should}, the epoch of LEADERINFO.`,
      );
    }
    link.newLeader = id;
  }

  #upToDate(link: Link, id: EventId): void {
    const { learner, leader } = link;
    if (link.upToDate !== null) this.#state(link, id, `${leader} sends ${learner} UPTODATE twice.`, link.upToDate);
    if (link.newLeaderAck === null) {
      this.#state(
        link,
        id,
        `${leader} sends ${learner} UPTODATE, but ${learner} has not acknowledged NEWLEADER.`,
        link.newLeader,
      );
    }
    link.upToDate = id;
  }

  #proposed(link: Link, zxid: Zxid, id: EventId): void {
    const { learner, leader, proposal } = link;
    if (!link.sync) this.#state(link, id, `${leader} sends ${learner} a proposal before DIFF, TRUNC or SNAP.`);
    else if (!follows(proposal.zxid, zxid, this.#initialZxid)) {
      const last = formatZxid(proposal.zxid);
      const says = `${leader} sends ${learner} the proposal ${formatZxid(zxid)} after ${last}; the one that follows should have come.`;
      this.#say('proposalInconsistent', link, [proposal.event, id], says);
    }
    move(proposal, zxid, id);
    link.pending.push(zxid, id);
  }

  #committed(link: Link, zxid: Zxid, id: EventId): void {
    if (!link.pending.take(zxid)) this.#unmatched(link, zxid, id);
    move(link.commit, zxid, id);
  }

  #unmatched(link: Link, zxid: Zxid, id: EventId): void {
    const { learner, leader, pending, commit } = link;
    const { first } = pending;
    const next = first
      ? `the next that it has proposed is ${formatZxid(first.zxid)}`
      : 'nothing that it has proposed is left';
    const says = `${leader} tells ${learner} to commit ${formatZxid(zxid)}, but ${next}.`;
    this.#say('commitInconsistent', link, [first?.event ?? commit.event, id], says);
    pending.skipTo(zxid);
  }

  /** A learner applies what it was told to commit, in that order, and nothing else. */
  #applied(link: Link, zxid: Zxid, id: EventId): void {
    const { learner, leader, applied, commit } = link;
    if (zxid > commit.zxid) {
      const says = `${learner} applies ${formatZxid(zxid)}, but ${leader} has told it to commit no more than ${formatZxid(commit.zxid)}.`;
      this.#say('commitInconsistent', link, [commit.event, id], says);
    } else if (!follows(applied.zxid, zxid, this.#initialZxid)) {
      const says = `${learner} applies ${formatZxid(zxid)} after ${formatZxid(applied.zxid)}; commits of ${leader} should be applied in their order.`;
      this.#say('commitInconsistent', link, [applied.event, id], says);
    }
    move(applied, zxid, id);
  }

  #acked(link: Link, zxid: Zxid, id: EventId): void {
    if (counterOf(zxid) === 0) return this.#epochAcked(link, zxid, id);
    const { learner, leader, proposal, ack } = link;
    const z = formatZxid(zxid);
    if (link.newLeaderAck === null) {
      this.#ackFault(
        link,
        id,
        `${learner} acknowledges ${z} to ${leader} before NEWLEADER, which should come first.`,
        link.newLeader,
      );
    } else if (zxid > proposal.zxid) {
      this.#ackFault(
        link,
        id,
        `${learner} acknowledges ${z}, but ${leader} has proposed no more than ${formatZxid(proposal.zxid)} to it.`,
        proposal.event,
      );
    } else if (ack.zxid >= 0 && !follows(ack.zxid, zxid, this.#initialZxid)) {
      this.#ackFault(
        link,
        id,
        `${learner} acknowledges ${z} after ${formatZxid(ack.zxid)}; proposals should be acknowledged in their order.`,
        ack.event,
      );
    }
    move(ack, zxid, id);
  }

  #epochAcked(link: Link, zxid: Zxid, id: EventId): void {
    const { learner, leader, newLeader } = link;
    const z = formatZxid(zxid);
    if (zxid !== start(link)) {
      this.#ackFault(
        link,
        id,
        `${learner} acknowledges ${z} to ${leader}, whose NEWLEADER is ${formatZxid(start(link))}.`,
        newLeader,
      );
    } else if (newLeader === null) {
      this.#ackFault(link, id, `${learner} acknowledges ${z} before ${leader} has sent NEWLEADER.`, null);
    } else if (link.epochAcks > (link.upToDate === null ? 0 : 1)) {
      this.#ackFault(link, id, `${learner} acknowledges NEWLEADER of ${leader} again.`, link.newLeaderAck);
    }
    link.epochAcks++;
    link.newLeaderAck ??= id;
  }

  #ackFault(link: Link, id: EventId, says: string, before: EventId | null): void {
    this.#say('ackInconsistent', link, before === null ? [id] : [before, id], says);
  }

  #state(link: Link, id: EventId, says: string, before: EventId | null = null): void {
    this.#say('stateInconsistent', link, before === null ? [id] : [before, id], says);
  }

  #say(property: Property, { conn }: Link, proof: readonly EventId[], says: string): void {
    this.#report({ property, says, proof, about: conn });
  }
}

/** (e, 0) of the link's epoch. */
function start({ epoch }: Link): Zxid {
  return makeZxid(Math.max(0, epoch), 0);
}
