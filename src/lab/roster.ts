/**
 * What the conductor knows of actors and links: who lives, which incarnation, what its disk holds when
 * it is down, and the state of each direction of each link.
 */
import { assert } from '../protocol/assert.ts';
import { clientName, serverName, sid, type ActorName, type EventRef, type Sid } from '../protocol/ids.ts';
import type { VirtualTime } from '../protocol/time.ts';
import type { Scenario } from './scenario-types.ts';
import type { ActorHandle, ActorInit, DiskImage, Hold, LinkInit, Remains } from './types.ts';

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
  /** While the server is down. */
  disk: DiskImage;
  fsync: readonly [number, number];
  clockRate: number;
}
export interface ClientActor extends ActorBase {
  readonly kind: 'client';
  server: Sid;
  sessionTimeout: number;
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
  readonly #actors = new Map<ActorName, Actor>();
  readonly #directions = new Map<string, Direction>();

  /** `disks`: what the servers' disks hold at first, by sid. */
  constructor(scenario: Scenario, disks: ReadonlyMap<number, DiskImage>) {
    this.#scenario = scenario;
    const base = { handle: null, exited: false, paused: false, incarnation: 0, nextRef: 0 };
    const servers = [...scenario.ensemble.servers].sort((a, b) => a.sid - b.sid);
    for (const member of servers) {
      this.#add({
        ...base,
        kind: 'server',
        name: serverName(member.sid),
        index: this.#actors.size + 1,
        sid: member.sid,
        disk: disks.get(member.sid) ?? { files: [] },
        fsync: scenario.disk.fsync,
        clockRate: 1,
      });
    }
    for (const { name, server, sessionTimeout } of scenario.clients) {
      this.#add({
        ...base,
        kind: 'client',
        name: clientName(name),
        index: this.#actors.size + 1,
        server: sid(server),
        sessionTimeout,
      });
    }
    for (const from of this.#actors.values()) {
      for (const to of this.peersOf(from)) {
        this.#directions.set(`${from.name}>${to.name}`, {
          from: from.name,
          to: to.name,
          latency: scenario.network.latency,
          cut: false,
          holds: [],
          drops: [],
        });
      }
    }
  }

  /** Servers by sid, then clients in the scenario's order. */
  get actors(): readonly Actor[] {
    return [...this.#actors.values()];
  }

  get servers(): readonly ServerActor[] {
    return this.actors.filter((actor): actor is ServerActor => actor.kind === 'server');
  }

  get directions(): readonly Direction[] {
    return [...this.#directions.values()];
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
    const { seed, ensemble } = this.#scenario;
    const { servers, autoStart: _, ...zoo } = ensemble;
    return {
      name: actor.name,
      index: actor.index,
      seed,
      incarnation: actor.incarnation,
      firstRef: actor.nextRef,
      startsAt,
      cause,
      links: this.peersOf(actor).map((peer) => this.linkInit(actor, peer, starting.has(peer))),
      process:
        actor.kind === 'server'
          ? {
              type: 'server',
              sid: actor.sid,
              zoo,
              members: servers,
              disk: actor.disk,
              fsync: actor.fsync,
              clockRate: actor.clockRate,
            }
          : { type: 'client', servers: this.#hostsOf(actor), sessionTimeout: actor.sessionTimeout },
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

  /** The client's first server, then the others by sid, from there on and around. */
  #hostsOf(client: ClientActor): readonly Sid[] {
    const sids = this.servers.map((server) => server.sid);
    const first = sids.indexOf(client.server);
    return [...sids.slice(first), ...sids.slice(0, first)];
  }

  #add(actor: Actor): void {
    this.#actors.set(actor.name, actor);
  }
}
