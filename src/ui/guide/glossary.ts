/**
 * The glossary of the build (lessons/glossary.<language>.json; src/lesson/glossary.ts checks its shape in the tests) as the page
 * looks words up. Pure.
 */

export interface GlossaryEntry {
  /** The term as it is listed. */
  readonly term: string;
  /** One sentence, without marks of Markdown. */
  readonly says: string;
}
/** By word in lower case, and by each other form of it. */
export type WordMeanings = ReadonlyMap<string, GlossaryEntry>;

/** What is no entry is left out. */
export function readGlossary(json: unknown): WordMeanings {
  const words = new Map<string, GlossaryEntry>();
  if (typeof json !== 'object' || json === null) return words;
  for (const [term, value] of Object.entries(json as Record<string, unknown>)) {
    if (typeof value !== 'object' || value === null || !('meaning' in value) || typeof value.meaning !== 'string')
      continue;
    const forms =
      'forms' in value && Array.isArray(value.forms) ? value.forms.filter((form) => typeof form === 'string') : [];
    for (const form of [term, ...forms])
      words.set(form.toLowerCase(), { term, says: value.meaning.replaceAll('`', '') });
  }
  return words;
}
