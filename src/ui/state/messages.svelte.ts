/** What the page says in words: toasts for people who look, a live region for people who listen. */

export interface Toast {
  readonly id: number;
  readonly tone: 'info' | 'refusal' | 'error';
  readonly text: string;
  /** A button in the toast. */
  readonly action?: { readonly label: string; readonly run: () => void };
}

const TOASTS_MAX = 3;
const TOAST_MS = 7000;

export class Toasts {
  #list = $state.raw<readonly Toast[]>([]);
  #next = 1;

  get list(): readonly Toast[] {
    return this.#list;
  }

  /** Shows one clear sentence for some seconds; errors stay until dismissed. */
  show(tone: Toast['tone'], text: string, action?: Toast['action']): void {
    const toast: Toast = { id: this.#next++, tone, text, ...(action ? { action } : {}) };
    const others = this.#list.filter((shown) => shown.text !== text);
    this.#list = [...others, toast].slice(-TOASTS_MAX);
    if (tone !== 'error') setTimeout(() => this.dismiss(toast.id), TOAST_MS);
  }

  dismiss(id: number): void {
    this.#list = this.#list.filter((toast) => toast.id !== id);
  }
}

const SENTENCES_MAX = 5;
/** What comes within this time is read out together, wall ms; a screen reader needs longer for a sentence. */
const GATHER_MS = 300;
/** From one reading to the next at least, wall ms. */
const READING_MS = 2000;

/** Sentences for the live region: together, and not so often that none is heard to its end. */
export class Announcer {
  #text = $state('');
  #waiting: string[] = [];
  #scheduled = false;
  #last = -Infinity;

  get text(): string {
    return this.#text;
  }

  say(sentence: string): void {
    this.#waiting.push(sentence);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => this.#flush(), Math.max(GATHER_MS, this.#last + READING_MS - performance.now()));
  }

  #flush(): void {
    this.#scheduled = false;
    this.#last = performance.now();
    this.#text = this.#waiting.slice(-SENTENCES_MAX).join(' ');
    this.#waiting = [];
  }
}
