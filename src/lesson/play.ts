/** Plays acts in a lab at full speed, without a screen: checkpoints, proofs, tests. */
import type { LabApi } from '../lab/index.ts';
import { virtualTime } from '../protocol/time.ts';
import { Player, StepFollower } from './follower.ts';
import type { Act, Step } from './lesson.ts';

/** Virtual ms between two looks at the lab. A solution may depend on being quick: a message takes 20 ms. */
const LOOK_EVERY_MS = 5;

/** How a route through a step ended. `done`: the step was completed; `reason`: why not. */
export type Outcome =
  | { readonly done: true; readonly follower: StepFollower; readonly end: number }
  | { readonly done: false; readonly follower: StepFollower; readonly reason: string };

/**
 * Follows `acts` through a step that begins with event `index`, until it is done or `limit` virtual ms
 * have passed. `end`: the index of the first event of the next step.
 */
export async function playRoute(
  lab: LabApi,
  step: Step,
  index: number,
  acts: readonly Act[],
  limit: number,
): Promise<Outcome> {
  const follower = new StepFollower(step, lab, index);
  const player = new Player(acts, follower, lab.head);
  const until = lab.head + limit;
  for (;;) {
    follower.observe(lab.head);
    if (follower.done) return { done: true, follower, end: follower.done.index + 1 };
    if (lab.failure) return { done: false, follower, reason: `the lab has stopped: ${lab.failure.message}` };
    if (lab.head >= until) return { done: false, follower, reason: missing(follower, limit) };
    const act = player.due(lab.head);
    const refused = act && (await perform(lab, follower, act));
    if (typeof refused === 'string') return { done: false, follower, reason: refused };
    if (!act) await lab.advance(virtualTime(lab.head + LOOK_EVERY_MS));
  }
}

/** Plays acts to the end of the last one; nothing is asked of the step. Null, or why it did not work. */
export async function playActs(lab: LabApi, acts: readonly Act[], step: Step, limit = 60_000): Promise<string | null> {
  const follower = new StepFollower(step, lab, lab.trace.length);
  const player = new Player(acts, follower, lab.head);
  const until = lab.head + limit;
  while (!player.finished) {
    follower.observe(lab.head);
    if (lab.failure) return `the lab has stopped: ${lab.failure.message}`;
    if (lab.head >= until) return `a checkpoint takes longer than ${limit} ms`;
    const act = player.due(lab.head);
    const refused = act && (await perform(lab, follower, act));
    if (typeof refused === 'string') return refused;
    if (!act) await lab.advance(virtualTime(lab.head + LOOK_EVERY_MS));
  }
  return null;
}

/** Null, or why it could not be done. */
async function perform(lab: LabApi, follower: StepFollower, act: Act): Promise<string | null> {
  switch (act.type) {
    case 'action': {
      const result = await lab.act(act.action);
      return result.ok ? null : `${act.action.do}: ${result.reason}`;
    }
    case 'answer':
      return follower.answer(act.question, act.options) ? null : `the answer to ${act.question} is wrong`;
    case 'inspect': {
      const id = follower.find(act.pattern);
      if (id === null) return `there is no ${act.pattern.name} to look at`;
      follower.inspect(id);
      return null;
    }
  }
}

function missing(follower: StepFollower, limit: number): string {
  const unmet = follower.atoms.filter(({ met }) => !met).map(({ text }) => text);
  return `not done after ${limit} ms; missing: ${unmet.join('; ') || 'all together at one time'}`;
}
