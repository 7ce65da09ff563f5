/**
 * The lab of a tab as this browser keeps it over a reload: the scenario with all that was done, and beside it, because it
 * changes much more often, where the person is. What comes back is validated like any text from outside. Pure.
 */
import type { Mode } from './places.svelte.ts';
import { parseScenarioText, serializeScenario, TIME_MAX, type Scenario } from '../../lab/index.ts';

/** Where the person is. */
export interface SavedPlace {
  /** ms; `playhead` is not behind `head`. */
  readonly playhead: number;
  readonly head: number;
  readonly playing: boolean;
  /** Virtual ms a second. */
  readonly pace: readonly [slow: number, fast: number];
  readonly smart: boolean;
  readonly mode: Mode;
  readonly lesson: { readonly id: string; readonly step: number } | null;
  /** The story of a broken rule that the lab tells; `whole`: it is run without the defect. */
  readonly story: { readonly defect: string; readonly step: number; readonly whole: boolean } | null;
  /** The fragment of the address when the lab was opened. */
  readonly hash: string;
}

export interface SavedLab extends SavedPlace {
  readonly scenario: Scenario;
}

/** Characters: about what browsers keep of one page. */
const TEXT_MAX = 5_000_000;
const MODES: readonly Mode[] = ['sandbox', 'lessons', 'rules'];
const NAME_MAX = 64;
const STEPS_MAX = 1000;

export function writeScenario(scenario: Scenario): string {
  return JSON.stringify(serializeScenario(scenario));
}

export function writePlace(place: SavedPlace): string {
  return JSON.stringify(place);
}

/** Null: there is none, or what is there is not one. */
export function readSavedLab(scenario: string | null, place: string | null): SavedLab | null {
  if (scenario === null || place === null || scenario.length + place.length > TEXT_MAX) return null;
  const where = placeOf(parse(place));
  const parsed = where && parseScenarioText(scenario);
  return where && parsed?.ok ? { scenario: parsed.scenario, ...where } : null;
}

function placeOf(json: unknown): SavedPlace | null {
  if (!isObject(json)) return null;
  const { playhead, head, playing, pace, smart, mode, lesson, story, hash } = json;
  if (!isInstant(head) || !isInstant(playhead) || playhead > head) return null;
  const [slow, fast] = Array.isArray(pace) ? (pace as unknown[]) : [];
  if (!isPace(slow) || !isPace(fast) || typeof hash !== 'string') return null;
  return {
    playhead,
    head,
    playing: playing === true,
    pace: [slow, fast],
    smart: smart === true,
    mode: MODES.find((known) => known === mode) ?? 'sandbox',
    lesson: lessonOf(lesson),
    story: storyOf(story),
    hash,
  };
}

function lessonOf(json: unknown): SavedPlace['lesson'] {
  if (!isObject(json)) return null;
  const { id, step } = json;
  const known = typeof id === 'string' && id.length <= NAME_MAX && Number.isInteger(step);
  return known && Number(step) >= 0 && Number(step) < STEPS_MAX ? { id, step: Number(step) } : null;
}

/** The step before the first one is −1. */
function storyOf(json: unknown): SavedPlace['story'] {
  if (!isObject(json)) return null;
  const { defect, step, whole } = json;
  const known = typeof defect === 'string' && defect.length <= NAME_MAX && Number.isInteger(step);
  return known && Number(step) >= -1 && Number(step) < STEPS_MAX
    ? { defect, step: Number(step), whole: whole === true }
    : null;
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
function isInstant(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= TIME_MAX;
}
function isPace(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
