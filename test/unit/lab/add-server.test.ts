/** Servers that come to a running lab and go: in the trace, in scenarios, and on every host. */
import { describe, expect, test } from 'vitest';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { nodeHost } from '../../../src/lab/hosts/node.ts';
import { createProcess, Lab, parseScenario, serializeScenario, type ActorHost } from '../../../src/lab/index.ts';
import { joinerList } from '../../../src/lab/joiner.ts';
import { sid } from '../../../src/protocol/ids.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { toJsonl } from '../../../src/trace/index.ts';
import { scenario, servers } from './fakes.ts';

const inline = (): ActorHost => new InlineHost(createProcess);
const line = (n: number): string =>
  `server.${n}=127.0.0.1:${28880 + n}:${38880 + n}:participant;127.0.0.1:${21810 + n}`;
const SETTINGS = { reconfigEnabled: true, skipACL: true, tickTime: 500 };
const STORY = {
  seed: 3,
  ensemble: { servers: servers(3), ...SETTINGS },
  clients: [{ name: 'alice' }],
  actions: [
    { at: 1500, do: 'add-server', sid: 4 },
    { at: 3000, do: 'request', client: 'alice', op: 'reconfig', joining: line(4) },
    { at: 4000, do: 'connect', client: 'alice', server: 4 },
    { at: 5000, do: 'request', client: 'alice', op: 'reconfig', leaving: '2' },
    { at: 6000, do: 'remove-server', sid: 2 },
    { at: 6500, do: 'kill', server: 4 },
    { at: 7000, do: 'add-server', sid: 2, role: 'observer' },
    { at: 7500, do: 'restart', server: 4 },
  ],
  until: 11_000,
};

async function run(json: Record<string, unknown>, host = inline, stride = Infinity): Promise<Lab> {
  const story = scenario(json);
  const lab = await Lab.open(story, host);
  while (lab.head < story.until && lab.failure === null) {
    await lab.advance(virtualTime(Math.min(story.until, lab.head + stride)));
  }
  expect(lab.failure).toBeNull();
  return lab;
}

test('a server appears, joins, goes with its disk, and comes again as another', async () => {
  const lab = await run(STORY);
  const at = (t: number): string =>
    [...lab.trace.stateAt(virtualTime(t)).servers.values()].map(({ sid, state }) => `${sid} ${state}`).join(', ');
  expect(at(1499)).toBe('1 FOLLOWING, 2 FOLLOWING, 3 LEADING');
  expect(at(2900)).toBe('1 FOLLOWING, 2 FOLLOWING, 3 LEADING, 4 FOLLOWING');
  expect(at(6001)).toBe('1 FOLLOWING, 3 LEADING, 4 FOLLOWING');
  expect(at(11_000)).toBe('1 FOLLOWING, 2 FOLLOWING, 3 LEADING, 4 FOLLOWING');
  const { servers: last } = lab.trace.stateAt(lab.head);
  expect(last.get(sid(2))).toMatchObject({ incarnation: 1, role: 'participant' });
  expect([...last.values()].map(({ config }) => config?.committed.members.map((member) => Number(member.sid)))).toEqual(
    Array(4).fill([1, 3, 4]),
  );
});

test('hosts, strides and keyframes do not matter', { timeout: 120_000 }, async () => {
  const expected = toJsonl((await run(STORY)).trace.events());
  expect(expected).toContain('"kind":"server-added"');
  const workers = await run(STORY, nodeHost, 777.7);
  expect(toJsonl(workers.trace.events())).toBe(expected);
  workers.dispose();
});

test('what a person does is recorded, and played again', async () => {
  const lab = await run({ ...STORY, actions: [], until: 2000 });
  for (const action of [
    { do: 'add-server', sid: 7, role: 'observer' },
    { do: 'cut', from: 's7', to: 's1' },
    { do: 'remove-server', sid: 3 },
  ] as const) {
    expect(await lab.act(action)).toMatchObject({ ok: true });
  }
  await lab.advance(virtualTime(4000));
  const again = parseScenario(
    JSON.parse(JSON.stringify(serializeScenario({ ...lab.scenario, until: virtualTime(4000) }))),
  );
  if (!again.ok) throw new Error(again.message);
  const replay = await Lab.open(again.scenario, inline);
  await replay.advance(virtualTime(4000));
  expect(toJsonl(replay.trace.events())).toBe(toJsonl(lab.trace.events()));
});

