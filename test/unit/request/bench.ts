/** A server's request side over a real database, with a leader or learner that the test plays, in virtual time. */
import { ServerCnxnFactory } from '../../../src/engine/connection/index.ts';
import { ServerContext } from '../../../src/engine/context.ts';
import { quorumVerifier } from '../../../src/engine/election/index.ts';
import type { LeaderPort, LearnerPort, QuorumVerifier, ReconfigOperation, Request } from '../../../src/engine/ports.ts';
import {
  FollowerZooKeeperServer,
  LeaderZooKeeperServer,
  ObserverZooKeeperServer,
} from '../../../src/engine/request/index.ts';
import type { WriteRequest } from '../../../src/engine/request/processor.ts';
import { MemoryDisk, ZKDatabase, type FsyncTicket } from '../../../src/engine/storage/index.ts';
import type { ProcessEvent } from '../../../src/process/io.ts';
import { ZOO_DEFAULTS, type ZooConfig } from '../../../src/protocol/config.ts';
import type { Defect } from '../../../src/protocol/defects.ts';
import type { KeeperError } from '../../../src/protocol/errors.ts';
import type { EventKind, ServerEvent } from '../../../src/protocol/events.ts';
import {
  clientName,
  NO_SESSION,
  RefSource,
  sid,
  type ConnId,
  type EventRef,
  type SessionId,
  type Sid,
} from '../../../src/protocol/ids.ts';
import type { Packet } from '../../../src/protocol/network.ts';
import type { ClientPacket, Operation, OperationResult } from '../../../src/protocol/operations.ts';
import { initialConfig } from '../../../src/protocol/quorum-config.ts';
import { addMs, virtualTime, type VirtualTime } from '../../../src/protocol/time.ts';
import type { LoggedTxn, Txn } from '../../../src/protocol/txns.ts';
import { OPEN_ACL_UNSAFE, type CreateMode } from '../../../src/protocol/znode.ts';
import { makeZxid, ZXID_ZERO, type Zxid } from '../../../src/protocol/zxid.ts';

export const FSYNC_MS = 5;

const THREE = quorumVerifier(
  initialConfig(
    [1, 2, 3].map((n) => ({ sid: sid(n), role: 'participant' })),
    { groups: {}, weights: {} },
  ),
);

interface Due {
  readonly at: VirtualTime;
  readonly seq: number;
  readonly timer?: number;
  readonly fsync?: { readonly token: number; readonly ticket: FsyncTicket };
}
/** Something that the server did, in order. */
export interface Done {
  readonly t: VirtualTime;
  readonly type: 'send' | 'close' | 'event' | 'exit';
  readonly conn?: ConnId;
  readonly packet?: Packet;
  readonly event?: ProcessEvent;
  readonly reason?: string;
  readonly ref?: EventRef;
  readonly causes?: readonly EventRef[];
  readonly rule?: string | undefined;
}

/** A client as the server meets it: a connection and a counter. */
export interface TestClient {
  readonly conn: ConnId;
  sessionId: SessionId;
  passwd: string;
  xid: number;
}

export class Bench {
  readonly ctx: ServerContext;
  readonly disk = new MemoryDisk();
  readonly db: ZKDatabase;
  readonly factory: ServerCnxnFactory;
  readonly done: Done[] = [];
  now = virtualTime(1000);
  #due: Due[] = [];
  #seq = 0;
  #conns = 0;
  #diskFreeAt = virtualTime(0);
  readonly #inputs = new RefSource(0);

  constructor(zoo: Partial<ZooConfig> = {}, id: Sid = sid(1), defects: readonly Defect[] = []) {
    this.ctx = new ServerContext({
      sid: id,
      zoo: { ...ZOO_DEFAULTS, ...zoo },
      seed: 7,
      incarnation: 0,
      disk: this.disk,
      refs: new RefSource(1),
      defects,
    });
    this.db = new ZKDatabase(this.ctx);
    this.factory = new ServerCnxnFactory(this.ctx);
    this.step(() => {
      this.db.load();
      this.factory.start();
    });
    this.run(100);
  }

  /** One step of the server; its cause is a new event. */
  step<T>(work: () => T, cause: EventRef = this.#inputs.take()): T {
    let result: { value: T } | undefined;
    const outputs = this.ctx.step(this.now, cause, () => {
      result = { value: work() };
    });
    for (const output of outputs) {
      const t = this.now;
      if (output.type === 'send' || output.type === 'close') this.done.push({ t, ...output });
      else if (output.type === 'event') this.done.push({ t, type: 'event', event: output.event });
      else if (output.type === 'exit') this.done.push({ t, type: 'exit', reason: output.reason });
      else if (output.type === 'timer') this.#due.push({ at: output.at, seq: this.#seq++, timer: output.timer });
      else if (output.type === 'fsync') {
        // The real disk runs one fsync after the other.
        this.#diskFreeAt = addMs(virtualTime(Math.max(this.now, this.#diskFreeAt)), FSYNC_MS);
        const fsync = { token: output.token, ticket: this.disk.beginFsync(output.file) };
        this.#due.push({ at: this.#diskFreeAt, seq: this.#seq++, fsync });
      }
    }
    if (!result) throw new Error('the step did not run');
    return result.value;
  }

