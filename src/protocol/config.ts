/** Configuration of servers, under ZooKeeper's own names and units (reference: zookeeperAdmin). */
import type { Sid } from './ids.ts';

export type Role = 'participant' | 'observer';

/** `server.<sid>=…` of the ensemble's configuration. */
export interface MemberConfig {
  readonly sid: Sid;
  readonly role: Role;
}

/** `group.<gid>=<sid>:<sid>…` and `weight.<sid>=<n>`: hierarchical quorums. Without groups a majority rules. */
export interface QuorumGroups {
  /** By group id: its participants. Each participant is in one group. */
  readonly groups: Readonly<Record<string, readonly Sid[]>>;
  /** By sid; 1 where absent. */
  readonly weights: Readonly<Record<string, number>>;
}

/** Settings that all servers of a lab share (`zoo.cfg` and system properties). Names in files: {@link SETTING_NAMES}. */
export interface ZooConfig {
  /** ms */
  readonly tickTime: number;
  /** ticks */
  readonly initLimit: number;
  /** ticks */
  readonly syncLimit: number;
  /** Transactions between snapshots, at least 2. */
  readonly snapCount: number;
  /** KiB of log between snapshots; 0 or less: no limit. */
  readonly snapSizeLimitInKb: number;
  /** Committed transactions kept in memory for DIFF. ZooKeeper raises values below 500 to 500; here any value from 1. */
  readonly commitLogCount: number;
  /** Share of the snapshot's size up to which a learner is synchronized from the log on disk; negative: never. */
  readonly snapshotSizeFactor: number;
  /** Fsync the log before acknowledging. */
  readonly forceSync: boolean;
  /** KiB by which a log file grows ahead of its end. ZooKeeper: 65,536; here 64. */
  readonly preAllocSize: number;
  /** KiB after which a new log file is begun; negative: no limit. */
  readonly txnLogSizeLimitInKb: number;
  /** Digests of the tree in the log. */
  readonly digestEnabled: boolean;
  /** A log without any snapshot is taken for whole. */
  readonly snapshotTrustEmpty: boolean;
  /** An empty disk is taken for a new server's; else it may have lost its data, unless there is a file `initialize`. */
  readonly dbAutocreate: boolean;
  /** Snapshots that a purge keeps, at least 3. */
  readonly autopurgeSnapRetainCount: number;
  /** Hours between purges; 0: none. */
  readonly autopurgePurgeInterval: number;
  readonly leaderServes: boolean;
  /** ms; −1: 2 × tickTime */
  readonly minSessionTimeout: number;
  /** ms; −1: 20 × tickTime */
  readonly maxSessionTimeout: number;
  readonly localSessionsEnabled: boolean;
  readonly localSessionsUpgradingEnabled: boolean;
  /** Serve reads without a quorum, to clients that allow it. */
  readonly readonlymodeEnabled: boolean;
  /** A lone server runs without quorum code. */
  readonly standaloneEnabled: boolean;
  /** Observers write a log and snapshots, too. */
  readonly syncEnabled: boolean;
  /** Connections of one client address; 0: no limit. */
  readonly maxClientCnxns: number;
  /** `jute.maxbuffer`, bytes */
  readonly juteMaxBuffer: number;
  readonly reconfigEnabled: boolean;
  readonly extendedTypesEnabled: boolean;
  readonly enforceQuota: boolean;
  /** No permission is ever checked. */
  readonly skipACL: boolean;
  /** Learners check permissions themselves before they forward a write. */
  readonly enableEagerACLCheck: boolean;
  /** `super:` and the digest of its password; empty: there is no super user. */
  readonly superDigest: string;
  /** ms between two looks of the leader's ContainerManager */
  readonly containerCheckIntervalMs: number;
  /** Deletions per minute. */
  readonly containerMaxPerMinute: number;
  /** ms after which a container that never had a child is deleted; 0: never. */
  readonly containerMaxNeverUsedIntervalMs: number;
  /** Names separated by commas, or `*`. */
  readonly fourLetterWhitelist: string;
  /**
   * The real server's own hook for tests of the rollover, which nobody waits for otherwise: the counter from which every new
   * leader goes on, so that its first transaction is (epoch, this + 1). 0: as usual.
   */
  readonly initialZxid: number;
}

export const ZOO_DEFAULTS: ZooConfig = {
  tickTime: 2000,
  initLimit: 10,
  syncLimit: 5,
  snapCount: 100_000,
  snapSizeLimitInKb: 4_194_304,
  commitLogCount: 500,
  snapshotSizeFactor: 0.33,
  forceSync: true,
  preAllocSize: 64,
  txnLogSizeLimitInKb: -1,
  digestEnabled: true,
  snapshotTrustEmpty: false,
  dbAutocreate: true,
  autopurgeSnapRetainCount: 3,
  autopurgePurgeInterval: 0,
  leaderServes: true,
  minSessionTimeout: -1,
  maxSessionTimeout: -1,
  localSessionsEnabled: false,
  localSessionsUpgradingEnabled: false,
  readonlymodeEnabled: false,
  standaloneEnabled: true,
  syncEnabled: true,
  maxClientCnxns: 60,
  juteMaxBuffer: 0xfffff,
  reconfigEnabled: false,
  extendedTypesEnabled: false,
  enforceQuota: false,
  skipACL: false,
  enableEagerACLCheck: false,
  superDigest: '',
  containerCheckIntervalMs: 60_000,
  containerMaxPerMinute: 10_000,
  containerMaxNeverUsedIntervalMs: 0,
  fourLetterWhitelist: 'srvr',
  initialZxid: 0,
};

/** How files and scenarios call a setting, where that is no plain name. */
const SETTING_NAMES: Readonly<Partial<Record<keyof ZooConfig, string>>> = {
  juteMaxBuffer: 'jute.maxbuffer',
  digestEnabled: 'digest.enabled',
  snapshotTrustEmpty: 'snapshot.trust.empty',
  dbAutocreate: 'db.autocreate',
  autopurgeSnapRetainCount: 'autopurge.snapRetainCount',
  autopurgePurgeInterval: 'autopurge.purgeInterval',
  readonlymodeEnabled: 'readonlymode.enabled',
  superDigest: 'DigestAuthenticationProvider.superDigest',
  containerCheckIntervalMs: 'znode.container.checkIntervalMs',
  containerMaxPerMinute: 'znode.container.maxPerMinute',
  containerMaxNeverUsedIntervalMs: 'znode.container.maxNeverUsedIntervalMs',
  fourLetterWhitelist: '4lw.commands.whitelist',
  initialZxid: 'testingonly.initialZxid',
};

/** The name of a setting in files and scenarios. */
export function settingName(setting: keyof ZooConfig): string {
  return SETTING_NAMES[setting] ?? setting;
}
