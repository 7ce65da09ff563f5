/**
 * Trace events: everything that a lab shows, checks and saves. Plain JSON data.
 *
 * An actor produces {@link RawEvent}s; the conductor orders them by (time, actor, order within the
 * actor), replaces references by positions and so makes {@link TraceEvent}s. State at an instant is a
 * fold over them (src/trace/fold), so an event says all that the fold needs. A few kinds change nothing
 * there and only tell why: `lab-started`, `action`, `action-refused`, `connect`, `disk-lost`,
 * `disk-corrupted`, `vote-ignored`, `elected`, `epoch-proposed`, `sync-chosen`, `learner-joined`,
 * `learner-lost`, `request-rejected`, `client-refused`, `session-expired`, `session-owner`,
 * `quota-exceeded`.
 */
import type { MemberConfig, Role } from './config.ts';
import type { ErrorCode, KeeperError } from './errors.ts';
import type { ActorName, ConnId, EventId, EventRef, SessionId, Sid } from './ids.ts';
import type { PacketType, Port } from './network.ts';
import type { KeeperState, MultiResult, NodeEventType, WatchEventType } from './operations.ts';
import type { ServerState, SyncMode, Vote, ZabState } from './packets.ts';
import type { RuleId } from './rules/index.ts';
import type { TxnType } from './txns.ts';
import type { Acl, Stat } from './znode.ts';
import type { VirtualTime } from './time.ts';
import type { Epoch, Zxid } from './zxid.ts';

/** Bytes in JSON: text if they are valid UTF-8, else base64; null is null data. */
export type TraceData = string | { readonly base64: string } | null;

/** A znode as an event carries it. */
export interface TraceZnode {
  readonly data: TraceData;
  readonly acl: readonly Acl[];
  readonly stat: Stat;
  /** The ephemeralOwner of a container or a node with a time to live, which clients are told is 0. */
  readonly owner?: SessionId;
}
/** What applying one transaction did to one path: the znode, only its Stat (a parent), or null: it is gone. */
export type ZnodeChange = readonly [path: string, node: TraceZnode | Pick<TraceZnode, 'stat'> | null];

/** What is shown of a packet. Fields that the type does not have are absent. */
export interface PacketSummary {
  readonly type: PacketType;
  readonly zxid?: Zxid;
  /** NOTIFICATION */
  readonly vote?: Vote;
  /** NOTIFICATION: the sender's state */
  readonly state?: ServerState;
  /** ACKEPOCH, FOLLOWERINFO … */
  readonly epoch?: Epoch;
  /** PROPOSAL, INFORM: kind of transaction */
  readonly txn?: TxnType;
  /** Request, REQUEST: operation; Reply: the operation answered if known */
  readonly op?: string;
  readonly path?: string;
  readonly xid?: number;
  readonly sessionId?: SessionId;
  readonly error?: KeeperError;
  /** WatchEvent */
  readonly event?: WatchEventType;
  /** NEWLEADER: version of the configuration that it carries */
  readonly config?: Zxid;
  /** COMMITANDACTIVATE, INFORMANDACTIVATE: who leads the new configuration */
  readonly leader?: Sid;
  /** DIFF, SNAP: how many transactions or znodes follow, where the sender knows */
  readonly count?: number;
}

/** A configuration of the ensemble. */
export interface ConfigFacts {
  /** zxid of the reconfig that made it; 0: never established. */
  readonly version: Zxid;
  /** As in `/zookeeper/config`. */
  readonly text: string;
  readonly members: readonly MemberConfig[];
}

/** While a reconfiguration is open, a quorum of the proposed configuration is needed, too. */
export interface SecondQuorum {
  readonly version: Zxid;
  /** Its voters. */
  readonly members: readonly Sid[];
  readonly acks: readonly Sid[];
  readonly need: number;
}

/** One entry of a server's transaction log, as the log rows show it. */
export interface LogEntry {
  readonly zxid: Zxid;
  readonly txn: TxnType;
  readonly path?: string;
  readonly error?: ErrorCode;
  /** The Adler-32 that the log keeps beside it: of all its content. */
  readonly digest: number;
}

