/** The life of a reconfiguration, told by whole ensembles (reference/reconfig.md, sections 3 and 5). */
import { describe, expect, test } from 'vitest';
import type { ActionBody } from '../../../src/lab/index.ts';
import { formatZxid } from '../../../src/protocol/zxid.ts';
import { Ensemble, type EnsembleOptions } from '../../helpers/ensemble.ts';

const ZOO = { reconfigEnabled: true, skipACL: true, standaloneEnabled: false, tickTime: 500 };

/** A settled ensemble with alice connected to server 1; the leader is the one with the largest sid. */
async function open(options: Partial<EnsembleOptions> = {}): Promise<Ensemble> {
  const { zoo, servers = 3, ...rest } = options;
  const clients = [{ name: 'alice', server: 1, sessionTimeout: 60_000 }];
  const lab = await Ensemble.open({ clients, ...rest, servers, zoo: { ...ZOO, maxSessionTimeout: 60_000, ...zoo } });
  await lab.settled();
  await lab.attach('alice', 1);
  return lab;
}

const line = (n: number, role = 'participant'): string =>
  `server.${n}=127.0.0.1:${28880 + n}:${38880 + n}:${role};127.0.0.1:${21810 + n}`;
const lines = (...sids: number[]): string => sids.map((n) => line(n)).join();

function reconfig(lab: Ensemble, request: Readonly<Record<string, unknown>>, wait = true): Promise<string | null> {
  return lab.request('alice', { op: 'reconfig', ...request }, wait);
}

/** `1 2 3 @0x…` of a server's configuration; observers in brackets. */
function config(lab: Ensemble, n: number, which: 'committed' | 'lastSeen' = 'committed'): string {
  const view = lab.server(n).config?.[which];
  if (!view) return 'none';
  const members = [...view.members].sort((a, b) => a.sid - b.sid);
  const sids = members.map(({ sid, role }) => (role === 'observer' ? `(${sid})` : `${sid}`));
  return `${sids.join(' ')} @${formatZxid(view.version)}`;
}

const everyConfig = (lab: Ensemble): readonly string[] => [
  ...new Set([...lab.state.servers.values()].map(({ sid }) => config(lab, sid))),
];
const states = (lab: Ensemble): string =>
  [...lab.state.servers.values()].map(({ sid, state }) => `s${sid} ${state}`).join(', ');
/** How many elections servers have begun. */
const elections = (lab: Ensemble): number => lab.events('election-started').length;
const rules = (lab: Ensemble, from = 0): ReadonlySet<string | undefined> =>
  new Set([...lab.lab.trace.events(from)].map(({ rule }) => rule));
const hold = (from: number, to: number, type: string): ActionBody =>
  ({ do: 'hold', from: `s${from}`, to: `s${to}`, type }) as ActionBody;
const release = (from: number, to: number, type: string): ActionBody =>
  ({ do: 'release', from: `s${from}`, to: `s${to}`, type }) as ActionBody;

async function add(lab: Ensemble, n: number, role: 'participant' | 'observer' = 'participant'): Promise<void> {
  await lab.act({ do: 'add-server', sid: n, role });
  await lab.until(() => lab.server(n).serving);
}

