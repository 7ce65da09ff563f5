/** Commands of the admin server: JSON with the members that the real one gives, and the same answers on every host. */
import { describe, expect, test } from 'vitest';
import { nodeHost } from '../../../src/lab/hosts/node.ts';
import { Lab, parseScenario, SCENARIO_FORMAT, type HostFactory } from '../../../src/lab/index.ts';
import { createProcess } from '../../../src/lab/index.ts';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { ADMIN_COMMANDS, FOUR_LETTER_WORDS } from '../../../src/protocol/monitoring.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { summarize, toJsonl } from '../../../src/trace/index.ts';
import { Ensemble, type EnsembleOptions } from '../../helpers/ensemble.ts';

async function serving(options: Partial<EnsembleOptions> = {}) {
  const lab = await Ensemble.open({ servers: 3, ...options });
  const leader = await lab.settled();
  return { lab, leader, follower: leader === 1 ? 2 : 1 };
}

async function json(lab: Ensemble, server: number, command: string): Promise<Readonly<Record<string, unknown>>> {
  await lab.act({ do: 'ask', server, command: `/commands/${command}` });
  await lab.run(1);
  const { lines } = lab.server(server).answers.get(`/commands/${command}`) ?? { lines: [] };
  return JSON.parse(lines.join('\n')) as Readonly<Record<string, unknown>>;
}

describe('monitor.admin', () => {
  test('every command answers with its name and no error, though the whitelist holds srvr only', async () => {
    const { lab, leader } = await serving();
    for (const name of Object.keys(ADMIN_COMMANDS)) {
      const command = name === 'set_trace_mask' ? `${name}?traceMask=4` : name;
      expect(await json(lab, leader, command), name).toMatchObject({ command: name, error: null });
    }
    expect(new Set(lab.events('answered').map(({ rule }) => rule))).toEqual(new Set(['monitor.admin']));
  });

  test('a command has other names', async () => {
    const { lab, leader } = await serving();
    for (const [name, others] of Object.entries(ADMIN_COMMANDS)) {
      if (name === 'set_trace_mask') continue;
      for (const other of others) expect((await json(lab, leader, other))['command']).toBe(name);
    }
  });

  test('leader, zabstate and voting_view tell of the ensemble', async () => {
    const { lab, leader, follower } = await serving({ observers: 1 });
    for (const server of [leader, follower, 4]) {
      const isLeader = server === leader;
      const tells = { is_leader: isLeader, leader_id: leader, leader_ip: '127.0.0.1' };
      expect(await json(lab, server, 'leader')).toMatchObject(tells);
      expect(await json(lab, server, 'zabstate')).toMatchObject({
        myid: server,
        is_leader: isLeader,
        voting: server !== 4,
        last_zxid: `0x${lab.server(server).lastProcessed.toString(16)}`,
        zabstate: 'broadcast',
        client_address: `127.0.0.1:2181${server}`,
      });
    }
    const { current_config: view } = await json(lab, follower, 'voting_view');
    expect(Object.keys(view as object)).toEqual(['1', '2', '3']);
    expect(await json(lab, leader, 'observers')).toMatchObject({ synced_observers: 1, observers: [{ sid: 4 }] });
    expect(await json(lab, follower, 'observers')).toMatchObject({ synced_observers: 0, observers: [] });
  });

  test('a standalone server knows no leader', async () => {
    const lab = await Ensemble.open({ servers: 1 });
    await lab.run(1000);
    expect(await json(lab, 1, 'leader')).toEqual({ error: 'server is not initialized', command: 'leader' });
    expect(await json(lab, 1, 'zabstate')).toMatchObject({ voting: false, zabstate: '' });
    expect(await json(lab, 1, 'configuration')).toMatchObject({ server_id: 0, client_port: 21811 });
  });

  test('stats is server_stats with connections; only a leader has proposal_stats', async () => {
    const { lab, leader, follower } = await serving({ clients: [{ name: 'alice', server: 1 }] });
    await lab.connected('alice');
    const at = [1, 2, 3].find((n) => lab.server(n).attached.size > 0) ?? 0;
    const stats = await json(lab, at, 'stats');
    expect(stats).toMatchObject({ read_only: false, server_stats: { num_alive_client_connections: 1 }, node_count: 5 });
    expect(stats['connections']).toMatchObject([{ interest_ops: 1, outstanding_requests: 0 }]);
    expect(await json(lab, leader, 'server_stats')).toHaveProperty('proposal_stats.last_buffer_size');
    expect(await json(lab, follower, 'server_stats')).not.toHaveProperty('proposal_stats');
    const { connections } = (await json(lab, at, 'connections')) as { connections: { last_operation: string }[] };
    expect(connections[0]?.last_operation).toBe('SESS');
  });

  test('last_snapshot names the snapshot that was written last', async () => {
    const { lab, leader } = await serving();
    expect(await json(lab, leader, 'last_snapshot')).toMatchObject({ zxid: '0', timestamp: 1_767_225_600 });
  });

  test('numbers of 64 bits are whole in the text', async () => {
    const { lab, leader } = await serving({ clients: [{ name: 'alice', server: 1 }] });
    await lab.connected('alice');
    await lab.act({ do: 'request', client: 'alice', op: 'create', path: '/e', mode: 'EPHEMERAL' });
    await lab.run(500);
    await json(lab, leader, 'dump');
    const lines = lab.server(leader).answers.get('/commands/dump')?.lines ?? [];
    const [session = '0x0'] = lab.server(leader).sessions.keys();
    expect(lines.join('\n')).toContain(`"${BigInt(session)}" : [ "/e" ]`);
  });
});

