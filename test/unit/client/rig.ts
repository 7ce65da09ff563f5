/**
 * A client process under test, with the test as its network, its servers and its clock. `FakeServer`
 * answers by itself where a test is not about single packets.
 */
import { expect } from 'vitest';
import {
  createClient,
  type ClientCommand,
  type ClientEngine,
  type ClientInit,
  type ClientInput,
} from '../../../src/client/index.ts';
import type { EventBody, EventKind } from '../../../src/protocol/events.ts';
import type { serverName } from '../../../src/protocol/ids.ts';
import { clientName, RefSource, sessionId, sid, type ConnId, type EventRef } from '../../../src/protocol/ids.ts';
import type { Packet } from '../../../src/protocol/network.ts';
import type { Operation, OperationResult } from '../../../src/protocol/operations.ts';
import type { KeeperError } from '../../../src/protocol/errors.ts';
import type { RuleId } from '../../../src/protocol/rules/index.ts';
import { addMs, virtualTime, type VirtualTime } from '../../../src/protocol/time.ts';
import type { Stat } from '../../../src/protocol/znode.ts';
import { makeZxid, type Zxid } from '../../../src/protocol/zxid.ts';
import type { ProcessOutput } from '../../../src/process/io.ts';

export const SESSION = sessionId(0x100000001n);
export const PASSWD = 'ab'.repeat(16);
export const z = (counter: number): Zxid => makeZxid(1, counter);

type Body<K extends EventKind> = Extract<EventBody, { readonly kind: K }>;
export interface Emitted {
  readonly t: VirtualTime;
  readonly ref: EventRef;
  readonly body: EventBody;
  readonly causes: readonly EventRef[];
  readonly rule: RuleId | undefined;
}
export interface Sent {
  readonly t: VirtualTime;
  readonly conn: ConnId;
  readonly packet: Packet;
  readonly causes: readonly EventRef[];
  readonly rule: RuleId | undefined;
}

/** What a server makes of a request. */
export type Answer = { readonly error?: KeeperError; readonly result?: OperationResult; readonly zxid?: Zxid };

export class Rig {
  readonly #client: ClientEngine;
  readonly #causes = new RefSource(1);
  now = virtualTime(0);
  readonly events: Emitted[] = [];
  readonly sent: Sent[] = [];
  readonly connects: { readonly t: VirtualTime; readonly conn: ConnId; readonly to: string }[] = [];
  readonly closes: { readonly t: VirtualTime; readonly conn: ConnId; readonly reason: string }[] = [];
  exited: string | null = null;
  readonly #timers = new Map<number, VirtualTime>();
  #sentSeen = 0;
  /** Answers at once whatever is sent, if set. */
  server: ((operation: Operation) => Answer | null) | null = null;

