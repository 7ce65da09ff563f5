/** docs/broken-rules.md: what catches each defect, and what breaks each property. */
import { PROPERTIES } from '../../check/index.ts';
import { DEFECTS } from '../../protocol/defect-facts.ts';
import type { Defect } from '../../protocol/defects.ts';
import { RULES } from '../../protocol/rules/index.ts';
import { LIVENESS, unproved, type Finding, type Hunt } from '../../simulate/index.ts';
import type { Range } from './campaign.ts';

/** Why random runs do not meet a defect, where they do not. */
const NOT_MET: Readonly<Partial<Record<Defect, string>>> = {
  'trunc-across-epochs':
    ', because a leader would have to hold a log that begins behind a snapshot at the very end of an epoch, and a learner to have logged alone in the next one',
};

/** Properties that neither a seed nor a story breaks, but a scenario made for it. */
const BY_HAND: Readonly<Partial<Record<Finding['property'], string>>> = {
  LinearizableWrites: '`commit-without-quorum`, in test/scenarios/broken/linearizable-writes.json',
};

/** A story catches a defect with one property only. */
export function document(hunts: readonly Hunt[], { first, last }: Range): string {
  const rows = hunts.map((hunt) => {
    const { says, breaks, history } = DEFECTS[hunt.defect];
    const [caught, ...more] = hunt.properties;
    return row([
      `\`${hunt.defect}\``,
      says,
      `\`${breaks}\` (${RULES[breaks].source})`,
      caught === undefined ? [...hunt.broken.keys()].join(', ') : [`**${caught}**`, ...more].join(', '),
      hunt.seeds === null
        ? `none of ${last - first + 1} (${hunt.profile}): its story only${NOT_MET[hunt.defect] ?? ''}`
        : `${hunt.seeds} (${hunt.profile})`,
      history ?? '',
    ]);
  });
  const open: readonly string[] = unproved(hunts);
  const properties = (Object.entries({ ...PROPERTIES, ...LIVENESS }) as [Finding['property'], { says: string }][]).map(
    ([name, { says }]) => {
      const by = (proof: string): string =>
        hunts.flatMap((hunt) => (hunt.broken.get(name) === proof ? [`\`${hunt.defect}\``] : [])).join(', ');
      return row([name, says, open.includes(name) ? (BY_HAND[name] ?? '**unproved**') : by('seeds'), by('story')]);
    },
  );
  return [
    '# Broken rules',
    '',
    'Each rule of the protocol that a lab can be told to break (`src/protocol/defects.ts`), and what the checkers make of it. Written by',
    `\`npm run lab -- simulate --mutate all --seeds ${first}-${last} --write docs/broken-rules.md\`: every defect is hunted with random scenarios until a seed breaks a property.`,
    '`lessons/broken-rules` has the shortest story of each.',
    '',
    `_Caught by_: what broke in the run that caught it, the first in bold. _Seeds_: how many it took, from seed ${first} on, in the profile in which it shows soonest; \`simulate --mutate NAME --profile PROFILE --seeds ${first}-N\` does it again.`,
    '',
    row(['Defect', 'What it does', 'Rule (source in ZooKeeper)', 'Caught by', 'Seeds (profile)', 'Real bug']),
    row(['---', '---', '---', '---', '---', '---']),
    ...rows,
    '',
    '## Properties and what breaks them',
    '',
    'A property that no defect breaks, in simulations or in a story, is **unproved**: that its checker can fail is shown by its unit tests only. What breaks it in simulations is not named again under its stories.',
    '',
    row(['Property', 'What always holds', 'Broken in simulations by', 'Broken in stories by']),
    row(['---', '---', '---', '---']),
    ...properties,
    '',
  ].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
