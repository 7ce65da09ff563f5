/** The ensemble of a seed: servers, settings, latencies, disks. Times are short, so that much happens in a run. */
import type { ScenarioClient } from '../lab/index.ts';
import { settingName, type Role, type ZooConfig } from '../protocol/config.ts';
import { COUNTER_MAX } from '../protocol/zxid.ts';
import { Dice } from './dice.ts';
import { faultsOf, type Profile } from './profiles.ts';

export interface Setup {
  readonly servers: readonly { readonly sid: number; readonly role: Role }[];
  /** Keys of `ensemble` beside the servers, as in a scenario. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly tickTime: number;
  /** ms */
  readonly latency: readonly [number, number];
  readonly fsync: readonly [number, number];
  readonly disks: Readonly<Record<string, unknown>>;
  readonly clients: readonly ScenarioClient[];
  /** Whether servers can be reconfigured by these clients. */
  readonly reconfig: boolean;
  /** Whether there are nodes with a time to live. */
  readonly ttl: boolean;
}

/** Profiles in which the counter of some ensembles is near its end when an epoch begins. */
const ROLLING: readonly Profile[] = ['crash', 'chaos'];
const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin'];

/** `voters`: how many; null: the seed says. */
export function drawSetup(seed: number, profile: Profile, voters: number | null): Setup {
  const dice = new Dice(seed, 'setup');
  const faults = faultsOf(profile);
  const reconfig = faults.includes('join') && (profile === 'reconfig' || dice.chance(0.4));
  const count = voters ?? dice.pick([3, 3, 3, 4, 5, 5, 6, 7]);
  const observers = dice.chance(0.35) ? dice.int(1, 2) : 0;
  const servers = Array.from({ length: count + observers }, (_, i) => ({
    sid: i + 1,
    role: i < count ? ('participant' as const) : ('observer' as const),
  }));
  const tickTime = dice.pick([200, 250, 400, 500, 500, 1000]);
  const latencyMax = dice.pick([2, 8, 15, 25, 30]);
  const latency = [Math.max(1, Math.round(latencyMax * dice.pick([0.2, 0.6, 0.9]))), latencyMax] as const;
  const fsync = dice.pick([[0, 1] as const, [2, 6] as const, [2, 6] as const, [1, 30] as const]);
  const ttl = dice.chance(0.4);
  const local = dice.chance(0.2);
  const readOnly = dice.chance(0.15);
  // Nobody forces the disk: a machine that dies takes what was acknowledged with it, so none may die.
  const forceSync = faults.some((fault) => fault === 'kill' || fault === 'wipe') || dice.chance(0.8);
  const maxSessionTimeout = dice.pick([8000, 15_000, 30_000]);
  const settings: { -readonly [S in keyof ZooConfig]?: ZooConfig[S] } = {
    tickTime,
    initLimit: dice.pick([5, 10, 10]),
    syncLimit: dice.pick([3, 5, 5]),
    maxSessionTimeout,
    snapCount: dice.pick([100_000, 100, 40, 15, 8]),
    commitLogCount: dice.pick([500, 500, 30, 10, 3]),
    snapshotSizeFactor: dice.pick([0.33, 0.33, -1, 5]),
    preAllocSize: dice.pick([64, 64, 4]),
    txnLogSizeLimitInKb: dice.pick([-1, -1, 8]),
    digestEnabled: dice.chance(0.8),
    forceSync,
    leaderServes: dice.chance(0.85),
    syncEnabled: dice.chance(0.85),
    standaloneEnabled: false,
    containerCheckIntervalMs: dice.pick([500, 2000, 60_000]),
    containerMaxNeverUsedIntervalMs: dice.pick([0, 2000]),
    enforceQuota: dice.chance(0.3),
    enableEagerACLCheck: dice.chance(0.2),
    fourLetterWhitelist: '*',
  };
  if (ttl) settings.extendedTypesEnabled = true;
  if (local) {
    settings.localSessionsEnabled = true;
    settings.localSessionsUpgradingEnabled = dice.chance(0.8);
  }
  if (readOnly) settings.readonlymodeEnabled = true;
  if (reconfig) {
    settings.reconfigEnabled = true;
    settings.skipACL = true;
  }
  // Nobody waits for 2^32 writes. A stream of its own: the other settings of a seed are what they are without it.
  const end = new Dice(seed, 'rollover');
  if (ROLLING.includes(profile) && end.chance(0.15)) settings.initialZxid = COUNTER_MAX - end.int(5, 60);
  const groups = !reconfig && count >= 3 && dice.chance(0.12) ? drawGroups(dice, count) : {};
  const clients = NAMES.slice(0, dice.int(2, 5)).map((name) => ({
    name,
    server: dice.pick(servers).sid,
    // Enough for a session on the last of all servers, whatever the latency.
    sessionTimeout: dice.int(Math.max(2 * tickTime, 500 * servers.length), maxSessionTimeout),
    readOnly: readOnly && dice.chance(0.5),
    chroot: dice.chance(0.1) ? '/a' : '',
  }));
  const disks = dice.chance(0.15) ? { '*': drawDisk(dice) } : {};
  const named = Object.entries(settings).map(([name, value]) => [settingName(name as keyof ZooConfig), value] as const);
  return {
    ...{ servers, settings: { ...Object.fromEntries(named), ...groups }, tickTime },
    ...{ latency, fsync, disks, clients, reconfig, ttl },
  };
}

/** Groups of voters 1 to `count`, and weights; at most one voter weighs nothing. */
function drawGroups(dice: Dice, count: number): Readonly<Record<string, unknown>> {
  const sids = Array.from({ length: count }, (_, i) => i + 1);
  const number = count >= 6 ? 3 : 1;
  const groups: Record<string, number[]> = {};
  for (const sid of sids) (groups[1 + (sid % number)] ??= []).push(sid);
  const weights = Object.fromEntries(sids.map((sid) => [sid, dice.pick([1, 1, 1, 2, 3])]));
  if (number === 1 && dice.chance(0.3)) weights[dice.pick(sids)] = 0;
  return { groups, weights };
}

/** The same on every server: an ensemble that has lived, with counters near their end. */
function drawDisk(dice: Dice): Readonly<Record<string, unknown>> {
  const epoch = dice.pick([1, 4, 200]);
  const zxid = (back: number): string => `0x${(epoch * 2 ** 32 + 0xffffffff - back).toString(16)}`;
  const paths = ['/a', '/b', '/a/x', '/c', '/b/y'].slice(0, dice.int(1, 5));
  const log = paths.map((path, i) => ({ zxid: zxid(paths.length - i), op: 'create', path, data: 'old' }));
  return { acceptedEpoch: epoch, currentEpoch: epoch, log };
}
