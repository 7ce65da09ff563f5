/** Commands of the admin server and their answers as JSON (`org.apache.zookeeper.server.admin.Commands` of 3.8). */
import { ADMIN_COMMANDS, ADMIN_PATH, type AdminCommand } from '../../protocol/monitoring.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { formatAddress } from '../../protocol/quorum-config.ts';
import type { Address, QuorumServer } from '../../protocol/quorum-config.ts';
import { counterOf, epochOf } from '../../protocol/zxid.ts';
import { environment } from './environment.ts';
import { dataDir, dataDirSize, hex, nodeCount, ownServer, serverId, sessionTimeouts, VERSION } from './facts.ts';
import { NOT_SERVING, type Answer, type FourLetterWords } from './four-letter-words.ts';
import { jacksonText, object, type JavaNumber, type Json, type JsonObject } from './json.ts';
import { monitorNumbers, monitorTexts } from './mntr.ts';
import type { MonitoredCnxn, MonitoredServer, Subject } from './monitored.ts';
import { bySession, dataWatches, interestOps, watchTotals } from './reports.ts';
import type { BufferStats } from './server-stats.ts';
import { javaDouble } from './summary.ts';

type Members = readonly (readonly [string, Json])[];

/** Commands that need a serving role. */
const SERVING: Readonly<Record<ServingCommand, (subject: Subject) => Members>> = {
  configuration: (subject) => {
    const [min, max] = sessionTimeouts(subject);
    return members({
      client_port: ownServer(subject).client?.port ?? -1,
      data_dir: dataDir(subject),
      data_log_dir: dataDir(subject),
      tick_time: subject.ctx.zoo.tickTime,
      max_client_cnxns: subject.ctx.zoo.maxClientCnxns,
      min_session_timeout: min,
      max_session_timeout: max,
      server_id: serverId(subject),
      client_port_listen_backlog: -1,
    });
  },
  connection_stat_reset: ({ cnxns }) => {
    for (const { stats } of cnxns.all) stats.reset();
    return [];
  },
  connections: (subject) => connections(subject, false),
  dirs: (subject) => members({ datadir_size: dataDirSize(subject), logdir_size: dataDirSize(subject) }),
  dump: ({ server }) => {
    const { local, global } = server.sessionTracker.sessions;
    // A learner can tell of local sessions only.
    const buckets = Array.isArray(global) ? (global as NonNullable<typeof local>) : (local ?? []);
    const expiries = buckets.map(([at, ids]): [string, Json] => [String(Math.floor(at)), ids.map(javaLong)]);
    const ephemerals = server.db.dataTree.ephemerals.map(([id, paths]): [string, Json] => [javaLong(id).number, paths]);
    return members({
      expiry_time_to_session_ids: new Map(expiries),
      session_id_to_ephemeral_paths: new Map(ephemerals),
    });
  },
  hash: ({ server: { db } }) => [
    [
      'digests',
      db.recentDigests.map(({ zxid, digestVersion, digest }) =>
        object({ zxid, digest_version: digestVersion, digest: { number: String(digest) } }),
      ),
    ],
  ],
  // Every server of a lab is given its configuration by the lab, not by a text.
  initial_configuration: () => [['initial_configuration', null]],
  is_read_only: ({ server }) => [['read_only', server.mode === 'read-only']],
  last_snapshot: ({ server: { db } }) => {
    const last = db.lastSnapshot;
    return members({ zxid: hex(last?.zxid ?? -1), timestamp: last?.timestamp ?? -1 });
  },
  leader: (subject) => {
    const { peer } = ofEnsemble(subject);
    if (!peer) return [['error', 'server is not initialized']];
    const leader = peer.quorumVerifier.member(peer.leaderId);
    return members({
      is_leader: subject.server.mode === 'leader',
      leader_id: peer.leaderId,
      leader_ip: leader?.quorum.host ?? '',
    });
  },
  observer_connection_stat_reset: () => [],
  observers: ({ peer }) => {
    const observers = peer?.leading?.observingLearners ?? [];
    return members({
      synced_observers: observers.length,
      observers: observers.map((observer) =>
        object({
          remote_socket_address: `/s${observer.sid}`,
          sid: observer.sid,
          established: observer.established,
          queued_packets: 0,
          queued_packets_size: 0,
          packets_received: observer.packetsReceived,
          packets_sent: observer.packetsSent,
          requests: observer.requests,
          last_zxid: observer.lastZxid,
        }),
      ),
    });
  },
  ruok: () => [],
  server_stats: (subject) => serverStats(subject),
  stat_reset: ({ server }) => {
    server.stats.reset();
    return [];
  },
  stats: (subject) => [...serverStats(subject), ...connections(subject, true)],
  voting_view: (subject) => {
    const { peer } = ofEnsemble(subject);
    const voters = peer?.quorumVerifier.votingMembers ?? [];
    const view = voters.flatMap((sid): [string, Json][] => {
      const member = peer?.quorumVerifier.member(sid);
      return member ? [[String(sid), voterView(member)]] : [];
    });
    return [['current_config', new Map(view)]];
  },
  watch_summary: (subject) => {
    const { connections, paths, total } = watchTotals(dataWatches(subject));
    return members({ num_connections: connections, num_paths: paths, num_total_watches: total });
  },
  watches: (subject) => {
    const entries = bySession(dataWatches(subject)).map(([id, paths]): [string, Json] => [javaLong(id).number, paths]);
    return [['session_id_to_watched_paths', new Map(entries)]];
  },
  watches_by_path: (subject) => {
    const entries = dataWatches(subject).map(([path, ids]): [string, Json] => [path, ids.map(javaLong)]);
    return [['path_to_session_ids', new Map(entries)]];
  },
  // The real server of 3.8 fails with an exception while nobody serves.
  monitor: (subject) => [
    ...monitorTexts(subject),
    ...monitorNumbers(subject).map(([key, value]): [string, Json] => [key, { number: value }]),
  ],
};
type AnytimeCommand = 'environment' | 'get_trace_mask' | 'set_trace_mask' | 'system_properties' | 'zabstate';
type ServingCommand = Exclude<AdminCommand, AnytimeCommand>;

