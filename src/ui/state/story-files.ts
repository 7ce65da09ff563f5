/** Stories of broken rules as the build found them in `lessons/broken-rules`: each is loaded when somebody opens it. */
import { parseStory, type ParsedStory } from '../../lesson/index.ts';
import type { Defect } from '../../protocol/defects.ts';

const FOLDER = '../../../lessons/broken-rules';
const FILES = import.meta.glob<unknown>(
  ['../../../lessons/broken-rules/*/story.json', '../../../lessons/broken-rules/*/text.en.json'],
  { import: 'default' },
);

/** The story of a defect, or why there is none to tell. */
export async function loadStory(defect: Defect): Promise<ParsedStory> {
  const [data, text] = ['story.json', 'text.en.json'].map((name) => FILES[`${FOLDER}/${defect}/${name}`]);
  if (!data || !text) return { ok: false, reason: `Nobody has told the story of ${defect} yet: play freely with it.` };
  return parseStory(await data(), await text());
}