/** A client operation as a person typed it or a scenario asked for it (names of zkCli). */
export interface ClientOp {
  /** create get set delete ls stat sync getEphemerals getAllChildrenNumber close … */
  readonly op: string;
  readonly path?: string;
  readonly [argument: string]: unknown;
}

/** An action as recorded in a scenario; its full types are in src/lab/scenario. */
export interface RecordedAction {
  readonly at: number;
  readonly do: string;
  readonly [key: string]: unknown;
}

/** Payloads of what the conductor and the simulated machines (network, disk, process) report. */
export type MachineEvent<Id> =
  // the conductor, actor `lab`
  | { readonly kind: 'lab-started'; readonly seed: number; readonly title: string }
  | { readonly kind: 'action'; readonly action: RecordedAction }
  | { readonly kind: 'action-refused'; readonly action: RecordedAction; readonly reason: string }
  /** add-server: a machine with an empty disk, and its links; remove-server: it is gone, with its disk. */
  | {
      readonly kind: 'server-added';
      readonly sid: Sid;
      readonly role: Role;
      readonly fsync: readonly [number, number];
    }
  | { readonly kind: 'server-removed'; readonly sid: Sid }
  // links, actor = `lab`: state of one direction from now on
  | { readonly kind: 'link-cut' | 'link-healed'; readonly from: ActorName; readonly to: ActorName }
  | {
      readonly kind: 'link-latency';
      readonly from: ActorName;
      readonly to: ActorName;
      readonly latency: readonly [number, number];
    }
  | {
      readonly kind: 'link-hold' | 'link-release';
      readonly from: ActorName;
      readonly to: ActorName;
      readonly type: PacketType | null;
      readonly count: number | null;
    }
  // processes, actor = the process
  | { readonly kind: 'process-started'; readonly incarnation: number }
  | { readonly kind: 'process-killed' }
  | { readonly kind: 'process-exited'; readonly reason: string }
  | { readonly kind: 'process-paused' | 'process-resumed' }
  | { readonly kind: 'clock-rate'; readonly rate: number }
  // connections, actor = the side that notices
  | { readonly kind: 'connect'; readonly conn: ConnId; readonly to: ActorName; readonly port: Port }
  | {
      readonly kind: 'connected';
      readonly conn: ConnId;
      readonly peer: ActorName;
      readonly port: Port;
      readonly initiator: boolean;
    }
  | {
      readonly kind: 'connect-failed';
      readonly conn: ConnId;
      readonly to: ActorName;
      readonly port: Port;
      readonly reason: 'refused' | 'timeout';
    }
  | {
      readonly kind: 'disconnected';
      readonly conn: ConnId;
      readonly peer: ActorName;
      readonly port: Port;
      readonly reason: string;
    }
  // packets: `message` is the event of kind `send`
  | {
      readonly kind: 'send';
      readonly to: ActorName;
      readonly conn: ConnId;
      readonly port: Port;
      readonly packet: PacketSummary;
      /** When it lands if nothing happens to the link; null while the packet is held or waits for a cut to heal. */
      readonly arrives: VirtualTime | null;
    }
  /** A packet that waited (held, or lost in a cut and sent again by TCP) is on its way now. Actor = sender. */
  | {
      readonly kind: 'resend';
      readonly message: Id;
      readonly to: ActorName;
      /** When it lands if nothing happens to the link; null if it was released during a cut, and waits for that to heal. */
      readonly arrives: VirtualTime | null;
      readonly why: 'released' | 'retransmitted';
    }
  | { readonly kind: 'held'; readonly message: Id; readonly to: ActorName; readonly type: PacketType }
  /** Actor = receiver. */
  | { readonly kind: 'receive'; readonly message: Id; readonly from: ActorName; readonly type: PacketType }
  /** The packet will not arrive (on this try, if TCP sends it again). Actor = the side that knows. */
  | {
      readonly kind: 'lost';
      readonly message: Id;
      readonly from: ActorName;
      readonly to: ActorName;
      readonly why: 'cut' | 'killed' | 'dropped' | 'closed';
    }
  // disks
  | { readonly kind: 'disk-latency'; readonly fsync: readonly [number, number] }
  | { readonly kind: 'fsync-started' | 'fsync-done'; readonly file: string }
  | { readonly kind: 'disk-lost'; readonly file: string; readonly bytes: number; readonly torn: boolean }
  | { readonly kind: 'disk-wiped' }
  | { readonly kind: 'disk-corrupted'; readonly file: string; readonly offset: number }
  /** What followed `offset` is gone, as if a crash had torn the last write. */
  | { readonly kind: 'disk-torn'; readonly file: string; readonly offset: number }
  | { readonly kind: 'disk-file-removed'; readonly file: string }
  /** Every write fails from now on, or no longer. */
  | { readonly kind: 'disk-full'; readonly full: boolean }
  /** The operating system made durable by itself what was written to these files some seconds ago. */
  | { readonly kind: 'written-back'; readonly files: readonly string[] };

