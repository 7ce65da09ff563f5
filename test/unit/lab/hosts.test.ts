/** What must hold wherever the actors of a lab run: one suite, several hosts. */
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { nodeHost } from '../../../src/lab/hosts/node.ts';
import { createProcess, Lab, type ActorHost, type HostFactory, type Scenario } from '../../../src/lab/index.ts';
import type { ConductorOptions } from '../../../src/lab/conductor.ts';
import type { ProcessFactory } from '../../../src/lab/kernel/kernel.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { toJsonl } from '../../../src/trace/index.ts';
import { chatter, scenario, servers, thrower } from './fakes.ts';

interface Kind {
  readonly name: string;
  readonly create: (processes: 'chatter' | 'thrower' | 'zookeeper') => ActorHost;
}
const PROCESSES: Readonly<Record<string, ProcessFactory>> = { chatter, thrower, zookeeper: createProcess };
const inline: Kind = { name: 'inline', create: (which) => new InlineHost(PROCESSES[which] ?? createProcess) };
const workers: Kind = {
  name: 'worker threads',
  create: (which) => (which === 'zookeeper' ? nodeHost() : nodeHost(new URL(`./${which}-boot.mjs`, import.meta.url))),
};

/** Workers take a while to start, and tests share the machine. */
const SLOW = { timeout: 120_000 };

interface RunOptions extends ConductorOptions {
  /** How far one `advance` goes, ms. */
  readonly stride?: number;
}

async function traceOf(
  scenario: Scenario,
  createHost: HostFactory,
  { stride = Infinity, ...options }: RunOptions = {},
): Promise<string> {
  const lab = await Lab.open(scenario, createHost, options);
  while (lab.head < scenario.until && lab.failure === null) {
    await lab.advance(virtualTime(Math.min(scenario.until, lab.head + stride)));
  }
  lab.dispose();
  expect(lab.failure).toBeNull();
  return toJsonl(lab.trace.events());
}

/** Goes from one `next` to the next one; each of them must be the instant of all that is new. */
async function nextOnly(scenario: Scenario, createHost: HostFactory): Promise<string> {
  const lab = await Lab.open(scenario, createHost);
  while (lab.head < scenario.until && lab.failure === null) {
    const to = virtualTime(Math.min(scenario.until, lab.next ?? Infinity));
    const known = lab.trace.length;
    await lab.advance(to);
    for (const event of lab.trace.events(known)) expect(event.t).toBe(to);
  }
  lab.dispose();
  expect(lab.failure).toBeNull();
  return toJsonl(lab.trace.events());
}

/** Actions at whole milliseconds, so that many happen at the instants of other things. */
function actions(until: number): fc.Arbitrary<readonly Record<string, unknown>[]> {
  const at = fc.integer({ min: 0, max: until });
  const server = fc.integer({ min: 1, max: 3 });
  const link = fc
    .tuple(fc.constantFrom('s1', 's2', 's3', 'alice'), fc.constantFrom('s1', 's2', 's3'))
    .filter(([from, to]) => from !== to)
    .map(([from, to]) => ({ from, to }));
  const type = fc.option(fc.constantFrom('PING', 'ACK', 'COMMIT', 'PROPOSAL'), { nil: undefined });
  const count = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined });
  const action = fc.oneof(
    fc.record({ do: fc.constantFrom('kill', 'restart', 'restart', 'pause', 'resume', 'wipe'), server }),
    fc.record({ do: fc.constantFrom('cut', 'heal'), link, oneWay: fc.boolean() }),
    fc.record({ do: fc.constantFrom('hold', 'release', 'drop'), link, type, count }),
    fc.record({ do: fc.constant('drop-connection'), link }),
    fc.record({ do: fc.constant('latency'), link, latency: fc.constantFrom([1, 3], [5, 5], [2, 40]) }),
    fc.record({ do: fc.constant('disk'), server, fsync: fc.constantFrom([0, 0], [1, 50]) }),
    fc.record({ do: fc.constant('clock'), server, rate: fc.constantFrom(0.5, 1, 1.7, 3) }),
    fc.record({ do: fc.constantFrom('disconnect', 'connect'), client: fc.constant('alice') }),
    fc.record({
      do: fc.constant('console'),
      client: fc.constant('alice'),
      line: fc.constantFrom('create /a x', 'set /a y', 'get /a', 'ls -w /', 'exit'),
    }),
    fc.constant({ do: 'heal-all' }),
  );
  const flat = fc.tuple(at, action).map(([at, { ...rest }]) => {
    const { link, ...keys } = rest as Record<string, unknown> & { link?: Record<string, unknown> };
    return JSON.parse(JSON.stringify({ at, ...keys, ...link })) as Record<string, unknown>;
  });
  return fc.array(flat, { maxLength: 25 });
}

