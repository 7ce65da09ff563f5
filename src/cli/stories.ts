/** The stories of broken rules in `lessons/broken-rules`, by the name of their folder. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseStory, type Story } from '../lesson/index.ts';

const FOLDER = fileURLToPath(new URL('../../lessons/broken-rules', import.meta.url));

export function storyNames(): readonly string[] {
  return existsSync(FOLDER) ? readdirSync(FOLDER).sort() : [];
}

/** The story, or what is wrong with it. */
export function readStory(name: string): Story | string {
  try {
    const json = (file: string): unknown => JSON.parse(readFileSync(join(FOLDER, name, file), 'utf8'));
    const story = parseStory(json('story.json'), json('text.en.json'));
    return story.ok ? story.story : story.reason;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
