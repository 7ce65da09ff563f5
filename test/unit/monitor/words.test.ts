/** Four-letter words of servers in every role (reference/monitoring.md, section 1). */
import { describe, expect, test } from 'vitest';
import { FOUR_LETTER_WORDS } from '../../../src/protocol/monitoring.ts';
import { RULES } from '../../../src/protocol/rules/index.ts';
import { Ensemble, type EnsembleOptions } from '../../helpers/ensemble.ts';

const ALL = { '4lw.commands.whitelist': '*' };
const VERSION = '3.8.0-zabscope, built on 2026-01-01 00:00 UTC';
const NOT_SERVING = ['This ZooKeeper instance is not currently serving requests'];
const REPORTS = FOUR_LETTER_WORDS.filter((word) => !['ruok', 'envi', 'isro', 'gtmk', 'stmk'].includes(word));

/** An ensemble that serves; its leader, and a follower. */
async function serving(options: Partial<EnsembleOptions> = {}) {
  const lab = await Ensemble.open({ servers: 3, ...options, zoo: { ...ALL, ...options.zoo } });
  const leader = await lab.settled();
  return { lab, leader, follower: leader === 1 ? 2 : 1 };
}

async function ask(lab: Ensemble, server: number, command: string): Promise<readonly string[]> {
  await lab.act({ do: 'ask', server, command });
  await lab.run(1);
  return lab.server(server).answers.get(command)?.lines ?? [];
}

/** The last answer's rule. */
const ruleOf = (lab: Ensemble): string | undefined => lab.events('answered').at(-1)?.rule;
const valueOf = (lines: readonly string[], key: string): string | undefined =>
  lines.find((line) => line.startsWith(key))?.slice(key.length);

describe('monitor.whitelist', () => {
  test('only srvr is answered by default; what is refused says so', async () => {
    const lab = await Ensemble.open({ servers: 1 });
    await lab.run(1000);
    expect((await ask(lab, 1, 'srvr'))[0]).toBe(`Zookeeper version: ${VERSION}`);
    for (const word of FOUR_LETTER_WORDS.filter((each) => each !== 'srvr' && each !== 'stmk')) {
      expect(await ask(lab, 1, word)).toEqual([`${word} is not executed because it is not in the whitelist.`]);
      expect(ruleOf(lab)).toBe('monitor.whitelist');
    }
  });

  test('the list names words, and read-only mode adds isro', async () => {
    const zoo = { '4lw.commands.whitelist': 'ruok, mntr', 'readonlymode.enabled': true };
    const lab = await Ensemble.open({ servers: 1, zoo });
    await lab.run(1000);
    expect(await ask(lab, 1, 'ruok')).toEqual(['imok']);
    expect(await ask(lab, 1, 'isro')).toEqual(['rw']);
    expect(await ask(lab, 1, 'stat')).toEqual(['stat is not executed because it is not in the whitelist.']);
  });
});

test('monitor.not-serving: without a quorum every report says that nobody is served', async () => {
  const { lab, leader, follower } = await serving();
  await lab.kill(...[1, 2, 3].filter((n) => n !== follower));
  await lab.until(() => !lab.server(follower).serving);
  for (const word of REPORTS) {
    expect(await ask(lab, follower, word), word).toEqual(NOT_SERVING);
    expect(ruleOf(lab)).toBe('monitor.not-serving');
  }
  expect(await ask(lab, follower, 'isro')).toEqual(['null']);
  expect(leader).not.toBe(follower);
});

test('monitor.not-serving: a leader that serves no clients says so, too', async () => {
  const { lab, leader } = await serving({ zoo: { leaderServes: false } });
  expect(await ask(lab, leader, 'srvr')).toEqual(NOT_SERVING);
});

test('monitor.ruok: a server without a quorum is ok', async () => {
  const lab = await Ensemble.open({ servers: 3, autoStart: false, zoo: ALL });
  await lab.restart(1);
  await lab.run(100);
  expect(await ask(lab, 1, 'ruok')).toEqual(['imok']);
  expect(ruleOf(lab)).toBe('monitor.ruok');
});

