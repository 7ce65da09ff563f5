/**
 * One server: recovers from its disk, looks for a leader, then leads, follows or observes until that
 * ends, and looks again (`QuorumPeer.run`). It hands each input to the part that it belongs to.
 */
import { unreachable } from '../../protocol/assert.ts';
import type { ActorName, ConnId, EventRef, Sid } from '../../protocol/ids.ts';
import type { Packet, Port } from '../../protocol/network.ts';
import type { ServerState, Vote, ZabState } from '../../protocol/packets.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import type { Epoch, Zxid } from '../../protocol/zxid.ts';
import type { EmitOptions, ProcessInput, ProcessOutput } from '../../process/io.ts';
import { ServerCnxnFactory } from '../connection/index.ts';
import { ServerContext } from '../context.ts';
import { FastLeaderElection, QuorumCnxManager, QuorumMaj } from '../election/index.ts';
import type { ElectionPeer, QuorumVerifier } from '../ports.ts';
import { ZKDatabase } from '../storage/index.ts';
import type { ServerEngine, ServerInit } from '../types.ts';
import { Leader } from './leader.ts';
import { Learner } from './learner.ts';

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

export class QuorumPeer implements ServerEngine, ElectionPeer {
  readonly ctx: ServerContext;
  readonly db: ZKDatabase;
  readonly quorumVerifier: QuorumVerifier;
  readonly learnerType: 'PARTICIPANT' | 'OBSERVER';
  readonly cnxnFactory: ServerCnxnFactory;
  readonly #cnxManager: QuorumCnxManager;
  readonly #election: FastLeaderElection;
  #state: ServerState = 'LOOKING';
  #currentVote: Vote | null = null;
  #role: QuorumRole | null = null;
  #exited = false;

  constructor(init: ServerInit) {
    this.ctx = new ServerContext(init);
    this.db = new ZKDatabase(this.ctx);
    this.quorumVerifier = new QuorumMaj(init.members);
    const observes = init.members.some((member) => member.sid === init.sid && member.role === 'observer');
    this.learnerType = observes ? 'OBSERVER' : 'PARTICIPANT';
    this.cnxnFactory = new ServerCnxnFactory(this.ctx);
    this.#cnxManager = new QuorumCnxManager(this.ctx, (from, packet) => this.#election.receive(from, packet));
    this.#election = new FastLeaderElection(this.ctx, this, this.#cnxManager);
  }

  step(now: VirtualTime, input: ProcessInput): readonly ProcessOutput[] {
    if (this.#exited) return [];
    const outputs = this.ctx.step(now, input.cause, () => this.#handle(input));
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
    switch (state) {
      case 'LEADING':
        this.#become(state, `elected leader in round ${vote.electionEpoch}`);
        this.setZabState('DISCOVERY');
        this.#role = new Leader(this);
        break;
      case 'FOLLOWING':
      case 'OBSERVING':
        this.#become(state, `s${vote.leader} won round ${vote.electionEpoch}`);
        this.setZabState('DISCOVERY');
        this.#role = new Learner(this, vote.leader as Sid); // a vote that won names a voting member
        break;
      case 'LOOKING':
        break;
      default:
        unreachable(state);
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
    this.ctx.emit({ kind: 'zab-state', zabState });
  }

  /** The current role is over; the server looks for a leader again. Later calls of the same role do nothing. */
  roleEnded(role: QuorumRole, why: string, options: EmitOptions): void {
    if (this.#role !== role) return;
    this.#role = null;
    const ended = this.ctx.emit({ kind: 'stepped-down', why }, options);
    role.shutdown(why);
    // The log thread ends first, then the tree is brought up to the log, then the server votes
    // with what it has (ZOOKEEPER-4712, -2845).
    this.db.commitLog(() => {
      if (role.treeIncomplete) {
        this.db.clear();
        if (!this.#load()) return;
      } else {
        this.db.fastForward();
      }
      this.#become('LOOKING', why, [ended]);
      this.setZabState('ELECTION');
      if (this.learnerType === 'OBSERVER') {
        const delay = Math.floor(this.ctx.random('observer-election-delay') * OBSERVER_ELECTION_DELAY_MS);
        this.ctx.setTimer(delay, () => this.#election.lookForLeader());
      } else {
        this.#election.lookForLeader();
      }
    });
  }

  #boot(): void {
    if (!this.#load()) return;
    this.#cnxManager.start();
    this.cnxnFactory.start();
    this.#become('LOOKING', 'the process has started');
    this.setZabState('ELECTION');
    this.#election.lookForLeader();
  }

  /** Reads everything from disk; a disk that cannot be trusted ends the process. */
  #load(): boolean {
    const loaded = this.db.load();
    if (!loaded.ok) this.ctx.exit(loaded.reason);
    return loaded.ok;
  }

  #become(state: ServerState, why: string, causes: readonly EventRef[] = []): void {
    this.#state = state;
    this.ctx.emit({ kind: 'server-state', state, why }, { causes });
  }

  #handle(input: ProcessInput): void {
    switch (input.type) {
      case 'boot':
        this.#boot();
        break;
      case 'timer':
        this.ctx.takeTimer(input.timer)?.();
        break;
      case 'fsynced':
        this.ctx.takeFsync(input.token)();
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
