/** Profiles: which faults a simulation may use, and which floors its runs must reach. */

/** What can be done to an ensemble, by what it strikes. */
export const FAULTS = {
  network: [
    'cut',
    'one-way-cut',
    'partition',
    'isolate',
    'client-cut',
    'latency-storm',
    'drop-connection',
    'hold',
    'drop',
  ],
  crash: ['kill', 'kill-many', 'rolling-restart', 'ensemble-restart'],
  disk: ['slow-disk', 'full-disk', 'wipe', 'lose-log', 'lose-snapshots', 'tear', 'corrupt'],
  pause: ['pause'],
  reconfig: ['join', 'leave', 'role', 'members', 'wrong-reconfig'],
  sessions: ['client-death', 'client-move', 'client-pause', 'client-close', 'clock'],
} as const;

export type FaultGroup = keyof typeof FAULTS;
export type Fault = (typeof FAULTS)[FaultGroup][number];

const GROUPS = Object.keys(FAULTS) as readonly FaultGroup[];

/**
 * By name of the profile: the groups of faults that it draws from. A disk only loses anything when its server dies. `staged`
 * draws none: it plays stagings (src/simulate/stagings.ts), which are as long as they are.
 */
export const PROFILES = {
  calm: [],
  network: ['network'],
  crash: ['crash'],
  disk: ['disk'],
  pause: ['pause'],
  reconfig: ['reconfig'],
  sessions: ['sessions'],
  chaos: GROUPS,
  staged: [],
} as const satisfies Record<string, readonly FaultGroup[]>;

export type Profile = keyof typeof PROFILES;
export const PROFILE_NAMES = Object.keys(PROFILES) as readonly Profile[];

/** The faults that `profile` draws from. */
export function faultsOf(profile: Profile): readonly Fault[] {
  return PROFILES[profile].flatMap((group: FaultGroup): readonly Fault[] => FAULTS[group]);
}
