/** Undoes every fault that is in force: what operators would do. From the state of the lab, so that any scenario can be healed. */
import type { ActionBody, Scenario } from '../lab/index.ts';
import type { ActorName, Sid } from '../protocol/ids.ts';
import type { LabState, ServerView } from '../trace/index.ts';
import type { LossRule } from './loss.ts';

/** The actions, in order; a lab refuses none of them. */
export function healing(
  state: Readonly<LabState>,
  { network, disk }: Scenario,
  losses: LossRule,
): readonly ActionBody[] {
  const actions: ActionBody[] = [{ do: 'heal-all' }];
  for (const { from, to, latency } of state.links.values()) {
    if (latency !== null) actions.push({ do: 'latency', from, to, latency: network.latency });
  }
  for (const [from, to] of heldDirections(state)) actions.push({ do: 'release', from, to });
  for (const { sid: server, fsync, diskFull, clockRate, state: now } of state.servers.values()) {
    if (diskFull) actions.push({ do: 'disk-full', server, full: false });
    if (fsync[0] !== disk.fsync[0] || fsync[1] !== disk.fsync[1])
      actions.push({ do: 'disk', server, fsync: disk.fsync });
    if (clockRate !== 1) actions.push({ do: 'clock', server, rate: 1 });
    if (now === 'PAUSED') actions.push({ do: 'resume', server });
  }
  actions.push(...revival(state, losses));
  for (const { name: client, state: now } of state.clients.values()) {
    if (now === 'PAUSED') actions.push({ do: 'resume', client });
    if (now === 'DOWN') actions.push({ do: 'connect', client });
  }
  return actions;
}

/**
 * Starts every server that is down. One that cannot read its disk starts anew, if others have all that it had. One that its
 * own configuration does not have is left alone: it would end at once.
 */
export function revival(state: Readonly<LabState>, losses: LossRule): readonly ActionBody[] {
  return [...state.servers.values()].flatMap((view): readonly ActionBody[] => {
    const { sid: server, state: now, exitReason } = view;
    if (now !== 'DOWN' || isUnnamed(view)) return [];
    const wipe = { do: 'wipe', server } as const;
    const unreadable = exitReason !== null && losses.unreadable(server) && losses.allows(wipe);
    return unreadable ? [wipe, { do: 'restart', server }] : [{ do: 'restart', server }];
  });
}

/**
 * Members that cannot start: their own configuration file is older than the configuration that has them. Only a person
 * with an editor can help (`QuorumPeer.start`: “My id … not in the peer list”).
 */
export function stranded(state: Readonly<LabState>, losses: LossRule): readonly Sid[] {
  return [...state.servers.values()].flatMap((view) => (isUnnamed(view) && losses.names(view.sid) ? view.sid : []));
}

/**
 * Servers that have left and cannot start, and for which others look, whose configuration file is older than that and
 * has them as voters.
 */
export function missed(state: Readonly<LabState>): readonly Sid[] {
  const { servers } = state;
  return [...servers.values()].flatMap((view) =>
    isUnnamed(view) && [...servers.values()].some((other) => other.state === 'LOOKING' && hasVoter(other, view.sid))
      ? view.sid
      : [],
  );
}

function hasVoter({ config }: ServerView, voter: Sid): boolean {
  return config?.committed.members.some(({ sid, role }) => sid === voter && role === 'participant') ?? false;
}

function isUnnamed({ sid, state, exitReason, config }: ServerView): boolean {
  const members = config?.committed.members;
  return state === 'DOWN' && exitReason !== null && !!members && !members.some((member) => member.sid === sid);
}

/** A hold that has held its last packet is over; the packet waits, and so does all behind it. */
function heldDirections(state: Readonly<LabState>): readonly (readonly [ActorName, ActorName])[] {
  const held = new Map<string, readonly [ActorName, ActorName]>();
  for (const { from, to, holds } of state.links.values()) if (holds.length > 0) held.set(`${from}>${to}`, [from, to]);
  for (const { from, to, waits } of state.messages.values())
    if (waits === 'held') held.set(`${from}>${to}`, [from, to]);
  return [...held.values()];
}
