/**
 * What the checkers know of the run so far: ghost variables that follow the events of the trace (reference: `Zab.tla`,
 * `ZkV3_7_0.tla`, `mixed_v1.tla`). A server's log counts as delivered only by what was committed while it took part: the
 * replay of a log at a restart delivers nothing.
 *
 * A ghost log is the whole history that a server holds, also what lies in snapshots below its log files. Of a
 * snapshot that was there before the run nothing more is known than where it ends: `floor`.
 */
import { ZOO_DEFAULTS, type Role, type ZooConfig } from '../protocol/config.ts';
import type { EventKind, EventOf, LogEntry, TraceEvent } from '../protocol/events.ts';
import { serverName, type ActorName, type EventId, type Sid } from '../protocol/ids.ts';
import type { ServerState, SyncMode, ZabState } from '../protocol/packets.ts';
import { epoch, ZXID_ZERO, type Epoch, type Zxid } from '../protocol/zxid.ts';
import type { TraceSetup } from '../trace/index.ts';
import { quorumOf, type KnownConfigs } from './quorums.ts';
import type { Handlers } from './types.ts';

/** One transaction in a server's log. */
export interface GhostEntry {
  readonly zxid: Zxid;
  /** Of its content: two transactions are equal if zxid and digest are. */
  readonly digest: number;
  /** The event by which it came into this log, or was committed. */
  readonly event: EventId;
}

export interface GhostServer {
  readonly sid: Sid;
  readonly name: ActorName;
  /** In the configuration that it followed last. */
  readonly role: Role;
  /** Null: no process. */
  readonly state: ServerState | 'STANDALONE' | null;
  readonly zabState: ZabState;
  readonly acceptedEpoch: Epoch;
  readonly currentEpoch: Epoch;
  /** Null before its process has told. */
  readonly config: KnownConfigs | null;
  /** Whom it has registered with, or itself; from its synchronization on, until its role ends. */
  readonly leader: Sid | null;
  /** How it is synchronized, until it serves. */
  readonly syncMode: SyncMode | null;
  /** The zxid of that: it is to have all up to here. */
  readonly syncZxid: Zxid;
  readonly serving: boolean;
  /** Ascending. */
  readonly log: readonly GhostEntry[];
  /** Nothing is known of its history up to here. */
  readonly floor: Zxid;
  /** The last transaction in its log files, or the zxid of the snapshot below them. */
  readonly lastLogged: Zxid;
  /** The zxid of its tree. */
  readonly processed: Zxid;
  /** All up to here is known to be on its disk for good. */
  readonly durable: Zxid;
  /** It has delivered its log up to here as committed, in this life or before. */
  readonly delivered: Zxid;
  /** The last damage to its disk that no role of the protocol did. */
  readonly damaged: EventId | null;
}

/** What a leader's log has otherwise than what was committed before. */
export interface Clash {
  /** The first committed transaction that the leader lacks. */
  readonly missing: GhostEntry | null;
  /** The first transaction of the leader that stands before or in the place of a committed one. */
  readonly extra: GhostEntry | null;
}

export interface World {
  readonly settings: ZooConfig;
  /** By name; also of servers that are down, but not of those that were removed. */
  readonly servers: ReadonlyMap<ActorName, GhostServer>;
  /** The global committed sequence, ascending: every commit of a leader, and the whole log of each that got its quorum. */
  readonly committed: readonly GhostEntry[];
  /** How the event that is being looked at contradicts what was committed before. */
  readonly clash: Clash | null;
  /** What the TRUNC that is being looked at has taken away. */
  readonly truncated: readonly GhostEntry[];
  /** The first that was durable on the disk of the server that is recovering now, is not there, and was not damaged. */
  readonly unrecovered: GhostEntry | null;
  /** By this event committed transactions from here on are lost, because disks were: nobody is to blame. Null: none. */
  readonly lostFrom: Zxid | null;
  /** Promises up to this epoch may be forgotten, because disks were. */
  readonly epochsLost: Epoch;
  /** Whether and by which entry `zxid` was committed. */
  readonly committedAt: (zxid: Zxid) => GhostEntry | null;
  readonly server: (sid: Sid) => GhostServer | null;
  /** Whether disks were damaged so much that the committed transaction may be gone. */
  readonly isExcusable: (zxid: Zxid) => boolean;
}

