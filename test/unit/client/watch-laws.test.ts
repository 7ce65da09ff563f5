/**
 * Laws of watches in a whole ensemble: three servers, three clients that write, watch, remove watches and lose their
 * connections at random. What each client was told is compared with what it read and with what its server holds.
 */
import { describe, expect, test } from 'vitest';
import { createProcess, Lab, parseScenario } from '../../../src/lab/index.ts';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { Random } from '../../../src/protocol/random.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import type { EventOf } from '../../../src/protocol/events.ts';
import type { LabState, Trace } from '../../../src/trace/index.ts';

const CLIENTS = ['alice', 'bob', 'carol'];
const PATHS = ['/a', '/b', '/b/x', '/b/y', '/r/x', '/p/x'];
const END = 20_000;
const SEEDS = 12;

/** Watches of all kinds, writes and lost connections for 14 s, then silence. Only `/p` has persistent watches, only `/r` recursive ones. */
function scenario(seed: number): unknown {
  const random = Random.stream(seed, 'watch-laws');
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.unit() * list.length)]!;
  const request = (at: number, client: string, op: object) => ({ at, do: 'request', client, ...op });
  const actions: object[] = [request(2000, 'alice', { op: 'create', path: '/p' })];
  actions.push(request(2000, 'bob', { op: 'create', path: '/r' }));
  for (let at = 3000; at < 14_000; at += 5 + random.unit() * 25) {
    const [client, path] = [pick(CLIENTS), pick(PATHS)];
    const mode = pick(['PERSISTENT', 'EPHEMERAL']);
    const ops: readonly object[] = [
      ...[
        { op: 'get', path, watch: true },
        { op: 'stat', path, watch: true },
        { op: 'ls', path, watch: true },
      ],
      ...[
        { op: 'get', path },
        { op: 'stat', path },
        { op: 'ls', path },
      ],
      ...[
        { op: 'create', path, mode, data: 'x' },
        { op: 'set', path, data: 'y' },
        { op: 'delete', path },
      ],
      { op: 'removewatches', path, type: pick(['Any', 'Data', 'Children']) },
      { op: 'removewatches', path: pick(['/p', '/r']) },
      { op: 'addWatch', path: '/p', mode: 'PERSISTENT' },
      { op: 'addWatch', path: '/r', mode: 'PERSISTENT_RECURSIVE' },
      {
        op: 'multi',
        ops: [
          { op: 'delete', path },
          { op: 'create', path, data: 'z' },
        ],
      },
    ];
    actions.push(request(at, client, pick(ops)));
    if (random.unit() < 0.02)
      actions.push({ at: at + 1, do: 'connect', client: pick(CLIENTS), server: pick([1, 2, 3]) });
  }
  const clients = CLIENTS.map((name, i) => ({ name, server: i + 1, sessionTimeout: 20_000 }));
  const ensemble = { servers: [{ sid: 1 }, { sid: 2 }, { sid: 3 }] };
  return { format: 'zabscope/scenario@1', seed, ensemble, clients, actions, until: END };
}

async function run(seed: number): Promise<{ readonly trace: Trace; readonly state: Readonly<LabState> }> {
  const parsed = parseScenario(scenario(seed));
  if (!parsed.ok) throw new Error(parsed.message);
  const lab = await Lab.open(parsed.scenario, () => new InlineHost(createProcess));
  await lab.advance(virtualTime(END));
  expect(lab.failure).toBeNull();
  const { trace } = lab;
  lab.dispose();
  return { trace, state: trace.stateAt(virtualTime(END)) };
}

/** What a client must believe to have, from what it was answered and told. */
class Believed {
  /** Path → the zxid that the watched thing had when the watch was set. */
  readonly data = new Map<string, number>();
  readonly exist = new Set<string>();
  readonly child = new Map<string, number>();
  readonly added = new Set<string>();

