/**
 * Grants virtual time to the actors, splits it where actions take effect, and makes one trace of what
 * they report. Nothing here depends on where grants end: an action meets every actor right before its
 * instant, and windows are only how far actors may run without hearing of each other.
 */
import { assert, unreachable } from '../protocol/assert.ts';
import type { EventBody, RawEvent } from '../protocol/events.ts';
import type { Role } from '../protocol/config.ts';
import { LAB, RefSource, sid, type ActorName, type EventRef, type Sid } from '../protocol/ids.ts';
import { Random } from '../protocol/random.ts';
import { virtualTime, type VirtualTime } from '../protocol/time.ts';
import { MemoryDisk } from '../engine/index.ts';
import type { ConfigView, Trace } from '../trace/index.ts';
import type { Action, ActionBody } from './actions.ts';
import { EventMerger } from './merge.ts';
import { namedFiles, refusal, runs } from './refusal.ts';
import { joinerList } from './joiner.ts';
import { Roster, type Actor, type Direction, type ServerActor } from './roster.ts';
import type { Scenario } from './scenario-types.ts';
import type { ActorHost, Control, DiskImage, Hold, Report } from './types.ts';
import { BEFORE_START, headBefore, windowFor } from './window.ts';

/** An actor's own failure: a bug of a process or a worker that is gone. */
export class ActorError extends Error {
  override readonly name = 'ActorError';
  readonly actor: ActorName;
  constructor(actor: ActorName, cause: unknown) {
    super(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), { cause });
    this.actor = actor;
  }
}

export interface ConductorOptions {
  /** Windows are never longer than this, ms: for tests. */
  readonly windowMax?: number;
  /** Grants are never longer than this, ms. */
  readonly grantMax?: number;
  /** Whether events are kept; true if absent. Of a lab without them nothing can be shown: for benchmarks. */
  readonly traced?: boolean;
}

/** Reports of a longer span would be large, and the trace would grow in leaps. */
const GRANT_MAX = 2000;

export class Conductor {
  readonly roster: Roster;
  readonly #scenario: Scenario;
  readonly #host: ActorHost;
  readonly #trace: Trace;
  readonly #merger = new EventMerger();
  readonly #refs = new RefSource(0);
  readonly #windowMax: number;
  readonly #grantMax: number;
  /** For the next grant. */
  readonly #controls = new Map<ActorName, Control[]>();
  /** Happened, but later than `head`: the next grant's reports join them. */
  #pending: RawEvent[] = [];
  /** What the last grant brought and the trace does not hold yet. */
  #unkept: readonly Pick<Report, 'events'>[] = [];
  #head = BEFORE_START;
  #next = Infinity;
  /** The instant at which actions take effect, one after the other. */
  #now = virtualTime(0);

  constructor(
    scenario: Scenario,
    disks: ReadonlyMap<number, DiskImage>,
    host: ActorHost,
    trace: Trace,
    options: ConductorOptions = {},
  ) {
    this.#scenario = scenario;
    this.#host = host;
    this.#trace = trace;
    this.#windowMax = options.windowMax ?? Infinity;
    this.#grantMax = options.grantMax ?? GRANT_MAX;
    this.roster = new Roster(scenario, disks, options.traced ?? true);
  }

