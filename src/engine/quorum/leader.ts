/**
 * A leader: discovery, synchronization, broadcast (`Leader`; reference/zab.md, sections 3, 6, 7, 8).
 * Each learner has a {@link LearnerHandler}; client requests go through {@link LeaderZooKeeperServer}.
 */
import { assert } from '../../protocol/assert.ts';
import type { KeeperError } from '../../protocol/errors.ts';
import type { ConnId, EventRef, Sid } from '../../protocol/ids.ts';
import type { Packet } from '../../protocol/network.ts';
import type { RuleId } from '../../protocol/rules/index.ts';
import type { LoggedTxn, Txn, TxnHeader } from '../../protocol/txns.ts';
import { counterOf, epoch, epochOf, makeZxid, ZXID_ZERO, type Epoch, type Zxid } from '../../protocol/zxid.ts';
import type { Timer } from '../../process/io.ts';
import { sameAddress } from '../../protocol/quorum-config.ts';
import { quorumVerifier, verifiersOf } from '../election/index.ts';
import type { LeaderPort, LeaderServer, QuorumVerifier, ReconfigOperation, Request } from '../ports.ts';
import { LeaderZooKeeperServer } from '../request/index.ts';
import type { ZKDatabase } from '../storage/index.ts';
import type { ServerContext } from '../context.ts';
import { BufferStats, type MonitoredLeader, type MonitoredLearner } from '../monitor/index.ts';
import { encodeTxn } from '../../protocol/jute/txn.ts';
import { AckSet } from './ack-set.ts';
import { LearnerHandler, type Farewell } from './learner-handler.ts';
import type { QuorumPeer, QuorumRole } from './quorum-peer.ts';
import { nextConfiguration } from './reconfig-request.ts';

/** A transaction on its way to a quorum (`Leader.Proposal`). */
interface Proposal {
  readonly zxid: Zxid;
  readonly logged: LoggedTxn;
  readonly acks: AckSet;
  /** The `proposed` event. */
  readonly event: EventRef;
}

/** `zookeeper.leader.ackLoggingFrequency`: of each so many zxids the latency of every ACK is measured. */
const ACK_LOGGING_FREQUENCY = 1000;

export class Leader implements QuorumRole, LeaderPort, MonitoredLeader {
  readonly treeIncomplete = false;
  readonly ctx: ServerContext;
  readonly db: ZKDatabase;
  readonly #peer: QuorumPeer;
  /** Every learner with a connection, in order of arrival. */
  readonly #handlers = new Map<ConnId, LearnerHandler>();
  /** Followers that get every new PROPOSAL and COMMIT, whether they vote or not. */
  readonly #forwardingFollowers = new Set<LearnerHandler>();
  /** Observers that get INFORM. */
  readonly #observingLearners = new Set<LearnerHandler>();
  /** Followers that are gone, with the event that says so. */
  readonly #lost = new Map<Sid, EventRef>();

  /** `self.tick`: full ticks since it began to serve. */
  tick = 0;
  #ended = false;
  #wait: Timer | null = null;
  #loop: Timer | null = null;

  // Discovery
  #epoch: Epoch;
  #epochSaved: EventRef | null = null;
  readonly #connectingFollowers: AckSet;
  #waitingForNewEpoch = true;
  readonly #electingFollowers: AckSet;
  #electionFinished = false;
  readonly #stateSummary: { readonly currentEpoch: Epoch; readonly lastZxid: Zxid };

  // Synchronization
  #newLeaderAcks: AckSet;
  #quorumFormed = false;
  #serving: EventRef | null = null;

  readonly proposalStats = new BufferStats();
  /** Learners that are being synchronized (`LearnerSyncThrottler.getSyncInProgress`). */
  readonly syncsInProgress = { snap: 0, diff: 0 };
  #startTime = 0;

