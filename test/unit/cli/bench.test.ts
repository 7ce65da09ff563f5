/** Benchmarks at a very small measure: that they run, and that what they report is possible. Never how fast anything is. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { BenchOptions } from '../../../src/cli/bench/benchmark.ts';
import { load } from '../../../src/cli/bench/load.ts';
import { interleaved, median, percentile } from '../../../src/cli/bench/measure.ts';
import { BENCHMARKS } from '../../../src/cli/commands/bench.ts';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { createProcess, Lab, parseScenario } from '../../../src/lab/index.ts';
import { virtualTime } from '../../../src/protocol/time.ts';

const TINY: BenchOptions = { hosts: ['inline'], servers: [3], outstanding: [1, 10], scale: 0.01, turns: 1 };
const inline = (): InlineHost => new InlineHost(createProcess);

function bench(...args: readonly string[]): { readonly status: number | null; readonly err: string } {
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', 'bench', ...args], {
    encoding: 'utf8',
  });
  return { status, err: stderr };
}

test.each([
  [['nothing'], 'There is no benchmark nothing: expected lockstep, '],
  [['writes', '--host', 'moon'], '--host: expected inline or workers or browser, got moon'],
  [['--loud'], "Unknown option '--loud'"],
])('bench %j is refused, and says why', (args, says) => {
  const { status, err } = bench(...args);
  expect(err).toContain(says);
  expect(err).toContain('Usage: bench [lockstep|');
  expect(status).toBe(2);
});

test('medians and percentiles are values that were measured', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(percentile([5, 4, 3, 2, 1], 0.99)).toBe(5);
  expect(median([])).toBeNaN();
});

test('contenders take turns', async () => {
  const order: string[] = [];
  const contender = (name: string) => (turn: number) => Promise.resolve(order.push(`${name}${turn}`));
  expect(await interleaved(2, { a: contender('a'), b: contender('b') })).toEqual({ a: 3, b: 4 });
  expect(order).toEqual(['a0', 'b0', 'a1', 'b1']);
});

/** Every number of the figures, however deep. */
function numbers(figures: unknown): readonly number[] {
  if (typeof figures === 'number') return [figures];
  return typeof figures === 'object' && figures !== null ? Object.values(figures).flatMap(numbers) : [];
}

describe('each benchmark that needs neither browser nor JVM', () => {
  const offline = BENCHMARKS.filter(({ name }) => !['lockstep', 'zookeeper', 'page'].includes(name));
  test.each(offline.map((benchmark) => [benchmark.name, benchmark] as const))('%s', async (_, benchmark) => {
    const { figures, lines } = await benchmark.run(TINY);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join()).not.toMatch(/NaN|Infinity|undefined/);
    expect(numbers(figures).length).toBeGreaterThan(0);
    expect(numbers(figures).every((figure) => Number.isFinite(figure))).toBe(true);
  });
});

test('lockstep in worker threads', async () => {
  const lockstep = BENCHMARKS.find(({ name }) => name === 'lockstep');
  const { figures } = (await lockstep?.run({ ...TINY, hosts: ['workers'] })) ?? { figures: [] };
  expect(figures).toMatchObject([{ host: 'workers', servers: 3 }]);
  expect(numbers(figures).every((figure) => figure > 0)).toBe(true);
});

test('a load counts what was answered, and how much was told of it', async () => {
  const [one] = await load({ kind: 'writes', servers: 3, outstanding: [5], scale: 0.1, turns: 1 }, inline);
  // Each write is told of by call and return, three logs, three trees and the packets between them.
  expect(one?.eventsPerRequest).toBeGreaterThan(20);
  expect(one?.share).toBeLessThan(1);
});

test('a lab without a trace does what it does with one', async () => {
  const write = { do: 'request', client: 'alice', op: 'create', path: '/a', data: 'x' };
  const parsed = parseScenario({
    format: 'zabscope/scenario@1',
    ensemble: { servers: [{ sid: 1 }, { sid: 2 }, { sid: 3 }] },
    clients: [{ name: 'alice' }],
    actions: [
      { ...write, at: 4000 },
      { at: 4500, do: 'kill', server: 1 },
      { at: 5000, do: 'restart', server: 1 },
      { ...write, at: 9000, path: '/b' },
    ],
  });
  if (!parsed.ok) throw new Error(parsed.message);
  const [told, silent] = await Promise.all(
    [true, false].map((traced) => Lab.open(parsed.scenario, inline, { traced })),
  );
  if (!told || !silent) throw new Error('there are two labs');
  for (const lab of [told, silent]) await lab.advance(virtualTime(10_000));
  expect(silent.failure).toBeNull();
  expect(new Set([...silent.trace.events()].map(({ actor }) => actor))).toEqual(new Set(['lab']));
  expect(told.trace.length).toBeGreaterThan(silent.trace.length);
  for (const sid of [1, 2, 3]) expect(await silent.dataDir(sid)).toEqual(await told.dataDir(sid));
});