describe('monitor.srvr', () => {
  test('of a follower, an observer and a standalone server: nine lines', async () => {
    const { lab, follower } = await serving({ observers: 1 });
    for (const [server, mode] of [
      [follower, 'follower'],
      [4, 'observer'],
    ] as const) {
      const zxid = lab.server(server).lastProcessed.toString(16);
      expect(await ask(lab, server, 'srvr')).toEqual([
        `Zookeeper version: ${VERSION}`,
        'Latency min/avg/max: 0/0.0/0',
        'Received: 1',
        'Sent: 0',
        'Connections: 1',
        'Outstanding: 0',
        `Zxid: 0x${zxid}`,
        `Mode: ${mode}`,
        'Node count: 5',
      ]);
      expect(ruleOf(lab)).toBe('monitor.srvr');
    }
    const alone = await Ensemble.open({ servers: 1, zoo: ALL });
    await alone.run(1000);
    expect((await ask(alone, 1, 'srvr')).slice(6)).toEqual(['Zxid: 0x0', 'Mode: standalone', 'Node count: 5']);
  });

  test('of a leader with the sizes of its proposals', async () => {
    const { lab, leader } = await serving({ clients: [{ name: 'alice', server: 1 }] });
    await lab.connected('alice');
    await lab.create('alice', '/a');
    const lines = await ask(lab, leader, 'srvr');
    expect(lines[7]).toBe('Mode: leader');
    expect(lines[9]).toMatch(/^Proposal sizes last\/min\/max: \d+\/\d+\/\d+$/);
    expect(lines[9]).not.toContain('-1');
  });

  test('of a read-only server', async () => {
    const zoo = { ...ALL, 'readonlymode.enabled': true };
    const lab = await Ensemble.open({ servers: 3, autoStart: false, zoo });
    await lab.restart(1);
    await lab.until(() => lab.server(1).readOnly);
    const lines = await ask(lab, 1, 'srvr');
    expect(lines[1]).toBe('READ-ONLY mode; serving only read-only clients');
    expect(lines).toContain('Mode: read-only');
    expect(await ask(lab, 1, 'isro')).toEqual(['ro']);
  });
});

describe('connections', () => {
  const clients = [{ name: 'alice', server: 1, sessionTimeout: 6000 }];

  test('monitor.stat: srvr, with a brief line for each connection behind the version', async () => {
    const { lab } = await serving({ clients });
    await lab.connected('alice');
    const at = [1, 2, 3].find((n) => lab.server(n).attached.size > 0) ?? 0;
    const lines = await ask(lab, at, 'stat');
    expect(lines[1]).toBe('Clients:');
    expect(lines[2]).toMatch(/^ \/127\.0\.0\.1:\d+\[1\]\(queued=0,recved=\d+,sent=\d+\)$/);
    expect(lines[3]).toMatch(/^ \/127\.0\.0\.1:\d+\[0\]\(queued=0,recved=1,sent=0\)$/);
    expect(lines[4]).toBe('');
    expect(lines[5]).toMatch(/^Latency/);
  });

  test('monitor.cons and monitor.crst: what a session did, until that is set back', async () => {
    const { lab } = await serving({ clients });
    await lab.connected('alice');
    expect(await lab.create('alice', '/a')).toBeNull();
    const at = [1, 2, 3].find((n) => lab.server(n).attached.size > 0) ?? 0;
    const [session] = lab.server(at).attached.keys();
    const [line = ''] = await ask(lab, at, 'cons');
    expect(line).toMatch(
      new RegExp(
        `^ /127\\.0\\.0\\.1:\\d+\\[1\\]\\(queued=0,recved=\\d+,sent=\\d+,sid=${session},lop=CREA,est=\\d{13},to=6000,lcxid=0x\\w+,` +
          'lzxid=0x\\w+,lresp=\\d+,llat=\\d+,minlat=\\d+,avglat=\\d+,maxlat=\\d+\\)$',
      ),
    );
    expect(await ask(lab, at, 'crst')).toEqual(['Connection stats reset.']);
    expect((await ask(lab, at, 'cons'))[0]).toMatch(
      /recved=0,sent=0,sid=.*,lop=NA,.*,lzxid=0xffffffffffffffff,lresp=0,llat=0,minlat=0,avglat=0,maxlat=0\)$/,
    );
  });

  test('monitor.connection: whoever asks is one connection and one packet, and gone with the answer', async () => {
    const { lab, follower } = await serving();
    expect(await ask(lab, follower, 'srvr')).toContain('Connections: 1');
    const again = await ask(lab, follower, 'srvr');
    expect(again).toContain('Connections: 1');
    expect(again).toContain('Received: 2');
    // The answer before was one.
    expect(again).toContain('Sent: 1');
    const last = lab.events('answered').at(-1);
    expect(last?.command).toBe('srvr');
  });

  test('session.connection-limit: whoever asks one too many gets no answer', async () => {
    const { lab } = await serving({ clients, zoo: { maxClientCnxns: 1 } });
    await lab.connected('alice');
    const at = [1, 2, 3].find((n) => lab.server(n).attached.size > 0) ?? 0;
    expect(await ask(lab, at, 'srvr')).toEqual([]);
    expect(ruleOf(lab)).toBe('session.connection-limit');
  });
});