  // Broadcast
  #zk: LeaderServer | null = null;
  readonly #outstanding = new Map<Zxid, Proposal>();
  readonly #toBeApplied = new Map<Zxid, Proposal>();
  /** The configuration of the reconfig that is being prepared. */
  #prepared: QuorumVerifier | null = null;
  /** False once a reconfig was committed that designates another leader: this one commits nothing more. */
  #allowedToCommit = true;
  readonly #pendingSyncs = new Map<Zxid, (Request & { owner: Sid })[]>();
  #lastProposed: Zxid;
  #lastCommitted: Zxid;

  constructor(peer: QuorumPeer) {
    this.#peer = peer;
    this.ctx = peer.ctx;
    this.db = peer.db;
    // The first two quorums are those of the committed configuration alone.
    this.#connectingFollowers = new AckSet(this.ctx, peer.quorumVerifier);
    this.#electingFollowers = new AckSet(this.ctx, peer.quorumVerifier);
    this.#newLeaderAcks = this.#ackSet();
    this.#epoch = this.db.acceptedEpoch;
    this.#stateSummary = { currentEpoch: this.db.currentEpoch, lastZxid: this.db.lastProcessedZxid };
    this.#lastProposed = this.db.lastProcessedZxid;
    this.#lastCommitted = this.db.lastProcessedZxid;
  }

  get quorumVerifier(): QuorumVerifier {
    return this.#peer.quorumVerifier;
  }

  get lastSeenQuorumVerifier(): QuorumVerifier {
    return this.#peer.lastSeenQuorumVerifier;
  }

  get lastProposed(): Zxid {
    return this.#lastProposed;
  }