/** The index of the first entry above `zxid` in an ascending list. */
export function indexAbove(log: readonly GhostEntry[], zxid: Zxid): number {
  // Almost always the end is asked for.
  let high = log.length;
  let low = 0;
  if (high > 0 && (log[high - 1] as GhostEntry).zxid <= zxid) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((log[middle] as GhostEntry).zxid > zxid)
      high = middle; // low ≤ middle < high
    else low = middle + 1;
  }
  return low;
}

/** The entry of `zxid` in an ascending list. */
export function entryAt(log: readonly GhostEntry[], zxid: Zxid): GhostEntry | null {
  const entry = log[indexAbove(log, zxid) - 1];
  return entry?.zxid === zxid ? entry : null;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Ghost extends Mutable<Omit<GhostServer, 'log'>> {
  log: GhostEntry[];
  /** Durable transactions from here on went with its disk; null: none. */
  lost: Zxid | null;
  /** When the fsync of a log that runs, or ran last, began, and the last that is done: what came before that is on disk. */
  fsyncBegan: number;
  fsynced: number;
  /** Leader: the history that each SNAP under way holds, by learner. It may arrive when its sender is dead. */
  sent: Map<Sid, { readonly floor: Zxid; readonly log: GhostEntry[] }>;
}

/** Follows a run. */
export class Ghosts implements World {
  readonly settings: ZooConfig;
  readonly servers = new Map<ActorName, Ghost>();
  readonly committed: GhostEntry[] = [];
  /** Each event that says something of the world. */
  readonly handlers: Handlers;
  clash: Clash | null = null;
  truncated: readonly GhostEntry[] = [];
  unrecovered: GhostEntry | null = null;
  lostFrom: Zxid | null = null;
  epochsLost = epoch(0);
  /** What the disks of removed voters took with them. */
  #removedFrom = Infinity;

  constructor(setup: TraceSetup) {
    this.settings = setup.settings ?? ZOO_DEFAULTS;
    for (const { sid, role } of setup.members) this.#add(sid, role);
    this.handlers = this.#handlers();
  }

  committedAt(zxid: Zxid): GhostEntry | null {
    return entryAt(this.committed, zxid);
  }

  server(sid: Sid): Ghost | null {
    return this.servers.get(serverName(sid)) ?? null;
  }

  isExcusable(zxid: Zxid): boolean {
    if (zxid >= this.#removedFrom) return true;
    for (const { lost } of this.servers.values()) if (lost !== null && zxid >= lost) return true;
    return false;
  }

  #handlers(): Handlers {
    /** For an event of a server; a client's is passed over. */
    const of =
      <K extends EventKind>(handle: (ghost: Ghost, event: TraceEvent & EventOf<K>) => void) =>
      (event: TraceEvent & EventOf<K>): void => {
        const ghost = this.servers.get(event.actor);
        if (ghost) handle(ghost, event);
      };
    return {
      'server-added': ({ sid, role }) => this.#add(sid, role),
      'server-removed': ({ sid }) => this.#remove(sid),
      'process-started': of<'process-started'>((ghost) => {
        stop(ghost);
        ghost.config = null;
      }),
      'process-killed': of<'process-killed'>(stop),
      'process-exited': of<'process-exited'>(stop),
      'disk-wiped': of<'disk-wiped'>((ghost, { id }) => {
        ghost.damaged = id;
        this.#lose(ghost, ghost.log[0]?.zxid ?? null);
        this.#forgetPromises(ghost, epoch(0));
        ghost.log = [];
        ghost.floor = ghost.lastLogged = ghost.processed = ghost.durable = ghost.delivered = ZXID_ZERO;
        ghost.acceptedEpoch = ghost.currentEpoch = epoch(0);
      }),
      'disk-corrupted': of<'disk-corrupted'>(damage),
      'disk-torn': of<'disk-torn'>(damage),
      'disk-file-removed': of<'disk-file-removed'>(damage),
      'fsync-started': of<'fsync-started'>((ghost, { id, file }) => {
        if (isLog(file)) ghost.fsyncBegan = id;
      }),
      'fsync-done': of<'fsync-done'>((ghost, { file }) => {
        if (isLog(file)) {
          ghost.fsynced = ghost.fsyncBegan;
          return;
        }
        const zxid = snapshotZxid(file);
        if (zxid !== null) raiseDurable(ghost, zxid);
      }),
      'written-back': of<'written-back'>((ghost, { files }) => {
        for (const file of files) {
          const zxid = snapshotZxid(file);
          if (zxid !== null) raiseDurable(ghost, zxid);
        }
      }),
      recovered: of<'recovered'>((ghost, event) => this.#recover(ghost, event)),
      'config-activated': of<'config-activated'>((ghost, event) => {
        const committed = quorumOf(event);
        const seen = ghost.config?.lastSeen;
        ghost.config = { committed, lastSeen: seen && seen.version > committed.version ? seen : committed };
        ghost.role = event.members.find(({ sid }) => sid === ghost.sid)?.role ?? 'participant';
      }),
      'config-seen': of<'config-seen'>((ghost, event) => {
        const lastSeen = quorumOf(event);
        ghost.config = { committed: ghost.config?.committed ?? lastSeen, lastSeen };
      }),
      'server-state': of<'server-state'>((ghost, { state }) => {
        ghost.state = state;
        leaveRole(ghost);
        if (state === 'LEADING' || state === 'STANDALONE') ghost.leader = ghost.sid;
      }),
      'zab-state': of<'zab-state'>((ghost, { zabState }) => {
        ghost.zabState = zabState;
      }),
      'stepped-down': of<'stepped-down'>(leaveRole),
      'epoch-saved': of<'epoch-saved'>((ghost, { file, epoch }) => {
        ghost[file] = epoch;
      }),
      'sync-chosen': of<'sync-chosen'>((ghost, { learner, mode, zxid }) => {
        if (mode !== 'SNAP') return;
        const log = ghost.log.slice(0, indexAbove(ghost.log, zxid));
        // Others may have committed with this leader what its own log does not have yet.
        const ahead = this.committed.slice(indexAbove(this.committed, lastOf(ghost)), indexAbove(this.committed, zxid));
        ghost.sent.set(learner, { floor: ghost.floor, log: [...log, ...ahead] });
      }),
      'sync-received': of<'sync-received'>((ghost, { mode, zxid, leader }) => {
        ghost.syncMode = mode;
        ghost.syncZxid = zxid;
        ghost.leader = leader;
      }),
      'log-appended': of<'log-appended'>((ghost, { id, entry: { zxid, digest } }) => {
        // A second time, or out of order: from here on the log is another one.
        if (zxid <= (ghost.log.at(-1)?.zxid ?? ZXID_ZERO)) cut(ghost, (zxid - 1) as Zxid);
        ghost.log.push({ zxid, digest, event: id });
        ghost.lastLogged = zxid;
      }),
      'log-durable': of<'log-durable'>((ghost, { zxid }) => {
        // What a server says counts if its disk has done it.
        if ((entryAt(ghost.log, zxid)?.event ?? Infinity) < ghost.fsynced) raiseDurable(ghost, zxid);
      }),
      'log-truncated': of<'log-truncated'>((ghost, { to }) => {
        this.truncated = ghost.log.slice(indexAbove(ghost.log, to));
        cut(ghost, to);
      }),
      'tree-loaded': of<'tree-loaded'>((ghost, event) => this.#load(ghost, event)),
      applied: of<'applied'>((ghost, { id, zxid }) => {
        ghost.processed = zxid;
        if (ghost.serving) ghost.delivered = Math.max(ghost.delivered, zxid) as Zxid;
        else if (ghost.syncMode !== null && zxid > (ghost.log.at(-1)?.zxid ?? ZXID_ZERO)) {
          // Behind a SNAP or a TRUNC only the tree takes it: the snapshot to come holds it.
          const digest = entryAt(this.#leaderOf(ghost)?.log ?? [], zxid)?.digest ?? NaN;
          ghost.log.push({ zxid, digest, event: id });
        }
      }),
      committed: of<'committed'>((ghost, { id, zxid }) => {
        this.#clear();
        this.#commit(ghost, zxid, id);
      }),
      serving: of<'serving'>((ghost, event) => {
        this.#clear();
        ghost.serving = true;
        ghost.leader = event.leader;
        ghost.syncMode = null;
        ghost.delivered = Math.max(ghost.delivered, Math.min(ghost.processed, lastOf(ghost))) as Zxid;
        if (event.leader === ghost.sid) this.#commitAll(ghost, event.id);
        // It holds all that its leader has.
        ghost.lost = null;
      }),
    };
  }

  #add(sid: Sid, role: Role): void {
    const name = serverName(sid);
    this.servers.set(name, {
      sid,
      name,
      role,
      state: null,
      zabState: 'ELECTION',
      acceptedEpoch: epoch(0),
      currentEpoch: epoch(0),
      config: null,
      leader: null,
      syncMode: null,
      syncZxid: ZXID_ZERO,
      serving: false,
      log: [],
      floor: ZXID_ZERO,
      lastLogged: ZXID_ZERO,
      processed: ZXID_ZERO,
      durable: ZXID_ZERO,
      delivered: ZXID_ZERO,
      damaged: null,
      lost: null,
      fsyncBegan: -1,
      fsynced: -1,
      sent: new Map(),
    });
  }

  /** A machine that is taken away while others count on it is a disk that is lost. */
  #remove(sid: Sid): void {
    const gone = this.server(sid);
    if (!gone) return;
    this.servers.delete(gone.name);
    const counts = [...this.servers.values()].some(({ config }) => config?.committed.voters.has(sid));
    const first = gone.lost ?? gone.log[0]?.zxid;
    if (counts && first !== undefined) this.#removedFrom = Math.min(this.#removedFrom, first);
    if (counts) this.#forgetPromises(gone, epoch(0));
  }

  #leaderOf({ leader }: Ghost): Ghost | null {
    return leader === null ? null : this.server(leader);
  }

  /** Durable transactions from `zxid` on are gone with the disk. */
  #lose(ghost: Ghost, zxid: Zxid | null): void {
    if (zxid === null || zxid > ghost.durable) return;
    ghost.lost = ghost.lost === null ? zxid : (Math.min(ghost.lost, zxid) as Zxid);
  }

  #forgetPromises({ acceptedEpoch }: Ghost, left: Epoch): void {
    if (acceptedEpoch > left) this.epochsLost = epoch(Math.max(this.epochsLost, acceptedEpoch));
  }

  #recover(ghost: Ghost, event: EventOf<'recovered'>): void {
    const { snapshot, log, lastZxid, acceptedEpoch, currentEpoch, id } = event;
    const before = ghost.log;
    // A disk that was made before the run: what its snapshot holds is not known.
    const first = before.length === 0 && ghost.floor === 0 && ghost.damaged === null;
    if (first) ghost.floor = snapshot ?? ZXID_ZERO;
    reload(ghost, snapshot ?? ZXID_ZERO, log, id);
    const end = indexAbove(before, ghost.durable);
    this.unrecovered =
      ghost.damaged === null
        ? (before.find((entry, index) => index < end && entryAt(ghost.log, entry.zxid) === null) ?? null)
        : null;
    if (ghost.damaged !== null) {
      this.#lose(ghost, before.find(({ zxid }) => !entryAt(ghost.log, zxid))?.zxid ?? null);
      this.#forgetPromises(ghost, acceptedEpoch);
    }
    ghost.acceptedEpoch = acceptedEpoch;
    ghost.currentEpoch = currentEpoch;
    ghost.processed = ghost.lastLogged = ghost.durable = lastZxid;
    ghost.delivered = Math.min(ghost.delivered, lastZxid) as Zxid;
  }

  #load(ghost: Ghost, event: EventOf<'tree-loaded'>): void {
    const { source, zxid, log, id } = event;
    ghost.processed = zxid;
    if (source === 'replay') return;
    if (source === 'TRUNC') {
      reload(ghost, ((log[0]?.zxid ?? Infinity) - 1) as Zxid, log, id);
      ghost.lastLogged = lastOf(ghost);
      return;
    }
    const sent = this.#leaderOf(ghost)?.sent.get(ghost.sid);
    this.#leaderOf(ghost)?.sent.delete(ghost.sid);
    const before = ghost.log;
    ghost.floor = sent?.floor ?? zxid;
    ghost.log = sent?.log ?? [];
    ghost.lastLogged = zxid;
    // Its own disk holds what both have; the rest is durable when a snapshot is.
    const own = before.find((entry, index) => !isSame(entry, ghost.log[index]));
    if (own) ghost.durable = Math.min(ghost.durable, own.zxid - 1) as Zxid;
    ghost.delivered = Math.min(ghost.delivered, zxid) as Zxid;
  }

  #clear(): void {
    this.clash = null;
    this.lostFrom = null;
  }

  #commit(leader: Ghost, zxid: Zxid, event: EventId): void {
    const digest = this.#digestOf(leader, zxid);
    const last = this.committed.at(-1);
    if (!last || zxid > last.zxid) {
      this.committed.push({ zxid, digest, event });
    } else if (this.committedAt(zxid)?.digest !== digest) {
      this.clash = { missing: null, extra: { zxid, digest, event } };
    }
  }

  /** Others may have it in their logs before the leader has. */
  #digestOf(leader: Ghost, zxid: Zxid): number {
    const own = entryAt(leader.log, zxid);
    if (own) return own.digest;
    for (const { log, leader: whose } of this.servers.values()) {
      const entry = whose === leader.sid ? entryAt(log, zxid) : null;
      if (entry) return entry.digest;
    }
    return NaN;
  }

  /** All of the leader's log is committed. */
  #commitAll(leader: Ghost, event: EventId): void {
    const { committed } = this;
    const { log, floor } = leader;
    let at = indexAbove(committed, floor);
    let own = 0;
    while (at < committed.length && own < log.length && isSame(committed[at], log[own])) {
      at++;
      own++;
    }
    const missing = committed[at] ?? null;
    if (missing) {
      const next = log[own];
      const extra = next && next.zxid <= (committed.at(-1) as GhostEntry).zxid ? next : null;
      const isMissing = !isSame(missing, entryAt(log, missing.zxid) ?? undefined);
      if (isMissing ? this.isExcusable(missing.zxid) : leader.damaged !== null) this.#giveUp(missing.zxid);
      else this.clash = { missing: isMissing ? missing : null, extra };
      // What this leader has is what counts from now on.
      committed.length = at;
    }
    for (const { zxid, digest } of log.slice(own)) committed.push({ zxid, digest, event });
  }

  /** What was committed from `zxid` on is lost, and whoever delivered it delivered something that is not. */
  #giveUp(zxid: Zxid): void {
    this.lostFrom = zxid;
    for (const ghost of this.servers.values()) {
      ghost.delivered = Math.min(ghost.delivered, zxid - 1) as Zxid;
      if (ghost.lost !== null && ghost.lost >= zxid) ghost.lost = null;
    }
  }
}