test('monitor.srst: packets, latency and counters begin anew; gauges stay', async () => {
  const { lab, leader } = await serving({ clients: [{ name: 'alice', server: 1 }] });
  await lab.connected('alice');
  await lab.create('alice', '/a');
  expect(Number(valueOf(await ask(lab, leader, 'mntr'), 'zk_proposal_count\t'))).toBeGreaterThan(0);
  expect(await ask(lab, leader, 'srst')).toEqual(['Server stats reset.']);
  const lines = await ask(lab, leader, 'mntr');
  expect(valueOf(lines, 'zk_proposal_count\t')).toBe('0');
  expect(valueOf(lines, 'zk_packets_received\t')).toBe('1');
  expect(valueOf(lines, 'zk_last_proposal_size\t')).toBe('-1');
  expect(valueOf(lines, 'zk_cnt_fsynctime\t')).toBe('0');
  expect(valueOf(lines, 'zk_znode_count\t')).toBe('6');
});

describe('monitor.conf', () => {
  test('a server of an ensemble tells its membership', async () => {
    const { lab } = await serving({ observers: 1 });
    const lines = await ask(lab, 4, 'conf');
    expect(lines.slice(0, 3)).toEqual(['clientPort=21814', 'secureClientPort=-1', 'dataDir=/s4/version-2']);
    expect(lines).toContain('minSessionTimeout=4000');
    expect(lines).toContain('maxSessionTimeout=40000');
    expect(lines.slice(11)).toEqual([
      'serverId=4',
      'initLimit=10',
      'syncLimit=5',
      'electionAlg=3',
      'electionPort=38884',
      'quorumPort=28884',
      'peerType=1',
      'membership: ',
      'server.1=127.0.0.1:28881:38881:participant;127.0.0.1:21811',
      'server.2=127.0.0.1:28882:38882:participant;127.0.0.1:21812',
      'server.3=127.0.0.1:28883:38883:participant;127.0.0.1:21813',
      'server.4=127.0.0.1:28884:38884:observer;127.0.0.1:21814',
      'version=0',
    ]);
  });

  test('a standalone server has no id and no membership', async () => {
    const lab = await Ensemble.open({ servers: 1, zoo: ALL });
    await lab.run(1000);
    expect((await ask(lab, 1, 'conf')).slice(-1)).toEqual(['serverId=0']);
  });
});

test('monitor.envi: the same whether it serves or not', async () => {
  const lab = await Ensemble.open({ servers: 3, autoStart: false, zoo: ALL });
  await lab.restart(1);
  const lines = await ask(lab, 1, 'envi');
  expect(lines.slice(0, 3)).toEqual(['Environment:', `zookeeper.version=${VERSION}`, 'host.name=s1']);
  expect(lines).toContain('java.version=<NA>');
});