  returned({ request, error, result }: EventOf<'returned'>): void {
    const path = request.path ?? '';
    if (request.op === 'addWatch' && error === null) this.added.add(path);
    if (request.op === 'removewatches' && error === null) {
      if (request['type'] !== 'Children') [this.data, this.exist].forEach((register) => register.delete(path));
      if (request['type'] !== 'Data') this.child.delete(path);
      if (request['type'] === undefined || request['type'] === 'Any') this.added.delete(path);
    }
    if (request['watch'] !== true) return;
    if (request.op === 'ls' && error === null) keepFirst(this.child, path, result?.stat?.pzxid ?? NaN);
    else if (request.op !== 'ls' && error === null) keepFirst(this.data, path, result?.stat?.mzxid ?? NaN);
    else if (request.op === 'stat' && error === 'NONODE') this.exist.add(path);
  }

  told({ type, path }: EventOf<'watch-event'>): void {
    if (path === null || type.endsWith('Removed')) return;
    if (type === 'NodeChildrenChanged' || type === 'NodeDeleted') this.child.delete(path);
    if (type !== 'NodeChildrenChanged') [this.data, this.exist].forEach((register) => register.delete(path));
  }

  /** As the server's tables should be. */
  get entries(): readonly string[] {
    const own = (table: string, paths: Iterable<string>) => [...paths].map((path) => `${table}:${path}`);
    const data = new Set([...this.data.keys(), ...this.exist, ...this.added]);
    return [...own('data', data), ...own('child', new Set([...this.child.keys(), ...this.added]))].sort();
  }
}

/** Several reads may have set the same watch: the first is the one that must not be missed. */
function keepFirst(register: Map<string, number>, path: string, zxid: number): void {
  if (!register.has(path)) register.set(path, zxid);
}

describe.each(Array.from({ length: SEEDS }, (_, i) => i + 1))('seed %i', async (seed) => {
  const { trace, state } = await run(seed);
  const events = [...trace.events()];

  test.each(CLIENTS)(
    '%s sees the event before the state, in the order of zxids, and server and client agree',
    (name) => {
      const believed = new Believed();
      let last = 0;
      for (const event of events) {
        if (event.actor !== name) continue;
        if (event.kind === 'watch-event') {
          believed.told(event);
          if (event.zxid > 0) {
            expect(event.zxid, `event at ${event.t}`).toBeGreaterThanOrEqual(last);
            last = event.zxid;
          }
        } else if (event.kind === 'returned') {
          const { request, error, result, zxid } = event;
          const path = request.path ?? '';
          const told = `${request.op} ${path} at ${event.t}`;
          if (zxid !== null) {
            expect(zxid, told).toBeGreaterThanOrEqual(last);
            last = zxid;
          }
          if (error === null && (request.op === 'get' || request.op === 'stat')) {
            expect(result?.stat?.mzxid ?? 0, told).toBeLessThanOrEqual(believed.data.get(path) ?? Infinity);
            expect(believed.exist.has(path), told).toBe(false);
          }
          if (error === null && request.op === 'ls') {
            expect(result?.stat?.pzxid ?? 0, told).toBeLessThanOrEqual(believed.child.get(path) ?? Infinity);
          }
          believed.returned(event);
        }
      }

      const client = [...state.clients.values()].find((view) => view.name === name)!;
      expect(client.state).toBe('CONNECTED');
      const server = state.servers.get(client.server!)!;
      const held = [...server.watches].filter(([, watchers]) => watchers.has(client.sessionId!)).map(([key]) => key);
      expect(held.sort()).toEqual(believed.entries);
    },
  );

  test('watch.local: only the server that a session is connected to tells it, when it applies the change itself', () => {
    const fired = events.filter((event) => event.kind === 'watch-fired');
    expect(fired.length).toBeGreaterThan(20);
    for (const event of fired) {
      if (event.table === 'reset') continue;
      expect(
        event.causes.some((cause) => events[cause]?.kind === 'applied' && events[cause].actor === event.actor),
      ).toBe(true);
      const { attached } = trace.stateAt(event.t).servers.get(Number(event.actor.slice(1)) as never)!;
      expect(attached.has(event.sessionId)).toBe(true);
    }
  });
});
