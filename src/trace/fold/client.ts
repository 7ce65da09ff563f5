/** Clients: state of the handle, calls without an answer, events told, lines of the console. */
import { unreachable } from '../../protocol/assert.ts';
import type { ClientState, EventOf } from '../../protocol/events.ts';
import type { ClientView, LabState } from '../state.ts';
import { clientOf } from './process.ts';

type ClientEvent = EventOf<
  'client-state' | 'session-established' | 'call' | 'returned' | 'watch-event' | 'console-line' | 'console-output'
>;

/** Events told to a client, and lines of its console, that are kept for showing. */
const EVENTS_SHOWN = 50;
const CONSOLE_LINES_SHOWN = 500;

export function applyClient(state: LabState, event: ClientEvent): void {
  const client = clientOf(state, event.actor);
  switch (event.kind) {
    case 'client-state':
      // A new handle has no session yet; a dead one still shows which session it had.
      if (isOver(client.clientState) && !isOver(event.state)) client.sessionId = null;
      client.clientState = event.state;
      if (client.state !== 'PAUSED') client.state = event.state;
      client.server = event.server;
      return;
    case 'session-established':
      client.sessionId = event.sessionId;
      client.sessionTimeout = event.timeout;
      client.server = event.server;
      return;
    case 'call':
      client.pending.set(event.call, event.request);
      return;
    case 'returned':
      client.pending.delete(event.call);
      return;
    case 'watch-event': {
      const { type, state: keeperState, path } = event;
      client.events.push({ at: event.t, type, state: keeperState, path, event: event.id });
      if (client.events.length > EVENTS_SHOWN) client.events.shift();
      return;
    }
    case 'console-line':
      return print(client, event, 'input', [event.line]);
    case 'console-output':
      return print(client, event, 'output', event.lines);
    default:
      return unreachable(event);
  }
}

function isOver(state: ClientState): boolean {
  return state === 'CLOSED' || state === 'EXPIRED' || state === 'AUTH_FAILED';
}

function print(client: ClientView, { t }: ClientEvent, kind: 'input' | 'output', lines: readonly string[]): void {
  for (const text of lines) client.console.push({ at: t, kind, text });
  if (client.console.length > CONSOLE_LINES_SHOWN)
    client.console.splice(0, client.console.length - CONSOLE_LINES_SHOWN);
}
