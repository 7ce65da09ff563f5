/**
 * Plays one scenario in this thread: checkers look at every event, what disks lose is kept within what quorums allow, and in the
 * end everything is healed and has to settle.
 */
import type { KnownBug, Property, Violation } from '../check/index.ts';
import { createProcess, Lab, type ActionBody, type LabFailure, type Scenario } from '../lab/index.ts';
import { InlineHost } from '../lab/hosts/inline.ts';
import type { EventId } from '../protocol/ids.ts';
import { virtualTime, type VirtualTime } from '../protocol/time.ts';
import { apply, initialState, leaderOf, type LabState } from '../trace/index.ts';
import { Counter, type Counts } from './counts.ts';
import { healing, missed, revival, stranded } from './heal.ts';
import { electionBound, isAheadByAnEpoch, settlingBound, unsettled, type LivenessProperty } from './liveness.ts';
import { isLoss, LossRule, withFile, type Loss } from './loss.ts';
import type { RuleId } from '../protocol/rules/index.ts';

/** A property of safety or liveness that did not hold. Plain data. */
export type Finding = Omit<Violation, 'property'> & { readonly property: Property | LivenessProperty };

export interface PlayOptions {
  /** Whether everything is healed at the end of the scenario, and has to settle. */
  readonly heal: boolean;
  /** Whether the run ends at its first violation; what a known bug of Apache ZooKeeper has done is none. */
  readonly stopAtFirst: boolean;
}

export interface Outcome {
  /** As it was played: without what disks were not allowed to lose, with what was done to heal. It gives the same trace again. */
  readonly scenario: Scenario;
  /** How far it was played. */
  readonly end: VirtualTime;
  /** In the order in which they were found. */
  readonly violations: readonly Finding[];
  readonly failure: LabFailure | null;
  readonly counts: Counts;
  readonly faults: Readonly<Record<string, number>>;
  readonly rules: readonly RuleId[];
}

/** Whether it is a violation at all: not what a bug of Apache ZooKeeper does, which the engine has, too. */
export function isNew({ known }: Finding): boolean {
  return known === undefined;
}

/** How far a run goes between two looks at it, ms. */
const STRIDE = 1000;
const TICK = virtualTime(0.001);
/** A run that has become a storm is over: only broken rules do that. */
const EVENTS_MAX = 500_000;

export async function play(scenario: Scenario, options: PlayOptions): Promise<Outcome> {
  const losses = scenario.actions.filter(isLoss);
  const lab = await Lab.open({ ...scenario, actions: scenario.actions.filter((action) => !isLoss(action)) }, () => {
    return new InlineHost(createProcess);
  });
  const run = new Run(lab, scenario, options);
  const found = await run.all(losses);
  lab.dispose();
  return { ...run.outcome(), violations: [...lab.violations, ...found] };
}

class Run {
  readonly #lab: Lab;
  readonly #scenario: Scenario;
  readonly #options: PlayOptions;
  readonly #counter = new Counter();
  readonly #losses: LossRule;
  readonly #state: LabState;
  #seen = 0;

  constructor(lab: Lab, scenario: Scenario, options: PlayOptions) {
    this.#lab = lab;
    this.#scenario = scenario;
    this.#options = options;
    this.#losses = new LossRule(scenario.ensemble.servers);
    this.#state = initialState(lab.trace.setup);
  }

