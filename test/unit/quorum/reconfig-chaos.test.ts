import { expect, test } from 'vitest';
import { createProcess, Lab, parseScenario } from '../../../src/lab/index.ts';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { reconfigScenario } from '../../helpers/reconfig-chaos.ts';

const SEEDS = 30;

async function run(seed: number) {
  const parsed = parseScenario(reconfigScenario(seed));
  if (!parsed.ok) throw new Error(parsed.message);
  const lab = await Lab.open(parsed.scenario, () => new InlineHost(createProcess));
  const end = virtualTime(parsed.scenario.until);
  await lab.advance(end);
  const leaders = new Map<number, Set<string>>();
  const told = new Set<string>();
  let reconfigs = 0;
  for (const event of lab.trace.events()) {
    if (event.kind === 'serving' && event.actor === `s${event.leader}`) {
      leaders.set(event.epoch, (leaders.get(event.epoch) ?? new Set()).add(event.actor));
    }
    if (event.kind !== 'returned' || event.error !== null) continue;
    if (event.request.op === 'create' && event.request.path !== undefined) told.add(event.request.path);
    if (event.request.op === 'reconfig') reconfigs++;
  }
  const servers = [...lab.trace.stateAt(end).servers.values()];
  const members = servers.filter((server) => server.serving);
  lab.dispose();
  return { failure: lab.failure, leaders, told, reconfigs, servers, members };
}

let reconfigs = 0;

test.each(Array.from({ length: SEEDS }, (_, i) => i + 1))(
  'seed %i: one leader in an epoch, no write lost, one configuration and one tree in the end',
  async (seed) => {
    const { failure, leaders, told, members, ...rest } = await run(seed);
    reconfigs += rest.reconfigs;
    expect(failure).toBeNull();
    for (const [epoch, names] of leaders) expect([epoch, names.size]).toEqual([epoch, 1]);
    expect(members.length).toBeGreaterThan(0);
    expect(new Set(members.map(({ config }) => config?.committed.version)).size).toBe(1);
    const voters = members[0]?.config?.committed.members ?? [];
    // Whoever is in the configuration, and runs, serves.
    for (const server of rest.servers) {
      if (server.state !== 'DOWN' && voters.some(({ sid }) => sid === server.sid)) expect(server.serving).toBe(true);
    }
    for (const { tree } of members) {
      expect([...told].filter((path) => !tree.has(path))).toEqual([]);
      expect(JSON.stringify([...tree].sort())).toBe(JSON.stringify([...(members[0]?.tree ?? [])].sort()));
    }
  },
);

test('and the ensembles have changed', () => expect(reconfigs).toBeGreaterThan(2 * SEEDS));
