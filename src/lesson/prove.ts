/**
 * Proves a lesson without a screen, for several seeds: its solution completes every step in order, nothing
 * completes before it is done, cheats fail, other ways pass, and each prediction has exactly one answer. In a lab that
 * breaks no rule on purpose nothing of all that may break a property.
 */
import type { LabApi } from '../lab/index.ts';
import { virtualTime } from '../protocol/time.ts';
import { StepFollower } from './follower.ts';
import type { Act, Lesson, Step } from './lesson.ts';
import { playRoute } from './play.ts';
import { openAtStep, prepare, type OpenLab } from './runner.ts';

export interface Finding {
  readonly lesson: string;
  readonly step: string;
  readonly seed: number;
  /** What was proved, or not: `solution`, `idle`, `cheat: …`, `alternative: …`, `prediction`, `violations`, `text` */
  readonly what: string;
  readonly ok: boolean;
  /** Why not; for a prediction the option that was right. */
  readonly detail: string;
}

export const SEEDS = [1, 2, 3];
/** Virtual ms without doing anything after which no step may be done. */
const IDLE_MS = 15_000;
const SAY_WORDS_MAX = 60;

export async function proveLesson(lesson: Lesson, open: OpenLab, seeds: readonly number[] = SEEDS): Promise<Finding[]> {
  const findings = proveText(lesson);
  for (const seed of seeds) {
    let lab: LabApi | null = null;
    let begin = 0;
    for (const [index, step] of lesson.steps.entries()) {
      const find = (what: string, ok: boolean, detail = ''): boolean => {
        findings.push({ lesson: lesson.number, step: step.id, seed, what, ok, detail });
        return ok;
      };
      if (!lab || step.checkpoint?.scenario) {
        lab?.dispose();
        const begun = await openAtStep(lesson, index, open, seed);
        if (!begun.ok) {
          find('solution', false, begun.reason);
          lab = null;
          break;
        }
        ({ lab, index: begin } = begun);
      } else {
        const prepared = await prepare(lab, step, begin);
        if (typeof prepared === 'string') {
          find('solution', false, prepared);
          break;
        }
        begin = prepared;
      }
      await proveNotYet(lab, step, begin, find);
      for (const [what, routes, passes] of [
        ['cheat', step.cheats, false],
        ['alternative', step.alternatives, true],
      ] as const) {
        for (const route of routes)
          await proveRoute(lab, step, begin, route.acts, `${what}: ${route.name}`, passes, find);
      }
      const outcome = await playRoute(lab, step, begin, step.solution, step.limit);
      if (!outcome.done) {
        find('solution', false, outcome.reason);
        break;
      }
      find('solution', true);
      proveSound(lab, 'solution', find);
      if (step.predict) {
        const right = outcome.follower.right ?? [];
        find(
          'prediction',
          right.length === 1,
          right.length === 1 ? (right[0] ?? '') : `true are: ${right.join(', ') || 'none'}`,
        );
      }
      begin = outcome.end;
    }
    lab?.dispose();
  }
  return findings;
}

type Find = (what: string, ok: boolean, detail?: string) => boolean;

/** A step that is done by waiting may only not be done at its start; any other not by waiting, either. */
async function proveNotYet(lab: LabApi, step: Step, begin: number, find: Find): Promise<void> {
  const follower = new StepFollower(step, lab, begin);
  if (!find('not done at the start', follower.done === null)) return;
  if (step.solution.length === 0) return;
  await proveRoute(lab, step, begin, [], 'idle', false, find, IDLE_MS);
}

async function proveRoute(
  lab: LabApi,
  step: Step,
  begin: number,
  acts: readonly Act[],
  what: string,
  passes: boolean,
  find: Find,
  limit = step.limit,
): Promise<void> {
  const branch = await lab.branch(virtualTime(lab.head));
  const outcome = await playRoute(branch, step, begin, acts, limit);
  branch.dispose();
  if (branch.violations.length > lab.violations.length) proveSound(branch, what, find);
  if (outcome.done === passes) find(what, true);
  else find(what, false, outcome.done ? `done at ${outcome.follower.done?.t ?? 0} ms` : outcome.reason);
}

/** No property is broken, unless rules are broken on purpose. */
function proveSound({ scenario, violations }: LabApi, what: string, find: Find): void {
  if (scenario.defects.length > 0) return;
  const [first] = violations;
  find('violations', first === undefined, first && `${what}: ${first.property} at ${first.at} ms: ${first.says}`);
}

/** What can be counted of the text; that every key is there is checked when the lesson is read. */
function proveText(lesson: Lesson): Finding[] {
  return lesson.steps.map((step) => {
    const words = (lesson.text.steps[step.id]?.say ?? '').split(/\s+/).filter(Boolean).length;
    const ok = words <= SAY_WORDS_MAX;
    const detail = ok ? '' : `says ${words} words, more than ${SAY_WORDS_MAX}`;
    return { lesson: lesson.number, step: step.id, seed: 0, what: 'text', ok, detail };
  });
}
