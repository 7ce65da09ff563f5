import { expect, test } from 'vitest';
import { validatePath } from '../../../src/protocol/paths.ts';

test.each(['/', '/a', '/a/b.c', '/...', '/a..b/.c', '/ü/日本', '/\u{7e}', '/\u{a0}', '/\u{f900}'])(
  '%j is a path',
  (path) => {
    expect(validatePath(path)).toBeNull();
  },
);

test.each([
  '',
  'a',
  '/a/',
  '//',
  '/a//b',
  '/.',
  '/..',
  '/a/.',
  '/a/../b',
  '/\0',
  '/\u{1}',
  '/\u{1f}',
  '/\u{7f}',
  '/\u{9f}',
  '/\u{d800}',
  '/\u{1f600}',
  '/\u{f8ff}',
  '/\u{fff0}',
  '/\u{ffff}',
])('%j is no path', (path) => {
  expect(validatePath(path)).toEqual(expect.any(String));
});

test('a sequential path is judged with its number', () => {
  expect(validatePath('/a/', true)).toBeNull();
  expect(validatePath('/a/.', true)).toBeNull();
  expect(validatePath('', true)).toEqual(expect.any(String));
});
