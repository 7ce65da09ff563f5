/** Defects under simulation: in which profile each is hunted, and what the hunts prove of the checkers. */
import { PROPERTY_NAMES, type Property } from '../check/index.ts';
import { DEFECTS } from '../protocol/defect-facts.ts';
import type { Defect } from '../protocol/defects.ts';
import { LIVENESS_NAMES, type LivenessProperty } from './liveness.ts';
import type { Finding } from './play.ts';
import type { Profile } from './profiles.ts';

/** What the hunt for one defect came to. */
export interface Hunt {
  readonly defect: Defect;
  readonly profile: Profile;
  /** How many seeds it took, that one included; null: none of them caught it. */
  readonly seeds: number | null;
  /** What broke in that seed, in the order in which it was found: the first one has caught it. */
  readonly properties: readonly Finding['property'][];
}

/** By the family of the broken rule: the profile whose faults bring it to light soonest. The others want all of them. */
const PROFILE_OF: Readonly<Record<string, Profile>> = {
  reconfig: 'reconfig',
  session: 'sessions',
  client: 'sessions',
  watch: 'sessions',
  request: 'network',
};

export function profileFor(defect: Defect): Profile {
  const { breaks } = DEFECTS[defect];
  // Counters near their end are drawn for chaos.
  if (breaks === 'request.rollover') return 'chaos';
  return PROFILE_OF[breaks.split('.')[0] ?? ''] ?? 'chaos';
}

/** The properties that no defect has broken: their checkers are unproved by these hunts. */
export function unproved(hunts: readonly Hunt[]): readonly (Property | LivenessProperty)[] {
  const broken = new Set(hunts.flatMap(({ properties }) => properties));
  return [...PROPERTY_NAMES, ...LIVENESS_NAMES].filter((property) => !broken.has(property));
}
