/** A lab for recordings: the servers' engines, a station for each session label, virtual time; driven step by step. */
import { createHash } from 'node:crypto';
import { Conductor, createProcess, parseScenario, SCENARIO_FORMAT, type ActionBody } from '../../lab/index.ts';
import { InlineHost } from '../../lab/hosts/inline.ts';
import { unreachable } from '../../protocol/assert.ts';
import { ZOO_DEFAULTS, settingName, type ZooConfig } from '../../protocol/config.ts';
import { clientName, sid, type ActorName } from '../../protocol/ids.ts';
import { justAfter, virtualTime, type VirtualTime } from '../../protocol/time.ts';
import { Trace, type LabState, type ServerView, type TraceCursor } from '../../trace/index.ts';
import type { DiskFile } from './disk.ts';
import type { RecordedServers } from './recording.ts';
import { ORDER, Station, type Order } from './station.ts';

/** Virtual ms that an election, or anything else that servers do, may take. */
export const PATIENCE_MS = 120_000;

/** What the recordings' servers cannot be made of here. */
export class StageError extends Error {
  override readonly name = 'StageError';
}

export interface StageOptions {
  readonly servers: RecordedServers;
  readonly labels?: readonly string[];
  /** Settings of zoo.cfg that come before the recorded ones. */
  readonly settings?: Readonly<Record<string, string>>;
}

export class Stage {
  /** By label. */
  readonly stations = new Map<string, Station>();
  readonly trace: Trace;
  /** Of the servers' last processes, by actor. */
  readonly #disks = new Map<string, { image(): { readonly files: readonly DiskFile[] } }>();
  readonly #names: ReadonlyMap<string, string>;
  readonly #conductor: Conductor;
  readonly #cursor: TraceCursor;

