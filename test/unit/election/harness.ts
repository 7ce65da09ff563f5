/**
 * Several servers that do nothing but elect, on a small deterministic network: ordered delivery, given
 * latencies, refused and lost connection attempts. The lab's own kernel is tested elsewhere.
 */
import { FastLeaderElection, QuorumCnxManager, quorumVerifier } from '../../../src/engine/election/index.ts';
import { ServerContext } from '../../../src/engine/context.ts';
import type { Disk } from '../../../src/engine/disk.ts';
import type { ElectionPeer, QuorumVerifier } from '../../../src/engine/ports.ts';
import type { EmitOptions, ProcessOutput } from '../../../src/process/io.ts';
import { assert } from '../../../src/protocol/assert.ts';
import { ZOO_DEFAULTS, type MemberConfig, type QuorumGroups } from '../../../src/protocol/config.ts';
import type { Defect } from '../../../src/protocol/defects.ts';
import type { EventKind, ServerEvent } from '../../../src/protocol/events.ts';
import {
  RefSource,
  serverName,
  sid,
  sidOf,
  type ActorName,
  type ConnId,
  type EventRef,
  type Sid,
} from '../../../src/protocol/ids.ts';
import type { ElectionHello, Notification, ServerState, Vote } from '../../../src/protocol/packets.ts';
import { initialConfig } from '../../../src/protocol/quorum-config.ts';
import type { RuleId } from '../../../src/protocol/rules/index.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { epoch, ZXID_ZERO, type Epoch, type Zxid } from '../../../src/protocol/zxid.ts';

/** s1 … s`voters`, then as many observers. */
export function members(voters: number, observers = 0): MemberConfig[] {
  return Array.from({ length: voters + observers }, (_, i) => ({
    sid: sid(i + 1),
    role: i < voters ? ('participant' as const) : ('observer' as const),
  }));
}

export function verifierOf(config: readonly MemberConfig[], quorums?: QuorumGroups): QuorumVerifier {
  return quorumVerifier(initialConfig(config, quorums ?? { groups: {}, weights: {} }));
}

export function vote(leader: number, zxid = 0, electionEpoch = 1, peerEpoch = 0): Vote {
  return { leader, zxid: zxid as Zxid, electionEpoch, peerEpoch: peerEpoch as Epoch };
}

export interface Start {
  readonly zxid?: Zxid;
  readonly currentEpoch?: number;
  /** Go LOOKING at once; true if not given. */
  readonly look?: boolean;
}

export interface Recorded {
  readonly t: number;
  readonly sid: Sid;
  readonly ref: EventRef;
  readonly body: ServerEvent;
  readonly causes: readonly EventRef[];
  readonly rule: RuleId | undefined;
}

/** What a server handed to its connection manager. */
export interface Sent {
  readonly t: number;
  readonly from: Sid;
  readonly to: Sid;
  readonly packet: Notification;
  readonly rule: RuleId | undefined;
}

/** What went over a connection. */
export interface Transmitted {
  readonly t: number;
  readonly from: Sid;
  readonly to: Sid;
  readonly packet: Notification | ElectionHello;
  readonly rule: RuleId | undefined;
}

class TestPeer implements ElectionPeer {
  state: ServerState = 'LOOKING';
  currentVote: Vote;
  electedAt: number | null = null;
  readonly sid: Sid;
  readonly learnerType: 'PARTICIPANT' | 'OBSERVER';
  quorumVerifier: QuorumVerifier;
  lastSeenQuorumVerifier: QuorumVerifier;
  readonly lastLoggedZxid: Zxid;
  readonly currentEpoch: Epoch;
  readonly #now: () => number;

  constructor(config: readonly MemberConfig[], id: Sid, start: Start, now: () => number) {
    this.sid = id;
    this.learnerType = config.find((m) => m.sid === id)?.role === 'observer' ? 'OBSERVER' : 'PARTICIPANT';
    this.quorumVerifier = this.lastSeenQuorumVerifier = verifierOf(config);
    this.lastLoggedZxid = start.zxid ?? ZXID_ZERO;
    this.currentEpoch = epoch(start.currentEpoch ?? 0);
    this.currentVote = vote(id, this.lastLoggedZxid, -1, this.currentEpoch);
    this.#now = now;
  }

  knows(to: Sid): boolean {
    return this.quorumVerifier.member(to) !== null || this.lastSeenQuorumVerifier.member(to) !== null;
  }

  learnConfig(): boolean {
    return false;
  }

  elected(elected: Vote, state: ServerState): void {
    this.currentVote = elected;
    this.state = state;
    this.electedAt = this.#now();
  }
}

class RecordingCnxManager extends QuorumCnxManager {
  onSend: (to: Sid, packet: Notification, rule: RuleId | undefined) => void = () => undefined;

