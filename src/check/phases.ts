/**
 * Who is in which phase: a packet reaches a server that handles it, from its own leader (`messageIllegal`), in the phase
 * for it, and a leader's phase fits what it has counted (`stateInconsistent`). Sources: `Zab.tla`, `ZkV3_7_0.tla`;
 * quorums: `Leader.getEpochToPropose`, `waitForEpochAck`, `waitForNewLeaderAck`.
 */
import type { ActorName, EventId, Sid } from '../protocol/ids.ts';
import type { PacketType } from '../protocol/network.ts';
import type { ServerState, ZabState } from '../protocol/packets.ts';
import { hasQuorum, type KnownConfigs } from './quorums.ts';
import type { Checker, Handlers, Report } from './types.ts';
import type { World } from './world.ts';

/** Who of the leader's learners were counted, and the events of that. */
class Count {
  readonly sids: Sid[] = [];
  readonly events: EventId[] = [];

  add(sid: Sid, event: EventId): void {
    this.sids.push(sid);
    this.events.push(event);
  }
}

interface Peer {
  state: ServerState | 'STANDALONE' | null;
  stateEvent: EventId;
  zabState: ZabState;
  zabEvent: EventId;
  /** Whom it has sent FOLLOWERINFO or OBSERVERINFO in this role. */
  leader: ActorName | null;
  leaderEvent: EventId;
  epochs: Count;
  ackEpochs: Count;
  newLeaderAcks: Count;
  /** ACKs of NEWLEADER were a quorum of all configurations that counted then. */
  established: boolean;
}

export const phases: Checker = (world, report) => new Phases(world, report).handlers;

class Phases {
  readonly #world: World;
  readonly #report: Report;
  readonly #peers = new Map<ActorName, Peer>();

  constructor(world: World, report: Report) {
    this.#world = world;
    this.#report = report;
  }

  readonly handlers: Handlers = {
    'process-started': ({ actor }) => this.#peers.delete(actor),
    'server-state': ({ actor, state, id }) => {
      const { zabState, zabEvent } = this.#peers.get(actor) ?? { zabState: 'ELECTION', zabEvent: id };
      this.#peers.set(actor, {
        state,
        stateEvent: id,
        zabState,
        zabEvent,
        leader: null,
        leaderEvent: id,
        epochs: new Count(),
        ackEpochs: new Count(),
        newLeaderAcks: new Count(),
        established: false,
      });
    },
    'stepped-down': ({ actor }) => {
      const peer = this.#peers.get(actor);
      if (peer) peer.leader = null;
    },
    'zab-state': ({ actor, zabState, id }) => {
      const peer = this.#peers.get(actor);
      if (!peer) return;
      peer.zabState = zabState;
      peer.zabEvent = id;
      if (peer.state === 'LEADING') this.#leads(actor, peer);
    },
    'epoch-heard': ({ actor, from, id }) => this.#peers.get(actor)?.epochs.add(from, id),
    'epoch-proposed': ({ actor, epoch }) => {
      const peer = this.#peers.get(actor);
      if (!peer || this.#hasCommittedQuorum(actor, peer.epochs)) return;
      this.#state(actor, `${actor} fixes epoch ${epoch}`, 'told it their accepted epochs', peer.epochs);
    },
    'epoch-acked': ({ actor, from, id }) => this.#peers.get(actor)?.ackEpochs.add(from, id),
    'newleader-acked': ({ actor, from, id }) => {
      const peer = this.#peers.get(actor);
      if (!peer) return;
      peer.newLeaderAcks.add(from, id);
      peer.established ||= hasQuorum(this.#configOf(actor), peer.newLeaderAcks.sids);
    },
    send: (event) => {
      if (event.port !== 'quorum') return;
      const { type } = event.packet;
      if (type !== 'FOLLOWERINFO' && type !== 'OBSERVERINFO') return;
      const peer = this.#peers.get(event.actor);
      if (!peer) return;
      peer.leader = event.to;
      peer.leaderEvent = event.id;
    },
    receive: ({ actor, type, from, message }) => {
      const side = SIDES[type];
      if (side === undefined) return;
      const peer = this.#peers.get(actor);
      if (!peer) return;
      if (side === 'leader') {
        if (peer.state !== 'LEADING')
          this.#illegal(actor, type, from, [message, peer.stateEvent], `is ${String(peer.state)}`);
      } else if (peer.leader !== from) {
        const does = peer.leader === null ? `is ${String(peer.state)} and follows nobody` : `follows ${peer.leader}`;
        this.#illegal(actor, type, from, [message, peer.leader === null ? peer.stateEvent : peer.leaderEvent], does);
      } else if (side !== 'learner' && peer.zabState !== side) {
        const says = `${actor} gets ${type} from ${from} in ${peer.zabState}; it should come in ${side}.`;
        this.#report({
          property: 'stateInconsistent',
          says,
          proof: [message, peer.zabEvent],
          about: `${actor} ${type}`,
        });
      }
    },
  };

  /** A leader has entered a phase. */
  #leads(actor: ActorName, { zabState, ackEpochs, newLeaderAcks, established }: Peer): void {
    if (zabState === 'SYNCHRONIZATION' && !this.#hasCommittedQuorum(actor, ackEpochs)) {
      this.#state(actor, `${actor} begins to synchronize`, 'acknowledged its epoch', ackEpochs);
    } else if (zabState === 'BROADCAST' && !established) {
      this.#state(actor, `${actor} begins to serve as leader`, 'acknowledged NEWLEADER', newLeaderAcks);
    }
  }

  #configOf(actor: ActorName): KnownConfigs | null {
    return this.#world.servers.get(actor)?.config ?? null;
  }

  /** For epochs a proposed configuration does not count. */
  #hasCommittedQuorum(actor: ActorName, { sids }: Count): boolean {
    return this.#configOf(actor)?.committed.has(sids) ?? true;
  }

  #state(actor: ActorName, does: string, what: string, { sids, events }: Count): void {
    const who =
      sids.length === 0
        ? 'nobody has'
        : `only ${sids.map((sid) => `s${sid}`).join(', ')} ${sids.length === 1 ? 'has' : 'have'}`;
    const says = `${does}, but ${who} ${what}: that is no quorum.`;
    this.#report({ property: 'stateInconsistent', says, proof: events, about: `${actor} ${does}` });
  }

  #illegal(actor: ActorName, type: PacketType, from: ActorName, proof: readonly EventId[], does: string): void {
    const says = `${actor} gets ${type} from ${from}, but it ${does}.`;
    this.#report({ property: 'messageIllegal', says, proof, about: `${actor} ${from}` });
  }
}

/**
 * Who handles a packet: a leader; a learner, in any phase or in one only. PING and REVALIDATE go both ways; what else
 * there is has nothing to do with ZAB.
 */
const SIDES: Readonly<Partial<Record<PacketType, 'leader' | 'learner' | ZabState>>> = {
  FOLLOWERINFO: 'leader',
  OBSERVERINFO: 'leader',
  ACKEPOCH: 'leader',
  ACK: 'leader',
  REQUEST: 'leader',
  LEADERINFO: 'DISCOVERY',
  DIFF: 'SYNCHRONIZATION',
  TRUNC: 'SYNCHRONIZATION',
  SNAP: 'SYNCHRONIZATION',
  NEWLEADER: 'SYNCHRONIZATION',
  UPTODATE: 'SYNCHRONIZATION',
  PROPOSAL: 'learner',
  COMMIT: 'learner',
  COMMITANDACTIVATE: 'learner',
  INFORM: 'learner',
  INFORMANDACTIVATE: 'learner',
  SYNC: 'learner',
};