test('monitor.admin-not-serving: what needs a role is an error without one', async () => {
  const lab = await Ensemble.open({ servers: 3, autoStart: false });
  await lab.restart(1);
  await lab.run(100);
  expect(await json(lab, 1, 'leader')).toEqual({
    command: 'leader',
    error: 'This ZooKeeper instance is not currently serving requests',
  });
  for (const anytime of ['environment', 'get_trace_mask', 'system_properties', 'zabstate']) {
    expect(await json(lab, 1, anytime)).toMatchObject({ command: anytime, error: null });
  }
});

test('monitor.admin speaks of a leader that serves no clients, too', async () => {
  const { lab, leader } = await serving({ zoo: { leaderServes: false } });
  expect(await json(lab, leader, 'leader')).toMatchObject({ is_leader: true });
});

test('monitor.admin-unknown: the error names the command', async () => {
  const { lab, leader } = await serving();
  expect(await json(lab, leader, 'nonsense')).toEqual({ command: 'nonsense', error: 'Unknown command: nonsense' });
});

describe('the action ask', () => {
  const asked = (command: string) =>
    parseScenario({
      format: SCENARIO_FORMAT,
      seed: 1,
      ensemble: { servers: [{ sid: 1 }] },
      actions: [{ at: 1, do: 'ask', server: 1, command }],
    });

  test('takes words and paths, and nothing else', () => {
    for (const command of ['mntr', 'stmk 306', '/commands/leader', '/commands/set_trace_mask?traceMask=3']) {
      expect(asked(command).ok, command).toBe(true);
    }
    for (const command of ['', 'abcd', 'stmk', 'mntr 1', '/leader', '/commands/', '/commands/a b', 'mntr\n']) {
      expect(asked(command).ok, command).toBe(false);
    }
  });

  test('a server that is down is not asked; one that is paused answers when it goes on', async () => {
    const lab = await Ensemble.open({ servers: 1 });
    await lab.run(1000);
    await lab.act({ do: 'pause', server: 1 });
    await lab.act({ do: 'ask', server: 1, command: 'srvr' });
    await lab.run(1000);
    expect(lab.events('answered')).toEqual([]);
    await lab.act({ do: 'resume', server: 1 });
    await lab.run(1);
    expect(lab.events('answered')).toHaveLength(1);
    await lab.kill(1);
    expect(await lab.lab.act({ do: 'ask', server: 1, command: 'srvr' })).toEqual({
      ok: false,
      reason: 'Server 1 is down and cannot answer.',
    });
  });
});

test(
  'the same scenario has the same answers on every host, and they stand under their server',
  { timeout: 60_000 },
  async () => {
    const commands = [...FOUR_LETTER_WORDS.filter((word) => word !== 'stmk'), '/commands/stats', '/commands/monitor'];
    const parsed = parseScenario({
      format: SCENARIO_FORMAT,
      seed: 11,
      ensemble: { servers: [{ sid: 1 }, { sid: 2 }, { sid: 3 }], '4lw.commands.whitelist': '*' },
      clients: [{ name: 'alice', server: 1 }],
      actions: [
        { at: 3000, do: 'request', client: 'alice', op: 'create', path: '/a' },
        { at: 3500, do: 'kill', server: 3 },
        ...commands.map((command, n) => ({ at: 8000 + n, do: 'ask', server: 1, command })),
      ],
    });
    if (!parsed.ok) throw new Error(parsed.message);
    const run = async (host: HostFactory) => {
      const lab = await Lab.open(parsed.scenario, host);
      await lab.advance(virtualTime(9000));
      expect(lab.failure).toBeNull();
      lab.dispose();
      return { text: toJsonl(lab.trace.events()), summary: summarize(lab.trace.stateAt(virtualTime(9000)), lab.trace) };
    };
    const [inline, workers] = [await run(() => new InlineHost(createProcess)), await run(() => nodeHost())];
    expect(workers.text).toBe(inline.text);
    expect(inline.summary.servers['1']?.answers?.map(({ command }) => command)).toEqual(commands);
    expect(inline.summary.servers['2']).not.toHaveProperty('answers');
  },
);
