/**
 * One server: recovers from its disk, looks for a leader, then leads, follows or observes until that
 * ends, and looks again (`QuorumPeer.run`). It hands each input to the part that it belongs to.
 */
import { unreachable } from '../../protocol/assert.ts';
import type { ActorName, ConnId, EventRef, Sid } from '../../protocol/ids.ts';
import type { Packet, Port } from '../../protocol/network.ts';
import type { ServerState, SyncMode, Vote, ZabState } from '../../protocol/packets.ts';
import { labServer, sameAddress, type Address } from '../../protocol/quorum-config.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import { epoch, formatZxid, type Epoch, type Zxid } from '../../protocol/zxid.ts';
import type { EmitOptions, ProcessInput, ProcessOutput, Timer } from '../../process/io.ts';
import { ServerCnxnFactory } from '../connection/index.ts';
import { ServerContext } from '../context.ts';
import { DiskError } from '../disk.ts';
import { FastLeaderElection, QuorumCnxManager } from '../election/index.ts';
import type { MonitoredPeer } from '../monitor/index.ts';
import type { ElectionPeer, QuorumVerifier } from '../ports.ts';
import { ReadOnlyMode } from '../request/index.ts';
import { DatadirCleanupManager, ZKDatabase } from '../storage/index.ts';
import type { ServerEngine, ServerInit, ServerInput } from '../types.ts';
import { Leader } from './leader.ts';
import { Learner } from './learner.ts';
import { PeerConfig } from './peer-config.ts';

/** What a server does between two elections. */
export interface QuorumRole {
  /** A learner connected to the quorum port. */
  accepted(conn: ConnId): void;
  connected(conn: ConnId): void;
  connectFailed(conn: ConnId): void;
  packet(conn: ConnId, packet: Packet): void;
  closed(conn: ConnId): void;
  /** Closes clients, learner links and processors. */
  shutdown(why: string): void;
  /** The tree holds part of a snapshot only and must not be kept (ZOOKEEPER-3642). */
  readonly treeIncomplete: boolean;
}

/** `observer.election.DelayMs`: an observer waits up to so long before it looks for a leader again. */
const OBSERVER_ELECTION_DELAY_MS = 200;

export class QuorumPeer implements ServerEngine, ElectionPeer, MonitoredPeer {
  readonly ctx: ServerContext;
  readonly db: ZKDatabase;
  readonly cnxnFactory: ServerCnxnFactory;
  /** While it is being synchronized and until it serves (`setSyncMode`). */
  syncMode: SyncMode | null = null;
  readonly #config: PeerConfig;
  readonly #readOnlyMode: ReadOnlyMode;
  #cnxManager: QuorumCnxManager;
  #election: FastLeaderElection;
  /** An observer's pause before it looks for a leader. */
  #electionDelay: Timer | null = null;
  #learnerType: 'PARTICIPANT' | 'OBSERVER' = 'PARTICIPANT';
  /** A reconfig says what this server is next: no election (`reconfigFlag`). */
  #reconfigFlag = false;
  #state: ServerState = 'LOOKING';
  #zabState: ZabState = 'ELECTION';
  #leaderId = -1;
  /** Since when it does not serve, whole ms; null: it does (`unavailableStartTime`). */
  #unavailableSince: number | null = null;
  /** When it began to look for a leader, whole ms (`start_fle`). */
  #electionBegan = 0;
  #currentVote: Vote | null = null;
  #role: QuorumRole | null = null;
  #exited = false;

