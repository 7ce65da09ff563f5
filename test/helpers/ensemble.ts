/**
 * A lab in this thread, driven step by step: what tests of the engine's quorum side use. Every failure
 * of the lab is an error of the test.
 */
import { expect } from 'vitest';
import { createProcess, type ActionBody, Lab, parseScenario, SCENARIO_FORMAT } from '../../src/lab/index.ts';
import { InlineHost } from '../../src/lab/hosts/inline.ts';
import type { Defect } from '../../src/protocol/defects.ts';
import type { EventKind, TraceEvent, TraceZnode } from '../../src/protocol/events.ts';
import { clientName, serverName, sid } from '../../src/protocol/ids.ts';
import { virtualTime } from '../../src/protocol/time.ts';
import { formatZxid } from '../../src/protocol/zxid.ts';
import { leaderOf, type LabState, type ServerView, type TraceCursor } from '../../src/trace/index.ts';

/** The keys of a scenario; `servers` participants with sids from 1, then `observers`. */
export interface EnsembleOptions {
  readonly servers: number;
  readonly observers?: number;
  /** Settings of the ensemble, as in a scenario. */
  readonly zoo?: Readonly<Record<string, unknown>>;
  readonly clients?: readonly Readonly<Record<string, unknown>>[];
  readonly disks?: Readonly<Record<string, unknown>>;
  readonly fsync?: readonly [number, number];
  readonly latency?: readonly [number, number];
  readonly seed?: number;
  /** Default true. */
  readonly autoStart?: boolean;
  readonly defects?: readonly Defect[];
}

/** Also of kinds that share one type of event. */
type EventsOf<K extends EventKind> = TraceEvent & { readonly kind: K };

/** Virtual ms that a test waits for something, more than any election takes. */
const PATIENCE_MS = 60_000;

export class Ensemble {
  readonly lab: Lab;
  readonly #cursor: TraceCursor;

  private constructor(lab: Lab) {
    this.lab = lab;
    this.#cursor = lab.trace.cursor();
  }

  static async open(options: EnsembleOptions): Promise<Ensemble> {
    const {
      servers,
      observers = 0,
      zoo,
      clients,
      disks,
      fsync,
      latency,
      seed = 1,
      autoStart = true,
      defects,
    } = options;
    const members = Array.from({ length: servers + observers }, (_, i) =>
      i < servers ? { sid: i + 1 } : { sid: i + 1, role: 'observer' },
    );
    const parsed = parseScenario({
      format: SCENARIO_FORMAT,
      seed,
      ensemble: { servers: members, autoStart, ...zoo },
      ...(clients && { clients }),
      ...(disks && { disks }),
      ...(fsync && { disk: { fsync } }),
      ...(latency && { network: { latency } }),
      ...(defects && { defects }),
    });
    if (!parsed.ok) throw new Error(parsed.message);
    return new Ensemble(await Lab.open(parsed.scenario, () => new InlineHost(createProcess)));
  }

  /** Virtual ms. */
  get now(): number {
    return this.lab.head;
  }

  /** Now; what is read of it later may have changed. */
  get state(): Readonly<LabState> {
    return this.#cursor.seek(this.lab.head);
  }

  server(n: number): ServerView {
    const server = this.state.servers.get(sid(n));
    if (!server) throw new Error(`no server ${n}`);
    return server;
  }

  /** Runs `ms` on. */
  async run(ms: number): Promise<void> {
    await this.lab.advance(virtualTime(this.lab.head + ms));
    expect(this.lab.failure).toBeNull();
  }

  /** Runs until `done`, asked every `stride` ms; returns the instant. */
  async until(done: (state: Readonly<LabState>) => boolean, stride = 20, patience = PATIENCE_MS): Promise<number> {
    const end = this.now + patience;
    while (!done(this.state)) {
      if (this.now >= end) throw new Error(`not reached within ${patience} ms`);
      await this.run(stride);
    }
    return this.now;
  }

