/**
 * Copies of a lab state. What a fold changes in place (the views and their collections) is copied; what
 * it only replaces (znodes, votes, messages …) is shared. Trees, the only large part, are shared too,
 * and copied when one of the sharers first writes to its own ({@link writableTree}).
 */
import type { TraceZnode } from '../../protocol/events.ts';
import type { ClientView, LabState, ServerView } from '../state.ts';

/** Trees that more than one state may hold. */
const shared = new WeakSet<ReadonlyMap<string, TraceZnode>>();

/** An independent copy: changing either leaves the other as it is. */
export function cloneState(state: LabState): LabState {
  return {
    t: state.t,
    servers: new Map([...state.servers].map(([sid, server]) => [sid, cloneServer(server)])),
    clients: new Map([...state.clients].map(([name, client]) => [name, cloneClient(client)])),
    messages: new Map(state.messages),
    links: new Map(state.links),
    connections: new Map(state.connections),
  };
}

/** The server's tree, its own from now on. */
export function writableTree(server: ServerView): Map<string, TraceZnode> {
  if (shared.has(server.tree)) server.tree = new Map(server.tree);
  return server.tree;
}

function cloneServer(server: ServerView): ServerView {
  shared.add(server.tree);
  return {
    ...server,
    log: [...server.log],
    outstanding: new Map(server.outstanding),
    sessions: new Map(server.sessions),
    localSessions: new Set(server.localSessions),
    attached: new Map(server.attached),
    watches: new Map(server.watches),
    answers: new Map(server.answers),
  };
}

function cloneClient(client: ClientView): ClientView {
  return {
    ...client,
    pending: new Map(client.pending),
    events: [...client.events],
    console: [...client.console],
  };
}
