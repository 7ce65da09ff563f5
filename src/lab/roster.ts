/**
 * What the conductor knows of actors and links: who lives, which incarnation, what its disk holds when
 * it is down, and the state of each direction of each link.
 */
import { assert } from '../protocol/assert.ts';
import { clientName, serverName, sid, type ActorName, type EventRef, type Sid } from '../protocol/ids.ts';
import type { VirtualTime } from '../protocol/time.ts';
import type { Scenario } from './scenario-types.ts';
import type { ActorHandle, ActorInit, DiskImage, Hold, InitialList, LinkInit, Remains } from './types.ts';

interface ActorBase {
  readonly name: ActorName;
  readonly index: number;
  /** Null: no process. An actor whose process has ended itself keeps its machine until the next start. */
  handle: ActorHandle | null;
  exited: boolean;
  paused: boolean;
  /** Of the next process. */
  incarnation: number;
  /** Counter of the next event's reference while there is no process. */
  nextRef: number;
}
export interface ServerActor extends ActorBase {
  readonly kind: 'server';
  readonly sid: Sid;
  /** With which each of its processes is started; what its disk holds is newer. */
  list: InitialList;
  /** While the server is down. */
  disk: DiskImage;
  fsync: readonly [number, number];
  diskFull: boolean;
  clockRate: number;
}
export interface ClientActor extends ActorBase {
  readonly kind: 'client';
  server: Sid;
  sessionTimeout: number;
  readonly readOnly: boolean;
  readonly chroot: string;
}
export type Actor = ServerActor | ClientActor;

/** One direction of a link. */
export interface Direction {
  readonly from: ActorName;
  readonly to: ActorName;
  latency: readonly [number, number];
  cut: boolean;
  /** In force for the next process of `from`. While one lives, its own machine keeps count. */
  holds: readonly Hold[];
  drops: readonly Hold[];
}

export class Roster {
  readonly #scenario: Scenario;
  readonly #traced: boolean;
  readonly #actors = new Map<ActorName, Actor>();
  /** Servers that were taken away: one of the same sid goes on with their names of events. */
  readonly #removed = new Map<ActorName, ServerActor>();
  readonly #directions = new Map<string, Direction>();

