/**
 * One machine's TCP: connections to its peers, and for each peer the direction of the link from here
 * to there. Both ends of a link agree without a word: a sender draws arrival times itself, and the
 * conductor tells both ends of a cut at the same instant, so the sender knows what the cut loses.
 *
 * Simplifications, where the real thing differs: a retransmission leaves at the instant the cut heals
 * (no back-off); nothing is ever dropped but by a cut or an action; a connection attempt never times
 * out by itself (processes close theirs).
 */
import { assert, InvariantError, unreachable } from '../../protocol/assert.ts';
import type { EventBody } from '../../protocol/events.ts';
import { ACTORS_MAX, type ActorName, type ConnId, type EventRef } from '../../protocol/ids.ts';
import type { Port } from '../../protocol/network.ts';
import { Random } from '../../protocol/random.ts';
import type { RuleId } from '../../protocol/rules/index.ts';
import { summarize } from '../../protocol/summary.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import type { ProcessInput, ProcessOutput } from '../../process/io.ts';
import type { Batch, Hold, LinkInit, Segment } from '../types.ts';
import { Link, type Connection, type Flow, type Parcel } from './link.ts';

/** Entries of the machine's event queue that belong to the network. */
export type NetworkItem =
  | { readonly type: 'segment'; readonly from: ActorName; readonly segment: Segment }
  | { readonly type: 'lost'; readonly to: ActorName; readonly message: EventRef; readonly why: 'killed' | 'dropped' };

/** The part of the kernel that the network works with. */
export interface NetworkHost {
  readonly name: ActorName;
  readonly index: number;
  readonly now: VirtualTime;
  readonly exited: boolean;
  /** Whether what is recorded is kept. */
  readonly traced: boolean;
  emit(body: EventBody, causes: readonly EventRef[], rule?: RuleId): EventRef;
  record(ref: EventRef, body: EventBody, causes: readonly EventRef[], rule: RuleId | undefined): void;
  push(at: VirtualTime, source: number, item: NetworkItem): void;
  /** Takes out of the queue what `match` finds. */
  remove(match: (item: NetworkItem, at: VirtualTime) => boolean): readonly NetworkItem[];
  /** When the last queued segment of the connection lands here, or null. */
  lastQueued(conn: ConnId): VirtualTime | null;
  deliver(input: ProcessInput): void;
}

/** In place of the index of an actor that the lab does not have. */
const STRANGER = ACTORS_MAX;

export class Network {
  readonly #host: NetworkHost;
  readonly #seed: number;
  readonly #incarnation: number;
  readonly #links = new Map<ActorName, Link>();
  readonly #connections = new Map<ConnId, Connection>();
  readonly #listening = new Set<Port>();

  constructor(host: NetworkHost, seed: number, incarnation: number, links: readonly LinkInit[]) {
    this.#host = host;
    this.#seed = seed;
    this.#incarnation = incarnation;
    for (const link of links) this.#addLink(link);
  }

  // ---- what the process asks for

  listen(port: Port, open: boolean): void {
    if (open) this.#listening.add(port);
    else this.#listening.delete(port);
  }

  connect({ conn, to, port, causes }: ProcessOutput & { type: 'connect' }): void {
    const connection = this.#open(conn, this.#links.get(to) ?? this.#addStranger(to), port);
    const cause = this.#host.emit({ kind: 'connect', conn, to, port }, causes);
    this.#transmit({ connection, load: { type: 'syn', port }, cause });
  }

  send({ conn, packet, ref, causes, rule }: ProcessOutput & { type: 'send' }): void {
    const connection = this.#connections.get(conn);
    assert(connection, `a packet for connection ${conn}, which never was`);
    const { link, port } = connection;
    const parcel: Parcel = { connection, load: { type: 'data', packet }, cause: ref };
    const open = connection.state !== 'closed';
    const hold = open && link.holdBack(parcel, packet);
    const drop = open && !hold && !link.cutTo && link.drop(packet);
    let arrives: VirtualTime | null = null;
    if (drop) arrives = this.#dropOnTheWay(parcel);
    else if (open && !hold) arrives = this.#transmit(parcel);
    if (this.#host.traced) {
      const body: EventBody = { kind: 'send', to: link.peer, conn, port, packet: summarize(packet), arrives };
      this.#host.record(ref, body, causes, rule);
    }
    if (hold) this.#host.emit({ kind: 'held', message: ref, to: link.peer, type: packet.type }, [ref], 'lab.hold');
    if (connection.state === 'closed') this.#loseHere(parcel, 'closed', [ref]);
  }