  constructor({
    servers = [1, 2, 3],
    sessionTimeout = 6000,
    seed = 1,
    ...more
  }: Pick<
    Partial<ClientInit>,
    'sessionTimeout' | 'seed' | 'readOnly' | 'chroot' | 'resume' | 'localExpiry' | 'defects'
  > & {
    readonly servers?: readonly number[];
  } = {}) {
    this.#client = createClient({
      ...more,
      name: clientName('alice'),
      servers: servers.map(sid),
      sessionTimeout,
      seed,
      incarnation: 0,
      refs: new RefSource(2),
    });
  }

  boot(): this {
    this.#step({ type: 'boot', cause: this.#causes.take() });
    return this;
  }
  command(command: ClientCommand): EventRef {
    const cause = this.#causes.take();
    this.#step({ type: 'command', cause, command });
    return cause;
  }
  request(op: string, args: Record<string, unknown> = {}): EventRef {
    return this.command({ do: 'request', request: { op, ...args } });
  }
  /** Types a line and gives what it printed at once. */
  type(line: string): readonly string[] {
    const before = this.events.length;
    this.command({ do: 'console', line });
    return this.printed(before);
  }
  printed(from = 0): readonly string[] {
    return this.events.slice(from).flatMap(({ body }) => (body.kind === 'console-output' ? body.lines : []));
  }

  /** For answers of which the zxid does not matter. */
  readonly z0 = z(0);

  get conn(): ConnId {
    const last = this.connects.at(-1);
    expect(last).toBeDefined();
    return last!.conn;
  }
  #peer(conn: ConnId) {
    const to = this.connects.find((connect) => connect.conn === conn)!.to;
    return { conn, peer: to as ReturnType<typeof serverName>, port: 'client' as const, cause: this.#causes.take() };
  }
  connected(): void {
    this.#step({ type: 'connected', ...this.#peer(this.conn) });
  }
  refuse(): void {
    this.#step({ type: 'connect-failed', ...this.#peer(this.conn) });
  }
  hangUp(): void {
    this.#step({ type: 'closed', ...this.#peer(this.conn) });
  }
  packet(packet: Packet, conn = this.conn): void {
    this.#step({ type: 'packet', ...this.#peer(conn), packet });
  }
  accept(timeout = 6000, { sessionId = SESSION, readOnly = false } = {}): void {
    this.packet({ type: 'ConnectResponse', timeout, sessionId, passwd: PASSWD, readOnly });
  }
  reply(xid: number, answer: Answer = {}): void {
    this.packet({
      type: 'Reply',
      xid,
      zxid: answer.zxid ?? z(1),
      error: answer.error ?? null,
      result: answer.result ?? null,
    });
  }
  /** Boots and establishes the session on the first server. */
  establish(timeout = 6000): this {
    this.boot();
    this.connected();
    this.accept(timeout);
    return this;
  }

  /** Lets timers fire up to `to`, inclusive. */
  until(to: number): void {
    for (;;) {
      const due = [...this.#timers].filter(([, at]) => at <= to).sort(([a, at], [b, bt]) => at - bt || a - b)[0];
      if (!due) break;
      this.now = due[1];
      this.#timers.delete(due[0]);
      this.#step({ type: 'timer', timer: due[0], cause: this.#causes.take() });
    }
    this.now = virtualTime(to);
  }
  after(ms: number): void {
    this.until(addMs(this.now, ms));
  }
  get timers(): readonly VirtualTime[] {
    return [...this.#timers.values()];
  }

  of<K extends EventKind>(kind: K): readonly Body<K>[] {
    return this.events.map(({ body }) => body).filter((body): body is Body<K> => body.kind === kind);
  }
  returned(): readonly string[] {
    return this.of('returned').map(({ request, error }) => `${request.op} ${error ?? 'OK'}`);
  }
  states(): readonly string[] {
    return this.of('client-state').map(({ state, server }) => (server === null ? state : `${state} s${server}`));
  }
  watchEvents(): readonly string[] {
    return this.of('watch-event').map(({ type, state, path }) => `${type} ${state} ${path ?? 'null'}`);
  }
  /** Packets sent since the last look. */
  take(): readonly Packet[] {
    const packets = this.sent.slice(this.#sentSeen).map(({ packet }) => packet);
    this.#sentSeen = this.sent.length;
    return packets;
  }

  #step(input: ClientInput): void {
    const outputs = this.#client.step(this.now, input);
    for (const output of outputs) this.#apply(output);
    if (!this.server) return;
    // An answer is a step of its own, which may send more: those wait for their turn.
    while (this.#sentSeen < this.sent.length) {
      const { packet, conn } = this.sent[this.#sentSeen++]!;
      if (packet.type !== 'Request' || conn !== this.conn) continue;
      const answer = this.server(packet.operation);
      if (answer) this.reply(packet.xid, answer);
    }
  }

  #apply(output: ProcessOutput): void {
    const t = this.now;
    switch (output.type) {
      case 'event':
        this.events.push({ t, ...output.event });
        return;
      case 'send':
        this.sent.push({ t, conn: output.conn, packet: output.packet, causes: output.causes, rule: output.rule });
        return;
      case 'connect':
        this.connects.push({ t, conn: output.conn, to: output.to });
        return;
      case 'close':
        this.closes.push({ t, conn: output.conn, reason: output.reason });
        return;
      case 'timer':
        this.#timers.set(output.timer, output.at);
        return;
      case 'cancel-timer':
        this.#timers.delete(output.timer);
        return;
      case 'exit':
        this.exited = output.reason;
        return;
      case 'listen':
      case 'fsync':
      case 'write':
        throw new Error(`a client does not ${output.type}`);
    }
  }
}

export function statOf(fields: Partial<Stat> = {}): Stat {
  return {
    czxid: z(1),
    mzxid: z(2),
    ctime: 0,
    mtime: 1_767_225_600_000,
    version: 1,
    cversion: 2,
    aversion: 0,
    ephemeralOwner: sessionId(0n),
    dataLength: 2,
    numChildren: 1,
    pzxid: z(3),
    ...fields,
  };
}
