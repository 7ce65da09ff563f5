// House rules as checks: which folder may import which, no clock and no randomness where the trace is made, promises handled, unions
// handled whole. Each message names what to use instead.
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';
import { importDirection } from './test/import-direction.mjs';

const typescript = ['**/*.ts'];
const components = ['**/*.svelte'];
const tests = ['test/**/*.ts', '**/*.test.ts'];
/** What runs inside a scenario: the trace is a pure function of the scenario, so nothing here may see the machine. */
const deterministic = ['src/**/*.ts'];
/** The edges, which meet the machine: page, command line, two hosts, and playback, which maps wall time to virtual time. */
const edges = [
  'src/ui/**',
  'src/cli/**',
  'src/lab/hosts/browser*',
  'src/lab/hosts/node*',
  'src/lab/playback*',
  'src/lab/playback/**',
];

const clock =
  'Virtual time only: take the instant from the step (`ctx.now()`), so that a scenario always gives the same trace.';
const timer =
  'No wall timers: set one in virtual time (`ctx.setTimer`), so that a scenario always gives the same trace.';
const chance = 'Seeded chance only: draw from the `Random` that you were given (src/protocol/random.ts).';
const output = 'No console: emit a trace event, or return a result that the caller prints.';

const bannedGlobals = {
  [clock]: ['Date', 'performance', 'Temporal', 'Intl'],
  [timer]: [
    ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'],
    ...['requestAnimationFrame', 'cancelAnimationFrame', 'requestIdleCallback'],
  ],
  [chance]: ['crypto'],
  [output]: ['console'],
};

/** `test.only`, `describe.skip`, `test.describe.only` and their kin. */
const focused = ['only', 'skip', 'todo', 'fixme'].join('|');
const suites = '/^(test|it|describe|suite|bench)$/';

export default defineConfig(
  globalIgnores(['dist/', 'test-results/', 'node_modules/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' } },

  js.configs.recommended,
  {
    files: [...typescript, ...components],
    extends: [ts.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      eqeqeq: 'error',
      // The compiler knows which names exist.
      'no-undef': 'off',
    },
  },
  svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    files: components,
    rules: {
      // Collections in state are raw and replaced whole, never changed in place: a deep reactive copy of a trace would be slow, and cannot be
      // posted to a worker.
      'svelte/prefer-svelte-reactivity': 'off',
      // svelte-check reports them, with the compiler's own warnings at hand.
      'svelte/no-unused-svelte-ignore': 'off',
      // Types that come through a component's markup are svelte-check's business.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: globals.node },
  },

  {
    files: ['src/**', 'workers/**', 'lessons/**'],
    plugins: { house: { rules: { 'import-direction': importDirection } } },
    rules: { 'house/import-direction': 'error' },
  },
  {
    files: deterministic,
    ignores: [...edges, '**/*.test.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        {
          globals: Object.entries(bannedGlobals).flatMap(([message, names]) =>
            names.map((name) => ({ name, message })),
          ),
          checkGlobalObject: true,
        },
      ],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: chance }],
    },
  },

  {
    files: tests,
    rules: {
      'no-restricted-syntax': [
        'error',
        ...[`[object.name=${suites}]`, `[object.property.name=${suites}]`].map((object) => ({
          selector: `MemberExpression${object}[property.name=/^(${focused})$/]`,
          message: 'Every test runs, always: mend it or remove it.',
        })),
      ],
      // `expect.any` and its kin are typed so.
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  prettier,
  svelte.configs.prettier,
);