  /** `disks`: what the servers' disks hold at first, by sid. */
  constructor(scenario: Scenario, disks: ReadonlyMap<number, DiskImage>, traced = true) {
    this.#scenario = scenario;
    this.#traced = traced;
    const base = { handle: null, exited: false, paused: false, incarnation: 0, nextRef: 0 };
    const { groups, weights } = scenario.ensemble;
    const list = { members: scenario.ensemble.servers, groups, weights };
    const servers = [...scenario.ensemble.servers].sort((a, b) => a.sid - b.sid);
    for (const member of servers) {
      this.#add({
        ...base,
        kind: 'server',
        name: serverName(member.sid),
        index: this.#actors.size + 1,
        sid: member.sid,
        list,
        disk: disks.get(member.sid) ?? { files: [] },
        fsync: scenario.disk.fsync,
        diskFull: false,
        clockRate: 1,
      });
    }
    for (const { name, server, sessionTimeout, readOnly, chroot } of scenario.clients) {
      this.#add({
        ...base,
        kind: 'client',
        name: clientName(name),
        index: this.#actors.size + 1,
        server: sid(server),
        sessionTimeout,
        readOnly,
        chroot,
      });
    }
    for (const from of this.#actors.values()) {
      for (const to of this.peersOf(from)) this.#link(from, to);
    }
  }

  /** A machine with an empty disk, linked to all others as at first. */
  addServer(sid: Sid, list: InitialList): ServerActor {
    const name = serverName(sid);
    assert(!this.#actors.has(name), `${name} is there already`);
    const before = this.#removed.get(name);
    this.#removed.delete(name);
    const { incarnation, nextRef, index } = before ?? {
      incarnation: 0,
      nextRef: 0,
      index: this.#actors.size + this.#removed.size + 1,
    };
    const actor: ServerActor = {
      ...{ handle: null, exited: false, paused: false, incarnation, nextRef },
      ...{ kind: 'server', name, index, sid, list, disk: { files: [] } },
      ...{ fsync: this.#scenario.disk.fsync, diskFull: false, clockRate: 1 },
    };
    this.#add(actor);
    for (const peer of this.peersOf(actor)) {
      this.#link(actor, peer);
      this.#link(peer, actor);
    }
    return actor;
  }

  removeServer(server: ServerActor): void {
    this.#actors.delete(server.name);
    this.#removed.set(server.name, server);
  }

  /** Those of the scenario, servers by sid, then clients in its order; then servers that were added. */
  get actors(): readonly Actor[] {
    return [...this.#actors.values()];
  }

  get servers(): readonly ServerActor[] {
    return this.actors.filter((actor): actor is ServerActor => actor.kind === 'server');
  }

  get directions(): readonly Direction[] {
    const here = (name: ActorName): boolean => this.#actors.has(name);
    return [...this.#directions.values()].filter(({ from, to }) => here(from) && here(to));
  }

  /** The smallest latency that any packet can have. */
  get latencyMin(): number {
    const latencies = this.directions.map(({ latency }) => latency[0]);
    // A server all alone has no link.
    return latencies.length === 0 ? this.#scenario.network.latency[0] : Math.min(...latencies);
  }

  find(name: string): Actor | null {
    return this.#actors.get(name as ActorName) ?? null;
  }

  server(n: number): ServerActor {
    const actor = this.find(`s${n}`);
    assert(actor?.kind === 'server', `no server ${n}`);
    return actor;
  }

  client(name: string): ClientActor {
    const actor = this.find(name);
    assert(actor?.kind === 'client', `no client ${name}`);
    return actor;
  }

  /** Null if the two have no link: only servers talk to clients. */
  direction(from: string, to: string): Direction | null {
    return this.#directions.get(`${from}>${to}`) ?? null;
  }

  peersOf(actor: Actor): readonly Actor[] {
    return this.actors.filter((peer) => peer !== actor && (peer.kind === 'server' || actor.kind === 'server'));
  }

  /** How a process of `actor` is started now. `starting`: actors that start at the same instant. */
  initOf(actor: Actor, startsAt: VirtualTime, cause: EventRef, starting: ReadonlySet<Actor>): ActorInit {
    const { seed, ensemble, defects } = this.#scenario;
    const { servers: _, autoStart: __, groups: ___, weights: ____, ...zoo } = ensemble;
    return {
      name: actor.name,
      index: actor.index,
      seed,
      incarnation: actor.incarnation,
      defects,
      firstRef: actor.nextRef,
      startsAt,
      traced: this.#traced,
      cause,
      links: this.peersOf(actor).map((peer) => this.linkInit(actor, peer, starting.has(peer))),
      process:
        actor.kind === 'server'
          ? {
              type: 'server',
              sid: actor.sid,
              zoo,
              ...actor.list,
              disk: actor.disk,
              fsync: actor.fsync,
              diskFull: actor.diskFull,
              clockRate: actor.clockRate,
            }
          : {
              type: 'client',
              servers: this.#hostsOf(actor),
              sessionTimeout: actor.sessionTimeout,
              readOnly: actor.readOnly,
              chroot: actor.chroot,
            },
    };
  }

  linkInit(from: Actor, to: Actor, starting = false): LinkInit {
    const there = this.direction(from.name, to.name);
    const back = this.direction(to.name, from.name);
    assert(there && back, `no link between ${from.name} and ${to.name}`);
    const { latency, holds, drops } = there;
    const up = starting || to.handle !== null;
    return { peer: to.name, peerIndex: to.index, up, latency, cutTo: there.cut, cutFrom: back.cut, holds, drops };
  }

  /** Takes what a dead process left. */
  bury(actor: Actor, { nextRef, disk, traps }: Remains): void {
    actor.handle = null;
    actor.exited = false;
    actor.paused = false;
    actor.nextRef = nextRef;
    actor.incarnation++;
    if (actor.kind === 'server' && disk) actor.disk = disk;
    for (const { peer, holds, drops } of traps) {
      const direction = this.direction(actor.name, peer);
      assert(direction, `${actor.name} has no link to ${peer}`);
      direction.holds = holds;
      direction.drops = drops;
    }
  }

  /** The client's first server, then the others of the scenario by sid, from there on and around. */
  #hostsOf(client: ClientActor): readonly Sid[] {
    const sids = this.#scenario.ensemble.servers.map((server) => server.sid).sort((a, b) => a - b);
    const first = sids.indexOf(client.server);
    // A server that was added is on nobody's list but that of who asks for it.
    return first < 0 ? [client.server, ...sids] : [...sids.slice(first), ...sids.slice(0, first)];
  }

  #link(from: Actor, to: Actor): void {
    const { latency } = this.#scenario.network;
    const direction = { from: from.name, to: to.name, latency, cut: false, holds: [], drops: [] };
    this.#directions.set(`${from.name}>${to.name}`, direction);
  }

  #add(actor: Actor): void {
    this.#actors.set(actor.name, actor);
  }
}