function labWith(actions: readonly Record<string, unknown>[], seed: number, until: number): Scenario {
  return scenario({
    seed,
    ensemble: { servers: servers(3) },
    network: { latency: [1, 4] },
    clients: [{ name: 'alice' }],
    actions,
    until,
  });
}

const ELECTIONS_AND_FAULTS = scenario({
  seed: 7,
  ensemble: { servers: [...servers(3), { sid: 4, role: 'observer' }] },
  clients: [{ name: 'alice' }, { name: 'bob', server: 2 }],
  actions: [
    { at: 2500, do: 'console', client: 'bob', line: 'ls -w /' },
    { at: 3000, do: 'request', client: 'alice', op: 'create', path: '/config', data: 'v1' },
    { at: 3010, do: 'kill', server: 3 },
    { at: 5000, do: 'request', client: 'alice', op: 'set', path: '/config', data: { base64: '/w==' } },
    { at: 6000, do: 'wipe', server: 3 },
    { at: 6100, do: 'restart', server: 3 },
    { at: 7000, do: 'partition', groups: [[1], [2, 3, 4]] },
    { at: 13000, do: 'heal-all' },
    { at: 14000, do: 'hold', from: 's2', to: 's1', type: 'COMMIT' },
    { at: 14500, do: 'request', client: 'bob', op: 'set', path: '/config', data: 'v3' },
    { at: 15000, do: 'release', from: 's2', to: 's1' },
    { at: 15500, do: 'pause', server: 2 },
    { at: 27000, do: 'resume', server: 2 },
    { at: 28000, do: 'clock', server: 1, rate: 2 },
    { at: 29000, do: 'disconnect', client: 'alice' },
  ],
  until: 33_000,
});

describe.each([inline, workers])('$name', ({ create }) => {
  test('the trace of elections, writes and faults does not depend on host, strides or windows', SLOW, async () => {
    const inlineTrace = await traceOf(ELECTIONS_AND_FAULTS, () => inline.create('zookeeper'));
    expect(inlineTrace).toContain('"kind":"tree-loaded"');
    expect(inlineTrace).toContain('"kind":"returned"');
    const variants: RunOptions[] = [{}, { stride: 331.7, grantMax: 111.1, windowMax: 9.3 }];
    for (const options of variants) {
      expect(await traceOf(ELECTIONS_AND_FAULTS, () => create('zookeeper'), options)).toBe(inlineTrace);
    }
  });

  test('nothing happens before the instant that the lab names as its next one', SLOW, async () => {
    const expected = await traceOf(ELECTIONS_AND_FAULTS, () => inline.create('zookeeper'));
    expect(await nextOnly(ELECTIONS_AND_FAULTS, () => create('zookeeper'))).toBe(expected);
  });

  test('a process that throws stops the lab, which says where', SLOW, async () => {
    const lab = await Lab.open(scenario({ seed: 9, ensemble: { servers: servers(3) } }), () => create('thrower'));
    await lab.advance(virtualTime(5000));
    expect(lab.failure).toMatchObject({ actor: 's2', seed: 9, message: expect.stringContaining('on purpose') });
    // It stays stopped, and nothing waits.
    await lab.advance(virtualTime(9000));
    expect(await lab.act({ do: 'kill', server: 1 })).toEqual({ ok: false, reason: 'The lab has stopped.' });
    expect(lab.head).toBeLessThan(5000);
  });

  test('dispose ends a lab that runs', SLOW, async () => {
    const lab = await Lab.open(labWith([], 1, 1000), () => create('chatter'));
    const run = lab.advance(virtualTime(100_000));
    lab.dispose();
    await run;
    expect(lab.failure).toBeNull();
  });
});

