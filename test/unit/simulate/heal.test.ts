import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseScenario, parseScenarioText } from '../../../src/lab/index.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { play } from '../../../src/simulate/play.ts';

test('a packet that a hold has held last goes on when all is healed, and an observer finds its leader', async () => {
  const parsed = parseScenario({
    format: 'zabscope/scenario@1',
    seed: 10405,
    ensemble: { servers: [{ sid: 2 }, { sid: 3 }, { sid: 5, role: 'observer' }] },
    network: { latency: [14, 15] },
    actions: [{ at: 13, do: 'hold', from: 's5', to: 's2', type: 'NOTIFICATION', count: 1 }],
    until: 326,
  });
  if (!parsed.ok) throw new Error(parsed.message);
  const { violations, scenario } = await play(parsed.scenario, { heal: true, stopAtFirst: true });
  expect(violations).toEqual([]);
  expect(scenario.actions).toContainEqual(expect.objectContaining({ do: 'release', from: 's5', to: 's2' }));
});

test('a disk may be damaged at the very beginning, too', async () => {
  const parsed = parseScenario({
    format: 'zabscope/scenario@1',
    ensemble: { servers: [{ sid: 1 }, { sid: 2 }, { sid: 3 }], autoStart: false },
    actions: [{ at: 0, do: 'wipe', server: 1 }],
    until: 100,
  });
  if (!parsed.ok) throw new Error(parsed.message);
  const { violations, failure } = await play(parsed.scenario, { heal: true, stopAtFirst: true });
  expect([violations, failure]).toEqual([[], null]);
});

test('who is ahead by an epoch in which nothing was written is told apart', async () => {
  const file = new URL('../../scenarios/found/epoch-without-write.json', import.meta.url);
  const parsed = parseScenarioText(readFileSync(file, 'utf8'));
  if (!parsed.ok) throw new Error(parsed.message);
  const { violations } = await play(
    { ...parsed.scenario, until: virtualTime(8665) },
    { heal: true, stopAtFirst: true },
  );
  expect(violations).toEqual([expect.objectContaining({ property: 'SessionsSettle', known: 'epoch without a write' })]);
});

test('who waits for a voter that has left and cannot start is told apart', async () => {
  const file = new URL('../../scenarios/found/left-before-others-knew.json', import.meta.url);
  const parsed = parseScenarioText(readFileSync(file, 'utf8'));
  if (!parsed.ok) throw new Error(parsed.message);
  const { violations } = await play(
    { ...parsed.scenario, until: virtualTime(5905) },
    { heal: true, stopAtFirst: true },
  );
  const told = expect.objectContaining({ property: 'LeaderElected', known: 'stale configuration file' }) as unknown;
  expect(violations).toEqual([told]);
});

test('a server that its configuration does not have is neither wiped nor started again and again', async () => {
  const file = new URL('../../scenarios/found/stale-configuration-file.json', import.meta.url);
  const parsed = parseScenarioText(readFileSync(file, 'utf8'));
  if (!parsed.ok) throw new Error(parsed.message);
  const { violations, scenario } = await play(parsed.scenario, { heal: true, stopAtFirst: true });
  expect(violations).toEqual([expect.objectContaining({ known: 'stale configuration file' })]);
  const healed = scenario.actions.slice(parsed.scenario.actions.length).map((action) => action.do);
  expect(healed).not.toContain('wipe');
  expect(healed.filter((action) => action === 'restart').length).toBeLessThan(10);
});

test('clients of a leader that is left alone and takes none are not waited for', async () => {
  const parsed = parseScenario({
    format: 'zabscope/scenario@1',
    ensemble: { servers: [{ sid: 1 }], leaderServes: false, standaloneEnabled: false },
    clients: [{ name: 'alice', sessionTimeout: 4000 }],
    actions: [{ at: 1000, do: 'connect', client: 'alice' }],
    until: 3000,
  });
  if (!parsed.ok) throw new Error(parsed.message);
  const { violations, counts } = await play(parsed.scenario, { heal: true, stopAtFirst: true });
  expect(violations).toEqual([]);
  expect(counts.established).toBe(1);
});
