/** Configurations as servers know them, and servers that appear and go. */
import { unreachable } from '../../protocol/assert.ts';
import type { ConfigFacts, EventOf } from '../../protocol/events.ts';
import { serverName } from '../../protocol/ids.ts';
import { ZXID_ZERO } from '../../protocol/zxid.ts';
import type { ConfigView, LabState, ServerView } from '../state.ts';
import { initialServer } from './initial.ts';
import { change } from './log.ts';
import { serverOf } from './process.ts';

type ConfigEvent = EventOf<'server-added' | 'server-removed' | 'config-seen' | 'config-activated' | 'config-written'>;

export function applyConfig(state: LabState, event: ConfigEvent): void {
  switch (event.kind) {
    case 'server-added': {
      const { sid, role, fsync } = event;
      const servers = [...state.servers.values(), initialServer({ sid, role }, fsync)];
      replaceServers(state, servers);
      return;
    }
    case 'server-removed': {
      const name = serverName(event.sid);
      state.servers.delete(event.sid);
      for (const [key, { from, to }] of state.links) if (from === name || to === name) state.links.delete(key);
      return;
    }
    case 'config-seen': {
      const server = serverOf(state, event.actor);
      server.config = {
        committed: server.config?.committed ?? viewOf(event),
        lastSeen: viewOf(event),
        since: server.config?.since ?? event.t,
      };
      return;
    }
    case 'config-activated': {
      const server = serverOf(state, event.actor);
      const committed = viewOf(event);
      const seen = server.config?.lastSeen;
      const lastSeen = seen && seen.version > committed.version ? seen : committed;
      server.config = { committed, lastSeen, since: event.t };
      const self = event.members.find(({ sid }) => sid === server.sid);
      server.role = self?.role ?? 'participant';
      if (self && event.version > ZXID_ZERO) server.joined = true;
      return;
    }
    case 'config-written':
      return change(serverOf(state, event.actor), event.changes);
    default:
      return unreachable(event);
  }
}

function viewOf({ version, text, members }: ConfigFacts): ConfigView {
  return { version, text, members };
}

/** By sid, ascending. */
function replaceServers(state: LabState, servers: readonly ServerView[]): void {
  state.servers = new Map([...servers].sort((a, b) => a.sid - b.sid).map((server) => [server.sid, server]));
}
