import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { createProcess, Lab, type LabApi, type Scenario } from '../../../src/lab/index.ts';
import { LessonRunner, parseLesson, proveLesson, type Lesson } from '../../../src/lesson/index.ts';
import { virtualTime } from '../../../src/protocol/time.ts';

const FOLDER = new URL('../../../lessons/', import.meta.url);
const json = (path: string): never => JSON.parse(readFileSync(new URL(path, FOLDER), 'utf8')) as never;
const folders = readdirSync(FOLDER).filter((name) => existsSync(new URL(`${name}/lesson.json`, FOLDER)));
const open = (scenario: Scenario): Promise<LabApi> => Lab.open(scenario, () => new InlineHost(createProcess));

function lessonOf(folder: string): Lesson {
  const parsed = parseLesson(json(`${folder}/lesson.json`), json(`${folder}/text.en.json`));
  if (!parsed.ok) throw new Error(`${folder}: ${parsed.reason}`);
  return parsed.lesson;
}

describe('the lessons', () => {
  test.each(folders)(
    '%s is proved by its own solution, cheats, other ways and idleness',
    async (folder) => {
      const findings = await proveLesson(lessonOf(folder), open, [11]);
      expect(findings.filter(({ ok }) => !ok)).toEqual([]);
      expect(findings.filter(({ what }) => what === 'solution').length).toBe(lessonOf(folder).steps.length);
    },
    60_000,
  );

  test('stand in the index under their own titles', () => {
    const index: { chapters: { lessons: { folder: string; number: string; title: string; minutes: number }[] }[] } =
      json('index.en.json');
    const listed = index.chapters.flatMap(({ lessons }) => lessons);
    expect(listed.map(({ folder }) => folder)).toEqual(folders.sort());
    for (const { folder, number, title, minutes } of listed) {
      const lesson = lessonOf(folder);
      expect({ number, title, minutes }).toEqual({
        number: lesson.number,
        title: lesson.text.title,
        minutes: lesson.minutes,
      });
    }
  });
});

