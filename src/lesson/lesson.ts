/**
 * A lesson as the runner plays it: data of `lessons/<number>-<name>/lesson.json` with its conditions
 * parsed, and the text of one language. {@link ./parse.ts} makes it.
 */
import type { ActionBody, Scenario } from '../lab/index.ts';
import type { Condition, Pattern } from './condition/index.ts';

/** What a person does in a lesson, in the words of a solution. */
export type Act = {
  /** Waits until this has happened since the step began … */
  readonly after: Condition | null;
  /** … and then so many virtual ms. */
  readonly wait: number;
} & (
  | { readonly type: 'action'; readonly action: ActionBody }
  /** Looks at the newest event of this kind. */
  | { readonly type: 'inspect'; readonly pattern: Pattern }
  | { readonly type: 'answer'; readonly question: string; readonly options: readonly string[] }
);

/** One of the options is true, computed from the run when the step is done. */
export interface Prediction {
  readonly options: readonly { readonly id: string; readonly when: Condition }[];
}

/** A question whose right options are known; `answered(id)` asks for exactly these. */
export interface Question {
  readonly id: string;
  readonly options: readonly { readonly id: string; readonly right: boolean }[];
}

/** How a step begins when it does not go on where the one before it ended. */
export interface Checkpoint {
  /** A new lab of this scenario; null: the same lab goes on. */
  readonly scenario: Scenario | null;
  /** Done before the step begins. */
  readonly acts: readonly Act[];
}

export interface Step {
  readonly id: string;
  readonly checkpoint: Checkpoint | null;
  readonly predict: Prediction | null;
  readonly question: Question | null;
  readonly done: Condition;
  readonly solution: readonly Act[];
  /** For the button "run until". */
  readonly runUntil: Condition | null;
  /** Virtual ms that the solution may take. */
  readonly limit: number;
  /** Other ways that must pass, and ways that must not. Challenges have them. */
  readonly alternatives: readonly Route[];
  readonly cheats: readonly Route[];
}

export interface Route {
  readonly name: string;
  readonly acts: readonly Act[];
}

export interface StepText {
  readonly title: string;
  /** Markdown, at most 60 words. */
  readonly say: string;
  /** Markdown: what to do. */
  readonly do: string;
  /** Markdown, one line: what was seen. */
  readonly explain: string;
  /** Where to look, which control, the exact act. */
  readonly hints: readonly [string, string, string];
  readonly predict?: { readonly question: string; readonly options: Readonly<Record<string, string>> } | undefined;
  readonly question?: { readonly question: string; readonly options: Readonly<Record<string, string>> } | undefined;
  /** Better words for what is still missing, in the order of the atoms. */
  readonly atoms?: readonly string[] | undefined;
}

export interface LessonText {
  readonly title: string;
  readonly goal: string;
  /** Misconceptions that the lesson attacks, each a sentence that is wrong. */
  readonly attacks: readonly string[];
  readonly steps: Readonly<Record<string, StepText>>;
  /** Markdown: what is simplified here. */
  readonly smallPrint: readonly string[];
}

export interface Lesson {
  /** `3.1` */
  readonly number: string;
  /** `write-path` */
  readonly id: string;
  readonly minutes: number;
  readonly scenario: Scenario;
  /** The challenge is the last one. */
  readonly steps: readonly Step[];
  readonly text: LessonText;
}
