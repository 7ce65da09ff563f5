import type { Rule } from './rule.ts';

/** Rules `monitor.*`: what a server measures and what it tells operators (reference: zookeeperAdmin, zookeeperMonitor). */
export const MONITOR_RULES = {
  'monitor.whitelist': {
    says: 'A server answers only the four-letter words of its whitelist, which always holds srvr, and isro with read-only mode.',
    source: 'FourLetterCommands.isEnabled, NopCommand',
  },
  'monitor.not-serving': {
    says: 'A server that serves nobody says that it is not currently serving requests, whatever report it is asked for.',
    source: 'AbstractFourLetterCommand.ZK_NOT_SERVING',
  },
  'monitor.ruok': {
    says: 'A process that runs answers ruok with imok, which says nothing about a quorum.',
    source: 'RuokCommand.commandRun',
  },
  'monitor.srvr': {
    says: 'srvr tells the server’s latency, packets, connections, last zxid and mode, and a leader’s sizes of proposals.',
    source: 'StatCommand.commandRun, ServerStats.toString',
  },
  'monitor.stat': {
    says: 'stat is srvr with one brief line for each connection.',
    source: 'StatCommand.commandRun',
  },
  'monitor.cons': {
    says: 'cons tells of each connection its packets and, once it has a session, its last request and its latency.',
    source: 'ConsCommand.commandRun, ServerCnxn.dumpConnectionInfo',
  },
  'monitor.crst': {
    says: 'crst sets back the statistics of every connection.',
    source: 'CnxnStatResetCommand.commandRun',
  },
  'monitor.srst': {
    says: 'srst sets back packets, latency and every counter of the process, but no gauge.',
    source: 'StatResetCommand.commandRun, ServerStats.reset',
  },
  'monitor.mntr': {
    says: 'mntr tells everything that is measured, one key and value a line; which keys there are depends on the role.',
    source: 'MonitorCommand.commandRun, ZooKeeperServer.registerMetrics',
  },
  'monitor.conf': {
    says: 'conf tells ports, directories and limits, and a server of an ensemble the committed configuration.',
    source: 'ConfCommand.commandRun, QuorumZooKeeperServer.dumpConf',
  },
  'monitor.envi': {
    says: 'envi tells in what the server runs, whether it serves or not.',
    source: 'EnvCommand.commandRun, Environment.list',
  },
  'monitor.dump': {
    says: 'dump tells sessions and ephemeral znodes; only who expires sessions knows when they do.',
    source: 'DumpCommand.commandRun, SessionTracker.dumpSessions',
  },
  'monitor.wchs': {
    says: 'wchs counts the data watches of this server, and not its child watches.',
    source: 'WatchCommand.commandRun, DataTree.dumpWatchesSummary',
  },
  'monitor.wchc': {
    says: 'wchc lists the data watches of this server by session.',
    source: 'WatchCommand.commandRun, WatchManager.dumpWatches',
  },
  'monitor.wchp': {
    says: 'wchp lists the data watches of this server by path.',
    source: 'WatchCommand.commandRun, WatchManager.dumpWatches',
  },
  'monitor.dirs': {
    says: 'dirs tells the bytes of the server’s files.',
    source: 'DirsCommand.commandRun, ZooKeeperServer.getDataDirSize',
  },
  'monitor.hash': {
    says: 'hash tells the digests of the tree at every 128th zxid.',
    source: 'DigestCommand.commandRun, DataTree.getDigestLog',
  },
  'monitor.trace-mask': {
    says: 'gtmk tells the mask of traces, and stmk changes it.',
    source: 'TraceMaskCommand.commandRun, SetTraceMaskCommand.commandRun',
  },
  'monitor.admin': {
    says: 'The admin server answers a command with JSON; the whitelist of four-letter words is no concern of it.',
    source: 'Commands.runCommand, JsonOutputter.output',
  },
  'monitor.admin-not-serving': {
    says: 'A command of the admin server that needs a serving role is answered with an error while there is none.',
    source: 'Commands.runCommand',
  },
  'monitor.admin-unknown': {
    says: 'The admin server answers a command that it does not know with an error that names it.',
    source: 'Commands.runCommand',
  },
  'monitor.connection': {
    says: 'Whoever asks a four-letter word is a connection and a packet as any other, and is counted while it is answered.',
    source: 'NIOServerCnxn.checkFourLetterWord, ServerCnxn.packetReceived',
  },
  'monitor.latency': {
    says: 'Latency is the time from a request’s receipt to its answer at the server that the client is connected to, pings included.',
    source: 'FinalRequestProcessor.updateStats, ServerStats.updateLatency',
  },
  'monitor.role-stats': {
    says: 'Packets, latency and uptime begin anew with each serving role; counters and summaries go on as long as the process.',
    source: 'ZooKeeperServer.<init>, ServerMetrics.getMetrics',
  },
  'monitor.znode-count': {
    says: 'znode_count counts the root twice: an empty server has 5.',
    source: 'DataTree.getNodeCount',
  },
  'monitor.watch-count': {
    says: 'watch_count counts both tables of watches.',
    source: 'DataTree.getWatchCount',
  },
  'monitor.peer-state': {
    says: 'peer_state is the server’s state, then the phase of ZAB unless it elects, then how it is being synchronized.',
    source: 'QuorumPeer.getDetailedPeerState',
  },
  'monitor.synced-followers': {
    says: 'synced_followers counts the followers that get every proposal: of n healthy voters the leader tells n − 1.',
    source: 'LeaderZooKeeperServer.registerMetrics, Leader.getForwardingFollowers',
  },
  'monitor.quorum-size': {
    says: 'quorum_size is the number of voters in the committed configuration, whether they live or not.',
    source: 'QuorumPeer.getQuorumSize',
  },
  'monitor.percentiles': {
    says: 'A summary keeps average, least, most, count and sum; an advanced one also percentiles of at most 4096 values.',
    source: 'AvgMinMaxCounter.values, AvgMinMaxPercentileCounter.values',
  },
  'monitor.sync-counts': {
    says: 'A leader counts each synchronization as snap or diff, and a TRUNC is a diff.',
    source: 'LearnerHandler.run',
  },
  'monitor.unavailable-time': {
    says: 'unavailable_time runs from looking for a leader until the server serves again; the leader’s own counts apart as well.',
    source: 'QuorumPeer.setZabState',
  },
  'monitor.election-time': {
    says: 'election_time runs from the call to look for a leader until the server leads or follows; observers measure none.',
    source: 'Leader.lead, Follower.followLeader',
  },
  'monitor.propagation': {
    says: 'propagation_latency is measured from the time in the transaction, which is the leader’s clock: skew distorts it.',
    source: 'FinalRequestProcessor.applyRequest',
  },
  'monitor.watchers-told': {
    says: 'Each change of a znode that somebody waits for adds to a summary how many wait.',
    source: 'WatchManager.triggerWatch',
  },
  'monitor.namespaces': {
    says: 'Bytes read and written are summed up by the first name of the path.',
    source: 'DataTree.updateReadStat, DataTree.updateWriteStat',
  },
  'monitor.quota-gauges': {
    says: 'Limits and use of quotas are told for each first name of a path, all quotas below it added up.',
    source: 'QuotaMetricsUtils.getQuotaLimitOrUsage',
  },
} as const satisfies Record<`monitor.${string}`, Rule>;
