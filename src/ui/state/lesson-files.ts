/** Lessons as the build found them in `lessons/`: loaded when somebody asks for them. */
import { parseLesson, type Lesson } from '../../lesson/index.ts';

const FILES = import.meta.glob<unknown>(['../../../lessons/*/lesson.json', '../../../lessons/*/*en.json'], {
  import: 'default',
});

export interface LessonList {
  /** In order of their numbers. */
  readonly lessons: readonly Lesson[];
  /** Lessons that cannot be shown, and why, in one sentence each. */
  readonly refused: readonly string[];
}

export async function loadLessons(): Promise<LessonList> {
  const folders = Object.keys(FILES).filter((file) => file.endsWith('/lesson.json'));
  const parsed = await Promise.all(
    folders.map(async (file) => {
      const folder = file.slice(0, -'lesson.json'.length);
      const text = Object.keys(FILES).find((other) => other.startsWith(folder) && other.endsWith('en.json'));
      const [data, words] = await Promise.all([FILES[file]?.(), text === undefined ? null : FILES[text]?.()]);
      return { folder, result: parseLesson(data, words) };
    }),
  );
  const lessons = parsed.flatMap(({ result }) => (result.ok ? [result.lesson] : []));
  const refused = parsed.flatMap(({ folder, result }) => (result.ok ? [] : [`${folder}: ${result.reason}`]));
  return { lessons: lessons.sort((a, b) => order(a) - order(b)), refused };
}

/** `3.10` comes after `3.2`. */
function order({ number }: Lesson): number {
  const [chapter = 0, lesson = 0] = number.split('.').map(Number);
  return chapter * 1000 + lesson;
}