  close({ conn, reason, causes }: ProcessOutput & { type: 'close' }): void {
    const connection = this.#connections.get(conn);
    if (!connection || connection.state === 'closed') return;
    const { link } = connection;
    const unsent = link.waiting.some((parcel) => parcel.connection === connection && parcel.load.type === 'syn');
    const cause = this.#end(connection, reason, causes);
    if (!unsent) this.#transmit({ connection, load: { type: 'fin' }, cause });
  }

  /** The process is gone, its machine stays: every connection is reset. */
  reset(cause: EventRef): void {
    this.#listening.clear();
    for (const connection of this.#connections.values()) {
      if (connection.state === 'closed') continue;
      connection.state = 'closed';
      this.#forgetUnsent(connection, 'killed', [cause]);
      this.#transmit({ connection, load: { type: 'rst' }, cause });
    }
  }

  /** The machine is gone: what waits here to be sent is lost. */
  lose(cause: EventRef): void {
    for (const link of this.#links.values()) {
      for (const parcel of link.unsent) this.#loseHere(parcel, 'killed', [cause]);
    }
  }

  // ---- between machines

  /** What was sent to `peer` since the last call. */
  takeBatch(peer: ActorName): Batch {
    return this.#link(peer).takeBatch();
  }

  receive(peer: ActorName, batch: Batch): void {
    const { index } = this.#link(peer);
    for (const segment of batch) this.#host.push(segment.arrives, index, { type: 'segment', from: peer, segment });
  }

  /** A syn is answered by the machine, whatever its process does. Returns what the process is told when it can listen. */
  accept(from: ActorName, segment: Segment & { type: 'syn' }): ProcessInput | null {
    const link = this.#link(from);
    const { conn, port } = segment;
    const connection = this.#open(conn, link, port);
    if (this.#host.exited || !this.#listening.has(port)) {
      connection.state = 'closed';
      this.#transmit({ connection, load: { type: 'rst' }, cause: segment.cause });
      return null;
    }
    connection.state = 'open';
    const cause = this.#host.emit({ kind: 'connected', conn, peer: from, port, initiator: false }, [segment.cause]);
    this.#transmit({ connection, load: { type: 'syn-ack' }, cause });
    return { type: 'accepted', cause, conn, peer: from, port };
  }

