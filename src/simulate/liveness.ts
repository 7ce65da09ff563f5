/**
 * Liveness: what must come true some time after every fault has been healed. Safety is the matter of src/check; these
 * properties only the simulator can see, because only it knows that nothing stands in the way any more.
 */
import type { PropertyFacts } from '../check/index.ts';
import type { Scenario } from '../lab/index.ts';
import type { TraceEvent, TraceZnode } from '../protocol/events.ts';
import { NO_SESSION, serverName, type EventId } from '../protocol/ids.ts';
import { counterOf, ZXID_ZERO } from '../protocol/zxid.ts';
import { leaderOf, type LabState, type ServerView, type Trace } from '../trace/index.ts';

const TABLE = {
  LeaderElected: {
    says: 'When nothing stands in the way any more, one server leads and serves.',
    source: 'Zab, section 4: the recovery phase ends with an established leader',
  },
  MembersServe: {
    says: 'Then every member of the configuration whose process runs follows or observes that leader, and serves.',
    source: 'zookeeperAdmin: a server that is restarted joins again',
  },
  TreesConverge: {
    says: 'Then all members have the same znodes and the same sessions.',
    source: 'zookeeperInternals: all servers apply the same transactions in the same order',
  },
  SessionsSettle: {
    says: 'Then every client is connected or knows that its session is over, and a session without a client is gone with its ephemeral znodes.',
    source: 'zookeeperProgrammers: ZooKeeper Sessions',
  },
  CallsReturn: {
    says: 'Then no call is without an answer.',
    source: 'zookeeperProgrammers: a call returns, or ends in CONNECTIONLOSS or SESSIONEXPIRED',
  },
} as const satisfies Record<string, PropertyFacts>;

export type LivenessProperty = keyof typeof TABLE;
export const LIVENESS: Readonly<Record<LivenessProperty, PropertyFacts>> = TABLE;
export const LIVENESS_NAMES = Object.keys(TABLE) as readonly LivenessProperty[];

export function isLiveness(property: string): property is LivenessProperty {
  return Object.hasOwn(TABLE, property);
}

export interface Unsettled {
  readonly property: LivenessProperty;
  readonly says: string;
  /** Ascending; may be empty. */
  readonly proof: readonly EventId[];
}

/** Longest silence of an election (`FastLeaderElection.maxNotificationInterval`), ms. */
const NOTIFICATION_MAX = 60_000;
/** Rounds of discovery and synchronization that may fail before one succeeds: of those still under way, and of two rivals. */
const ROUNDS = 4;

/**
 * ms within which a leader serves and all members serve under it. A server that looks for a leader may be silent for
 * 60 s, until somebody else's notification wakes it. A leader without a quorum gives up after initLimit ticks, a learner
 * finds out within initLimit or syncLimit ticks that its leader is none; then an election takes a second. Each packet that the
 * scenario still drops costs one more round.
 */
export function electionBound({ ensemble, actions }: Scenario): number {
  const { tickTime, initLimit, syncLimit } = ensemble;
  const drops = actions.reduce((sum, action) => (action.do === 'drop' ? sum + (action.count ?? 1) : sum), 0);
  return NOTIFICATION_MAX + (ROUNDS + drops) * ((initLimit + syncLimit) * tickTime + 1000);
}

/**
 * ms within which everything is settled: behind the election a session whose client is gone lives on for its whole
 * timeout and the rest of a tick; a client that finds no server takes 4/3 of it to give up, and begins at a pause.
 */
export function settlingBound(scenario: Scenario): number {
  const { tickTime, maxSessionTimeout } = scenario.ensemble;
  const longest = maxSessionTimeout > 0 ? maxSessionTimeout : 20 * tickTime;
  return electionBound(scenario) + 2 * longest + 2 * tickTime + 5000;
}

/** What is not as it should be in the end, the gravest first; null: all is settled. */
export function unsettled(state: Readonly<LabState>, trace: Trace): Unsettled | null {
  const sid = leaderOf(state);
  const leader = sid === null ? undefined : state.servers.get(sid);
  const up = [...state.servers.values()].filter((server) => server.state !== 'DOWN');
  if (!leader) {
    const states = up.map((server) => `s${server.sid} is ${server.state} in ${server.zabState}`).join(', ');
    const proof = up.flatMap((server) =>
      last(trace, (event) => event.actor === serverName(server.sid) && isState(event)),
    );
    return { property: 'LeaderElected', says: `No server leads: ${states || 'none runs'}.`, proof };
  }
  const named = leader.config?.committed.members.map((member) => member.sid) ?? [];
  const members = up.filter((server) => named.includes(server.sid));
  const idle = members.find((server) => !server.serving || server.leader !== leader.sid);
  if (idle) {
    const proof = last(trace, (event) => event.actor === serverName(idle.sid) && isState(event));
    const says = `s${idle.sid} is ${idle.state} in ${idle.zabState} and does not serve under s${leader.sid}.`;
    return { property: 'MembersServe', says, proof };
  }
  return waiting(state, trace) ?? sessionsOf(state, leader, trace) ?? differing(members, leader, trace);
}