  /** Every actor has run up to here, inclusive. */
  get head(): VirtualTime {
    return virtualTime(Math.max(0, this.#head));
  }

  /** The earliest instant after `head` at which an actor does something by itself; null: there is none. */
  get next(): VirtualTime | null {
    return this.#next === Infinity ? null : virtualTime(this.#next);
  }

  /** Starts the processes that the scenario starts, and runs instant 0 after `actions`, which take effect then. */
  async start(actions: readonly Action[]): Promise<void> {
    const { seed, title, ensemble } = this.#scenario;
    const cause = this.#emit({ kind: 'lab-started', seed, title }, []);
    await this.#spawn(
      ensemble.autoStart ? this.roster.actors : this.roster.actors.filter((each) => each.kind === 'client'),
      cause,
    );
    for (const action of actions) await this.act(action);
    await this.run(virtualTime(0));
  }

  /** Runs everything up to `to`, inclusive, and tells the trace. */
  async run(to: VirtualTime): Promise<void> {
    await this.#advance(to);
    this.keep();
  }

  async #advance(to: VirtualTime): Promise<void> {
    while (this.#head < to) await this.#grant(virtualTime(Math.min(to, Math.max(this.#head, 0) + this.#grantMax)));
  }

  /** An action takes effect at its instant, before anything else of it; refused, it leaves an event that says why. */
  async act(action: Action): Promise<void> {
    const at = virtualTime(action.at);
    const before = headBefore(at);
    assert(before >= this.#head, `an action at ${at} ms comes too late: it is ${this.#head} ms`);
    if (before >= 0) await this.#advance(virtualTime(before));
    this.#now = at;
    const reason = refusal(action, this.roster);
    if (reason === null) await this.#apply(action, this.#emit({ kind: 'action', action: { ...action } }, []));
    else this.#emit({ kind: 'action-refused', action: { ...action }, reason }, []);
  }

  /** Puts into the trace what has happened up to `head`: {@link act} leaves that to the {@link run} that follows. */
  keep(): void {
    const reports = this.#unkept;
    this.#unkept = [];
    this.#trace.append(this.#merger.merge(reports.map(({ events }) => events)));
  }

  /** The files of server `sid` as they are at `head`; null: there is no such server. */
  async disk(sid: number): Promise<DiskImage | null> {
    const server = this.roster.servers.find((each) => Number(each.sid) === sid);
    if (!server) return null;
    return server.handle ? this.#of(server, server.handle.disk()) : server.disk;
  }

  async #grant(to: VirtualTime): Promise<void> {
    const window = windowFor(Math.max(1, Math.min(this.roster.latencyMin, this.#windowMax)));
    const running = this.roster.actors.filter((actor) => actor.handle !== null);
    const answers = running.map((actor) => {
      const controls = this.#controls.get(actor.name) ?? [];
      return this.#of(actor, actor.handle?.advance({ to, window, controls }));
    });
    this.#controls.clear();
    // While workers run this grant, what they did in the one before goes into the trace.
    const [reports] = await Promise.all([Promise.all(answers), Promise.resolve().then(() => this.keep())]);
    running.forEach((actor, index) => {
      actor.exited = (reports[index]?.exited ?? null) !== null;
    });
    this.#unkept = [{ events: this.#pending }, ...reports];
    this.#pending = [];
    this.#next = Math.min(...reports.map(({ next }) => next ?? Infinity));
    this.#head = to;
  }

  /** Names the actor whose call fails. */
  async #of<T>(actor: Actor, call: Promise<T> | undefined): Promise<T> {
    try {
      assert(call, `${actor.name} does not run`);
      return await call;
    } catch (error) {
      throw new ActorError(actor.name, error);
    }
  }

  async #apply(action: ActionBody, cause: EventRef): Promise<void> {
    const roster = this.roster;
    switch (action.do) {
      case 'kill':
        await this.#kill(roster.server(action.server), cause);
        return;
      case 'restart':
        await this.#restart(roster.server(action.server), cause);
        return;
      case 'add-server':
        await this.#addServer(sid(action.sid), action.role ?? 'participant', cause);
        return;
      case 'remove-server': {
        const server = roster.server(action.sid);
        // Its own event, behind those of its end.
        await this.#report(server, { kind: 'server-removed', sid: server.sid }, cause);
        for (const peer of roster.peersOf(server)) this.#tell(peer, { type: 'peer-removed', peer: server.name, cause });
        roster.removeServer(server);
        await this.#host.storeDisk?.(server.name, null);
        return;
      }
      case 'disconnect':
        await this.#kill(roster.client(action.client), cause);
        return;
      case 'ask': {
        const { server, command } = action;
        this.#tell(roster.server(server), { type: 'ask', command, cause });
        return;
      }
      case 'connect': {
        const client = roster.client(action.client);
        const server = action.server === undefined ? null : sid(action.server);
        const sessionTimeout = action.sessionTimeout ?? null;
        if (runs(client)) {
          this.#tell(client, { type: 'command', command: { do: 'connect', server, sessionTimeout }, cause });
          return;
        }
        client.server = server ?? client.server;
        client.sessionTimeout = sessionTimeout ?? client.sessionTimeout;
        await this.#restart(client, cause);
        return;
      }
      case 'request': {
        const { do: _, client, at: __, ...request } = action as Action & { do: 'request' };
        this.#tell(roster.client(client), { type: 'command', command: { do: 'request', request }, cause });
        return;
      }
      case 'console': {
        const { client, line } = action;
        this.#tell(roster.client(client), { type: 'command', command: { do: 'console', line }, cause });
        return;
      }
      case 'pause':
      case 'resume': {
        const actor = 'server' in action ? roster.server(action.server) : roster.client(action.client);
        actor.paused = action.do === 'pause';
        this.#tell(actor, { type: action.do, cause });
        return;
      }
      case 'wipe': {
        const server = roster.server(action.server);
        await this.#clearAway(server, cause);
        await this.#setDisk(server, { files: [] });
        await this.#report(server, { kind: 'disk-wiped' }, cause);
        return;
      }
      case 'corrupt': {
        const server = roster.server(action.server);
        await this.#clearAway(server, cause);
        const disk = MemoryDisk.fromImage(server.disk);
        const random = Random.stream(this.#scenario.seed, `corrupt/${server.name}/${cause}`);
        const { file } = action;
        const torn = action.offset === 'tail';
        const offset = torn ? disk.tear(file, random) : disk.corrupt(file, action.offset, random);
        await this.#setDisk(server, disk.image());
        await this.#report(server, { kind: torn ? 'disk-torn' : 'disk-corrupted', file, offset }, cause);
        return;
      }
      case 'remove-file': {
        const server = roster.server(action.server);
        await this.#clearAway(server, cause);
        const gone = namedFiles(server.disk.files, action.file);
        await this.#setDisk(server, { files: server.disk.files.filter(({ name }) => !gone.includes(name)) });
        for (const file of gone) await this.#report(server, { kind: 'disk-file-removed', file }, cause);
        return;
      }
      case 'disk-full': {
        const server = roster.server(action.server);
        const full = action.full ?? true;
        server.diskFull = full;
        if (runs(server)) this.#tell(server, { type: 'disk-full', full, cause });
        else await this.#report(server, { kind: 'disk-full', full }, cause);
        return;
      }
      case 'disk': {
        const server = roster.server(action.server);
        server.fsync = action.fsync;
        if (runs(server)) this.#tell(server, { type: 'fsync', fsync: action.fsync, cause });
        else await this.#report(server, { kind: 'disk-latency', fsync: action.fsync }, cause);
        return;
      }
      case 'clock': {
        const server = roster.server(action.server);
        server.clockRate = action.rate;
        if (runs(server)) this.#tell(server, { type: 'clock', rate: action.rate, cause });
        else await this.#report(server, { kind: 'clock-rate', rate: action.rate }, cause);
        return;
      }
      case 'cut':
      case 'heal':
        this.#setCut(this.#directions(action.from, action.to, action.oneWay ?? false), action.do === 'cut', cause);
        return;
      case 'partition': {
        const side = (name: ActorName): number =>
          action.groups.findIndex((group) => group.some((n) => `s${n}` === name));
        const apart = roster.directions.filter(({ from, to }) => {
          const [a, b] = [side(from), side(to)];
          return a >= 0 && b >= 0 && a !== b;
        });
        this.#setCut(apart, true, cause);
        return;
      }
      case 'heal-all':
        this.#setCut(roster.directions, false, cause);
        return;
      case 'latency':
        for (const direction of this.#directions(action.from, action.to, false)) {
          const { from, to } = direction;
          const { latency } = action;
          direction.latency = latency;
          const event = this.#emit({ kind: 'link-latency', from, to, latency }, [cause]);
          this.#tellSender(direction, { type: 'link-latency', from, to, latency, cause: event });
        }
        return;
      case 'hold':
      case 'release':
      case 'drop':
        for (const direction of this.#directions(action.from, action.to, true)) {
          this.#trap(direction, action.do, { type: action.type ?? null, count: action.count ?? null }, cause);
        }
        return;
      case 'drop-connection': {
        const [there] = this.#directions(action.from, action.to, true);
        assert(there, `no link between ${action.from} and ${action.to}`);
        for (const name of [there.from, there.to]) {
          this.#tell(this.#actor(name), { type: 'drop-connections', between: [there.from, there.to], cause });
        }
        return;
      }
      default:
        unreachable(action);
    }
  }

  // ---- processes

  async #spawn(actors: readonly Actor[], cause: EventRef): Promise<void> {
    const starting = new Set(actors);
    await Promise.all(
      actors.map(async (actor) => {
        const init = this.roster.initOf(actor, this.#now, cause, starting);
        actor.handle = await this.#of(actor, this.#host.spawn(init));
      }),
    );
  }

  async #kill(actor: Actor, cause: EventRef): Promise<void> {
    await this.#bury(actor, cause);
    for (const peer of this.roster.peersOf(actor)) this.#tell(peer, { type: 'peer-down', peer: actor.name, cause });
  }

  /** A new machine, whose process joins with the configuration as it is known by now. */
  async #addServer(id: Sid, role: Role, cause: EventRef): Promise<void> {
    this.keep();
    const known = [...this.#trace.cursor().seek(this.head).servers.values()].flatMap(({ config }) => config ?? []);
    const newest = known.reduce<ConfigView | null>(
      (best, { committed }) => (best && best.version >= committed.version ? best : committed),
      null,
    );
    const server = this.roster.addServer(
      id,
      joinerList(this.#scenario.ensemble, newest?.text ?? null, { sid: id, role }),
    );
    const added = this.#emit({ kind: 'server-added', sid: id, role, fsync: server.fsync }, [cause]);
    await this.#restart(server, added);
  }

  async #restart(actor: Actor, cause: EventRef): Promise<void> {
    await this.#clearAway(actor, cause);
    await this.#spawn([actor], cause);
    for (const peer of this.roster.peersOf(actor)) {
      const link = this.roster.linkInit(peer, actor);
      this.#tell(peer, { type: 'peer-up', peer: actor.name, peerIndex: actor.index, link, cause });
    }
  }

  /** Of a server that is down. */
  async #setDisk(server: ServerActor, disk: DiskImage): Promise<void> {
    server.disk = disk;
    await this.#host.storeDisk?.(server.name, disk);
  }

  /** The machine of a process that has ended itself goes, too. */
  async #clearAway(actor: Actor, cause: EventRef): Promise<void> {
    if (actor.handle) await this.#kill(actor, cause);
  }

