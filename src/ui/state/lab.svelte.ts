/**
 * The lab on the screen: its branches, the playhead, the state there, actions and their undo. Calls
 * that run or change the lab go one after the other; a playhead behind the head is in the past.
 */
import type { ActionBody, LabApi, LabFailure, NamedFile, Scenario } from '../../lab/index.ts';
import type { Violation } from '../../check/index.ts';
import type { TraceEvent } from '../../protocol/events.ts';
import { virtualTime, type VirtualTime } from '../../protocol/time.ts';
import type { LabState } from '../../trace/index.ts';
import { findForward, NOTHING, snapshot, type History } from './history.ts';
import { actionWords, combine, inverse, type Inverse } from './undo.ts';

/** How a lab comes to be: the page wires the browser's host, tests an inline one. */
export interface LabSource {
  /** @returns the lab at instant 0, or why the scenario is refused, in one sentence. */
  open(scenario: unknown): Promise<{ ok: true; lab: LabApi } | { ok: false; reason: string }>;
  read(lab: LabApi): History;
}

/** What one call of `runTo` may do: where a step of time ends early. */
export interface RunOptions {
  /** Ends the run at the instant of the first event that this accepts: nothing is run beyond it. */
  readonly stopAt?: (event: TraceEvent) => boolean;
  /** Goes on where a violation is found, without a word. */
  readonly nonstop?: boolean;
}

export interface UndoEntry extends Inverse {
  readonly at: VirtualTime;
}

/** One course of events. The first one is the lab as opened; acting in the past makes another. */
export interface Branch {
  readonly id: number;
  /** What a person did first in it; "Start" for the first. */
  readonly title: string;
  readonly from: VirtualTime;
  readonly parent: number | null;
  readonly lab: LabApi;
  readonly history: History;
}

/** Every branch keeps its workers; older ones are let go, but never the first. */
export const BRANCHES_MAX = 4;

/** How much of the run up to the start is shown at once, virtual ms. */
const OPENING_MS = 150;

export interface LabListener {
  /** Time went forward on the screen over these events. */
  passed(events: readonly TraceEvent[]): void;
  /** The playhead has come to these for the first time, in order; it stands at the last one, or beyond it. */
  violated(violations: readonly Violation[]): void;
  refused(reason: string): void;
  acted(words: string, branched: boolean): void;
  /** A branch was let go, as there are no more than {@link BRANCHES_MAX}. */
  letGo(branch: Branch): void;
}

export class LabStore {
  readonly #source: LabSource;
  readonly #listener: LabListener;
  #branches = $state.raw<readonly Branch[]>([]);
  #branch = $state.raw<Branch | null>(null);
  #playhead = $state<VirtualTime>(virtualTime(0));
  #head = $state<VirtualTime>(virtualTime(0));
  #length = $state(0);
  #view = $state.raw<LabState>(NOTHING);
  #shown = -1;
  #failure = $state.raw<LabFailure | null>(null);
  #watched = $state(false);
  #violations = $state.raw<readonly Violation[]>([]);
  /** How many violations of a lab the playhead has come to. */
  readonly #told = new WeakMap<LabApi, number>();
  /** By branch. */
  #undo = $state.raw<Readonly<Record<number, readonly UndoEntry[]>>>({});
  #opening = $state(false);
  #nextBranch = 1;
  #queue: Promise<unknown> = Promise.resolve();
  #running = $state(0);

  constructor(source: LabSource, listener: LabListener) {
    this.#source = source;
    this.#listener = listener;
  }

  /** The state at the playhead: new objects whenever it changed. */
  get view(): LabState {
    return this.#view;
  }
  get playhead(): VirtualTime {
    return this.#playhead;
  }
  /** How far the present branch has run. */
  get head(): VirtualTime {
    return this.#head;
  }
  get isPast(): boolean {
    return this.#playhead < this.#head;
  }
  get branches(): readonly Branch[] {
    return this.#branches;
  }
  get branch(): Branch | null {
    return this.#branch;
  }
  /** Events so far; changes as the lab runs. Null before a lab is open. */
  get history(): History | null {
    return this.#length >= 0 ? (this.#branch?.history ?? null) : null;
  }
  get eventCount(): number {
    return this.#length;
  }
  get scenario(): Scenario | null {
    return this.#branch?.lab.scenario ?? null;
  }
  get failure(): LabFailure | null {
    return this.#failure;
  }
  /** Whether checkers look at what runs. */
  get watched(): boolean {
    return this.#watched;
  }
  /** What was found wrong in the present branch, as far as it has run. */
  get violations(): readonly Violation[] {
    return this.#violations;
  }
  get opening(): boolean {
    return this.#opening;
  }
  /** Whether a call is running: playback waits for the next frame then. */
  get busy(): boolean {
    return this.#running > 0;
  }

