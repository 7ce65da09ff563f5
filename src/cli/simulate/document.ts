/** docs/broken-rules.md: what catches each defect, and what breaks each property. */
import { PROPERTIES } from '../../check/index.ts';
import { DEFECTS } from '../../protocol/defect-facts.ts';
import { RULES } from '../../protocol/rules/index.ts';
import { LIVENESS, unproved, type Finding, type Hunt } from '../../simulate/index.ts';
import type { Range } from './campaign.ts';

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
        ? `none of ${last - first + 1} (${hunt.profile}): its story only`
        : `${hunt.seeds} (${hunt.profile})`,
      history ?? '',
    ]);
  });
  const open: readonly string[] = unproved(hunts);
  const properties = (Object.entries({ ...PROPERTIES, ...LIVENESS }) as [Finding['property'], { says: string }][]).map(
    ([name, { says }]) => {
      const by = (proof: string): string =>
        hunts.flatMap((hunt) => (hunt.broken.get(name) === proof ? [`\`${hunt.defect}\``] : [])).join(', ');
      return row([name, says, open.includes(name) ? '**unproved**' : by('seeds'), by('story')]);
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
