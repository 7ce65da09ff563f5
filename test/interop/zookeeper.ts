/** A real Apache ZooKeeper server in a JVM, and a client that speaks its protocol through our own codec. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { NO_SESSION } from '../../src/protocol/ids.ts';
import type { ClientPacket, Operation, OperationResult } from '../../src/protocol/operations.ts';
import { decodeServerFrame, encodeClientFrame } from '../../src/protocol/wire/index.ts';
import { childPath, type Acl, type Stat, type ZnodeData } from '../../src/protocol/znode.ts';
import { ZXID_ZERO } from '../../src/protocol/zxid.ts';

/** Path of ZooKeeper's jar; empty: there is none, and the tests are skipped. */
export const JAR = process.env['ZABSCOPE_ZOOKEEPER_JAR'] ?? '';

/** The digest of `super:oracle`. */
export const SUPER_DIGEST = 'super:w41Z49KzAbWweq3fTkicrahb3kI=';
const PROPERTIES = [
  '-Dzookeeper.extendedTypesEnabled=true',
  '-Dzookeeper.admin.enableServer=false',
  '-Dzookeeper.4lw.commands.whitelist=*',
  `-Dzookeeper.DigestAuthenticationProvider.superDigest=${SUPER_DIGEST}`,
];
const START_MS = 30_000;
const POLL_MS = 100;
const ANSWER_MS = 3000;

/** What one of ZooKeeper's own tools prints. */
export function tool(mainClass: string, ...args: string[]): string {
  const { stdout, stderr, status } = spawnSync('java', ['-Duser.timezone=UTC', '-cp', JAR, mainClass, ...args], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${mainClass} ends with ${status}: ${stderr}`);
  return stdout;
}

/** A server on its data directory. */
export class ZooKeeperProcess {
  readonly port: number;
  readonly #process: ChildProcess;
  #said = '';

  private constructor(port: number, main: string, args: readonly string[]) {
    this.port = port;
    const mainClass = `org.apache.zookeeper.server.${main}`;
    this.#process = spawn('java', [...PROPERTIES, '-cp', JAR, mainClass, ...args]);
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on('data', (bytes: Buffer) => (this.#said += bytes.toString()));
    }
  }

  /** A standalone server. Waits until it serves. @throws Error with what it said, if it does not */
  static async start(dataDir: string): Promise<ZooKeeperProcess> {
    const port = await freePort();
    const server = new ZooKeeperProcess(port, 'ZooKeeperServerMain', [String(port), dataDir]);
    await server.serves();
    return server;
  }

  /** An ensemble in `folder`, sids from 1. Waits until all serve. @throws Error as {@link start} */
  static async ensemble(folder: string, roles: readonly ('participant' | 'observer')[]): Promise<ZooKeeperProcess[]> {
    const members: string[] = [];
    for (const [at, role] of roles.entries()) {
      members.push(`server.${at + 1}=127.0.0.1:${await freePort()}:${await freePort()}:${role}`);
    }
    const servers: ZooKeeperProcess[] = [];
    for (const [at, role] of roles.entries()) {
      const [port, dataDir, file] = [
        await freePort(),
        path.join(folder, String(at + 1)),
        path.join(folder, `${at + 1}.cfg`),
      ];
      mkdirSync(dataDir);
      writeFileSync(path.join(dataDir, 'myid'), String(at + 1));
      const settings = ['tickTime=2000', 'initLimit=10', 'syncLimit=5', `dataDir=${dataDir}`, `clientPort=${port}`];
      writeFileSync(file, [...settings, `peerType=${role}`, ...members].join('\n'));
      servers.push(new ZooKeeperProcess(port, 'quorum.QuorumPeerMain', [file]));
    }
    for (const server of servers) await server.serves();
    return servers;
  }

  /** @throws Error with what it said, if it does not come to serve; it is killed then */
  async serves(): Promise<void> {
    for (let waited = 0; waited < START_MS; waited += POLL_MS) {
      if (this.#process.exitCode !== null) break;
      const answer = await this.ask('srvr').catch(() => '');
      if (answer.includes('Mode: ')) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    await this.kill();
    throw new Error(`ZooKeeper does not serve:\n${this.#said}`);
  }

  /** The answer to a four-letter word. */
  ask(word: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(this.port, '127.0.0.1', () => socket.write(word));
      let answer = '';
      socket.on('data', (bytes) => (answer += bytes.toString()));
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
      // A server that is just starting may take a connection and never answer.
      socket.setTimeout(ANSWER_MS, () => socket.destroy());
    });
  }

  /** kill −9 */
  kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.#process.once('exit', () => resolve());
      this.#process.kill('SIGKILL');
    });
  }
}

