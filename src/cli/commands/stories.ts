/** `stories [NAME…]`: plays each story of a broken rule with its defect and without; see src/lesson/prove-story.ts. */
import { parseArgs } from 'node:util';
import type { Violation } from '../../check/index.ts';
import { InlineHost } from '../../lab/hosts/inline.ts';
import { createProcess, Lab } from '../../lab/index.ts';
import { proveStory } from '../../lesson/index.ts';
import { readStory, storyNames } from '../stories.ts';
import { parsed, UsageError, type Command } from '../usage.ts';

interface Told {
  readonly story: string;
  readonly defect: string | null;
  readonly caught: Violation | null;
  readonly steps: readonly number[];
  readonly problems: readonly string[];
}

export const stories: Command = {
  name: 'stories',
  usage: 'stories [NAME…] [--json]',
  async run(args) {
    const { values, positionals } = parsed(() =>
      parseArgs({ args: [...args], allowPositionals: true, options: { json: { type: 'boolean', default: false } } }),
    );
    const told: Told[] = [];
    for (const folder of choose(positionals)) {
      const one = await prove(folder);
      told.push(one);
      if (!values.json) console.log(forPeople(one));
    }
    const failed = told.filter(({ problems }) => problems.length > 0);
    if (values.json) console.log(JSON.stringify({ stories: told, failed: failed.length }, null, 2));
    else console.log(`${told.length - failed.length} stories hold, ${failed.length} fail`);
    return failed.length > 0 ? 1 : 0;
  },
};

/** Folders of the stories, by name. */
function choose(names: readonly string[]): readonly string[] {
  const all = storyNames();
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new UsageError(`There is no story ${unknown} in lessons/broken-rules.`);
  return names.length === 0 ? all : names;
}

async function prove(folder: string): Promise<Told> {
  const story = readStory(folder);
  if (typeof story === 'string') return { story: folder, defect: null, caught: null, steps: [], problems: [story] };
  const { caught, problems } = await proveStory(story, (scenario) =>
    Lab.open(scenario, () => new InlineHost(createProcess)),
  );
  return { story: folder, defect: story.defect, caught, steps: story.steps.map(({ at }) => at), problems };
}

function forPeople({ story, caught, steps, problems }: Told): string {
  const by = caught === null ? 'not caught' : `caught by ${caught.property} at ${caught.at} ms: ${caught.says}`;
  return [
    `${problems.length === 0 ? 'ok  ' : 'FAIL'}  ${story}: ${by}`,
    ...(steps.length === 0 ? [] : [`      ${steps.length} steps, at ${steps.join(', ')} ms`]),
    ...problems.map((problem) => `      ${problem}`),
  ].join('\n');
}
