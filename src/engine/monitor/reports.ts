/** Reports as text that several four-letter words print: connections, sessions, ephemerals, watches, configuration. */
import { NO_SESSION, type SessionId } from '../../protocol/ids.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import { dataDir, dataDirSize, hex, javaDate, nodeCount, ownServer, serverId, sessionTimeouts } from './facts.ts';
import type { MonitoredCnxn, Subject } from './monitored.ts';
import { javaDouble } from './summary.ts';

export type WatchesByPath = readonly (readonly [path: string, sessions: readonly SessionId[]])[];
export type WatchesBySession = readonly (readonly [session: SessionId, paths: readonly string[]])[];

/** `ServerStats.toString` and what `srvr` adds. */
export function serverLines(subject: Subject): readonly string[] {
  const { server, peer, cnxns } = subject;
  const { stats, db, mode } = server;
  const { latency } = stats;
  const sizes = peer?.leading?.proposalStats;
  return [
    `Latency min/avg/max: ${latency.min}/${javaDouble(latency.average)}/${latency.max}`,
    `Received: ${stats.packetsReceived}`,
    `Sent: ${stats.packetsSent}`,
    `Connections: ${cnxns.all.length}`,
    `Outstanding: ${stats.inProcess}`,
    `Zxid: 0x${hex(db.lastProcessedZxid)}`,
    `Mode: ${mode}`,
    `Node count: ${nodeCount(subject)}`,
    ...(sizes ? [`Proposal sizes last/min/max: ${sizes.last}/${sizes.min}/${sizes.max}`] : []),
  ];
}

/** `ServerCnxn.dumpConnectionInfo` */
export function connectionLine(cnxn: MonitoredCnxn, brief: boolean): string {
  const { address, port, sessionId, stats } = cnxn;
  const fields = [`queued=${stats.outstanding}`, `recved=${stats.packetsReceived}`, `sent=${stats.packetsSent}`];
  if (!brief && sessionId !== NO_SESSION) {
    fields.push(
      `sid=${sessionId}`,
      `lop=${stats.lastOperation}`,
      `est=${cnxn.established}`,
      `to=${cnxn.sessionTimeout}`,
    );
    if (stats.lastCxid >= 0) fields.push(`lcxid=0x${hex(stats.lastCxid)}`);
    fields.push(
      `lzxid=0x${hex(stats.lastZxid)}`,
      `lresp=${stats.lastResponseTime}`,
      `llat=${stats.lastLatency}`,
      `minlat=${stats.minLatency}`,
      `avglat=${stats.avgLatency}`,
      `maxlat=${stats.maxLatency}`,
    );
  }
  return ` /${address}:${port}[${interestOps(cnxn)}](${fields.join(',')})`;
}

/** `SelectionKey.OP_READ`, unless nothing is read; what is sent leaves at once. */
export function interestOps({ asked, recvEnabled }: MonitoredCnxn): number {
  return asked || !recvEnabled ? 0 : 1;
}

/** `SessionTracker.dumpSessions`: who can expire sessions tells when, others tell what they know. */
export function sessionLines({ server: { sessionTracker } }: Subject): readonly string[] {
  const { local, global } = sessionTracker.sessions;
  const lines: string[] = [];
  if (local) lines.push(...expiryLines('Local Session', local, (id) => id));
  if (isBuckets(global)) {
    lines.push(...expiryLines(local ? 'Global Session' : 'Session', global, (id) => id));
  } else {
    lines.push(`Global Sessions(${global.size}):`);
    for (const [id, timeout] of [...global].sort(([a], [b]) => (BigInt(a) < BigInt(b) ? -1 : 1))) {
      lines.push(`${id}\t${timeout}ms`);
    }
  }
  return lines;
}

/** `NIOServerCnxnFactory.dumpConnections` */
export function connectionExpiryLines({ cnxns }: Subject): readonly string[] {
  return expiryLines(
    'Connections',
    cnxns.expiries,
    ({ address, port, sessionId }) => `ip: /${address}:${port} sessionId: ${sessionId}`,
  );
}

/** `DataTree.dumpEphemerals` */
export function ephemeralLines({ server: { db } }: Subject): readonly string[] {
  const { ephemerals } = db.dataTree;
  return [
    `Sessions with Ephemerals (${ephemerals.length}):`,
    ...ephemerals.flatMap(([session, paths]) => [`${session}:`, ...paths.map((path) => `\t${path}`)]),
  ];
}

/** The table of data watches; that of child watches is in no report but `watch_count`. */
export function dataWatches({ server: { db } }: Subject): WatchesByPath {
  return db.watches.entries('data');
}

export function bySession(watches: WatchesByPath): WatchesBySession {
  const paths = new Map<SessionId, string[]>();
  for (const [path, sessions] of watches) {
    for (const session of sessions) paths.set(session, [...(paths.get(session) ?? []), path]);
  }
  return [...paths];
}

export function watchTotals(watches: WatchesByPath): {
  readonly connections: number;
  readonly paths: number;
  readonly total: number;
} {
  const total = watches.reduce((sum, [, sessions]) => sum + sessions.length, 0);
  return { connections: bySession(watches).length, paths: watches.length, total };
}

/** `ZooKeeperServer.dumpConf`, `QuorumZooKeeperServer.dumpConf` */
export function configurationLines(subject: Subject): readonly string[] {
  const { ctx, peer, server } = subject;
  const { zoo } = ctx;
  const own = ownServer(subject);
  const [min, max] = sessionTimeouts(subject);
  const size = dataDirSize(subject);
  const lines = [
    `clientPort=${own.client?.port ?? -1}`,
    'secureClientPort=-1',
    `dataDir=${dataDir(subject)}`,
    `dataDirSize=${size}`,
    `dataLogDir=${dataDir(subject)}`,
    `dataLogSize=${size}`,
    `tickTime=${zoo.tickTime}`,
    `maxClientCnxns=${zoo.maxClientCnxns}`,
    `minSessionTimeout=${min}`,
    `maxSessionTimeout=${max}`,
    'clientPortListenBacklog=-1',
    `serverId=${serverId(subject)}`,
  ];
  if (!peer) return lines;
  lines.push(
    `initLimit=${zoo.initLimit}`,
    `syncLimit=${zoo.syncLimit}`,
    'electionAlg=3',
    `electionPort=${own.election.port}`,
    `quorumPort=${own.quorum.port}`,
    `peerType=${peer.learnerType === 'OBSERVER' ? 1 : 0}`,
  );
  return server.mode === 'read-only' ? lines : [...lines, 'membership: ', ...peer.quorumVerifier.text.split('\n')];
}

/** `ExpiryQueue.dump` */
function expiryLines<E>(
  title: string,
  buckets: readonly (readonly [VirtualTime, readonly E[]])[],
  show: (element: E) => string,
): readonly string[] {
  const all = buckets.reduce((sum, [, elements]) => sum + elements.length, 0);
  return [
    `${title} Sets (${buckets.length})/(${all}):`,
    ...buckets.flatMap(([at, elements]) => [
      `${elements.length} expire at ${javaDate(at)}:`,
      ...elements.map((element) => `\t${show(element)}`),
    ]),
  ];
}

function isBuckets<A, B>(sessions: readonly A[] | ReadonlyMap<SessionId, B>): sessions is readonly A[] {
  return Array.isArray(sessions);
}
