/**
 * The leader's side of one learner's connection, from its FOLLOWERINFO to its end
 * (`LearnerHandler.run`). It waits for the leader's three quorums between its own steps; while it
 * waits it reads nothing from its connection, as the real handler's thread.
 */
import { assert, unreachable } from '../../protocol/assert.ts';
import type { ConnId, EventRef, Sid } from '../../protocol/ids.ts';
import type { Packet } from '../../protocol/network.ts';
import type { QuorumPacket } from '../../protocol/packets.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import { makeZxid, ZXID_UNKNOWN, ZXID_ZERO, type Epoch, type Zxid } from '../../protocol/zxid.ts';
import type { RuleId } from '../../protocol/rules/index.ts';
import type { EmitOptions } from '../../process/io.ts';
import type { ServerContext } from '../context.ts';
import type { MonitoredLearner } from '../monitor/index.ts';
import type { Leader } from './leader.ts';
import { ReadTimeout, type Reader } from './read-timeout.ts';
import { planSync } from './sync-plan.ts';

/**
 * `info`: nothing heard; `epoch`: waits for the epoch; `ackepoch`: LEADERINFO sent; `election`: waits
 * for the ACKEPOCH quorum; `sync`: synchronized, NEWLEADER sent; `startup`: waits for the leader to
 * serve; `broadcast`: UPTODATE sent.
 */
type Stage = 'info' | 'epoch' | 'ackepoch' | 'election' | 'sync' | 'startup' | 'broadcast';

/** A TRUNC counts as a DIFF. */
type SyncKind = 'snap' | 'diff';

/** Of each so many queued packets the time in the queue is measured (`zookeeper.leader.markerPacketInterval`). */
const MARKER_PACKET_INTERVAL = 1000;

/** Why a handler ends. */
export interface Farewell {
  readonly why: string;
  readonly rule: RuleId;
  readonly causes?: readonly EventRef[];
}

export class LearnerHandler implements Reader {
  readonly conn: ConnId;
  readonly #ctx: ServerContext;
  readonly #leader: Leader;
  #sid: Sid | null = null;
  #observer = false;
  #stage: Stage = 'info';
  #peerLastZxid: Zxid | null = null;
  /** Packets that came while the handler was waiting for the leader. */
  #unread: { packet: QuorumPacket; cause: EventRef }[] = [];
  /** Packets queued before the sender thread starts (`startSendingPackets`). */
  #queue: ((behind: number) => void)[] | null = [];
  readonly #readTimeout: ReadTimeout;
  #closed = false;
  /** By the leader's tick: until then the learner counts as synced. */
  #tickOfNextAckDeadline: number;
  readonly #syncLimitCheck: SyncLimitCheck;
  /** What it is being synchronized with, until its ACK of NEWLEADER. */
  #syncing: SyncKind | null = null;
  /** Wall clock, ms. */
  readonly #established: number;
  #packetsQueued = 0;
  #packetsSent = 0;
  #packetsReceived = 0;
  #requests = 0;
  #lastZxid: Zxid = ZXID_UNKNOWN;

  constructor(leader: Leader, conn: ConnId) {
    this.#leader = leader;
    this.#ctx = leader.ctx;
    this.conn = conn;
    this.#established = this.#ctx.wallClock();
    const { tickTime, initLimit, syncLimit } = this.#ctx.zoo;
    this.#readTimeout = new ReadTimeout(this.#ctx, initLimit * tickTime, this);
    this.#tickOfNextAckDeadline = leader.tick + initLimit + syncLimit;
    this.#syncLimitCheck = new SyncLimitCheck(syncLimit * tickTime);
  }

  /** Null before its FOLLOWERINFO or OBSERVERINFO. */
  get sid(): Sid | null {
    return this.#sid;
  }

  get observer(): boolean {
    return this.#observer;
  }

  get info(): MonitoredLearner {
    return {
      sid: this.#sid,
      established: this.#established,
      packetsReceived: this.#packetsReceived,
      packetsSent: this.#packetsSent,
      requests: this.#requests,
      lastZxid: this.#lastZxid,
    };
  }

  /** Still alive and heard from lately: counts for the leader's quorum (`LearnerHandler.synced`). */
  get synced(): boolean {
    return !this.#closed && this.#leader.tick <= this.#tickOfNextAckDeadline;
  }

  receive(packet: Packet): void {
    this.#readTimeout.restart();
    // The sender is a learner's kernel on the quorum port: nothing but quorum packets can come here.
    this.#unread.push({ packet: packet as QuorumPacket, cause: this.#ctx.cause });
    this.#read();
  }