  constructor(init: ServerInit) {
    this.ctx = new ServerContext(init);
    this.db = new ZKDatabase(this.ctx);
    this.#config = new PeerConfig(this.ctx, init);
    this.cnxnFactory = new ServerCnxnFactory(this.ctx);
    this.cnxnFactory.monitor.peer = this;
    this.#readOnlyMode = new ReadOnlyMode(this.ctx, this.db, this.cnxnFactory);
    [this.#cnxManager, this.#election] = this.#createElection();
  }

  get quorumVerifier(): QuorumVerifier {
    return this.#config.committed;
  }

  get lastSeenQuorumVerifier(): QuorumVerifier {
    return this.#config.lastSeen;
  }

  get learnerType(): 'PARTICIPANT' | 'OBSERVER' {
    return this.#learnerType;
  }

  get zabState(): ZabState {
    return this.#zabState;
  }

  get leaderId(): number {
    return this.#leaderId;
  }

  get leading(): Leader | null {
    return this.#role instanceof Leader ? this.#role : null;
  }

  step(now: VirtualTime, input: ServerInput): readonly ProcessOutput[] {
    if (this.#exited) return [];
    const outputs = this.ctx.step(now, input.cause, () => this.#attempt(input));
    this.#exited = outputs.some((output) => output.type === 'exit');
    return outputs;
  }

  get sid(): Sid {
    return this.ctx.sid;
  }

  get state(): ServerState {
    return this.#state;
  }

  get lastLoggedZxid(): Zxid {
    return this.db.lastProcessedZxid;
  }

  get currentEpoch(): Epoch {
    return this.db.currentEpoch;
  }

  get currentVote(): Vote {
    return (
      this.#currentVote ?? {
        leader: this.sid,
        zxid: this.lastLoggedZxid,
        electionEpoch: -1,
        peerEpoch: this.currentEpoch,
      }
    );
  }

  /** `lookForLeader` has ended with `vote`. */
  elected(vote: Vote, state: ServerState): void {
    this.#currentVote = vote;
    const round = vote.electionEpoch;
    this.#take(state, state === 'LEADING' ? `elected leader in round ${round}` : `s${vote.leader} won round ${round}`);
  }

  /** Begins a role, under the leader of the current vote. */
  #take(state: ServerState, why: string, options: EmitOptions = {}): void {
    switch (state) {
      case 'LEADING':
        this.#become(state, why, options);
        this.setZabState('DISCOVERY');
        this.#role = new Leader(this);
        break;
      case 'FOLLOWING':
      case 'OBSERVING':
        this.#become(state, why, options);
        this.setZabState('DISCOVERY');
        this.#role = new Learner(this, this.currentVote.leader as Sid); // a vote that won names a voting member
        break;
      case 'LOOKING':
        break;
      default:
        unreachable(state);
    }
    // Observers do not measure it. After a reconfig there was no election, and the real server measures from 0 on.
    if (state === 'LEADING' || state === 'FOLLOWING') {
      this.ctx.metrics.add('election_time', this.ctx.elapsed() - this.#electionBegan);
      this.#electionBegan = 0;
    }
    // A leader alone in its ensemble, or a role that could not begin, acts once it is known here.
    if (this.#role instanceof Leader) this.#role.lead();
    else if (this.#role instanceof Learner) this.#role.connectToLeader();
  }

  /** Votes of settled members stay comparable (`QuorumPeer.updateElectionVote`, ZOOKEEPER-1732). */
  updateElectionVote(newEpoch: Epoch): void {
    this.#currentVote = { ...this.currentVote, peerEpoch: newEpoch };
  }

  setZabState(zabState: ZabState): void {
    this.#zabState = zabState;
    if (zabState === 'SYNCHRONIZATION') this.#leaderId = this.currentVote.leader;
    if (zabState === 'BROADCAST' && this.#unavailableSince !== null) {
      const unavailable = this.ctx.elapsed() - this.#unavailableSince;
      this.#unavailableSince = null;
      this.ctx.metrics.add('unavailable_time', unavailable);
      if (this.#state === 'LEADING') this.ctx.metrics.add('leader_unavailable_time', unavailable);
    }
    this.ctx.emit({ kind: 'zab-state', zabState });
  }

  /** The current role is over; the server looks for a leader again. Later calls of the same role do nothing. */
  roleEnded(role: QuorumRole, why: string, options: EmitOptions): void {
    if (this.#role !== role) return;
    this.#role = null;
    const observed = this.#state === 'OBSERVING';
    const ended = this.ctx.emit({ kind: 'stepped-down', why }, options);
    const early = this.ctx.broken('log-thread-survives-role');
    if (early) this.db.fastForward();
    role.shutdown(why);
    // The log thread ends first, then the tree is brought up to the log, then the server votes
    // with what it has (ZOOKEEPER-4712, -2845).
    this.db.commitLog(() => {
      if (role.treeIncomplete && !this.ctx.broken('keep-half-snapshot')) {
        this.db.clear();
        if (!this.#load()) return;
      } else if (!early && !this.ctx.broken('no-fast-forward')) {
        this.db.fastForward();
      }
      this.#updateServerState(why, ended, observed);
    });
  }

  // ── configuration ──

  /** `configFromString`; null if the text is no configuration. */
  configFromString(text: string): QuorumVerifier | null {
    return this.#config.read(text);
  }

  /** Proposed, or told by a leader: from now on known, and on its way to the disk (`setLastSeenQuorumVerifier`). */
  setLastSeenQuorumVerifier(verifier: QuorumVerifier, causes: readonly EventRef[] = []): void {
    if (!this.#config.setLastSeen(verifier, causes)) return;
    for (const { sid } of verifier.allMembers) {
      if (sid !== this.sid && !this.quorumVerifier.member(sid)) this.#cnxManager.connectOne(sid);
    }
  }

  /**
   * The configuration is committed: it holds here from now on (`processReconfig`). `leader`: whom the leader that
   * committed it has designated, and the zxid of that; null: not known. Returns whether the current role has to end, as
   * this server's role or its leader is another one now.
   */
  processReconfig(
    verifier: QuorumVerifier,
    leader: { readonly sid: Sid; readonly zxid: Zxid } | null,
    restartElection = true,
  ): boolean {
    if (!this.ctx.zoo.reconfigEnabled) return false;
    const before = this.#config.commit(verifier);
    this.db.initConfigInZKDatabase(this.quorumVerifier);
    if (before.version >= verifier.version || before.equals(verifier)) return false;
    if (restartElection) this.#restartElection();
    this.#updateClientPort(before, verifier);
    const roleChange = this.#updateLearnerType(verifier);
    if (leader) return this.#updateVote(leader.sid, leader.zxid) || roleChange;
    this.#reconfigFlag = false;
    const [old, now] = [before, verifier].map((each) => votersAddress(each, this.currentVote.leader));
    return roleChange || !old || !now || !sameAddress(old, now);
  }

  /** See {@link ElectionPeer.learnConfig} (`WorkerReceiver.run`). */
  learnConfig(config: string): boolean {
    const before = this.quorumVerifier;
    if (this.#state !== 'LOOKING' || config === before.text || !this.ctx.zoo.reconfigEnabled) return false;
    const verifier = this.configFromString(config);
    if (!verifier || verifier.version <= before.version) return false;
    this.processReconfig(verifier, null, false);
    if (verifier.equals(before)) return false;
    this.#restartElection();
    if (!this.#electionDelay) this.#lookForLeader();
    return true;
  }

  #createElection(): [QuorumCnxManager, FastLeaderElection] {
    const manager: QuorumCnxManager = new QuorumCnxManager(
      this.ctx,
      (from, packet) => election.receive(from, packet),
      (sid) => this.#config.knows(sid),
    );
    const election = new FastLeaderElection(this.ctx, this, manager);
    return [manager, election];
  }

  /** New connections and a new round: others may be asked now (`restartLeaderElection`). */
  #restartElection(): void {
    this.#election.stop();
    this.#cnxManager.halt();
    [this.#cnxManager, this.#election] = this.#createElection();
    this.#cnxManager.start();
  }

  /** Clients of the lab know the port that a server has from the start, and find no other. */
  #updateClientPort(before: QuorumVerifier, verifier: QuorumVerifier): void {
    const [old, now] = [before, verifier].map((each) => each.member(this.sid)?.client ?? null);
    if (!now || sameAddress(old ?? null, now)) return;
    const { client } = labServer({ sid: this.sid, role: 'participant' });
    this.cnxnFactory.reconfigure(sameAddress(now, client));
  }

  /** Whoever is not in the configuration is a participant without a vote. Returns whether the role is another one now. */
  #updateLearnerType(verifier: QuorumVerifier): boolean {
    const type = learnerTypeIn(verifier, this.sid);
    if (type === this.#learnerType) return false;
    this.#learnerType = type;
    this.#reconfigFlag = true;
    return true;
  }

  #updateVote(leader: Sid, zxid: Zxid): boolean {
    if (leader === this.currentVote.leader) return false;
    this.#currentVote = { leader, zxid, electionEpoch: -1, peerEpoch: epoch(-1) };
    this.#reconfigFlag = true;
    return true;
  }

  /** What comes after a role: an election, or what a reconfig has decided (`updateServerState`). */
  #updateServerState(why: string, ended: EventRef, observed: boolean): void {
    const decided = this.#reconfigFlag;
    this.#reconfigFlag = false;
    if (!decided) {
      this.#become('LOOKING', why, { causes: [ended] });
      this.setZabState('ELECTION');
    }
    const next = (): void => {
      this.#electionDelay = null;
      if (decided) this.#takeDecidedRole(ended);
      else this.#lookForLeader();
    };
    if (observed) {
      const delay = Math.floor(this.ctx.random('observer-election-delay') * OBSERVER_ELECTION_DELAY_MS);
      this.#electionDelay = this.ctx.setTimer(delay, next);
    } else {
      next();
    }
  }

  /** Straight to the designated leader of the new configuration. */
  #takeDecidedRole(ended: EventRef): void {
    this.#unavailableSince ??= this.ctx.elapsed();
    const { leader } = this.currentVote;
    const version = formatZxid(this.quorumVerifier.version);
    const learning = this.learnerType === 'PARTICIPANT' ? 'FOLLOWING' : 'OBSERVING';
    const state = leader === this.sid ? 'LEADING' : learning;
    this.#take(state, `s${leader} is the designated leader of configuration ${version}`, {
      rule: 'reconfig.direct-role',
      causes: [ended],
    });
  }

  /**
   * What cannot write to the disk ends the role, and the server looks for a leader again: the critical thread of the
   * log tells the role's loop, and all else that writes is done by that loop itself (`ZooKeeperCriticalThread`).
   */
  #attempt(input: ServerInput): void {
    try {
      this.#handle(input);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      if (this.#role) this.ctx.metrics.count('unrecoverable_error_count');
      if (this.#role) this.roleEnded(this.#role, error.message, { rule: 'storage.disk-full' });
      else this.ctx.exit(`${error.message}.`);
    }
  }

  #boot(): void {
    const refused = this.#config.load();
    if (refused !== null) {
      this.ctx.exit(refused);
      return;
    }
    this.#learnerType = learnerTypeIn(this.quorumVerifier, this.sid);
    new DatadirCleanupManager(this.ctx).start();
    if (!this.#load()) return;
    this.#cnxManager.start();
    this.cnxnFactory.start();
    this.#become('LOOKING', 'the process has started');
    this.setZabState('ELECTION');
    this.#lookForLeader();
  }

  #lookForLeader(): void {
    this.ctx.metrics.count('looking_count');
    this.#unavailableSince ??= this.ctx.elapsed();
    this.#electionBegan = this.ctx.elapsed();
    this.#election.lookForLeader();
  }

  /** Reads everything from disk; a disk that cannot be trusted ends the process. */
  #load(): boolean {
    const loaded = this.db.load({ config: this.quorumVerifier });
    if (!loaded.ok) this.ctx.exit(loaded.reason);
    return loaded.ok;
  }

  #become(state: ServerState, why: string, options: EmitOptions = {}): void {
    this.#state = state;
    if (state === 'LOOKING') this.#leaderId = -1;
    this.ctx.emit({ kind: 'server-state', state, why }, options);
    if (state === 'LOOKING') this.#readOnlyMode.looking();
    else this.#readOnlyMode.decided();
  }