describe('establishing', () => {
  test('reconfig.first-version, reconfig.newleader-config: the first leader gives the configuration its zxid', async () => {
    const lab = await open();
    expect(everyConfig(lab)).toEqual(['1 2 3 @0x100000000']);
    expect(lab.server(1).tree.get('/zookeeper/config')).toMatchObject({
      data: `${lines(1, 2, 3).replaceAll(',', '\n')}\nversion=100000000`,
      stat: { version: -1, mzxid: 0x100000000, czxid: 0 },
      acl: [{ perms: 1, scheme: 'world', id: 'anyone' }],
    });
    expect(lab.events('newleader-acked').every(({ next }) => next?.version === 0x100000000)).toBe(true);
  });

  test('reconfig.switched-off, reconfig.znode: without reconfigEnabled the version stays 0, and nothing is written to disk', async () => {
    const lab = await open({ zoo: { reconfigEnabled: false } });
    expect(everyConfig(lab)).toEqual(['1 2 3 @0x0']);
    expect(lab.server(2).tree.get('/zookeeper/config')?.data).toContain('version=0');
    expect(lab.events('config-seen')).toEqual([]);
    expect(lab.events('fsync-done').filter(({ file }) => file.startsWith('zoo.cfg'))).toEqual([]);
    expect(await reconfig(lab, { leaving: '1' })).toBe('RECONFIGDISABLED');
  });

  test('reconfig.dynamic-file, reconfig.boot-files: a restarted ensemble has the configuration from its disks', async () => {
    const lab = await open();
    await reconfig(lab, { leaving: '2' });
    await lab.run(200);
    await lab.kill(1, 3);
    await lab.restart(1, 3);
    const booted = lab.events('config-activated').filter(({ rule }) => rule === 'reconfig.boot-files');
    expect(booted.slice(-2).map(({ members }) => members.length)).toEqual([2, 2]);
    await lab.settled(1, 3);
    expect(config(lab, 1)).toBe('1 3 @0x100000002');
  });
});

describe('errors', () => {
  test('reconfig.disabled comes before the permission, reconfig.failed-takes-zxid', async () => {
    const lab = await open({ zoo: { reconfigEnabled: false, skipACL: false } });
    const before = lab.server(3).lastCommitted;
    expect(await reconfig(lab, { members: 'nonsense' })).toBe('RECONFIGDISABLED');
    expect(lab.server(3).lastCommitted).toBe(before + 1);
  });

  test('reconfig.znode-acl: everybody may read the configuration, and nobody may write it', async () => {
    const lab = await open({ zoo: { skipACL: false } });
    expect(await lab.request('alice', { op: 'get', path: '/zookeeper/config' })).toBe(null);
    expect(await lab.request('alice', { op: 'set', path: '/zookeeper/config', data: 'x' })).toBe('NOAUTH');
    expect(await lab.request('alice', { op: 'delete', path: '/zookeeper/config' })).toBe('BADARGUMENTS');
  });

  test('reconfig.permission comes last', async () => {
    const lab = await open({ zoo: { skipACL: false } });
    expect(await reconfig(lab, { joining: 'server.4=x' })).toBe('BADARGUMENTS');
    expect(await reconfig(lab, { joining: lines(4, 5, 6, 7) })).toBe('NEWCONFIGNOQUORUM');
    expect(await reconfig(lab, { leaving: '3' })).toBe('NOAUTH');
    expect(everyConfig(lab)).toEqual(['1 2 3 @0x100000000']);
  });

  test('a reconfig in front of the end of its session is refused for itself', async () => {
    const lab = await open();
    await reconfig(lab, { members: 'nonsense' }, false);
    await lab.act({ do: 'request', client: 'alice', op: 'close' });
    await lab.run(200);
    expect(lab.events('proposed').map(({ txn, error }) => error ?? txn)).toEqual([
      'createSession',
      'BADARGUMENTS',
      'closeSession',
    ]);
  });

  test('reconfig.standalone: a server without an ensemble does not know how', async () => {
    const clients = [{ name: 'alice', server: 1 }];
    const lab = await Ensemble.open({ servers: 1, clients, zoo: { ...ZOO, standaloneEnabled: true } });
    await lab.connected('alice');
    expect(await reconfig(lab, { leaving: '1' })).toBe('UNIMPLEMENTED');
  });

  test('reconfig.in-progress: the second of two is refused while the first is open', async () => {
    const lab = await open();
    await lab.act(hold(1, 3, 'ACK'), hold(2, 3, 'ACK'));
    await reconfig(lab, { leaving: '2' }, false);
    await reconfig(lab, { leaving: '1' }, false);
    await lab.run(300);
    await lab.act(release(1, 3, 'ACK'), release(2, 3, 'ACK'));
    await lab.run(500);
    expect(lab.events('returned').map(({ error }) => error)).toEqual([null, 'RECONFIGINPROGRESS']);
    expect(config(lab, 3)).toBe('1 3 @0x100000002');
  });
});