  /** Lets `ms` of virtual time pass. */
  run(ms: number): void {
    const end = addMs(this.now, ms);
    for (;;) {
      this.#due.sort((a, b) => a.at - b.at || a.seq - b.seq);
      const next = this.#due[0];
      if (!next || next.at > end) break;
      this.#due.shift();
      this.now = next.at;
      if (next.timer !== undefined) {
        const handler = this.ctx.takeTimer(next.timer);
        if (handler) this.step(handler);
      } else if (next.fsync) {
        this.disk.completeFsync(next.fsync.ticket);
        this.step(this.ctx.takeFsync(next.fsync.token));
      }
    }
    this.now = end;
  }

  /** Opens a connection and asks for a session; `of` renews that one. */
  dial(
    wish: { timeout?: number; of?: TestClient; lastZxidSeen?: Zxid; passwd?: string; readOnly?: boolean } = {},
  ): TestClient {
    const conn = `c#0.${this.#conns++}` as ConnId;
    const client: TestClient = {
      conn,
      sessionId: wish.of?.sessionId ?? NO_SESSION,
      passwd: wish.passwd ?? wish.of?.passwd ?? '',
      xid: wish.of?.xid ?? 0,
    };
    this.step(() => this.factory.accepted(conn, clientName('c')));
    this.deliver(client, {
      type: 'ConnectRequest',
      lastZxidSeen: wish.lastZxidSeen ?? ZXID_ZERO,
      timeout: wish.timeout ?? 10_000,
      sessionId: client.sessionId,
      passwd: client.passwd,
      readOnly: wish.readOnly ?? false,
    });
    return client;
  }

  /** Takes id and password from the answer to the connect request. */
  established(client: TestClient): TestClient {
    const response = this.packets(client).find((packet) => packet.type === 'ConnectResponse');
    if (response?.type !== 'ConnectResponse') throw new Error('no ConnectResponse');
    client.sessionId = response.sessionId;
    client.passwd = response.passwd;
    return client;
  }

  deliver(client: TestClient, packet: Packet): void {
    this.step(() => this.factory.packet(client.conn, packet));
  }

  /** Sends a request; returns its xid. */
  request(client: TestClient, operation: Operation): number {
    const xid = ++client.xid;
    this.deliver(client, { type: 'Request', xid, operation });
    return xid;
  }

  /** All that was sent on the client's connection. */
  packets(client: TestClient): readonly ClientPacket[] {
    return this.done
      .filter(({ type, conn }) => type === 'send' && conn === client.conn)
      .map(({ packet }) => packet as ClientPacket);
  }

  replies(client: TestClient): readonly Extract<ClientPacket, { type: 'Reply' }>[] {
    return this.packets(client).filter((packet) => packet.type === 'Reply');
  }

  /** `OK` or the error of the reply to `xid`; undefined: no reply yet. */
  outcome(client: TestClient, xid: number): string | undefined {
    const reply = this.replies(client).find((packet) => packet.xid === xid);
    return reply && (reply.error ?? 'OK');
  }

  result(client: TestClient, xid: number): OperationResult | null | undefined {
    return this.replies(client).find((packet) => packet.xid === xid)?.result;
  }

  closed(client: TestClient): boolean {
    return this.done.some(({ type, conn }) => type === 'close' && conn === client.conn);
  }

  events<K extends EventKind>(
    kind: K,
  ): readonly (Extract<ServerEvent, { kind: K }> & { t: VirtualTime; rule?: string })[] {
    return this.done.flatMap(({ t, event }) =>
      event?.body.kind === kind ? [{ ...(event.body as Extract<ServerEvent, { kind: K }>), t, rule: event.rule }] : [],
    ) as never;
  }
}

/** A leader that commits as soon as its own log is durable, or on demand. */
export class TestLeader implements LeaderPort {
  readonly zk: LeaderZooKeeperServer;
  readonly proposals: WriteRequest[] = [];
  readonly ownAcks: Zxid[] = [];
  readonly syncs: Request[] = [];
  readonly appliedZxids: Zxid[] = [];
  readonly reconfigs: { operation: ReconfigOperation; zxid: Zxid }[] = [];
  reconfigAnswer: Uint8Array | KeeperError = 'RECONFIGINPROGRESS';
  rollovers = 0;
  auto = true;
  readonly #bench: Bench;
  #committed = 0;