  /** Returns what is wrong with liveness. */
  async all(losses: readonly (Loss & { readonly at: number })[]): Promise<readonly Finding[]> {
    for (const loss of losses) {
      const { at, ...body } = loss;
      if (at > this.#scenario.until || !(await this.#to(Math.max(0, at - TICK)))) break;
      await this.#lose(body);
    }
    if (!(await this.#to(this.#scenario.until)) || !this.#options.heal) return [];
    await this.#act(healing(this.#state, this.#scenario, this.#losses));
    return this.#settle();
  }

  outcome(): Omit<Outcome, 'violations'> {
    const { scenario, head, failure } = this.#lab;
    const { counts, faults, rules } = this.#counter;
    return { scenario: { ...scenario, until: head }, end: head, failure, counts, faults, rules };
  }

  /** Runs up to `ms`; false: the run is over. */
  async #to(ms: number): Promise<boolean> {
    const lab = this.#lab;
    const to = virtualTime(ms);
    while (!this.#over() && lab.head < to) {
      await lab.advance(virtualTime(Math.min(to, lab.head + STRIDE)));
      this.#follow();
    }
    return !this.#over();
  }

  #over(): boolean {
    const { failure, trace } = this.#lab;
    return (
      failure !== null || trace.length > EVENTS_MAX || (this.#options.stopAtFirst && this.#lab.violations.some(isNew))
    );
  }

  #follow(): void {
    const { trace } = this.#lab;
    for (; this.#seen < trace.length; this.#seen++) {
      const event = trace.at(this.#seen);
      this.#counter.take(event);
      this.#losses.take(event);
      apply(this.#state, event);
    }
    this.#state.t = this.#lab.head;
  }

  async #act(actions: readonly ActionBody[]): Promise<void> {
    for (const action of actions) await this.#lab.act(action);
    this.#follow();
  }

  async #lose(loss: Loss): Promise<void> {
    if (!this.#losses.allows(loss)) return;
    const files = loss.do === 'corrupt' ? ((await this.#lab.dataDir(loss.server)) ?? []) : [];
    const named = withFile(loss, files);
    if (named) await this.#act([named]);
  }

  /** Goes on until all is settled, twice: the second time with answers to what clients then ask. */
  async #settle(): Promise<readonly Finding[]> {
    const stride = Math.max(STRIDE, this.#scenario.ensemble.tickTime);
    const begin = this.#lab.head;
    let elected = begin + electionBound(this.#scenario);
    let settled = begin + settlingBound(this.#scenario);
    let [restarted, asked] = [false, false];
    for (;;) {
      if (!(await this.#to(this.#lab.head + stride))) return [];
      const wrong = unsettled(this.#state, this.#lab.trace);
      if (wrong === null) {
        if (asked) return [];
        asked = true;
        await this.#act(this.#probes());
        continue;
      }
      await this.#act(revival(this.#state, this.#losses));
      const { head } = this.#lab;
      const late = head > settled || (head > elected && leaderOf(this.#state) === null);
      if (!late) continue;
      if (restarted || !(this.#scenario.ensemble.reconfigEnabled || hasPromisedMore(this.#state))) {
        const { property, says, proof } = wrong;
        const event = (this.#lab.trace.length - 1) as EventId;
        const known = this.#lab.knownBug ?? this.#knownStandstill(property);
        return [
          {
            ...{ property, says, proof: proof.length > 0 ? proof : [event], event: proof.at(-1) ?? event, at: head },
            ...(known && { known }),
          },
        ];
      }
      // A server that has seen a configuration which nobody else knows is stuck until its second start; one that has
      // promised a later epoch than the leader's, until a new leader asks for promises.
      restarted = true;
      elected += head - begin;
      settled += head - begin;
      const up = [...this.#state.servers.values()].filter((server) => server.state !== 'DOWN');
      await this.#act(up.map(({ sid: server }) => ({ do: 'kill', server })));
      await this.#act(revival(this.#state, this.#losses));
    }
  }

  #knownStandstill(property: LivenessProperty): KnownBug | null {
    if (stranded(this.#state, this.#losses).length > 0) return 'stale configuration file';
    if (property === 'LeaderElected' && missed(this.#state).length > 0) return 'stale configuration file';
    return isAheadByAnEpoch(this.#state, this.#lab.trace) ? 'epoch without a write' : null;
  }

  /** A write of each client that has a session. */
  #probes(): readonly ActionBody[] {
    return [...this.#state.clients.values()].flatMap(({ name: client, state }): readonly ActionBody[] =>
      state === 'CONNECTED'
        ? [{ do: 'request', client, op: 'create', path: '/probe-', mode: 'PERSISTENT_SEQUENTIAL' }]
        : [],
    );
  }
}

/** A server that lost its quorum while it was being elected refuses the leader of the others (`Learner.registerWithLeader`). */
function hasPromisedMore(state: LabState): boolean {
  const leader = leaderOf(state);
  const epoch = leader === null ? undefined : state.servers.get(leader)?.currentEpoch;
  return epoch !== undefined && [...state.servers.values()].some(({ acceptedEpoch }) => acceptedEpoch > epoch);
}