describe('worker threads', () => {
  test('a worker that cannot be started stops the lab', SLOW, async () => {
    const lab = await Lab.open(labWith([], 1, 1000), () => nodeHost(new URL('./no-such-file.mjs', import.meta.url)));
    expect(lab.failure?.actor).toMatch(/^(s\d|alice)$/);
  });

  test('chance: every trace is that of the inline host', SLOW, async () => {
    await fc.assert(
      fc.asyncProperty(actions(400), fc.nat(), async (list, seed) => {
        const lab = labWith(list, seed, 500);
        const expected = await traceOf(lab, () => inline.create('chatter'));
        expect(await traceOf(lab, () => workers.create('chatter'), { stride: 171.3 })).toBe(expected);
      }),
      { numRuns: 3, seed: 1 },
    );
  });
});

describe('inline', () => {
  const everyWindow: HostFactory = () => new InlineHost(chatter, { everyWindow: true });

  test('chance: strides, windows and empty windows leave no mark on the trace', SLOW, async () => {
    let events = 0;
    await fc.assert(
      fc.asyncProperty(actions(800), fc.nat(), async (list, seed) => {
        const lab = labWith(list, seed, 1000);
        const expected = await traceOf(lab, () => inline.create('chatter'));
        events += expected.split('\n').length;
        expect(await traceOf(lab, everyWindow)).toBe(expected);
        expect(await traceOf(lab, () => inline.create('chatter'), { stride: 1 })).toBe(expected);
        expect(await traceOf(lab, everyWindow, { stride: 7.3, windowMax: 1.5 })).toBe(expected);
      }),
      { numRuns: 60, seed: 2 },
    );
    expect(events).toBeGreaterThan(10_000);
  });

  test('chance: what a person does is recorded so that running it again gives the same trace', SLOW, async () => {
    await fc.assert(
      fc.asyncProperty(actions(500), fc.nat(), async (list, seed) => {
        const live = await Lab.open(labWith([], seed, 700), () => inline.create('chatter'));
        for (const { at, ...action } of [...list].sort((a, b) => Number(a['at']) - Number(b['at']))) {
          await live.advance(virtualTime(Math.max(live.head, Number(at))));
          await live.act(action as never);
        }
        await live.advance(virtualTime(700));
        expect(live.failure).toBeNull();
        const again = await traceOf(live.scenario, () => inline.create('chatter'));
        expect(again).toBe(toJsonl(live.trace.events()));
        expect(again).not.toContain('action-refused');
      }),
      { numRuns: 40, seed: 3 },
    );
  });

  test('chance: every packet has one end at most, and lands when it was said to', SLOW, async () => {
    await fc.assert(
      fc.asyncProperty(actions(800), fc.nat(), async (list, seed) => {
        const lab = await Lab.open(labWith(list, seed, 1000), () => inline.create('chatter'));
        await lab.advance(virtualTime(1000));
        const calm = !list.some((action) => action['do'] === 'pause');
        const landing = new Map<number, number | null>();
        const ended = new Set<number>();
        const last = new Map<string, number>();
        for (const event of lab.trace.events()) {
          if (event.kind === 'send') landing.set(event.id, event.arrives);
          if (event.kind === 'resend') landing.set(event.message, event.arrives);
          if (event.kind === 'resend' || event.kind === 'receive') expect(ended.has(event.message)).toBe(false);
          if (event.kind === 'lost' && event.why !== 'cut') ended.add(event.message);
          if (event.kind !== 'receive') continue;
          ended.add(event.message);
          if (calm) expect(event.t).toBe(landing.get(event.message));
          const sent = lab.trace.at(event.message);
          // TCP keeps order, but for packets that the lab holds on purpose.
          if (sent.kind !== 'send' || list.some((action) => action['do'] === 'hold')) continue;
          const flow = `${sent.conn} ${sent.actor}`;
          expect(sent.id).toBeGreaterThan(last.get(flow) ?? -1);
          last.set(flow, sent.id);
        }
        for (const [message, arrives] of landing) {
          if (arrives !== null && arrives < 1000 && calm && !ended.has(message)) {
            const lost = [...lab.trace.events()].some((e) => e.kind === 'lost' && e.message === message);
            expect(lost).toBe(true);
          }
        }
      }),
      { numRuns: 60, seed: 4 },
    );
  });
});
