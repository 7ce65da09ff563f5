/** What a server measures, and what it tells operators: four-letter words, `mntr`, the admin server's commands. */
export { Monitor } from './monitor.ts';
export type {
  Mode,
  MonitoredCnxn,
  MonitoredCnxns,
  MonitoredLeader,
  MonitoredLearner,
  MonitoredPeer,
  MonitoredServer,
} from './monitored.ts';
export { ServerMetrics, topNamespace, type SummaryName } from './server-metrics.ts';
export { BufferStats, CnxnStats, ServerStats } from './server-stats.ts';
