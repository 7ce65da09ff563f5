/** Facts that several answers share: version, sizes, addresses, dates. */
import { formatDate } from '../../protocol/java-date.ts';
import { labServer, type QuorumServer } from '../../protocol/quorum-config.ts';
import { WALL_CLOCK_EPOCH_MS } from '../../protocol/time.ts';
import type { Subject, MonitoredServer } from './monitored.ts';

/** `Version.getFullVersion`: whose behaviour this is, and that it is not that server itself. */
export const VERSION = '3.8.0-zabscope, built on 2026-01-01 00:00 UTC';

/** Each simulated disk has its server's data directory at its root. */
const DATA_FOLDER = 'version-2';

export function dataDir({ ctx }: Subject): string {
  return `/s${ctx.sid}/${DATA_FOLDER}`;
}

/** Bytes of logs, snapshots and epoch files, which are in one folder here (`getDataDirSize`, `getLogDirSize`). */
export function dataDirSize({ ctx: { disk } }: Subject): number {
  return disk.list(`${DATA_FOLDER}/`).reduce((sum, file) => sum + disk.size(file), 0);
}

/** Its own line of the configuration. */
export function ownServer({ ctx, peer }: Subject<MonitoredServer | null>): QuorumServer {
  const own = labServer({ sid: ctx.sid, role: peer?.learnerType === 'OBSERVER' ? 'observer' : 'participant' });
  const member = peer?.quorumVerifier.member(ctx.sid);
  return member ? { ...member, client: member.client ?? own.client } : own;
}

/** `getServerId`: a standalone server has none. */
export function serverId({ ctx, peer }: Subject): number {
  return peer ? ctx.sid : 0;
}

/** [least, most] ms. */
export function sessionTimeouts({ ctx: { zoo } }: Subject): readonly [min: number, max: number] {
  const { tickTime, minSessionTimeout, maxSessionTimeout } = zoo;
  return [
    minSessionTimeout === -1 ? 2 * tickTime : minSessionTimeout,
    maxSessionTimeout === -1 ? 20 * tickTime : maxSessionTimeout,
  ];
}

/** `DataTree.getNodeCount`: the root is in Java's map twice, as `/` and as the empty path. */
export function nodeCount({ server }: Subject): number {
  return server.db.dataTree.nodeCount + 1;
}

/** `QuorumPeer.getDetailedPeerState` */
export function peerState(peer: NonNullable<Subject['peer']>): string {
  const { state, zabState, syncMode } = peer;
  return [state, zabState === 'ELECTION' ? null : zabState, syncMode]
    .filter((part) => part !== null)
    .join(' - ')
    .toLowerCase();
}

/** `Time.elapsedTimeToDate`, in UTC, of an instant of the process's clock. */
export function javaDate(elapsed: number): string {
  return formatDate(WALL_CLOCK_EPOCH_MS + Math.floor(elapsed));
}

/** `Long.toHexString` */
export function hex(value: number): string {
  return BigInt.asUintN(64, BigInt(value)).toString(16);
}
