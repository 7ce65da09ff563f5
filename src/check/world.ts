/**
 * What the checkers know of the run so far: ghost variables that follow the events of the trace. A server's log counts
 * as delivered only by what was committed while it took part: the replay of a log at a restart delivers nothing.
 */
import type { TraceEvent } from '../protocol/events.ts';
import type { ActorName, EventId, Sid } from '../protocol/ids.ts';
import type { Role } from '../protocol/config.ts';
import type { ServerState, ZabState } from '../protocol/packets.ts';
import type { TraceSetup } from '../trace/index.ts';
import type { Epoch, Zxid } from '../protocol/zxid.ts';

/** One transaction in a server's log. */
export interface GhostEntry {
  readonly zxid: Zxid;
  /** Of its content: two transactions are equal if zxid and digest are. */
  readonly digest: number;
  /** The event by which it came into this log. */
  readonly event: EventId;
}

export interface GhostServer {
  readonly sid: Sid;
  readonly name: ActorName;
  readonly role: Role;
  /** Null: no process. */
  readonly state: ServerState | 'STANDALONE' | null;
  readonly zabState: ZabState;
  readonly acceptedEpoch: Epoch;
  readonly currentEpoch: Epoch;
  /** Ascending; what a snapshot holds in place of it ends at `base`. */
  readonly log: readonly GhostEntry[];
  readonly base: Zxid;
  /** All up to here is on its disk for good. */
  readonly durable: Zxid;
  /** It has delivered its log up to here as committed. */
  readonly delivered: Zxid;
  /** Whose NEWLEADER it has taken, or itself. */
  readonly leader: Sid | null;
  readonly serving: boolean;
}

export interface World {
  /** By name; also of servers that are down. */
  readonly servers: ReadonlyMap<ActorName, GhostServer>;
  /** All that was ever committed, ascending. */
  readonly committed: readonly GhostEntry[];
  /** Whether and by which entry `zxid` was committed. */
  readonly committedAt: (zxid: Zxid) => GhostEntry | null;
}

/** Follows a run. */
export class Ghosts implements World {
  readonly servers = new Map<ActorName, GhostServer>();
  readonly committed: GhostEntry[] = [];

  constructor(_setup: TraceSetup) {
    // The servers appear with their events.
  }

  committedAt(zxid: Zxid): GhostEntry | null {
    return this.committed.find((entry) => entry.zxid === zxid) ?? null;
  }

  take(_event: TraceEvent): void {
    // Nothing is followed yet.
  }
}