describe('a follower leaves', () => {
  test('reconfig.txn, reconfig.reply, reconfig.activate, reconfig.removed-keeps-running', async () => {
    const lab = await open();
    expect(await reconfig(lab, { leaving: '1' })).toBe(null);
    const [returned] = lab.events('returned');
    const text = `${lines(2, 3).replaceAll(',', '\n')}\nversion=100000002`;
    expect(returned?.result).toMatchObject({ data: text, stat: { version: -1, mzxid: 0x100000002 } });
    await lab.run(300);
    // Alice is its client, and stays.
    expect(states(lab)).toBe('s1 FOLLOWING, s2 FOLLOWING, s3 LEADING');
    expect(everyConfig(lab)).toEqual(['2 3 @0x100000002']);
    expect(await lab.create('alice', '/a')).toBe(null);
    expect(lab.paths(1, 2, 3)).toEqual(['/a']);
    expect(elections(lab)).toBe(3);
    expect(rules(lab)).toContain('reconfig.activate');
  });

  test('reconfig.non-voting-follower, fle.members-only: its ACKs come and do not count', async () => {
    const lab = await open();
    await reconfig(lab, { leaving: '1' });
    await lab.act(hold(2, 3, 'ACK'));
    const from = lab.lab.trace.length;
    await lab.create('alice', '/a', false);
    await lab.run(400);
    expect(lab.events('send', { actor: 1, from }).map(({ packet }) => packet.type)).toContain('ACK');
    expect(lab.events('acked', { from }).map(({ from: sid }) => sid)).toEqual([3]);
    expect(lab.events('committed', { from })).toEqual([]);
    await lab.act(release(2, 3, 'ACK'));
    await lab.run(400);
    expect(lab.events('committed', { from })).toHaveLength(1);
  });

  test('reconfig.boot-not-member: started again, it finds that it is not in the list, and ends', async () => {
    const lab = await open();
    await reconfig(lab, { leaving: '2' });
    await lab.run(300);
    await lab.kill(2);
    await lab.restart(2);
    await lab.run(100);
    expect(lab.server(2)).toMatchObject({ state: 'DOWN', exitReason: 'My id 2 is not in the peer list.' });
  });

  test('reconfig.two-servers: of two, neither can be removed by the other alone', async () => {
    const lab = await open({ servers: 2 });
    await lab.act(hold(1, 2, 'ACK'));
    await reconfig(lab, { leaving: '1' }, false);
    await lab.run(400);
    expect(lab.events('committed').map(({ zxid }) => zxid)).not.toContain(0x100000002);
    await lab.act(release(1, 2, 'ACK'));
    await lab.run(400);
    expect(config(lab, 2)).toBe('2 @0x100000002');
  });
});

