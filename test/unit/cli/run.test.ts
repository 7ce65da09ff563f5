/** `npm run lab -- run FILE` as a shell sees it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseJsonl } from '../../../src/trace/index.ts';

const SLOW = { timeout: 60_000 };
let folder = '';
const file = (name: string): string => path.join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'zabscope-'));
  const scenario = {
    format: 'zabscope/scenario@1',
    seed: 42,
    ensemble: { servers: [{ sid: 1 }, { sid: 2 }, { sid: 3 }] },
    clients: [{ name: 'alice' }],
    actions: [
      { at: 3000, do: 'request', client: 'alice', op: 'create', path: '/config', data: 'v1' },
      { at: 3500, do: 'request', client: 'alice', op: 'get', path: '/no' },
      { at: 4000, do: 'kill', server: 3 },
    ],
    until: 9000,
  };
  writeFileSync(file('good.json'), JSON.stringify(scenario));
  writeFileSync(file('bad.json'), JSON.stringify({ ...scenario, sed: 1 }));
});
afterAll(() => rmSync(folder, { recursive: true }));

function lab(...args: readonly string[]): {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], {
    encoding: 'utf8',
  });
  return { status, out: stdout, err: stderr };
}

test('JSON and a trace, the same from both hosts', SLOW, () => {
  const results = ['inline', 'workers'].map((host) => {
    const { status, out, err } = lab(
      'run',
      file('good.json'),
      '--json',
      '--trees',
      '--host',
      host,
      '--trace',
      file(host),
    );
    expect({ status, err }).toEqual({ status: 0, err: '' });
    return { json: JSON.parse(out) as Record<string, never>, trace: readFileSync(file(host), 'utf8') };
  });
  expect(results[1]).toEqual(results[0]);
  const [{ json, trace }] = results as [(typeof results)[number]];
  expect(parseJsonl(trace)).toMatchObject({ ok: true });
  expect(json).toMatchObject({
    virtualMs: 9000,
    events: trace.trimEnd().split('\n').length,
    leader: 2,
    epoch: 2,
    servers: { 1: { state: 'FOLLOWING', zabState: 'BROADCAST', currentEpoch: 2 }, 3: { state: 'DOWN' } },
    clients: {
      alice: {
        state: 'CONNECTED',
        replies: [
          { op: 'create', path: '/config', zxid: '0x100000002' },
          { op: 'get', path: '/no', error: 'NONODE' },
        ],
      },
    },
    trees: { 1: { '/config': { data: 'v1', stat: { czxid: '0x100000002', version: 0 } } } },
    violations: [],
  });
});

test('a summary for people', SLOW, () => {
  const { status, out } = lab('run', file('good.json'), '--until', '3900');
  expect(status).toBe(0);
  expect(out).toContain('3900 ms, ');
  expect(out).toMatch(/s3 +LEADING +BROADCAST +logged 0x100000002, committed 0x100000002/);
  expect(out).toMatch(/create \/config 0x100000002/);
});

test('a file that cannot be used exits with 2 and one sentence', SLOW, () => {
  const out = file('none/trace.jsonl');
  expect(lab('run', file('none.json')).err).toBe(`cannot read ${file('none.json')}: no such file\n`);
  expect(lab('run', folder)).toMatchObject({ status: 2, err: `cannot read ${folder}: it is a folder\n` });
  expect(lab('run', file('good.json'), '--trace', out)).toEqual({
    status: 2,
    out: '',
    err: `cannot write ${out}: no such folder\n`,
  });
});

test('a command tells its usage', SLOW, () => {
  const { status, out, err } = lab('run', '--help');
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(/^Usage: run FILE .*\n$/);
});

test('wrong usage exits with 2 and one clear line', SLOW, () => {
  const usage = 'Usage: run FILE';
  for (const [args, line] of [
    [['run'], `Give one scenario file.\n${usage}`],
    [['run', file('good.json'), '--host', 'moon'], `--host: expected inline or workers, got moon\n${usage}`],
    [
      ['run', file('good.json'), '--until', 'x'],
      `--until: expected a number of ms from 0 to 1000000000, got x\n${usage}`,
    ],
    [['run', file('bad.json')], 'sed: unknown key'],
    [['fly'], 'There is no command fly.'],
  ] as const) {
    const { status, out, err } = lab(...args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(line);
  }
});

test('a violation ends with 1, and what ZooKeeper itself does is told as such', SLOW, () => {
  const { status, err } = lab('run', 'test/scenarios/found/dirty-snapshot.json');
  expect(status).toBe(1);
  expect(err).toMatch(/^TreeDeterminism is broken at 12414\.722 ms: .* \(A known bug of ZooKeeper: dirty snapshot\)$/m);
});
