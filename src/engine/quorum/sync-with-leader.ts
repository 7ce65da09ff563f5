/**
 * How a learner comes to its leader's history (`Learner.syncWithLeader`; reference/zab.md, section 5): DIFF, SNAP or TRUNC,
 * the proposals and commits behind it, and what NEWLEADER asks for. From LEADERINFO to UPTODATE.
 */
import { unreachable } from '../../protocol/assert.ts';
import type { EventRef, Sid } from '../../protocol/ids.ts';
import type { QuorumPacket, SyncMode } from '../../protocol/packets.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import { epochOf, formatZxid, type Epoch, type Zxid } from '../../protocol/zxid.ts';
import type { ServerContext } from '../context.ts';
import type { LearnerServer, QuorumVerifier } from '../ports.ts';
import type { ZKDatabase } from '../storage/index.ts';
import type { Learner } from './learner.ts';
import type { QuorumPeer } from './quorum-peer.ts';

/** A proposal that came during synchronization and is not in the log yet. */
interface UnloggedPacket {
  readonly txn: LoggedTxn;
  readonly cause: EventRef;
}

export class SyncWithLeader {
  /** When it began, whole ms of the process's clock. */
  readonly began: number;
  readonly #peer: QuorumPeer;
  readonly #ctx: ServerContext;
  readonly #db: ZKDatabase;
  readonly #learner: Learner;
  readonly #leader: Sid;
  readonly #epoch: Epoch;
  #mode: SyncMode | null = null;
  #snapshotNeeded = false;
  #writeToTxnLog = false;
  #lastQueued: Zxid | null = null;
  #packetsNotLogged: UnloggedPacket[] = [];
  #packetsCommitted: { zxid: Zxid; cause: EventRef }[] = [];
  #newLeaderConfig: QuorumVerifier | null = null;

  constructor(peer: QuorumPeer, learner: Learner, leader: Sid, epoch: Epoch) {
    this.#peer = peer;
    this.#ctx = peer.ctx;
    this.#db = peer.db;
    this.#learner = learner;
    this.#leader = leader;
    this.#epoch = epoch;
    this.began = peer.ctx.elapsed();
  }

  /** Null: the leader has not said yet. */
  get mode(): SyncMode | null {
    return this.#mode;
  }

  /** What NEWLEADER told; it holds from UPTODATE on. */
  get newLeaderConfig(): QuorumVerifier | null {
    return this.#newLeaderConfig;
  }