describe('joining', () => {
  test('reconfig.joiner: adopts the configuration that does not name it, and follows without a vote', async () => {
    const lab = await open();
    await lab.act({ do: 'add-server', sid: 4, role: 'observer' });
    expect(config(lab, 4)).toBe('1 2 3 (4) @0x0');
    await lab.until(() => lab.server(4).serving);
    expect(config(lab, 4)).toBe('1 2 3 @0x100000000');
    expect(states(lab)).toBe('s1 FOLLOWING, s2 FOLLOWING, s3 LEADING, s4 FOLLOWING');
    await lab.create('alice', '/a');
    await lab.run(100);
    expect(lab.paths(1, 2, 3, 4)).toEqual(['/a']);
    expect(lab.events('acked').map(({ from }) => Number(from))).not.toContain(4);
  });

  test('reconfig.connect-new-peers, fle.known-address: who sees the new configuration connects to its new members', async () => {
    const lab = await open();
    const from = lab.lab.trace.length;
    await reconfig(lab, { joining: line(5) });
    const [seen] = lab.events('config-seen', { actor: 1, from });
    const connects = lab.events('connect', { actor: 1, from }).filter(({ to }) => to === 's5');
    expect(connects.map(({ t, port }) => ({ t, port }))).toEqual([{ t: seen?.t, port: 'election' }]);
  });

  test('a server that has joined votes', async () => {
    const lab = await open();
    await add(lab, 4);
    expect(await reconfig(lab, { joining: line(4) })).toBe(null);
    await lab.run(300);
    expect(everyConfig(lab)).toEqual([expect.stringMatching(/^1 2 3 4 @/)]);
    await lab.act(hold(2, 3, 'ACK'));
    const from = lab.lab.trace.length;
    expect(await lab.create('alice', '/a')).toBe(null);
    expect(lab.events('acked', { from }).map((event) => Number(event.from))).toContain(4);
    // Of four, two are no quorum.
    await lab.kill(1, 2);
    await lab.until(() => lab.server(3).state === 'LOOKING');
  });

  test('reconfig.several-joiners: two at once, with both quorums', async () => {
    const lab = await open();
    await add(lab, 4);
    await add(lab, 5);
    expect(await reconfig(lab, { joining: lines(4, 5) })).toBe(null);
    await lab.run(300);
    expect(everyConfig(lab)).toEqual(['1 2 3 4 5 @0x100000002']);
    const [proposed] = lab.events('proposed').filter(({ txn }) => txn === 'reconfig');
    expect(proposed).toMatchObject({ need: 2, next: { need: 3, members: [1, 2, 3, 4, 5], version: 0x100000002 } });
  });

  test('reconfig.observers-not-synced: an observer does not help as long as it observes', async () => {
    const lab = await open({ observers: 1 });
    await lab.kill(1);
    await lab.act({ do: 'connect', client: 'alice', server: 2 });
    await lab.connected('alice');
    // Of 2, 3, 4, 5 three are needed; 4 runs, but observes.
    expect(await reconfig(lab, { leaving: '1', joining: lines(4, 5) })).toBe('NEWCONFIGNOQUORUM');
  });
});

