/** One step of a lesson along a trace: what of its condition is met, and the right prediction at its end. */
import type { Violation } from '../check/index.ts';
import type { LabApi } from '../lab/index.ts';
import type { EventId } from '../protocol/ids.ts';
import { virtualTime, type VirtualTime } from '../protocol/time.ts';
import { apply, cloneState, type LabState, type Trace } from '../trace/index.ts';
import { match } from './condition/evaluator.ts';
import { atomsOf, Evaluator, sentenceOf, type Condition, type Pattern, type Point } from './condition/index.ts';
import type { Act, Step } from './lesson.ts';

/** Part of a condition, for the learner: ticked or not. */
export interface AtomProgress {
  readonly text: string;
  readonly met: boolean;
}

export class StepFollower {
  readonly step: Step;
  readonly #trace: Trace;
  readonly #violations: () => readonly Violation[];
  readonly #state: LabState;
  /** The next event to look at. */
  #next: number;
  readonly #done: Evaluator;
  readonly #options: readonly { readonly id: string; readonly evaluator: Evaluator }[];
  readonly #runUntil: Evaluator | null;
  readonly #extra = new Set<Evaluator>();
  readonly #start: LabState;
  /** The first event of the step. */
  readonly startIndex: number;
  #right: readonly string[] | null = null;

  /** The step begins with event `index` of the lab. */
  constructor(step: Step, lab: Pick<LabApi, 'trace' | 'violations'>, index: number) {
    const { trace } = lab;
    this.step = step;
    this.#trace = trace;
    this.#violations = () => lab.violations;
    this.#state = trace.stateBefore(index);
    this.#start = cloneState(this.#state);
    this.startIndex = this.#next = index;
    this.#done = this.#evaluator(step.done);
    this.#runUntil = step.runUntil && this.#evaluator(step.runUntil);
    this.#options = (step.predict?.options ?? []).map(({ id, when }) => ({
      id,
      // What is asked for is the end of the step, not whether it was ever so.
      evaluator: this.#evaluator({ type: 'hold', condition: when }),
    }));
    this.#conclude();
  }

  get done(): Point | null {
    return this.#done.done;
  }

  get readyToRunUntil(): boolean {
    return this.#runUntil !== null && this.#runUntil.done !== null;
  }

  /** Options of the prediction that have turned out true; null before the step is done. */
  get right(): readonly string[] | null {
    return this.#right;
  }

  get atoms(): readonly AtomProgress[] {
    return atomsOf(this.step.done).map((atom) => ({ text: sentenceOf(atom), met: this.#done.met(atom) }));
  }

  /** Indices of the {@link atoms} that make the step impossible to complete. */
  get violations(): readonly number[] {
    return atomsOf(this.step.done).flatMap((atom, i) => (this.#done.violated(atom) ? [i] : []));
  }

  /** Takes in all events up to `t`. Going back changes nothing: what was seen stays seen. */
  observe(t: VirtualTime): void {
    const end = this.#trace.firstAfter(t);
    while (this.#next < end) {
      const event = this.#trace.at(this.#next++);
      const evaluators = this.#evaluators();
      for (const evaluator of evaluators) evaluator.feed(event);
      apply(this.#state, event);
      for (const evaluator of evaluators) evaluator.settle();
      this.#conclude();
    }
    for (const evaluator of this.#evaluators()) evaluator.tick(t);
    this.#conclude();
  }

  /** Right if exactly the right options were chosen. */
  answer(question: string, options: readonly string[]): boolean {
    const asked = this.step.question;
    if (asked?.id !== question) return false;
    const right = asked.options.every((option) => option.right === options.includes(option.id));
    if (right) for (const evaluator of this.#evaluators()) evaluator.answered(question);
    this.#conclude();
    return right;
  }

  inspect(id: EventId | number): void {
    const event = this.#trace.at(id);
    const before = this.#trace.stateBefore(id);
    for (const evaluator of this.#evaluators()) evaluator.inspected(event, before);
    this.#conclude();
  }

  /** The newest event up to here that is what `pattern` says, or null. */
  find(pattern: Pattern): EventId | null {
    for (let id = this.#next - 1; id >= 0; id--) {
      const event = this.#trace.at(id);
      // Few names need the state; those that do are found in the step itself.
      if (match(pattern, event, { state: this.#state, proposals: new Map() }).length > 0) return event.id;
    }
    return null;
  }

  /** Follows a further condition from the beginning of the step on, whenever it is asked for. */
  follow(condition: Condition): { readonly done: Point | null } {
    const state = cloneState(this.#start);
    const evaluator = new Evaluator(condition, state, this.#start, this.startIndex - 1, this.#violations);
    for (const event of this.#trace.events(this.startIndex, this.#next)) {
      evaluator.feed(event);
      apply(state, event);
      evaluator.settle();
    }
    evaluator.rebase(this.#state);
    this.#extra.add(evaluator);
    return evaluator;
  }

  #evaluator(condition: Condition): Evaluator {
    return new Evaluator(condition, this.#state, this.#start, this.startIndex - 1, this.#violations);
  }

  #evaluators(): readonly Evaluator[] {
    return [
      this.#done,
      ...(this.#runUntil ? [this.#runUntil] : []),
      ...this.#options.map(({ evaluator }) => evaluator),
      ...this.#extra,
    ];
  }

  #conclude(): void {
    if (this.#right !== null || this.#done.done === null) return;
    this.#right = this.#options.filter(({ evaluator }) => evaluator.holds).map(({ id }) => id);
  }
}

/** When the acts of a solution are due, one after the other. */
export class Player {
  readonly #acts: readonly { readonly act: Act; readonly after: { readonly done: Point | null } | null }[];
  readonly #begin: VirtualTime;
  #next = 0;
  #since: number;

  /** `begin`: the instant at which it begins. */
  constructor(acts: readonly Act[], follower: StepFollower, begin: VirtualTime) {
    this.#acts = acts.map((act) => ({ act, after: act.after && follower.follow(act.after) }));
    this.#begin = begin;
    this.#since = begin;
  }

  get finished(): boolean {
    return this.#next >= this.#acts.length;
  }

  /** The act that is due at `now`, if any; it counts as done then. */
  due(now: VirtualTime): Act | null {
    const entry = this.#acts[this.#next];
    if (!entry) return null;
    const { act, after } = entry;
    if (after && after.done === null) return null;
    const ready = virtualTime(Math.max(this.#since, after?.done?.t ?? this.#begin) + act.wait);
    if (now < ready) return null;
    this.#next++;
    this.#since = now;
    return act;
  }
}
