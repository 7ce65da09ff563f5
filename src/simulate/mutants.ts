/** Defects under simulation: in which profile each is hunted, and what the hunts prove of the checkers. */
import { PROPERTY_NAMES, type Property } from '../check/index.ts';
import { DEFECTS } from '../protocol/defect-facts.ts';
import type { Defect } from '../protocol/defects.ts';
import { LIVENESS_NAMES, type LivenessProperty } from './liveness.ts';
import type { Finding } from './play.ts';
import type { Profile } from './profiles.ts';

/** Where a property was seen to break: in simulations, or in the story of the defect. */
export type Proof = 'seeds' | 'story';

/** What the hunt for one defect came to. */
export interface Hunt {
  readonly defect: Defect;
  readonly profile: Profile;
  /** How many seeds it took, that one included; null: none of them caught it. */
  readonly seeds: number | null;
  /** What broke in that seed, in the order in which it was found: the first one has caught it. */
  readonly properties: readonly Finding['property'][];
  /** Everything that broke in any seed that was played, or in the story, with where. */
  readonly broken: ReadonlyMap<Finding['property'], Proof>;
}

/** By the family of the broken rule: the profile whose faults bring it to light soonest. The others want all of them. */
const PROFILE_OF: Readonly<Record<string, Profile>> = {
  reconfig: 'reconfig',
  session: 'sessions',
  client: 'sessions',
  watch: 'sessions',
  request: 'network',
};

/** What shows soonest in stagings. */
const STAGED: readonly Defect[] = [
  'trunc-across-epochs',
  'zxid-before-diff',
  'snapshot-named-too-late',
  'keep-half-snapshot',
  'epoch-before-log',
  'hole-in-committed-log',
  'forget-promise',
  'accept-old-leader',
  'learner-ignores-silence',
  'ignore-checksum',
  'log-thread-survives-role',
  'two-reconfigs-at-once',
  'ignore-session-owner',
  'serve-closing-session',
  'client-accepts-older-server',
  'server-accepts-newer-client',
  'watch-ignores-acl',
];

export function profileFor(defect: Defect): Profile {
  if (STAGED.includes(defect)) return 'staged';
  const { breaks } = DEFECTS[defect];
  // Counters near their end are drawn for chaos.
  if (breaks === 'request.rollover') return 'chaos';
  return PROFILE_OF[breaks.split('.')[0] ?? ''] ?? 'chaos';
}

/** The properties that no defect has broken: their checkers are unproved by these hunts and stories. */
export function unproved(hunts: readonly Hunt[]): readonly (Property | LivenessProperty)[] {
  const broken = new Set(hunts.flatMap(({ broken }) => [...broken.keys()]));
  return [...PROPERTY_NAMES, ...LIVENESS_NAMES].filter((property) => !broken.has(property));
}
