/**
 * A person's way through a lesson. The runner opens labs at checkpoints, follows the trace up to the
 * playhead, and keeps predictions, hints and progress as plain data; it never acts by itself. In most
 * lessons a step goes on in the lab where the one before it was done, right behind the event that
 * completed it, so that whoever runs ahead loses nothing.
 */
import { assert } from '../protocol/assert.ts';
import type { EventId } from '../protocol/ids.ts';
import { virtualTime, type VirtualTime } from '../protocol/time.ts';
import type { LabApi, Scenario } from '../lab/index.ts';
import { Player, StepFollower, type AtomProgress } from './follower.ts';
import type { Act, Lesson, Step } from './lesson.ts';
import { playActs, playRoute } from './play.ts';

/** Where a person is; plain data. */
export interface Progress {
  /** Index of the step; the last one is the challenge. */
  readonly step: number;
  readonly atoms: readonly AtomProgress[];
  /** When the step was completed. */
  readonly doneAt: number | null;
  /** The atom that cannot be met any more, unless the step is reset. */
  readonly failed: string | null;
  /** Locked once chosen; `right`: what the run has shown, when the step is done. Neither is graded. */
  readonly prediction: { readonly chosen: string | null; readonly right: string | null } | null;
  /** The last answer to the step's question. */
  readonly answer: { readonly options: readonly string[]; readonly right: boolean } | null;
  readonly hintsShown: number;
  /** "Do it for me" was asked for. */
  readonly shown: boolean;
  /** The instant of "run until" has come. */
  readonly runUntilReached: boolean;
}

export type OpenLab = (scenario: Scenario) => Promise<LabApi>;
export type Entered = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const HINTS = 3;

export class LessonRunner {
  readonly lesson: Lesson;
  readonly #open: OpenLab;
  #lab: LabApi | null = null;
  #index = 0;
  #follower: StepFollower | null = null;
  #player: Player | null = null;
  #chosen: string | null = null;
  #answer: Progress['answer'] = null;
  #hints = 0;
  #shown = false;
  /** Entering takes time; only the newest one counts. */
  #entering = 0;

  constructor(lesson: Lesson, open: OpenLab) {
    this.lesson = lesson;
    this.#open = open;
  }

  /** The lab of the current step; null before the first was entered. */
  get lab(): LabApi | null {
    return this.#lab;
  }