  /** A segment other than a syn has landed and is handled now. */
  arrive(from: ActorName, segment: Segment): void {
    const connection = this.#connections.get(segment.conn);
    if (!connection || connection.state === 'closed' || this.#host.exited) {
      this.#arriveAtNobody(from, segment);
      return;
    }
    const { id: conn, port } = connection;
    switch (segment.type) {
      case 'syn':
        throw new InvariantError('a syn goes to accept');
      case 'syn-ack': {
        connection.state = 'open';
        const cause = this.#host.emit({ kind: 'connected', conn, peer: from, port, initiator: true }, [segment.cause]);
        this.#host.deliver({ type: 'connected', cause, conn, peer: from, port });
        return;
      }
      case 'data': {
        const message = segment.cause;
        const cause = this.#host.emit({ kind: 'receive', message, from, type: segment.packet.type }, [message]);
        this.#host.deliver({ type: 'packet', cause, conn, peer: from, port, packet: segment.packet });
        return;
      }
      case 'fin':
      case 'rst': {
        if (connection.state === 'connecting') {
          this.#forgetUnsent(connection, 'closed', [segment.cause]);
          connection.state = 'closed';
          const cause = this.#host.emit({ kind: 'connect-failed', conn, to: from, port, reason: 'refused' }, [
            segment.cause,
          ]);
          this.#host.deliver({ type: 'connect-failed', cause, conn, peer: from, port });
          return;
        }
        const cause = this.#end(connection, segment.type === 'fin' ? 'closed by peer' : 'connection reset', [
          segment.cause,
        ]);
        this.#host.deliver({ type: 'closed', cause, conn, peer: from, port });
        return;
      }
      default:
        unreachable(segment);
    }
  }

  /** This machine does not know the connection (any more): it says so, unless that is what it was told. */
  #arriveAtNobody(from: ActorName, { type, conn: id, cause }: Segment): void {
    if (type === 'fin' || type === 'rst') return;
    if (type === 'data') {
      const why = this.#host.exited ? 'killed' : 'closed';
      this.#host.emit({ kind: 'lost', message: cause, from, to: this.#host.name, why }, [cause], whyRule(why));
    }
    const link = this.#link(from);
    const flow = this.#connections.get(id) ?? {
      id,
      link,
      state: 'closed',
      lastArrival: this.#host.now,
      orphaned: false,
    };
    this.#transmit({ connection: flow, load: { type: 'rst' }, cause });
  }

  /** A packet that could not get there has come to its end. */
  lost({ to, message, why }: NetworkItem & { type: 'lost' }, causes: readonly EventRef[] = []): void {
    this.#host.emit({ kind: 'lost', message, from: this.#host.name, to, why }, [message, ...causes], whyRule(why));
  }

  // ---- what the conductor changes

  peerUp(init: LinkInit): void {
    const known = this.#links.get(init.peer);
    const link = known && known.index !== STRANGER ? known : this.#addLink(init);
    link.up = true;
    link.latency = init.latency;
  }

  peerDown(peer: ActorName, cause: EventRef): void {
    const link = this.#link(peer);
    const { now } = this.#host;
    link.up = false;
    // What is in flight lands on a machine without a process: the one that died has reported it.
    link.takeFlight(now);
    // What leaves at this very instant, because a cut has healed or a hold has ended, it has not seen.
    for (const { type, cause: message } of link.takeBatch()) {
      if (type === 'data') this.lost({ type: 'lost', to: peer, message, why: 'killed' }, [cause]);
    }
    for (const connection of this.#connectionsWith(link)) {
      const connecting = connection.state === 'connecting';
      if (connecting && link.waiting.some((parcel) => parcel.connection === connection)) continue;
      connection.orphaned = true;
      if (!link.cutFrom)
        this.#resetFromPeer(
          connection,
          connecting && connection.lastArrival > now ? connection.lastArrival : now,
          cause,
        );
    }
  }

  /**
   * The machine is taken away, and with it all that was done to the link: one of the same name is linked as at first.
   * What waits for it is lost, and who has not heard so yet learns that nobody is there.
   */
  peerRemoved(peer: ActorName, cause: EventRef): void {
    const link = this.#link(peer);
    const unheard = link.cutFrom;
    link.cutTo = link.cutFrom = false;
    link.holds = [];
    link.drops = [];
    for (const connection of this.#connectionsWith(link)) {
      this.#forgetUnsent(connection, 'killed', [cause]);
      if (connection.orphaned && !unheard) continue;
      connection.orphaned = true;
      this.#resetFromPeer(connection, this.#host.now, cause);
    }
    link.waiting = [];
  }

  cutTo(peer: ActorName, cause: EventRef): void {
    const link = this.#link(peer);
    if (link.cutTo) return;
    const { now } = this.#host;
    link.cutTo = true;
    for (const parcel of link.takeFlight(now)) {
      const { connection, load } = parcel;
      if (connection.lastArrival > now) connection.lastArrival = now;
      if (connection.state === 'closed' && load.type === 'data') this.#loseHere(parcel, 'closed', [cause]);
      else link.waiting.push(parcel);
    }
  }

  cutFrom(peer: ActorName, cause: EventRef): void {
    const link = this.#link(peer);
    if (link.cutFrom) return;
    link.cutFrom = true;
    for (const segment of this.#intercept(link)) {
      if (segment.type !== 'data') continue;
      // A sender that has died since cannot send it again.
      const why = this.#connections.get(segment.conn)?.orphaned ? 'killed' : 'cut';
      const body: EventBody = { kind: 'lost', message: segment.cause, from: peer, to: this.#host.name, why };
      this.#host.emit(body, [segment.cause, cause], 'lab.cut-loses');
    }
  }

  healTo(peer: ActorName, cause: EventRef): void {
    const link = this.#link(peer);
    link.cutTo = false;
    const { waiting } = link;
    link.waiting = [];
    for (const parcel of waiting) {
      const { connection, load } = parcel;
      if (connection.state === 'closed' && (load.type === 'data' || load.type === 'syn')) continue;
      const arrives = this.#fly(parcel);
      if (load.type !== 'data') continue;
      const body: EventBody = { kind: 'resend', message: parcel.cause, to: peer, arrives, why: 'retransmitted' };
      this.#host.emit(body, [parcel.cause, cause], 'lab.tcp-retransmit');
    }
  }

  healFrom(peer: ActorName, cause: EventRef): void {
    const link = this.#link(peer);
    if (!link.cutFrom) return;
    link.cutFrom = false;
    for (const connection of this.#connectionsWith(link)) {
      if (connection.orphaned) this.#resetFromPeer(connection, this.#host.now, cause);
    }
  }

  setLatency(peer: ActorName, latency: readonly [number, number]): void {
    this.#link(peer).latency = latency;
  }

  hold(peer: ActorName, { type, count }: Hold): void {
    this.#link(peer).holds.push({ type, count });
  }

  drop(peer: ActorName, { type, count }: Hold): void {
    this.#link(peer).drops.push({ type, count });
  }

  /** Lets the first `count` held packets of `type` go; without a count all, and the hold itself ends. */
  release(peer: ActorName, { type, count }: Hold, cause: EventRef): void {
    const link = this.#link(peer);
    for (const parcel of link.release(type, count)) {
      const arrives = this.#transmit(parcel);
      const body: EventBody = { kind: 'resend', message: parcel.cause, to: peer, arrives, why: 'released' };
      this.#host.emit(body, [parcel.cause, cause], 'lab.release');
    }
  }

  /** Every connection with `peer` breaks now; both ends do the same at the same instant. */
  dropConnections(peer: ActorName, cause: EventRef): void {
    const link = this.#link(peer);
    for (const segment of this.#intercept(link)) {
      if (segment.type !== 'data') continue;
      const body: EventBody = { kind: 'lost', message: segment.cause, from: peer, to: this.#host.name, why: 'dropped' };
      this.#host.emit(body, [segment.cause, cause], 'lab.drop-breaks');
    }
    link.takeFlight(this.#host.now);
    for (const connection of this.#connectionsWith(link)) {
      this.#synthesizeReset(connection, this.#host.now, cause);
    }
  }

  /** Rules on packets to come, for the next process of this name. */
  traps(): readonly { readonly peer: ActorName; readonly holds: readonly Hold[]; readonly drops: readonly Hold[] }[] {
    const known = [...this.#links.values()].filter(({ index }) => index !== STRANGER);
    return known.map(({ peer, holds, drops }) => ({ peer, holds, drops }));
  }

  // ---- inside

  #addLink(init: LinkInit): Link {
    const stream = `latency/${this.#host.name}>${init.peer}/${this.#incarnation}`;
    const link = new Link(init, Random.stream(this.#seed, stream));
    this.#links.set(init.peer, link);
    return link;
  }

  /** A machine that is not there, or not yet: whatever is sent to it is answered with a reset. */
  #addStranger(peer: ActorName): Link {
    const latency = this.#links.values().next().value?.latency ?? [1, 1];
    const none = { up: false, cutTo: false, cutFrom: false, holds: [], drops: [] };
    return this.#addLink({ peer, peerIndex: STRANGER, latency, ...none });
  }

  #link(peer: ActorName): Link {
    const link = this.#links.get(peer);
    assert(link, `${this.#host.name} has no link to ${peer}`);
    return link;
  }

  #open(id: ConnId, link: Link, port: Port): Connection {
    assert(!this.#connections.has(id), `connection ${id} is there already`);
    const connection: Connection = {
      id,
      link,
      port,
      state: 'connecting',
      lastArrival: this.#host.now,
      orphaned: false,
    };
    this.#connections.set(id, connection);
    return connection;
  }

  /** Connections with a peer that are not closed, in the order in which they were made. */
  #connectionsWith(link: Link): readonly Connection[] {
    return [...this.#connections.values()].filter((each) => each.link === link && each.state !== 'closed');
  }

  #end(connection: Connection, reason: string, causes: readonly EventRef[]): EventRef {
    const { id: conn, link, port } = connection;
    connection.state = 'closed';
    const cause = this.#host.emit({ kind: 'disconnected', conn, peer: link.peer, port, reason }, causes);
    this.#forgetUnsent(connection, link.up ? 'closed' : 'killed', [cause]);
    return cause;
  }

  /** What is held or waits for the link to heal goes with its connection; what flies still lands. */
  #forgetUnsent(connection: Connection, why: 'closed' | 'killed', causes: readonly EventRef[]): void {
    const { link } = connection;
    for (const parcel of link.forget(connection)) this.#loseHere(parcel, why, causes);
  }

  #loseHere({ connection, load, cause }: Parcel, why: 'closed' | 'killed', causes: readonly EventRef[]): void {
    if (load.type !== 'data') return;
    const to = connection.link.peer;
    const known = causes.includes(cause) ? causes : [cause, ...causes];
    this.#host.emit({ kind: 'lost', message: cause, from: this.#host.name, to, why }, known, whyRule(why));
  }

  /** Sends, or keeps until the cut heals: then null. */
  #transmit(parcel: Parcel): VirtualTime | null {
    const { link } = parcel.connection;
    if (!link.cutTo) return this.#fly(parcel);
    link.waiting.push(parcel);
    return null;
  }

  #fly(parcel: Parcel): VirtualTime {
    const { connection, load, cause } = parcel;
    const { link } = connection;
    const { now } = this.#host;
    const drawn = link.draw(now);
    const arrives = drawn > connection.lastArrival ? drawn : connection.lastArrival;
    connection.lastArrival = arrives;
    if (link.up) {
      link.depart(parcel, arrives, now);
    } else if (load.type === 'data') {
      this.#host.push(arrives, this.#host.index, { type: 'lost', to: link.peer, message: cause, why: 'killed' });
    } else if (load.type === 'syn' || load.type === 'syn-ack') {
      // Nobody is there (any more): the machine without a process answers with a reset.
      connection.orphaned = true;
      if (!link.cutFrom) this.#resetFromPeer(connection, arrives, cause);
    }
    return arrives;
  }

  /** The packet is lost where it would land, and what comes after it finds the connection broken. */
  #dropOnTheWay({ connection, cause }: Parcel): VirtualTime {
    const { link } = connection;
    const arrives = this.#fly({ connection, load: { type: 'rst' }, cause });
    this.#host.push(arrives, this.#host.index, { type: 'lost', to: link.peer, message: cause, why: 'dropped' });
    connection.orphaned = true;
    if (!link.cutFrom) this.#resetFromPeer(connection, arrives, cause);
    return arrives;
  }

  /** A reset leaves the peer's machine at `from`; it lands here behind what that machine had sent before. */
  #resetFromPeer(connection: Flow, from: VirtualTime, cause: EventRef): void {
    const drawn = connection.link.draw(from);
    const last = this.#host.lastQueued(connection.id);
    this.#synthesizeReset(connection, last !== null && last > drawn ? last : drawn, cause);
  }

  #synthesizeReset({ id: conn, link }: Flow, arrives: VirtualTime, cause: EventRef): void {
    const segment: Segment = { type: 'rst', conn, arrives, seq: -1, cause };
    this.#host.push(arrives, link.index, { type: 'segment', from: link.peer, segment });
  }

  /** Takes what would land here from now on out of the air. */
  #intercept(link: Link): readonly Segment[] {
    const { now } = this.#host;
    const taken = this.#host.remove((item, at) => item.type === 'segment' && item.from === link.peer && at >= now);
    return taken.flatMap((item) => (item.type === 'segment' ? [item.segment] : []));
  }
}

function whyRule(why: 'closed' | 'killed' | 'dropped'): RuleId {
  switch (why) {
    case 'closed':
      return 'lab.close-loses';
    case 'killed':
      return 'lab.kill-loses';
    case 'dropped':
      return 'lab.drop-breaks';
    default:
      return unreachable(why);
  }
}
