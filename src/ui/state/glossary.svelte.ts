/** The one glossary of the page, loaded when the first word asks for it. */
import { readGlossary, type WordMeanings } from '../guide/glossary.ts';

const FILES = import.meta.glob('../../../lessons/glossary.en.json', { import: 'default' });

class GlossaryStore {
  #entries = $state.raw<WordMeanings>(new Map());
  #asked = false;

  get entries(): WordMeanings {
    this.#load();
    return this.#entries;
  }

  /** One sentence about `entry`; null if the glossary has none, or is not here yet. */
  meaningOf(entry: string): string | null {
    return this.entries.get(entry.toLowerCase())?.says ?? null;
  }

  #load(): void {
    if (this.#asked) return;
    this.#asked = true;
    for (const load of Object.values(FILES)) {
      void load().then((json) => {
        this.#entries = readGlossary(json);
      });
    }
  }
}

export const glossary = new GlossaryStore();