  override toSend(to: Sid, packet: Notification, options: EmitOptions = {}): void {
    this.onSend(to, packet, options.rule);
    super.toSend(to, packet, options);
  }
}

interface Server {
  readonly ctx: ServerContext;
  readonly peer: TestPeer;
  readonly cnx: RecordingCnxManager;
  readonly fle: FastLeaderElection;
  listening: boolean;
  readonly cancelled: Set<number>;
}

interface Conn {
  readonly ends: readonly [ActorName, ActorName];
  /** Ends that closed, or that know of the other's close. */
  readonly closed: Set<ActorName>;
  /** Ends that know that the connection stands. */
  readonly standing: Set<ActorName>;
  readonly lastArrival: Map<ActorName, number>;
}

export class Ensemble {
  readonly config: readonly MemberConfig[];
  readonly events: Recorded[] = [];
  readonly sent: Sent[] = [];
  readonly transmitted: Transmitted[] = [];
  now = 0;
  /** One-way latency in ms. */
  latency: (from: Sid, to: Sid) => number = () => 1;
  readonly #defects: readonly Defect[];
  readonly #servers = new Map<Sid, Server>();
  readonly #incarnations = new Map<Sid, number>();
  readonly #refs = new Map<Sid, RefSource>();
  readonly #conns = new Map<ConnId, Conn>();
  readonly #cuts = new Set<string>();
  readonly #held = new Map<string, (() => void)[]>();
  readonly #queue: { readonly t: number; readonly work: () => void }[] = [];
  readonly #external = new RefSource(0);

  constructor(config: readonly MemberConfig[], defects: readonly Defect[] = []) {
    this.config = config;
    this.#defects = defects;
  }

  start(n: number, start: Start = {}): void {
    const id = sid(n);
    const incarnation = this.#incarnations.get(id) ?? 0;
    this.#incarnations.set(id, incarnation + 1);
    const refs = this.#refs.get(id) ?? new RefSource(n);
    this.#refs.set(id, refs);
    const disk = {} as Disk; // the election reads no disk
    const ctx = new ServerContext({
      sid: id,
      zoo: ZOO_DEFAULTS,
      seed: 1,
      incarnation,
      disk,
      refs,
      defects: this.#defects,
    });
    const peer = new TestPeer(this.config, id, start, () => this.now);
    const cnx = new RecordingCnxManager(
      ctx,
      (from, packet) => fle.receive(from, packet),
      (to) => peer.knows(to),
    );
    cnx.onSend = (to, packet, rule) => this.sent.push({ t: this.now, from: id, to, packet, rule });
    const fle = new FastLeaderElection(ctx, peer, cnx);
    this.#servers.set(id, { ctx, peer, cnx, fle, listening: false, cancelled: new Set() });
    this.step(n, () => {
      cnx.start();
      if (start.look ?? true) fle.lookForLeader();
    });
  }

