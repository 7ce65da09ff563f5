/** The status line of the header, from the state at the playhead. */
import type { LabState } from '../../trace/index.ts';
import { plural } from '../state/undo.ts';

/** The server that serves as leader in BROADCAST with the highest epoch; null: none. */
export function servingLeader(state: Pick<LabState, 'servers'>) {
  const leaders = [...state.servers.values()].filter(
    (server) => server.state === 'LEADING' && server.zabState === 'BROADCAST',
  );
  return leaders.reduce<(typeof leaders)[number] | null>(
    (best, server) => (best === null || server.currentEpoch > best.currentEpoch ? server : best),
    null,
  );
}

/** Parts such as `5 servers`, `seed 42`, `epoch 2`, `leader s3`. */
export function statusParts(state: Pick<LabState, 'servers'>, seed: number): string[] {
  const leader = servingLeader(state);
  const epoch = Math.max(0, ...[...state.servers.values()].map((server) => server.currentEpoch));
  return [
    plural(state.servers.size, 'server'),
    `seed ${seed}`,
    `epoch ${leader?.currentEpoch ?? epoch}`,
    isStandalone(state) ? 'standalone' : leader === null ? 'no leader' : `leader s${leader.sid}`,
  ];
}

/** One server without a quorum over it. */
function isStandalone({ servers }: Pick<LabState, 'servers'>): boolean {
  return [...servers.values()].some(({ serverState }) => serverState === 'STANDALONE');
}

/** Title of the page: who leads, so that a tab in the background tells it. */
export function pageTitle(state: Pick<LabState, 'servers'>): string {
  if (state.servers.size === 0) return 'Zabscope';
  const leader = servingLeader(state);
  if (isStandalone(state)) return 'standalone · Zabscope';
  return `${leader ? `s${leader.sid} leads epoch ${leader.currentEpoch}` : 'no leader'} · Zabscope`;
}
