/**
 * The story of a broken rule on the page: its lab, and the step that is told. The playhead goes to the instant of each
 * step; the violation at the last one is found by the lab, not by the story.
 */
import { serializeScenario, type LabApi, type Scenario } from '../../lab/index.ts';
import { isRedInstant, withoutDefect, type Story } from '../../lesson/index.ts';
import type { Defect } from '../../protocol/defects.ts';
import { virtualTime, type VirtualTime } from '../../protocol/time.ts';
import type { App } from './app.svelte.ts';
import { DEFAULT_LAB } from './default-lab.ts';
import { loadStory } from './story-files.ts';

/** The step before the first one: what it is about. */
export const INTRO = -1;
/** Keys of a scenario that a fresh lab of the same ensemble does not take over. */
const OF_ONE_RUN: ReadonlySet<string> = new Set(['actions', 'start', 'until', 'defects']);
/** The last step is so near to the violation, ms. */
const NEAR_MS = 0.5;
/** The timeline shows so many times the length of a story, and no less than so many ms. */
const ROOM = 1.3;
const FRAME_MIN_MS = 40;

const kept = new WeakMap<App, StoryState>();
/** The one of the page: it outlives the panels that tell it. */
export function storyOf(app: App): StoryState {
  const known = kept.get(app);
  if (known) return known;
  const made = new StoryState(app);
  kept.set(app, made);
  return made;
}

export class StoryState {
  readonly #app: App;
  #defect = $state<Defect | null>(null);
  #story = $state.raw<Story | null>(null);
  #problem = $state<string | null>(null);
  #step = $state(INTRO);
  #whole = $state(false);
  #opening = $state(false);
  /** The lab in which it is told. */
  #lab = $state.raw<LabApi | null>(null);
  /** The lab of the person, from before the stories. */
  #before: Scenario | null = null;

  constructor(app: App) {
    this.#app = app;
  }

  /** What is broken in the story that is open; null: the list is shown. */
  get defect(): Defect | null {
    return this.#defect;
  }
  /** Null while it is loaded, and if there is none. */
  get story(): Story | null {
    return this.#story;
  }
  /** Why there is no story. */
  get problem(): string | null {
    return this.#problem;
  }
  get step(): number {
    return this.#step;
  }
  get isLast(): boolean {
    return this.#step === (this.#story?.steps.length ?? 0) - 1;
  }
  /** It is run without the defect. */
  get whole(): boolean {
    return this.#whole;
  }
  get opening(): boolean {
    return this.#opening;
  }
  /** The lab on the screen is that of the story, and nobody has acted in it. */
  get here(): boolean {
    const { branch } = this.#app.lab;
    return (
      branch !== null && branch.lab === this.#lab && !this.#app.lab.undoList.length && this.#isUntouched(branch.lab)
    );
  }

