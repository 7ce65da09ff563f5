/** Our answers to operators beside those of a real server: the same keys, the same forms of lines. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FOUR_LETTER_WORDS } from '../../src/protocol/monitoring.ts';
import { Ensemble } from '../helpers/ensemble.ts';
import { JAR, WireClient, ZooKeeperProcess } from './zookeeper.ts';

/** Numbers, dates and what stands for a machine, made the same. */
function form(line: string): string {
  return line
    .replace(/\w{3} \w{3} \d\d [\d:]{8} UTC \d{4}/g, 'DATE')
    .replace(/0x[0-9a-f]+/g, 'HEX')
    .replace(/\[[0-9a-f]\]/g, '[OPS]')
    .replace(/-?\d+(\.\d+)?(E-?\d+)?/g, 'N');
}

/** Of a report, once each: the order of keys is that of a Java hash table. */
function forms(lines: readonly string[]): readonly string[] {
  return [...new Set(lines.map(form))].sort();
}

const keysOf = (lines: readonly string[], separator: string): readonly string[] =>
  lines.map((line) => line.split(separator)[0] ?? '').sort();

describe.skipIf(JAR === '')('a standalone server', () => {
  let folder = '';
  let real: ZooKeeperProcess;
  let client: WireClient;
  let ours: Ensemble;

  const askReal = async (word: string): Promise<readonly string[]> => linesOf(await real.ask(word));
  const askOurs = async (word: string): Promise<readonly string[]> => {
    await ours.act({ do: 'ask', server: 1, command: word });
    await ours.run(1);
    return ours.server(1).answers.get(word)?.lines ?? [];
  };

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'zabscope-monitor-'));
    real = await ZooKeeperProcess.start(folder);
    client = await WireClient.connect(real.port);
    const acl = [{ scheme: 'world', id: 'anyone', perms: 31 }];
    const data = new TextEncoder().encode('x');
    await client.result({ op: 'create', path: '/a', data, acl, mode: 'PERSISTENT' });
    await client.result({ op: 'create', path: '/e', data, acl, mode: 'EPHEMERAL' });
    await client.result({ op: 'getData', path: '/a', watch: true });

    const zoo = { '4lw.commands.whitelist': '*', extendedTypesEnabled: true };
    ours = await Ensemble.open({ servers: 1, zoo, clients: [{ name: 'alice', server: 1, sessionTimeout: 30_000 }] });
    await ours.connected('alice');
    for (const request of [
      { op: 'create', path: '/a', data: 'x' },
      { op: 'create', path: '/e', data: 'x', mode: 'EPHEMERAL' },
      { op: 'get', path: '/a', watch: true },
    ] as const) {
      await ours.act({ do: 'request', client: 'alice', ...request });
    }
    await ours.run(500);
  }, 60_000);

  afterAll(async () => {
    client.drop();
    await real.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  test('mntr has the same keys', async () => {
    expect(keysOf(await askOurs('mntr'), '\t')).toEqual(keysOf(await askReal('mntr'), '\t'));
  });

  test('mntr has the same values of what does not depend on time', async () => {
    const [mine, theirs] = [await askOurs('mntr'), await askReal('mntr')].map((lines) => new Map(pairs(lines)));
    for (const key of [
      'server_state',
      'znode_count',
      'ephemerals_count',
      'watch_count',
      'approximate_data_size',
      'global_sessions',
      'local_sessions',
      'outstanding_requests',
      'num_alive_connections',
      'proposal_count',
      'connection_request_count',
      'cnt_updatelatency',
      'cnt_propagation_latency',
      'outstanding_changes_queued',
      'outstanding_changes_removed',
      'sum_a_write_per_namespace',
      'sum_a_read_per_namespace',
      'last_client_response_size',
    ]) {
      expect(theirs?.get(`zk_${key}`), key).toBeDefined();
      expect(mine?.get(`zk_${key}`), key).toBe(theirs?.get(`zk_${key}`));
    }
  });

  test.each([
    'srvr',
    'stat',
    'cons',
    'dump',
    'wchs',
    'wchc',
    'wchp',
    'dirs',
    'crst',
    'srst',
    'gtmk',
    'isro',
    'ruok',
    'hash',
  ])('%s has lines of the same form', async (word) => {
    const [mine, theirs] = [await askOurs(word), await askReal(word)];
    const version = (line: string): string => line.replace(/(?<=version: ).*/, 'VERSION');
    expect(forms(mine.map(version))).toEqual(forms(theirs.map(version)));
  });

  test.each(['conf', 'envi'])('%s has the same keys', async (word) => {
    expect(keysOf(await askOurs(word), '=')).toEqual(keysOf(await askReal(word), '='));
  });

  test('it knows no word that we do not know', async () => {
    for (const word of FOUR_LETTER_WORDS.filter((each) => each !== 'stmk')) {
      expect((await askReal(word)).length > 0 || word === 'hash', word).toBe(true);
    }
  });
});

