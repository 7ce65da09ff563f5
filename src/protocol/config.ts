/** Configuration of servers, under ZooKeeper's own names and units (reference: zookeeperAdmin). */
import type { Sid } from './ids.ts';

export type Role = 'participant' | 'observer';

/** `server.<sid>=…` of the ensemble's configuration. */
export interface MemberConfig {
  readonly sid: Sid;
  readonly role: Role;
}

/** Settings that all servers of a lab share (`zoo.cfg`). */
export interface ZooConfig {
  /** ms */
  readonly tickTime: number;
  /** ticks */
  readonly initLimit: number;
  /** ticks */
  readonly syncLimit: number;
  /** Transactions between snapshots, at least 2. */
  readonly snapCount: number;
  /** Committed transactions kept in memory for DIFF. ZooKeeper raises values below 500 to 500; here any value from 1. */
  readonly commitLogCount: number;
  /** Share of the snapshot's size up to which a learner is synchronized from the log on disk; negative: never. */
  readonly snapshotSizeFactor: number;
  /** Fsync the log before acknowledging. */
  readonly forceSync: boolean;
  readonly leaderServes: boolean;
  /** ms; −1: 2 × tickTime */
  readonly minSessionTimeout: number;
  /** ms; −1: 20 × tickTime */
  readonly maxSessionTimeout: number;
  /** `jute.maxbuffer`, bytes */
  readonly juteMaxBuffer: number;
  readonly reconfigEnabled: boolean;
  readonly extendedTypesEnabled: boolean;
}

export const ZOO_DEFAULTS: ZooConfig = {
  tickTime: 2000,
  initLimit: 10,
  syncLimit: 5,
  snapCount: 100_000,
  commitLogCount: 500,
  snapshotSizeFactor: 0.33,
  forceSync: true,
  leaderServes: true,
  minSessionTimeout: -1,
  maxSessionTimeout: -1,
  juteMaxBuffer: 0xfffff,
  reconfigEnabled: false,
  extendedTypesEnabled: false,
};
