/** Proves a story without a screen: with its defect it ends where it says, without the defect nothing breaks. */
import type { Violation } from '../check/index.ts';
import type { LabApi, Scenario } from '../lab/index.ts';
import { virtualTime } from '../protocol/time.ts';
import type { OpenLab } from './runner.ts';
import { withoutDefect, type Story } from './story.ts';

/** The last step stands where the violation is, give or take so many ms: instants have three decimals that nobody wants to write. */
const NEAR_MS = 0.5;

export interface StoryProof {
  /** The first violation; null: the defect was not caught. */
  readonly caught: Violation | null;
  /** What is wrong with the story, in one sentence each; empty: it holds. */
  readonly problems: readonly string[];
}

export async function proveStory(story: Story, open: OpenLab): Promise<StoryProof> {
  const problems: string[] = [];
  const [caught = null] = await violationsOf(story.scenario, open, problems);
  const [unwanted] = await violationsOf(withoutDefect(story), open, problems);
  const last = story.steps.at(-1)?.at ?? 0;
  if (caught === null) problems.push(`nothing catches ${story.defect} until ${story.scenario.until} ms`);
  else if (caught.property !== story.property) {
    problems.push(`${caught.property} catches it at ${caught.at} ms, before ${story.property} does: ${caught.says}`);
  } else if (!isRedInstant(last, caught.at)) {
    problems.push(`the last step is at ${last} ms, but the violation at ${caught.at} ms`);
  }
  if (unwanted) {
    problems.push(`without the defect ${unwanted.property} is broken too, at ${unwanted.at} ms: ${unwanted.says}`);
  }
  return { caught, problems };
}

/** Whether the last step of a story, at `at`, is that of a violation at `red`; both in virtual ms. */
export function isRedInstant(at: number, red: number): boolean {
  return Math.abs(at - red) <= NEAR_MS;
}

async function violationsOf(scenario: Scenario, open: OpenLab, problems: string[]): Promise<readonly Violation[]> {
  const lab: LabApi = await open(scenario);
  await lab.advance(virtualTime(scenario.until));
  lab.dispose();
  if (lab.failure) problems.push(`the lab has stopped at ${lab.failure.at} ms: ${lab.failure.message}`);
  return lab.violations;
}
