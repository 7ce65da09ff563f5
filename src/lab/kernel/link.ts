/**
 * The direction of a link from this machine to a peer: its latency, what the lab catches on it, and what
 * is on its way or has to wait. When something is sent or lost is up to {@link ./network.ts}.
 */
import type { ActorName, ConnId, EventRef } from '../../protocol/ids.ts';
import type { Packet, PacketType, Port } from '../../protocol/network.ts';
import { XID } from '../../protocol/operations.ts';
import type { Random } from '../../protocol/random.ts';
import { addMs, type VirtualTime } from '../../protocol/time.ts';
import type { Batch, LinkInit, Segment } from '../types.ts';

/** What flows out of this end of a connection. */
export interface Flow {
  readonly id: ConnId;
  readonly link: Link;
  state: 'connecting' | 'open' | 'closed';
  /** When the last segment from here lands: TCP keeps order. */
  lastArrival: VirtualTime;
  /** The other end has forgotten this connection; a reset is on its way here, or comes when the link heals. */
  orphaned: boolean;
}

/** This end of a connection. */
export interface Connection extends Flow {
  readonly port: Port;
}

export type Load =
  | { readonly type: 'syn'; readonly port: Port }
  | { readonly type: 'syn-ack' | 'fin' | 'rst' }
  | { readonly type: 'data'; readonly packet: Packet };

/** Something to send, or sent: of data, `cause` is the event `send`. */
export interface Parcel {
  readonly connection: Flow;
  readonly load: Load;
  readonly cause: EventRef;
}

/** A parcel that a hold keeps, or one that waits behind it on its connection (`trapped` false). */
interface Held {
  readonly parcel: Parcel;
  trapped: boolean;
}

/** A rule of the link on packets to come. */
interface Trap {
  readonly type: PacketType | null;
  count: number | null;
}

const FLIGHT_LIMIT = 64;

export class Link {
  readonly peer: ActorName;
  readonly index: number;
  /** Whether a machine with a process answers there. */
  up: boolean;
  latency: readonly [number, number];
  cutTo: boolean;
  cutFrom: boolean;
  holds: Trap[];
  drops: Trap[];
  /** What a cut keeps from getting there; TCP sends it again. */
  waiting: Parcel[] = [];
  readonly #random: Random;
  #held: Held[] = [];
  #seq = 0;
  /** Sent in this window. */
  #out: Segment[] = [];
  /** Sent and perhaps not landed yet. */
  #flight: { readonly arrives: VirtualTime; readonly parcel: Parcel }[] = [];
  #flightLimit = FLIGHT_LIMIT;

  /** `random`: what latencies are drawn from. */
  constructor({ peer, peerIndex, up, latency, cutTo, cutFrom, holds, drops }: LinkInit, random: Random) {
    this.peer = peer;
    this.index = peerIndex;
    this.up = up;
    this.latency = latency;
    this.cutTo = cutTo;
    this.cutFrom = cutFrom;
    this.holds = holds.map((hold) => ({ ...hold }));
    this.drops = drops.map((drop) => ({ ...drop }));
    this.#random = random;
  }

  /** When something that leaves at `from` lands. */
  draw(from: VirtualTime): VirtualTime {
    return addMs(from, this.#random.between(...this.latency));
  }

  /** Sends what lands at `arrives`. */
  depart(parcel: Parcel, arrives: VirtualTime, now: VirtualTime): void {
    const { connection, load, cause } = parcel;
    this.#out.push({ conn: connection.id, arrives, seq: this.#seq++, cause, ...load });
    if (this.#flight.length >= this.#flightLimit) {
      this.#flight = this.#flight.filter((each) => each.arrives >= now);
      this.#flightLimit = Math.max(FLIGHT_LIMIT, 2 * this.#flight.length);
    }
    this.#flight.push({ arrives, parcel });
  }

  /** What was sent since the last call. */
  takeBatch(): Batch {
    const batch = this.#out;
    if (batch.length > 0) this.#out = [];
    return batch;
  }

  /** Takes out of the air what has not landed before `now`. */
  takeFlight(now: VirtualTime): readonly Parcel[] {
    const flying = this.#flight.filter(({ arrives }) => arrives >= now);
    this.#flight = [];
    return flying.map(({ parcel }) => parcel);
  }

  /** Keeps the packet if a hold catches it, or if it has to stay behind one that is held. */
  holdBack(parcel: Parcel, packet: Packet): boolean {
    const trapped = spring(this.holds, packet);
    const behind = !isHeartbeat(packet) && keepsBack(this.#held, parcel.connection);
    if (trapped || behind) this.#held.push({ parcel, trapped });
    return trapped || behind;
  }

  /** Whether the packet is one to be dropped. */
  drop(packet: Packet): boolean {
    return spring(this.drops, packet);
  }

  /**
   * Takes the first `count` packets of `type` that a hold has caught, and what waits behind nothing else then;
   * without a count all, and the hold itself ends.
   */
  release(type: PacketType | null, count: number | null): readonly Parcel[] {
    if (count === null) this.holds = type === null ? [] : this.holds.filter((hold) => hold.type !== type);
    let left = count ?? Infinity;
    for (const held of this.#held) {
      if (left === 0) break;
      if (!held.trapped || (type !== null && packetType(held.parcel) !== type)) continue;
      held.trapped = false;
      left--;
    }
    const released: Parcel[] = [];
    const kept: Held[] = [];
    for (const held of this.#held) {
      const { parcel, trapped } = held;
      if (trapped || (!carriesHeartbeat(parcel) && keepsBack(kept, parcel.connection))) kept.push(held);
      else released.push(parcel);
    }
    this.#held = kept;
    return released;
  }

  /** What is held, and what waits for a cut to heal. */
  get unsent(): readonly Parcel[] {
    return [...this.#held.map(({ parcel }) => parcel), ...this.waiting];
  }

  /** The connection has ended: gives what of it is unsent, and will not be sent any more. */
  forget(connection: Flow): readonly Parcel[] {
    const own = (parcel: Parcel): boolean => parcel.connection === connection;
    const lost = this.unsent.filter(own);
    if (lost.length === 0) return lost;
    this.#held = this.#held.filter(({ parcel }) => !own(parcel));
    // A syn-ack goes out even so: the peer learns of the connection's end by the fin behind it.
    this.waiting = this.waiting.filter((parcel) => !own(parcel) || parcel.load.type === 'syn-ack');
    return lost;
  }
}

/** The first trap that catches the packet counts down. */
function spring(traps: Trap[], packet: Packet): boolean {
  const at = traps.findIndex(
    (trap) => trap.type === null || (trap.type === packet.type && (packet.type === 'PING' || !isHeartbeat(packet))),
  );
  const trap = traps[at];
  if (!trap) return false;
  if (trap.count !== null && --trap.count === 0) traps.splice(at, 1);
  return true;
}

/** Keeps a connection alive, and says nothing else: a ping of servers, or of a client and its server. */
function isHeartbeat(packet: Packet): boolean {
  if (packet.type === 'Request') return packet.operation.op === 'ping';
  return packet.type === 'PING' || (packet.type === 'Reply' && packet.xid === XID.ping);
}

function carriesHeartbeat({ load }: Parcel): boolean {
  return load.type === 'data' && isHeartbeat(load.packet);
}

/** Whether what comes later on `connection` has to wait: TCP keeps its order. */
function keepsBack(held: readonly Held[], connection: Flow): boolean {
  return held.some(({ parcel }) => parcel.connection === connection && !carriesHeartbeat(parcel));
}

function packetType({ load }: Parcel): PacketType | null {
  return load.type === 'data' ? load.packet.type : null;
}