function waiting(state: Readonly<LabState>, trace: Trace): Unsettled | null {
  for (const client of state.clients.values()) {
    const [pending] = client.pending;
    if (!pending || client.state === 'DOWN') continue;
    const [call, { op, path }] = pending;
    const proof = last(trace, (event) => event.kind === 'call' && event.actor === client.name && event.call === call);
    return {
      property: 'CallsReturn',
      says: `${client.name} still waits for an answer to ${op}${path === undefined ? '' : ` ${path}`}.`,
      proof,
    };
  }
  return null;
}

function sessionsOf(state: Readonly<LabState>, leader: ServerView, trace: Trace): Unsettled | null {
  // With `leaderServes` off a leader that is left alone takes no client.
  const { leaderServes = true } = trace.setup.settings ?? {};
  const served = leaderServes || [...state.servers.values()].some((each) => each.serving && each !== leader);
  const connected = new Set<string>();
  for (const client of state.clients.values()) {
    if (client.state === 'CONNECTED') connected.add(client.sessionId ?? NO_SESSION);
    else if (served && !['DOWN', 'CLOSED', 'EXPIRED', 'AUTH_FAILED'].includes(client.state)) {
      const proof = last(trace, (event) => event.kind === 'client-state' && event.actor === client.name);
      return { property: 'SessionsSettle', says: `${client.name} is still ${client.state}.`, proof };
    }
  }
  for (const [path, { stat }] of leader.tree) {
    const owner = stat.ephemeralOwner;
    if (owner === NO_SESSION || connected.has(owner)) continue;
    const proof = last(trace, (event) => event.kind === 'session-opened' && event.sessionId === owner);
    const says = `${path} is still there, though no client has the session ${owner} that owns it.`;
    return { property: 'SessionsSettle', says, proof };
  }
  for (const server of state.servers.values()) {
    for (const session of server.sessions.keys()) {
      if (server.leader !== leader.sid || connected.has(session)) continue;
      const proof = last(trace, (event) => event.kind === 'session-opened' && event.sessionId === session);
      const says = `s${server.sid} still has the session ${session}, which no client has.`;
      return { property: 'SessionsSettle', says, proof };
    }
  }
  return null;
}

/**
 * Whether a client is refused as ahead of all that take clients, though they miss nothing: a leader counts itself at the
 * first zxid of its epoch as soon as it serves (`Leader.startZkServer`), and the others do only when somebody writes.
 */
export function isAheadByAnEpoch(state: Readonly<LabState>, trace: Trace): boolean {
  return [...state.clients.values()].some(({ name, state: now }) => {
    if (now !== 'CONNECTING') return false;
    const [refused] = last(
      trace,
      (event) => event.kind === 'client-refused' && event.client === name && event.why !== 'NOT_SERVING',
    ).map((id) => trace.at(id));
    const [asked] = last(
      trace,
      (event) => event.kind === 'send' && event.actor === name && event.packet.type === 'ConnectRequest',
    ).map((id) => trace.at(id));
    return (
      refused?.kind === 'client-refused' &&
      refused.why === 'ZXID_AHEAD' &&
      asked?.kind === 'send' &&
      counterOf(asked.packet.zxid ?? ZXID_ZERO) === 0
    );
  });
}

function differing(members: readonly ServerView[], leader: ServerView, trace: Trace): Unsettled | null {
  for (const server of members) {
    const path = firstDifference(leader.tree, server.tree);
    if (path !== null) {
      const touched = (name: string) => (event: TraceEvent) =>
        event.actor === name && event.kind === 'applied' && event.changes.some(([changed]) => changed === path);
      const [ours, theirs] = [
        last(trace, touched(serverName(leader.sid))),
        last(trace, touched(serverName(server.sid))),
      ];
      const says = `${path} is not the same on s${leader.sid}, which leads, and on s${server.sid}.`;
      return { property: 'TreesConverge', says, proof: [...ours, ...theirs].sort((a, b) => a - b) };
    }
    const sessions = (view: ServerView): readonly string[] =>
      [...view.sessions.keys()].filter((id) => !view.localSessions.has(id)).sort();
    if (sessions(server).join() !== sessions(leader).join()) {
      const says = `s${server.sid} has the sessions ${sessions(server).join(', ') || 'of nobody'}, s${leader.sid}, which leads, ${sessions(leader).join(', ') || 'those of nobody'}.`;
      return { property: 'TreesConverge', says, proof: [] };
    }
  }
  return null;
}

/** A leader may have none in its tree, if its snapshot had none: only followers are told one, unless it can be changed. */
const CONFIG_NODE = '/zookeeper/config';

function firstDifference(a: ReadonlyMap<string, TraceZnode>, b: ReadonlyMap<string, TraceZnode>): string | null {
  for (const [path, node] of a) {
    const other = b.get(path);
    if (path === CONFIG_NODE && node.data === '') continue;
    if (node !== other && (!other || JSON.stringify(node) !== JSON.stringify(other))) return path;
  }
  for (const path of b.keys()) if (!a.has(path)) return path;
  return null;
}

function isState(event: TraceEvent): boolean {
  return event.kind === 'server-state' || event.kind === 'zab-state' || event.kind === 'process-started';
}

/** The id of the last event that is `wanted`, if there is one. */
function last(trace: Trace, wanted: (event: TraceEvent) => boolean): readonly EventId[] {
  for (let id = trace.length - 1; id >= 0; id--) {
    const event = trace.at(id);
    if (wanted(event)) return [event.id];
  }
  return [];
}
