/**
 * What servers deliver as committed: `Integrity`, `LocalPrimaryOrder` (for all pairs of a leader's broadcasts),
 * `GlobalPrimaryOrder`, `TotalOrder`, `Agreement`, `PrefixConsistency` (`Zab.tla`, `ZkV3_7_0.tla`).
 *
 * If all is well, all servers deliver prefixes of one sequence. So each delivery is compared with the next of the
 * longest prefix so far, and only a history that was replaced is gone through again. A delivery that is another than
 * the next breaks PrefixConsistency; if whoever delivered the next has this one as well, it breaks TotalOrder, too, else
 * Agreement.
 */
import type { ActorName, EventId, Sid } from '../../protocol/ids.ts';
import { counterOf, epochOf, formatZxid, ZXID_ZERO, type Epoch, type Zxid } from '../../protocol/zxid.ts';
import type { Checker, Report } from '../types.ts';
import { entryAt, indexAbove, type GhostEntry, type GhostServer, type World } from '../world.ts';

/** A transaction in the sequence that all deliver; `event`: when the first did. */
interface Delivered extends GhostEntry {
  readonly by: ActorName;
}

/** How far a server is. */
interface Cursor {
  /** So many of the sequence are delivered. */
  index: number;
  /** The last that it delivered. */
  last: Zxid;
  event: EventId | null;
  /** It went its own way, which has been reported. */
  apart: boolean;
}

/** What a leader has broadcast in its epoch: a run of zxids. */
interface Broadcast {
  readonly leader: Sid;
  last: Zxid;
  event: EventId;
}

export const delivery: Checker = (world, report) => {
  const sequence = new Sequence(world, report);

  return {
    'server-added': ({ actor }) => sequence.restart(actor),
    'server-removed': ({ actor }) => sequence.restart(actor),
    'disk-wiped': ({ actor }) => sequence.restart(actor),
    'log-truncated': ({ actor }) => sequence.restart(actor),
    'tree-loaded': ({ actor, source }) => {
      if (source !== 'replay') sequence.restart(actor);
    },
    recovered: ({ actor, lastZxid }) => {
      sequence.restart(actor);
      sequence.known(lastZxid);
    },
    proposed: ({ actor, id, zxid }) => {
      const leader = world.servers.get(actor);
      if (leader) sequence.broadcast(leader.sid, zxid, id);
    },
    'log-appended': ({ actor, id, entry }) => {
      const server = world.servers.get(actor);
      // A quorum of others may commit what is still on its way to this disk.
      if (server?.serving && entry.zxid <= server.delivered) sequence.compare(server, entry.zxid, entry.digest, id);
    },
    applied: ({ actor, id, zxid }) => {
      const server = world.servers.get(actor);
      if (!server?.serving) return;
      sequence.deliver(server, { zxid, digest: entryAt(server.log, zxid)?.digest ?? NaN, event: id });
    },
    serving: ({ actor, id }) => {
      const server = world.servers.get(actor);
      if (!server) return;
      if (world.lostFrom !== null) sequence.giveUp(world.lostFrom);
      sequence.deliverAll(server, id);
    },
  };
};

class Sequence {
  readonly #world: World;
  readonly #report: Report;
  readonly #delivered: Delivered[] = [];
  /** What comes before it is in snapshots from before the run. Null: nobody has delivered anything. */
  #floor: Zxid | null = null;
  readonly #cursors = new Map<ActorName, Cursor>();
  readonly #broadcasts = new Map<Epoch, Broadcast>();
  /** The newest of what disks held before the run. */
  #known = ZXID_ZERO;

  constructor(world: World, report: Report) {
    this.#world = world;
    this.#report = report;
  }

  /** Its history is another one: it is gone through again when the server serves. */
  restart(name: ActorName): void {
    this.#cursors.delete(name);
  }

