/** What `run --json` prints of a lab's state (design of scenarios, "What run --json prints"). */
import type { ClientState, TraceData, TraceMultiResult, TraceZnode } from '../protocol/events.ts';
import { NO_SESSION, serverName, type Sid } from '../protocol/ids.ts';
import type { SyncMode, ZabState } from '../protocol/packets.ts';
import type { Acl, Stat } from '../protocol/znode.ts';
import { formatZxid } from '../protocol/zxid.ts';
import type { LabState, ServerView } from './state.ts';
import type { Trace } from './trace.ts';

/** A Stat in JSON: zxids and the owner as hex. */
export type SummaryStat = Omit<Stat, 'czxid' | 'mzxid' | 'pzxid'> & {
  readonly czxid: string;
  readonly mzxid: string;
  readonly pzxid: string;
};

export interface SummaryReply {
  readonly at: number;
  readonly op: string;
  /** As created for `create`, else as asked for. */
  readonly path?: string;
  readonly zxid?: string;
  readonly error?: string;
  readonly data?: TraceData;
  readonly stat?: SummaryStat;
  readonly children?: readonly string[];
  readonly paths?: readonly string[];
  readonly number?: number;
  readonly acl?: readonly Acl[];
  readonly results?: readonly SummaryPart[];
  readonly ids?: readonly { readonly scheme: string; readonly user: string }[];
  /** The exception that the Java client throws instead. */
  readonly throws?: string;
}

/** What one operation of a multi came to. */
export type SummaryPart = WithSummaryStat<TraceMultiResult>;
type WithSummaryStat<Part> = Part extends { readonly op: 'delete' | 'check' | 'getChildren' | 'error' }
  ? Part
  : Omit<Part, 'stat'> & { readonly stat?: SummaryStat };

export interface SummaryServer {
  readonly state: ServerView['state'];
  readonly zabState: ZabState;
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  readonly lastLogged: string;
  readonly lastCommitted: string;
  readonly syncMode: SyncMode | null;
  /** To operators, in their order; absent where nobody has asked. */
  readonly answers?: readonly { readonly at: number; readonly command: string; readonly lines: readonly string[] }[];
}

export interface SummaryClient {
  readonly state: ClientState | 'DOWN' | 'PAUSED';
  readonly sessionId: string;
  readonly server: number | null;
  readonly replies: readonly SummaryReply[];
  readonly events: readonly {
    readonly at: number;
    readonly type: string;
    readonly path: string | null;
    readonly state: string;
  }[];
}

export interface Summary {
  readonly virtualMs: number;
  readonly events: number;
  readonly leader: number | null;
  readonly epoch: number | null;
  readonly servers: Readonly<Record<string, SummaryServer>>;
  readonly clients: Readonly<Record<string, SummaryClient>>;
  readonly trees?: Readonly<
    Record<string, Readonly<Record<string, { readonly data: TraceData; readonly stat: SummaryStat }>>>
  >;
}

/** The server that serves as leader in BROADCAST with the highest epoch, or null. */
export function leaderOf(state: Readonly<LabState>): Sid | null {
  let leader: ServerView | null = null;
  for (const server of state.servers.values()) {
    if (server.state !== 'LEADING' || server.zabState !== 'BROADCAST' || !server.serving) continue;
    if (leader === null || server.currentEpoch > leader.currentEpoch) leader = server;
  }
  return leader?.sid ?? null;
}

/** `state` is that of `trace` at the instant asked for; only events up to it count. `trees` of dead servers are left out. */
export function summarize(
  state: Readonly<LabState>,
  trace: Trace,
  options: { readonly trees?: boolean } = {},
): Summary {
  const leader = leaderOf(state);
  const servers = [...state.servers.values()];
  const events = trace.firstAfter(state.t);
  return {
    virtualMs: state.t,
    events,
    leader,
    epoch: leader === null ? null : (state.servers.get(leader)?.currentEpoch ?? null),
    servers: Object.fromEntries(
      servers.map((server) => [server.sid, { ...summarizeServer(server), ...answersOf(server.sid, trace, events) }]),
    ),
    clients: summarizeClients(state, trace, events),
    ...(options.trees
      ? {
          trees: Object.fromEntries(
            servers.filter(({ state }) => state !== 'DOWN').map(({ sid, tree }) => [sid, summarizeTree(tree)]),
          ),
        }
      : {}),
  };
}

function summarizeServer(server: ServerView): SummaryServer {
  return {
    state: server.state,
    zabState: server.zabState,
    acceptedEpoch: server.acceptedEpoch,
    currentEpoch: server.currentEpoch,
    lastLogged: formatZxid(server.lastLogged),
    lastCommitted: formatZxid(server.lastCommitted),
    syncMode: server.syncMode,
  };
}

/** From the trace itself: the state keeps the newest of each command. */
function answersOf(sid: Sid, trace: Trace, events: number): Pick<SummaryServer, 'answers'> {
  const answers = [...trace.events(0, events)].flatMap((event) =>
    event.kind === 'answered' && event.actor === serverName(sid)
      ? [{ at: event.t, command: event.command, lines: event.lines }]
      : [],
  );
  return answers.length === 0 ? {} : { answers };
}

/** Replies and events from the trace itself: the state keeps the newest only. */
function summarizeClients(state: Readonly<LabState>, trace: Trace, events: number): Summary['clients'] {
  const clients = new Map<
    string,
    SummaryClient & { replies: SummaryReply[]; events: SummaryClient['events'][number][] }
  >();
  for (const client of state.clients.values()) {
    clients.set(client.name, {
      state: client.state,
      sessionId: client.sessionId ?? NO_SESSION,
      server: client.server,
      replies: [],
      events: [],
    });
  }
  for (const event of trace.events(0, events)) {
    const client = clients.get(event.actor);
    if (event.kind === 'returned') {
      const { path, stat, results, ...result } = event.result ?? {};
      const asked = path ?? event.request.path;
      client?.replies.push({
        at: event.t,
        op: event.request.op,
        ...(asked === undefined ? {} : { path: asked }),
        ...(event.zxid === null ? {} : { zxid: formatZxid(event.zxid) }),
        ...(event.error === null ? {} : { error: event.error }),
        ...result,
        ...(stat === undefined ? {} : { stat: summarizeStat(stat) }),
        ...(results === undefined ? {} : { results: results.map(summarizePart) }),
        ...(event.throws === undefined ? {} : { throws: event.throws }),
      });
    } else if (event.kind === 'watch-event') {
      client?.events.push({ at: event.t, type: event.type, path: event.path, state: event.state });
    }
  }
  return Object.fromEntries(clients);
}

function summarizePart(part: TraceMultiResult): SummaryPart {
  switch (part.op) {
    case 'create':
    case 'setData':
    case 'getData': {
      const { stat, ...rest } = part;
      return stat === undefined ? rest : { ...rest, stat: summarizeStat(stat) };
    }
    default:
      return part;
  }
}

function summarizeTree(tree: ReadonlyMap<string, TraceZnode>): Record<string, { data: TraceData; stat: SummaryStat }> {
  const paths = [...tree.keys()].sort();
  return Object.fromEntries(
    paths.flatMap((path) => {
      const node = tree.get(path);
      return node ? [[path, { data: node.data, stat: summarizeStat(node.stat) }]] : [];
    }),
  );
}

/** The field order of ZooKeeper's Stat. */
function summarizeStat(stat: Stat): SummaryStat {
  return {
    ...stat,
    czxid: formatZxid(stat.czxid),
    mzxid: formatZxid(stat.mzxid),
    pzxid: formatZxid(stat.pzxid),
  };
}
