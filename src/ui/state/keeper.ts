/**
 * Keeps the lab of this tab over a reload. It is written when something was done, every few seconds while time goes on,
 * and when the page is left. The tab's own storage comes first; a tab that has none, and is the only one, goes on with
 * the lab that was open last.
 */
import { serializeScenario, type Scenario } from '../../lab/index.ts';
import { virtualTime } from '../../protocol/time.ts';
import type { App } from './app.svelte.ts';
import { carriesLab } from './link.ts';
import { readSavedLab, writePlace, writeScenario, type SavedLab } from './saved-lab.ts';

const SCENARIO_KEY = 'zabscope/lab';
const PLACE_KEY = 'zabscope/place';
/** Wall ms. */
const SAVE_EVERY_MS = 3000;
/** The way back to the instant of before is shown in strides of so many virtual ms. */
const STRIDE_MS = 500;

export class Keeper {
  readonly #app: App;
  #scenario: Scenario | null = null;
  #place = '';
  /** The address from which the lab on the screen came. */
  #hash = '';
  #resuming = false;
  #tooLarge = false;

  constructor(app: App) {
    this.#app = app;
  }

  /**
   * Opens the lab of before, at its playhead.
   *
   * @returns false if there is none, or if the address carries another one
   */
  async resume(hash: string): Promise<boolean> {
    const saved = await kept(hash);
    if (saved === null) return false;
    const { lab, playback, places } = this.#app;
    this.#resuming = true;
    try {
      playback.setRange(...saved.pace);
      playback.setSmart(saved.smart);
      if (saved.mode !== 'sandbox') places.setMode(saved.mode);
      if (!(await this.#app.open(serializeScenario(saved.scenario)))) return false;
      playback.pause();
      const { branch } = lab;
      while (lab.head < saved.head && lab.branch === branch && lab.failure === null) {
        await lab.runTo(virtualTime(Math.min(saved.head, lab.head + STRIDE_MS)), { nonstop: true });
      }
      // Somebody was faster, and opened another one.
      if (lab.branch !== branch) return true;
      await lab.seek(saved.playhead);
      this.#app.showViolation();
      this.#hash = saved.hash;
      this.#app.resumeLesson(saved.lesson);
      this.#app.resumeStory(saved.story);
      if (saved.playing) playback.play();
      return true;
    } finally {
      this.#resuming = false;
    }
  }

  /** Another lab is on the screen. */
  opened(): void {
    if (this.#resuming) return;
    this.#hash = location.hash;
    this.save();
  }

  /** From now on the lab on the screen is kept. @returns the clean-up */
  attach(): () => void {
    const save = () => this.save();
    const timer = setInterval(save, SAVE_EVERY_MS);
    addEventListener('pagehide', save);
    document.addEventListener('visibilitychange', save);
    return () => {
      clearInterval(timer);
      removeEventListener('pagehide', save);
      document.removeEventListener('visibilitychange', save);
    };
  }

  /** Writes what has changed since the last time. */
  save(): void {
    const { lab, playback, places, lesson, story } = this.#app;
    const { scenario } = lab;
    if (scenario === null || this.#resuming) return;
    if (scenario !== this.#scenario) {
      this.#scenario = scenario;
      const kept = store(SCENARIO_KEY, writeScenario(scenario));
      if (!kept && !this.#tooLarge) {
        this.#app.toasts.show('info', 'This lab is too large to be kept over a reload: save it as a file.');
      }
      this.#tooLarge = !kept;
    }
    if (this.#tooLarge) return;
    const place = writePlace({
      playhead: lab.playhead,
      head: lab.head,
      playing: playback.playing,
      pace: [playback.range.slow, playback.range.fast],
      smart: playback.smart,
      mode: places.mode,
      lesson,
      story,
      hash: this.#hash,
    });
    if (place === this.#place) return;
    this.#place = place;
    store(PLACE_KEY, place);
  }
}

/** What is to be opened again by a page with this fragment in its address. */
async function kept(hash: string): Promise<SavedLab | null> {
  const mine = read('sessionStorage');
  // A link wins, unless this is its own lab, reloaded.
  if (carriesLab(hash)) return mine?.hash === hash && isReload() ? mine : null;
  if (mine) return mine;
  const last = read('localStorage');
  return last && (await isOnlyTab()) ? last : null;
}

function isReload(): boolean {
  const [navigation] = performance.getEntriesByType('navigation');
  return navigation instanceof PerformanceNavigationTiming && navigation.type === 'reload';
}

/** No other tab has a lab open. */
async function isOnlyTab(): Promise<boolean> {
  try {
    const { held = [] } = await navigator.locks.query();
    return held.length === 0;
  } catch {
    return true;
  }
}

type Where = 'sessionStorage' | 'localStorage';

/** Storage may be forbidden; then the page forgets, and works all the same. */
function read(where: Where): SavedLab | null {
  try {
    return readSavedLab(globalThis[where].getItem(SCENARIO_KEY), globalThis[where].getItem(PLACE_KEY));
  } catch {
    return null;
  }
}

/** @returns false if there is no room for it in the tab's own storage: an older one is gone, too */
function store(key: string, text: string): boolean {
  const [fits] = (['sessionStorage', 'localStorage'] as const).map((where) => {
    try {
      globalThis[where].removeItem(key);
      globalThis[where].setItem(key, text);
      return true;
    } catch (error) {
      return !isFull(error);
    }
  });
  return fits ?? true;
}

function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError';
}
