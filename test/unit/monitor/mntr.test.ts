/** What servers measure, as `mntr` tells it (reference/monitoring.md, section 2). */
import { describe, expect, test } from 'vitest';
import { Ensemble, type EnsembleOptions } from '../../helpers/ensemble.ts';

const ALL = { '4lw.commands.whitelist': '*' };

async function serving(options: Partial<EnsembleOptions> = {}) {
  const lab = await Ensemble.open({ servers: 3, ...options, zoo: { ...ALL, ...options.zoo } });
  const leader = await lab.settled();
  return { lab, leader, follower: leader === 1 ? 2 : 1 };
}

/** The values of mntr, without `zk_`. */
async function mntr(lab: Ensemble, server: number): Promise<Readonly<Record<string, string>>> {
  await lab.act({ do: 'ask', server, command: 'mntr' });
  await lab.run(1);
  const lines = lab.server(server).answers.get('mntr')?.lines ?? [];
  return Object.fromEntries(
    lines.map((line) => {
      const [key = '', value = ''] = line.split('\t');
      return [key.slice('zk_'.length), value];
    }),
  );
}
const number = (values: Readonly<Record<string, string>>, key: string): number => Number(values[key]);
const clients = [{ name: 'alice', server: 1, sessionTimeout: 6000 }];
const home = (lab: Ensemble): number => [1, 2, 3].find((n) => lab.server(n).attached.size > 0) ?? 0;

describe('monitor.mntr', () => {
  test('which keys there are depends on the role', async () => {
    const { lab, leader, follower } = await serving({ observers: 1 });
    const own = ['learners', 'leader_uptime', 'pending_syncs', 'synced_observers', 'last_proposal_size'];
    const [led, followed, observed] = [await mntr(lab, leader), await mntr(lab, follower), await mntr(lab, 4)];
    expect(led).toMatchObject({ server_state: 'leader', learners: '3', synced_observers: '1', pending_syncs: '0' });
    for (const key of own) expect(followed).not.toHaveProperty(key);
    expect(followed['server_state']).toBe('follower');
    expect(observed).toMatchObject({ server_state: 'observer', observer_master_id: String(leader) });
    expect(followed).not.toHaveProperty('observer_master_id');
  });

  test('a standalone server has no peer', async () => {
    const lab = await Ensemble.open({ servers: 1, zoo: ALL });
    await lab.run(1000);
    const values = await mntr(lab, 1);
    expect(values['server_state']).toBe('standalone');
    expect(values).not.toHaveProperty('peer_state');
    expect(values).not.toHaveProperty('quorum_size');
  });

  test('what a lab has not is told as such', async () => {
    const { lab, leader } = await serving();
    expect(await mntr(lab, leader)).toMatchObject({
      open_file_descriptor_count: '-1',
      outstanding_tls_handshake: '0',
      connection_drop_probability: '0.0',
      last_client_response_size: '-1',
    });
  });
});

test('monitor.znode-count: an empty server has 5, and the root’s path counts once in the size', async () => {
  const lab = await Ensemble.open({ servers: 1, zoo: ALL });
  await lab.run(1000);
  // As a real server that was just started prints.
  expect(await mntr(lab, 1)).toMatchObject({ znode_count: '5', approximate_data_size: '44' });
});

test('monitor.latency: of requests at their own server, pings included', async () => {
  const { lab } = await serving({ clients, fsync: [50, 50] });
  await lab.connected('alice');
  await lab.create('alice', '/a');
  const at = home(lab);
  const before = await mntr(lab, at);
  // The session and the create waited for the log of a quorum.
  expect(number(before, 'min_updatelatency')).toBeGreaterThanOrEqual(50);
  expect(number(before, 'cnt_updatelatency')).toBe(2);
  expect(number(before, 'max_latency')).toBe(number(before, 'max_updatelatency'));
  await lab.run(4000);
  const after = await mntr(lab, at);
  expect(number(after, 'cnt_readlatency')).toBeGreaterThan(number(before, 'cnt_readlatency'));
  expect(after['min_latency']).toBe('0');
  for (const other of [1, 2, 3].filter((n) => n !== at)) {
    expect(await mntr(lab, other)).toMatchObject({ cnt_updatelatency: '0', max_latency: '0' });
  }
});

