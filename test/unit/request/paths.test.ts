import { expect, test } from 'vitest';
import { validatePath } from '../../../src/protocol/paths.ts';

test.each(['/', '/a', '/a/b.c', '/...', '/a..b/.c', '/ü/日本', '/\u{7e}', '/\u{a0}', '/\u{f900}'])(
  '%j is a path',
  (path) => {
    expect(validatePath(path)).toBeNull();
  },
);

const BAD: Readonly<Record<string, readonly string[]>> = {
  'path.absolute': ['', 'a', 'a/b', '.'],
  'path.trailing-slash': ['/a/', '/a/b/'],
  'path.empty-name': ['//', '/a//b', '//a'],
  'path.dots': ['/.', '/..', '/a/.', '/a/../b', './a'],
  'path.characters': [
    ...['/\0', '/a\0b', '/\u{1}', '/\u{1f}', '/\u{7f}', '/\u{9f}', '/\u{d800}', '/\u{1f600}', '/\u{f8ff}'],
    ...['/\u{fff0}', '/\u{ffff}'],
  ],
};
test.each(Object.entries(BAD).flatMap(([rule, paths]) => paths.map((path) => [rule, path] as const)))(
  '%s: %j is no path',
  (_rule, path) => {
    expect(validatePath(path)).toEqual(expect.any(String));
  },
);

test('path.trailing-slash: a sequential path is judged with its number', () => {
  expect(validatePath('/a/', true)).toBeNull();
  expect(validatePath('/a/.', true)).toBeNull();
  expect(validatePath('', true)).toEqual(expect.any(String));
});