  kill(n: number): void {
    const name = serverName(sid(n));
    this.#servers.delete(sid(n));
    for (const [id, conn] of this.#conns) if (conn.ends.includes(name)) this.#close(id, name);
  }

  /** Both directions: packets wait, connection attempts get no answer. */
  cut(a: number, b: number): void {
    this.#cuts.add(`${a}>${b}`).add(`${b}>${a}`);
  }

  heal(a: number, b: number): void {
    for (const direction of [`${a}>${b}`, `${b}>${a}`]) {
      this.#cuts.delete(direction);
      const held = this.#held.get(direction) ?? [];
      this.#held.delete(direction);
      for (const work of held) work();
    }
  }

  /** A running server loses its leader. */
  look(n: number): void {
    this.step(n, ({ peer, fle }) => {
      peer.state = 'LOOKING';
      fle.lookForLeader();
    });
  }

  /** Hands a notification to the election of s`to` as if it came over a connection from s`from`. */
  inject(to: number, from: number, state: ServerState, v: Vote): void {
    this.step(to, ({ fle }) => fle.receive(sid(from), { type: 'NOTIFICATION', state, vote: v, config: '' }));
  }

  server(n: number): Server {
    const server = this.#servers.get(sid(n));
    assert(server, `s${n} is down`);
    return server;
  }

  step(n: number, work: (server: Server) => void, cause = this.#external.take()): void {
    const server = this.server(n);
    const outputs = server.ctx.step(virtualTime(this.now), cause, () => work(server));
    for (const output of outputs) this.#honour(sid(n), server, output);
  }

  runUntil(t: number): void {
    for (;;) {
      // First due first; equal times in the order in which they were asked for.
      let next = 0;
      this.#queue.forEach((item, i) => {
        if (item.t < (this.#queue[next]?.t ?? Infinity)) next = i;
      });
      const item = this.#queue[next];
      if (!item || item.t > t) break;
      this.#queue.splice(next, 1);
      this.now = item.t;
      item.work();
    }
    this.now = t;
  }

  of<K extends ServerEvent['kind']>(
    kind: K & EventKind,
    n?: number,
  ): (Recorded & { readonly body: Extract<ServerEvent, { kind: K }> })[] {
    return this.events.filter(
      (e): e is Recorded & { readonly body: Extract<ServerEvent, { kind: K }> } =>
        e.body.kind === kind && (n === undefined || e.sid === n),
    );
  }

  states(): string[] {
    return [...this.#servers].map(([id, { peer }]) => `s${id} ${peer.state} → ${peer.currentVote.leader}`).sort();
  }

  /** Open connections as pairs of sids, initiator first. */
  connections(): string[] {
    return [...this.#conns.values()].filter((c) => c.closed.size === 0).map((c) => c.ends.join('-'));
  }

  #honour(id: Sid, server: Server, output: ProcessOutput): void {
    const name = serverName(id);
    switch (output.type) {
      case 'listen':
        server.listening = output.open;
        return;
      case 'event':
        this.events.push({ t: this.now, sid: id, ...output.event, body: output.event.body as ServerEvent });
        return;
      case 'timer':
        this.#at(output.at, () => {
          if (this.#servers.get(id) !== server || server.cancelled.has(output.timer)) return;
          const handler = server.ctx.takeTimer(output.timer);
          if (handler) this.step(id, handler, output.cause);
        });
        return;
      case 'cancel-timer':
        server.cancelled.add(output.timer);
        return;
      case 'connect':
        this.#connect(name, output.conn, output.to);
        return;
      case 'send': {
        const to = this.#other(output.conn, name);
        const packet = output.packet as Notification | ElectionHello;
        this.transmitted.push({ t: this.now, from: id, to: sidOf(to)!, packet, rule: output.rule });
        this.#travel(output.conn, name, to, () => {
          this.#tell(to, (receiver) => receiver.cnx.packet(output.conn, packet), output.ref);
        });
        return;
      }
      case 'close':
        this.#close(output.conn, name);
        return;
      case 'fsync':
      case 'write':
      case 'exit':
        throw new Error(`an election does not ${output.type}`);
    }
  }

  #connect(from: ActorName, id: ConnId, to: ActorName): void {
    const conn: Conn = { ends: [from, to], closed: new Set(), standing: new Set(), lastArrival: new Map() };
    this.#conns.set(id, conn);
    this.#travel(id, from, to, () => {
      const listening = this.#servers.get(sidOf(to)!)?.listening ?? false;
      if (listening) {
        conn.standing.add(to);
        this.#tell(to, (server) => server.cnx.accepted(id));
      } else conn.closed.add(to);
      this.#travel(id, to, from, () => {
        if (listening) conn.standing.add(from);
        else conn.closed.add(from);
        this.#tell(from, ({ cnx }) => (listening ? cnx.connected(id, to) : cnx.connectFailed(id, to)));
      });
    });
  }

  #close(id: ConnId, by: ActorName): void {
    const conn = this.#conns.get(id);
    if (!conn || conn.closed.has(by)) return;
    conn.closed.add(by);
    const other = this.#other(id, by);
    this.#travel(id, by, other, () => {
      if (conn.closed.has(other)) return;
      conn.closed.add(other);
      if (conn.standing.has(other)) this.#tell(other, (server) => server.cnx.closed(id));
    });
  }

  /** In order per direction; waits for a cut to heal; what reaches a closed end is gone. */
  #travel(id: ConnId, from: ActorName, to: ActorName, arrive: () => void): void {
    const conn = this.#conns.get(id)!;
    const direction = `${sidOf(from)}>${sidOf(to)}`;
    if (this.#cuts.has(direction)) {
      const held = this.#held.get(direction) ?? [];
      this.#held.set(direction, held);
      held.push(() => this.#travel(id, from, to, arrive));
      return;
    }
    const at = Math.max(this.now + this.latency(sidOf(from)!, sidOf(to)!), conn.lastArrival.get(to) ?? 0);
    conn.lastArrival.set(to, at);
    this.#at(at, () => {
      if (!conn.closed.has(to)) arrive();
    });
  }

  #tell(to: ActorName, work: (server: Server) => void, cause?: EventRef): void {
    const id = sidOf(to)!;
    if (this.#servers.has(id)) this.step(id, work, cause);
  }

  #other(id: ConnId, name: ActorName): ActorName {
    const [a, b] = this.#conns.get(id)!.ends;
    return a === name ? b : a;
  }

  #at(t: number, work: () => void): void {
    this.#queue.push({ t, work });
  }
}
