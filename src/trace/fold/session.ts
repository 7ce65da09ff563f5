/** Sessions and watches as a server holds them. */
import { unreachable } from '../../protocol/assert.ts';
import type { EventOf } from '../../protocol/events.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { LabState, ServerView } from '../state.ts';
import { serverOf } from './process.ts';

type SessionEvent = EventOf<
  | 'request-rejected'
  | 'session-attached'
  | 'session-detached'
  | 'client-refused'
  | 'session-opened'
  | 'session-closed'
  | 'session-expired'
  | 'session-owner'
  | 'watch-set'
  | 'watch-fired'
  | 'watches-dropped'
>;

export function applySession(state: LabState, event: SessionEvent): void {
  const server = serverOf(state, event.actor);
  switch (event.kind) {
    case 'session-attached':
      server.attached.set(event.sessionId, { client: event.client, conn: event.conn });
      return;
    case 'session-detached':
      if (server.attached.get(event.sessionId)?.conn === event.conn) server.attached.delete(event.sessionId);
      return;
    case 'session-opened':
      server.sessions.set(event.sessionId, event.timeout);
      return;
    case 'session-closed':
      server.sessions.delete(event.sessionId);
      return;
    case 'watch-set':
      return addWatch(server, `${event.table}:${event.path}`, event.sessionId);
    case 'watch-fired':
      // A reset tells at once what a watch would have told; no watch was set.
      if (event.table !== 'reset') removeWatch(server, `${event.table}:${event.path}`, event.sessionId);
      return;
    case 'watches-dropped':
      for (const key of [...server.watches.keys()]) removeWatch(server, key, event.sessionId);
      return;
    case 'request-rejected':
    case 'client-refused':
    case 'session-expired':
    case 'session-owner':
      return;
    default:
      return unreachable(event);
  }
}

// Lists of sessions are replaced, never changed: keyframes share them.

function addWatch(server: ServerView, key: string, session: SessionId): void {
  const sessions = server.watches.get(key) ?? [];
  if (!sessions.includes(session)) server.watches.set(key, [...sessions, session]);
}

function removeWatch(server: ServerView, key: string, session: SessionId): void {
  const sessions = server.watches.get(key);
  if (!sessions?.includes(session)) return;
  const left = sessions.filter((each) => each !== session);
  if (left.length === 0) server.watches.delete(key);
  else server.watches.set(key, left);
}
