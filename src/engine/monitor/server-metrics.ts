/**
 * The counters and summaries of one server process (`ServerMetrics`, `DefaultMetricsProvider`): they outlive its
 * roles, and only `srst` sets them back. Times are virtual ms, cut to whole ones as Java's clocks are.
 *
 * Every name of ZooKeeper 3.8 is here. What the lab has nothing for stays 0, which is then the truth: TLS, SASL, Netty,
 * request throttling, caches of responses, the observer master, the cleaner of WatchManagerOptimized, pauses of a JVM.
 * Steps between queues take no virtual time, so their times are 0 too; only disk, network and timers make others grow.
 */
import { PercentileSummary, Summary, type MetricLine, type RandomSource } from './summary.ts';

const COUNTERS = [
  'looking_count',
  'diff_count',
  'snap_count',
  'commit_count',
  'connection_request_count',
  'connection_rejected',
  'bytes_received_count',
  'unrecoverable_error_count',
  'add_dead_watcher_stall_time',
  'dead_watchers_queued',
  'dead_watchers_cleared',
  'response_packet_cache_hits',
  'response_packet_cache_misses',
  'response_packet_get_children_cache_hits',
  'response_packet_get_children_cache_misses',
  'ensemble_auth_success',
  'ensemble_auth_fail',
  'ensemble_auth_skip',
  'prep_processor_request_queued',
  'outstanding_changes_queued',
  'outstanding_changes_removed',
  'revalidate_count',
  'connection_drop_count',
  'connection_revalidate_count',
  'sessionless_connections_expired',
  'stale_sessions_expired',
  'request_commit_queued',
  'throttled_ops',
  'learner_proposal_received_count',
  'learner_commit_received_count',
  'sync_processor_request_queued',
  'proposal_count',
  'quit_leading_due_to_disloyal_voter',
  'stale_requests',
  'stale_requests_dropped',
  'stale_replies',
  'request_throttle_wait_count',
  'large_requests_rejected',
  'digest_mismatches_count',
  'unsuccessful_handshake',
  'insecure_admin_count',
  'tls_handshake_exceeded',
  'cnxn_closed_without_zk_server_running',
  'skip_learner_request_to_next_processor_count',
  'requests_not_forwarded_to_commit_processor',
  'response_bytes',
  'watch_bytes',
] as const;

const BASIC_SUMMARIES = [
  'fsynctime',
  'snapshottime',
  'dbinittime',
  'follower_sync_time',
  'observer_sync_time',
  'election_time',
  'connection_token_deficit',
  'inflight_snap_count',
  'inflight_diff_count',
  'node_created_watch_count',
  'node_deleted_watch_count',
  'node_changed_watch_count',
  'node_children_watch_count',
  'prep_processor_queue_size',
  'prep_process_time',
  'proposal_process_time',
  'unavailable_time',
  'leader_unavailable_time',
  'requests_in_session_queue',
  'pending_session_queue_size',
  'reads_after_write_in_session_queue',
  'reads_issued_from_session_queue',
  'session_queues_drained',
  'time_waiting_empty_pool_in_commit_processor_read_ms',
  'write_batch_time_in_commit_processor',
  'concurrent_request_processing_in_commit_processor',
  'read_commit_proc_req_queued',
  'write_commit_proc_req_queued',
  'commit_commit_proc_req_queued',
  'read_commit_proc_issued',
  'write_commit_proc_issued',
  'commit_process_time',
  'startup_txns_loaded',
  'startup_txns_load_time',
  'startup_snap_load_time',
  'sync_processor_queue_size',
  'sync_process_time',
  'sync_processor_batch_size',
  'netty_queued_buffer_capacity',
  'learner_request_processor_queue_size',
  'socket_closing_time',
] as const;

const ADVANCED_SUMMARIES = [
  'readlatency',
  'updatelatency',
  'propagation_latency',
  'dead_watchers_cleaner_latency',
  'prep_processor_queue_time_ms',
  'close_session_prep_time',
  'read_commitproc_time_ms',
  'write_commitproc_time_ms',
  'local_write_committed_time_ms',
  'server_write_committed_time_ms',
  'om_proposal_process_time_ms',
  'om_commit_process_time_ms',
  'read_final_proc_time_ms',
  'write_final_proc_time_ms',
  'proposal_latency',
  'proposal_ack_creation_latency',
  'commit_propagation_latency',
  'sync_processor_queue_and_flush_time_ms',
  'sync_processor_queue_time_ms',
  'sync_processor_queue_flush_time_ms',
  'quorum_ack_latency',
  'request_throttle_queue_time_ms',
  'jvm_pause_time_ms',
] as const;