/** Payloads of what a server's engine reports. Actor = the server. */
export type ServerEvent =
  /** End of recovery from disk. `nodes` is the whole tree, `log` the log behind the snapshot. */
  | {
      readonly kind: 'recovered';
      readonly snapshot: Zxid | null;
      readonly replayed: number;
      readonly lastZxid: Zxid;
      readonly acceptedEpoch: Epoch;
      readonly currentEpoch: Epoch;
      readonly nodes: readonly ZnodeChange[];
      readonly sessions: readonly (readonly [SessionId, number])[];
      readonly log: readonly LogEntry[];
    }
  | { readonly kind: 'server-state'; readonly state: ServerState | 'STANDALONE'; readonly why: string }
  | { readonly kind: 'zab-state'; readonly zabState: ZabState }
  // fast leader election
  | { readonly kind: 'election-started'; readonly round: number; readonly vote: Vote }
  /** My proposal changed. `from`: whose notification convinced me. */
  | {
      readonly kind: 'vote-changed';
      readonly round: number;
      readonly from: Sid;
      readonly old: Vote;
      readonly vote: Vote;
    }
  /**
   * `tally`: sids whose vote equals my proposal; if `from` follows or leads, sids that name the same leader as it.
   * `need`: how many make a quorum.
   */
  | {
      readonly kind: 'vote-counted';
      readonly from: Sid;
      readonly vote: Vote;
      readonly tally: readonly Sid[];
      readonly need: number;
    }
  | { readonly kind: 'vote-ignored'; readonly from: Sid; readonly vote: Vote; readonly why: string }
  | { readonly kind: 'election-waiting'; readonly until: VirtualTime }
  /** The election is over for this server. `settled`: it joined a leader that others follow already. */
  | { readonly kind: 'elected'; readonly vote: Vote; readonly by: 'quorum' | 'settled'; readonly state: ServerState }
  // discovery and synchronization
  /** Leader: `from` has told its accepted epoch; `heard` so far. */
  | {
      readonly kind: 'epoch-heard';
      readonly from: Sid;
      readonly acceptedEpoch: Epoch;
      readonly heard: readonly Sid[];
      readonly need: number;
    }
  /** Leader: the new epoch is fixed, and on its disk. */
  | { readonly kind: 'epoch-proposed'; readonly epoch: Epoch }
  | { readonly kind: 'epoch-acked'; readonly from: Sid; readonly acks: readonly Sid[]; readonly need: number }
  /** The file durably holds the epoch. */
  | { readonly kind: 'epoch-saved'; readonly file: 'acceptedEpoch' | 'currentEpoch'; readonly epoch: Epoch }
  /** Leader: how a learner is synchronized; `count`: transactions (DIFF, TRUNC) or znodes (SNAP) sent. */
  | {
      readonly kind: 'sync-chosen';
      readonly learner: Sid;
      readonly peerLastZxid: Zxid;
      readonly minCommittedLog: Zxid;
      readonly maxCommittedLog: Zxid;
      readonly lastProcessedZxid: Zxid;
      readonly mode: SyncMode;
      readonly zxid: Zxid;
      readonly count: number;
      readonly notes: readonly string[];
    }
  /** Learner: the mode it was told by `leader`. */
  | { readonly kind: 'sync-received'; readonly mode: SyncMode; readonly zxid: Zxid; readonly leader: Sid }
  | {
      readonly kind: 'newleader-acked';
      readonly from: Sid;
      readonly acks: readonly Sid[];
      readonly need: number;
      readonly next?: SecondQuorum;
    }
  /** Leader: NEWLEADER has its quorum, all of its log is committed. Learner: UPTODATE came. A standalone server: it has recovered. */
  | { readonly kind: 'serving'; readonly epoch: Epoch; readonly leader: Sid }
  | { readonly kind: 'stepped-down'; readonly why: string }
  /** Leader: UPTODATE was sent, or the learner's connection has ended. */
  | { readonly kind: 'learner-joined' | 'learner-lost'; readonly learner: Sid; readonly why: string }
  // broadcast
  | {
      readonly kind: 'proposed';
      readonly zxid: Zxid;
      readonly txn: TxnType;
      readonly path?: string;
      readonly error?: ErrorCode;
      readonly sessionId: SessionId;
      readonly cxid: number;
      readonly need: number;
      readonly next?: SecondQuorum;
    }
  /** Written to the page cache; a crash may take it. */
  | { readonly kind: 'log-appended'; readonly entry: LogEntry }
  /** Everything up to `zxid` is on disk. `count`: transactions in this group commit. Without forceSync it never comes. */
  | { readonly kind: 'log-durable'; readonly zxid: Zxid; readonly count: number }
  | { readonly kind: 'log-truncated'; readonly to: Zxid }
  /** Leader: `from` acknowledged; `acks` so far. */
  | {
      readonly kind: 'acked';
      readonly zxid: Zxid;
      readonly from: Sid;
      readonly acks: readonly Sid[];
      readonly need: number;
      readonly next?: SecondQuorum;
    }
  /** Leader: a quorum has it on disk, and all before it are committed. */
  | { readonly kind: 'committed'; readonly zxid: Zxid }
  /** A learner heard that `zxid` is committed. */
  | { readonly kind: 'commit-received'; readonly zxid: Zxid }
  /**
   * A committed transaction was applied to the tree. `changes`: each path whose znode is another now, in the order of
   * the changes, a parent before its child; empty for `createSession` and `error`.
   */
  | { readonly kind: 'applied'; readonly zxid: Zxid; readonly txn: TxnType; readonly changes: readonly ZnodeChange[] }
  /** The tree was replaced by a SNAP, loaded again after a TRUNC, or brought up to the log when a role ended (`replay`). */
  | {
      readonly kind: 'tree-loaded';
      readonly source: 'SNAP' | 'TRUNC' | 'replay';
      readonly zxid: Zxid;
      readonly nodes: readonly ZnodeChange[];
      readonly sessions: readonly (readonly [SessionId, number])[];
      /** The log that the server now holds behind its snapshot. */
      readonly log: readonly LogEntry[];
    }
  /** A snapshot is being written beside the main path; `snapshot-taken` ends it. */
  | { readonly kind: 'snapshot-started'; readonly zxid: Zxid }
  /** A purge has removed old snapshots and logs. */
  | { readonly kind: 'files-purged'; readonly files: readonly string[] }
  /** The tree at `zxid` is not the one that the leader foresaw; digests as ZooKeeper prints them. */
  | { readonly kind: 'digest-mismatch'; readonly zxid: Zxid; readonly expected: string; readonly actual: string }
  /** Written, and not durable yet. */
  | { readonly kind: 'snapshot-taken'; readonly zxid: Zxid; readonly bytes: number }
  // configuration
  /** The configuration that this server has seen last: proposed, or told by a leader, and not committed yet. */
  | ({ readonly kind: 'config-seen' } & ConfigFacts)
  /** The configuration that this server follows from now on. */
  | ({ readonly kind: 'config-activated' } & ConfigFacts)
  /** `/zookeeper/config` was written outside of a transaction. `changes` as in `applied`. */
  | { readonly kind: 'config-written'; readonly version: Zxid; readonly changes: readonly ZnodeChange[] }
  // requests and sessions
  /** Dropped before it became a transaction. */
  | { readonly kind: 'request-rejected'; readonly sessionId: SessionId; readonly why: string }
  /** A client's connection attached to a session here. */
  | {
      readonly kind: 'session-attached';
      readonly sessionId: SessionId;
      readonly conn: ConnId;
      readonly client: ActorName;
      readonly timeout: number;
    }
  | {
      readonly kind: 'session-detached';
      readonly sessionId: SessionId;
      readonly conn: ConnId;
      readonly client: ActorName;
      readonly why: string;
    }
  | {
      readonly kind: 'client-refused';
      readonly client: ActorName;
      readonly conn: ConnId;
      readonly why:
        | 'ZXID_AHEAD'
        | 'NOT_SERVING'
        | 'BAD_PASSWORD'
        | 'UNKNOWN_SESSION'
        | 'AUTH_FAILED'
        | 'TOO_MANY_CONNECTIONS'
        // a read-only server
        | 'NOT_READ_ONLY_CLIENT'
        | 'GLOBAL_SESSION'
        | 'NO_LOCAL_SESSIONS';
    }
  /** The connection of this session is known by another id from now on. Passwords are never shown. */
  | { readonly kind: 'auth-added'; readonly sessionId: SessionId; readonly scheme: string; readonly authId: string }
  /** The server serves reads without a quorum, or no longer does. */
  | { readonly kind: 'read-only'; readonly on: boolean }
  /** A write would bring `used` above the limit of the quota at `quota`. `hard`: it is refused, else only warned of. */
  | {
      readonly kind: 'quota-exceeded';
      readonly path: string;
      readonly quota: string;
      readonly what: 'count' | 'bytes';
      readonly used: number;
      readonly limit: number;
      readonly hard: boolean;
    }
  /** Known to this server from now on: its createSession was applied, or it is `local` and no other server knows it. */
  | {
      readonly kind: 'session-opened';
      readonly sessionId: SessionId;
      readonly timeout: number;
      readonly local?: true;
    }
  | { readonly kind: 'session-closed'; readonly sessionId: SessionId }
  /** Leader: silent for too long. `bucket` is the expiry instant. */
  | { readonly kind: 'session-expired'; readonly sessionId: SessionId; readonly bucket: VirtualTime }
  /** The leader's ContainerManager: this container, or node with a time to live, may go. */
  | { readonly kind: 'container-expired'; readonly path: string }
  /** Leader: requests of the session must come through this server. */
  | { readonly kind: 'session-owner'; readonly sessionId: SessionId; readonly owner: Sid }
  // watches
  /** The session waits at the path in this table from now on; it had no watch there, or one of another mode. */
  | {
      readonly kind: 'watch-set';
      readonly table: 'data' | 'child';
      readonly path: string;
      readonly sessionId: SessionId;
      readonly mode: WatcherMode;
    }
  /**
   * The session is told. `reset`: setWatches found the change, and no watch was set. `stays`: the session has no watch that
   * this uses up; otherwise its one-shot watch at `path` is gone.
   */
  | {
      readonly kind: 'watch-fired';
      readonly event: NodeEventType;
      readonly path: string;
      readonly table: 'data' | 'child' | 'reset';
      readonly sessionId: SessionId;
      readonly zxid: Zxid;
      readonly stays: boolean;
    }
  /** As `watch-fired`, but the session is not told: it may not read the znode, or heard of it through its data watch. */
  | {
      readonly kind: 'watch-withheld';
      readonly event: NodeEventType;
      readonly path: string;
      readonly table: 'data' | 'child';
      readonly sessionId: SessionId;
      readonly why: 'NOAUTH' | 'TOLD';
      readonly stays: boolean;
    }
  /** On the session's own request. */
  | {
      readonly kind: 'watch-removed';
      readonly table: 'data' | 'child';
      readonly path: string;
      readonly sessionId: SessionId;
    }
  | { readonly kind: 'watches-dropped'; readonly sessionId: SessionId }
  /** An operator's four-letter word, or the path of an admin command, and the lines of the answer; none: there was no answer. */
  | { readonly kind: 'answered'; readonly command: string; readonly lines: readonly string[] };