  get step(): Step {
    const step = this.lesson.steps[this.#index];
    assert(step, 'a lesson has a step for every place');
    return step;
  }

  get progress(): Progress {
    const { predict } = this.step;
    const follower = this.#follower;
    const texts = this.lesson.text.steps[this.step.id]?.atoms ?? [];
    const atoms = (follower?.atoms ?? []).map((atom, i) => ({ ...atom, text: texts[i] ?? atom.text }));
    const [violated] = follower?.violations ?? [];
    const right = follower?.right ?? null;
    return {
      step: this.#index,
      atoms,
      doneAt: follower?.done?.t ?? null,
      failed: follower?.done || violated === undefined ? null : (atoms[violated]?.text ?? null),
      prediction: predict ? { chosen: this.#chosen, right: right?.length === 1 ? (right[0] ?? null) : null } : null,
      answer: this.#answer,
      hintsShown: this.#hints,
      shown: this.#shown,
      runUntilReached: follower?.readyToRunUntil ?? false,
    };
  }

  /** Opens a new lab at the beginning of a step: the steps before it are played at full speed. Also resets a step. */
  async enter(index: number): Promise<Entered> {
    assert(this.lesson.steps[index], `there is no step ${index}`);
    const entering = ++this.#entering;
    const begun = await openAtStep(this.lesson, index, this.#open);
    if (!begun.ok) return begun;
    if (entering !== this.#entering) {
      begun.lab.dispose();
      return { ok: false, reason: 'Another step was entered meanwhile.' };
    }
    this.#lab?.dispose();
    this.#lab = begun.lab;
    this.#begin(index, begun.index);
    return { ok: true };
  }

  /** Goes on to the next step when this one is done: in the same lab if the lesson allows it. */
  async next(): Promise<Entered> {
    const done = this.#follower?.done;
    const index = this.#index + 1;
    const step = this.lesson.steps[index];
    if (!done || !this.#lab || !step) return { ok: false, reason: 'This step is not done yet.' };
    if (step.checkpoint) return this.enter(index);
    this.#begin(index, done.index + 1);
    return { ok: true };
  }

  /** The playhead is at `t`. Must be called as the lab goes on; going back is harmless. */
  observe(t: VirtualTime): void {
    this.#follower?.observe(t);
  }

  /** The person has acted in the past: the lab is another one from `at` on, and the step is followed in it. */
  branched(lab: LabApi, at: VirtualTime): void {
    const former = this.#follower;
    assert(former && this.#lab, 'a branch comes from a lab');
    this.#lab = lab;
    // Up to `at` both traces are the same.
    this.#follower = new StepFollower(this.step, lab, Math.min(former.startIndex, lab.trace.firstAfter(at)));
    this.#player = null;
  }

  /** Locks a prediction; a later one does not count. */
  predict(option: string): void {
    assert(
      this.step.predict?.options.some(({ id }) => id === option),
      `there is no option ${option}`,
    );
    this.#chosen ??= option;
  }

  /** Answers the step's question; it may be answered again. */
  answer(options: readonly string[]): boolean {
    const { question } = this.step;
    assert(question && this.#follower, 'the step asks a question');
    const right = this.#follower.answer(question.id, options);
    this.#answer = { options, right };
    return right;
  }

  /** The person looks at an event. */
  inspect(id: EventId): void {
    this.#follower?.inspect(id);
  }

  /** Where to look, which control, the exact act: one more each time. Hints are free. */
  showHint(): void {
    this.#hints = Math.min(HINTS, this.#hints + 1);
  }

  /** Starts the step's own solution at `now`: {@link dueAct} then says what to do. */
  doItForMe(now: VirtualTime): void {
    assert(this.#follower, 'a step was entered');
    this.#shown = true;
    this.#player = new Player(this.step.solution, this.#follower, now);
  }

  /** What the solution does at `now`; to be performed at once. Ask again until null. */
  dueAct(now: VirtualTime): Act | null {
    return this.#player?.due(now) ?? null;
  }

  /** The event that an act of the solution looks at. */
  find(act: Extract<Act, { type: 'inspect' }>): EventId | null {
    return this.#follower?.find(act.pattern) ?? null;
  }

  dispose(): void {
    this.#entering++;
    this.#lab?.dispose();
    this.#lab = null;
  }

  #begin(index: number, event: number): void {
    assert(this.#lab, 'a step begins in a lab');
    this.#index = index;
    this.#player = null;
    this.#chosen = null;
    this.#answer = null;
    this.#hints = 0;
    this.#shown = false;
    this.#follower = new StepFollower(this.step, this.#lab, event);
  }
}

export type Begun =
  | { readonly ok: true; readonly lab: LabApi; /** The step's first event. */ readonly index: number }
  | { readonly ok: false; readonly reason: string };

/** A lab at the beginning of a step. `seed` replaces that of the lesson, for proofs. */
export async function openAtStep(lesson: Lesson, index: number, open: OpenLab, seed?: number): Promise<Begun> {
  const { steps } = lesson;
  const from = steps.findLastIndex((step, i) => i <= index && Boolean(step.checkpoint?.scenario));
  const scenario = steps[from]?.checkpoint?.scenario ?? lesson.scenario;
  const lab = await open(seed === undefined ? scenario : { ...scenario, seed });
  await lab.advance(virtualTime(scenario.start));
  let begin = lab.trace.length;
  for (let i = Math.max(0, from); i <= index; i++) {
    const step = steps[i];
    assert(step, 'steps are counted from 0');
    const prepared = await prepare(lab, step, begin);
    if (typeof prepared === 'string') return failed(lab, `${step.id}: ${prepared}`);
    begin = prepared;
    if (i === index) break;
    const outcome = await playRoute(lab, step, begin, step.solution, step.limit);
    if (!outcome.done) return failed(lab, `${step.id}: ${outcome.reason}`);
    begin = outcome.end;
  }
  return { ok: true, lab, index: begin };
}

/** Plays a step's checkpoint; returns the step's first event, or why it did not work. */
export async function prepare(lab: LabApi, step: Step, begin: number): Promise<number | string> {
  if (!step.checkpoint || step.checkpoint.acts.length === 0) return begin;
  const refused = await playActs(lab, step.checkpoint.acts, step);
  return refused ?? lab.trace.length;
}

function failed(lab: LabApi, reason: string): Begun {
  lab.dispose();
  return { ok: false, reason };
}