  /** The epoch is fixed and saved: answers FOLLOWERINFO. */
  epochFixed(newEpoch: Epoch, event: EventRef): void {
    if (this.#stage !== 'epoch') return;
    this.#stage = 'ackepoch';
    this.#readTimeout.restart();
    this.#sendNow({ type: 'LEADERINFO', zxid: makeZxid(newEpoch, 0) }, { rule: 'zab.leaderinfo', causes: [event] });
    this.#read();
  }

  /** The ACKEPOCH quorum stands: synchronizes the learner. */
  electionFinished(): void {
    if (this.#stage !== 'election') return;
    assert(this.#peerLastZxid !== null && this.#sid !== null, 'a learner is synchronized after its ACKEPOCH');
    const db = this.#leader.db;
    const source = {
      lastProcessedZxid: db.lastProcessedZxid,
      committedLog: db.committedLog,
      minCommittedLog: db.minCommittedLog,
      maxCommittedLog: db.maxCommittedLog,
      txnLogSyncEnabled: this.#ctx.zoo.snapshotSizeFactor >= 0,
      proposalsFromTxnLog: (peer: Zxid) => db.proposalsFromTxnLog(peer),
    };
    const plan = planSync(source, this.#peerLastZxid, this.#ctx);
    const chosen = this.#ctx.emit(
      {
        kind: 'sync-chosen',
        learner: this.#sid,
        peerLastZxid: this.#peerLastZxid,
        // Of an empty list there are no limits; the plan takes the last zxid for both.
        minCommittedLog: db.committedLog.length > 0 ? db.minCommittedLog : ZXID_ZERO,
        maxCommittedLog: db.committedLog.length > 0 ? db.maxCommittedLog : ZXID_ZERO,
        lastProcessedZxid: db.lastProcessedZxid,
        mode: plan.mode,
        zxid: plan.zxid,
        count: plan.mode === 'SNAP' ? db.dataTree.nodeCount : plan.txns.length,
        notes: plan.notes,
      },
      { rule: plan.rule },
    );
    const options: EmitOptions = { causes: [chosen], rule: plan.rule };
    this.#beginSync(plan.mode === 'SNAP' ? 'snap' : 'diff');
    if (plan.mode === 'SNAP') {
      const zxid = this.#ctx.broken('snapshot-named-too-late') ? this.#leader.lastProposed : plan.zxid;
      this.#sendNow({ type: 'SNAP', zxid, snapshot: db.serializeSnapshot() }, options);
    } else {
      this.#sendNow({ type: plan.mode, zxid: plan.zxid }, options);
    }
    for (const txn of plan.txns) {
      this.#sendNow({ type: 'PROPOSAL', zxid: txn.header.zxid, txn }, options);
      this.#sendNow({ type: 'COMMIT', zxid: txn.header.zxid }, options);
    }
    this.#stage = 'sync';
    this.#readTimeout.restart();
    this.#startSending();
    // Whatever is proposed from here on is queued behind: nothing falls between sync and live traffic.
    this.#leader.startForwarding(this, plan.lastQueued);
    const config = this.#leader.lastSeenQuorumVerifier.text;
    this.send(
      { type: 'NEWLEADER', zxid: this.#leader.newLeaderZxid, config },
      { causes: [chosen], rule: 'zab.newleader' },
    );
    this.#read();
  }

  /** The leader serves: the learner may too. */
  leaderServes(event: EventRef): void {
    const early = this.#stage === 'sync' && this.#ctx.broken('uptodate-before-ack');
    if (this.#stage !== 'startup' && !early) return;
    this.#stage = 'broadcast';
    this.#readTimeout.restart();
    this.send({ type: 'UPTODATE', zxid: ZXID_UNKNOWN }, { rule: 'zab.uptodate', causes: [event] });
    this.#leader.learnerServes(this);
    this.#read();
  }

  /** Queues a packet behind what has been queued (`queuePacket`). */
  send(packet: QuorumPacket, options?: EmitOptions): void {
    if (this.#closed) return;
    if (packet.type === 'PROPOSAL') {
      if (this.#syncLimitCheck.owesAck && this.#ctx.broken('drop-proposal')) return;
      this.#syncLimitCheck.proposed(packet.zxid, this.#ctx.now());
    }
    const queuedAt = this.#ctx.elapsed();
    const marked = this.#packetsQueued++ % MARKER_PACKET_INTERVAL === 0;
    const send = (behind: number): void => {
      this.#noteQueue(behind, marked ? queuedAt : null);
      this.#sendNow(packet, options);
    };
    if (this.#queue) this.#queue.push(send);
    else send(0);
  }

  /** The leader's heartbeat; a learner that owes an ACK for too long is let go (`LearnerHandler.ping`). */
  ping(): void {
    if (this.#queue || this.#closed) return;
    if (this.#syncLimitCheck.timely(this.#ctx.now())) {
      this.send({ type: 'PING', zxid: this.#leader.lastProposed }, { rule: 'zab.ping' });
    } else {
      this.shutdown({ why: 'owes the ACK of a proposal for syncLimit ticks', rule: 'zab.learner-lost' });
    }
  }

  /** Ends the connection and forgets the learner. */
  shutdown(farewell: Farewell): void {
    if (this.#closed) return;
    this.#ctx.close(this.conn, farewell.why);
    this.#forget(farewell);
  }

  /** The learner closed, or its connection broke. */
  connectionClosed(): void {
    if (!this.#closed) this.#forget({ why: 'its connection ended', rule: 'zab.learner-gone' });
  }

  get reading(): boolean {
    return this.#stage !== 'epoch' && this.#stage !== 'election' && this.#stage !== 'startup';
  }

  silent(ms: number, heard: EventRef): void {
    this.shutdown({ why: `heard nothing for ${ms} ms`, rule: 'zab.learner-lost', causes: [heard] });
  }

  #forget(farewell: Farewell): void {
    this.#closed = true;
    this.#endSync();
    this.#ctx.metrics.add('socket_closing_time', 0);
    this.#readTimeout.cancel();
    this.#leader.handlerEnded(this, farewell);
  }

  /** The learner does not keep to the protocol. */
  #refuse(why: string): void {
    this.shutdown({ why, rule: 'zab.learner-gone' });
  }

  /** Reads on until the connection is empty or the handler has to wait for the leader. */
  #read(): void {
    while (!this.#closed && this.reading) {
      const next = this.#unread.shift();
      if (!next) return;
      this.#handle(next.packet, next.cause);
    }
  }

  #handle(packet: QuorumPacket, cause: EventRef): void {
    this.#packetsReceived++;
    switch (this.#stage) {
      case 'info':
        return this.#handleInfo(packet);
      case 'ackepoch':
        return this.#handleAckEpoch(packet);
      case 'sync':
        return this.#handleNewLeaderAck(packet);
      case 'broadcast':
        this.#tickOfNextAckDeadline = this.#leader.tick + this.#ctx.zoo.syncLimit;
        return this.#handleBroadcast(packet, cause);
      case 'epoch':
      case 'election':
      case 'startup':
        return assert(false, 'a waiting handler reads nothing');
      default:
        return unreachable(this.#stage);
    }
  }

  #handleInfo(packet: QuorumPacket): void {
    if (packet.type !== 'FOLLOWERINFO' && packet.type !== 'OBSERVERINFO') {
      return this.#refuse(`first packet is ${packet.type}, not FOLLOWERINFO or OBSERVERINFO`);
    }
    this.#sid = packet.sid;
    if (packet.configVersion > this.#leader.quorumVerifier.version) {
      return this.shutdown({ why: 'has a later activated configuration', rule: 'reconfig.newer-learner-refused' });
    }
    this.#observer = packet.type === 'OBSERVERINFO';
    this.#stage = 'epoch';
    this.#leader.followerInfo(this, packet.sid, packet.zxid);
  }

  #handleAckEpoch(packet: QuorumPacket): void {
    if (packet.type !== 'ACKEPOCH') return this.#refuse(`${packet.type} instead of ACKEPOCH`);
    this.#stage = 'election';
    this.#peerLastZxid = packet.zxid;
    this.#leader.ackEpoch(this, packet.currentEpoch, packet.zxid);
  }

  #handleNewLeaderAck(packet: QuorumPacket): void {
    if (packet.type !== 'ACK') return this.#refuse(`next packet was supposed to be an ACK, but it is ${packet.type}`);
    const { tickTime, syncLimit } = this.#ctx.zoo;
    this.#stage = 'startup';
    this.#syncLimitCheck.start();
    const ended = this.#endSync();
    if (ended) this.#ctx.metrics.add(`inflight_${ended}_count`, this.#leader.syncsInProgress[ended]);
    this.#readTimeout.change(tickTime * syncLimit);
    this.#leader.newLeaderAck(this, packet.zxid);
  }

  #handleBroadcast(packet: QuorumPacket, cause: EventRef): void {
    assert(this.#sid !== null, 'a learner has said who it is');
    switch (packet.type) {
      case 'ACK':
        this.#syncLimitCheck.acked(packet.zxid);
        if (!this.#observer) this.#leader.processAck(this.#sid, packet.zxid);
        break;
      case 'PING':
        for (const [session, timeout] of packet.touched ?? []) this.#leader.zk?.touch(session, timeout);
        break;
      case 'REVALIDATE': {
        this.#ctx.metrics.count('revalidate_count');
        const valid = this.#leader.zk?.revalidate(packet.sessionId, packet.timeout ?? 0, this.#sid) ?? false;
        this.send(
          { type: 'REVALIDATE', zxid: packet.zxid, sessionId: packet.sessionId, valid },
          { rule: 'session.renewed' },
        );
        break;
      }
      case 'REQUEST':
        this.#requests++;
        this.#leader.zk?.submitLearnerRequest({
          sessionId: packet.sessionId,
          cxid: packet.cxid,
          operation: packet.operation,
          authInfo: packet.authInfo,
          owner: this.#sid,
          learner: this.conn,
          cause,
        });
        break;
      case 'FOLLOWERINFO':
      case 'OBSERVERINFO':
      case 'LEADERINFO':
      case 'ACKEPOCH':
      case 'DIFF':
      case 'TRUNC':
      case 'SNAP':
      case 'NEWLEADER':
      case 'UPTODATE':
      case 'PROPOSAL':
      case 'INFORM':
      case 'COMMIT':
      case 'COMMITANDACTIVATE':
      case 'INFORMANDACTIVATE':
      case 'SYNC':
        break; // `LearnerHandler.run` warns of an unexpected packet and reads on
      default:
        unreachable(packet);
    }
  }

  /** Learners are never throttled, only counted. */
  #beginSync(kind: SyncKind): void {
    this.#syncing = kind;
    const inProgress = this.#leader.syncsInProgress;
    inProgress[kind]++;
    this.#ctx.metrics.add(`inflight_${kind}_count`, inProgress[kind]);
    this.#ctx.metrics.count(`${kind}_count`);
  }

  #endSync(): SyncKind | null {
    const kind = this.#syncing;
    this.#syncing = null;
    if (kind) this.#leader.syncsInProgress[kind]--;
    return kind;
  }

  /** The sender takes a packet with so many behind it; `since`: it is one whose time in the queue is measured. */
  #noteQueue(behind: number, since: number | null): void {
    const { metrics } = this.#ctx;
    metrics.addTo('learner_handler_qp_size', String(this.#sid), behind);
    if (since === null) return;
    metrics.addTo('learner_handler_qp_size', String(this.#sid), behind);
    metrics.addTo('learner_handler_qp_time_ms', String(this.#sid), this.#ctx.elapsed() - since);
  }

  #startSending(): void {
    const queued = this.#queue ?? [];
    this.#queue = null;
    for (const [done, send] of queued.entries()) send(queued.length - done - 1);
  }

  #sendNow(packet: QuorumPacket, options?: EmitOptions): void {
    this.#packetsSent++;
    if (packet.type === 'PROPOSAL' || packet.type === 'INFORM') this.#lastZxid = packet.zxid;
    this.#ctx.send(this.conn, packet, options);
  }
}

/** Watches that a learner acknowledges proposals in time (`LearnerHandler.SyncLimitCheck`). */
class SyncLimitCheck {
  readonly #limitMs: number;
  #started = false;
  #current: { zxid: Zxid; at: VirtualTime } | null = null;
  #next: { zxid: Zxid; at: VirtualTime } | null = null;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  start(): void {
    this.#started = true;
  }

  get owesAck(): boolean {
    return this.#current !== null;
  }

  proposed(zxid: Zxid, at: VirtualTime): void {
    if (!this.#started) return;
    if (this.#current) this.#next = { zxid, at };
    else this.#current = { zxid, at };
  }

  acked(zxid: Zxid): void {
    if (this.#current?.zxid === zxid) {
      this.#current = this.#next;
      this.#next = null;
    } else if (this.#next?.zxid === zxid) {
      this.#next = null;
    }
  }

  timely(now: VirtualTime): boolean {
    return !this.#current || now - this.#current.at < this.#limitMs;
  }
}