/** Primary names, by every name that a command has. */
const NAMES: ReadonlyMap<string, AdminCommand> = new Map(
  (Object.entries(ADMIN_COMMANDS) as [AdminCommand, readonly string[]][]).flatMap(([name, others]) =>
    [name, ...others].map((each) => [each, name] as const),
  ),
);

/**
 * The answer to `/commands/<name>`, with `?traceMask=<n>` behind a set_trace_mask.
 * @param subject whose server is the role that runs, whether clients are served by it or not
 */
export function answerAdminCommand(
  target: string,
  subject: Subject<MonitoredServer | null>,
  words: FourLetterWords,
): Answer {
  const [called = '', query = ''] = target.slice(ADMIN_PATH.length).split('?');
  const command = NAMES.get(called);
  if (command === undefined) return failure(called, `Unknown command: ${called}`, 'monitor.admin-unknown');
  switch (command) {
    case 'environment':
      return response(command, environment(subject));
    case 'get_trace_mask':
      return response(command, [['tracemask', words.traceMask]]);
    case 'set_trace_mask':
      return response(command, setTraceMask(query, words));
    case 'system_properties':
      // There is no Java in a lab.
      return response(command, []);
    case 'zabstate':
      return response(command, zabState(subject));
    default: {
      const { server } = subject;
      if (!server) return failure(called, NOT_SERVING, 'monitor.admin-not-serving');
      return response(command, SERVING[command]({ ...subject, server }));
    }
  }
}

/** `CommandResponse.toMap`, where the answer itself may say what is wrong. */
function response(command: string, answer: Members): Answer {
  const all = new Map<string, Json>([...answer, ['command', command]]);
  if (!all.has('error')) all.set('error', null);
  return { text: `${jacksonText(all)}\n`, rule: 'monitor.admin' };
}

function failure(command: string, error: string, rule: Answer['rule']): Answer {
  return { text: `${jacksonText(object({ command, error }))}\n`, rule };
}

function setTraceMask(query: string, words: FourLetterWords): Members {
  const [name, mask = ''] = query.split('=');
  if (name !== 'traceMask') return [['error', 'setTraceMask requires long traceMask argument']];
  if (!/^\d{1,15}$/.test(mask)) return [['error', `setTraceMask requires long traceMask argument, got ${mask}`]];
  words.traceMask = Number(mask);
  return [['tracemask', words.traceMask]];
}

