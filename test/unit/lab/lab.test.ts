/** A lab as interface and lessons use it: actions now, refusals, branches, a process that ends itself. */
import { describe, expect, test } from 'vitest';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { createProcess, Lab, parseScenario, serializeScenario, type ActionBody } from '../../../src/lab/index.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { toJsonl } from '../../../src/trace/index.ts';
import { chatter, fake, scenario, scripted, servers } from './fakes.ts';

const host = (): InlineHost => new InlineHost(createProcess);
const THREE = { ensemble: { servers: servers(3) }, clients: [{ name: 'alice' }], seed: 5 };

async function open(json: Record<string, unknown>, at = 0): Promise<Lab> {
  const lab = await Lab.open(scenario(json), host);
  await lab.advance(virtualTime(at));
  expect(lab.failure).toBeNull();
  return lab;
}

test('an action takes effect right after the head and is seen at once', async () => {
  const lab = await open(THREE, 2000);
  const result = await lab.act({ do: 'kill', server: 2 });
  expect(result).toEqual({ ok: true, action: { at: 2000.001, do: 'kill', server: 2 } });
  expect(lab.head).toBe(2000.001);
  expect(lab.trace.stateAt(lab.head).servers.get(2 as never)?.state).toBe('DOWN');
  expect(lab.scenario.actions).toEqual([{ at: 2000.001, do: 'kill', server: 2 }]);
});

test('calls queue: what is asked for while the lab runs comes after', async () => {
  const lab = await open(THREE);
  const [, first, , second] = await Promise.all([
    lab.advance(virtualTime(1000)),
    lab.act({ do: 'kill', server: 1 }),
    lab.advance(virtualTime(1500)),
    lab.act({ do: 'restart', server: 1 }),
  ]);
  expect([first, second]).toMatchObject([
    { ok: true, action: { at: 1000.001 } },
    { ok: true, action: { at: 1500.001 } },
  ]);
});

test('a branch is the same lab up to an instant, and its own from there', async () => {
  const lab = await open(THREE, 3000);
  await lab.act({ do: 'kill', server: 3 });
  await lab.advance(virtualTime(6000));
  await lab.act({ do: 'restart', server: 3 });
  await lab.advance(virtualTime(8000));
  const branch = await lab.branch(virtualTime(5000));
  expect(branch.head).toBe(5000);
  expect(branch.scenario.actions).toEqual(lab.scenario.actions.slice(0, 1));
  const until5000 = toJsonl(lab.trace.events(0, lab.trace.firstAfter(virtualTime(5000))));
  expect(toJsonl(branch.trace.events())).toBe(until5000);
  await branch.act({ do: 'heal-all' });
  expect(lab.scenario.actions).toHaveLength(2);
});

test('a scenario with its recorded actions goes to JSON and back, and gives the same trace', async () => {
  const lab = await open(THREE, 3000);
  for (const action of [
    { do: 'request', client: 'alice', op: 'create', path: '/a', data: 'x' },
    { do: 'cut', from: 's1', to: 's2', oneWay: true },
    { do: 'corrupt', server: 3, file: 'version-2/currentEpoch', offset: 'tail' },
    { do: 'disk', server: 2, fsync: [50, 60] },
  ] satisfies ActionBody[]) {
    await lab.act(action);
    await lab.advance(virtualTime(lab.head + 500));
  }
  const parsed = parseScenario(JSON.parse(JSON.stringify(serializeScenario(lab.scenario))));
  if (!parsed.ok) throw new Error(parsed.message);
  const again = await Lab.open(parsed.scenario, host);
  await again.advance(lab.head);
  expect(toJsonl(again.trace.events())).toBe(toJsonl(lab.trace.events()));
});

describe('what makes no sense right now is refused in one sentence and changes nothing', () => {
  const cases: readonly (readonly [ActionBody, string])[] = [
    [{ do: 'kill', server: 3 }, 'Server 3 is down already.'],
    [{ do: 'restart', server: 1 }, 'Server 1 is running.'],
    [{ do: 'wipe', server: 1 }, 'Server 1 is running: kill it first.'],
    [{ do: 'corrupt', server: 1, file: 'x', offset: 0 }, 'Server 1 is running: kill it first.'],
    [{ do: 'corrupt', server: 3, file: 'x', offset: 0 }, 'Server 3 has no file x.'],
    [
      { do: 'corrupt', server: 3, file: 'version-2/currentEpoch', offset: 99 },
      'version-2/currentEpoch of server 3 has 1 bytes.',
    ],
    [{ do: 'pause', server: 3 }, 'Server 3 is not running.'],
    [{ do: 'pause', server: 2 }, 'Server 2 is paused already.'],
    [{ do: 'resume', server: 1 }, 'Server 1 is not paused.'],
    [{ do: 'disconnect', client: 'bob' }, 'Client bob is not running: connect it first.'],
    [{ do: 'request', client: 'bob', op: 'ls', path: '/' }, 'Client bob is not running: connect it first.'],
    [{ do: 'resume', client: 'alice' }, 'Client alice is not paused.'],
    [{ do: 'kill', server: 4 }, 'server: expected a sid of this ensemble (1, 2, 3), got 4'],
  ];
  const staged = {
    ...THREE,
    clients: [{ name: 'alice' }, { name: 'bob' }],
    actions: [
      { at: 2000, do: 'kill', server: 3 },
      { at: 2000, do: 'pause', server: 2 },
      { at: 2000, do: 'disconnect', client: 'bob' },
    ],
  };

  test.each(cases)('%j', async (action, reason) => {
    const lab = await open(staged, 3000);
    const before = lab.trace.length;
    expect(await lab.act(action)).toEqual({ ok: false, reason });
    expect(lab.trace.length).toBe(before);
    expect(lab.head).toBe(3000);
    expect(lab.scenario.actions).toHaveLength(3);
  });

  test('in a scenario it leaves an event, and the run goes on', async () => {
    const lab = await open({ ...staged, actions: [...staged.actions, { at: 2500, do: 'kill', server: 3 }] }, 3000);
    const refused = [...lab.trace.events()].filter(({ kind }) => kind === 'action-refused');
    expect(refused).toMatchObject([{ t: 2500, actor: 'lab', reason: 'Server 3 is down already.' }]);
  });
});

