/** `lessons [ID…]`: proves each lesson without a page; see src/lesson/prove.ts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { InlineHost } from '../../lab/hosts/inline.ts';
import { createProcess, Lab } from '../../lab/index.ts';
import { parseLesson, proveLesson, SEEDS, type Finding, type Lesson } from '../../lesson/index.ts';
import { parsed, UsageError, type Command } from '../usage.ts';

const FOLDER = fileURLToPath(new URL('../../../lessons', import.meta.url));

export const lessons: Command = {
  name: 'lessons',
  usage: 'lessons [ID…] [--seeds A-B] [--json]',
  async run(args) {
    const { values, positionals } = parsed(() =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: { json: { type: 'boolean', default: false }, seeds: { type: 'string' } },
      }),
    );
    const seeds = values.seeds === undefined ? SEEDS : seedsOf(values.seeds);
    const folders = choose(positionals);
    const findings: Finding[] = [];
    for (const folder of folders) {
      const lesson = readLesson(folder);
      if (typeof lesson === 'string') {
        findings.push({ lesson: folder, step: '', seed: 0, what: 'format', ok: false, detail: lesson });
        continue;
      }
      const proved = await proveLesson(
        lesson,
        (scenario) => Lab.open(scenario, () => new InlineHost(createProcess)),
        seeds,
      );
      findings.push(...proved);
      if (!values.json) console.log(forPeople(lesson, proved));
    }
    const failed = findings.filter(({ ok }) => !ok);
    if (values.json)
      console.log(JSON.stringify({ seeds, lessons: folders.length, checks: findings.length, failed }, null, 2));
    else {
      for (const { lesson, step, seed, what, detail } of failed) {
        console.error(`FAIL  ${lesson} ${step}, seed ${seed}, ${what}${detail === '' ? '' : `: ${detail}`}`);
      }
      console.log(`${findings.length - failed.length} checks hold, ${failed.length} fail`);
    }
    return failed.length > 0 ? 1 : 0;
  },
};

/** Folders of the lessons, in order of their numbers; by number (`3.1`) or name (`write-path`). */
function choose(ids: readonly string[]): readonly string[] {
  const all = readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(FOLDER, entry.name, 'lesson.json')))
    .map(({ name }) => name)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (ids.length === 0) return all;
  return ids.map((id) => {
    const found = all.find((folder) => folder === id || folder.startsWith(`${id}-`) || folder.endsWith(`-${id}`));
    if (found === undefined) throw new UsageError(`There is no lesson ${id}.`);
    return found;
  });
}

/** The lesson, or what is wrong with it. */
function readLesson(folder: string): Lesson | string {
  try {
    const json = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, folder, name), 'utf8'));
    const lesson = parseLesson(json('lesson.json'), json('text.en.json'));
    return lesson.ok ? lesson.lesson : lesson.reason;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function seedsOf(text: string): readonly number[] {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === undefined || !(from <= to && to - from < 10_000)) {
    throw new UsageError(`--seeds: expected a range such as 1-20, got ${text}`);
  }
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function forPeople({ number, text }: Lesson, findings: readonly Finding[]): string {
  const failed = findings.filter(({ ok }) => !ok).length;
  const verdict = failed === 0 ? 'ok  ' : 'FAIL';
  return `${verdict}  ${number}  ${text.title}: ${findings.length - failed} of ${findings.length} checks hold`;
}