  /** (e, 0), the zxid of this leader's NEWLEADER. */
  get newLeaderZxid(): Zxid {
    return makeZxid(this.#epoch, 0);
  }

  /** Null before it serves. */
  get zk(): LeaderServer | null {
    return this.#zk;
  }

  get learnerCount(): number {
    return this.#handlers.size;
  }

  get forwardingFollowers(): readonly (Sid | null)[] {
    return [...this.#forwardingFollowers].map(({ sid }) => sid);
  }

  get observingLearners(): readonly MonitoredLearner[] {
    return [...this.#observingLearners].map((handler) => handler.info);
  }

  get pendingSyncs(): number {
    return this.#pendingSyncs.size;
  }

  get uptime(): number {
    return this.#zk ? this.ctx.elapsed() - this.#startTime : 0;
  }

  /** Begins to lead: a clean snapshot, then the quorum port, then its own FOLLOWERINFO (`Leader.lead`). */
  lead(): void {
    this.db.takeSnapshot({ sync: false, roll: false }, () => undefined);
    this.ctx.listen('quorum', true);
    this.#waitForQuorum('FOLLOWERINFO');
    this.#getEpochToPropose(this.ctx.sid, this.db.acceptedEpoch);
  }

  accepted(conn: ConnId): void {
    this.#handlers.set(conn, new LearnerHandler(this, conn));
  }

  packet(conn: ConnId, packet: Packet): void {
    this.#handlers.get(conn)?.receive(packet);
  }

  closed(conn: ConnId): void {
    this.#handlers.get(conn)?.connectionClosed();
  }

  connected(): void {
    assert(false, 'a leader connects to nobody on the quorum port');
  }

  connectFailed(): void {
    // A connect of an earlier role that was under way when it ended.
  }

  shutdown(why: string): void {
    this.#ended = true;
    this.#wait?.cancel();
    this.#loop?.cancel();
    this.ctx.listen('quorum', false);
    this.#zk?.shutdown(why);
    for (const handler of [...this.#handlers.values()]) handler.shutdown({ why, rule: 'zab.role-ends' });
  }

  /** FOLLOWERINFO or OBSERVERINFO: a learner tells the epoch that it has accepted. */
  followerInfo(handler: LearnerHandler, sid: Sid, zxid: Zxid): void {
    if (this.#epochSaved !== null) handler.epochFixed(this.#epoch, this.#epochSaved);
    else if (this.#waitingForNewEpoch) this.#getEpochToPropose(sid, epochOf(zxid));
  }

  /** ACKEPOCH: a learner with more history than this leader is not followed by it (`waitForEpochAck`). */
  ackEpoch(handler: LearnerHandler, currentEpoch: Epoch, lastZxid: Zxid): void {
    if (this.#electionFinished) return handler.electionFinished();
    if (currentEpoch !== -1) {
      const mine = this.#stateSummary;
      if (currentEpoch > mine.currentEpoch || (currentEpoch === mine.currentEpoch && lastZxid > mine.lastZxid)) {
        return handler.shutdown({ why: 'is ahead of the leader', rule: 'zab.ackepoch-quorum' });
      }
      if (lastZxid !== -1 && handler.sid !== null) this.#countEpochAck(handler.sid);
    }
  }

  /** The ACK of NEWLEADER; one with another zxid does not count (`waitForNewLeaderAck`). */
  newLeaderAck(handler: LearnerHandler, zxid: Zxid): void {
    if (zxid === this.newLeaderZxid && handler.sid !== null) this.#countNewLeaderAck(handler.sid);
    if (this.#serving !== null) handler.leaderServes(this.#serving);
  }

  /** Queues what the learner's sync does not hold, and from now on everything new (`Leader.startForwarding`). */
  startForwarding(handler: LearnerHandler, lastSeenZxid: Zxid): void {
    if (this.#lastProposed > lastSeenZxid) {
      for (const proposal of this.#toBeApplied.values()) {
        if (proposal.zxid <= lastSeenZxid) continue;
        this.#sendProposal(handler, proposal);
        handler.send({ type: 'COMMIT', zxid: proposal.zxid }, { rule: 'zab.start-forwarding' });
      }
      if (!handler.observer) {
        for (const proposal of this.#outstanding.values()) {
          if (proposal.zxid > lastSeenZxid) this.#sendProposal(handler, proposal);
        }
      }
    }
    (handler.observer ? this.#observingLearners : this.#forwardingFollowers).add(handler);
  }

  learnerServes(handler: LearnerHandler): void {
    if (handler.sid === null) return;
    this.#lost.delete(handler.sid);
    this.ctx.emit({ kind: 'learner-joined', learner: handler.sid, why: 'UPTODATE sent' });
  }

  handlerEnded(handler: LearnerHandler, { why, rule, causes = [] }: Farewell): void {
    this.#handlers.delete(handler.conn);
    this.#forwardingFollowers.delete(handler);
    this.#observingLearners.delete(handler);
    if (handler.sid === null) return;
    const lost = this.ctx.emit({ kind: 'learner-lost', learner: handler.sid, why }, { rule, causes });
    if (!handler.observer) this.#lost.set(handler.sid, lost);
  }

  // ── what the request processors ask (LeaderPort) ──

  propose(request: Request & { header: TxnHeader; txn: Txn }): void {
    const { header, txn, digest } = request;
    const zxid = header.zxid;
    const opensReconfig = txn.type === 'reconfig';
    if (opensReconfig) {
      assert(this.#prepared?.version === zxid, 'a reconfig is proposed as it was prepared');
      this.#peer.setLastSeenQuorumVerifier(this.#prepared, [request.cause]);
    }
    const acks = this.#ackSet();
    const event = this.ctx.emit(
      {
        kind: 'proposed',
        zxid,
        txn: txn.type,
        ...('path' in txn ? { path: txn.path } : {}),
        ...(txn.type === 'error' ? { error: txn.error } : {}),
        sessionId: header.clientId,
        cxid: header.cxid,
        need: acks.counted.need,
        ...(acks.counted.next && { next: acks.counted.next }),
      },
      { rule: proposalRule(txn, acks.counted.next !== undefined), causes: [request.cause] },
    );
    const logged: LoggedTxn = { header, txn, ...(digest && { digest }) };
    const proposal: Proposal = { zxid, logged, acks, event };
    this.ctx.metrics.count('proposal_count');
    this.proposalStats.add(encodeTxn(logged).length);
    this.#outstanding.set(zxid, proposal);
    this.#lastProposed = zxid;
    for (const handler of this.#forwardingFollowers) this.#sendProposal(handler, proposal);
    if (!this.ctx.broken('propose-to-observers')) return;
    for (const handler of this.#observingLearners) this.#sendProposal(handler, proposal);
  }

  ackOwn(zxid: Zxid): void {
    this.processAck(this.ctx.sid, zxid);
  }

  /** An ACK of a proposal; it counts only while the proposal has no quorum yet (`Leader.processAck`). */
  processAck(sid: Sid, zxid: Zxid): void {
    if (this.#ended || !this.#allowedToCommit || counterOf(zxid) === 0 || zxid <= this.#lastCommitted) return;
    const proposal = this.#outstanding.get(zxid);
    if (!proposal) return;
    if (zxid % ACK_LOGGING_FREQUENCY === 0) {
      const latency = this.ctx.wallClock() - proposal.logged.header.time;
      if (latency >= 0) this.ctx.metrics.addTo('ack_latency', String(sid), latency);
    }
    let acked: EventRef = this.ctx.cause;
    if (proposal.acks.add(sid, this.ctx.cause)) {
      acked = this.ctx.emit(
        { kind: 'acked', zxid, from: sid, ...proposal.acks.counted },
        { rule: 'zab.ack-count', causes: [proposal.event] },
      );
    }
    // Also after the ACK of a server without a vote: what stood behind a proposal that waited for more may be ready.
    let committed = this.#tryToCommit(proposal, acked);
    if (!isReconfig(proposal)) return;
    for (let next = zxid + 1; committed && this.#allowedToCommit; next++) {
      const behind = this.#outstanding.get(next as Zxid);
      committed = behind !== undefined && this.#tryToCommit(behind, acked);
    }
  }

  prepareReconfig(operation: ReconfigOperation, zxid: Zxid): Uint8Array | KeeperError {
    const next = nextConfiguration(operation, zxid, this.ctx.zoo, this);
    if (typeof next === 'string') return next;
    this.#prepared = next;
    return new TextEncoder().encode(next.text);
  }

  /** The voters of `verifier` that are connected as followers and synced, this server included, are a quorum of it. */
  isQuorumSynced(verifier: QuorumVerifier): boolean {
    const synced = new AckSet(this.ctx, verifier);
    synced.add(this.ctx.sid, this.ctx.cause);
    for (const handler of this.#forwardingFollowers) {
      if (handler.synced && handler.sid !== null) synced.add(handler.sid, this.ctx.cause);
    }
    return synced.hasQuorum;
  }

  processSync(request: Request & { owner: Sid }): void {
    if (this.#outstanding.size === 0) {
      this.#sendSync(request);
    } else {
      const waiting = this.#pendingSyncs.get(this.#lastProposed) ?? [];
      this.#pendingSyncs.set(this.#lastProposed, [...waiting, request]);
    }
  }

  applied(zxid: Zxid): void {
    this.#toBeApplied.delete(zxid);
  }

  rollover(): void {
    this.#end('the counter of this epoch is used up', [], 'request.rollover');
  }

  // ── discovery ──

  #getEpochToPropose(sid: Sid, lastAcceptedEpoch: Epoch): void {
    const next = epoch(this.ctx.broken('reuse-epoch') ? Math.max(1, lastAcceptedEpoch) : lastAcceptedEpoch + 1);
    const lower = next < this.#epoch && this.ctx.broken('lowest-epoch');
    if (lastAcceptedEpoch >= this.#epoch || lower) this.#epoch = next;
    this.#connectingFollowers.add(sid, this.ctx.cause);
    const heard = this.ctx.emit(
      {
        kind: 'epoch-heard',
        from: sid,
        acceptedEpoch: lastAcceptedEpoch,
        heard: this.#connectingFollowers.sids,
        need: this.#peer.quorumVerifier.need,
      },
      { rule: 'zab.new-epoch' },
    );
    if (!this.#connectingFollowers.hasQuorum || !this.#connectingFollowers.has(this.ctx.sid)) return;
    this.#waitingForNewEpoch = false;
    this.#wait?.cancel();
    const causes = [...this.#connectingFollowers.events, heard];
    // Nothing ends the role while an epoch is being saved: no wait runs, and no client is served yet.
    const save = this.ctx.broken('unsaved-epoch')
      ? (done: () => void): void => done()
      : (done: () => void): void => this.db.saveEpoch('acceptedEpoch', this.#epoch, done);
    save(() => {
      this.#epochSaved = this.ctx.emit(
        { kind: 'epoch-proposed', epoch: this.#epoch },
        { rule: 'zab.new-epoch', causes },
      );
      this.#lastProposed = this.newLeaderZxid;
      this.#establishConfig();
      this.#waitForQuorum('ACKEPOCH');
      for (const handler of [...this.#handlers.values()]) handler.epochFixed(this.#epoch, this.#epochSaved);
      this.#countEpochAck(this.ctx.sid);
    });
  }

  /**
   * The configuration that the ensemble was started with gets a version, so that it wins over others that were never
   * established. NEWLEADER brings it to the learners (ZOOKEEPER-1783).
   */
  #establishConfig(): void {
    const { quorumVerifier: committed, lastSeenQuorumVerifier: lastSeen } = this.#peer;
    if (committed.version === 0 && lastSeen.version === 0) {
      this.#peer.setLastSeenQuorumVerifier(quorumVerifier({ ...committed.config, version: this.newLeaderZxid }));
    }
    this.#newLeaderAcks = this.#ackSet();
  }

  #countEpochAck(sid: Sid): void {
    if (!this.#electingFollowers.add(sid, this.ctx.cause)) return;
    this.ctx.emit(
      { kind: 'epoch-acked', from: sid, acks: this.#electingFollowers.sids, need: this.#peer.quorumVerifier.need },
      { rule: 'zab.ackepoch-quorum' },
    );
    const promised = this.#electingFollowers.hasQuorum || this.ctx.broken('lead-without-promises');
    if (!promised || !this.#electingFollowers.has(this.ctx.sid)) return;
    this.#electionFinished = true;
    this.#wait?.cancel();
    for (const handler of [...this.#handlers.values()]) handler.electionFinished();
    this.db.saveEpoch('currentEpoch', this.#epoch, () => {
      this.#peer.setZabState('SYNCHRONIZATION');
      this.#waitForQuorum('NEWLEADER');
      this.#countNewLeaderAck(this.ctx.sid);
    });
  }

  // ── synchronization ──

  #countNewLeaderAck(sid: Sid): void {
    if (this.#quorumFormed || !this.#newLeaderAcks.add(sid, this.ctx.cause)) return;
    const { counted } = this.#newLeaderAcks;
    this.ctx.emit(
      { kind: 'newleader-acked', from: sid, ...counted },
      { rule: counted.next ? 'reconfig.newleader-both' : 'zab.newleader-quorum' },
    );
    const accepted = this.#newLeaderAcks.hasQuorum || this.ctx.broken('serve-before-newleader-quorum');
    if (!accepted || !this.#newLeaderAcks.has(this.ctx.sid)) return;
    this.#quorumFormed = true;
    this.#wait?.cancel();
    this.#startZkServer();
  }

  /** All of the leader's log is committed now, without a single ACK of its own (`Leader.startZkServer`). */
  #startZkServer(): void {
    this.#lastCommitted = this.newLeaderZxid;
    this.#lastProposed = this.newLeaderZxid;
    if (this.ctx.zoo.reconfigEnabled) this.#completeReconfig();
    this.#peer.updateElectionVote(this.#epoch);
    const lastZxid = this.db.lastProcessedZxid;
    this.db.setLastProcessedZxid(this.newLeaderZxid);
    const zk = new LeaderZooKeeperServer(this.ctx, this.db, this.#peer.cnxnFactory, this);
    zk.setZxid(this.ctx.broken('zxid-of-old-epoch') ? lastZxid : this.newLeaderZxid);
    zk.start();
    if (this.ctx.zoo.initialZxid > 0) zk.setZxid(makeZxid(this.#epoch, this.ctx.zoo.initialZxid));
    this.#zk = zk;
    this.#startTime = this.ctx.elapsed();
    this.#peer.setZabState('BROADCAST');
    this.#serving = this.ctx.emit(
      { kind: 'serving', epoch: this.#epoch, leader: this.ctx.sid },
      { rule: 'zab.newleader-quorum', causes: this.#newLeaderAcks.events },
    );
    for (const handler of [...this.#handlers.values()]) handler.leaderServes(this.#serving);
    this.#watchQuorum(true);
  }

  /** What NEWLEADER told is committed: a reconfig that a former leader left open is complete (ZOOKEEPER-1324). */
  #completeReconfig(): void {
    const sid = this.#designatedLeader(this.#newLeaderAcks, this.newLeaderZxid);
    this.#peer.processReconfig(this.#peer.lastSeenQuorumVerifier, { sid, zxid: this.newLeaderZxid });
    if (sid !== this.ctx.sid) this.#allowedToCommit = false;
  }

  /**
   * Who leads the new configuration: this server if it votes there, at the same address; else one of those that have
   * acknowledged it, and of these one that has acknowledged as much as possible of what follows (`getDesignatedLeader`).
   */
  #designatedLeader(acks: AckSet, zxid: Zxid): Sid {
    const own = acks.verifier.member(this.ctx.sid);
    const address = this.#peer.quorumVerifier.member(this.ctx.sid)?.quorum ?? null;
    if (own?.role === 'participant' && sameAddress(own.quorum, address)) return this.ctx.sid;
    let candidates = acks.sidsOfLast.filter((sid) => sid !== this.ctx.sid);
    const best = (): Sid => candidates[0] ?? this.ctx.sid;
    for (let next = zxid + 1; candidates.length > 1; next++) {
      const proposal = this.#outstanding.get(next as Zxid);
      if (!proposal) break;
      // Of both configurations: who does not vote in the old one yet has acknowledged nothing there.
      for (const ackset of proposal.acks.acksets) {
        const left = candidates.filter((sid) => ackset.includes(sid));
        if (left.length === 0) return best();
        candidates = left;
      }
    }
    return best();
  }

  /** Of the committed configuration and, while a reconfig is open, of the proposed one. */
  #ackSet(): AckSet {
    const { quorumVerifier: committed, lastSeenQuorumVerifier: lastSeen } = this.#peer;
    return new AckSet(this.ctx, committed, ...verifiersOf(committed, lastSeen).slice(1));
  }

  // ── broadcast ──

  /** Wakes every half tick: pings each time, checks its quorum every second time (`Leader.lead`). */
  #watchQuorum(tickSkip: boolean): void {
    this.#loop = this.ctx.setTimer(this.ctx.zoo.tickTime / 2, () => {
      if (!tickSkip) {
        this.tick += 1;
        const synced = this.#ackSet();
        synced.add(this.ctx.sid, this.ctx.cause);
        for (const handler of this.#handlers.values()) {
          if (handler.sid !== null && handler.synced) synced.add(handler.sid, this.ctx.cause);
        }
        if (!synced.hasQuorum && !this.ctx.broken('leader-ignores-lost-quorum')) {
          const sids = synced.sids.map((sid) => `s${sid}`).join(', ');
          return this.#end(`not sufficient followers synced, only synced with ${sids}`, [...this.#lost.values()]);
        }
      }
      for (const handler of [...this.#handlers.values()]) handler.ping();
      if (this.ctx.broken('propose-again')) this.#proposeAgain();
      if (!this.#ended) this.#watchQuorum(!tickSkip);
    });
  }

  #proposeAgain(): void {
    for (const handler of this.#forwardingFollowers) {
      for (const proposal of this.#outstanding.values()) this.#sendProposal(handler, proposal);
    }
  }

  #sendProposal(handler: LearnerHandler, proposal: Proposal): void {
    handler.send(
      { type: 'PROPOSAL', zxid: proposal.zxid, txn: proposal.logged },
      { rule: 'zab.propose', causes: [proposal.event] },
    );
  }

  /**
   * Commits in zxid order, once a quorum has the proposal on disk; false if it has not (`Leader.tryToCommit`). A reconfig
   * holds from here on: whoever is no longer to lead has committed its last.
   */
  #tryToCommit(proposal: Proposal, acked: EventRef): boolean {
    const { zxid, acks } = proposal;
    const before = zxid + (this.ctx.broken('commit-newest-first') ? 1 : -1);
    if (this.#outstanding.has(before as Zxid) || !this.#hasQuorum(acks)) return false;
    this.#outstanding.delete(zxid);
    this.#toBeApplied.set(zxid, proposal);
    this.#lastCommitted = zxid;
    const committed = this.ctx.emit(
      { kind: 'committed', zxid },
      { rule: 'zab.commit-quorum', causes: [...proposal.acks.events, proposal.event, acked] },
    );
    if (isReconfig(proposal)) this.#activate(proposal, committed);
    else this.#sendCommit(proposal, committed);
    this.#zk?.commit(zxid, committed);
    for (const request of this.#pendingSyncs.get(zxid) ?? []) this.#sendSync(request);
    this.#pendingSyncs.delete(zxid);
    return true;
  }

  #hasQuorum(acks: AckSet): boolean {
    if (acks.has(this.ctx.sid) && this.ctx.broken('commit-without-quorum')) return true;
    return acks.hasQuorum || (acks.hasCommittedQuorum && this.ctx.broken('reconfig-old-quorum'));
  }

  #sendCommit({ zxid, logged }: Proposal, committed: EventRef): void {
    this.ctx.metrics.addLatency('quorum_ack_latency', this.ctx.wallClock(), logged.header);
    this.ctx.metrics.count('commit_count');
    const causes = [committed];
    for (const handler of this.#forwardingFollowers) {
      handler.send({ type: 'COMMIT', zxid }, { rule: 'zab.commit', causes });
    }
    for (const handler of this.#observingLearners) {
      handler.send({ type: 'INFORM', zxid, txn: logged }, { rule: 'zab.inform', causes });
    }
  }

  /** The new configuration holds; learners hear who leads it, and those whose leader changes go by themselves. */
  #activate({ zxid, acks, logged }: Proposal, committed: EventRef): void {
    const leader = this.#designatedLeader(acks, zxid);
    this.#peer.processReconfig(acks.verifier, { sid: leader, zxid: this.#lastProposed });
    if (leader !== this.ctx.sid) this.#allowedToCommit = false;
    const causes = [committed];
    for (const handler of this.#forwardingFollowers) {
      handler.send({ type: 'COMMITANDACTIVATE', zxid, leader }, { rule: 'reconfig.activate', causes });
    }
    for (const handler of this.#observingLearners) {
      const packet = { type: 'INFORMANDACTIVATE', zxid, txn: logged, leader } as const;
      handler.send(packet, { rule: 'reconfig.inform-activate', causes });
    }
  }

  #sendSync(request: Request & { owner: Sid }): void {
    // The learner may have gone and come back since: the answer belongs to the connection of the question.
    const handler = request.learner === undefined ? undefined : this.#handlers.get(request.learner);
    handler?.send(
      { type: 'SYNC', zxid: ZXID_ZERO, sessionId: request.sessionId, cxid: request.cxid },
      { rule: 'zab.sync', causes: [request.cause] },
    );
  }

  /** The leader itself waits for each of its three quorums, at most initLimit ticks each. */
  #waitForQuorum(of: 'FOLLOWERINFO' | 'ACKEPOCH' | 'NEWLEADER'): void {
    this.#wait?.cancel();
    this.#wait = this.ctx.setTimer(this.ctx.zoo.initLimit * this.ctx.zoo.tickTime, () => {
      const what = of === 'NEWLEADER' ? 'ACK of NEWLEADER' : of;
      this.#end(`no quorum answered with ${what} within initLimit ticks`);
    });
  }

  #end(why: string, causes: readonly EventRef[] = [], rule: RuleId = 'zab.role-ends'): void {
    this.#peer.roleEnded(this, why, { rule, causes });
  }
}

function proposalRule({ type }: Txn, open: boolean): RuleId {
  if (type === 'error') return 'request.failed-write';
  if (type === 'reconfig') return 'reconfig.propose-both';
  return open ? 'reconfig.later-proposals' : 'zab.propose';
}

function isReconfig({ logged }: Proposal): boolean {
  return logged.txn.type === 'reconfig';
}
