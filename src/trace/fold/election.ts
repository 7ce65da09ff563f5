/** Fast leader election as one server sees it: its round, its vote, who supports it. */
import { unreachable } from '../../protocol/assert.ts';
import type { EventOf } from '../../protocol/events.ts';
import type { ElectionView, LabState, ServerView } from '../state.ts';
import { serverOf } from './process.ts';

type ElectionEvent = EventOf<
  | 'server-state'
  | 'zab-state'
  | 'election-started'
  | 'vote-changed'
  | 'vote-counted'
  | 'vote-ignored'
  | 'election-waiting'
  | 'elected'
>;

export function applyElection(state: LabState, event: ElectionEvent): void {
  const server = serverOf(state, event.actor);
  switch (event.kind) {
    case 'server-state':
      server.serverState = event.state;
      if (server.state !== 'PAUSED') server.state = event.state;
      server.since = event.t;
      if (event.state === 'LOOKING') leaveRole(server);
      else server.election = null;
      return;
    case 'zab-state':
      server.zabState = event.zabState;
      return;
    case 'election-started':
      server.election = {
        round: event.round,
        vote: event.vote,
        tally: [],
        // Shown until the first vote is counted.
        need: majorityOf(state),
        waitingUntil: null,
      };
      return;
    case 'vote-changed':
      return change(server, { round: event.round, vote: event.vote, tally: [], waitingUntil: null });
    case 'vote-counted':
      return change(server, { tally: event.tally, need: event.need });
    case 'election-waiting':
      return change(server, { waitingUntil: event.until });
    case 'vote-ignored':
    case 'elected':
      // The state that the election ends in follows as `server-state`.
      return;
    default:
      return unreachable(event);
  }
}

/** A server that looks for a leader serves nobody and leads nobody. */
export function leaveRole(server: ServerView): void {
  server.leader = null;
  server.serving = false;
  server.handshake = null;
  server.outstanding.clear();
  server.lastQuorum = null;
}

function change(server: ServerView, changes: Partial<ElectionView>): void {
  if (server.election) server.election = { ...server.election, ...changes };
}

/** How many voters make a quorum. */
export function majorityOf(state: Readonly<LabState>): number {
  let voters = 0;
  for (const { role } of state.servers.values()) if (role === 'participant') voters++;
  return Math.floor(voters / 2) + 1;
}