  constructor(bench: Bench, epoch = 1, counter = 0) {
    this.#bench = bench;
    this.zk = new LeaderZooKeeperServer(bench.ctx, bench.db, bench.factory, this);
    bench.step(() => {
      bench.db.setLastProcessedZxid(makeZxid(epoch, counter));
      this.zk.setZxid(makeZxid(epoch, counter));
      this.zk.start();
    });
  }

  get quorumVerifier(): QuorumVerifier {
    return THREE;
  }
  prepareReconfig(operation: ReconfigOperation, zxid: Zxid): Uint8Array | KeeperError {
    this.reconfigs.push({ operation, zxid });
    return this.reconfigAnswer;
  }
  propose(request: WriteRequest): void {
    this.proposals.push(request);
  }
  ackOwn(zxid: Zxid): void {
    this.ownAcks.push(zxid);
    if (this.auto) this.#commitNext();
  }
  processSync(request: Request & { owner: Sid }): void {
    this.syncs.push(request);
  }
  applied(zxid: Zxid): void {
    this.appliedZxids.push(zxid);
  }
  rollover(): void {
    this.rollovers++;
    this.zk.shutdown('the counter of this epoch is used up');
  }

  /** A quorum has the next proposals. */
  commit(count = 1): void {
    for (let i = 0; i < count; i++) this.#bench.step(() => this.#commitNext());
  }

  /** All transactions so far, short: `error NONODE`, `create /a` … */
  get txns(): readonly string[] {
    return this.proposals.map(({ txn }) => describeTxn(txn));
  }

  #commitNext(): void {
    const next = this.proposals[this.#committed++];
    if (next) this.zk.commit(next.header.zxid);
  }
}

/** A learner's link to its leader, as the test plays it. */
export class TestLearner implements LearnerPort {
  readonly zk: FollowerZooKeeperServer | ObserverZooKeeperServer;
  readonly forwarded: Request[] = [];
  readonly acks: Zxid[] = [];
  readonly revalidations: { sessionId: SessionId; timeout: number }[] = [];
  readonly #bench: Bench;
  #counter = 0;

  constructor(bench: Bench, role: 'follower' | 'observer' = 'follower') {
    this.#bench = bench;
    const Server = role === 'follower' ? FollowerZooKeeperServer : ObserverZooKeeperServer;
    this.zk = new Server(bench.ctx, bench.db, bench.factory, this);
    bench.step(() => {
      bench.db.setLastProcessedZxid(makeZxid(1, 0));
      this.zk.start();
    });
  }

  get quorumVerifier(): QuorumVerifier {
    return THREE;
  }
  forward(request: Request): void {
    this.forwarded.push(request);
  }
  sendAck(zxid: Zxid): void {
    this.acks.push(zxid);
  }
  validateSession(sessionId: SessionId, timeout: number): void {
    this.revalidations.push({ sessionId, timeout });
  }

  /** The leader's PROPOSAL for a request forwarded from here, or for another server's client. */
  propose(txn: Txn, of: { sessionId: SessionId; cxid: number }): Zxid {
    const zxid = makeZxid(1, ++this.#counter);
    const logged: LoggedTxn = { header: { clientId: of.sessionId, cxid: of.cxid, zxid, time: 5 }, txn };
    this.#bench.step(() => this.zk.logRequest(logged, this.#bench.ctx.cause));
    return zxid;
  }

  commit(zxid: Zxid): void {
    this.#bench.step(() => this.zk.commit(zxid));
  }

  /** A new session through this learner, committed at once. */
  connect(timeout?: number): TestClient {
    const client = this.#bench.dial(timeout === undefined ? {} : { timeout });
    const request = this.forwarded.at(-1);
    if (request?.operation.op !== 'createSession') throw new Error('createSession was not forwarded');
    this.commit(this.propose({ type: 'createSession', timeout: request.operation.timeout }, request));
    return this.#bench.established(client);
  }
}

export function create(path: string, mode: CreateMode = 'PERSISTENT'): Operation {
  return { op: 'create', path, data: null, acl: OPEN_ACL_UNSAFE, mode };
}

export function describeTxn(txn: Txn): string {
  switch (txn.type) {
    case 'error':
      return `error ${txn.error}`;
    case 'closeSession':
      return `closeSession ${txn.paths2Delete.join(' ')}`.trim();
    case 'create':
    case 'delete':
    case 'setData':
      return `${txn.type} ${txn.path}`;
    default:
      return txn.type;
  }
}