  /** Runs until one server leads and all `sids` (all that run, if none are named) serve under it; returns its sid. */
  async settled(...sids: readonly number[]): Promise<number> {
    await this.until((state) => {
      const leader = leaderOf(state);
      if (leader === null) return false;
      return [...state.servers.values()].every((server) => {
        const wanted = sids.length > 0 ? sids.includes(server.sid) : server.state !== 'DOWN';
        return !wanted || (server.serving && server.leader === leader);
      });
    });
    return leaderOf(this.state) ?? 0;
  }

  async act(...actions: readonly ActionBody[]): Promise<void> {
    for (const action of actions) {
      const result = await this.lab.act(action);
      expect(result).toMatchObject({ ok: true });
    }
  }

  async kill(...sids: readonly number[]): Promise<void> {
    for (const server of sids) await this.act({ do: 'kill', server });
  }

  async restart(...sids: readonly number[]): Promise<void> {
    for (const server of sids) await this.act({ do: 'restart', server });
  }

  /** A new session of the client, at this server. */
  async attach(client: string, server: number): Promise<void> {
    await this.act({ do: 'connect', client, server });
    await this.until(
      (state) => state.clients.get(clientName(client))?.server === server && this.#client(client) === 'CONNECTED',
    );
  }

  #client(client: string): string | undefined {
    return this.state.clients.get(clientName(client))?.state;
  }

  /** Runs until the client is connected to any server. */
  async connected(client: string): Promise<void> {
    await this.until(() => this.#client(client) === 'CONNECTED');
  }

  /** A znode, by a client of the scenario; waits for the reply unless told not to. Returns its error. */
  async create(client: string, path: string, wait = true): Promise<string | null> {
    return this.request(client, { op: 'create', path, data: 'x' }, wait);
  }

  async request(
    client: string,
    request: { readonly op: string; readonly path?: string; readonly [key: string]: unknown },
    wait = true,
  ): Promise<string | null> {
    const from = this.lab.trace.length;
    await this.act({ do: 'request', client, ...request });
    if (!wait) return null;
    const calls = (): readonly EventsOf<'returned'>[] => this.events('returned', { actor: client, from });
    await this.until(() => calls().length > 0, 5);
    return calls()[0]?.error ?? null;
  }

  /** Events of a kind so far, in order; `actor` by name or sid, `from` an index of the trace. */
  events<K extends EventKind>(
    kind: K,
    options: { readonly actor?: string | number; readonly from?: number } = {},
  ): readonly EventsOf<K>[] {
    const { actor, from = 0 } = options;
    const name = typeof actor === 'number' ? serverName(sid(actor)) : actor;
    const found: EventsOf<K>[] = [];
    for (const event of this.lab.trace.events(from)) {
      // The kind is compared, but the compiler does not narrow by a type parameter.
      if (event.kind === kind && (name === undefined || event.actor === name)) found.push(event as EventsOf<K>);
    }
    return found;
  }

  /** How the leaders synchronized learners from trace index `from` on: `learner MODE zxid`. */
  syncs(from = 0): readonly string[] {
    return this.events('sync-chosen', { from }).map(
      ({ learner, mode, zxid }) => `s${learner} ${mode} ${formatZxid(zxid)}`,
    );
  }

  /** The trees of the servers that run are equal; returns their paths, without the built-in ones. */
  paths(...sids: readonly number[]): readonly string[] {
    const servers = [...this.state.servers.values()].filter((server) =>
      sids.length > 0 ? sids.includes(server.sid) : server.state !== 'DOWN',
    );
    const [first, ...rest] = servers.map((server) => sorted(server.tree));
    for (const tree of rest) expect(tree).toEqual(first);
    return (first ?? []).map(([path]) => path).filter((path) => path !== '/' && !path.startsWith('/zookeeper'));
  }

  /** `accepted/current lastLogged` of a server, as durable as the trace knows. */
  epochs(n: number): string {
    const { acceptedEpoch, currentEpoch } = this.server(n);
    return `${acceptedEpoch}/${currentEpoch}`;
  }
}

function sorted(tree: ReadonlyMap<string, TraceZnode>): readonly (readonly [string, TraceZnode])[] {
  return [...tree].sort(([a], [b]) => (a < b ? -1 : 1));
}
