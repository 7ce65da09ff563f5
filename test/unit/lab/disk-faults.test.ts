/** Faults of disks as a person brings them about: full, torn, corrupt, with files missing; and what is written back. */
import { expect, test } from 'vitest';
import { Ensemble } from '../../helpers/ensemble.ts';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { createProcess, Lab, parseScenario, SCENARIO_FORMAT, type ActionBody } from '../../../src/lab/index.ts';
import type { TraceEvent } from '../../../src/protocol/events.ts';
import { virtualTime } from '../../../src/protocol/time.ts';

const CREATE = { do: 'request', client: 'alice', op: 'create', path: '/a', data: 'x' } as const;

async function open(ensemble: Readonly<Record<string, unknown>> = {}, servers = 3): Promise<Lab> {
  const parsed = parseScenario({
    format: SCENARIO_FORMAT,
    seed: 3,
    ensemble: { servers: Array.from({ length: servers }, (_, i) => ({ sid: i + 1 })), ...ensemble },
    clients: [{ name: 'alice', server: 1, sessionTimeout: 20_000 }],
  });
  if (!parsed.ok) throw new Error(parsed.message);
  const lab = await Lab.open(parsed.scenario, () => new InlineHost(createProcess));
  await run(lab, 3000);
  return lab;
}
async function run(lab: Lab, ms: number): Promise<void> {
  await lab.advance(virtualTime(lab.head + ms));
  expect(lab.failure).toBeNull();
}
async function act(lab: Lab, ...actions: readonly ActionBody[]): Promise<void> {
  for (const action of actions) {
    const done = await lab.act(action);
    if (!done.ok) throw new Error(done.reason);
  }
}
function events<K extends TraceEvent['kind']>(lab: Lab, kind: K): readonly (TraceEvent & { kind: K })[] {
  return [...lab.trace.events()].filter((event): event is TraceEvent & { kind: K } => event.kind === kind);
}
function stateOf(lab: Lab, server: number): string | undefined {
  return lab.trace.stateAt(lab.head).servers.get(server as never)?.state;
}

test('storage.disk-full: a follower whose disk is full leaves its role and cannot follow again before it has room', async () => {
  const lab = await open();
  const follower = [1, 2, 3].find((n) => stateOf(lab, n) === 'FOLLOWING') ?? 0;
  await act(lab, { do: 'disk-full', server: follower });
  expect(lab.trace.stateAt(lab.head).servers.get(follower as never)?.diskFull).toBe(true);
  await act(lab, CREATE);
  await run(lab, 8000);
  const down = events(lab, 'stepped-down').filter(({ actor }) => actor === `s${follower}`);
  expect(down[0]).toMatchObject({ rule: 'storage.disk-full', why: expect.stringMatching(/no space left/) as string });
  expect(events(lab, 'returned').filter(({ error }) => error === null).length).toBeGreaterThan(0);
  await act(lab, { do: 'disk-full', server: follower, full: false });
  await run(lab, 10_000);
  expect(stateOf(lab, follower)).toBe('FOLLOWING');
  expect(
    lab.trace
      .stateAt(lab.head)
      .servers.get(follower as never)
      ?.tree.has('/a'),
  ).toBe(true);
});

test('storage.disk-full: a configuration that cannot be written is followed all the same, and later ones are written', async () => {
  const lab = await open({ reconfigEnabled: true, skipACL: true });
  const reconfig = (...more: readonly string[]): ActionBody => {
    const servers = [1, 2, 3].map((n) => `server.${n}=127.0.0.1:${28880 + n}:${38880 + n};${21810 + n}`);
    return { do: 'request', client: 'alice', op: 'reconfig', members: [...servers, ...more].join(',') };
  };
  const follower = stateOf(lab, 2) === 'FOLLOWING' ? 2 : 3;
  const files = async (): Promise<string> => {
    await act(lab, { do: 'kill', server: follower });
    const started = await act(lab, { do: 'restart', server: follower }).then(() => run(lab, 8000));
    return String(started ?? lab.trace.stateAt(lab.head).servers.get(follower as never)?.config?.committed.version);
  };
  await act(lab, { do: 'disk-full', server: follower }, reconfig('server.4=127.0.0.1:4:5:observer;6'));
  await run(lab, 3000);
  const [why] = events(lab, 'stepped-down').flatMap((event) => (event.actor === `s${follower}` ? [event.why] : []));
  expect(why).toContain('log.');
  await act(lab, { do: 'disk-full', server: follower, full: false });
  await run(lab, 8000);
  await act(lab, reconfig());
  await run(lab, 3000);
  const newest = String(lab.trace.stateAt(lab.head).servers.get(1 as never)?.config?.committed.version);
  expect(await files()).toBe(newest);
});

