/** What interface, lessons and command line see of a running lab. Implemented by src/lab/lab.ts. */
import type { Violation } from '../check/index.ts';
import type { Trace } from '../trace/index.ts';
import type { VirtualTime } from '../protocol/time.ts';
import type { Action, ActionBody } from './actions.ts';
import type { NamedFile } from './datadir/index.ts';
import type { Scenario } from './scenario-types.ts';

export type ActResult =
  { readonly ok: true; readonly action: Action } | { readonly ok: false; readonly reason: string };

export interface LabApi {
  /** As it began, with all actions taken so far: running it again gives this trace. */
  readonly scenario: Scenario;
  /** Grows as the lab runs. */
  readonly trace: Trace;
  /** Every actor has run up to here, inclusive. */
  readonly head: VirtualTime;
  /** Nothing happens between `head` and here; null: nothing happens any more unless somebody acts. */
  readonly next: VirtualTime | null;
  /** What was found wrong in the run so far, in order; nothing that happens after a violation takes it back. Empty if nobody looks. */
  readonly violations: readonly Violation[];
  /** What stopped the lab: a bug of the engine or a worker that failed. Nothing runs after it. */
  readonly failure: LabFailure | null;
  /** Lets the checkers look at the run, if they do not yet: from its first event on. Rejects if they cannot be loaded. */
  watch(): Promise<void>;
  /** Runs until `to` (inclusive); scheduled actions take effect on the way. Rejects never: see `failure`. Calls queue. */
  advance(to: VirtualTime): Promise<void>;
  /** Takes an action right after `head`, as soon as the running advance ends; recorded in the scenario. A refusal changes nothing. */
  act(action: ActionBody): Promise<ActResult>;
  /** A new lab: the same scenario cut after `at`, run there at full speed. This lab stays. */
  branch(at: VirtualTime): Promise<LabApi>;
  /** What server `sid` has on its disk at `head`, ready for a real server's `dataDir`; null: there is no such server. */
  dataDir(sid: number): Promise<readonly NamedFile[] | null>;
  dispose(): void;
}

/** Reported loudly with seed and instant; the lab stops, it never hangs. */
export interface LabFailure {
  readonly actor: string;
  readonly message: string;
  readonly seed: number;
  readonly at: VirtualTime;
}
