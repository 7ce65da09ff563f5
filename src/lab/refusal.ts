/** Whether an action makes sense right now. That it is well formed, the scenario's validation has seen to. */
import { unreachable } from '../protocol/assert.ts';
import type { ActionBody } from './actions.ts';
import type { Actor, Roster } from './roster.ts';

/** As many as a scenario can have (scenario.ts). */
const SERVERS_MAX = 16;

/** One sentence, or null if nothing speaks against it. */
export function refusal(action: ActionBody, roster: Roster): string | null {
  const absent = serversIn(action).find((sid) => roster.find(`s${sid}`) === null);
  if (absent !== undefined) return `There is no server ${absent}.`;
  switch (action.do) {
    case 'add-server':
      if (roster.find(`s${action.sid}`)) return `There is a server ${action.sid} already.`;
      return roster.servers.length < SERVERS_MAX ? null : `There are ${SERVERS_MAX} servers already.`;
    case 'remove-server':
      return roster.servers.length > 1 ? null : `Server ${action.sid} is the last one.`;
    case 'kill':
      return runs(roster.server(action.server)) ? null : `Server ${action.server} is down already.`;
    case 'ask':
      return runs(roster.server(action.server)) ? null : `Server ${action.server} is down and cannot answer.`;
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
    case 'remove-file': {
      const down = needsDown(action.server, roster);
      if (down !== null) return down;
      const { files } = roster.server(action.server).disk;
      return namedFiles(files, action.file).length > 0 ? null : `Server ${action.server} has no file ${action.file}.`;
    }
    case 'disk-full': {
      const full = action.full ?? true;
      if (roster.server(action.server).diskFull !== full) return null;
      return full
        ? `The disk of server ${action.server} is full already.`
        : `The disk of server ${action.server} is not full.`;
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

/** The names of the files that `remove-file` speaks of. */
export function namedFiles(files: readonly { readonly name: string }[], file: string): readonly string[] {
  const matches = file.endsWith('*')
    ? (name: string): boolean => name.startsWith(file.slice(0, -1))
    : (name: string): boolean => name === file;
  return files.map(({ name }) => name).filter(matches);
}

/** The servers that must be there. */
function serversIn(action: ActionBody): readonly number[] {
  if (action.do === 'add-server' || action.do === 'request') return [];
  if (action.do === 'remove-server') return [action.sid];
  if (action.do === 'partition') return action.groups.flat();
  if ('server' in action && action.server !== undefined) return [action.server];
  if (!('from' in action)) return [];
  return [action.from, action.to].flatMap((name) => {
    const match = /^s(\d+)$/.exec(name);
    return match ? [Number(match[1])] : [];
  });
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
