/** The table of rules against the tests: a rule that is only claimed is not shown to anybody. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RULES } from '../../../src/protocol/rules/index.ts';

const FOLDER = new URL('..', import.meta.url);

/** The lines of all unit tests on which the title of a test or of a group begins. */
function titles(): string {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'));
  return files
    .flatMap((file) => readFileSync(new URL(file, FOLDER), 'utf8').split('\n'))
    .filter((line) => /^\s*(describe|test|it)\b.*['`]|^\s*['`]/.test(line))
    .join('\n');
}

test('every rule stands in the title of a test that proves it', () => {
  const text = titles();
  const named = (id: string): boolean => new RegExp(`${id.replace('.', '\\.')}(?![\\w-])`).test(text);
  expect(Object.keys(RULES).filter((id) => !named(id))).toEqual([]);
});

test('every rule is one sentence with a source', () => {
  for (const [id, { says, source }] of Object.entries(RULES)) {
    expect(says, id).toMatch(/^\w.*[^.]\.$/);
    expect(source, id).not.toBe('');
  }
});
