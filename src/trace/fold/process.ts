/** Processes and their disks: started, killed, frozen; what a machine keeps and what it loses with its process. */
import { assert, unreachable } from '../../protocol/assert.ts';
import type { EventOf } from '../../protocol/events.ts';
import { sidOf, type ActorName } from '../../protocol/ids.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import { epoch, ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts';
import type { ClientView, LabState, ServerView } from '../state.ts';
import { initialClient } from './initial.ts';
import { dropMessagesOf } from './network.ts';

type ProcessEvent = EventOf<
  | 'process-started'
  | 'process-killed'
  | 'process-exited'
  | 'process-paused'
  | 'process-resumed'
  | 'clock-rate'
  | 'disk-latency'
  | 'fsync-started'
  | 'fsync-done'
  | 'disk-lost'
  | 'disk-wiped'
  | 'disk-corrupted'
  | 'disk-torn'
  | 'disk-file-removed'
  | 'disk-full'
  | 'written-back'
>;

/** @throws InvariantError if the event's actor is no server of this lab. */
export function serverOf(state: LabState, actor: ActorName): ServerView {
  const sid = sidOf(actor);
  const server = sid === null ? undefined : state.servers.get(sid);
  assert(server, `${actor} is no server of this lab`);
  return server;
}

/** The client's view; a client that was not in the scenario appears with its first event. */
export function clientOf(state: LabState, actor: ActorName): ClientView {
  let client = state.clients.get(actor);
  if (!client) {
    client = initialClient(actor);
    state.clients.set(actor, client);
  }
  return client;
}

export function applyProcess(state: LabState, event: ProcessEvent): void {
  if (sidOf(event.actor) === null) applyToClient(state, clientOf(state, event.actor), event);
  else applyToServer(state, serverOf(state, event.actor), event);
}

function applyToServer(state: LabState, server: ServerView, event: ProcessEvent): void {
  switch (event.kind) {
    case 'process-started':
      stop(server, event.t);
      server.state = server.serverState = 'LOOKING';
      server.upSince = event.t;
      server.incarnation = event.incarnation;
      server.syncMode = null;
      server.exitReason = null;
      break;
    case 'process-killed':
      stop(server, event.t);
      dropMessagesOf(state, event.actor);
      break;
    case 'process-exited':
      stop(server, event.t);
      dropMessagesOf(state, event.actor);
      server.exitReason = event.reason;
      break;
    case 'process-paused':
      server.state = 'PAUSED';
      server.since = event.t;
      break;
    case 'process-resumed':
      server.state = server.serverState ?? 'DOWN';
      server.since = event.t;
      break;
    case 'clock-rate':
      server.clockRate = event.rate;
      break;
    case 'disk-latency':
      server.fsync = event.fsync;
      break;
    case 'fsync-started':
      server.fsyncing = event.t;
      break;
    case 'fsync-done':
      server.fsyncing = null;
      break;
    case 'disk-wiped':
      server.log = [];
      server.snapshots = [];
      server.lastLogged = server.lastDurable = server.lastCommitted = server.lastProcessed = ZXID_ZERO;
      server.acceptedEpoch = server.currentEpoch = epoch(0);
      break;
    case 'disk-full':
      server.diskFull = event.full;
      break;
    case 'disk-lost':
    case 'disk-corrupted':
    case 'disk-torn':
    case 'disk-file-removed':
    case 'written-back':
      // What is left shows when the next process has recovered.
      break;
    default:
      unreachable(event);
  }
}

/** The process is gone and its memory with it; what its disk is known to hold stays. */
function stop(server: ServerView, t: VirtualTime): void {
  server.state = 'DOWN';
  server.serverState = null;
  server.zabState = 'ELECTION';
  server.leader = null;
  server.serving = false;
  server.readOnly = false;
  server.since = t;
  server.upSince = null;
  server.election = null;
  server.handshake = null;
  server.fsyncing = null;
  server.outstanding.clear();
  server.lastQuorum = null;
  server.attached.clear();
  server.sessions.clear();
  server.localSessions.clear();
  server.watches.clear();
  // A keyframe may share the tree: replaced, not emptied.
  server.tree = new Map();
  server.log = server.log.filter((entry) => entry.zxid <= server.lastDurable);
  server.lastLogged = server.lastDurable;
  server.lastCommitted = Math.min(server.lastCommitted, server.lastDurable) as Zxid;
  server.lastProcessed = ZXID_ZERO;
}

function applyToClient(state: LabState, client: ClientView, event: ProcessEvent): void {
  switch (event.kind) {
    case 'process-started':
      client.state = client.clientState = 'NOT_CONNECTED';
      client.server = null;
      client.sessionId = null;
      client.pending.clear();
      break;
    case 'process-killed':
    case 'process-exited':
      client.state = 'DOWN';
      client.clientState = 'NOT_CONNECTED';
      client.server = null;
      client.pending.clear();
      dropMessagesOf(state, event.actor);
      break;
    case 'process-paused':
      client.state = 'PAUSED';
      break;
    case 'process-resumed':
      client.state = client.clientState;
      break;
    case 'clock-rate':
    case 'disk-latency':
    case 'fsync-started':
    case 'fsync-done':
    case 'disk-lost':
    case 'disk-wiped':
    case 'disk-corrupted':
    case 'disk-torn':
    case 'disk-file-removed':
    case 'disk-full':
    case 'written-back':
      break;
    default:
      unreachable(event);
  }
}