  /** Opens a lab in place of all others and runs it to its start. A refused scenario leaves the old lab. */
  open(scenario: unknown): Promise<boolean> {
    return this.#serial(async () => {
      this.#opening = true;
      try {
        const opened = await this.#source.open(scenario);
        if (!opened.ok) {
          this.#listener.refused(opened.reason);
          return false;
        }
        for (const { lab } of this.#branches) lab.dispose();
        this.#undo = {};
        this.#branches = [];
        this.#enter(opened.lab, 'Start', virtualTime(0), null);
        const { start } = opened.lab.scenario;
        for (let at = 0; at < start;) {
          at = Math.min(start, at + OPENING_MS);
          await this.#advance(virtualTime(at));
          this.#show(opened.lab.head);
        }
        await this.#watch(opened.lab);
        this.#show(opened.lab.head);
        return true;
      } finally {
        this.#opening = false;
      }
    });
  }

  /** A lab that is not on the screen; {@link adopt} brings it there. @throws Error with the reason of a refusal */
  async make(scenario: unknown): Promise<LabApi> {
    const opened = await this.#source.open(scenario);
    if (!opened.ok) throw new Error(opened.reason);
    await this.#watch(opened.lab);
    return opened.lab;
  }

  /** Shows a lab that runs already, at its head, in place of all others. */
  adopt(lab: LabApi, title: string): Promise<void> {
    return this.#serial(() => {
      for (const other of this.#branches) if (other.lab !== lab) other.lab.dispose();
      this.#undo = {};
      this.#branches = [];
      this.#enter(lab, title, virtualTime(0), null);
      this.#show(this.#head);
      return Promise.resolve();
    });
  }

  /**
   * Moves the playhead forward to `to`, running the lab where it has not been yet. It stops at the instant of a violation
   * that nobody has seen; the lab may have run on to `to` then.
   *
   * @returns the event that ended the run early, or null
   */
  runTo(to: VirtualTime, { stopAt, nonstop = false }: RunOptions = {}): Promise<TraceEvent | null> {
    return this.#serial(async () => {
      const branch = this.#branch;
      if (branch === null || to <= this.#playhead) return null;
      const first = branch.history.countUntil(this.#playhead);
      let found: TraceEvent | null = null;
      let at = this.#playhead;
      let looked = first;
      const { lab } = branch;
      let red: Violation | undefined;
      while (at < to && found === null && red === undefined && lab.failure === null) {
        const live = at >= lab.head;
        // With an eye on events the present goes from one instant at which something happens to the next.
        const instant = stopAt ? (lab.next ?? to) : to;
        const next = virtualTime(Math.min(to, live ? instant : lab.head));
        if (live) await this.#advance(next);
        // A lab that was let go meanwhile runs no further.
        if (lab.head < next) break;
        if (stopAt) found = findForward(branch.history, looked, next, stopAt);
        looked = branch.history.countUntil(next);
        at = found?.t ?? next;
        red = nonstop ? undefined : this.#untold(lab, at);
      }
      if (red) at = red.at;
      if (nonstop) this.#told.set(lab, lab.violations.length);
      this.#show(at);
      this.#listener.passed(eventsFrom(branch.history, first, at));
      return found;
    });
  }

  /** Shows an instant that has been run already; beyond it, the head. */
  seek(t: number): Promise<void> {
    return this.#serial(() => {
      this.#show(virtualTime(Math.max(0, Math.min(t, this.#head))));
      return Promise.resolve();
    });
  }

  /** Acts at the playhead. In the past this makes a branch. Refusals are told, and change nothing. */
  act(action: ActionBody): Promise<boolean> {
    return this.#serial(() => this.#act([action]));
  }

  /** Acts of one gesture, one after the other: a single undo takes all of them back. */
  actAll(actions: readonly ActionBody[]): Promise<boolean> {
    return this.#serial(() => this.#act(actions));
  }

  /** What can be undone in this branch, oldest first. */
  get undoList(): readonly UndoEntry[] {
    return this.#branch ? this.#undoOf(this.#branch.id) : [];
  }

  /** What the undo button would do now. */
  get nextUndo(): UndoEntry | null {
    const entries = this.#branch ? this.#undoOf(this.#branch.id) : [];
    return entries.findLast((entry) => entry.at <= this.#playhead) ?? null;
  }

  undo(): Promise<boolean> {
    return this.#serial(async () => {
      const entry = this.nextUndo;
      if (entry === null) return false;
      const done = await this.#act(entry.actions, entry);
      return done;
    });
  }

  switchTo(id: number): Promise<void> {
    return this.#serial(() => {
      const branch = this.#branches.find((candidate) => candidate.id === id);
      if (branch && branch !== this.#branch) {
        const t = this.#playhead;
        this.#goTo(branch);
        this.#show(virtualTime(Math.min(t, this.#head)));
      }
      return Promise.resolve();
    });
  }

  /** What a server of the present branch has on its disk at the head; null: there is no such server. */
  async dataDir(sid: number): Promise<readonly NamedFile[] | null> {
    return (await this.#branch?.lab.dataDir(sid)) ?? null;
  }

  dispose(): void {
    for (const { lab } of this.#branches) lab.dispose();
  }

  async #act(actions: readonly ActionBody[], undoing?: UndoEntry): Promise<boolean> {
    const [first] = actions;
    if (this.#branch === null || first === undefined || this.#failure !== null) return false;
    const branched = this.isPast;
    if (branched) await this.#fork(actionWords(first));
    const { lab, id, history } = this.#branch;
    const inverses: Inverse[] = [];
    let done = 0;
    for (const action of actions) {
      const back = inverse(action, { state: this.#view, scenario: lab.scenario });
      const before = history.countUntil(this.#playhead);
      const result = await lab.act(action);
      if (!result.ok) {
        this.#listener.refused(result.reason);
        break;
      }
      const at = virtualTime(result.action.at);
      await this.#advance(at);
      this.#show(at);
      if (back !== null) inverses.push(back);
      done++;
      this.#listener.acted(actionWords(action), branched);
      // What the act itself does is said already; what follows from it at the same instant is not.
      this.#listener.passed(
        eventsFrom(history, before, at).filter(
          ({ causes }) => !causes.some((cause) => history.at(cause)?.kind === 'action'),
        ),
      );
    }
    const entries = this.#undoOf(id);
    if (undoing !== undefined) {
      this.#setUndo(
        id,
        entries.filter((entry) => entry.at !== undoing.at || entry.label !== undoing.label),
      );
    } else {
      const back = combine(inverses);
      if (back !== null) this.#setUndo(id, [...entries, { ...back, at: this.#playhead }]);
    }
    return done === actions.length;
  }

  #undoOf(id: number): readonly UndoEntry[] {
    return this.#undo[id] ?? [];
  }

  #setUndo(id: number, entries: readonly UndoEntry[]): void {
    this.#undo = { ...this.#undo, [id]: entries };
  }

  async #fork(title: string): Promise<void> {
    const parent = this.#branch;
    if (parent === null) return;
    const from = this.#playhead;
    const lab = await parent.lab.branch(from);
    // Up to here both are the same.
    this.#told.set(lab, lab.violations.length);
    const branch = this.#enter(lab, title, from, parent.id);
    this.#setUndo(
      branch.id,
      this.#undoOf(parent.id).filter((entry) => entry.at <= from),
    );
    this.#show(from);
  }

  #enter(lab: LabApi, title: string, from: VirtualTime, parent: number | null): Branch {
    const branch: Branch = { id: this.#nextBranch++, title, from, parent, lab, history: this.#source.read(lab) };
    const kept = [...this.#branches, branch];
    const old =
      kept.length > BRANCHES_MAX ? kept.slice(1).find((other) => other.id !== parent && other !== branch) : undefined;
    if (old) {
      old.lab.dispose();
      this.#listener.letGo(old);
    }
    this.#branches = kept.filter((other) => other !== old);
    this.#goTo(branch);
    return branch;
  }

  #goTo(branch: Branch): void {
    this.#branch = branch;
    this.#shown = -1;
    this.#refresh(branch.lab);
  }

  /** Head and playhead change together: the screen never takes the present for the past. */
  #refresh(lab: LabApi): void {
    this.#head = lab.head;
    this.#length = lab.trace.length;
    this.#failure = lab.failure;
    const { violations } = lab;
    if (violations.length !== this.#violations.length || violations[0] !== this.#violations[0]) {
      this.#violations = [...violations];
    }
  }

  /** Checkers come when the first picture is drawn already. */
  async #watch(lab: LabApi): Promise<void> {
    try {
      await lab.watch();
      this.#watched = true;
    } catch {
      this.#listener.refused('The checkers could not be loaded: nobody looks for violations in this lab.');
    }
  }

  /** The first violation up to `t` that the playhead has not come to. */
  #untold(lab: LabApi, t: VirtualTime): Violation | undefined {
    const next = lab.violations[this.#told.get(lab) ?? 0];
    return next && next.at <= t ? next : undefined;
  }

  #tellViolations(lab: LabApi, t: VirtualTime): void {
    const from = this.#told.get(lab) ?? 0;
    const fresh = lab.violations.slice(from).filter(({ at }) => at <= t);
    if (fresh.length === 0) return;
    this.#told.set(lab, from + fresh.length);
    this.#listener.violated(fresh);
  }

  async #advance(to: VirtualTime): Promise<void> {
    const lab = this.#branch?.lab;
    if (lab === undefined) return;
    await lab.advance(to);
  }

  #show(t: VirtualTime): void {
    this.#playhead = t;
    if (this.#branch) this.#refresh(this.#branch.lab);
    const history = this.#branch?.history;
    if (history === undefined) return;
    const count = history.countUntil(t);
    if (count !== this.#shown) {
      this.#shown = count;
      this.#view = snapshot(history.stateAt(t));
    }
    if (this.#branch) this.#tellViolations(this.#branch.lab, t);
  }

  #serial<T>(job: () => Promise<T>): Promise<T> {
    this.#running++;
    const result = this.#queue.then(job).finally(() => this.#running--);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

/** From position `first` on, up to `t`, inclusive. */
function eventsFrom(history: History, first: number, t: VirtualTime): readonly TraceEvent[] {
  const events: TraceEvent[] = [];
  for (let i = first; i < history.countUntil(t); i++) {
    const event = history.at(i);
    if (event) events.push(event);
  }
  return events;
}
