/** How the page is arranged: which of the four places are open, Present mode, theme. Kept in this browser. */

export type Place = 'guide' | 'inspector' | 'dock';
export type Theme = 'system' | 'dark' | 'light';
export type Mode = 'sandbox' | 'lessons' | 'rules';
/** On a phone one place at a time is under the stage. */
export type PhoneTab = Place;

const THEME_KEY = 'zabscope/theme';
const FOLDED_KEY = 'zabscope/folded';

/** Storage may be forbidden; then the page forgets, and works all the same. */
function load(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
function save(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Nothing is lost but the memory of a choice.
  }
}

export class Places {
  #folded = $state.raw<readonly Place[]>([]);
  #present = $state(false);
  #theme = $state<Theme>('system');
  #mode = $state<Mode>('sandbox');
  #phoneTab = $state<PhoneTab>('dock');
  #help = $state(false);
  #share = $state(false);
  #systemDark = $state(matchMedia('(prefers-color-scheme: dark)').matches);

  constructor() {
    const theme = load(THEME_KEY);
    if (theme === 'dark' || theme === 'light') this.#theme = theme;
    const stored = load(FOLDED_KEY);
    const folded = stored === null ? (innerWidth < 1200 ? ['guide'] : []) : stored.split(',');
    this.#folded = (['guide', 'inspector', 'dock'] as const).filter((place) => folded.includes(place));
    this.#applyTheme();
    matchMedia('(prefers-color-scheme: dark)').addEventListener(
      'change',
      ({ matches }) => (this.#systemDark = matches),
    );
  }

  isOpen(place: Place): boolean {
    if (this.#present) return place === 'dock';
    return !this.#folded.includes(place);
  }

  toggle(place: Place): void {
    const others = this.#folded.filter((other) => other !== place);
    this.#folded = others.length < this.#folded.length ? others : [...others, place];
    save(FOLDED_KEY, this.#folded.join(','));
  }

  /** Opens a place if it is folded, and shows it on a phone. */
  reveal(place: Place): void {
    this.#phoneTab = place;
    this.unfold(place);
  }
  /** Opens a place if it is folded. */
  unfold(place: Place): void {
    if (this.#folded.includes(place)) this.toggle(place);
  }

  get present(): boolean {
    return this.#present;
  }
  togglePresent(): void {
    this.#present = !this.#present;
    document.documentElement.toggleAttribute('data-present', this.#present);
  }

  get theme(): Theme {
    return this.#theme;
  }
  /** Whether the page is dark now, by choice or by the system. */
  get dark(): boolean {
    return this.#theme === 'system' ? this.#systemDark : this.#theme === 'dark';
  }
  toggleTheme(): void {
    this.#theme = this.dark ? 'light' : 'dark';
    save(THEME_KEY, this.#theme);
    this.#applyTheme();
  }
  #applyTheme(): void {
    if (this.#theme !== 'system') document.documentElement.dataset['theme'] = this.#theme;
  }

  get mode(): Mode {
    return this.#mode;
  }
  setMode(mode: Mode): void {
    this.#mode = mode;
    this.reveal('guide');
  }

  get phoneTab(): PhoneTab {
    return this.#phoneTab;
  }
  setPhoneTab(tab: PhoneTab): void {
    this.#phoneTab = tab;
  }

  get help(): boolean {
    return this.#help;
  }
  setHelp(open: boolean): void {
    this.#help = open;
  }

  get share(): boolean {
    return this.#share;
  }
  setShare(open: boolean): void {
    this.#share = open;
  }
}
