/** `conformance`: the bundled recordings hold, and what does not hold is told, once and at its place. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { conformance } from '../../../src/cli/commands/conformance.ts';
import { readRecordings, replay } from '../../../src/cli/conformance/index.ts';
import { FileError } from '../../../src/cli/files.ts';
import { UsageError } from '../../../src/cli/usage.ts';

const BUNDLED = fileURLToPath(new URL('../../conformance', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zabscope-conformance-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What main.ts does with a command, in this process. */
async function lab(
  ...args: readonly string[]
): Promise<{ readonly status: number; readonly out: string; readonly err: string }> {
  const out = vi.spyOn(console, 'log').mockReturnValue();
  try {
    const status = await conformance.run(args);
    return { status, out: out.mock.calls.map((call) => `${String(call[0])}\n`).join(''), err: '' };
  } catch (error) {
    if (error instanceof UsageError || error instanceof FileError) return { status: 2, out: '', err: error.message };
    throw error;
  } finally {
    vi.restoreAllMocks();
  }
}

/** A file in the folder of this test. */
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function lines(name: string): string[] {
  return readFileSync(join(BUNDLED, name), 'utf8').trim().split('\n');
}

/** The file `name` of the bundle with only the case `id`, in which `from` is replaced by `to`. */
function changed(name: string, id: string, from: string, to: string): string {
  const all = lines(name);
  const start = all.findIndex((line) => line.startsWith(`{"case":"${id}"`));
  const end = all.findIndex((line, index) => index > start && line.startsWith('{"final"'));
  const text = [all[0], ...all.slice(start, end + 1)].join('\n');
  expect(text).toContain(from);
  return file('changed.jsonl', text.replace(from, to));
}

async function differences(path: string) {
  const replayed = await Promise.all(readRecordings(path).map(replay));
  return replayed.flatMap((each) => each.differences);
}

describe('the bundled recordings', () => {
  const files = ['suites', 'random', 'ensemble'].flatMap((part) =>
    readdirSync(join(BUNDLED, part)).map((name) => join(part, name)),
  );

  it('are of every kind', () => {
    expect(files.length).toBeGreaterThan(30);
  });

  // A machine that does much else may take seconds for the longest.
  it.each(files)('%s holds', { timeout: 60_000 }, async (name) => {
    expect(await differences(join(BUNDLED, name))).toEqual([]);
  });
});

