/**
 * Data directories between Zabscope and Apache ZooKeeper, both ways: the real server starts on what a
 * lab wrote and serves the same tree, and a lab on what the real server wrote.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InlineHost } from '../../src/lab/hosts/inline.ts';
import {
  createProcess,
  inspectFile,
  Lab,
  openDataDir,
  parseScenario,
  scenarioOfDataDir,
  type NamedFile,
} from '../../src/lab/index.ts';
import { fromBase64 } from '../../src/protocol/trace-data.ts';
import { virtualTime } from '../../src/protocol/time.ts';
import type { Operation } from '../../src/protocol/operations.ts';
import type { TraceData } from '../../src/protocol/events.ts';
import { OPEN_ACL_UNSAFE, type CreateMode, type ZnodeData } from '../../src/protocol/znode.ts';
import { leaderOf } from '../../src/trace/index.ts';
import { JAR, SUPER_DIGEST, tool, WireClient, ZooKeeperProcess, type ServedZnode } from './zookeeper.ts';

let folder: string;
let server: ZooKeeperProcess | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zabscope-interop-'));
});
afterEach(async () => {
  await server?.kill();
  server = null;
  rmSync(folder, { recursive: true, force: true });
});

const request = (at: number, op: string, more: Record<string, unknown>) => ({
  at,
  do: 'request',
  client: 'alice',
  op,
  ...more,
});

/** Everything that leaves its own kind of transaction in the log, with a snapshot in the middle of it. */
const ACTIONS = [
  request(3100, 'create', { path: '/a', data: 'one' }),
  request(3200, 'create', { path: '/a/b', data: { base64: 'AP/+' } }),
  request(3300, 'create', { path: '/none' }),
  request(3400, 'create', { path: '/empty', data: '' }),
  request(3500, 'create', { path: '/seq-', mode: 'PERSISTENT_SEQUENTIAL', data: 'ä€😀' }),
  request(3600, 'create', { path: '/eph', mode: 'EPHEMERAL', data: 'gone with its session' }),
  request(3700, 'create', { path: '/box', mode: 'CONTAINER' }),
  request(3800, 'create', { path: '/box/in', data: 'x' }),
  request(3900, 'create', { path: '/ttl', mode: 'PERSISTENT_WITH_TTL', ttl: 86_400_000, data: 'day' }),
  request(4000, 'set', { path: '/a', data: 'two' }),
  request(4100, 'setAcl', { path: '/a/b', acl: 'world:anyone:r,digest:bob:ikIaKsbtGweaHnb/jKn7OHqbunM=:cdrwa' }),
  request(4200, 'create', { path: '/a', data: 'again' }),
  request(4300, 'multi', {
    ops: [
      { op: 'create', path: '/m', data: '1' },
      { op: 'set', path: '/m', data: '2' },
      { op: 'check', path: '/a', version: 1 },
      { op: 'delete', path: '/none' },
    ],
  }),
  request(4400, 'multi', {
    ops: [
      { op: 'create', path: '/x' },
      { op: 'delete', path: '/missing' },
    ],
  }),
  request(4500, 'delete', { path: '/empty' }),
  request(4600, 'create', { path: '/zookeeper/quota/a' }),
  request(4700, 'create', { path: '/last', data: 'z'.repeat(5000) }),
];

async function openLab(json: Record<string, unknown>): Promise<Lab> {
  const parsed = parseScenario(json);
  if (!parsed.ok) throw new Error(parsed.message);
  return Lab.open(parsed.scenario, () => new InlineHost(createProcess));
}

function write(files: readonly NamedFile[]): void {
  for (const { name, bytes } of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}

function filesBelow(path: string): readonly NamedFile[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((name) => ({ name, bytes: readFileSync(name) }));
}

/** The tree of one server of the lab, as {@link WireClient.tree} has it. */
function treeOf(lab: Lab, sid: number): ReadonlyMap<string, ServedZnode> {
  const view = [...lab.trace.stateAt(lab.head).servers.values()].find((each) => Number(each.sid) === sid);
  if (!view) throw new Error(`no server ${sid}`);
  const sorted = [...view.tree].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(sorted.map(([path, { data, acl, stat }]) => [path, { data: bytesOf(data), acl, stat }]));
}

function bytesOf(data: TraceData): ZnodeData {
  if (data === null) return null;
  return typeof data === 'string' ? new TextEncoder().encode(data) : fromBase64(data.base64);
}

/** Bytes as numbers: two trees are equal or their difference is shown. Each start writes the configuration into its own znode. */
function plain(tree: ReadonlyMap<string, ServedZnode>): Record<string, unknown> {
  const sorted = [...tree].filter(([path]) => path !== '/zookeeper/config').sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([path, { data, ...rest }]) => [path, { ...rest, data: data && [...data] }]));
}

/** Blocks of znodes in the order of their paths: a real server walks children in the order of a hash table. */
function sortedZnodes(text: string): readonly string[] {
  return text
    .trim()
    .split(/^----$/m)
    .map((block) => block.trim())
    .sort();
}

