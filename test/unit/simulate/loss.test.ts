/** What a disk may lose: only what a quorum without it surely has. */
import { expect, test } from 'vitest';
import type { ActionBody, Scenario } from '../../../src/lab/index.ts';
import { parseScenario, SCENARIO_FORMAT } from '../../../src/lab/index.ts';
import { play } from '../../../src/simulate/index.ts';

function scenario(actions: readonly (ActionBody & { readonly at: number })[], observer = false): Scenario {
  const parsed = parseScenario({
    format: SCENARIO_FORMAT,
    seed: 1,
    ensemble: { servers: [{ sid: 1 }, { sid: 2 }, { sid: 3 }, ...(observer ? [{ sid: 4, role: 'observer' }] : [])] },
    clients: [{ name: 'alice', server: 3 }],
    actions,
    until: 9000,
  });
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.scenario;
}
const CREATE = { do: 'request', client: 'alice', op: 'create', path: '/a', data: 'x' } as const;
const played = async (actions: readonly (ActionBody & { readonly at: number })[], observer = false) =>
  (await play(scenario(actions, observer), { heal: true, stopAtFirst: true })).scenario.actions.map(
    (action) => action.do,
  );

test('a voter is not wiped before the others have gone on without it', async () => {
  expect(
    await played([
      { at: 3000, ...CREATE },
      { at: 4000, do: 'kill', server: 1 },
      { at: 5000, do: 'wipe', server: 1 },
    ]),
  ).not.toContain('wipe');
});

test('a voter is wiped once the others have committed what was proposed after its death', async () => {
  const actions = [
    { at: 4000, do: 'kill', server: 1 },
    { at: 4500, ...CREATE },
    { at: 6000, do: 'wipe', server: 1 },
  ] as const;
  expect(await played(actions)).toContain('wipe');
});

test('a voter that runs is not wiped', async () => {
  expect(
    await played([
      { at: 4500, ...CREATE },
      { at: 6000, do: 'wipe', server: 1 },
    ]),
  ).not.toContain('wipe');
});

test('an observer that is down may lose anything', async () => {
  expect(
    await played(
      [
        { at: 4000, do: 'kill', server: 4 },
        { at: 4100, do: 'wipe', server: 4 },
      ],
      true,
    ),
  ).toContain('wipe');
});

test('a member is not taken away', async () => {
  expect(await played([{ at: 4000, do: 'remove-server', sid: 1 }])).not.toContain('remove-server');
});

test('of the logs the newest one loses its end', async () => {
  const { scenario: done } = await play(
    scenario([
      { at: 4000, do: 'kill', server: 1 },
      { at: 4500, ...CREATE },
      { at: 6000, do: 'corrupt', server: 1, file: 'version-2/log.*', offset: 'tail' },
    ]),
    { heal: true, stopAtFirst: true },
  );
  expect(done.actions.find((action) => action.do === 'corrupt')).toMatchObject({ file: 'version-2/log.100000001' });
});

test('nobody is wiped once the voters are others than on the first day', async () => {
  const parsed = parseScenario({
    format: SCENARIO_FORMAT,
    seed: 1,
    ensemble: {
      servers: [1, 2, 3, 4, 5].map((sid) => ({ sid })),
      ...{ reconfigEnabled: true, skipACL: true },
    },
    clients: [{ name: 'alice', server: 3 }],
    actions: [
      { at: 3000, do: 'connect', client: 'alice' },
      { at: 4000, do: 'request', client: 'alice', op: 'reconfig', leaving: '4,5' },
      { at: 5000, do: 'kill', server: 1 },
      { at: 5100, do: 'kill', server: 4 },
      { at: 5500, ...CREATE },
      // s1 and s4 would come back as members of an ensemble of five.
      { at: 7000, do: 'wipe', server: 1 },
      { at: 7000, do: 'wipe', server: 4 },
    ],
    until: 9000,
  });
  if (!parsed.ok) throw new Error(parsed.message);
  const { scenario: done, counts } = await play(parsed.scenario, { heal: true, stopAtFirst: true });
  expect(counts.reconfigs).toBeGreaterThan(0);
  expect(done.actions.map((action) => action.do)).not.toContain('wipe');
});