describe('two quorums', () => {
  test('reconfig.propose-both, reconfig.commit-both: neither quorum alone commits', async () => {
    const lab = await open();
    for (const n of [4, 5]) await add(lab, n);
    await lab.act(hold(4, 3, 'ACK'), hold(5, 3, 'ACK'), hold(2, 3, 'ACK'));
    await reconfig(lab, { leaving: '2', joining: lines(4, 5) }, false);
    await lab.run(200);
    // Old: 1 and 3 of three. New: 1 and 3 of four.
    expect(lab.events('acked').at(-1)).toMatchObject({ acks: [3, 1], need: 2, next: { acks: [3, 1], need: 3 } });
    expect(config(lab, 1)).toBe('1 2 3 @0x100000000');
    expect(config(lab, 1, 'lastSeen')).toBe('1 3 4 5 @0x100000002');
    await lab.act(release(4, 3, 'ACK'));
    await lab.run(100);
    expect(config(lab, 3)).toBe('1 3 4 5 @0x100000002');
  });

  test('reconfig.later-proposals, reconfig.commit-behind: what is proposed behind waits for both, and follows at once', async () => {
    const lab = await open();
    for (const n of [4, 5]) await add(lab, n);
    await lab.act(hold(4, 3, 'ACK'), hold(5, 3, 'ACK'));
    await reconfig(lab, { joining: lines(4, 5), leaving: '2' }, false);
    await lab.create('alice', '/a', false);
    await lab.create('alice', '/b', false);
    await lab.run(200);
    const behind = lab.events('proposed').filter(({ rule }) => rule === 'reconfig.later-proposals');
    expect(behind.map(({ path, next }) => `${path} ${next?.need}`)).toEqual(['/a 3', '/b 3']);
    expect(lab.server(3).outstanding.size).toBe(3);
    await lab.act(release(4, 3, 'ACK'));
    await lab.run(300);
    expect(lab.server(3).outstanding.size).toBe(0);
    expect(lab.paths(1, 3, 4, 5)).toEqual(['/a', '/b']);
  });

  test('a sync behind an open reconfig waits for it', async () => {
    const lab = await open();
    await lab.act(hold(1, 3, 'ACK'), hold(2, 3, 'ACK'));
    await reconfig(lab, { leaving: '2' }, false);
    await lab.request('alice', { op: 'sync', path: '/' }, false);
    await lab.run(300);
    expect(lab.events('returned')).toEqual([]);
    await lab.act(release(1, 3, 'ACK'), release(2, 3, 'ACK'));
    await lab.run(300);
    expect(lab.events('returned').map(({ error }) => error)).toEqual([null, null]);
  });

  test('reconfig.seen-at-proposal, reconfig.next-file: on disk before the proposal is acknowledged', async () => {
    const lab = await open({ fsync: [20, 20] });
    const from = lab.lab.trace.length;
    await reconfig(lab, { leaving: '2' });
    const [seen] = lab.events('config-seen', { actor: 1, from });
    const [appended] = lab.events('log-appended', { actor: 1, from });
    const saved = lab.events('fsync-done', { actor: 1, from }).find(({ file }) => file.includes('.next'));
    const ack = lab.events('send', { actor: 1, from }).find(({ packet }) => packet.type === 'ACK');
    expect(seen?.id).toBeLessThan(appended?.id ?? 0);
    expect(saved?.id).toBeLessThan(ack?.id ?? 0);
  });

  test('reconfig.returned-early: the answer is there before every server follows the new configuration', async () => {
    const lab = await open();
    await lab.act(hold(3, 2, 'COMMITANDACTIVATE'));
    expect(await reconfig(lab, { joining: line(4, 'observer') })).toBe(null);
    expect(config(lab, 1)).toBe('1 2 3 (4) @0x100000002');
    expect(config(lab, 2)).toBe('1 2 3 @0x100000000');
  });
});

