/** What conditions can ask of the state of a lab: `role(s1)`, `leader`, `node(/app).data` … */
import type { Violation } from '../../check/index.ts';
import type { TraceZnode } from '../../protocol/events.ts';
import { NO_SESSION, serverName, sidOf, type ActorName } from '../../protocol/ids.ts';
import { epochOf, type Zxid } from '../../protocol/zxid.ts';
import { nodeName, parentPath } from '../../protocol/znode.ts';
import { leaderOf, majorityOf, type ClientView, type LabState, type ServerView } from '../../trace/index.ts';
import type { Value } from './syntax.ts';

export type ArgumentType = 'server' | 'client' | 'path' | 'zxid' | 'property' | 'any';

export interface StateFunction {
  /** One list of arguments for each way to call it. */
  readonly takes: readonly (readonly ArgumentType[])[];
  /** The fields that its value has. */
  readonly fields?: readonly string[];
  readonly value: (
    state: Readonly<LabState>,
    args: readonly Value[],
    field: string | null,
    violations: readonly Violation[],
  ) => Value;
  /** It is true or false: a test by itself. */
  readonly test?: true;
  /** For sentences: `{0}` is the first argument; `[`…`]` goes with a missing one. */
  readonly says: string;
}

function serverOf(state: Readonly<LabState>, name: Value): ServerView | undefined {
  const sid = typeof name === 'string' ? sidOf(name as ActorName) : null;
  return sid === null ? undefined : state.servers.get(sid);
}

function clientOf(state: Readonly<LabState>, name: Value): ClientView | undefined {
  return typeof name === 'string' ? state.clients.get(name as ActorName) : undefined;
}

function leaderView(state: Readonly<LabState>): ServerView | undefined {
  const sid = leaderOf(state);
  return sid === null ? undefined : state.servers.get(sid);
}

function live(state: Readonly<LabState>): readonly ServerView[] {
  return [...state.servers.values()].filter((server) => server.serverState !== null);
}

/** What the client itself believes of its session. */
function sessionState(client: ClientView): string {
  if (client.state === 'DOWN') return 'DOWN';
  const { clientState } = client;
  if (clientState !== 'CONNECTING' && clientState !== 'NOT_CONNECTED') return clientState;
  return client.sessionId === null ? 'CONNECTING' : 'DISCONNECTED';
}

function sameTrees(state: Readonly<LabState>): boolean {
  const [first, ...others] = live(state);
  if (!first) return false;
  return others.every(
    ({ tree }) =>
      tree.size === first.tree.size &&
      [...tree].every(([path, node]) => {
        const other = first.tree.get(path);
        return other === node || JSON.stringify(other) === JSON.stringify(node);
      }),
  );
}

function children(tree: ReadonlyMap<string, TraceZnode>, path: string): readonly string[] {
  return [...tree.keys()]
    .filter((each) => each !== '/' && parentPath(each) === path)
    .map(nodeName)
    .sort();
}

function nodeValue(server: ServerView | undefined, path: Value, field: string | null): Value {
  // A dead server has no tree at all: nothing can be said of it.
  if (!server || server.serverState === null || typeof path !== 'string') return undefined;
  const node = server.tree.get(path);
  if (!node) return null;
  switch (field) {
    case null:
      return path;
    case 'data':
      return typeof node.data === 'string' ? node.data : null;
    case 'version':
      return node.stat.version;
    case 'owner':
      return node.stat.ephemeralOwner === NO_SESSION ? 0 : node.stat.ephemeralOwner;
    case 'children':
      return children(server.tree, path);
    case 'czxid':
      return node.stat.czxid;
    case 'mzxid':
      return node.stat.mzxid;
    default:
      return undefined;
  }
}

function names(servers: readonly ServerView[]): readonly string[] {
  return servers.map(({ sid }) => serverName(sid));
}

