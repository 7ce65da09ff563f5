/** `datadir`: what it writes, reads, prints and refuses. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { datadir } from '../../../src/cli/commands/datadir.ts';
import { FileError } from '../../../src/cli/files.ts';
import { UsageError } from '../../../src/cli/usage.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zabscope-datadir-'));
  writeFileSync(join(folder, 'lab.json'), JSON.stringify(SCENARIO));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SCENARIO = {
  format: 'zabscope/scenario@1',
  ensemble: { servers: [{ sid: 1 }] },
  clients: [{ name: 'alice' }],
  actions: [{ at: 1000, do: 'request', client: 'alice', op: 'create', path: '/a', data: 'hello' }],
  until: 2000,
};

/** What main.ts does with a command, in this process. */
async function lab(
  ...args: readonly string[]
): Promise<{ readonly status: number; readonly out: string; readonly err: string }> {
  const out = vi.spyOn(console, 'log').mockReturnValue();
  const err = vi.spyOn(console, 'error').mockReturnValue();
  const text = (spy: typeof out): string => spy.mock.calls.map((call) => `${String(call[0])}\n`).join('');
  try {
    const status = await Promise.resolve().then(() => datadir.run(args));
    return { status, out: text(out), err: text(err) };
  } catch (error) {
    if (error instanceof UsageError || error instanceof FileError) return { status: 2, out: '', err: error.message };
    throw error;
  } finally {
    vi.restoreAllMocks();
  }
}

it('exports, inspects and imports the same data directory, as a folder and as a zip archive', async () => {
  const data = join(folder, 'data');
  expect((await lab('export', join(folder, 'lab.json'), '--server', '1', '--to', data)).status).toBe(0);
  expect(readFileSync(join(data, 'myid'), 'utf8')).toBe('1\n');
  const inspected = await lab('inspect', join(data, 'version-2', 'log.1'));
  expect(inspected.status).toBe(0);
  expect(inspected.out).toContain("zxid 0x2 create2 /a,hello,[31,s{'world,'anyone}\n],false,1\n");
  expect(inspected.out).toContain('EOF reached after 2 txns.\n');

  const zip = join(folder, 'data.zip');
  expect((await lab('export', join(folder, 'lab.json'), '--server', '1', '--to', zip)).status).toBe(0);
  for (const source of [data, zip]) {
    const imported = await lab('import', source, '--json');
    expect(imported.status, imported.err).toBe(0);
    expect(JSON.parse(imported.out)).toMatchObject({ znodes: 5, lastZxid: '0x2' });
  }
});

it('tells in one sentence what it cannot open, and exits with 1', async () => {
  writeFileSync(join(folder, 'snapshot.0'), 'no snapshot');
  const refused = await lab('import', join(folder, 'snapshot.0'));
  expect(refused.status).toBe(1);
  expect(refused.err.trim().split('\n')).toHaveLength(1);
  expect((await lab('import', join(folder, 'lab.json'))).err).toContain(
    'There is no log.<zxid> and no snapshot.<zxid>',
  );
  const broken = await lab('inspect', join(folder, 'snapshot.0'));
  expect(broken.status).toBe(1);
  expect(broken.err).toContain('snapshot.0: ');
});

it.each([
  [['export', 'lab.json'], 'Say where to write with --to.'],
  [['export', 'lab.json', '--to', 'x', '--server', 'one'], '--server: expected the sid of a server'],
  [['inspect'], 'Give files called log.<zxid> or snapshot.<zxid>.'],
  [['import', 'x', '--servers', '12'], '--servers: expected a number from 1 to 9, got 12'],
  [['melt'], 'There is no verb melt.'],
  [['inspect', 'nowhere/log.1'], 'cannot read nowhere/log.1: no such file'],
])('%j is wrong usage', async (args, message) => {
  const { status, err } = await lab(...args);
  expect(status).toBe(2);
  expect(err).toContain(message);
  expect(existsSync('x')).toBe(false);
});