test('monitor.role-stats: packets begin anew with the role, and counters of the process go on', async () => {
  const { lab, leader, follower } = await serving();
  const before = await mntr(lab, follower);
  await mntr(lab, follower);
  await lab.kill(leader);
  await lab.until(() => !lab.server(follower).serving);
  await lab.settled();
  const after = await mntr(lab, follower);
  expect(after['packets_received']).toBe('1');
  expect(number(after, 'uptime')).toBeLessThan(number(before, 'uptime') + 60_000);
  expect(number(after, 'looking_count')).toBe(number(before, 'looking_count') + 1);
  expect(number(after, 'bytes_received_count')).toBe(12);
});

describe('monitor.peer-state', () => {
  test('in broadcast', async () => {
    const { lab, leader, follower } = await serving({ observers: 1 });
    expect((await mntr(lab, leader))['peer_state']).toBe('leading - broadcast');
    expect((await mntr(lab, follower))['peer_state']).toBe('following - broadcast');
    expect((await mntr(lab, 4))['peer_state']).toBe('observing - broadcast');
  });
});

test('monitor.synced-followers and monitor.quorum-size: a follower that is gone is missed, not forgotten', async () => {
  const { lab, leader, follower } = await serving();
  expect(await mntr(lab, leader)).toMatchObject({ synced_followers: '2', quorum_size: '3', learners: '2' });
  await lab.kill(follower);
  await lab.run(1000);
  const values = await mntr(lab, leader);
  expect(values).toMatchObject({ synced_followers: '1', quorum_size: '3', synced_non_voting_followers: '0' });
});

test('monitor.percentiles: advanced summaries have them, and others do not', async () => {
  const { lab } = await serving({ clients });
  await lab.connected('alice');
  const values = await mntr(lab, home(lab));
  for (const key of ['avg', 'min', 'max', 'cnt', 'sum', 'p50', 'p95', 'p99', 'p999']) {
    expect(values).toHaveProperty(`${key}_updatelatency`);
  }
  expect(values).toHaveProperty('cnt_fsynctime');
  expect(values).not.toHaveProperty('p50_fsynctime');
});

test('monitor.sync-counts and monitor.unavailable-time: a leader counts who came to it, and how long nobody was served', async () => {
  const { lab, leader } = await serving();
  const values = await mntr(lab, leader);
  expect(number(values, 'diff_count') + number(values, 'snap_count')).toBe(2);
  expect(values['cnt_unavailable_time']).toBe('1');
  expect(values['sum_leader_unavailable_time']).toBe(values['sum_unavailable_time']);
  const served = lab.events('serving').find(({ actor }) => actor === `s${leader}`);
  // From instant 0 on, in whole ms.
  expect(number(values, 'sum_unavailable_time')).toBe(Math.floor(served?.t ?? 0));
  const other = leader === 1 ? 2 : 1;
  expect(await mntr(lab, other)).toMatchObject({ cnt_unavailable_time: '1', cnt_leader_unavailable_time: '0' });
});

test('monitor.election-time: leader and followers measure it, observers do not', async () => {
  const { lab, leader, follower } = await serving({ observers: 1 });
  expect(number(await mntr(lab, leader), 'sum_election_time')).toBeGreaterThanOrEqual(200);
  expect((await mntr(lab, follower))['cnt_election_time']).toBe('1');
  const observer = await mntr(lab, 4);
  expect(observer).toMatchObject({ cnt_election_time: '0', cnt_observer_sync_time: '1', looking_count: '1' });
});

test('monitor.propagation: the time of a transaction on its way, by the leader’s clock', async () => {
  const { lab, leader, follower } = await serving({ clients, latency: [30, 30] });
  await lab.connected('alice');
  await lab.create('alice', '/a');
  await lab.run(500);
  const [led, followed] = [await mntr(lab, leader), await mntr(lab, follower)];
  // There, the ACK back, and the commit there again.
  expect(number(followed, 'min_propagation_latency')).toBeGreaterThanOrEqual(90);
  expect(number(led, 'min_propagation_latency')).toBeGreaterThanOrEqual(60);
  expect(number(followed, 'min_proposal_latency')).toBeGreaterThanOrEqual(30);
  expect(number(led, 'proposal_count')).toBe(number(led, 'commit_count'));
  expect(number(followed, 'learner_commit_received_count')).toBe(number(led, 'commit_count'));
});

