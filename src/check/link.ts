/**
 * What went over one connection of a learner to its leader. Packets of a connection arrive as they were sent, so the
 * order in which both sides send says all (reference: packet table of `Leader`).
 */
import type { ActorName, ConnId, EventId } from '../protocol/ids.ts';
import type { SyncMode } from '../protocol/packets.ts';
import { counterOf, ZXID_UNKNOWN, type Epoch, type Zxid } from '../protocol/zxid.ts';

/** A zxid and the event that brought it. */
export interface Mark {
  zxid: Zxid;
  event: EventId;
}

/** Zxids in the order of their coming; taking from the front costs no more than adding. */
export class MarkQueue {
  readonly #zxids: Zxid[] = [];
  readonly #events: EventId[] = [];
  #head = 0;

  get size(): number {
    return this.#zxids.length - this.#head;
  }

  push(zxid: Zxid, event: EventId): void {
    this.#zxids.push(zxid);
    this.#events.push(event);
  }

  /** Null: there is none. */
  get first(): Mark | null {
    const [zxid, event] = [this.#zxids[this.#head], this.#events[this.#head]];
    return zxid === undefined || event === undefined ? null : { zxid, event };
  }

  /** Takes the first away if it is `zxid`. */
  take(zxid: Zxid): boolean {
    if (this.#zxids[this.#head] !== zxid) return false;
    this.#head++;
    if (this.#head === this.#zxids.length) {
      this.#zxids.length = 0;
      this.#events.length = 0;
      this.#head = 0;
    } else if (this.#head === 1024) {
      this.#zxids.splice(0, this.#head);
      this.#events.splice(0, this.#head);
      this.#head = 0;
    }
    return true;
  }

  /** Forgets all up to `zxid`. */
  skipTo(zxid: Zxid): void {
    for (let first = this.first; first !== null && first.zxid <= zxid; first = this.first) this.take(first.zxid);
  }
}

export class Link {
  readonly conn: ConnId;
  readonly learner: ActorName;
  readonly leader: ActorName;
  /** −1 before LEADERINFO. */
  epoch = -1 as Epoch;
  /** Of ACKEPOCH; null before it. */
  ackEpoch: Mark | null = null;
  sync: { readonly mode: SyncMode; readonly event: EventId; readonly zxid: Zxid } | null = null;
  newLeader: EventId | null = null;
  newLeaderAck: EventId | null = null;
  /** How many ACKs of (epoch, 0) the learner has sent: NEWLEADER's, and UPTODATE's. */
  epochAcks = 0;
  upToDate: EventId | null = null;
  /** The last proposal that was sent; before the first where synchronization begins. */
  readonly proposal: Mark;
  /** Proposed, and not told to be committed. */
  readonly pending = new MarkQueue();
  readonly commit: Mark;
  /** The last proposal that was acknowledged; −1 before the first. */
  readonly ack: Mark;
  /** The last that the learner has applied. */
  readonly applied: Mark;

  constructor(conn: ConnId, learner: ActorName, leader: ActorName, event: EventId) {
    this.conn = conn;
    this.learner = learner;
    this.leader = leader;
    const mark = (): Mark => ({ zxid: ZXID_UNKNOWN, event });
    this.proposal = mark();
    this.commit = mark();
    this.ack = mark();
    this.applied = mark();
  }

  /** What follows is expected to go on from `zxid`. */
  begin(zxid: Zxid, event: EventId): void {
    for (const mark of [this.proposal, this.commit, this.applied]) move(mark, zxid, event);
  }
}

export function move(mark: Mark, zxid: Zxid, event: EventId): void {
  mark.zxid = zxid;
  mark.event = event;
}

/**
 * Whether a transaction `zxid` may come right behind `before`: the next of the epoch, or the first of a later one. Where
 * leaders begin at `initialZxid`, disks may still hold older epochs that began at 1.
 */
export function follows(before: Zxid, zxid: Zxid, initialZxid: number): boolean {
  const counter = counterOf(zxid);
  return zxid === before + 1 || ((counter === 1 || counter === initialZxid + 1) && before <= zxid - counter);
}