  async #bury(actor: Actor, cause: EventRef): Promise<void> {
    const remains = await this.#of(actor, actor.handle?.kill(this.#now, cause));
    this.#pending = [...this.#pending, ...remains.events];
    this.#controls.delete(actor.name);
    this.roster.bury(actor, remains);
  }

  // ---- links

  /** The direction there and, unless `oneWay`, back. */
  #directions(from: string, to: string, oneWay: boolean): readonly Direction[] {
    const there = this.roster.direction(from, to);
    const back = this.roster.direction(to, from);
    assert(there && back, `no link between ${from} and ${to}`);
    return oneWay ? [there] : [there, back];
  }

  #setCut(directions: readonly Direction[], cut: boolean, cause: EventRef): void {
    for (const direction of directions.filter((each) => each.cut !== cut)) {
      const { from, to } = direction;
      direction.cut = cut;
      const event = this.#emit({ kind: cut ? 'link-cut' : 'link-healed', from, to }, [cause]);
      const control: Omit<Control & { type: 'link-cut' | 'link-heal' }, 'at'> = {
        type: cut ? 'link-cut' : 'link-heal',
        from,
        to,
        cause: event,
      };
      this.#tell(this.#actor(from), control);
      this.#tell(this.#actor(to), control);
    }
  }

  #trap(direction: Direction, what: 'hold' | 'release' | 'drop', packets: Hold, action: EventRef): void {
    const { from, to } = direction;
    const sender = this.#actor(from);
    if (what === 'drop') {
      // All of them would be the end of the link: without a count it is the next one.
      const drop = { ...packets, count: packets.count ?? 1 };
      if (!sender.handle) direction.drops = [...direction.drops, drop];
      this.#tellSender(direction, { type: 'link-drop', from, to, packets: drop, cause: action });
      return;
    }
    const kind = what === 'hold' ? 'link-hold' : 'link-release';
    const cause = this.#emit({ kind, from, to, ...packets }, [action]);
    if (!sender.handle && what === 'hold') direction.holds = [...direction.holds, packets];
    if (!sender.handle && what === 'release' && packets.count === null) {
      direction.holds = direction.holds.filter(({ type }) => packets.type !== null && type !== packets.type);
    }
    this.#tellSender(direction, { type: kind, from, to, packets, cause });
  }

  #tellSender({ from }: Direction, control: ControlNow): void {
    this.#tell(this.#actor(from), control);
  }

  // ---- events and controls

  #actor(name: ActorName): Actor {
    const actor = this.roster.find(name);
    assert(actor, `no actor ${name}`);
    return actor;
  }

  /** Nothing is told to an actor without a machine: what it has to know, it is started with. */
  #tell(actor: Actor, control: ControlNow): void {
    if (!actor.handle) return;
    const controls = this.#controls.get(actor.name) ?? [];
    controls.push({ ...control, at: this.#now });
    this.#controls.set(actor.name, controls);
  }

  #emit(body: EventBody, causes: readonly EventRef[]): EventRef {
    const ref = this.#refs.take();
    this.#pending.push({ id: ref, t: this.#now, actor: LAB, ...body, causes });
    return ref;
  }

  /** An event of an actor that is down, or that has ended itself. */
  async #report(actor: Actor, body: EventBody, cause: EventRef): Promise<void> {
    await this.#clearAway(actor, cause);
    const refs = new RefSource(actor.index, actor.nextRef);
    this.#pending.push({ id: refs.take(), t: this.#now, actor: actor.name, ...body, causes: [cause] });
    actor.nextRef = refs.next;
  }
}

type ControlNow = Control extends infer C ? (C extends Control ? Omit<C, 'at'> : never) : never;