test('storage.disk-full, storage.disk-full-snapshot: a leader whose disk is full steps down; another one takes its place', async () => {
  const lab = await open();
  const leader = [1, 2, 3].find((n) => stateOf(lab, n) === 'LEADING') ?? 0;
  await act(lab, { do: 'disk-full', server: leader }, CREATE);
  await run(lab, 15_000);
  expect(events(lab, 'stepped-down')[0]).toMatchObject({ actor: `s${leader}`, rule: 'storage.disk-full' });
  expect(stateOf(lab, leader)).not.toBe('LEADING');
  expect([1, 2, 3].filter((n) => stateOf(lab, n) === 'LEADING')).toHaveLength(1);
});

test('storage.disk-full: a standalone server exits', async () => {
  const lab = await open({}, 1);
  await act(lab, { do: 'disk-full', server: 1 }, CREATE);
  await run(lab, 1000);
  expect(events(lab, 'process-exited')[0]?.reason).toMatch(
    /^version-2\/log\.\w+ cannot be written: no space left on the disk\.$/,
  );
  await act(lab, { do: 'restart', server: 1 });
  await run(lab, 1000);
  // Still full: the leader's snapshot at its start fails.
  expect(events(lab, 'process-exited').length).toBe(2);
});

test('storage.torn-tail: corrupt at the tail cuts within the last entry, zeros behind it or not', async () => {
  const lab = await open();
  await act(lab, CREATE, { ...CREATE, path: '/b' });
  await run(lab, 1000);
  await act(lab, { do: 'kill', server: 3 });
  const log = lab.trace.stateAt(lab.head).servers.get(3 as never)?.log ?? [];
  const file = (await files(lab, 3)).find(({ name }) => name.includes('/log.')) ?? expect.fail();
  await act(lab, { do: 'corrupt', server: 3, file: file.name, offset: 'tail' });
  const torn = events(lab, 'disk-torn')[0] ?? expect.fail();
  expect(torn).toMatchObject({ actor: 's3', file: file.name });
  const left = (await files(lab, 3)).find(({ name }) => name === file.name) ?? expect.fail();
  expect(left.bytes.length).toBe(file.bytes.length);
  expect(left.bytes.subarray(torn.offset).every((byte) => byte === 0)).toBe(true);
  await act(lab, { do: 'restart', server: 3 });
  const recovered = events(lab, 'recovered').at(-1);
  expect(recovered?.log.map(({ zxid }) => zxid)).toEqual(log.slice(0, -1).map(({ zxid }) => zxid));
});

test('storage.checksum: a changed byte in an entry keeps the server down, and says why', async () => {
  const lab = await open();
  await act(lab, CREATE);
  await run(lab, 500);
  await act(lab, { do: 'kill', server: 3 });
  const file = (await files(lab, 3)).find(({ name }) => name.includes('/log.')) ?? expect.fail();
  await act(lab, { do: 'corrupt', server: 3, file: file.name, offset: 40 }, { do: 'restart', server: 3 });
  await run(lab, 100);
  expect(events(lab, 'process-exited').at(-1)?.reason).toMatch(/^version-2\/log\.\w+: checksum mismatch at offset 16$/);
});

test('remove-file takes one file or all that begin so, of a server that is down, and refuses in a sentence', async () => {
  const lab = await open();
  const remove = (file: string): ActionBody => ({ do: 'remove-file', server: 2, file });
  expect(await lab.act(remove('version-2/snapshot.0'))).toEqual({
    ok: false,
    reason: 'Server 2 is running: kill it first.',
  });
  await act(lab, CREATE);
  await run(lab, 1000);
  await act(lab, { do: 'kill', server: 2 });
  expect(await lab.act(remove('x*'))).toEqual({ ok: false, reason: 'Server 2 has no file x*.' });
  await act(lab, remove('version-2/snapshot.*'));
  expect(events(lab, 'disk-file-removed').map(({ file }) => file)).toContain('version-2/snapshot.0');
  await act(lab, { do: 'restart', server: 2 });
  await run(lab, 100);
  expect(events(lab, 'process-exited').at(-1)?.reason).toBe(
    'There is a transaction log but no snapshot; something is broken.',
  );
});

