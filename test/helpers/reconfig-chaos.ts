/**
 * Random reconfigurations under faults: servers join, leave and change their roles while servers are killed, cut off
 * and slowed, then everything is healed and started. A pure function of its seed.
 */
import type { ActionBody } from '../../src/lab/index.ts';
import { Random } from '../../src/protocol/random.ts';

const BEGIN = 2000;
const HEAL = 32_000;
/** Servers that have seen what nobody else did are stuck until they start for the second time. */
const AGAIN = 60_000;
const UNTIL = 130_000;
const SIDS = [1, 2, 3, 4, 5, 6];

export function reconfigScenario(seed: number): object {
  const random = Random.stream(seed, 'reconfig-chaos');
  const pick = <T>(...choices: T[]): T => choices[random.below(choices.length)] as T; // below() is in range
  const first = pick(3, 3, 4, 5);
  const servers = SIDS.slice(0, first).map((sid) => ({ sid }));
  const present = new Set(servers.map(({ sid }) => sid));
  const line = (sid: number, role: string): string =>
    `server.${sid}=127.0.0.1:${28880 + sid}:${38880 + sid}:${role};127.0.0.1:${21810 + sid}`;

  const step = (): readonly ActionBody[] => {
    const sid = pick(...SIDS);
    const other = pick(...[...present].filter((n) => n !== sid), 1);
    const client = pick('alice', 'bob');
    const role = pick<'participant' | 'observer'>('participant', 'participant', 'observer');
    switch (
      pick(
        'write',
        'write',
        'write',
        'join',
        'join',
        'leave',
        'leave',
        'role',
        'kill',
        'restart',
        'cut',
        'heal',
        'disk',
      )
    ) {
      case 'write':
        return [{ do: 'request', client, op: 'create', path: `/n${random.below(1e6)}`, data: 'x' }];
      case 'join': {
        const add: ActionBody[] = present.has(sid) ? [] : [{ do: 'add-server', sid, role }];
        present.add(sid);
        return [...add, { do: 'request', client, op: 'reconfig', joining: line(sid, role) }];
      }
      case 'leave':
        return [{ do: 'request', client, op: 'reconfig', leaving: String(sid) }];
      case 'role':
        return [{ do: 'request', client, op: 'reconfig', joining: line(sid, role), leaving: String(other) }];
      case 'kill':
        return present.has(sid) ? [{ do: 'kill', server: sid }] : [];
      case 'restart':
        return [...present].map((server) => ({ do: 'restart', server }));
      case 'cut':
        return present.has(sid) && sid !== other ? [{ do: 'cut', from: `s${sid}`, to: `s${other}` }] : [];
      case 'heal':
        return [{ do: 'heal-all' }];
      default:
        return present.has(sid) ? [{ do: 'disk', server: sid, fsync: [1, 2 + random.below(200)] }] : [];
    }
  };

  const actions: (ActionBody & { at: number })[] = [];
  for (let at = BEGIN; at < HEAL - 1000; at += Math.round(random.between(20, 1200))) {
    for (const body of step()) actions.push({ at, ...body });
  }
  actions.push({ at: HEAL, do: 'heal-all' });
  for (const server of present) {
    actions.push({ at: HEAL, do: 'restart', server }, { at: HEAL, do: 'disk', server, fsync: [2, 6] });
    actions.push({ at: AGAIN, do: 'kill', server }, { at: AGAIN + 1, do: 'restart', server });
  }
  return {
    format: 'zabscope/scenario@1',
    title: `Reconfigurations of seed ${seed}`,
    seed,
    ensemble: { servers, tickTime: 1000, reconfigEnabled: true, skipACL: true, standaloneEnabled: false },
    clients: ['alice', 'bob'].map((name) => ({ name, server: pick(1, 2, 3), sessionTimeout: 20_000 })),
    actions,
    until: UNTIL,
  };
}