const BASIC_SETS = ['write_per_namespace', 'read_per_namespace', 'learner_handler_qp_size'] as const;
const ADVANCED_SETS = ['learner_handler_qp_time_ms', 'ack_latency'] as const;
const COUNTER_SETS = ['quota_exceeded_error_per_namespace'] as const;

export type CounterName = (typeof COUNTERS)[number];
export type SummaryName = (typeof BASIC_SUMMARIES)[number] | (typeof ADVANCED_SUMMARIES)[number];
export type SummarySetName = (typeof BASIC_SETS)[number] | (typeof ADVANCED_SETS)[number];
export type CounterSetName = (typeof COUNTER_SETS)[number];

export class ServerMetrics {
  readonly #random: RandomSource;
  readonly #counters = new Map<CounterName, number>(COUNTERS.map((name) => [name, 0]));
  readonly #summaries = new Map<SummaryName, Summary>();
  /** By name, then by namespace or sid, in the order in which those came up. */
  readonly #summarySets = new Map<SummarySetName, Map<string, Summary>>();
  readonly #counterSets = new Map<CounterSetName, Map<string, number>>();

  /** @param random for the percentiles of many values */
  constructor(random: RandomSource) {
    this.#random = random;
    for (const name of BASIC_SUMMARIES) this.#summaries.set(name, new Summary());
    for (const name of ADVANCED_SUMMARIES) this.#summaries.set(name, new PercentileSummary(random));
    for (const name of [...BASIC_SETS, ...ADVANCED_SETS]) this.#summarySets.set(name, new Map());
    for (const name of COUNTER_SETS) this.#counterSets.set(name, new Map());
  }

  count(name: CounterName, delta = 1): void {
    this.#counters.set(name, (this.#counters.get(name) ?? 0) + delta);
  }

  add(name: SummaryName, value: number): void {
    this.#summaries.get(name)?.add(value);
  }

  /** `Request.logLatency`: of a transaction, by its header's time; a leader's clock that is ahead counts for nothing. */
  addLatency(name: SummaryName, wallClock: number, { time }: { readonly time: number }): void {
    if (wallClock >= time) this.add(name, wallClock - time);
  }

  addTo(name: SummarySetName, key: string, value: number): void {
    const set = this.#summarySets.get(name);
    const summary = set?.get(key) ?? (isAdvanced(name) ? new PercentileSummary(this.#random) : new Summary());
    summary.add(value);
    set?.set(key, summary);
  }

  countIn(name: CounterSetName, key: string): void {
    const set = this.#counterSets.get(name);
    set?.set(key, (set.get(key) ?? 0) + 1);
  }

  /** `resetAllValues`: keys stay. */
  reset(): void {
    for (const name of this.#counters.keys()) this.#counters.set(name, 0);
    for (const set of this.#counterSets.values()) for (const key of set.keys()) set.set(key, 0);
    for (const summary of this.#summaries.values()) summary.reset();
    for (const set of this.#summarySets.values()) for (const summary of set.values()) summary.reset();
  }

  /** Counters, then summaries, then sets. */
  lines(): readonly MetricLine[] {
    const lines: MetricLine[] = [...this.#counters].map(([name, value]) => [name, String(value)]);
    for (const [name, set] of this.#counterSets) {
      for (const [key, value] of set) lines.push([`${key}_${name}`, String(value)]);
    }
    for (const [name, summary] of this.#summaries) lines.push(...summary.lines(name));
    for (const [name, set] of this.#summarySets) {
      for (const [key, summary] of set) lines.push(...summary.lines(`${key}_${name}`));
    }
    return lines;
  }
}

function isAdvanced(name: SummarySetName): boolean {
  return (ADVANCED_SETS as readonly string[]).includes(name);
}

/** The first name of a path: metrics are told apart by it (`PathUtils.getTopNamespace`). Null for the root. */
export function topNamespace(path: string): string | null {
  return path.split('/')[1] || null;
}
