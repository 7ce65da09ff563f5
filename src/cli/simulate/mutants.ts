/** `simulate --mutate all`: each defect in turn, until it is caught, and its story. */
import { DEFECT_NAMES, type Defect } from '../../protocol/defects.ts';
import {
  isNew,
  profileFor,
  type Finding,
  type GenerateOptions,
  type Hunt,
  type Profile,
  type Proof,
} from '../../simulate/index.ts';
import { readStory } from '../stories.ts';
import { campaign, type Range } from './campaign.ts';
import type { Pool } from './pool.ts';

/** `profile`: null: that of each defect. */
export async function huntAll(
  pool: Pool,
  seeds: Range,
  options: GenerateOptions,
  profile: Profile | null,
  told: (hunt: Hunt) => void,
): Promise<readonly Hunt[]> {
  const hunts: Hunt[] = [];
  for (const defect of DEFECT_NAMES) {
    const found = await hunt(
      pool,
      seeds,
      { ...options, profile: profile ?? profileFor(defect), defects: [defect] },
      defect,
    );
    told(found);
    hunts.push(found);
  }
  return hunts;
}

async function hunt(pool: Pool, seeds: Range, options: GenerateOptions, defect: Defect): Promise<Hunt> {
  let caught: { readonly seeds: number; readonly properties: readonly Finding['property'][] } | null = null;
  const broken = new Map<Finding['property'], Proof>();
  await campaign(pool, seeds, options, ({ seed, violations }) => {
    const properties = [...new Set(violations.filter(isNew).map(({ property }) => property))];
    for (const property of properties) broken.set(property, 'seeds');
    if (properties.length > 0) caught = { seeds: seed - seeds.first + 1, properties };
    return caught !== null;
  });
  const story = readStory(defect);
  if (typeof story !== 'string') {
    const played = await pool.do({ do: 'play', scenario: story.scenario });
    for (const { property } of played) if (!broken.has(property)) broken.set(property, 'story');
  }
  return { ...{ defect, profile: options.profile, seeds: null, properties: [] }, ...(caught ?? {}), broken };
}

/** One line of a report for people. */
export function huntLine({ defect, profile, seeds, properties }: Hunt): string {
  const name = defect.padEnd(34);
  return seeds === null
    ? `${name} not caught (${profile})`
    : `${name} ${String(seeds).padStart(4)} (${profile}): ${properties.join(', ')}`;
}
