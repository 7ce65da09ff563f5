/**
 * The keys of `mntr` and of the command `monitor` (`dumpMonitorValues`, `registerMetrics` of each serving role): what the
 * role is, its gauges, then the counters of the process.
 */
import { statsTrackOf } from '../tree/quota.ts';
import { nodeCount, peerState, VERSION } from './facts.ts';
import type { MonitoredLeader, Subject } from './monitored.ts';
import { topNamespace } from './server-metrics.ts';
import { javaDouble, type MetricLine } from './summary.ts';

/** Values that are text (`dumpMonitorValues`). */
export function monitorTexts({ server, peer }: Subject): readonly MetricLine[] {
  const lines: MetricLine[] = [
    ['version', VERSION],
    ['server_state', server.mode],
  ];
  // A read-only server is no QuorumZooKeeperServer.
  if (peer && server.mode !== 'read-only') lines.push(['peer_state', peerState(peer)]);
  return lines;
}

/** Values that are numbers, in the order of their registration. */
export function monitorNumbers(subject: Subject): readonly MetricLine[] {
  const { ctx, server, peer } = subject;
  const lines: MetricLine[] = [];
  if (peer && server.mode === 'observer') lines.push(['observer_master_id', String(peer.leaderId)]);
  lines.push(...commonGauges(subject));
  if (peer && server.mode !== 'read-only') {
    lines.push(['quorum_size', String(peer.quorumVerifier.votingMembers.length)]);
    if (peer.leading) lines.push(...leaderGauges(peer.leading, peer.quorumVerifier.votingMembers));
  }
  return [...lines, ...quotaGauges(subject), ...ctx.metrics.lines()];
}

/** `ZooKeeperServer.registerMetrics`. The lab has no file descriptors: −1, as on a system that is no Unix; and no TLS. */
function commonGauges(subject: Subject): readonly MetricLine[] {
  const { ctx, server, cnxns } = subject;
  const { stats, db, sessionTracker } = server;
  const { latency, clientResponses } = stats;
  const gauges: readonly (readonly [string, number])[] = [
    ['max_latency', latency.max],
    ['min_latency', latency.min],
    ['packets_received', stats.packetsReceived],
    ['packets_sent', stats.packetsSent],
    ['num_alive_connections', cnxns.all.length],
    ['outstanding_requests', stats.inProcess],
    ['uptime', stats.uptime(ctx.elapsed())],
    ['znode_count', nodeCount(subject)],
    ['watch_count', db.watches.size],
    ['ephemerals_count', db.dataTree.ephemerals.reduce((sum, [, paths]) => sum + paths.length, 0)],
    ['approximate_data_size', approximateDataSize(subject)],
    ['global_sessions', db.sessionsWithTimeouts.size],
    ['local_sessions', sessionTracker.sessions.local?.reduce((sum, [, ids]) => sum + ids.length, 0) ?? 0],
    ['open_file_descriptor_count', -1],
    ['max_file_descriptor_count', -1],
    ['last_client_response_size', clientResponses.last],
    ['max_client_response_size', clientResponses.max],
    ['min_client_response_size', clientResponses.min],
    ['outstanding_tls_handshake', 0],
    ['auth_failed_count', stats.authFailed],
    ['non_mtls_remote_conn_count', 0],
    ['non_mtls_local_conn_count', 0],
  ];
  return [
    ['avg_latency', javaDouble(latency.average)],
    ...gauges.map(([key, value]): MetricLine => [key, String(value)]),
    ['connection_drop_probability', '0.0'],
  ];
}

/** `LeaderZooKeeperServer.registerMetrics` */
function leaderGauges(leader: MonitoredLeader, voters: readonly number[]): readonly MetricLine[] {
  const { forwardingFollowers, proposalStats } = leader;
  const gauges: readonly (readonly [string, number])[] = [
    ['learners', leader.learnerCount],
    ['synced_followers', forwardingFollowers.length],
    ['synced_non_voting_followers', forwardingFollowers.filter((sid) => sid === null || !voters.includes(sid)).length],
    ['synced_observers', leader.observingLearners.length],
    ['pending_syncs', leader.pendingSyncs],
    ['leader_uptime', leader.uptime],
    ['last_proposal_size', proposalStats.last],
    ['max_proposal_size', proposalStats.max],
    ['min_proposal_size', proposalStats.min],
  ];
  return gauges.map(([key, value]) => [key, String(value)]);
}

/** `DataTree.approximateDataSize`: characters of all paths and bytes of all data; the root is there twice. */
function approximateDataSize({ server: { db } }: Subject): number {
  let size = db.dataTree.node('/')?.data?.length ?? 0;
  for (const [path, { data }] of db.dataTree.walk()) size += path.length + (data?.length ?? 0);
  return size;
}

const QUOTA_NODE = '/zookeeper/quota';

/** `QuotaMetricsUtils`: limits and use of all quotas below one name of the root, added up. */
function quotaGauges({ server: { db } }: Subject): readonly MetricLine[] {
  const sums = new Map<string, Map<string, bigint>>(
    ['count_limit', 'bytes_limit', 'count_usage', 'bytes_usage'].map((what) => [what, new Map()]),
  );
  for (const [path, { data, children }] of db.dataTree.walk(QUOTA_NODE)) {
    if (children.size > 0) continue;
    const limits = path.endsWith('/zookeeper_limits');
    if (!limits && !path.endsWith('/zookeeper_stats')) continue;
    const namespace = topNamespace(path.slice(QUOTA_NODE.length, path.lastIndexOf('/')));
    const track = statsTrackOf(data);
    if (namespace === null || !track) continue;
    const add = (what: string, value: bigint): void => {
      const sum = sums.get(what);
      sum?.set(namespace, (sum.get(namespace) ?? 0n) + value);
    };
    const of = (name: string): bigint => track.get(name) ?? -1n;
    const either = (hard: string, soft: string): bigint => (of(hard) > -1n ? of(hard) : of(soft));
    add(limits ? 'count_limit' : 'count_usage', limits ? either('countHardLimit', 'count') : of('count'));
    add(limits ? 'bytes_limit' : 'bytes_usage', limits ? either('byteHardLimit', 'bytes') : of('bytes'));
  }
  return [...sums].flatMap(([what, sum]) =>
    [...sum].map(([namespace, value]): MetricLine => [`${namespace}_quota_${what}_per_namespace`, String(value)]),
  );
}