/** A znode as clients see it. */
export interface ServedZnode {
  readonly data: ZnodeData;
  readonly stat: Stat;
  readonly acl: readonly Acl[];
}

type Reply = Extract<ClientPacket, { readonly type: 'Reply' }>;

/** One session over TCP; requests one after the other. */
export class WireClient {
  readonly #socket: Socket;
  #buffer = Buffer.alloc(0);
  #waiting: ((frame: Buffer) => void) | null = null;
  #xid = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => {
      this.#buffer = Buffer.concat([this.#buffer, bytes]);
      this.#deliver();
    });
  }

  static async connect(port: number): Promise<WireClient> {
    const socket = await new Promise<Socket>((resolve, reject) => {
      const opening = createConnection(port, '127.0.0.1', () => resolve(opening));
      opening.on('error', reject);
    });
    const client = new WireClient(socket);
    await client.#exchange({
      type: 'ConnectRequest',
      lastZxidSeen: ZXID_ZERO,
      timeout: 30_000,
      sessionId: NO_SESSION,
      passwd: '0'.repeat(32),
      readOnly: false,
    });
    return client;
  }

  /** The reply to one request. */
  async request(operation: Operation): Promise<Reply> {
    const xid = operation.op === 'auth' ? -4 : this.#xid++;
    const frame = await this.#exchange({ type: 'Request', xid, operation });
    const reply = decodeServerFrame(frame, true, () => operation);
    if (reply.type !== 'Reply') throw new Error(`${operation.op} was answered with ${JSON.stringify(reply)}`);
    return reply;
  }

  /** The result of a request that has to succeed. */
  async result(operation: Operation): Promise<OperationResult> {
    const { error, result } = await this.request(operation);
    if (error !== null) throw new Error(`${operation.op} fails with ${error}`);
    return result ?? {};
  }

  /** Every znode, by path. */
  async tree(): Promise<ReadonlyMap<string, ServedZnode>> {
    await this.result({ op: 'auth', scheme: 'digest', auth: new TextEncoder().encode('super:oracle') });
    const tree = new Map<string, ServedZnode>();
    const walk = async (path: string): Promise<void> => {
      const { data = null, stat } = await this.result({ op: 'getData', path, watch: false });
      const { acl = [] } = await this.result({ op: 'getACL', path });
      if (!stat) throw new Error(`${path} has no Stat`);
      tree.set(path, { data, stat, acl });
      const { children = [] } = await this.result({ op: 'getChildren2', path, watch: false });
      for (const child of [...children].sort()) await walk(childPath(path, child));
    };
    await walk('/');
    return tree;
  }

  /** Ends without closing the session. */
  drop(): void {
    this.#socket.destroy();
  }

  #exchange(packet: ClientPacket): Promise<Buffer> {
    const frame = encodeClientFrame(packet);
    const length = Buffer.alloc(4);
    length.writeInt32BE(frame.length);
    return new Promise((resolve, reject) => {
      const closed = (): void => reject(new Error('the server closed the connection'));
      this.#waiting = (answer) => {
        this.#socket.off('close', closed);
        resolve(answer);
      };
      this.#socket.once('close', closed);
      this.#socket.write(Buffer.concat([length, frame]));
    });
  }

  #deliver(): void {
    if (this.#buffer.length < 4) return;
    const end = 4 + this.#buffer.readInt32BE();
    if (this.#buffer.length < end || !this.#waiting) return;
    const frame = this.#buffer.subarray(4, end);
    this.#buffer = this.#buffer.subarray(end);
    const resolve = this.#waiting;
    this.#waiting = null;
    resolve(frame);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