describe('role changes', () => {
  test('reconfig.restart-election, reconfig.learner-type, reconfig.direct-role, reconfig.to-observer: a participant comes back as an observer, without an election', async () => {
    const lab = await open();
    const before = elections(lab);
    await reconfig(lab, { joining: line(2, 'observer') });
    await lab.until(() => lab.server(2).state === 'OBSERVING' && lab.server(2).serving);
    expect(elections(lab)).toBe(before);
    expect(rules(lab)).toContain('reconfig.direct-role');
    expect(lab.server(2).role).toBe('observer');
    const closed = lab.events('disconnected').filter(({ reason }) => reason === 'leader election is restarted');
    expect(closed.length).toBeGreaterThan(0);
  });

  test('reconfig.to-participant, reconfig.inform-activate: an observer comes back as a follower that votes', async () => {
    const lab = await open({ observers: 1 });
    await reconfig(lab, { joining: line(4) });
    await lab.until(() => lab.server(4).state === 'FOLLOWING' && lab.server(4).serving);
    expect(rules(lab)).toContain('reconfig.inform-activate');
    await lab.act(hold(2, 3, 'ACK'));
    await lab.create('alice', '/a');
    expect(lab.events('acked').map(({ from }) => Number(from))).toContain(4);
  });

  test('reconfig.leader-removed, reconfig.designated-leader, reconfig.new-epoch', async () => {
    const lab = await open();
    const before = elections(lab);
    // The leader is 3; the answer is lost, as alice's server changes its leader.
    expect(await reconfig(lab, { leaving: '3' })).toBe('CONNECTIONLOSS');
    await lab.until(() => [1, 2, 3].every((n) => lab.server(n).serving && lab.server(n).leader === 1));
    expect(states(lab)).toBe('s1 LEADING, s2 FOLLOWING, s3 FOLLOWING');
    expect(elections(lab)).toBe(before);
    expect(everyConfig(lab)).toEqual(['1 2 @0x100000002']);
    expect(lab.server(1).currentEpoch).toBe(2);
    await lab.connected('alice');
    expect(await lab.create('alice', '/a')).toBe(null);
    expect(lab.paths(1, 2, 3)).toEqual(['/a']);
  });

  test('reconfig.designated-leader: it is the one that has acknowledged more of what is behind', async () => {
    const lab = await open({ servers: 5 });
    // The leader, 5, goes. The ACKs of the reconfig and of the write behind it wait; then 4's come, both, and of 1 and 2
    // only the first.
    for (const n of [1, 2, 3, 4]) await lab.act(hold(n, 5, 'ACK'));
    await reconfig(lab, { leaving: '5' }, false);
    await lab.create('alice', '/a', false);
    await lab.run(300);
    expect(lab.server(5).outstanding.size).toBe(2);
    await lab.act(release(4, 5, 'ACK'));
    await lab.run(100);
    for (const n of [1, 2]) await lab.act({ do: 'release', from: `s${n}`, to: 's5', type: 'ACK', count: 1 });
    await lab.until(() => [1, 2, 3, 4].every((n) => lab.server(n).serving && lab.server(n).leader === 4));
    expect(lab.paths(1, 2, 3, 4)).toEqual(['/a']);
  });

  test('reconfig.hand-over, reconfig.uncommitted-survive: what is behind is committed by the next leader only', async () => {
    const lab = await open();
    await lab.attach('alice', 3);
    await lab.act(hold(1, 3, 'ACK'), hold(2, 3, 'ACK'));
    await reconfig(lab, { leaving: '3' }, false);
    await lab.create('alice', '/a', false);
    await lab.run(200);
    // The ACKs of both proposals arrive before the followers hear that they have another leader.
    const from = lab.lab.trace.length;
    await lab.act(release(1, 3, 'ACK'), release(2, 3, 'ACK'));
    await lab.until(() => lab.server(3).state === 'FOLLOWING');
    await lab.settled(1, 2, 3);
    const arrived = lab.events('receive', { actor: 3, from }).filter(({ type }) => type === 'ACK');
    expect(arrived.length).toBeGreaterThanOrEqual(4);
    expect(lab.events('committed', { actor: 3, from }).map(({ zxid }) => formatZxid(zxid))).toEqual(['0x100000002']);
    expect(lab.paths(1, 2, 3)).toEqual(['/a']);
  });

  test('reconfig.designated-leader: who does not vote yet has acknowledged nothing of what is behind', async () => {
    const lab = await open();
    await add(lab, 4);
    // As above, but it is 4, new to the quorum, whose ACKs come first: the old quorum's part of them is nobody's.
    for (const n of [1, 2, 4]) await lab.act(hold(n, 3, 'ACK'));
    await reconfig(lab, { joining: line(4), leaving: '3' }, false);
    await lab.create('alice', '/a', false);
    await lab.run(300);
    await lab.act(release(4, 3, 'ACK'));
    await lab.run(100);
    await lab.act({ do: 'release', from: 's1', to: 's3', type: 'ACK', count: 1 });
    await lab.until(() => [1, 2, 4].every((n) => lab.server(n).serving && lab.server(n).leader === 1));
    expect(lab.paths(1, 2, 4)).toEqual(['/a']);
  });

  test('reconfig.direct-role-fails: the designated leader is gone, and the others elect', async () => {
    const lab = await open();
    const from = lab.lab.trace.length;
    await lab.act(hold(3, 1, 'COMMITANDACTIVATE'));
    await reconfig(lab, { leaving: '3' }, false);
    await lab.run(100);
    await lab.kill(1);
    await lab.restart(1);
    await lab.until(() => [1, 2].every((n) => lab.server(n).serving) && config(lab, 1).startsWith('1 2 @'));
    expect(lab.events('election-started', { from }).length).toBeGreaterThan(0);
    expect(config(lab, 2)).toBe(config(lab, 1));
  });

  test('reconfig.leader-address: the leader gets another port, and hands over', async () => {
    const lab = await open();
    await reconfig(lab, { joining: line(3).replace('28883', '28893') }, false);
    await lab.until(() => [1, 2, 3].every((n) => lab.server(n).serving && lab.server(n).leader === 1));
    expect(lab.server(1).config?.committed.text).toContain('28893');
  });

  test('reconfig.client-port: at another port clients do not find the server; those that are connected stay', async () => {
    const lab = await open();
    expect(await reconfig(lab, { joining: line(1).replace('21811', '21899') })).toBe(null);
    await lab.run(300);
    expect(await lab.create('alice', '/a')).toBe(null);
    const from = lab.lab.trace.length;
    await lab.act({ do: 'connect', client: 'alice', server: 1 });
    await lab.until((state) => [...state.clients.values()][0]?.server === 2);
    const refused = lab.events('connect-failed', { actor: 'alice', from });
    expect(refused.map(({ to, reason }) => [to, reason])).toContainEqual(['s1', 'refused']);
    await reconfig(lab, { joining: line(1) });
    await lab.run(300);
    await lab.attach('alice', 1);
  });
});