  #handle(input: ServerInput): void {
    switch (input.type) {
      case 'boot':
        this.#boot();
        break;
      case 'timer':
        this.ctx.takeTimer(input.timer)?.();
        break;
      case 'fsynced':
      case 'written':
        this.ctx.takeFsync(input.token)();
        break;
      case 'ask':
        this.cnxnFactory.ask(input.command);
        break;
      case 'connected':
      case 'connect-failed':
      case 'accepted':
      case 'packet':
      case 'closed': {
        const owner = this.#owner(input.port);
        if (owner) dispatch(input, owner);
        // Between two roles nobody owns the quorum port: what was on its way to the old role is turned away.
        else if (input.type === 'accepted') this.ctx.close(input.conn, 'not leading');
        break;
      }
      default:
        unreachable(input);
    }
  }

  #owner(port: Port): PortOwner | null {
    switch (port) {
      case 'election':
        return this.#cnxManager;
      case 'client':
        return this.cnxnFactory;
      case 'quorum':
        return this.#role;
      default:
        return unreachable(port);
    }
  }
}

function learnerTypeIn(verifier: QuorumVerifier, sid: Sid): 'PARTICIPANT' | 'OBSERVER' {
  return verifier.observingMembers.includes(sid) ? 'OBSERVER' : 'PARTICIPANT';
}

function votersAddress(verifier: QuorumVerifier, sid: number): Address | null {
  const member = verifier.member(sid);
  return member?.role === 'participant' ? member.quorum : null;
}

type NetworkInput = Extract<ProcessInput, { readonly conn: ConnId }>;

/** The part of the server that owns a port. */
interface PortOwner {
  accepted(conn: ConnId, peer: ActorName): void;
  connected?(conn: ConnId, peer: ActorName): void;
  connectFailed?(conn: ConnId, peer: ActorName): void;
  packet(conn: ConnId, packet: Packet, peer: ActorName): void;
  closed(conn: ConnId, peer: ActorName): void;
}

function dispatch(input: NetworkInput, owner: PortOwner): void {
  switch (input.type) {
    case 'accepted':
      return owner.accepted(input.conn, input.peer);
    case 'connected':
      return owner.connected?.(input.conn, input.peer);
    case 'connect-failed':
      return owner.connectFailed?.(input.conn, input.peer);
    case 'packet':
      return owner.packet(input.conn, input.packet, input.peer);
    case 'closed':
      return owner.closed(input.conn, input.peer);
    default:
      return unreachable(input);
  }
}
