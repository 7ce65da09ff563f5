/**
 * The lesson on the page: wires the lesson's runner to the lab on the screen. The runner follows the playhead and judges; this class
 * performs what a person or "do it for me" does, and keeps what was done in this browser.
 */
import { serializeScenario } from '../../lab/index.ts';
import { LessonRunner, type Act, type Lesson, type Progress, type Step, type StepText } from '../../lesson/index.ts';
import { virtualTime } from '../../protocol/time.ts';
import { readProgress, withMark, writeProgress, type Progress as Kept, type StepMark } from '../guide/progress.ts';
import type { App } from './app.svelte.ts';
import type { Branch } from './lab.svelte.ts';

const KEY = 'zabscope/lessons';
/** "Run until" looks this often, virtual ms, and gives up after so long. */
const LOOK_MS = 20;
const RUN_MS_MAX = 60_000;
/** A replay begins so long before the event that decided, virtual ms. */
const REPLAY_MS = 60;

export class LessonState {
  readonly #app: App;
  #runner = $state.raw<LessonRunner | null>(null);
  #progress = $state.raw<Progress | null>(null);
  #entering = $state(false);
  #doing = $state(false);
  #running = $state(false);
  #kept = $state.raw<Kept>(readProgress(stored()));
  /** The branch that the runner follows. */
  #branch: Branch | null = null;

  constructor(app: App) {
    this.#app = app;
  }