test('what makes no sense is refused', async () => {
  const lab = await run({ ...STORY, actions: [], until: 10 });
  const reason = async (action: Record<string, unknown>): Promise<string> => {
    const result = await lab.act(action as never);
    return result.ok ? 'ok' : result.reason;
  };
  expect(await reason({ do: 'add-server', sid: 2 })).toBe('There is a server 2 already.');
  expect(await reason({ do: 'remove-server', sid: 4 })).toContain('expected a sid of this ensemble');
  expect(await reason({ do: 'add-server', sid: 256 })).toContain('expected');
  expect(await reason({ do: 'add-server', sid: 4 })).toBe('ok');
  expect(await reason({ do: 'remove-server', sid: 4 })).toBe('ok');
  expect(await reason({ do: 'kill', server: 4 })).toBe('There is no server 4.');
  expect(await reason({ do: 'drop-connection', from: 's4', to: 's1' })).toBe('There is no server 4.');
});

describe('the list of a joiner', () => {
  const ensemble = scenario({ ensemble: { servers: servers(3), ...SETTINGS, groups: { 1: [1, 2], 2: [3] } } }).ensemble;
  const joiner = { sid: sid(4), role: 'participant' } as const;
  test('is the ensemble and itself, in a group if there are groups', () => {
    expect(joinerList(ensemble, null, joiner)).toMatchObject({
      members: [{ sid: 1 }, { sid: 2 }, { sid: 3 }, joiner],
      groups: { 1: [1, 2, 4], 2: [3] },
    });
    expect(joinerList(ensemble, null, { ...joiner, role: 'observer' }).groups).toEqual({ 1: [1, 2], 2: [3] });
  });
  test('is what the ensemble follows by now', () => {
    const known = `${line(1)}\n${line(5)}\nversion=100000003`;
    expect(joinerList(ensemble, known, joiner)).toEqual({
      members: [{ sid: 1, role: 'participant' }, joiner, { sid: 5, role: 'participant' }],
      groups: {},
      weights: {},
    });
  });
});

test('what was done to the links of a server goes with it', async () => {
  const links = (what: Record<string, unknown>): readonly Record<string, unknown>[] =>
    [1, 2, 3].map((n) => ({ at: 3000, ...what, from: `s${n}`, to: 's4' }));
  const lab = await run({
    ...STORY,
    actions: [
      { at: 1500, do: 'add-server', sid: 4, role: 'observer' },
      ...links({ do: 'latency', latency: [900, 900] }),
      ...links({ do: 'hold', type: 'LEADERINFO' }),
      ...links({ do: 'cut' }),
      { at: 4000, do: 'remove-server', sid: 4 },
      { at: 6000, do: 'add-server', sid: 4, role: 'observer' },
    ],
    until: 8000,
  });
  const state = lab.trace.stateAt(lab.head);
  expect(state.servers.get(sid(4))).toMatchObject({ state: 'FOLLOWING', serving: true });
  const slowest = Math.max(
    ...[...lab.trace.events()].flatMap((e) => (e.kind === 'send' && e.t > 6000 ? [(e.arrives ?? e.t) - e.t] : [])),
  );
  expect(slowest).toBeLessThan(100);
});

test.each(['-5', '0', '300', '99999999999'])('a reconfig may name server %s, which no lab can have', async (number) => {
  const joining = `server.${number}=127.0.0.1:1:2:observer;3`;
  const actions = [
    { at: 3000, do: 'request', client: 'alice', op: 'reconfig', joining },
    { at: 5000, do: 'kill', server: 3 },
  ];
  const lab = await run({ ...STORY, actions, until: 9000 });
  const { servers: last } = lab.trace.stateAt(lab.head);
  expect(last.get(sid(2))).toMatchObject({ state: 'LEADING', serving: true });
  expect(last.get(sid(2))?.config?.committed.members.map((member) => String(member.sid))).toContain(number);
});