function zabState(subject: Subject<MonitoredServer | null>): Members {
  const { server, peer, ctx } = subject;
  if (!server || !peer || server.mode === 'read-only') return members({ voting: false, zabstate: '' });
  const own = ownServer(subject);
  const zxid = server.db.lastProcessedZxid;
  return members({
    myid: ctx.sid,
    is_leader: server.mode === 'leader',
    quorum_address: addresses(own.quorum),
    election_address: addresses(own.election),
    client_address: own.client ? formatAddress(own.client) : '',
    voting: peer.quorumVerifier.votingMembers.includes(ctx.sid),
    last_zxid: `0x${hex(zxid)}`,
    zab_epoch: epochOf(zxid),
    zab_counter: counterOf(zxid),
    zabstate: peer.zabState.toLowerCase(),
  });
}

/** `MultipleAddresses`, of which every server of a lab has one. */
function addresses(address: Address): JsonObject {
  const one = formatAddress(address);
  return object({
    empty: false,
    all_addresses: [one],
    all_reachable_addresses: [one],
    one,
    reachable_address: one,
    wildcard_addresses: [`0.0.0.0:${address.port}`],
    all_ports: [address.port],
    all_host_strings: [address.host],
    all_reachable_addresses_or_all: [one],
    reachable_or_one: one,
  });
}

/** `VotingViewCommand.QuorumServerView` */
function voterView({ quorum, election, client, role }: QuorumServer): JsonObject {
  return object({
    server_addresses: [formatAddress(quorum)],
    election_addresses: [formatAddress(election)],
    client_address: client ? formatAddress(client) : '',
    learner_type: role,
  });
}

function serverStats(subject: Subject): Members {
  const { ctx, server, peer, cnxns } = subject;
  const { stats, db } = server;
  const { latency } = stats;
  const leading = peer?.leading;
  return members({
    version: VERSION,
    read_only: server.mode === 'read-only',
    server_stats: object({
      packets_sent: stats.packetsSent,
      packets_received: stats.packetsReceived,
      fsync_threshold_exceed_count: ctx.fsyncWarnings,
      client_response_stats: bufferStats(stats.clientResponses),
      provider_null: false,
      data_dir_size: dataDirSize(subject),
      log_dir_size: dataDirSize(subject),
      server_state: server.mode,
      outstanding_requests: stats.inProcess,
      min_latency: latency.min,
      avg_latency: { number: javaDouble(latency.average) },
      max_latency: latency.max,
      last_processed_zxid: db.lastProcessedZxid,
      num_alive_client_connections: cnxns.all.length,
      uptime: stats.uptime(ctx.elapsed()),
      auth_failed_count: stats.authFailed,
      non_mtlsremote_conn_count: 0,
      non_mtlslocal_conn_count: 0,
    }),
    client_response: bufferStats(stats.clientResponses),
    ...(leading ? { proposal_stats: bufferStats(leading.proposalStats) } : {}),
    node_count: nodeCount(subject),
  });
}

function bufferStats({ last, min, max }: BufferStats): JsonObject {
  return object({ last_buffer_size: last, min_buffer_size: min, max_buffer_size: max });
}

function connections({ cnxns }: Subject, brief: boolean): Members {
  return members({ connections: cnxns.all.map((cnxn) => connectionInfo(cnxn, brief)), secure_connections: [] });
}

/** `ServerCnxn.getConnectionInfo` */
function connectionInfo(cnxn: MonitoredCnxn, brief: boolean): JsonObject {
  const { stats } = cnxn;
  return object({
    remote_socket_address: `${cnxn.address}:${cnxn.port}`,
    interest_ops: interestOps(cnxn),
    outstanding_requests: stats.outstanding,
    packets_received: stats.packetsReceived,
    packets_sent: stats.packetsSent,
    ...(brief
      ? {}
      : {
          session_id: javaLong(cnxn.sessionId),
          last_operation: stats.lastOperation,
          established: cnxn.established,
          session_timeout: cnxn.sessionTimeout,
          last_cxid: stats.lastCxid,
          last_zxid: stats.lastZxid,
          last_response_time: stats.lastResponseTime,
          last_latency: stats.lastLatency,
          min_latency: stats.minLatency,
          avg_latency: stats.avgLatency,
          max_latency: stats.maxLatency,
        }),
  });
}

/** A QuorumZooKeeperServer; a read-only server is none. */
function ofEnsemble({ server, peer }: Subject): Pick<Subject, 'peer'> {
  return { peer: server.mode === 'read-only' ? null : peer };
}

/** A session's id as a signed number of 64 bits. */
function javaLong(id: SessionId): JavaNumber {
  return { number: String(BigInt.asIntN(64, BigInt(id))) };
}

function members(all: Readonly<Record<string, Json>>): Members {
  return Object.entries(all);
}