test('autoStart false: every server is down until it is started', async () => {
  const lab = await open({ ensemble: { servers: servers(3), autoStart: false } }, 1000);
  expect([...lab.trace.events()].map(({ kind }) => kind)).toEqual(['lab-started']);
  for (const server of [1, 2, 3]) expect((await lab.act({ do: 'restart', server })).ok).toBe(true);
  await lab.advance(virtualTime(4000));
  expect([...lab.trace.stateAt(lab.head).servers.values()].some(({ state }) => state === 'LEADING')).toBe(true);
});

test('a process that ends itself resets its connections, keeps its disk, and can be started again', async () => {
  const lab = await Lab.open(
    scenario({
      ensemble: { servers: servers(2) },
      network: { latency: [10, 10] },
      actions: [
        { at: 300, do: 'disk', server: 1, fsync: [1, 1] },
        { at: 400, do: 'restart', server: 1 },
      ],
    }),
    () =>
      new InlineHost((init, refs) =>
        init.name === 's2'
          ? scripted({
              s2: [
                [0, (context, conns) => conns.set('s1', context.connect('s1' as never, 'election'))],
                [200, (context) => context.connect('s1' as never, 'election')],
              ],
            })(init, refs)
          : fake((context, input, disk) => {
              if (input.type !== 'boot') return;
              context.listen('election', true);
              context.emit({ kind: 'snapshot-taken', zxid: 0 as never, bytes: disk?.size('a') ?? -1 });
              if (init.incarnation > 0) return;
              context.setTimer(100, () => {
                disk?.append('a', new Uint8Array(3));
                context.exit('on purpose');
              });
            })(init, refs),
      ),
  );
  await lab.advance(virtualTime(1000));
  expect(lab.failure).toBeNull();
  const told = ['process-exited', 'process-killed', 'process-started', 'connect-failed', 'disconnected'];
  const events = [...lab.trace.events()].filter(({ t, kind }) => t > 0 && told.includes(kind));
  expect(events.map(({ t, actor, kind }) => `${actor} ${kind} @${t}`)).toEqual([
    's1 process-exited @100',
    's2 disconnected @110',
    's2 connect-failed @220',
    's1 process-started @400',
  ]);
  const found = [...lab.trace.events()].flatMap((event) => (event.kind === 'snapshot-taken' ? [event.bytes] : []));
  expect(found).toEqual([-1, 3]);
});

test('a process that lets no time pass stops the lab instead of hanging it', async () => {
  const lab = await Lab.open(
    scenario({ ensemble: { servers: servers(1) } }),
    () =>
      new InlineHost(
        fake((context, input) => {
          const again = (): void => void context.setTimer(0, again);
          if (input.type === 'boot') context.setTimer(50, again);
        }),
      ),
  );
  await lab.advance(virtualTime(100));
  expect(lab.failure).toMatchObject({ actor: 's1', message: 'InvariantError: s1 lets no time pass at 50 ms' });
});

test('latency of a link counts for both directions', async () => {
  const lab = await Lab.open(
    scenario({
      ensemble: { servers: servers(3) },
      actions: [{ at: 100, do: 'latency', from: 's1', to: 's2', latency: [200, 200] }],
    }),
    () => new InlineHost(chatter),
  );
  await lab.advance(virtualTime(2000));
  const took = new Map<string, number>();
  for (const event of lab.trace.events()) {
    if (event.kind !== 'send' || event.t < 500 || event.arrives === null) continue;
    const link = `${event.actor}>${event.to}`;
    took.set(link, Math.min(took.get(link) ?? Infinity, event.arrives - event.t));
  }
  expect(took.get('s1>s2')).toBeGreaterThanOrEqual(199.9);
  expect(took.get('s2>s1')).toBeGreaterThanOrEqual(199.9);
  expect(took.get('s1>s3')).toBeLessThan(26);
});
