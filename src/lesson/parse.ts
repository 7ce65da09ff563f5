/** Lesson files to lessons: shapes, conditions, actions, and that data and text fit together. */
import { parseAction, parseScenario, type Scenario } from '../lab/index.ts';
import { parseCondition, type Condition, type Names } from './condition/index.ts';
import type { Act, Checkpoint, Lesson, LessonText, Question, Route, Step, StepText } from './lesson.ts';
import { check } from '../protocol/json.ts';
import { LessonSchema, LessonTextSchema, type ActData, type LessonData } from './schema.ts';

export type ParsedLesson =
  { readonly ok: true; readonly lesson: Lesson } | { readonly ok: false; readonly reason: string };

type StepData = LessonData['steps'][number];

/** What is wrong somewhere below; told as one sentence with its place. */
class Wrong extends Error {
  override readonly name = 'Wrong';
}

function refuse(place: string, reason: string): never {
  throw new Wrong(`${place}: ${reason}`);
}

/** `data` and `text` are JSON that was read already. Never throws. */
export function parseLesson(data: unknown, text: unknown): ParsedLesson {
  const checkedData = check(LessonSchema, data);
  if (!checkedData.ok) return { ok: false, reason: checkedData.message };
  const checkedText = check(LessonTextSchema, text);
  if (!checkedText.ok) return { ok: false, reason: `text: ${checkedText.message}` };
  try {
    return { ok: true, lesson: readLesson(checkedData.value, checkedText.value) };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { ok: false, reason: error.message };
  }
}

function readLesson(data: LessonData, text: LessonText): Lesson {
  const scenario = readScenario(data.scenario, 'scenario');
  const { challenge } = data;
  const all: readonly (StepData & Partial<typeof challenge>)[] = [...data.steps, challenge];
  const questions = new Set(all.flatMap(({ question }) => (question ? [question.id] : [])));
  let current = scenario;
  const steps = all.map((each, i): Step => {
    const place = i < data.steps.length ? `steps[${i}]` : 'challenge';
    const checkpoint = each.checkpoint ? readScenarioOf(each.checkpoint, `${place}.checkpoint`) : null;
    if (checkpoint) current = checkpoint;
    return readStep(each, new Reader(current, questions), place, checkpoint);
  });
  const ids = steps.map((step) => step.id);
  const twice = ids.find((id, i) => ids.indexOf(id) < i);
  if (twice !== undefined) refuse('steps', `there are two steps "${twice}"`);
  checkText(steps, text);
  return { number: data.number, id: data.id, minutes: data.minutes, scenario, steps, text };
}

function readScenario(json: unknown, place: string): Scenario {
  const parsed = parseScenario(json);
  return parsed.ok ? parsed.scenario : refuse(place, parsed.message);
}

function readScenarioOf(checkpoint: NonNullable<StepData['checkpoint']>, place: string): Scenario | null {
  return checkpoint.scenario === undefined ? null : readScenario(checkpoint.scenario, `${place}.scenario`);
}

function readStep(
  data: StepData & {
    alternatives?: LessonData['challenge']['alternatives'];
    cheats?: LessonData['challenge']['cheats'];
  },
  reader: Reader,
  place: string,
  scenario: Scenario | null,
): Step {
  const checkpoint: Checkpoint | null = data.checkpoint
    ? { scenario, acts: reader.acts(data.checkpoint.acts, `${place}.checkpoint.acts`) }
    : null;
  const never = data.never.map((source, i) => reader.condition(`never (${source})`, `${place}.never[${i}]`));
  const done = reader.condition(data.done, `${place}.done`);
  const { predict, question } = data;
  return {
    id: data.id,
    checkpoint,
    predict: predict
      ? {
          options: predict.options.map(({ id, when }, i) => ({
            id,
            when: reader.condition(when, `${place}.predict.options[${i}].when`),
          })),
        }
      : null,
    question: question ? readQuestion(question, place) : null,
    // Before `done`, whose `hold` would take them in.
    done: never.length === 0 ? done : { type: 'and', parts: [...never, done] },
    solution: reader.acts(data.solution, `${place}.solution`),
    runUntil: data.runUntil === undefined ? null : reader.condition(data.runUntil, `${place}.runUntil`),
    limit: data.limit,
    alternatives: reader.routes(data.alternatives ?? [], `${place}.alternatives`),
    cheats: reader.routes(data.cheats ?? [], `${place}.cheats`),
  };
}