/** Payloads of what a client reports. Actor = the client. */
export type ClientEvent =
  | { readonly kind: 'client-state'; readonly state: ClientState; readonly server: Sid | null; readonly why: string }
  | {
      readonly kind: 'session-established';
      readonly sessionId: SessionId;
      readonly timeout: number;
      readonly server: Sid;
      readonly renewed: boolean;
    }
  /** A person, scenario or lesson asked for it. `call` numbers the client's calls. */
  | { readonly kind: 'call'; readonly call: number; readonly request: ClientOp }
  | {
      readonly kind: 'returned';
      readonly call: number;
      readonly request: ClientOp;
      readonly server: Sid | null;
      readonly zxid: Zxid | null;
      readonly error: KeeperError | null;
      readonly result: TraceResult | null;
      /** Why the client itself refused the request; it was never sent. */
      readonly reason?: string;
      /** The exception that the Java client throws instead of an answer. */
      readonly throws?: string;
      /** The client made `error` without asking a server. */
      readonly client?: true;
    }
  | {
      readonly kind: 'watch-event';
      readonly type: WatchEventType;
      readonly state: KeeperState;
      readonly path: string | null;
      readonly zxid: Zxid;
    }
  | { readonly kind: 'console-line'; readonly line: string }
  | { readonly kind: 'console-output'; readonly lines: readonly string[] };