  /** What is not logged or not committed yet goes through the processors. */
  handOver(zk: LearnerServer): void {
    for (const packet of this.#packetsNotLogged) zk.logRequest(packet.txn, packet.cause);
    for (const commit of this.#packetsCommitted) zk.commit(commit.zxid, commit.cause);
    this.#packetsNotLogged = [];
    this.#packetsCommitted = [];
  }

  take(packet: Exclude<QuorumPacket, { type: 'UPTODATE' }>, cause: EventRef): void {
    switch (packet.type) {
      case 'DIFF':
      case 'SNAP':
      case 'TRUNC':
        // Comes first, and once.
        if (this.#mode === null) this.#beginSync(packet);
        return;
      case 'PROPOSAL':
        this.#queueProposal(packet.txn, cause);
        return;
      case 'COMMIT':
        return this.#commitDuringSync(packet.zxid, cause);
      case 'COMMITANDACTIVATE': {
        const [head] = this.#packetsNotLogged;
        if (head?.txn.header.zxid === packet.zxid && this.#learner.activate(head.txn, packet)) return;
        return this.#commitDuringSync(packet.zxid, cause);
      }
      case 'INFORM':
        if (this.#queueProposal(packet.txn, cause)) this.#commitDuringSync(packet.zxid, cause);
        return;
      case 'INFORMANDACTIVATE':
        if (this.#learner.activate(packet.txn, packet)) return;
        if (this.#queueProposal(packet.txn, cause)) this.#commitDuringSync(packet.zxid, cause);
        return;
      case 'NEWLEADER':
        this.#newLeaderConfig = this.#peer.configFromString(packet.config);
        if (this.#newLeaderConfig) this.#peer.setLastSeenQuorumVerifier(this.#newLeaderConfig, [cause]);
        return this.#newLeader();
      case 'PING':
      case 'REVALIDATE':
      case 'SYNC':
      case 'ACK':
      case 'ACKEPOCH':
      case 'FOLLOWERINFO':
      case 'OBSERVERINFO':
      case 'LEADERINFO':
      case 'REQUEST':
        return; // no case for them in `Learner.syncWithLeader`
      default:
        return unreachable(packet);
    }
  }

  #beginSync(packet: Extract<QuorumPacket, { type: 'DIFF' | 'SNAP' | 'TRUNC' }>): void {
    this.#mode = packet.type;
    this.#peer.syncMode = packet.type;
    const { type: mode, zxid } = packet;
    this.#ctx.emit({ kind: 'sync-received', mode, zxid, leader: this.#leader }, { rule: 'zab.sync-apply' });
    switch (packet.type) {
      case 'DIFF':
        this.#snapshotNeeded = this.#db.needsInitialSnapshot;
        if (this.#ctx.broken('zxid-before-diff')) this.#db.setLastProcessedZxid(packet.zxid);
        break;
      case 'SNAP':
        this.#snapshotNeeded = true;
        if (!this.#db.loadSnapshot(packet.snapshot, packet.zxid))
          return this.#learner.end('the snapshot cannot be read');
        break;
      case 'TRUNC':
        if (this.#ctx.broken('skip-trunc')) break;
        this.#snapshotNeeded = true;
        if (!this.#db.truncateLog(packet.zxid)) {
          return this.#ctx.exit(`not able to truncate the log to ${formatZxid(packet.zxid)}`);
        }
        this.#db.setLastProcessedZxid(packet.zxid);
        break;
      default:
        unreachable(packet);
    }
    this.#writeToTxnLog = !this.#snapshotNeeded;
    // Neither a snapshot nor the log tells which configuration is committed (ZOOKEEPER-2819).
    this.#db.initConfigInZKDatabase(this.#peer.quorumVerifier);
  }

  /** False if the proposal leaves a gap, which ends the role (`enforceContinuousProposal`, 3.9.4). */
  #queueProposal(txn: LoggedTxn, cause: EventRef): boolean {
    const zxid = txn.header.zxid;
    const last = this.#lastQueued;
    if (last !== null && zxid !== last + 1 && epochOf(zxid) <= epochOf(last)) {
      this.#learner.end(`proposal ${formatZxid(zxid)} does not follow ${formatZxid(last)}`);
      return false;
    }
    this.#lastQueued = zxid;
    this.#learner.see(txn, cause);
    this.#packetsNotLogged.push({ txn, cause });
    return true;
  }

  #commitDuringSync(zxid: Zxid, cause: EventRef): void {
    if (this.#writeToTxnLog) {
      this.#packetsCommitted.push({ zxid, cause });
      return;
    }
    // SNAP or TRUNC before NEWLEADER: the snapshot to come holds it.
    const head = this.#packetsNotLogged[0];
    if (head?.txn.header.zxid !== zxid) return; // the real learner warns and goes on
    this.#packetsNotLogged.shift();
    this.#apply(head.txn, [head.cause, cause]);
  }

  /**
   * Snapshot, log, fsync, currentEpoch, ACK, in this order (ZOOKEEPER-3911, -4643, -4646). All of it is done
   * once it has begun, even if the leader goes away: otherwise a log of the new epoch would stand beside the
   * old currentEpoch, and a server that finds that at its start refuses to run.
   */
  #newLeader(): void {
    this.#learner.block((done) => {
      const acknowledge = (): void => {
        this.#peer.syncMode = null;
        this.#learner.synchronized();
        done();
      };
      const log = (): void => {
        this.#writeToTxnLog = true;
        if (!this.#learner.observing && !this.#ctx.broken('ack-newleader-before-log')) this.#logCommitted();
        if (this.#ctx.broken('forget-pending-at-newleader')) this.#packetsNotLogged = [];
        this.#db.commitLog(early ? acknowledge : saveEpoch);
      };
      const saveEpoch = (): void => this.#db.saveEpoch('currentEpoch', this.#epoch, early ? log : acknowledge);
      const early = this.#ctx.broken('epoch-before-log');
      const next = early ? saveEpoch : log;
      const sync = this.#mode !== 'TRUNC' && !this.#ctx.broken('unsynced-snapshot');
      if (this.#snapshotNeeded) this.#db.takeSnapshot({ sync, roll: false }, next);
      else next();
    });
  }

  /** Appends and applies what is committed already. */
  #logCommitted(): void {
    for (const commit of this.#packetsCommitted) {
      const head = this.#packetsNotLogged[0];
      if (head?.txn.header.zxid !== commit.zxid) continue; // the real learner warns and goes on
      this.#packetsNotLogged.shift();
      this.#db.append(head.txn, [head.cause]);
      this.#apply(head.txn, [head.cause, commit.cause]);
    }
    this.#packetsCommitted = [];
  }

  #apply(txn: LoggedTxn, causes: readonly EventRef[]): void {
    this.#db.processTxn(txn, causes);
    if (!this.#ctx.broken('hole-in-committed-log')) this.#db.addCommittedProposal(txn);
  }
}