test('disk-full refuses what is so already', async () => {
  const lab = await open();
  expect(await lab.act({ do: 'disk-full', server: 2, full: false })).toEqual({
    ok: false,
    reason: 'The disk of server 2 is not full.',
  });
  await act(lab, { do: 'kill', server: 2 }, { do: 'disk-full', server: 2 });
  expect(await lab.act({ do: 'disk-full', server: 2 })).toEqual({
    ok: false,
    reason: 'The disk of server 2 is full already.',
  });
  await act(lab, { do: 'restart', server: 2 });
  await run(lab, 20_000);
  expect(lab.trace.stateAt(lab.head).servers.get(2 as never)?.serving).toBe(false);
});

test('lab.write-back: what nobody syncs is durable some seconds later, and not before', async () => {
  const killAfter = async (ms: number): Promise<boolean> => {
    const lab = await open({ forceSync: false });
    await run(lab, 12_000);
    await act(lab, CREATE);
    await run(lab, ms);
    for (const server of [1, 2, 3]) await act(lab, { do: 'kill', server });
    for (const server of [1, 2, 3]) await act(lab, { do: 'restart', server });
    await run(lab, 100);
    return events(lab, 'recovered')
      .slice(-3)
      .every(({ nodes }) => nodes.some(([path]) => path === '/a'));
  };
  expect([await killAfter(500), await killAfter(11_000)]).toEqual([false, true]);
  const lab = await open({ forceSync: false });
  await act(lab, CREATE);
  await run(lab, 12_000);
  const written = events(lab, 'written-back');
  expect(written.length).toBeGreaterThan(0);
  for (const event of written) expect(event).toMatchObject({ rule: 'lab.write-back' });
});

test('storage.digest-compare: servers of a lab foresee their trees rightly, whatever is asked of them', async () => {
  const ensemble = await Ensemble.open({
    servers: 3,
    clients: [{ name: 'alice' }],
    zoo: { extendedTypesEnabled: true },
  });
  const ops = [
    { op: 'create', path: '/a', data: 'x' },
    { op: 'create', path: '/a/e', mode: 'EPHEMERAL' },
    { op: 'create', path: '/a/s', mode: 'PERSISTENT_SEQUENTIAL' },
    { op: 'create', path: '/c', mode: 'CONTAINER' },
    { op: 'create', path: '/t', mode: 'PERSISTENT_WITH_TTL', ttl: 50_000 },
    { op: 'set', path: '/a', data: 'y' },
    { op: 'set', path: '/missing', data: 'y' },
    { op: 'setAcl', path: '/c', acl: 'world:anyone:r' },
    {
      op: 'multi',
      ops: [
        { op: 'create', path: '/m' },
        { op: 'set', path: '/m', data: 'z' },
      ],
    },
    {
      op: 'multi',
      ops: [
        { op: 'create', path: '/n' },
        { op: 'delete', path: '/gone' },
      ],
    },
    { op: 'delete', path: '/t' },
    { op: 'close' },
  ];
  await run(ensemble.lab, 3000);
  const ask = (op: object): Promise<void> => act(ensemble.lab, { do: 'request', client: 'alice', ...op } as ActionBody);
  // While a child of it is in flight the real leader, too, foresees a wrong root: it knows it by two names.
  await ask({ op: 'set', path: '/', data: 'root' });
  await run(ensemble.lab, 1000);
  for (const op of ops) await ask(op);
  await run(ensemble.lab, 5000);
  expect(events(ensemble.lab, 'applied').length).toBeGreaterThan(3 * 10);
  expect(events(ensemble.lab, 'digest-mismatch')).toEqual([]);
});

async function files(lab: Lab, server: number): Promise<readonly { name: string; bytes: Uint8Array }[]> {
  return (await lab.dataDir(server)) ?? [];
}