  get lesson(): Lesson | null {
    return this.#runner?.lesson ?? null;
  }
  get progress(): Progress | null {
    return this.#progress;
  }
  get step(): Step | null {
    return this.lesson?.steps[this.#progress?.step ?? -1] ?? null;
  }
  get text(): StepText | null {
    return this.lesson?.text.steps[this.step?.id ?? ''] ?? null;
  }
  /** A lab is being made. */
  get entering(): boolean {
    return this.#entering;
  }
  /** "Do it for me" is at work. */
  get doing(): boolean {
    return this.#doing;
  }
  get running(): boolean {
    return this.#running;
  }
  /** Whether the lab on the screen is that of the lesson. */
  get here(): boolean {
    const lab = this.#runner?.lab ?? null;
    return lab !== null && this.#app.lab.branches.some((branch) => branch.lab === lab);
  }
  isLast(): boolean {
    return this.#progress !== null && this.#progress.step === (this.lesson?.steps.length ?? 0) - 1;
  }

  markOf(lesson: string, step: string): StepMark | null {
    return this.#kept.get(lesson)?.get(step) ?? null;
  }

  async open(lesson: Lesson): Promise<void> {
    this.close();
    this.#runner = new LessonRunner(lesson, (scenario) => this.#app.lab.make(serializeScenario(scenario)));
    const first = lesson.steps.findIndex((step) => this.markOf(lesson.id, step.id) === null);
    await this.enter(Math.max(0, first));
  }

  /** Goes on with a step in the lab on the screen, which is that of before a reload. */
  async resume(lesson: Lesson, step: number): Promise<void> {
    const { lab } = this.#app;
    const { branch } = lab;
    if (branch === null || lesson.steps[step] === undefined) return;
    const runner = new LessonRunner(lesson, (scenario) => lab.make(serializeScenario(scenario)));
    this.#runner = runner;
    this.#entering = true;
    try {
      const begun = await runner.enter(step);
      if (runner !== this.#runner) return;
      const first = runner.lab;
      if (!begun.ok || first === null || lab.branch !== branch) return this.close();
      // Up to the beginning of the step both are the same.
      runner.branched(branch.lab, first.head);
      first.dispose();
      this.#branch = branch;
    } finally {
      this.#entering = false;
    }
    this.observe();
  }

  /** Back to the list. The lab stays on the screen. */
  close(): void {
    this.#app.enterLesson(null);
    this.#runner = null;
    this.#progress = null;
    this.#branch = null;
    this.#doing = false;
    this.#running = false;
  }

  /** Begins a step in a lab of its own; for the present step, begins it anew. */
  async enter(index: number): Promise<void> {
    await this.#begin((runner) => runner.enter(index));
  }
  async reset(): Promise<void> {
    await this.enter(this.#progress?.step ?? 0);
  }
  async next(): Promise<void> {
    await this.#begin((runner) => runner.next());
  }

  async #begin(how: (runner: LessonRunner) => ReturnType<LessonRunner['enter']>): Promise<void> {
    const { playback, lab, toasts } = this.#app;
    const runner = this.#runner;
    if (runner === null || this.#entering) return;
    playback.pause();
    this.#entering = true;
    this.#doing = false;
    try {
      const begun = await how(runner);
      if (runner !== this.#runner) return;
      if (!begun.ok) return toasts.show('refusal', begun.reason);
      if (runner.lab !== null && runner.lab !== lab.branch?.lab) {
        await lab.adopt(runner.lab, runner.lesson.text.title);
        this.#app.selection.clear();
      }
      this.#branch = lab.branch;
      this.#entering = false;
      this.observe();
      if (!isForWatching(runner.step)) playback.play();
    } catch (error) {
      toasts.show('error', error instanceof Error ? error.message : String(error));
    } finally {
      this.#entering = false;
    }
  }

  /** To be called whenever the playhead or the branch has changed. */
  observe(): void {
    const runner = this.#runner;
    const { lab } = this.#app;
    if (runner === null || this.#entering || lab.branch === null || this.#branch === null) return;
    if (lab.branch !== this.#branch) this.#follow(runner, lab.branch);
    if (runner.lab !== lab.branch.lab) return;
    runner.observe(lab.playhead);
    this.#perform(runner);
    this.#refresh(runner);
  }

  /** The screen shows another branch: a new one of the lesson's lab, or one that it came from. */
  #follow(runner: LessonRunner, branch: Branch): void {
    const { branches } = this.#app.lab;
    if (!branches.includes(this.#branch ?? branch)) return;
    const at = branch.parent === this.#branch?.id ? branch.from : (this.#branch?.from ?? branch.from);
    runner.branched(branch.lab, at);
    this.#branch = branch;
  }

  #refresh(runner: LessonRunner): void {
    const before = this.#progress;
    const now = runner.progress;
    this.#progress = now;
    this.#app.enterLesson({ id: runner.lesson.id, step: now.step });
    if (now.doneAt === null || (before !== null && before.doneAt !== null && before.step === now.step)) return;
    this.#doing = false;
    this.#kept = withMark(this.#kept, runner.lesson.id, runner.step.id, now.shown ? 'shown' : 'done');
    store(writeProgress(this.#kept));
    this.#app.announcer.say(`Step done: ${this.text?.title ?? ''}.`);
    // What the next step wants to be watched must not run by while this one's explanation is read.
    const next = runner.lesson.steps[now.step + 1];
    if (next !== undefined && next.checkpoint === null && isForWatching(next)) this.#app.playback.pause();
  }

  predict(option: string): void {
    this.#runner?.predict(option);
    this.#again();
  }
  answer(options: readonly string[]): void {
    this.#runner?.answer(options);
    this.#again();
  }
  showHint(): void {
    this.#runner?.showHint();
    this.#again();
  }
  /** The person looks at an event. */
  inspect(id: Parameters<LessonRunner['inspect']>[0]): void {
    if (!this.here || this.#runner === null) return;
    this.#runner.inspect(id);
    this.#again();
  }
  #again(): void {
    if (this.#runner !== null) this.#refresh(this.#runner);
  }

  /** Begins the step anew and plays its solution. */
  async doItForMe(): Promise<void> {
    await this.reset();
    const runner = this.#runner;
    if (runner === null || this.#branch === null) return;
    runner.doItForMe(this.#app.lab.playhead);
    this.#doing = true;
    this.#again();
    this.#app.playback.play();
  }

  #perform(runner: LessonRunner): void {
    if (!this.#doing || this.#app.lab.isPast) return;
    for (let act = runner.dueAct(this.#app.lab.playhead); act; act = runner.dueAct(this.#app.lab.playhead)) {
      this.#do(runner, act);
    }
  }

  #do(runner: LessonRunner, act: Act): void {
    switch (act.type) {
      case 'action':
        void this.#app.lab.act(act.action);
        return;
      case 'inspect': {
        const id = runner.find(act);
        if (id === null) return;
        this.#app.selection.select({ type: 'event', id });
        runner.inspect(id);
        return;
      }
      case 'answer':
        runner.answer(act.options);
    }
  }

  /** Runs the lab until the step's moment has come. */
  async runUntil(): Promise<void> {
    const { lab, playback } = this.#app;
    playback.pause();
    this.#running = true;
    const end = lab.playhead + RUN_MS_MAX;
    const { violations } = lab;
    while (this.#running && lab.playhead < end && lab.failure === null && lab.violations === violations) {
      await lab.runTo(virtualTime(lab.playhead + LOOK_MS));
      this.observe();
      if (this.#progress === null || this.#progress.runUntilReached || this.#progress.doneAt !== null) break;
      await new Promise((frame) => setTimeout(frame));
    }
    this.#running = false;
  }
  stopRunning(): void {
    this.#running = false;
  }

  /** Shows the moment that decided: a little before it, and on. */
  async replay(): Promise<void> {
    const { lab, playback, selection } = this.#app;
    const at = this.#progress?.doneAt ?? null;
    if (at === null || lab.history === null) return;
    const event = lab.history.at(lab.history.countUntil(virtualTime(at)) - 1);
    if (event) selection.selectEvent(event);
    await playback.seek(Math.max(0, at - REPLAY_MS));
    playback.play();
  }
}

/** Nothing is done in such a step: it is what follows of itself from the step before, to be stepped through. */
function isForWatching(step: Step): boolean {
  return step.solution.every(({ type }) => type !== 'action');
}

/** Storage may be forbidden; then the page forgets, and works all the same. */
function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
function store(text: string): void {
  try {
    localStorage.setItem(KEY, text);
  } catch {
    // Nothing is lost but the memory of what was done.
  }
}
