/**
 * The state of a lab at an instant, as the fold over its trace gives it (src/trace/fold). Read
 * only for everybody else. Collections keep a stable order.
 */
import type {
  ClientOp,
  ClientState,
  LogEntry,
  PacketSummary,
  SecondQuorum,
  TraceZnode,
  WatcherMode,
} from '../protocol/events.ts';
import type { ActorName, ConnId, EventId, SessionId, Sid } from '../protocol/ids.ts';
import type { PacketType, Port } from '../protocol/network.ts';
import type { MemberConfig, Role } from '../protocol/config.ts';
import type { ServerState, SyncMode, Vote, ZabState } from '../protocol/packets.ts';
import type { VirtualTime } from '../protocol/time.ts';
import type { AuthId } from '../protocol/znode.ts';
import type { Epoch, Zxid } from '../protocol/zxid.ts';

export interface LabState {
  t: VirtualTime;
  /** By sid, ascending. */
  servers: Map<Sid, ServerView>;
  /** In scenario order. */
  clients: Map<ActorName, ClientView>;
  /** In flight, held, or waiting for a cut to heal; by id of the send event. */
  messages: Map<EventId, MessageView>;
  /** Directions that are not as usual, keyed `from>to`. */
  links: Map<string, LinkView>;
  /** Connections that at least one end holds for open. */
  connections: Map<ConnId, ConnectionView>;
}

export interface ServerView {
  sid: Sid;
  role: Role;
  /** DOWN: no process; PAUSED: frozen. Else the server state. */
  state: ServerState | 'STANDALONE' | 'DOWN' | 'PAUSED';
  /** What it was, or is behind a pause; null when down. */
  serverState: ServerState | 'STANDALONE' | null;
  /** Means nothing for a standalone server. */
  zabState: ZabState;
  syncMode: SyncMode | null;
  /** The leader it serves under (itself when leading), once serving. */
  leader: Sid | null;
  serving: boolean;
  /** Serves reads without a quorum. */
  readOnly: boolean;
  /** Since when it is in `state`. */
  since: VirtualTime;
  upSince: VirtualTime | null;
  incarnation: number;
  acceptedEpoch: Epoch;
  currentEpoch: Epoch;
  /** Entries of its log that the page shows, ascending. */
  log: LogEntry[];
  lastLogged: Zxid;
  lastDurable: Zxid;
  /** Highest zxid that it knows to be committed. */
  lastCommitted: Zxid;
  lastProcessed: Zxid;
  snapshots: Zxid[];
  election: ElectionView | null;
  /** Leader: acks of the handshake in progress (who said FOLLOWERINFO, ACKEPOCH, NEWLEADER-ACK). */
  handshake: {
    phase: 'epoch' | 'ackepoch' | 'newleader';
    acks: readonly Sid[];
    need: number;
    next?: SecondQuorum | undefined;
  } | null;
  /** Leader: proposals without a quorum yet, in order. */
  outstanding: Map<Zxid, { acks: readonly Sid[]; need: number; next?: SecondQuorum | undefined; event: EventId }>;
  /** Leader: the proposal that was committed last, since when, and who has acknowledged it, be it after the commit. */
  lastQuorum: {
    zxid: Zxid;
    acks: readonly Sid[];
    need: number;
    next?: SecondQuorum | undefined;
    /** How many voted in the configuration of then; null: it knew none. */
    voters: number | null;
    at: VirtualTime;
  } | null;
  tree: Map<string, TraceZnode>;
  sessions: Map<SessionId, number>;
  /** Those of `sessions` that no other server knows. */
  localSessions: Set<SessionId>;
  /** Sessions whose connection ends here, and what the connection has added to be known by. */
  attached: Map<SessionId, { client: ActorName; conn: ConnId; auth: readonly AuthId[] }>;
  /** Watches: `data:/path` or `child:/path` → session → mode. */
  watches: Map<string, ReadonlyMap<SessionId, WatcherMode>>;
  /** What it has answered to operators last, by command; the answers of its former processes too. */
  answers: Map<string, Answered>;
  fsync: readonly [number, number];
  /** An fsync is running since. */
  fsyncing: VirtualTime | null;
  /** Every write to its disk fails. */
  diskFull: boolean;
  clockRate: number;
  exitReason: string | null;
  /** As its last process knew them; `lastSeen` is newer only while a reconfiguration is open. Null: never started. */
  config: { committed: ConfigView; lastSeen: ConfigView; since: VirtualTime } | null;
  /** An established configuration that it followed has named it: it is a member, or was one. */
  joined: boolean;
}

/** An answer to a four-letter word or an admin command. */
export interface Answered {
  readonly at: VirtualTime;
  readonly lines: readonly string[];
  readonly event: EventId;
}

export interface ConfigView {
  readonly version: Zxid;
  /** As in `/zookeeper/config`. */
  readonly text: string;
  readonly members: readonly MemberConfig[];
}

export interface ElectionView {
  round: number;
  vote: Vote;
  /** sids whose vote equals `vote`. */
  tally: readonly Sid[];
  need: number;
  /** The quorum stands; the election ends then if no better vote comes. */
  waitingUntil: VirtualTime | null;
}

export interface ClientView {
  name: ActorName;
  state: ClientState | 'DOWN' | 'PAUSED';
  clientState: ClientState;
  server: Sid | null;
  sessionId: SessionId | null;
  sessionTimeout: number;
  /** Calls without an answer yet. */
  pending: Map<number, ClientOp>;
  /** Events told to it, oldest first (the last 50). */
  events: { at: VirtualTime; type: string; state: string; path: string | null; event: EventId }[];
  /** What its console printed, oldest first (the last 500 lines), with the typed lines. */
  console: { at: VirtualTime; kind: 'input' | 'output'; text: string }[];
}

export interface MessageView {
  id: EventId;
  from: ActorName;
  to: ActorName;
  conn: ConnId;
  port: Port;
  packet: PacketSummary;
  /** When it left on this try: a packet that waited leaves again. */
  sent: VirtualTime;
  /** When it lands; null while it waits. */
  arrives: VirtualTime | null;
  waits: 'held' | 'cut' | null;
}

export interface LinkView {
  from: ActorName;
  to: ActorName;
  cut: boolean;
  holds: { type: PacketType | null; count: number | null }[];
  latency: readonly [number, number] | null;
}

export interface ConnectionView {
  conn: ConnId;
  port: Port;
  initiator: ActorName;
  acceptor: ActorName;
  /** The end that has closed it already; the other does not know yet. */
  closedBy: ActorName | null;
}