test('monitor.watchers-told: how many wait for each change', async () => {
  const both = [...clients, { name: 'bob', server: 1 }];
  const lab = await Ensemble.open({ servers: 1, zoo: ALL, clients: both });
  await lab.connected('alice');
  await lab.connected('bob');
  await lab.create('alice', '/a');
  for (const client of ['alice', 'bob']) await lab.act({ do: 'request', client, op: 'get', path: '/a', watch: true });
  await lab.act({ do: 'request', client: 'bob', op: 'ls', path: '/', watch: true });
  await lab.run(200);
  await lab.act({ do: 'request', client: 'alice', op: 'set', path: '/a', data: 'x' });
  await lab.act({ do: 'request', client: 'alice', op: 'create', path: '/b' });
  await lab.run(500);
  expect(await mntr(lab, 1)).toMatchObject({
    sum_node_changed_watch_count: '2',
    cnt_node_changed_watch_count: '1',
    sum_node_children_watch_count: '1',
    cnt_node_created_watch_count: '0',
  });
});

test('monitor.namespaces: bytes by the first name of the path', async () => {
  const lab = await Ensemble.open({ servers: 1, zoo: ALL, clients });
  await lab.connected('alice');
  await lab.act({ do: 'request', client: 'alice', op: 'create', path: '/app', data: '12345' });
  await lab.act({ do: 'request', client: 'alice', op: 'create', path: '/app/x', data: '1' });
  await lab.act({ do: 'request', client: 'alice', op: 'get', path: '/app' });
  await lab.run(500);
  expect(await mntr(lab, 1)).toMatchObject({
    cnt_app_write_per_namespace: '2',
    // Path and data.
    sum_app_write_per_namespace: String(4 + 5 + 6 + 1),
    // Path, data and Stat.
    sum_app_read_per_namespace: String(4 + 5 + 68),
  });
});

test('monitor.quota-gauges: limits and use by the first name, and writes over a quota', async () => {
  const zoo = { ...ALL, enforceQuota: true };
  const lab = await Ensemble.open({ servers: 1, zoo, clients });
  await lab.connected('alice');
  for (const path of ['/app', '/app/x']) expect(await lab.create('alice', path)).toBeNull();
  await lab.act({ do: 'console', client: 'alice', line: 'setquota -N 2 /app' });
  await lab.run(1000);
  expect(await lab.create('alice', '/app/y')).toBe('QUOTAEXCEEDED');
  expect(await mntr(lab, 1)).toMatchObject({
    app_quota_count_limit_per_namespace: '2',
    app_quota_count_usage_per_namespace: '2',
    app_quota_bytes_limit_per_namespace: '-1',
    app_quota_exceeded_error_per_namespace: '1',
  });
});

test('a slow disk is seen in fsynctime, and in the warnings of the admin server', async () => {
  const lab = await Ensemble.open({ servers: 1, zoo: ALL, clients, fsync: [1500, 1500] });
  await lab.run(10_000);
  const values = await mntr(lab, 1);
  expect(number(values, 'min_fsynctime')).toBeGreaterThanOrEqual(1500);
  await lab.act({ do: 'ask', server: 1, command: '/commands/server_stats' });
  await lab.run(1);
  const stats = lab.server(1).answers.get('/commands/server_stats')?.lines.join('\n') ?? '';
  expect(JSON.parse(stats)).toMatchObject({
    server_stats: { fsync_threshold_exceed_count: number(values, 'cnt_fsynctime') },
  });
});

test('expired sessions are counted where they expire', async () => {
  const { lab, leader, follower } = await serving({ clients });
  await lab.connected('alice');
  await lab.act({ do: 'disconnect', client: 'alice' });
  await lab.run(10_000);
  expect((await mntr(lab, leader))['stale_sessions_expired']).toBe('1');
  expect((await mntr(lab, follower))['stale_sessions_expired']).toBe('0');
});