  /** The playhead is where the step is told, and not on its way there. */
  get arrived(): boolean {
    const { playback, lab } = this.#app;
    return this.here && !playback.passing && lab.playhead >= (this.#story?.steps[this.#step]?.at ?? 0) - NEAR_MS;
  }

  async open(defect: Defect): Promise<void> {
    this.#defect = defect;
    this.#story = null;
    this.#problem = null;
    if (await this.#load(defect)) await this.restart();
  }

  /** Goes on in the lab on the screen, which is that of before a reload. */
  async resume(defect: Defect, step: number, whole: boolean): Promise<void> {
    this.#defect = defect;
    if (!(await this.#load(defect))) return;
    this.#lab = this.#app.lab.branch?.lab ?? null;
    this.#step = Math.min(step, (this.#story?.steps.length ?? 0) - 1);
    this.#whole = whole;
    this.#enter();
  }

  /** Back to the list. The lab stays on the screen. */
  close(): void {
    this.#app.enterStory(null);
    this.#defect = null;
    this.#story = null;
    this.#problem = null;
    this.#lab = null;
  }

  /** From its beginning, with the defect. */
  async restart(): Promise<void> {
    await this.#openLab(false);
  }

  /** Goes to a step: back at once, forward at a pace that can be followed; asked for again on the way, at once. */
  async go(step: number): Promise<void> {
    const { playback, lab, selection } = this.#app;
    const story = this.#story;
    if (story === null || this.#opening) return;
    if ((!this.here || this.#whole) && !(await this.#openLab(false))) return;
    const hurried = playback.passing;
    this.#step = step;
    this.#enter();
    if (!this.isLast) selection.clear();
    const to = this.#instantOf(story, step);
    if (to <= lab.playhead) await playback.seek(to);
    else if (hurried && step > INTRO) await this.#jump(to);
    else if (!(await playback.playTo(to))) return;
    this.#frame();
    if (this.isLast) this.#app.showViolation();
  }

  /** The same run with the whole protocol, up to where it broke. */
  async runWhole(): Promise<void> {
    const story = this.#story;
    if (story === null || !(await this.#openLab(true))) return;
    this.#step = story.steps.length - 1;
    this.#enter();
    await this.#app.playback.playTo(this.#instantOf(story, this.#step));
    this.#frame();
  }

  /** A lab of the person's own servers and clients in which the rule is broken. */
  async playFreely(): Promise<void> {
    const { defect } = this;
    if (defect === null || this.#opening) return;
    const before = this.#before === null ? DEFAULT_LAB : serializeScenario(this.#before);
    const kept = Object.entries(before).filter(([key]) => !OF_ONE_RUN.has(key));
    const free = { ...Object.fromEntries(kept), title: 'Sandbox', defects: [defect] };
    this.#opening = true;
    const opened = await this.#app.open(free);
    this.#opening = false;
    if (opened) this.#app.places.setMode('sandbox');
  }

  async #load(defect: Defect): Promise<boolean> {
    const loaded = await loadStory(defect);
    if (this.#defect !== defect) return false;
    if (loaded.ok) this.#story = loaded.story;
    else this.#problem = loaded.reason;
    return loaded.ok;
  }

  async #openLab(whole: boolean): Promise<boolean> {
    const story = this.#story;
    const { lab } = this.#app;
    if (story === null || this.#opening) return false;
    const present = lab.scenario;
    if (present !== null && present.defects.length === 0 && lab.branch?.lab !== this.#lab) this.#before = present;
    this.#opening = true;
    try {
      const scenario = whole ? withoutDefect(story) : story.scenario;
      const start = Math.min(scenario.start, story.steps[0]?.at ?? 0);
      if (!(await this.#app.open(serializeScenario({ ...scenario, start }), { play: false }))) return false;
      this.#lab = lab.branch?.lab ?? null;
      this.#step = INTRO;
      this.#whole = whole;
      this.#enter();
      this.#frame();
      return true;
    } finally {
      this.#opening = false;
    }
  }

  /** The timeline shows the whole story at its end, and as much time before. */
  #frame(): void {
    const steps = this.#story?.steps ?? [];
    const length = (steps.at(-1)?.at ?? 0) - (steps[0]?.at ?? 0);
    this.#app.dock.timeline?.showLast(Math.max(FRAME_MIN_MS, length * ROOM));
  }

  async #jump(to: VirtualTime): Promise<void> {
    this.#app.playback.pause();
    await this.#app.lab.runTo(to);
  }

  /** That of the violation if it is known; else as far as it may be. */
  #instantOf(story: Story, step: number): VirtualTime {
    const at = story.steps[step]?.at ?? this.#lab?.scenario.start ?? 0;
    if (step < story.steps.length - 1) return virtualTime(at);
    const red = this.#app.lab.violations.find((violation) => isRedInstant(at, violation.at));
    return red?.at ?? virtualTime(at + NEAR_MS);
  }

  #isUntouched({ scenario }: LabApi): boolean {
    return scenario.actions.length === this.#story?.scenario.actions.length;
  }

  #enter(): void {
    const { defect } = this;
    this.#app.enterStory(defect === null ? null : { defect, step: this.#step, whole: this.#whole });
  }
}
