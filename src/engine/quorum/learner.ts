/**
 * A follower or an observer: its connection to the leader, at which it registers, and broadcast
 * (`Learner`, `Follower`, `Observer`; reference/zab.md, sections 3, 7). Between them it is synchronized (sync-with-leader.ts).
 */
import { assert, unreachable } from '../../protocol/assert.ts';
import { serverName, type ConnId, type EventRef, type SessionId, type Sid } from '../../protocol/ids.ts';
import type { Packet } from '../../protocol/network.ts';
import type { QuorumPacket } from '../../protocol/packets.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import { epoch, epochOf, makeZxid, ZXID_UNKNOWN, type Epoch, type Zxid } from '../../protocol/zxid.ts';
import type { EmitOptions, Timer } from '../../process/io.ts';
import type { LearnerPort, LearnerServer, QuorumVerifier, Request } from '../ports.ts';
import { FollowerZooKeeperServer, ObserverZooKeeperServer } from '../request/index.ts';
import type { ZKDatabase } from '../storage/index.ts';
import type { ServerContext } from '../context.ts';
import type { QuorumPeer, QuorumRole } from './quorum-peer.ts';
import { ReadTimeout, type Reader } from './read-timeout.ts';
import { SyncWithLeader } from './sync-with-leader.ts';

/** `leaderConnectDelayDuringRetryMs` */
const CONNECT_RETRY_MS = 100;
const CONNECT_TRIES = 5;
/** Why a role ends with a reconfig that gives the server another role or leader. */
const CHANGES = 'changes proposed in reconfig';

type Stage = 'connecting' | 'registering' | 'synchronizing' | 'synchronized' | 'serving';

export class Learner implements QuorumRole, LearnerPort, Reader {
  /** As it registered: a reconfig may have given it another role since, and then ends this one. */
  readonly observing: boolean;
  readonly #peer: QuorumPeer;
  readonly #ctx: ServerContext;
  readonly #db: ZKDatabase;
  readonly #leader: Sid;
  #stage: Stage = 'connecting';
  #conn: ConnId | null = null;
  #tries = 0;
  #connectDeadline: Timer | null = null;
  #retry: Timer | null = null;
  /** Null before the connection stands. */
  #readTimeout: ReadTimeout | null = null;
  #ended = false;
  /** Packets that came while the learner was busy with its disk: one thread reads and writes. */
  #unread: { packet: QuorumPacket; cause: EventRef }[] = [];
  /** The event that ended the connection. It is read behind the packets, as the end of a stream is. */
  #connectionEnd: EventRef | null = null;
  /** Writes to its disk, and will go on with that whatever happens to the connection. The role does not end meanwhile. */
  #busy = false;

  #epoch: Epoch = epoch(-1);
  /** From LEADERINFO on. */
  #sync: SyncWithLeader | null = null;
  /** The last reconfig that was proposed. */
  #lastReconfig: LoggedTxn | null = null;
  #zk: LearnerServer | null = null;

  constructor(peer: QuorumPeer, leader: Sid) {
    this.#peer = peer;
    this.#ctx = peer.ctx;
    this.#db = peer.db;
    this.#leader = leader;
    this.observing = peer.learnerType === 'OBSERVER';
  }

  get quorumVerifier(): QuorumVerifier {
    return this.#peer.quorumVerifier;
  }

  get treeIncomplete(): boolean {
    return this.#sync?.mode === 'SNAP' && this.#stage === 'synchronizing';
  }

  /** At most five tries 100 ms apart, all within initLimit ticks (`Learner.connectToLeader`). */
  connectToLeader(): void {
    if (!this.quorumVerifier.member(this.#leader)) {
      return this.end(`could not find s${this.#leader} in the configuration`);
    }
    this.#tries += 1;
    this.#conn = this.#ctx.connect(serverName(this.#leader), 'quorum');
    this.#connectDeadline ??= this.#ctx.setTimer(this.#initLimitMs, () =>
      this.end(`s${this.#leader} did not accept the connection within initLimit ticks`),
    );
  }