/** `ZooKeeper.States`, and EXPIRED, which the real client does not tell from CLOSED. */
export type ClientState =
  'NOT_CONNECTED' | 'CONNECTING' | 'CONNECTED' | 'CONNECTEDREADONLY' | 'CLOSED' | 'EXPIRED' | 'AUTH_FAILED';

/** `WatcherMode`: one-shot, persistent, persistent and recursive. */
export type WatcherMode = 'STANDARD' | 'PERSISTENT' | 'PERSISTENT_RECURSIVE';

/** What an operation returned, as JSON. */
export interface TraceResult {
  readonly path?: string;
  readonly data?: TraceData;
  readonly stat?: Stat;
  readonly children?: readonly string[];
  readonly paths?: readonly string[];
  readonly number?: number;
  readonly acl?: readonly Acl[];
  /** multi: one an operation, also when it failed. */
  readonly results?: readonly TraceMultiResult[];
  /** whoami */
  readonly ids?: readonly { readonly scheme: string; readonly user: string }[];
}
export type TraceMultiResult =
  | Exclude<MultiResult, { readonly op: 'getData' }>
  | { readonly op: 'getData'; readonly data: TraceData; readonly stat: Stat };

export type EventBody<Id = EventRef> = MachineEvent<Id> | ServerEvent | ClientEvent;
export type EventKind = EventBody['kind'];

interface Envelope<Id> {
  readonly t: VirtualTime;
  readonly actor: ActorName;
  /** The events that made this one happen. */
  readonly causes: readonly Id[];
  readonly rule?: RuleId;
}
/** As an actor made it: `id`, `causes` and `message` are references. */
export type RawEvent = EventBody & Envelope<EventRef> & { readonly id: EventRef };
/** As the trace keeps it: `id` is its position; `causes` and `message` are positions too. */
export type TraceEvent = EventBody<EventId> & Envelope<EventId> & { readonly id: EventId };
/** The members of a union of events that have one of the kinds `K`. A member with several kinds comes whole. */
export type OfKind<E, K extends EventKind> = E extends { readonly kind: infer Kinds }
  ? K extends Kinds
    ? E
    : never
  : never;
/** A trace event of one of the kinds `K`. */
export type EventOf<K extends EventKind> = OfKind<TraceEvent, K>;