test('monitor.dump: the leader tells when sessions expire, a learner only what they are', async () => {
  const { lab, leader, follower } = await serving({ clients: [{ name: 'alice', server: 1, sessionTimeout: 6000 }] });
  await lab.connected('alice');
  await lab.act({ do: 'request', client: 'alice', op: 'create', path: '/e', mode: 'EPHEMERAL' });
  await lab.run(500);
  const [session] = lab.server(leader).sessions.keys();
  const [title, sets, when, id, ...rest] = await ask(lab, leader, 'dump');
  expect([title, sets, id]).toEqual(['SessionTracker dump:', 'Session Sets (1)/(1):', `\t${session}`]);
  expect(when).toMatch(/^1 expire at Thu Jan 01 00:00:\d\d UTC 2026:$/);
  const ephemerals = ['ephemeral nodes dump:', 'Sessions with Ephemerals (1):', `${session}:`, '\t/e'];
  expect(rest.slice(0, 5)).toEqual([...ephemerals, 'Connections dump:']);
  const learners = await ask(lab, follower, 'dump');
  expect(learners.slice(0, 7)).toEqual([
    'SessionTracker dump:',
    'Global Sessions(1):',
    `${session}\t6000ms`,
    ...ephemerals,
  ]);
});

test('monitor.wchs, monitor.wchc and monitor.wchp tell of data watches only; monitor.watch-count of both tables', async () => {
  const { lab } = await serving({ clients: [{ name: 'alice', server: 1 }] });
  await lab.connected('alice');
  await lab.create('alice', '/a');
  await lab.act({ do: 'request', client: 'alice', op: 'get', path: '/a', watch: true });
  await lab.act({ do: 'request', client: 'alice', op: 'ls', path: '/', watch: true });
  await lab.run(500);
  const at = [1, 2, 3].find((n) => lab.server(n).attached.size > 0) ?? 0;
  const [session] = lab.server(at).attached.keys();
  expect(await ask(lab, at, 'wchs')).toEqual(['1 connections watching 1 paths', 'Total watches:1']);
  expect(await ask(lab, at, 'wchc')).toEqual([session, '\t/a', '']);
  expect(await ask(lab, at, 'wchp')).toEqual(['/a', `\t${session}`, '']);
  expect(valueOf(await ask(lab, at, 'mntr'), 'zk_watch_count\t')).toBe('2');
});

test('monitor.dirs: the bytes of logs, snapshots and epochs', async () => {
  const { lab, leader } = await serving();
  const files = (await lab.lab.dataDir(leader)) ?? [];
  const bytes = files
    .filter(({ name }) => name.includes('version-2/'))
    .reduce((sum, file) => sum + file.bytes.length, 0);
  expect(await ask(lab, leader, 'dirs')).toEqual([`datadir_size: ${bytes}`, `logdir_size: ${bytes}`]);
});

test('monitor.hash: nothing before zxid 128, then its digest in decimal', async () => {
  const lab = await Ensemble.open({ servers: 1, zoo: ALL, clients: [{ name: 'alice', server: 1 }] });
  await lab.connected('alice');
  expect(await ask(lab, 1, 'hash')).toEqual([]);
  for (let n = 0; n < 130; n++) await lab.act({ do: 'request', client: 'alice', op: 'create', path: `/n${n}` });
  await lab.run(5000);
  const lines = await ask(lab, 1, 'hash');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^80: \d+$/);
});

test('monitor.trace-mask: gtmk tells what stmk has set, and stmk needs a mask', async () => {
  const lab = await Ensemble.open({ servers: 1, zoo: ALL });
  await lab.run(1000);
  expect(await ask(lab, 1, 'gtmk')).toEqual(['306']);
  expect(await ask(lab, 1, 'stmk 7')).toEqual(['7']);
  expect(await ask(lab, 1, 'gtmk')).toEqual(['7']);
});

test('every answer names a rule of the table', async () => {
  const { lab, leader } = await serving();
  for (const word of FOUR_LETTER_WORDS) await ask(lab, leader, word === 'stmk' ? 'stmk 1' : word);
  const rules = lab.events('answered').map(({ rule }) => rule ?? '');
  expect(rules).toHaveLength(FOUR_LETTER_WORDS.length);
  expect(rules.filter((rule) => !Object.hasOwn(RULES, rule))).toEqual([]);
});