describe('a recorded value that is not ours', () => {
  const CASE = 'session/close-events';
  const change = (from: string, to: string): string => changed('suites/session.jsonl', CASE, from, to);

  it('is one difference, at its place in a result', async () => {
    const path = change(
      '"cversion":0,"aversion":0,"ephemeralOwner":"A"',
      '"cversion":5,"aversion":0,"ephemeralOwner":"A"',
    );
    const found = [{ step: 2, place: 'res.stat.cversion', expected: 5, got: 0 }];
    expect(await differences(path)).toEqual(found);
    // Again, the same.
    expect(await differences(path)).toEqual(found);
  });

  it('is one difference among events', async () => {
    const [found, ...more] = await differences(
      change('"NodeChildrenChanged","SyncConnected","/"', '"NodeDataChanged","SyncConnected","/"'),
    );
    expect(found).toMatchObject({
      step: 5,
      place: 'seen.B[1][0]',
      expected: 'NodeDataChanged',
      got: 'NodeChildrenChanged',
    });
    expect(more).toEqual([]);
  });

  it('is one difference where events should have come in another order', async () => {
    const path = change(
      '[["NodeDeleted","SyncConnected","/e"],["NodeChildrenChanged","SyncConnected","/"]]',
      '[["NodeChildrenChanged","SyncConnected","/"],["NodeDeleted","SyncConnected","/e"]]',
    );
    expect((await differences(path)).map(({ place }) => place)).toEqual([
      'seen.B[0][0]',
      'seen.B[0][2]',
      'seen.B[1][0]',
      'seen.B[1][2]',
    ]);
    const tolerated = readFileSync(path, 'utf8').replace('{"n":5,', '{"n":5,"anyOrder":["B"],');
    expect(await differences(file('tolerated.jsonl', tolerated))).toEqual([]);
  });

  it('is one difference in the final line, and the size that servers count in their own way is none', async () => {
    const path = change('"watchCount":0', '"watchCount":1');
    expect(await differences(path)).toEqual([{ step: null, place: 'final.watchCount', expected: 1, got: 0 }]);
    expect(await differences(change('"approximateDataSize":44', '"approximateDataSize":1'))).toEqual([]);
  });

  it('is one difference in a scenario of an ensemble', async () => {
    const text = readFileSync(join(BUNDLED, 'ensemble/s3-fresh-1-3.json'), 'utf8');
    const last = text.lastIndexOf('"lastLogged":"0x100000008"');
    expect(last).toBeGreaterThan(0);
    const path = file('changed.json', `${text.slice(0, last)}"lastLogged":"0x100000009"${text.slice(last + 26)}`);
    const [found, ...more] = await differences(path);
    expect(found).toMatchObject({ expected: '0x100000009', got: '0x100000008' });
    expect(found?.place).toMatch(/^servers\.\d\.disk\.lastLogged$/);
    expect(more).toEqual([]);
  });

  it('is told with file, case, step and place; the command exits with 1', async () => {
    const path = change('"ephemeralsCount":0', '"ephemeralsCount":2');
    const { status, out } = await lab(path);
    expect(status).toBe(1);
    expect(out).toBe(`${path}, ${CASE}, final.ephemeralsCount\n  expected 2\n  got      0\n0 passed, 1 failed\n`);
    const json: unknown = JSON.parse((await lab(path, '--json')).out);
    expect(json).toMatchObject({
      passed: 0,
      failed: 1,
      cases: [{ case: CASE, file: path, differences: [{ place: 'final.ephemeralsCount', expected: 2, got: 0 }] }],
    });
  });
});

describe('the command', () => {
  it('plays the cases with a text in their names, and exits with 0 when all hold', async () => {
    expect(await lab(BUNDLED, '--only', 's3-fresh-1-3')).toEqual({ status: 0, out: '1 passed, 0 failed\n', err: '' });
  });

  it.each([
    [[], 'Give one folder or file of recordings.'],
    [[BUNDLED, '--only', 'no such case'], '--only: no case has no such case in its name'],
    [[join(BUNDLED, 'nowhere')], `cannot read ${join(BUNDLED, 'nowhere')}: no such file or folder`],
  ])('refuses %j', async (args, message) => {
    expect(await lab(...args)).toEqual({ status: 2, out: '', err: message });
  });

  const header = '{"format":"zk-conformance/1","suite":"x","recordedFrom":"y"}';
  const start = '{"case":"x/a","area":"x","title":"t","server":{"servers":0,"cfg":{},"props":{}}}';
  it.each([
    ['{"format":"zk-conformance/9"}', /line 1: expected the format zk-conformance\/1 or zk-ensemble\/1, got "zk-conf/],
    ['not JSON', /line 1: expected JSON: /],
    [`${header}\n{"n":0,"op":"sleep","ms":1}`, /line 2: expected a case before its first step$/],
    [`${header}\n${start}\n{"n":0`, /line 3: expected JSON: /],
    [`${header}\n${start}\n{"n":0,"s":"A","op":"fly"}`, /line 3: op: expected one of create, .*, got "fly"$/],
    [`${header}\n${start}\n{"n":0,"s":"A","op":"delete","path":7}`, /line 3: path: expected text, got 7$/],
    [
      '{"format":"zk-ensemble/1","scenario":"s","server":{"servers":3},"steps":[{"do":"start"}]}',
      /steps\[0\]\.servers: expected a list of sids, got nothing$/,
    ],
  ])('tells file and line of what is no recording: %j', async (text, message) => {
    const path = file('bad.jsonl', text);
    const { status, err } = await lab(path);
    expect(status).toBe(2);
    expect(err.startsWith(path)).toBe(true);
    expect(err).toMatch(message);
  });
});