export const FUNCTIONS: Readonly<Record<string, StateFunction>> = {
  role: { takes: [['server']], value: (state, [s]) => serverOf(state, s)?.state, says: '{0}' },
  phase: { takes: [['server']], value: (state, [s]) => serverOf(state, s)?.zabState, says: 'the phase of {0}' },
  leader: {
    takes: [[]],
    value: (state) => {
      const sid = leaderOf(state);
      return sid === null ? null : serverName(sid);
    },
    says: 'the leader',
  },
  leaders: {
    takes: [[]],
    value: (state) => names([...state.servers.values()].filter((server) => server.state === 'LEADING')),
    says: 'the set of LEADING servers',
  },
  epoch: {
    takes: [[], ['server'], ['zxid']],
    value: (state, [of]) => {
      if (of === undefined) return leaderView(state)?.currentEpoch;
      return typeof of === 'number' ? epochOf(of as Zxid) : serverOf(state, of)?.currentEpoch;
    },
    says: 'the epoch[ of {0}]',
  },
  acceptedEpoch: {
    takes: [['server']],
    value: (state, [s]) => serverOf(state, s)?.acceptedEpoch,
    says: 'the accepted epoch of {0}',
  },
  logged: {
    takes: [['server']],
    value: (state, [s]) => serverOf(state, s)?.lastLogged,
    says: 'the last zxid in the log of {0}',
  },
  durable: {
    takes: [['server']],
    value: (state, [s]) => serverOf(state, s)?.lastDurable,
    says: 'the last zxid on the disk of {0}',
  },
  applied: {
    takes: [['server']],
    value: (state, [s]) => serverOf(state, s)?.lastProcessed,
    says: 'the last zxid that {0} has applied',
  },
  node: {
    takes: [['path'], ['server', 'path']],
    fields: ['data', 'version', 'owner', 'children', 'czxid', 'mzxid'],
    value: (state, args, field) =>
      args.length === 1
        ? nodeValue(leaderView(state), args[0], field)
        : nodeValue(serverOf(state, args[0]), args[1], field),
    says: '{path}[ on {server}]',
  },
  /** How many servers that are up hold the znode. */
  copies: {
    takes: [['path']],
    value: (state, [path]) =>
      typeof path === 'string' ? live(state).filter(({ tree }) => tree.has(path)).length : undefined,
    says: 'the number of servers that hold {0}',
  },
  same: { takes: [[]], test: true, value: sameTrees, says: 'all servers that are up hold the same tree' },
  session: {
    takes: [['client']],
    value: (state, [c]) => {
      const client = clientOf(state, c);
      return client && sessionState(client);
    },
    says: 'the session of {0}',
  },
  at: {
    takes: [['client']],
    value: (state, [c]) => {
      const client = clientOf(state, c);
      if (!client) return undefined;
      return client.clientState.startsWith('CONNECTED') && client.server !== null ? serverName(client.server) : null;
    },
    says: 'the server of {0}',
  },
  sid: { takes: [['client']], value: (state, [c]) => clientOf(state, c)?.sessionId, says: 'the session id of {0}' },
  voters: {
    takes: [[]],
    value: (state) => names([...state.servers.values()].filter(({ role }) => role === 'participant')),
    says: 'the set of voters',
  },
  observers: {
    takes: [[]],
    value: (state) => names([...state.servers.values()].filter(({ role }) => role === 'observer')),
    says: 'the set of observers',
  },
  need: {
    takes: [[]],
    value: majorityOf,
    says: 'the number of ACKs that make a quorum',
  },
  watches: {
    takes: [['server', 'path']],
    value: (state, [s, path]) => {
      const server = serverOf(state, s);
      if (!server || typeof path !== 'string') return undefined;
      return (server.watches.get(`data:${path}`)?.size ?? 0) + (server.watches.get(`child:${path}`)?.size ?? 0);
    },
    says: 'the number of watches on {1} at {0}',
  },
  /** How many violations the checkers have found in the lab, those from before the step among them. */
  violations: {
    takes: [[]],
    value: (_state, _args, _field, violations) => violations.length,
    says: 'the number of violations',
  },
  violated: {
    takes: [['property']],
    test: true,
    value: (_state, [property], _field, violations) => violations.some((violation) => violation.property === property),
    says: '{0} is broken',
  },
  size: {
    takes: [['any']],
    value: (_state, [set]) => (Array.isArray(set) ? set.length : undefined),
    says: 'the size of {0}',
  },
};