describe('a proof', () => {
  /** Lesson 1.1 with another first step. */
  const spoiled = (changes: object): Lesson => {
    const data: { steps: object[] } = json('1.1-znode/lesson.json');
    data.steps[0] = { ...data.steps[0], ...changes };
    const parsed = parseLesson(data, json('1.1-znode/text.en.json'));
    if (!parsed.ok) throw new Error(parsed.reason);
    return parsed.lesson;
  };
  const failures = async (lesson: Lesson) => {
    const findings = await proveLesson(lesson, open, [1]);
    return findings.filter(({ ok }) => !ok).map(({ step, what }) => `${step} ${what}`);
  };

  test('fails a step that is done from the start', async () => {
    expect(await failures(spoiled({ done: 'node(/app) = null' }))).toContain('create not done at the start');
  });
  test('fails a step that waiting completes', async () => {
    expect(await failures(spoiled({ done: 'role(s1) = FOLLOWING for 1 s' }))).toContain('create idle');
  });
  test('fails a solution that is none', async () => {
    const solution = [{ do: 'console', client: 'A', line: 'create /ap hello' }];
    expect(await failures(spoiled({ solution }))).toEqual(['create solution']);
  });
  test('fails a solution that breaks a property, but not in a lab that breaks rules on purpose', async () => {
    const wrong = async (scenario: Scenario): Promise<LabApi> => {
      const lab = await open(scenario);
      const violation = { property: 'Leadership1', at: 1, event: 1, proof: [1], says: 'Two lead.' };
      return new Proxy(lab, {
        get(target, key) {
          if (key === 'violations') return [violation];
          const value: unknown = Reflect.get(target, key, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    };
    const lesson = lessonOf('1.1-znode');
    const failed = (await proveLesson(lesson, wrong, [1])).filter(({ ok }) => !ok);
    expect(new Set(failed.map(({ what, detail }) => `${what} ${detail}`))).toEqual(
      new Set(['violations solution: Leadership1 at 1 ms: Two lead.']),
    );
    const broken = { ...lesson, scenario: { ...lesson.scenario, defects: ['watch-fires-twice' as const] } };
    expect((await proveLesson(broken, wrong, [1])).filter(({ ok }) => !ok)).toEqual([]);
  });
  test('fails a prediction with two right options', async () => {
    const options = ['one', 'two', 'three'].map((id) => ({ id, when: 'copies(/app) >= 2' }));
    expect(await failures(spoiled({ predict: { options } }))).toContain('create prediction');
  });
});

describe('a lesson file', () => {
  const refusal = (change: (data: Record<string, never>, text: Record<string, never>) => void): string => {
    const [data, text] = [json('1.1-znode/lesson.json'), json('1.1-znode/text.en.json')];
    change(data, text);
    const parsed = parseLesson(data, text);
    return parsed.ok ? 'accepted' : parsed.reason;
  };

  test('is refused with the place of what is wrong', () => {
    type Step = { done: string; solution: object[]; predict: { options: { when: string }[] } };
    const step = (data: { steps?: Step[] }): Step => data.steps![0]!;
    expect(refusal(() => undefined)).toBe('accepted');
    expect(refusal((data) => Object.assign(data, { number: 'one' }))).toBe(
      'number: expected a number such as 3.1, got "one"',
    );
    expect(refusal((data) => Object.assign(data, { extra: 1 }))).toMatch(/^extra: /);
    expect(refusal((data) => Object.assign(step(data), { done: 'leader = s9' }))).toBe(
      'steps[0].done: there is no "s9" here (character 10 of: leader = s9)',
    );
    expect(refusal((data) => Object.assign(step(data), { solution: [{ do: 'kill', server: 9 }] }))).toMatch(
      /^steps\[0\]\.solution\[0\]: server: /,
    );
    expect(refusal((data) => Object.assign(step(data).predict.options[0]!, { when: 'lead' }))).toMatch(
      /^steps\[0\]\.predict\.options\[0\]\.when: there is no "lead"/,
    );
    expect(
      refusal((_data, text: { steps?: Record<string, { hints: string[] }> }) => text.steps!['stat']!.hints.pop()),
    ).toMatch(/^text: steps\.stat\.hints/);
    expect(refusal((_data, text: { steps?: Record<string, object> }) => delete text.steps!['stat'])).toBe(
      'text: steps.stat: is missing',
    );
    expect(
      refusal((_data, text: { steps?: Record<string, { predict: { options: Record<string, string> } }> }) => {
        delete text.steps!['create']!.predict.options['two'];
      }),
    ).toBe('text: steps.create.predict.options.two: is missing');
  });
});

describe('the runner', () => {
  const begin = async (folder = '1.1-znode') => {
    const runner = new LessonRunner(lessonOf(folder), open);
    expect(await runner.enter(0)).toEqual({ ok: true });
    return runner;
  };
  const type = async (runner: LessonRunner, line: string) => {
    const lab = runner.lab!;
    await lab.act({ do: 'console', client: 'A', line });
    await lab.advance(virtualTime(lab.head + 500));
    runner.observe(lab.head);
  };

  test('ticks atoms, settles the prediction at the end, and goes on in the same lab', async () => {
    const runner = await begin();
    runner.predict('one');
    runner.predict('three');
    expect(runner.progress).toMatchObject({ doneAt: null, prediction: { chosen: 'one', right: null } });
    expect(runner.progress.atoms.map(({ met }) => met)).toEqual([false, false]);
    await type(runner, 'create /app hello');
    expect(runner.progress.atoms.map(({ met }) => met)).toEqual([true, true]);
    expect(runner.progress.prediction).toEqual({ chosen: 'one', right: 'three' });
    const { lab } = runner;
    expect(await runner.next()).toEqual({ ok: true });
    expect(runner.lab).toBe(lab);
    expect(runner.progress).toMatchObject({ step: 1, doneAt: null, hintsShown: 0, prediction: { chosen: null } });
  });

  test('does not go on before a step is done', async () => {
    const runner = await begin();
    expect(await runner.next()).toEqual({ ok: false, reason: 'This step is not done yet.' });
  });

  test('loses nothing when the learner runs ahead', async () => {
    const runner = await begin('3.1-write-path');
    await type(runner, 'create /x 1');
    for (const step of [0, 1, 2, 3, 4]) {
      expect(runner.progress.step).toBe(step);
      runner.observe(runner.lab!.head);
      expect(runner.progress.doneAt).not.toBeNull();
      await runner.next();
    }
    expect(runner.progress).toMatchObject({ step: 5, doneAt: null });
  });

  test('opens any step at its checkpoint, and again when it is reset', async () => {
    const runner = await begin();
    expect(await runner.enter(3)).toEqual({ ok: true });
    const state = runner.lab!.trace.stateAt(runner.lab!.head);
    expect([...state.servers.values()].map(({ tree }) => tree.has('/app/db'))).toEqual([true, true, true]);
    await type(runner, 'deleteall /app');
    expect(await runner.enter(3)).toEqual({ ok: true });
    await type(runner, 'delete /app');
    expect(runner.progress.doneAt).not.toBeNull();
  });

  test('shows the way, and marks the step as shown', async () => {
    const runner = await begin();
    for (const hints of [1, 2, 3, 3]) {
      runner.showHint();
      expect(runner.progress.hintsShown).toBe(hints);
    }
    runner.doItForMe(runner.lab!.head);
    const act = runner.dueAct(runner.lab!.head);
    expect(act).toMatchObject({ type: 'action', action: { do: 'console', line: 'create /app hello' } });
    expect(runner.dueAct(runner.lab!.head)).toBeNull();
    expect(runner.progress.shown).toBe(true);
  });

  test('follows a branch from where it left the lab', async () => {
    const runner = await begin();
    const at = runner.lab!.head;
    await type(runner, 'create /other');
    const branch = await runner.lab!.branch(at);
    runner.branched(branch, at);
    await type(runner, 'create /app hello');
    expect(runner.progress.doneAt).not.toBeNull();
  });

  test('tells when a step cannot be completed any more', async () => {
    const runner = await begin();
    await runner.enter(5);
    for (const line of ['ls /', 'ls /', 'ls /', 'ls /']) await type(runner, line);
    expect(runner.progress.failed).toBeNull();
    await type(runner, 'ls /');
    expect(runner.progress.failed).toBe('No more than four commands');
  });

  test('takes an answer only if it is exactly right', async () => {
    const runner = await begin('4.1-election');
    expect(await runner.enter(5)).toEqual({ ok: true });
    expect(runner.answer(['broadcast'])).toBe(false);
    expect(runner.answer(['broadcast', 'change', 'ask'])).toBe(false);
    expect(runner.progress.doneAt).toBeNull();
    expect(runner.answer(['change', 'broadcast'])).toBe(true);
    expect(runner.progress.doneAt).not.toBeNull();
  });
});

describe('the glossary', () => {
  test('has one sentence for each term, and no word twice', () => {
    const glossary: Record<string, { meaning: string; forms?: string[] }> = json('glossary.en.json');
    const words = Object.entries(glossary).flatMap(([word, { forms = [] }]) => [word, ...forms]);
    const lower = words.map((word) => word.toLowerCase());
    expect(lower.filter((word, i) => lower.indexOf(word) < i)).toEqual([]);
    for (const { meaning } of Object.values(glossary)) expect(meaning).toMatch(/^[A-Z].*\S(\.|…)$/);
  });
});