describe('a leader dies with an open reconfig', () => {
  test('reconfig.newleader-both, reconfig.completed, fle.both-configs: who has seen it completes it before any write', async () => {
    const lab = await open();
    await add(lab, 4);
    for (const n of [1, 2, 4]) await lab.act(hold(n, 3, 'ACK'));
    await reconfig(lab, { joining: line(4) }, false);
    await lab.run(200);
    expect(config(lab, 1, 'lastSeen')).toBe('1 2 3 4 @0x100000002');
    const from = lab.lab.trace.length;
    await lab.kill(3);
    await lab.until(() => [1, 2, 4].every((n) => lab.server(n).serving && config(lab, n).startsWith('1 2 3 4 @')));
    expect(rules(lab, from)).toContain('reconfig.newleader-both');
    const acked = lab.events('newleader-acked', { from });
    expect(acked[0]).toMatchObject({ need: 2, next: { need: 3 } });
  });

  test('reconfig.forgotten: nobody else has seen it, and a second restart ends it', async () => {
    const lab = await open();
    for (const n of [1, 2]) await lab.act(hold(3, n, 'PROPOSAL'));
    await reconfig(lab, { leaving: '1' }, false);
    await lab.run(100);
    expect(config(lab, 3, 'lastSeen')).toBe('2 3 @0x100000002');
    await lab.kill(3);
    await lab.settled(1, 2);
    expect(config(lab, 1)).toBe('1 2 3 @0x100000000');
    // It cannot join: of the configuration that it alone has seen, nobody tells it of a quorum. Started once more, it can.
    await lab.restart(3);
    await lab.run(5000);
    expect(lab.server(3).state).toBe('LOOKING');
    await lab.kill(3);
    await lab.restart(3);
    await lab.until(() => lab.server(3).serving);
    expect(config(lab, 3)).toBe('1 2 3 @0x100000000');
  });

  test('it died behind its own commit: nobody else heard of it, and it is completed', async () => {
    const lab = await open();
    for (const n of [1, 2]) await lab.act(hold(3, n, 'COMMITANDACTIVATE'));
    await reconfig(lab, { leaving: '2' }, false);
    await lab.run(100);
    expect(config(lab, 3)).toBe('1 3 @0x100000002');
    expect(config(lab, 1)).toBe('1 2 3 @0x100000000');
    await lab.kill(3);
    await lab.run(3000);
    // Both quorums are needed, and of 1 and 3 only 1 is there.
    expect(lab.server(1).serving).toBe(false);
    await lab.restart(3);
    await lab.until(() => [1, 3].every((n) => lab.server(n).serving && config(lab, n).startsWith('1 3 @')));
  });
});

