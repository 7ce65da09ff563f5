/** The glossary as lessons/glossary.<language>.json has it: a word and its meaning, with other forms of the word. Pure. */

export interface GlossaryEntry {
  readonly meaning: string;
}
/** By word in lower case, and by each of its other forms. */
export type Glossary = ReadonlyMap<string, GlossaryEntry>;

/** Entries are sentences, or objects with the sentence and other `forms`; anything else is left out. */
export function readGlossary(json: unknown): Glossary {
  const entries = new Map<string, GlossaryEntry>();
  if (typeof json !== 'object' || json === null) return entries;
  for (const [word, value] of Object.entries(json)) {
    const meaning = meaningOf(value);
    if (meaning === null) continue;
    for (const form of [word, ...formsOf(value)]) entries.set(form.toLowerCase(), { meaning });
  }
  return entries;
}

function meaningOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return null;
  const sentence = 'meaning' in value ? value.meaning : 'says' in value ? value.says : null;
  return typeof sentence === 'string' ? sentence : null;
}

function formsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || !('forms' in value) || !Array.isArray(value.forms)) return [];
  return value.forms.filter((form): form is string => typeof form === 'string');
}