function readQuestion(question: Question, place: string): Question {
  if (!question.options.some(({ right }) => right)) refuse(`${place}.question`, 'no option is right');
  return question;
}

/** Reads what depends on who there is. */
class Reader {
  readonly #scenario: Scenario;
  readonly #names: Names;

  constructor(scenario: Scenario, questions: ReadonlySet<string>) {
    this.#scenario = scenario;
    this.#names = {
      servers: new Set(scenario.ensemble.servers.map(({ sid }) => `s${sid}`)),
      clients: new Set(scenario.clients.map(({ name }) => name)),
      questions,
    };
  }

  condition(source: string, place: string): Condition {
    const parsed = parseCondition(source, this.#names);
    return parsed.ok ? parsed.condition : refuse(place, parsed.reason);
  }

  routes(data: LessonData['challenge']['cheats'], place: string): readonly Route[] {
    return data.map(({ name, acts }, i) => ({ name, acts: this.acts(acts, `${place}[${i}].acts`) }));
  }

  acts(data: readonly ActData[], place: string): readonly Act[] {
    return data.map((each, i) => this.#act(each, `${place}[${i}]`));
  }

  #act({ after, wait, ...rest }: ActData, place: string): Act {
    const when = { after: after === undefined ? null : this.condition(after, `${place}.after`), wait };
    if ('inspect' in rest) {
      this.#only(rest, ['inspect'], place);
      const condition = this.condition(`inspect(${String(rest['inspect'])})`, `${place}.inspect`);
      if (condition.type !== 'inspect') return refuse(place, 'inspect takes one event');
      return { ...when, type: 'inspect', pattern: condition.pattern };
    }
    if ('answer' in rest) {
      this.#only(rest, ['answer', 'options'], place);
      const { answer, options } = rest;
      if (typeof answer !== 'string' || !this.#names.questions.has(answer)) {
        return refuse(place, `there is no question ${JSON.stringify(answer)}`);
      }
      if (!Array.isArray(options)) return refuse(place, 'options must be a list');
      return { ...when, type: 'answer', question: answer, options: options.map(String) };
    }
    const parsed = parseAction(rest, this.#scenario);
    return parsed.ok ? { ...when, type: 'action', action: parsed.action } : refuse(place, parsed.message);
  }

  #only(data: Readonly<Record<string, unknown>>, keys: readonly string[], place: string): void {
    const other = Object.keys(data).find((key) => !keys.includes(key));
    if (other !== undefined) refuse(place, `there is no key "${other}" here`);
  }
}

/** Every key that the data need, and none besides. */
function checkText(steps: readonly Step[], text: LessonText): void {
  for (const step of steps) {
    const place = `text: steps.${step.id}`;
    const own = text.steps[step.id];
    if (!own) refuse(place, 'is missing');
    else {
      checkChoice(own.predict, step.predict?.options, `${place}.predict`);
      checkChoice(own.question, step.question?.options, `${place}.question`);
    }
  }
  const extra = Object.keys(text.steps).find((id) => !steps.some((step) => step.id === id));
  if (extra !== undefined) refuse(`text: steps.${extra}`, 'there is no such step');
}

function checkChoice(
  text: StepText['predict'],
  options: readonly { readonly id: string }[] | undefined,
  place: string,
): void {
  if (!text && !options) return;
  if (!text) return refuse(place, 'is missing');
  if (!options) return refuse(place, 'the lesson asks nothing there');
  const missing = options.find(({ id }) => !Object.hasOwn(text.options, id));
  if (missing) refuse(`${place}.options.${missing.id}`, 'is missing');
  const extra = Object.keys(text.options).find((id) => !options.some((option) => option.id === id));
  if (extra !== undefined) refuse(`${place}.options.${extra}`, 'there is no such option');
}