describe('who comes late', () => {
  test('fle.config-in-votes, fle.union-of-voters: a server that was down learns of it in the election', async () => {
    const lab = await open({ servers: 5 });
    await lab.kill(2);
    await reconfig(lab, { leaving: '5,4' }, false);
    await lab.until(() => [1, 3].every((n) => lab.server(n).serving && config(lab, n).startsWith('1 2 3 @')));
    const from = lab.lab.trace.length;
    await lab.restart(2);
    await lab.until(() => lab.server(2).serving);
    expect(config(lab, 2)).toBe(config(lab, 1));
    // It has taken it over while it was looking: before it followed anybody.
    const activated = lab.events('config-activated', { actor: 2, from }).at(-1);
    const followed = lab.events('server-state', { actor: 2, from }).find(({ state }) => state === 'FOLLOWING');
    expect(activated?.id).toBeLessThan(followed?.id ?? 0);
    expect(lab.events('election-started', { actor: 2, from }).map(({ round }) => round)).toEqual([1, 1]);
  });
});

describe('a learner that is ahead', () => {
  test('reconfig.newer-learner-refused: it has got the open configuration with NEWLEADER, and then loses its leader', async () => {
    const lab = await open({ servers: 5, zoo: { tickTime: 2000 } });
    await lab.attach('alice', 2);
    for (const n of [2, 3, 4]) await lab.act(hold(n, 5, 'ACK'));
    await reconfig(lab, { joining: line(9, 'observer') }, false);
    await lab.run(100);
    await lab.kill(1);
    await lab.restart(1);
    await lab.until(() => lab.server(1).serving);
    expect(config(lab, 1)).toContain('(9)');
    expect(config(lab, 5)).not.toContain('(9)');
    const from = lab.lab.trace.length;
    await lab.act({ do: 'drop-connection', from: 's1', to: 's5' });
    await lab.until(() => rules(lab, from).has('reconfig.newer-learner-refused'));
    for (const n of [2, 3, 4]) await lab.act(release(n, 5, 'ACK'));
    await lab.until(() => lab.server(1).serving && everyConfig(lab).length === 1);
  });
});

describe('groups and weights', () => {
  const groups = { 1: [1, 2], 2: [3, 4], 3: [5] };

  test('fle.groups: two groups of three elect and commit', async () => {
    const lab = await open({ servers: 5, zoo: { groups, weights: {} } });
    expect(lab.server(1).config?.committed.text).toContain('group.3=5\nweight.1=1');
    await lab.kill(1, 2);
    await lab.act({ do: 'connect', client: 'alice', server: 3 });
    await lab.connected('alice');
    expect(await lab.create('alice', '/a')).toBe(null);
    // Four of five servers are no quorum if they win but one group.
    await lab.kill(4);
    await lab.until(() => lab.server(3).state === 'LOOKING' && lab.server(5).state === 'LOOKING');
    await lab.restart(1);
    await lab.run(5000);
    expect(lab.server(1).serving).toBe(false);
    await lab.restart(2);
    await lab.settled(1, 2, 5);
  });

  test('fle.weight-zero: a server without weight follows, and nobody elects it', async () => {
    const lab = await open({ zoo: { groups: { 1: [1, 2, 3] }, weights: { 3: 0 } } });
    expect(states(lab)).toBe('s1 FOLLOWING, s2 LEADING, s3 FOLLOWING');
    await lab.kill(1);
    await lab.until(() => lab.server(2).state === 'LOOKING');
    await lab.run(5000);
    expect(lab.server(2).serving).toBe(false);
  });

  test('reconfig.majority-only, reconfig.bulk: they change as a whole', async () => {
    const lab = await open({ zoo: { groups: { 1: [1, 2, 3] }, weights: {} } });
    expect(await reconfig(lab, { leaving: '3' })).toBe('BADARGUMENTS');
    expect(await reconfig(lab, { members: `${lines(1, 2, 3)},group.1=1:2:3,weight.1=3` })).toBe(null);
    await lab.run(300);
    expect(lab.server(3).config?.committed.text).toContain('weight.1=3');
  });
});