describe.skipIf(JAR === '')('an ensemble', () => {
  let folder = '';
  let real: readonly ZooKeeperProcess[] = [];
  let ours: Ensemble;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'zabscope-monitor-'));
    real = await ZooKeeperProcess.ensemble(folder, ['participant', 'participant', 'participant', 'observer']);
    ours = await Ensemble.open({ servers: 3, observers: 1, zoo: { '4lw.commands.whitelist': '*' } });
    await ours.settled();
  }, 120_000);

  afterAll(async () => {
    for (const server of real) await server.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const askOurs = async (server: number, word: string): Promise<readonly string[]> => {
    await ours.act({ do: 'ask', server, command: word });
    await ours.run(1);
    return ours.server(server).answers.get(word)?.lines ?? [];
  };
  const modeIn = (lines: readonly string[]): string => lines.find((line) => line.startsWith('Mode: ')) ?? '';
  /** Without the sids of learners, which are others. */
  const generalKeys = (lines: readonly string[], separator: string): readonly string[] => [
    ...new Set(keysOf(lines, separator).map((key) => key.replace(/_\d+_learner_handler/, '_SID_learner_handler'))),
  ];

  /** A server in this role, there and here. */
  async function pair(mode: string): Promise<{ readonly there: ZooKeeperProcess; readonly here: number }> {
    for (const there of real) {
      if (modeIn(linesOf(await there.ask('srvr'))) !== `Mode: ${mode}`) continue;
      for (const here of [1, 2, 3, 4])
        if (modeIn(await askOurs(here, 'srvr')) === `Mode: ${mode}`) return { there, here };
    }
    throw new Error(`nobody is ${mode}`);
  }

  test.each(['leader', 'follower', 'observer'])('a %s has the same keys in mntr and conf', async (mode) => {
    const { there, here } = await pair(mode);
    expect(generalKeys(await askOurs(here, 'mntr'), '\t')).toEqual(generalKeys(linesOf(await there.ask('mntr')), '\t'));
    expect(keysOf(await askOurs(here, 'conf'), '=')).toEqual(keysOf(linesOf(await there.ask('conf')), '='));
  });

  test.each(['leader', 'follower', 'observer'])('a %s has the same lines in srvr and dump', async (mode) => {
    const { there, here } = await pair(mode);
    for (const word of ['srvr', 'dump']) {
      const theirs = linesOf(await there.ask(word)).map((line) => line.replace(/(?<=version: ).*/, 'VERSION'));
      const mine = (await askOurs(here, word)).map((line) => line.replace(/(?<=version: ).*/, 'VERSION'));
      expect(forms(mine), word).toEqual(forms(theirs));
    }
  });

  test('without a quorum every word has the same answer', { timeout: 60_000 }, async () => {
    const { there, here } = await pair('follower');
    for (const other of real) if (other !== there) await other.kill();
    for (const other of [1, 2, 3, 4]) if (other !== here) await ours.kill(other);
    await ours.until(() => !ours.server(here).serving);
    while ((await there.ask('srvr')).includes('Mode')) await new Promise((resolve) => setTimeout(resolve, 200));
    for (const word of FOUR_LETTER_WORDS.filter((each) => each !== 'envi' && each !== 'stmk')) {
      expect(await askOurs(here, word), word).toEqual(linesOf(await there.ask(word)));
    }
  });
});

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function pairs(lines: readonly string[]): readonly (readonly [string, string])[] {
  return lines.map((line) => {
    const [key = '', value = ''] = line.split('\t');
    return [key, value];
  });
}
