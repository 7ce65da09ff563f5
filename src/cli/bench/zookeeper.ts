/**
 * Committed writes a second of a real Apache ZooKeeper on this machine, beside ours: three servers, one session at the
 * first of them, setData of 100 bytes, so many outstanding. The real servers are JVMs on loopback with their data in
 * memory (tmpfs); their client only counts replies, and asks for as many writes as have been answered; ours are worker
 * threads. They run one after the other, the real ones before and after ours.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { nodeHost } from '../../lab/hosts/node.ts';
import type { Benchmark, BenchOptions } from './benchmark.ts';
import { load } from './load.ts';
import { median, rounded } from './measure.ts';
import { WriteClient } from './write-client.ts';

export interface ZooKeeperFigures {
  readonly outstanding: number;
  /** Committed writes a second. */
  readonly zookeeper: number;
  readonly workers: number;
  readonly untracedWorkers: number;
  /** workers / zookeeper */
  readonly ratio: number;
}

const SERVERS = 3;
const WARM_UP = { outstanding: 1000, seconds: 5 };
/** Of a measurement at full scale. */
const SECONDS = 2;
const START_MS = 60_000;

export const zookeeper: Benchmark = {
  name: 'zookeeper',
  says: 'committed writes a second of three servers in worker threads, beside three of Apache ZooKeeper in JVMs',
  async run(options) {
    const jar = findJar();
    if (jar === null)
      return { figures: null, lines: ['skipped: there is no Java or no ZooKeeper, and none could be installed'] };
    const memory = existsSync('/dev/shm');
    const folder = mkdtempSync(path.join(memory ? '/dev/shm' : tmpdir(), 'zabscope-zookeeper-'));
    const servers: ChildProcess[] = [];
    try {
      const figures = await compare(options, await startEnsemble(jar, folder, servers));
      return {
        figures,
        lines: [
          `data of the real servers in ${path.dirname(folder)}${memory ? ', which is memory' : ''}`,
          ...figures.map(
            ({ outstanding, zookeeper: real, workers, untracedWorkers, ratio }) =>
              `${outstanding} outstanding: ${workers}/s (without trace ${untracedWorkers}/s), Apache ZooKeeper ${real}/s: ${ratio} times as many`,
          ),
        ],
      };
    } finally {
      await Promise.all(servers.map(end));
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function compare(
  { outstanding, scale, turns }: BenchOptions,
  port: number,
): Promise<readonly ZooKeeperFigures[]> {
  const client = await WriteClient.connect(port);
  const spell = (seconds: number): number => Math.max(0.2, scale * seconds);
  await client.writes(WARM_UP.outstanding, spell(WARM_UP.seconds));
  const real = outstanding.map((): number[] => []);
  const measure = async (): Promise<void> => {
    for (const [i, waiting] of outstanding.entries()) real[i]?.push(await client.writes(waiting, spell(SECONDS)));
  };
  await measure();
  const ours = await load({ kind: 'writes', servers: SERVERS, outstanding, scale, turns }, () => nodeHost());
  await measure();
  client.close();
  return ours.map(({ outstanding: waiting, perSecond, untracedPerSecond }, i) => {
    const perSecondOfReal = median(real[i] ?? []);
    return {
      outstanding: waiting,
      zookeeper: Math.round(perSecondOfReal),
      workers: perSecond,
      untracedWorkers: untracedPerSecond,
      ratio: rounded(perSecond / perSecondOfReal),
    };
  });
}

/** Null: there is none, and the reason is on standard error. */
function findJar(): string | null {
  const script = fileURLToPath(new URL('../../../test/zookeeper-jar.mjs', import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, [script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return status === 0 ? stdout.trim() : null;
}

/** Waits until a server serves; gives the client port of the first, which follows. @throws Error if it never does */
async function startEnsemble(jar: string, folder: string, servers: ChildProcess[]): Promise<number> {
  const sids = Array.from({ length: SERVERS }, (_, i) => i + 1);
  const ports = await freePorts(3 * SERVERS);
  const members = sids.map((sid) => `server.${sid}=127.0.0.1:${ports[3 * sid - 2]}:${ports[3 * sid - 1]}`);
  for (const sid of sids) {
    const [dataDir, file] = [path.join(folder, String(sid)), path.join(folder, `${sid}.cfg`)];
    mkdirSync(dataDir);
    writeFileSync(path.join(dataDir, 'myid'), String(sid));
    const settings = ['tickTime=2000', 'initLimit=10', 'syncLimit=5', `dataDir=${dataDir}`];
    const clientPort = [`clientPort=${ports[3 * sid - 3]}`, 'clientPortAddress=127.0.0.1'];
    writeFileSync(file, [...settings, ...clientPort, 'admin.enableServer=false', ...members].join('\n'));
    const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
    servers.push(spawn('java', ['-Dzookeeper.admin.enableServer=false', '-cp', jar, main, file], { stdio: 'ignore' }));
  }
  const [port = 0] = ports;
  for (let waited = 0; waited < START_MS; waited += 200) {
    await setTimeout(200);
    const client = await WriteClient.connect(port).catch(() => null);
    if (client === null) continue;
    client.close();
    return port;
  }
  throw new Error('Apache ZooKeeper does not serve');
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const exited = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL');
  await exited;
}

/** All at once, so that none is given twice. */
async function freePorts(count: number): Promise<readonly number[]> {
  const open = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = open.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(open.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
