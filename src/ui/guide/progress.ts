/** What a learner has done, as this browser keeps it. What comes back from there is validated like any text from outside. Pure. */

/** `shown`: "do it for me" did it. */
export type StepMark = 'done' | 'shown';
/** By lesson, by step. */
export type Progress = ReadonlyMap<string, ReadonlyMap<string, StepMark>>;

const NAME = /^[a-z][a-z0-9-]{0,63}$/;
/** Characters: far more than all lessons need. */
const TEXT_MAX = 100_000;

/** Anything that is not progress is nothing done. */
export function readProgress(text: string | null): Progress {
  const progress = new Map<string, ReadonlyMap<string, StepMark>>();
  if (text === null || text.length > TEXT_MAX) return progress;
  for (const [lesson, steps] of entriesOf(parse(text))) {
    const marks = entriesOf(steps).filter(
      (entry): entry is [string, StepMark] => entry[1] === 'done' || entry[1] === 'shown',
    );
    if (marks.length > 0) progress.set(lesson, new Map(marks));
  }
  return progress;
}

export function writeProgress(progress: Progress): string {
  return JSON.stringify(
    Object.fromEntries([...progress].map(([lesson, steps]) => [lesson, Object.fromEntries(steps)])),
  );
}

/** A step once done by oneself stays so. */
export function withMark(progress: Progress, lesson: string, step: string, mark: StepMark): Progress {
  const steps = new Map(progress.get(lesson));
  if (steps.get(step) !== 'done') steps.set(step, mark);
  return new Map(progress).set(lesson, steps);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).filter(([name]) => NAME.test(name));
}