  private constructor({ servers, labels = [], settings = {} }: StageOptions) {
    this.#names = new Map(labels.map((label, index) => [label, `c${index + 1}`]));
    const parsed = parseScenario({
      format: SCENARIO_FORMAT,
      seed: 1,
      ensemble: {
        ...ensembleOf(servers),
        ...settingsOf({ ...settings, ...servers.cfg, ...servers.props }),
        autoStart: false,
      },
      network: { latency: [1, 1] },
      disk: { fsync: [0, 0] },
    });
    if (!parsed.ok) throw new StageError(parsed.message);
    // A recording may have more sessions than a scenario may have clients.
    const clients = [...this.#names.values()].map((name) => ({
      name,
      server: servers.servers === 0 ? 1 : (parsed.scenario.ensemble.servers[0]?.sid ?? 1),
      sessionTimeout: 30_000,
      readOnly: false,
      chroot: '',
    }));
    const scenario = { ...parsed.scenario, clients };
    const { ensemble, disk } = scenario;
    this.trace = new Trace({
      members: ensemble.servers,
      clients: clients.map(({ name }) => clientName(name)),
      fsync: disk.fsync,
    });
    this.#cursor = this.trace.cursor();
    const labelOf = new Map([...this.#names].map(([label, name]) => [name, label]));
    const host = new InlineHost((init, refs) => {
      const label = labelOf.get(init.name);
      if (label === undefined) {
        const { process, disk } = createProcess(init, refs);
        if (disk === null) throw new StageError(`${init.name} has no disk`);
        // Servers of the recordings were killed, not their machines: what was written stays, synced or not.
        disk.crash = () => [];
        this.#disks.set(init.name, disk);
        return { process, disk };
      }
      const station = new Station(refs);
      this.stations.set(label, station);
      return { process: station, disk: null };
    });
    this.#conductor = new Conductor(scenario, new Map(), host, this.trace);
  }

  /** No server runs yet. @throws StageError */
  static async open(options: StageOptions): Promise<Stage> {
    const stage = new Stage(options);
    await stage.#conductor.start([]);
    return stage;
  }

  get now(): VirtualTime {
    return this.#conductor.head;
  }

  /** Now; what is read of it later may have changed. */
  get state(): Readonly<LabState> {
    return this.#cursor.seekIndex(this.trace.length);
  }

  server(n: number): ServerView {
    const server = this.state.servers.get(sid(n));
    if (!server) throw new StageError(`there is no server ${n}`);
    return server;
  }

  /** What is on the disk of a server, be it running or not. */
  files(n: number): readonly DiskFile[] {
    const { handle, name, disk } = this.#conductor.roster.server(n);
    return ((handle && this.#disks.get(name)?.image()) ?? disk).files;
  }

  station(label: string): Station {
    const station = this.stations.get(label);
    if (!station) throw new StageError(`there is no session ${label}`);
    return station;
  }

  /** The name of a label's station. */
  actor(label: string): ActorName {
    const name = this.#names.get(label);
    if (name === undefined) throw new StageError(`there is no session ${label}`);
    return clientName(name);
  }

  async act(action: ActionBody): Promise<void> {
    const from = this.trace.length;
    await this.#conductor.act({ at: justAfter(this.now), ...action });
    await this.#conductor.run(justAfter(this.now));
    for (const event of this.trace.events(from))
      if (event.kind === 'action-refused') throw new StageError(event.reason);
  }

  /** Actions that all take effect at one instant. */
  async actAll(actions: readonly ActionBody[]): Promise<void> {
    const at = justAfter(this.now);
    for (const action of actions) await this.#conductor.act({ at, ...action });
    await this.#conductor.run(at);
  }

  /** The request of a session. */
  request(label: string, request: { readonly op: string; readonly [key: string]: unknown }): ActionBody {
    return { do: 'request', client: this.actor(label), ...request };
  }

  async order(label: string, order: Order): Promise<void> {
    this.station(label).order(order);
    await this.act(this.request(label, { op: ORDER }));
  }

  async run(ms: number): Promise<void> {
    await this.#conductor.run(virtualTime(this.now + ms));
  }

  /** Runs until `done`; false if that takes more than `patience` ms. */
  async until(done: () => boolean, patience = PATIENCE_MS): Promise<boolean> {
    const end = virtualTime(this.now + patience);
    while (!done()) {
      if (this.now >= end) return false;
      const next = this.#conductor.next;
      await this.#conductor.run(next === null || next > end ? end : next > this.now ? next : justAfter(this.now));
    }
    return true;
  }
}

function ensembleOf({ servers, observers, extra }: RecordedServers): Readonly<Record<string, unknown>> {
  const members = Array.from({ length: Math.max(1, servers) }, (_, index) => {
    const id = index + 1;
    return observers.includes(id) ? { sid: id, role: 'observer' } : { sid: id };
  });
  return { servers: members, ...groupsOf(extra) };
}

/** Lines such as `group.1=1:2:3` and `weight.1=2`. */
function groupsOf(lines: readonly string[]): Readonly<Record<string, unknown>> {
  const groups: Record<string, readonly number[]> = {};
  const weights: Record<string, number> = {};
  for (const line of lines) {
    const [, kind, id = '', value = ''] = /^\s*(group|weight)\.(\d+)\s*=\s*([\d:]+)\s*$/.exec(line) ?? [];
    if (kind === 'group') groups[id] = value.split(':').map(Number);
    else if (kind === 'weight') weights[id] = Number(value);
    else throw new StageError(`no line of a dynamic configuration known here: ${line}`);
  }
  return { ...(Object.keys(groups).length > 0 && { groups }), ...(Object.keys(weights).length > 0 && { weights }) };
}

/** Lines of zoo.cfg and system properties, as settings of a scenario. */
function settingsOf(lines: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  const names = new Map((Object.keys(ZOO_DEFAULTS) as (keyof ZooConfig)[]).map((key) => [settingName(key), key]));
  return Object.fromEntries(
    Object.entries(lines).map(([line, value]): readonly [string, string | number | boolean] => {
      const name = line.replace(/^zookeeper\./, '');
      const setting = names.get(name);
      if (setting === undefined) throw new StageError(`no setting known here: ${line}`);
      const like = ZOO_DEFAULTS[setting];
      if (typeof like === 'boolean') return [name, /^(true|yes)$/i.test(value)];
      return [name, typeof like === 'number' ? Number(value) : value];
    }),
  );
}

/** The usual settings of the recordings (README there, 1.1). */
export function usualSettings(standalone: boolean): Readonly<Record<string, string>> {
  const digest = createHash('sha1').update('super:oracle').digest('base64');
  return {
    maxClientCnxns: '0',
    extendedTypesEnabled: 'true',
    '4lw.commands.whitelist': '*',
    'DigestAuthenticationProvider.superDigest': `super:${digest}`,
    ...(!standalone && { reconfigEnabled: 'true', standaloneEnabled: 'false' }),
  };
}

/** What a server says of itself in `srvr`; null: it does not serve. */
export function modeOf(server: ServerView): string | null {
  if (server.readOnly) return 'read-only';
  if (!server.serving) return null;
  switch (server.serverState) {
    case 'LEADING':
      return 'leader';
    case 'FOLLOWING':
      return 'follower';
    case 'OBSERVING':
      return 'observer';
    case 'STANDALONE':
      return 'standalone';
    case 'LOOKING':
    case null:
      return null;
    default:
      return unreachable(server.serverState);
  }
}
