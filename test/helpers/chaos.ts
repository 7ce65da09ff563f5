/**
 * Random scenarios: writes of two clients while servers are killed, paused, cut off and slowed, then
 * everything is healed and started. A pure function of its seed.
 */
import type { ActionBody } from '../../src/lab/index.ts';
import { Random } from '../../src/protocol/random.ts';

/** Faults begin and end here, virtual ms; by `until` a healed ensemble has long settled. */
const BEGIN = 1500;
const HEAL = 41_500;
const UNTIL = 140_000;

export function chaosScenario(seed: number): object {
  const random = Random.stream(seed, 'chaos');
  const pick = <T>(...choices: T[]): T => choices[random.below(choices.length)] as T; // below() is in range
  const voters = pick(3, 4, 5);
  const servers = Array.from({ length: voters }, (_, i) => ({ sid: i + 1, role: 'participant' }));
  if (random.below(3) === 0) servers.push({ sid: voters + 1, role: 'observer' });
  const sids = servers.map(({ sid }) => sid);
  const up = new Set(sids);
  const paused = new Set<number>();
  const clients = ['alice', 'bob'].map((name) => ({
    name,
    server: pick(...sids),
    sessionTimeout: 4000 + random.below(8000),
  }));

  const request = (): ActionBody => {
    const client = pick('alice', 'bob');
    const path = `/n${random.below(6)}`;
    const data = `d${random.below(1000)}`;
    const mode = pick('PERSISTENT', 'PERSISTENT', 'PERSISTENT', 'EPHEMERAL');
    return pick<ActionBody>(
      { do: 'request', client, op: 'create', path: pick(path, `${path}/c${random.below(3)}`), data, mode },
      { do: 'request', client, op: 'create', path, data },
      { do: 'request', client, op: 'set', path, data },
      { do: 'request', client, op: 'delete', path },
      { do: 'request', client, op: 'get', path, watch: true },
      { do: 'request', client, op: 'sync', path: '/' },
    );
  };
  /** A fault that fits, or none. */
  const fault = (): ActionBody | null => {
    const server = pick(...sids);
    const [from, to] = [`s${server}`, `s${pick(...sids)}`];
    switch (pick('kill', 'restart', 'restart', 'cut', 'heal-all', 'partition', 'pause', 'drop-connection', 'disk')) {
      case 'kill':
        paused.delete(server);
        return up.delete(server) ? { do: 'kill', server } : null;
      case 'restart':
        if (up.has(server)) return null;
        up.add(server);
        return { do: 'restart', server };
      case 'cut':
        return from === to ? null : { do: 'cut', from, to, oneWay: random.below(2) === 0 };
      case 'heal-all':
        return { do: 'heal-all' };
      case 'partition': {
        const border = 1 + random.below(sids.length - 1);
        return { do: 'partition', groups: [sids.slice(0, border), sids.slice(border)] };
      }
      case 'pause':
        if (!up.has(server)) return null;
        if (paused.delete(server)) return { do: 'resume', server };
        paused.add(server);
        return { do: 'pause', server };
      case 'drop-connection':
        return from === to ? null : { do: 'drop-connection', from, to };
      default:
        return { do: 'disk', server, fsync: [1, 2 + random.below(300)] };
    }
  };

  const actions: (ActionBody & { at: number })[] = [];
  for (let at = BEGIN; at < HEAL - 1500; at += Math.round(random.between(20, 1500))) {
    const body = random.below(3) > 0 ? request() : fault();
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
    title: `Chaos of seed ${seed}`,
    seed,
    ensemble: { servers, tickTime: 1000 },
    clients,
    actions,
    until: UNTIL,
  };
}
