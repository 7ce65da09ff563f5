/** Sessions and watches as a server holds them, and what it answers to operators. */
import { unreachable } from '../../protocol/assert.ts';
import type { EventOf, WatcherMode } from '../../protocol/events.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { LabState, ServerView } from '../state.ts';
import { serverOf } from './process.ts';

type SessionEvent = EventOf<
  | 'request-rejected'
  | 'session-attached'
  | 'session-detached'
  | 'client-refused'
  | 'auth-added'
  | 'read-only'
  | 'quota-exceeded'
  | 'session-opened'
  | 'session-closed'
  | 'session-expired'
  | 'container-expired'
  | 'session-owner'
  | 'watch-set'
  | 'watch-fired'
  | 'watch-withheld'
  | 'watch-removed'
  | 'watches-dropped'
  | 'answered'
>;

export function applySession(state: LabState, event: SessionEvent): void {
  const server = serverOf(state, event.actor);
  switch (event.kind) {
    case 'session-attached':
      server.attached.set(event.sessionId, { client: event.client, conn: event.conn, auth: [] });
      return;
    case 'session-detached':
      if (server.attached.get(event.sessionId)?.conn === event.conn) server.attached.delete(event.sessionId);
      return;
    case 'session-opened':
      server.sessions.set(event.sessionId, event.timeout);
      if (event.local) server.localSessions.add(event.sessionId);
      else server.localSessions.delete(event.sessionId);
      return;
    case 'session-closed':
      server.sessions.delete(event.sessionId);
      server.localSessions.delete(event.sessionId);
      return;
    case 'auth-added': {
      const attached = server.attached.get(event.sessionId);
      const id = { scheme: event.scheme, id: event.authId };
      if (attached) server.attached.set(event.sessionId, { ...attached, auth: [...attached.auth, id] });
      return;
    }
    case 'watch-set':
      return addWatch(server, `${event.table}:${event.path}`, event.sessionId, event.mode);
    case 'watch-fired':
    case 'watch-withheld':
      // A reset tells at once what a watch would have told; no watch was set.
      if (event.table !== 'reset' && !event.stays) removeWatch(server, `${event.table}:${event.path}`, event.sessionId);
      return;
    case 'watch-removed':
      return removeWatch(server, `${event.table}:${event.path}`, event.sessionId);
    case 'watches-dropped':
      for (const key of [...server.watches.keys()]) removeWatch(server, key, event.sessionId);
      return;
    case 'answered': {
      const { command, lines, t: at, id } = event;
      server.answers.set(command, { at, lines, event: id });
      return;
    }
    case 'read-only':
      server.readOnly = event.on;
      return;
    case 'request-rejected':
    case 'client-refused':
    case 'quota-exceeded':
    case 'session-expired':
    case 'container-expired':
    case 'session-owner':
      return;
    default:
      return unreachable(event);
  }
}

// What is kept of a path is replaced, never changed: keyframes share it.

function addWatch(server: ServerView, key: string, session: SessionId, mode: WatcherMode): void {
  server.watches.set(key, new Map(server.watches.get(key)).set(session, mode));
}

function removeWatch(server: ServerView, key: string, session: SessionId): void {
  const watchers = server.watches.get(key);
  if (!watchers?.has(session)) return;
  const left = new Map(watchers);
  left.delete(session);
  if (left.size === 0) server.watches.delete(key);
  else server.watches.set(key, left);
}
