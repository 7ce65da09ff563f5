/**
 * Random clients: every operation, watches of every kind, sequential ephemerals, multis, moves between servers, sessions that
 * end, while servers and links fail; then everything is healed. A pure function of its seed.
 */
import type { ActionBody } from '../../src/lab/index.ts';
import { Random } from '../../src/protocol/random.ts';

const BEGIN = 1500;
const HEAL = 25_000;
const UNTIL = 50_000;

export function clientScenario(seed: number): object {
  const random = Random.stream(seed, 'client-chaos');
  const pick = <T>(...choices: T[]): T => choices[random.below(choices.length)] as T; // below() is in range
  const flag = (of: number): boolean => random.below(of) === 0;
  const voters = pick(1, 3, 3, 3, 5);
  const servers = Array.from({ length: voters }, (_, i) => ({ sid: i + 1, role: 'participant' }));
  if (voters > 1 && flag(3)) servers.push({ sid: voters + 1, role: 'observer' });
  const sids = servers.map(({ sid }) => sid);
  const local = voters > 1 && flag(6);
  const names = ['alice', 'bob', 'carol', 'dave'];
  const clients = names.map((name) => ({
    name,
    server: pick(...sids),
    sessionTimeout: 4000 + random.below(6000),
    ...(name === 'dave' && flag(2) ? { chroot: '/a' } : {}),
    ...(name === 'carol' && flag(3) ? { readOnly: true } : {}),
  }));
  const up = new Set(sids);
  const paused = new Set<number>();
  const faulty = pick(0, 1, 1, 2);

  const path = (): string => pick('/a', '/b', '/a/x', '/a/y', '/b/x', '/c', '/a/x/z');
  const data = (): string => `d${random.below(1000)}`;
  const part = (): object =>
    pick<object>(
      { op: 'create', path: path(), data: data() },
      { op: 'create', path: `${path()}/m-`, mode: 'EPHEMERAL_SEQUENTIAL' },
      { op: 'set', path: path(), data: data() },
      { op: 'delete', path: path() },
      { op: 'check', path: path(), version: pick(-1, 0, 1) },
    );
  const request = (): ActionBody => {
    const client = pick(...names);
    const mode = pick('PERSISTENT', 'EPHEMERAL', 'EPHEMERAL_SEQUENTIAL', 'PERSISTENT_SEQUENTIAL', 'CONTAINER');
    const watch = flag(2);
    const acl = pick('world:anyone:cdrwa', 'world:anyone:cdrwa', 'world:anyone:cdwa', 'auth::cdrwa', 'world:anyone:ra');
    const of = pick<{ op: string } & Record<string, unknown>>(
      { op: 'create', path: path(), data: data() },
      { op: 'create', path: path(), data: data() },
      { op: 'create', path: `${path()}/n-`, data: data(), mode },
      { op: 'create', path: pick('/a/', '/b/n-'), mode },
      { op: 'create', path: path(), mode: 'EPHEMERAL' },
      { op: 'set', path: path(), data: data() },
      { op: 'set', path: path(), data: data(), version: pick(0, 1, 2) },
      { op: 'delete', path: path() },
      { op: 'delete', path: path() },
      { op: 'get', path: path(), watch },
      { op: 'get', path: path(), watch },
      { op: 'stat', path: path(), watch },
      { op: 'stat', path: path(), watch },
      { op: 'ls', path: path(), watch, stat: flag(2) },
      { op: 'ls', path: pick('/', '/a', '/b'), watch },
      { op: 'sync', path: path() },
      { op: 'multi', ops: Array.from({ length: 1 + random.below(4) }, part) },
      {
        op: 'multi',
        ops: [
          { op: 'get', path: path() },
          { op: 'ls', path: path() },
        ],
      },
      { op: 'addWatch', path: path(), mode: pick('PERSISTENT', 'PERSISTENT_RECURSIVE') },
      { op: pick('removewatches', 'removeWatches'), path: path(), type: pick('Any', 'Data', 'Children') },
      { op: 'getEphemerals' },
      { op: 'getAllChildrenNumber', path: path() },
      { op: 'getAcl', path: path() },
      { op: 'setAcl', path: path(), acl },
      { op: 'addauth', scheme: 'digest', auth: `${client}:secret` },
    );
    return { do: 'request', client, ...of };
  };
  const move = (): ActionBody => {
    const client = pick(...names);
    return pick<ActionBody>(
      { do: 'connect', client, server: pick(...sids) },
      { do: 'drop-connection', from: client, to: `s${pick(...sids)}` },
      { do: 'latency', from: client, to: `s${pick(...sids)}`, latency: [1, 2 + random.below(200)] },
      flag(4) ? { do: 'request', client, op: 'close' } : { do: 'connect', client, server: pick(...sids) },
      { do: 'connect', client },
    );
  };
  /** A fault that fits, or none. */
  const fault = (): ActionBody | null => {
    const server = pick(...sids);
    const [from, to] = [`s${server}`, `s${pick(...sids)}`];
    switch (
      pick('kill', 'restart', 'restart', 'cut', 'heal-all', 'heal-all', 'pause', 'pause', 'clock', 'disk', 'client')
    ) {
      case 'kill':
        paused.delete(server);
        return up.delete(server) ? { do: 'kill', server } : null;
      case 'restart':
        if (up.has(server)) return null;
        up.add(server);
        return { do: 'restart', server };
      case 'cut':
        return from === to ? null : { do: 'cut', from, to, oneWay: flag(2) };
      case 'heal-all':
        return { do: 'heal-all' };
      case 'pause':
        if (!up.has(server)) return null;
        if (paused.delete(server)) return { do: 'resume', server };
        paused.add(server);
        return { do: 'pause', server };
      case 'clock':
        return { do: 'clock', server, rate: pick(0.5, 0.9, 1, 1.1, 2) };
      case 'client':
        return { do: 'cut', from: pick(...names), to: from, oneWay: flag(2) };
      default:
        return { do: 'disk', server, fsync: [1, 2 + random.below(100)] };
    }
  };

  const actions: (ActionBody & { at: number })[] = ['/a', '/b', '/a/x'].map((path, i) => ({
    at: BEGIN - 200 + i,
    do: 'request',
    client: 'alice',
    op: 'create',
    path,
    data: 'first',
  }));
  for (let at = BEGIN; at < HEAL - 1500; at += Math.round(random.between(1, flag(30) ? 1500 : 60))) {
    const kind = random.below(80);
    const body = kind < 74 ? request() : kind < 80 - faulty ? move() : fault();
    if (body) actions.push({ at, ...body });
  }
  actions.push({ at: HEAL, do: 'heal-all' });
  for (const server of paused) actions.push({ at: HEAL, do: 'resume', server });
  for (const server of sids) {
    if (!up.has(server)) actions.push({ at: HEAL, do: 'restart', server });
    actions.push({ at: HEAL, do: 'disk', server, fsync: [2, 6] });
  }
  return {
    format: 'zabscope/scenario@1',
    title: `Clients of seed ${seed}`,
    seed,
    ensemble: {
      servers,
      tickTime: 500,
      ...(local ? { localSessionsEnabled: true, localSessionsUpgradingEnabled: flag(2) } : {}),
      ...(flag(3) ? { 'readonlymode.enabled': true } : {}),
      ...(flag(6) ? { enableEagerACLCheck: true } : {}),
      'znode.container.checkIntervalMs': 3000,
      snapCount: pick(20, 100_000),
      commitLogCount: pick(5, 500),
    },
    clients,
    actions,
    until: UNTIL,
  };
}
