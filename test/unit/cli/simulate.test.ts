/** `npm run lab -- simulate` as a shell sees it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const SLOW = { timeout: 120_000 };
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'zabscope-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function simulate(...args: readonly string[]) {
  const all = ['--import', 'tsx', 'src/cli/main.ts', 'simulate', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}

test('counterexamples and counts are the same in one thread and in three', SLOW, () => {
  const runs = ['1', '3'].map((threads) => {
    const args = [
      '--seeds',
      '1-4',
      '--profile',
      'calm',
      '--for',
      '4000',
      '--mutate',
      'mzxid-stays',
      '--servers',
      '3',
      '--json',
    ];
    const { status, out, err } = simulate(...args, '--threads', threads, '--out', path.join(folder, threads));
    expect({ status, err }).toEqual({ status: 0, err: '' });
    return { ...(JSON.parse(out) as Record<string, unknown>), seconds: 0, violations: [] };
  });
  expect(readdirSync(path.join(folder, '1'))).toContainEqual(expect.stringMatching(/-calm-3-servers-\d\.json$/));
  expect(runs[1]).toEqual(runs[0]);
  expect(runs[0]).toMatchObject({ mutant: ['mzxid-stays'], seedsNeeded: expect.any(Number) });
  expect(readdirSync(path.join(folder, '3'))).toEqual(readdirSync(path.join(folder, '1')));
});

test('a summary for people, and what was not touched', SLOW, () => {
  const { status, out } = simulate('--seeds', '1-2', '--profile', 'calm', '--for', '4000', '--coverage');
  expect(out).toMatch(/^2 seeds of profile calm: \d+ virtual s, \d+ events/m);
  expect(out).toMatch(/^ {4}zab\.sync-trunc/m);
  expect(status).toBe(0);
});

test('wrong usage exits with 2 and one clear line', SLOW, () => {
  for (const [args, line] of [
    [[], '--seeds: expected a range such as 1-100, got nothing'],
    [['--seeds', '9-1'], '--seeds: expected a range such as 1-100, got 9-1'],
    [['--seeds', '1', '--profile', 'moon'], '--profile: expected calm, network'],
    [['--seeds', '1', '--servers', '0'], '--servers: expected an integer from 1 to 9, got 0'],
    [['--seeds', '1', '--mutate', 'nothing'], '--mutate: expected all, commit-without-quorum'],
    [['--seeds', '1', '--page', 'here'], '--page: expected the address of the page such as http://127.0.0.1:4173/'],
    [['--seeds', '1', '--write', 'x.md'], '--write: only with --mutate all'],
  ] as const) {
    const { status, out, err } = simulate(...args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(line);
    expect(err).toContain('Usage: simulate --seeds A-B');
  }
});

test('a folder that cannot be written to is told before anything is simulated', SLOW, () => {
  const { status, out, err } = simulate('--seeds', '1-1000000', '--out', 'package.json/failures');
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toMatch(/^cannot write to package\.json\/failures: .*package\.json is no folder$/m);
});

test('links lead to the page that is named', SLOW, () => {
  const out = path.join(folder, 'links');
  const args = ['--seeds', '1-4', '--profile', 'calm', '--for', '4000', '--mutate', 'mzxid-stays', '--servers', '3'];
  expect(simulate(...args, '--out', out, '--page', 'https://zab.example/lab/').status).toBe(0);
  const [link = ''] = readdirSync(out).filter((file) => file.endsWith('.url'));
  expect(readFileSync(path.join(out, link), 'utf8')).toMatch(/^https:\/\/zab\.example\/lab\/#\S+\n$/);
});