  /** A disk holds a log up to `zxid`. */
  known(zxid: Zxid): void {
    if (!this.#broadcasts.has(epochOf(zxid)) && zxid > this.#known) this.#known = zxid;
  }

  broadcast(leader: Sid, zxid: Zxid, event: EventId): void {
    const epoch = epochOf(zxid);
    const known = this.#broadcasts.get(epoch);
    if (!known) this.#broadcasts.set(epoch, { leader, last: zxid, event });
    else if (zxid > known.last) {
      known.last = zxid;
      known.event = event;
    }
  }

  /** What was delivered from `zxid` on is lost. */
  giveUp(zxid: Zxid): void {
    this.#delivered.length = indexAbove(this.#delivered, (zxid - 1) as Zxid);
    this.#cursors.clear();
  }

  /** All that the server holds as delivered and that has not been looked at. */
  deliverAll(server: GhostServer, event: EventId): void {
    const { log, delivered } = server;
    const cursor = this.#cursorOf(server);
    const end = indexAbove(log, delivered);
    for (let index = indexAbove(log, cursor.last); index < end; index++) {
      const { zxid, digest } = log[index] as GhostEntry; // index < end ≤ length
      this.deliver(server, { zxid, digest, event });
    }
  }

  deliver(server: GhostServer, entry: GhostEntry): void {
    const cursor = this.#cursorOf(server);
    this.#checkBroadcast(server, entry);
    this.#checkOrder(server, cursor, entry);
    if (!cursor.apart) this.#follow(server, cursor, entry);
    cursor.last = entry.zxid;
    cursor.event = entry.event;
  }

  /** The content of a transaction shows after its delivery. */
  compare(server: GhostServer, zxid: Zxid, digest: number, event: EventId): void {
    const index = indexAbove(this.#delivered, zxid) - 1;
    const known = this.#delivered[index];
    if (known?.zxid !== zxid) return;
    if (Number.isNaN(known.digest)) this.#delivered[index] = { ...known, digest };
    else if (known.digest !== digest) this.#tell(server, { zxid, digest, event }, known);
  }

  #cursorOf({ name, floor }: GhostServer): Cursor {
    let cursor = this.#cursors.get(name);
    if (!cursor) {
      this.#floor ??= floor;
      const last = Math.max(floor, this.#floor) as Zxid;
      cursor = { index: indexAbove(this.#delivered, last), last, event: null, apart: false };
      this.#cursors.set(name, cursor);
    }
    return cursor;
  }

  #checkBroadcast(server: GhostServer, { zxid, digest }: GhostEntry): void {
    const broadcast = this.#broadcasts.get(epochOf(zxid));
    const before = zxid <= this.#known || server.state === 'STANDALONE' || server.damaged !== null;
    if (!broadcast ? before : zxid <= broadcast.last && this.#isContent(broadcast, zxid, digest)) return;
    this.#report({
      property: 'Integrity',
      says: `${server.name} delivers ${formatZxid(zxid)}, which no leader has broadcast so; only that should be delivered.`,
      proof: broadcast ? [broadcast.event] : [],
      about: formatZxid(zxid),
    });
  }

  #isContent({ leader }: Broadcast, zxid: Zxid, digest: number): boolean {
    const own = entryAt(this.#world.server(leader)?.log ?? [], zxid);
    return own === null || Number.isNaN(digest) || Number.isNaN(own.digest) || own.digest === digest;
  }

  #checkOrder({ name }: GhostServer, { last, event }: Cursor, { zxid }: GhostEntry): void {
    const proof = event === null ? [] : [event];
    const [now, before] = [formatZxid(zxid), formatZxid(last)];
    if (epochOf(zxid) < epochOf(last)) {
      this.#report({
        property: 'GlobalPrimaryOrder',
        says: `${name} delivers ${now} after ${before}, which is of a later epoch; epochs should come in order.`,
        proof,
      });
      return;
    }
    const opens = counterOf(zxid) === this.#world.settings.initialZxid + 1 && last <= zxid - counterOf(zxid);
    const inOrder = opens || (zxid === last + 1 && epochOf(zxid) === epochOf(last));
    if (inOrder || !this.#broadcasts.has(epochOf(zxid))) return;
    const missing = formatZxid((zxid <= last ? last + 1 : zxid - 1) as Zxid);
    this.#report({
      property: 'LocalPrimaryOrder',
      says: `${name} delivers ${now} after ${before}; of one leader’s broadcasts ${missing} should have come.`,
      proof,
    });
  }

  #follow(server: GhostServer, cursor: Cursor, entry: GhostEntry): void {
    const next = this.#delivered[cursor.index];
    if (!next) {
      this.#delivered.push({ ...entry, by: server.name });
    } else if (isSame(next, entry)) {
      if (Number.isNaN(next.digest)) this.#delivered[cursor.index] = { ...next, digest: entry.digest };
    } else {
      cursor.apart = true;
      this.#tell(server, entry, next);
      return;
    }
    cursor.index++;
  }

  #tell({ name }: GhostServer, entry: GhostEntry, next: Delivered): void {
    const zxid = formatZxid(entry.zxid);
    const same = next.zxid === entry.zxid;
    const expected = same ? 'another content' : formatZxid(next.zxid);
    const later = this.#delivered.find((each) => isSame(each, entry));
    this.#report(
      later
        ? {
            property: 'TotalOrder',
            says: `${name} delivers ${zxid} without ${expected}, which ${later.by} delivered before it; all should deliver in one order.`,
            proof: [next.event, later.event],
          }
        : {
            property: 'Agreement',
            says: `${name} delivers ${zxid}, and ${next.by} has delivered ${expected} in its place; of the two, one server should have both.`,
            proof: [next.event],
          },
    );
    this.#report({
      property: 'PrefixConsistency',
      says: `${name} delivers ${zxid} where ${next.by} has delivered ${expected}; what servers deliver should begin alike.`,
      proof: [next.event],
    });
  }
}

/** Where the content of one is not known, the zxid decides. */
function isSame(a: GhostEntry, b: GhostEntry): boolean {
  return a.zxid === b.zxid && (a.digest === b.digest || Number.isNaN(a.digest) || Number.isNaN(b.digest));
}