  connected(conn: ConnId): void {
    if (conn !== this.#conn) return this.#ctx.close(conn, 'no longer wanted');
    this.#stage = 'registering';
    this.#connectDeadline?.cancel();
    this.#readTimeout = new ReadTimeout(this.#ctx, this.#initLimitMs, this);
    const type = this.observing ? 'OBSERVERINFO' : 'FOLLOWERINFO';
    this.#send(
      {
        type,
        zxid: makeZxid(Math.max(0, this.#promisedEpoch), 0),
        sid: this.#ctx.sid,
        configVersion: this.quorumVerifier.version,
      },
      { rule: 'zab.followerinfo' },
    );
  }

  connectFailed(conn: ConnId): void {
    if (conn !== this.#conn) return;
    this.#conn = null;
    if (this.#tries >= CONNECT_TRIES)
      return this.end(`could not connect to s${this.#leader} in ${CONNECT_TRIES} tries`);
    this.#retry = this.#ctx.setTimer(CONNECT_RETRY_MS, () => this.connectToLeader());
  }

  accepted(conn: ConnId): void {
    this.#ctx.close(conn, 'not leading');
  }

  closed(conn: ConnId): void {
    if (conn !== this.#conn) return;
    this.#conn = null;
    this.#connectionEnd = this.#ctx.cause;
    this.#read();
  }

  packet(conn: ConnId, packet: Packet): void {
    if (conn !== this.#conn) return;
    this.#readTimeout?.restart();
    // The sender is a leader's kernel on the quorum port: nothing but quorum packets can come here.
    this.#unread.push({ packet: packet as QuorumPacket, cause: this.#ctx.cause });
    this.#read();
  }

  shutdown(why: string): void {
    this.#ended = true;
    this.#retry?.cancel();
    this.#connectDeadline?.cancel();
    this.#readTimeout?.cancel();
    if (this.#conn !== null && !this.#ctx.broken('keep-connection')) {
      this.#ctx.metrics.add('socket_closing_time', 0);
      this.#ctx.close(this.#conn, why);
    }
    this.#zk?.shutdown(why);
  }

  // ── what the request processors ask (LearnerPort) ──

  forward(request: Request): void {
    const { sessionId, cxid, operation, authInfo } = request;
    this.#send(
      { type: 'REQUEST', zxid: ZXID_UNKNOWN, sessionId, cxid, operation, authInfo },
      { rule: 'request.forward', causes: [request.cause] },
    );
  }

  sendAck(zxid: Zxid): void {
    this.#send({ type: 'ACK', zxid }, { rule: 'zab.ack-after-fsync' });
  }

  validateSession(sessionId: SessionId, timeout: number): void {
    this.#send({ type: 'REVALIDATE', zxid: ZXID_UNKNOWN, sessionId, timeout }, { rule: 'session.renewed' });
  }

  // ── reading ──

  get reading(): boolean {
    return !this.#busy;
  }

  /** The learner's only failure detector beside a closed connection: the leader's pings keep it quiet. */
  silent(ms: number, heard: EventRef): void {
    if (this.#ctx.broken('learner-ignores-silence')) return;
    this.end(`heard nothing from s${this.#leader} for ${ms} ms`, [heard]);
  }

  #read(): void {
    while (!this.#ended && !this.#busy) {
      const next = this.#unread.shift();
      if (next) {
        this.#handle(next.packet, next.cause);
      } else {
        if (this.#connectionEnd !== null) {
          this.end(`lost the connection to s${this.#leader}`, [this.#connectionEnd]);
        }
        return;
      }
    }
  }

  /** Does something that takes disk time; nothing is read meanwhile, neither packets nor the connection's end. */
  block(work: (done: () => void) => void): void {
    this.#busy = true;
    work(() => {
      this.#busy = false;
      this.#readTimeout?.restart();
      this.#read();
    });
  }

  #handle(packet: QuorumPacket, cause: EventRef): void {
    switch (this.#stage) {
      case 'connecting':
        return assert(false, 'no packet comes before the connection');
      case 'registering':
        return this.#handleLeaderInfo(packet);
      case 'synchronizing':
      case 'synchronized':
        assert(this.#sync, 'LEADERINFO begins the synchronization');
        return packet.type === 'UPTODATE' ? this.#upToDate(this.#sync) : this.#sync.take(packet, cause);
      case 'serving':
        return this.#handleBroadcast(packet, cause);
      default:
        return unreachable(this.#stage);
    }
  }

  get #promisedEpoch(): Epoch {
    return this.#ctx.broken('forget-promise') ? this.#db.currentEpoch : this.#db.acceptedEpoch;
  }

  /** LEADERINFO: promises the epoch on disk, then answers (`Learner.registerWithLeader`). */
  #handleLeaderInfo(packet: QuorumPacket): void {
    if (packet.type !== 'LEADERINFO') return this.end(`first packet from the leader is ${packet.type}, not LEADERINFO`);
    this.#epoch = epochOf(packet.zxid);
    const accepted = this.#promisedEpoch;
    if (this.#epoch < accepted && !this.#ctx.broken('accept-old-leader')) {
      return this.end(`the leader's epoch ${this.#epoch} is less than the accepted epoch ${accepted}`);
    }
    const lastZxid = this.#db.lastProcessedZxid;
    const answer = (currentEpoch: Epoch): void => {
      this.#stage = 'synchronizing';
      this.#sync = new SyncWithLeader(this.#peer, this, this.#leader, this.#epoch);
      this.#peer.setZabState('SYNCHRONIZATION');
      this.#send({ type: 'ACKEPOCH', zxid: lastZxid, currentEpoch }, { rule: 'zab.promise-before-reply' });
    };
    if (this.#epoch <= accepted) return answer(epoch(-1)); // it has promised already and cannot vote again
    if (this.#ctx.broken('unsaved-promise')) return answer(this.#db.currentEpoch);
    this.block((done) =>
      this.#db.saveEpoch('acceptedEpoch', this.#epoch, () => {
        answer(this.#db.currentEpoch);
        done();
      }),
    );
  }

  /** All that NEWLEADER asks for is done (`Learner.syncWithLeader`). */
  synchronized(): void {
    this.#stage = 'synchronized';
    this.#readTimeout?.change(this.#ctx.zoo.syncLimit * this.#ctx.zoo.tickTime);
    this.#send({ type: 'ACK', zxid: makeZxid(this.#epoch, 0) }, { rule: 'zab.newleader-ack' });
  }

  #upToDate(sync: SyncWithLeader): void {
    if (this.#stage !== 'synchronized') return this.end('UPTODATE before NEWLEADER');
    const config = sync.newLeaderConfig;
    if (config && this.#peer.processReconfig(config, null)) return this.end(CHANGES);
    this.#stage = 'serving';
    this.#send({ type: 'ACK', zxid: makeZxid(this.#epoch, 0) }, { rule: 'zab.uptodate-ack' });
    this.#peer.updateElectionVote(this.#epoch);
    const Server = this.observing ? ObserverZooKeeperServer : FollowerZooKeeperServer;
    const zk = new Server(this.#ctx, this.#db, this.#peer.cnxnFactory, this);
    this.#zk = zk;
    this.#peer.setZabState('BROADCAST');
    const synced = this.observing ? 'observer_sync_time' : 'follower_sync_time';
    this.#ctx.metrics.add(synced, this.#ctx.elapsed() - sync.began);
    this.#ctx.emit({ kind: 'serving', epoch: this.#epoch, leader: this.#leader }, { rule: 'zab.uptodate' });
    zk.start();
    sync.handOver(zk);
  }

  /** `Follower.processPacket`, `Observer.processPacket` */
  #handleBroadcast(packet: QuorumPacket, cause: EventRef): void {
    assert(this.#zk, 'a serving learner has its processors');
    switch (packet.type) {
      case 'PING':
        return this.#send({ type: 'PING', zxid: packet.zxid, touched: this.#zk.takeTouched() }, { rule: 'zab.ping' });
      case 'PROPOSAL':
        if (this.observing) return;
        this.#ctx.metrics.count('learner_proposal_received_count');
        this.see(packet.txn, cause);
        this.#zk.logRequest(packet.txn, cause);
        this.#ctx.metrics.addLatency('proposal_latency', this.#ctx.wallClock(), packet.txn.header);
        return;
      case 'COMMIT':
        if (this.observing) return;
        this.#ctx.metrics.count('learner_commit_received_count');
        return this.#commit(packet.zxid);
      case 'COMMITANDACTIVATE': {
        if (this.observing) return;
        const txn = this.#lastReconfig;
        if (txn?.header.zxid === packet.zxid && this.#processReconfig(txn, packet)) {
          return this.#leaveWith(packet.zxid);
        }
        return this.#commit(packet.zxid);
      }
      case 'INFORM':
        if (!this.observing) return;
        this.#ctx.metrics.count('learner_commit_received_count');
        this.#zk.logRequest(packet.txn, cause);
        return this.#commit(packet.zxid);
      case 'INFORMANDACTIVATE': {
        if (!this.observing) return;
        const ends = this.#processReconfig(packet.txn, packet);
        this.#zk.logRequest(packet.txn, cause);
        return ends ? this.#leaveWith(packet.zxid) : this.#commit(packet.zxid);
      }
      case 'SYNC':
        return this.#zk.sync();
      case 'REVALIDATE':
        return this.#zk.revalidated(packet.sessionId, packet.valid ?? false);
      case 'UPTODATE':
      case 'NEWLEADER':
      case 'DIFF':
      case 'TRUNC':
      case 'SNAP':
      case 'ACK':
      case 'ACKEPOCH':
      case 'FOLLOWERINFO':
      case 'OBSERVERINFO':
      case 'LEADERINFO':
      case 'REQUEST':
        return; // an unexpected packet is logged and passed over
      default:
        return unreachable(packet);
    }
  }

  /** A reconfig is proposed: its configuration is known from now on, on disk before the transaction is. */
  see(txn: LoggedTxn, cause: EventRef): void {
    const verifier = this.#configOf(txn);
    if (!verifier) return;
    this.#lastReconfig = txn;
    this.#peer.setLastSeenQuorumVerifier(verifier, [cause]);
  }

  /** A reconfig is committed. Returns whether this ends the role. */
  #processReconfig(txn: LoggedTxn, { zxid, leader }: { readonly zxid: Zxid; readonly leader: Sid }): boolean {
    const verifier = this.#configOf(txn);
    return verifier !== null && this.#peer.processReconfig(verifier, { sid: leader, zxid });
  }

  /** The same during synchronization, where the role ends at once. */
  activate(txn: LoggedTxn, packet: { readonly zxid: Zxid; readonly leader: Sid }): boolean {
    const ends = this.#processReconfig(txn, packet);
    if (ends) this.end(CHANGES);
    return ends;
  }

  #configOf({ txn }: LoggedTxn): QuorumVerifier | null {
    const data = txn.type === 'reconfig' ? txn.data : null;
    return data && this.#peer.configFromString(new TextDecoder().decode(data));
  }

  /**
   * A reconfig ends this role. The real learner's thread closes its clients' connections before the commit has gone
   * through its processors: whoever asked for the reconfig here loses the answer. The log brings the commit to the tree.
   */
  #leaveWith(zxid: Zxid): void {
    const event = this.#ctx.emit({ kind: 'commit-received', zxid }, { rule: 'reconfig.activate' });
    this.end(CHANGES, [event]);
  }

  #commit(zxid: Zxid): void {
    const event = this.#ctx.emit({ kind: 'commit-received', zxid }, { rule: 'zab.commit' });
    this.#zk?.commit(zxid, event);
  }

  #send(packet: QuorumPacket, options: EmitOptions): void {
    if (this.#conn !== null && !this.#ended) this.#ctx.send(this.#conn, packet, options);
  }

  get #initLimitMs(): number {
    return this.#ctx.zoo.initLimit * this.#ctx.zoo.tickTime;
  }

  /** The role is over, and the peer looks for a leader. */
  end(why: string, causes: readonly EventRef[] = []): void {
    assert(!this.#busy, 'a learner finishes what it writes before its role ends');
    this.#peer.roleEnded(this, why, { rule: 'zab.role-ends', causes });
  }
}
