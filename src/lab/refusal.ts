/** Whether an action makes sense right now. That it is well formed, the scenario's validation has seen to. */
import { unreachable } from '../protocol/assert.ts';
import type { ActionBody } from './actions.ts';
import type { Actor, Roster } from './roster.ts';

/** One sentence, or null if nothing speaks against it. */
export function refusal(action: ActionBody, roster: Roster): string | null {
  switch (action.do) {
    case 'kill':
      return runs(roster.server(action.server)) ? null : `Server ${action.server} is down already.`;
    case 'restart':
      return runs(roster.server(action.server)) ? `Server ${action.server} is running.` : null;
    case 'wipe':
      return needsDown(action.server, roster);
    case 'corrupt': {
      const down = needsDown(action.server, roster);
      if (down !== null) return down;
      const file = roster.server(action.server).disk.files.find(({ name }) => name === action.file);
      if (!file) return `Server ${action.server} has no file ${action.file}.`;
      const offset = action.offset === 'tail' ? 0 : action.offset;
      return offset < file.bytes.length
        ? null
        : `${action.file} of server ${action.server} has ${file.bytes.length} bytes.`;
    }
    case 'pause': {
      const { actor, name } = pausable(action, roster);
      if (!runs(actor)) return `${name} is not running.`;
      return actor.paused ? `${name} is paused already.` : null;
    }
    case 'resume': {
      const { actor, name } = pausable(action, roster);
      return runs(actor) && actor.paused ? null : `${name} is not paused.`;
    }
    case 'disconnect':
    case 'request':
    case 'console':
      return runs(roster.client(action.client)) ? null : `Client ${action.client} is not running: connect it first.`;
    case 'cut':
    case 'heal':
    case 'partition':
    case 'heal-all':
    case 'latency':
    case 'hold':
    case 'release':
    case 'drop':
    case 'drop-connection':
    case 'disk':
    case 'clock':
    case 'connect':
      return null;
    default:
      return unreachable(action);
  }
}

/** Whether there is a process: one that has ended itself is none. */
export function runs(actor: Actor): boolean {
  return actor.handle !== null && !actor.exited;
}

function needsDown(sid: number, roster: Roster): string | null {
  return runs(roster.server(sid)) ? `Server ${sid} is running: kill it first.` : null;
}

function pausable(
  action: Extract<ActionBody, { do: 'pause' | 'resume' }>,
  roster: Roster,
): { readonly actor: Actor; readonly name: string } {
  return 'server' in action
    ? { actor: roster.server(action.server), name: `Server ${action.server}` }
    : { actor: roster.client(action.client), name: `Client ${action.client}` };
}