function isSame(a: GhostEntry | undefined, b: GhostEntry | undefined): boolean {
  return a !== undefined && b !== undefined && a.zxid === b.zxid && a.digest === b.digest;
}

function lastOf({ log, floor }: Ghost): Zxid {
  return log.at(-1)?.zxid ?? floor;
}

function damage(ghost: Ghost, { id }: TraceEvent): void {
  ghost.damaged = id;
}

function raiseDurable(ghost: Ghost, zxid: Zxid): void {
  if (zxid > ghost.durable) ghost.durable = zxid;
}

/** The process is gone. What its disk holds shows when the next one has recovered. */
function stop(ghost: Ghost): void {
  ghost.state = null;
  ghost.zabState = 'ELECTION';
  leaveRole(ghost);
}

function leaveRole(ghost: Ghost): void {
  ghost.leader = null;
  ghost.serving = false;
  ghost.syncMode = null;
}

/** Nothing behind `to` is in the log any more. */
function cut(ghost: Ghost, to: Zxid): void {
  ghost.log.length = indexAbove(ghost.log, to);
  for (const mark of ['lastLogged', 'durable', 'delivered'] as const) ghost[mark] = Math.min(ghost[mark], to) as Zxid;
}

/** The history is what it was up to `kept`, and from there on what the log files hold. */
function reload(ghost: Ghost, kept: Zxid, files: readonly LogEntry[], event: EventId): void {
  const before = ghost.log;
  const log = before.slice(0, indexAbove(before, kept));
  for (const { zxid, digest } of files) {
    const known = entryAt(before, zxid);
    log.push(known?.digest === digest ? known : { zxid, digest, event });
  }
  ghost.log = log;
}

function isLog(file: string): boolean {
  return file.startsWith('version-2/log.');
}

/** Of `version-2/snapshot.100000005`, also while it has a temporary name; null: another file. */
function snapshotZxid(file: string): Zxid | null {
  const name = /snapshot\.([0-9a-f]+)(?:\.tmp)?$/.exec(file);
  return name ? (Number.parseInt(name[1] as string, 16) as Zxid) : null;
}
