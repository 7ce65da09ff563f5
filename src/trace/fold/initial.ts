/** The state before the first event: every server down with an empty disk, no client started. */
import type { MemberConfig, ZooConfig } from '../../protocol/config.ts';
import type { ActorName } from '../../protocol/ids.ts';
import { virtualTime } from '../../protocol/time.ts';
import { epoch, ZXID_ZERO } from '../../protocol/zxid.ts';
import type { ClientView, LabState, ServerView } from '../state.ts';

/** What a trace does not say in its events: who there is. */
export interface TraceSetup {
  readonly members: readonly MemberConfig[];
  /** In scenario order; clients that come later are added as they start. */
  readonly clients: readonly ActorName[];
  /** Fsync latency of every disk at the start, ms. */
  readonly fsync: readonly [number, number];
  /** Of all servers; absent: the defaults. */
  readonly settings?: ZooConfig;
}

export function initialState(setup: TraceSetup): LabState {
  const members = [...setup.members].sort((a, b) => a.sid - b.sid);
  return {
    t: virtualTime(0),
    servers: new Map(members.map((member) => [member.sid, initialServer(member, setup.fsync)])),
    clients: new Map(setup.clients.map((name) => [name, initialClient(name)])),
    messages: new Map(),
    links: new Map(),
    connections: new Map(),
  };
}

export function initialServer({ sid, role }: MemberConfig, fsync: readonly [number, number]): ServerView {
  return {
    sid,
    role,
    state: 'DOWN',
    serverState: null,
    zabState: 'ELECTION',
    syncMode: null,
    leader: null,
    serving: false,
    readOnly: false,
    since: virtualTime(0),
    upSince: null,
    incarnation: 0,
    acceptedEpoch: epoch(0),
    currentEpoch: epoch(0),
    log: [],
    lastLogged: ZXID_ZERO,
    lastDurable: ZXID_ZERO,
    lastCommitted: ZXID_ZERO,
    lastProcessed: ZXID_ZERO,
    snapshots: [],
    election: null,
    handshake: null,
    outstanding: new Map(),
    lastQuorum: null,
    tree: new Map(),
    sessions: new Map(),
    localSessions: new Set(),
    attached: new Map(),
    watches: new Map(),
    answers: new Map(),
    fsync,
    fsyncing: null,
    diskFull: false,
    clockRate: 1,
    exitReason: null,
    config: null,
    joined: false,
  };
}

export function initialClient(name: ActorName): ClientView {
  return {
    name,
    state: 'DOWN',
    clientState: 'NOT_CONNECTED',
    server: null,
    sessionId: null,
    sessionTimeout: 0,
    pending: new Map(),
    events: [],
    console: [],
  };
}
