/** `simulate --mutate all`: each defect in turn, until it is caught; and the document that tells of it. */
import { PROPERTIES } from '../../check/index.ts';
import { DEFECTS } from '../../protocol/defect-facts.ts';
import { DEFECT_NAMES, type Defect } from '../../protocol/defects.ts';
import {
  LIVENESS,
  profileFor,
  unproved,
  type GenerateOptions,
  type Hunt,
  type LivenessProperty,
  type Profile,
} from '../../simulate/index.ts';
import { campaign, type Range } from './campaign.ts';
import type { Pool } from './pool.ts';

/** `profile`: null: that of each defect's family. */
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
  const { broken } = await campaign(pool, seeds, options, ({ violations }) => violations.length > 0);
  const caught = broken.find(({ violations }) => violations.length > 0);
  return {
    defect,
    profile: options.profile,
    seeds: caught ? caught.seed - seeds.first + 1 : null,
    properties: [...new Set(caught?.violations.map(({ property }) => property))],
  };
}

/** One line of a report for people. */
export function huntLine({ defect, profile, seeds, properties }: Hunt): string {
  const name = defect.padEnd(34);
  return seeds === null
    ? `${name} not caught (${profile})`
    : `${name} ${String(seeds).padStart(4)} (${profile}): ${properties.join(', ')}`;
}

/** docs/broken-rules.md. */
export function document(hunts: readonly Hunt[], { first, last }: Range): string {
  const open = unproved(hunts);
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rows = hunts.map(({ defect, profile, seeds, properties }) => {
    const { says, breaks, history } = DEFECTS[defect];
    const [caught = 'nothing', ...more] = properties;
    return row([
      `\`${defect}\``,
      says,
      `\`${breaks}\``,
      caught,
      more.join(', '),
      seeds === null ? `none of ${last - first + 1}` : String(seeds),
      profile,
      history ?? '',
    ]);
  });
  const facts = Object.entries({ ...PROPERTIES, ...LIVENESS }) as [
    keyof typeof PROPERTIES | LivenessProperty,
    { says: string; source: string },
  ][];
  const properties = facts.map(([name, { says, source }]) => {
    const by = hunts.filter((each) => each.properties.includes(name)).length;
    return row([name, says, source, open.includes(name) ? 'unproved' : String(by)]);
  });
  return [
    '# Broken rules',
    '',
    'Each rule of the protocol that a lab can be told to break (`src/protocol/defects.ts`), and what the checkers make of it. Written by',
    '`npm run lab -- simulate --mutate all --write docs/broken-rules.md`: every defect is hunted with random scenarios until a seed breaks a property.',
    '',
    `Seeds from ${first} on. _Caught by_ is the property that broke first, _also broken_ is what broke later in that run, _seeds_ is how many it took.`,
    '',
    row(['Defect', 'What it does', 'Rule', 'Caught by', 'Also broken', 'Seeds', 'Profile', 'History']),
    row(['---', '---', '---', '---', '---', '---:', '---', '---']),
    ...rows,
    '',
    '## Properties',
    '',
    'How many of these defects broke each property in the run that caught them. One that none broke is unproved here: that its checker can fail is shown by its unit tests only.',
    '',
    row(['Property', 'What always holds', 'Source', 'Broken by']),
    row(['---', '---', '---', '---:']),
    ...properties,
    '',
  ].join('\n');
}
