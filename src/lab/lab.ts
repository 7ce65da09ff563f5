/** A running lab: a scenario, the actors that play it, and the trace that they make. */
import { justAfter, virtualTime, type VirtualTime } from '../protocol/time.ts';
import { clientName } from '../protocol/ids.ts';
import type { Checks, KnownBug, Violation } from '../check/index.ts';
import { Trace } from '../trace/index.ts';
import type { Action, ActionBody } from './actions.ts';
import type { ActResult, LabApi, LabFailure } from './api.ts';
import { ActorError, Conductor, type ConductorOptions } from './conductor.ts';
import { exportDataDir, type NamedFile } from './datadir/index.ts';
import { presetImages } from './preset.ts';
import { refusal } from './refusal.ts';
import { parseAction } from './scenario.ts';
import type { Scenario } from './scenario-types.ts';
import type { ActorHost } from './types.ts';

/** Makes a place for the actors of one lab. */
export type HostFactory = () => ActorHost;

export interface LabOptions extends ConductorOptions {
  /** Whether checkers look at the run from its start; true if absent. If not, {@link Lab.watch} lets them begin. */
  readonly checks?: boolean;
}

export class Lab implements LabApi {
  readonly trace: Trace;
  readonly #createHost: HostFactory;
  readonly #host: ActorHost;
  readonly #options: LabOptions;
  readonly #conductor: Conductor;
  #checks: Checks | null = null;
  #scenario: Scenario;
  /** Actions before this index have been taken. */
  #next = 0;
  #failure: LabFailure | null = null;
  #disposed = false;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(scenario: Scenario, createHost: HostFactory, options: LabOptions) {
    const presets = presetImages(
      scenario.disks,
      scenario.ensemble.servers.map((server) => server.sid),
    );
    if (!presets.ok) throw new TypeError(presets.message);
    this.#scenario = scenario;
    this.#createHost = createHost;
    this.#options = options;
    this.#host = createHost();
    const { ensemble, clients, disk } = scenario;
    this.trace = new Trace({
      members: ensemble.servers,
      clients: clients.map(({ name }) => clientName(name)),
      fsync: disk.fsync,
      settings: ensemble,
    });
    this.#conductor = new Conductor(scenario, presets.images, this.#host, this.trace, options);
  }

  /**
   * Starts a lab; instant 0 has been run.
   * @param scenario a validated one (`parseScenario`)
   */
  static async open(scenario: Scenario, createHost: HostFactory, options: LabOptions = {}): Promise<Lab> {
    const lab = new Lab(scenario, createHost, options);
    if (options.checks !== false) await lab.watch();
    await lab.#serially(() => lab.#conductor.start(lab.#dueUntil(virtualTime(0))));
    return lab;
  }

  get scenario(): Scenario {
    return this.#scenario;
  }

  get head(): VirtualTime {
    return this.#conductor.head;
  }

  get next(): VirtualTime | null {
    const action = this.#scenario.actions[this.#next]?.at;
    const next = Math.min(this.#conductor.next ?? Infinity, action ?? Infinity);
    return next === Infinity ? null : virtualTime(next);
  }

  get violations(): readonly Violation[] {
    return this.#checks?.violations ?? [];
  }

  /** The bug of Apache ZooKeeper itself that has struck; what goes wrong from then on is its doing. */
  get knownBug(): KnownBug | null {
    return this.#checks?.known ?? null;
  }

  get failure(): LabFailure | null {
    return this.#failure;
  }

  async watch(): Promise<void> {
    // Loaded when they are wanted: the page draws its first picture without them.
    const { Checks } = await import('../check/index.ts');
    this.#checks ??= new Checks(this.trace.setup);
    // The trace has all that happened before.
    await this.#serially(() => Promise.resolve());
  }

  advance(to: VirtualTime): Promise<void> {
    return this.#serially(() => this.#advance(to));
  }

  async act(action: ActionBody): Promise<ActResult> {
    const parsed = parseAction(action, this.#scenario);
    if (!parsed.ok) return { ok: false, reason: parsed.message };
    let result: ActResult = { ok: false, reason: 'The lab has stopped.' };
    await this.#serially(async () => {
      const at = justAfter(this.head);
      // What the scenario has for that very instant comes first, as it will when it is run again.
      if (this.#scenario.actions[this.#next]?.at === at) await this.#actAll(this.#dueUntil(at));
      const reason = refusal(parsed.action, this.#conductor.roster);
      if (reason !== null) {
        result = { ok: false, reason };
        return;
      }
      const taken: Action = { at, ...parsed.action };
      const { actions } = this.#scenario;
      this.#scenario = { ...this.#scenario, actions: actions.toSpliced(this.#next, 0, taken) };
      await this.#actAll(this.#dueUntil(at));
      await this.#conductor.run(at);
      result = { ok: true, action: taken };
    });
    return result;
  }

  async branch(at: VirtualTime): Promise<Lab> {
    const actions = this.#scenario.actions.filter((action) => action.at <= at);
    const options = { ...this.#options, checks: this.#checks !== null };
    const lab = await Lab.open({ ...this.#scenario, actions }, this.#createHost, options);
    await lab.advance(at);
    return lab;
  }

  async dataDir(sid: number): Promise<readonly NamedFile[] | null> {
    let files: readonly NamedFile[] | null = null;
    await this.#serially(async () => {
      const disk = await this.#conductor.disk(sid);
      files = disk && exportDataDir(disk, sid);
    });
    return files;
  }

  dispose(): void {
    this.#disposed = true;
    this.#host.dispose();
  }

  async #advance(to: VirtualTime): Promise<void> {
    await this.#actAll(this.#dueUntil(to));
    await this.#conductor.run(to);
  }

  async #actAll(actions: readonly Action[]): Promise<void> {
    for (const action of actions) await this.#conductor.act(action);
  }

  /** The scenario's actions up to `to` that are not taken yet; from now on they are. */
  #dueUntil(to: VirtualTime): readonly Action[] {
    const { actions } = this.#scenario;
    const from = this.#next;
    while ((actions[this.#next]?.at ?? Infinity) <= to) this.#next++;
    return actions.slice(from, this.#next);
  }

  /** Runs `work` after all that was asked for before. The first failure stops the lab for good. */
  #serially(work: () => Promise<void>): Promise<void> {
    const run = this.#queue.then(async () => {
      if (this.#disposed || this.#failure !== null) return;
      try {
        await this.#kept(work);
        this.#checks?.follow(this.trace);
      } catch (error) {
        // A lab that was disposed of while it ran has not failed: its workers were ended.
        if (!this.#disposed) this.#fail(error);
      }
    });
    this.#queue = run;
    return run;
  }

  /** Whatever comes of `work`, the trace tells what has happened. */
  async #kept(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } finally {
      this.#conductor.keep();
    }
  }

  #fail(error: unknown): void {
    const actor = error instanceof ActorError ? error.actor : 'lab';
    const message = error instanceof Error ? error.message : String(error);
    this.#failure = { actor, message, seed: this.#scenario.seed, at: this.head };
    this.#host.dispose();
  }
}