describe.skipIf(JAR === '')('Apache ZooKeeper', () => {
  it('starts on what a lab exported and serves the same tree', async () => {
    const lab = await openLab({
      format: 'zabscope/scenario@1',
      ensemble: {
        servers: [{ sid: 1 }, { sid: 2 }, { sid: 3 }],
        extendedTypesEnabled: true,
        snapCount: 8,
        'DigestAuthenticationProvider.superDigest': SUPER_DIGEST,
      },
      clients: [{ name: 'alice', server: 3, sessionTimeout: 30_000 }],
      actions: ACTIONS,
    });
    await lab.advance(virtualTime(8000));
    expect(lab.failure).toBeNull();
    const leader = leaderOf(lab.trace.stateAt(lab.head));
    expect(leader).toBe(3);
    const expected = treeOf(lab, 3);
    expect([...expected.keys()]).toEqual(
      expect.arrayContaining(['/a/b', '/box/in', '/eph', '/last', '/m', '/seq-0000000003', '/ttl']),
    );
    write((await lab.dataDir(3)) ?? []);
    server = await ZooKeeperProcess.start(folder);
    const client = await WireClient.connect(server.port);
    expect(plain(await client.tree())).toEqual(plain(expected));
    // It goes on where the lab ended, in one log with it.
    const { path } = await client.result({
      op: 'create2',
      path: '/next',
      data: null,
      acl: OPEN_ACL_UNSAFE,
      mode: 'PERSISTENT',
    });
    expect(path).toBe('/next');
    client.drop();
  });

  it('prints our files as we do', async () => {
    const lab = await openLab({
      format: 'zabscope/scenario@1',
      ensemble: { servers: [{ sid: 1 }], extendedTypesEnabled: true, snapCount: 8 },
      clients: [{ name: 'alice', sessionTimeout: 30_000 }],
      actions: ACTIONS,
    });
    await lab.advance(virtualTime(8000));
    const files = (await lab.dataDir(1)) ?? [];
    write(files);
    let logs = 0;
    let snapshots = 0;
    for (const { name, bytes } of files) {
      const base = name.replace('version-2/', '');
      if (base.startsWith('log.')) {
        logs++;
        const theirs = tool('org.apache.zookeeper.server.persistence.TxnLogToolkit', join(folder, name));
        expect(inspectFile(base, bytes).lines.join('\n'), name).toBe(theirs.trimEnd());
      } else if (base.startsWith('snapshot.')) {
        snapshots++;
        const theirs = tool('org.apache.zookeeper.server.SnapshotFormatter', '-d', join(folder, name));
        const ours = inspectFile(base, bytes, { data: true }).lines.join('\n');
        expect(sortedZnodes(ours), name).toEqual(sortedZnodes(theirs));
      }
    }
    expect(logs).toBeGreaterThan(1);
    expect(snapshots).toBeGreaterThan(1);
  });

  it('leaves a data directory on which a lab starts with the same tree', async () => {
    server = await ZooKeeperProcess.start(folder);
    const client = await WireClient.connect(server.port);
    const text = (data: string): Uint8Array => new TextEncoder().encode(data);
    const create = (path: string, mode: CreateMode, data: Uint8Array | null) =>
      ({ op: 'create2', path, data, acl: OPEN_ACL_UNSAFE, mode }) as const;
    for (const operation of [
      create('/a', 'PERSISTENT', text('one')),
      create('/a/b', 'PERSISTENT', new Uint8Array([0, 255])),
      create('/s-', 'PERSISTENT_SEQUENTIAL', null),
      create('/e', 'EPHEMERAL', text('mine')),
      { ...create('/c', 'CONTAINER', text('')), op: 'createContainer' },
      { ...create('/t', 'PERSISTENT_WITH_TTL', text('t')), op: 'createTTL', ttl: 86_400_000 },
      { op: 'setData', path: '/a', data: text('two'), version: 0 },
      { op: 'setACL', path: '/a', acl: [{ perms: 1, scheme: 'ip', id: '127.0.0.1' }], version: 0 },
      {
        op: 'multi',
        ops: [create('/m', 'PERSISTENT', text('m')), { op: 'check', path: '/m', version: 0 }],
      },
    ] satisfies Operation[]) {
      await client.result(operation);
    }
    expect((await client.request(create('/a', 'PERSISTENT', null))).error).toBe('NODEEXISTS');
    const expected = await client.tree();
    client.drop();
    await server.kill();

    const opened = openDataDir(filesBelow(folder));
    if (!opened.ok) throw new Error(opened.reason);
    const lab = await openLab(scenarioOfDataDir(opened, 3));
    await lab.advance(virtualTime(3000));
    expect(lab.failure).toBeNull();
    for (const sid of [1, 2, 3]) expect(plain(treeOf(lab, sid)), `server ${sid}`).toEqual(plain(expected));
    const alone = await openLab(scenarioOfDataDir(opened, 1));
    await alone.advance(virtualTime(1000));
    expect(plain(treeOf(alone, 1))).toEqual(plain(expected));
  });

  it('leaves files that we print as its own tools do', async () => {
    server = await ZooKeeperProcess.start(folder);
    const client = await WireClient.connect(server.port);
    for (const path of ['/x', '/x/y', '/z,}%']) {
      await client.result({ op: 'create', path, data: null, acl: OPEN_ACL_UNSAFE, mode: 'PERSISTENT' });
    }
    await client.result({ op: 'delete', path: '/z,}%', version: -1 });
    client.drop();
    await server.kill();
    const [log] = filesBelow(folder).filter(({ name }) => name.includes('log.'));
    if (!log) throw new Error('ZooKeeper wrote no log');
    const base = log.name.slice(log.name.lastIndexOf('/') + 1);
    const theirs = tool('org.apache.zookeeper.server.persistence.TxnLogToolkit', log.name);
    expect(inspectFile(base, log.bytes).lines.join('\n')).toBe(theirs.trimEnd());
  });
});
