/**
 * Makes a scenario small that breaks a property: as few actions, clients and servers, as plain settings and as short a time as a
 * bounded number of runs can find. What breaks another property instead is no success. Delta debugging (Zeller, Hildebrandt
 * 2002) over the actions; what disks may lose is judged anew in every run (src/simulate/loss.ts).
 */
import { parseScenario, serializeScenario, type Action, type Scenario } from '../lab/index.ts';
import { ZOO_DEFAULTS, type ZooConfig } from '../protocol/config.ts';
import { virtualTime } from '../protocol/time.ts';
import { isLiveness } from './liveness.ts';
import { isNew, play, type Finding, type Outcome } from './play.ts';

export interface Shrunk {
  /** Ends right behind the violation, and is opened there. */
  readonly scenario: Scenario;
  readonly finding: Finding;
  /** How many runs it took. */
  readonly runs: number;
}

/** ms kept behind the violation. */
const REST = 1;

/**
 * @param scenario before anything was healed
 * @param outcome of its run, which broke `property`
 * @param budget most runs, at least 1
 */
export async function shrink(
  scenario: Scenario,
  outcome: Outcome,
  property: Finding['property'],
  budget: number,
): Promise<Shrunk | null> {
  return new Shrinker(property, budget).shrink(scenario, outcome);
}

class Shrinker {
  readonly #property: Finding['property'];
  readonly #budget: number;
  /** A liveness property says something only of a scenario that is healed. */
  readonly #heal: boolean;
  #runs = 0;
  /** `played`: with what was done to heal. */
  #best: { readonly scenario: Scenario; readonly played: Scenario; readonly finding: Finding } | null = null;

  constructor(property: Finding['property'], budget: number) {
    this.#property = property;
    this.#budget = budget;
    this.#heal = isLiveness(property);
  }

  async shrink(given: Scenario, { scenario, violations }: Outcome): Promise<Shrunk | null> {
    const found = violations.find((each) => each.property === this.#property && isNew(each));
    if (!found || !(await this.#try(this.#heal ? given : cut(scenario, found)))) return null;
    for (let size = -1; size !== this.#size() && this.#left();) {
      size = this.#size();
      await this.#fewerActions();
      await this.#fewerClients();
      await this.#plainSettings();
      await this.#fewerServers();
      await this.#lessTime();
    }
    const best = this.#best;
    if (!best) return null;
    const { played, finding } = best;
    return { scenario: { ...cut(played, finding), start: finding.at }, finding, runs: this.#runs };
  }

  get #scenario(): Scenario {
    if (!this.#best) throw new TypeError('nothing has been run');
    return this.#best.scenario;
  }

  #left(): boolean {
    return this.#runs < this.#budget;
  }

  #size(): number {
    const { actions, clients, ensemble, until } = this.#scenario;
    return JSON.stringify([actions, clients, ensemble]).length + until;
  }

  /** Whether the candidate breaks the property too; then it is the best one. */
  async #try(candidate: Scenario): Promise<boolean> {
    if (!this.#left()) return false;
    const parsed = parseScenario(serializeScenario(candidate));
    if (!parsed.ok) return false;
    this.#runs++;
    const outcome = await play(parsed.scenario, { heal: this.#heal, stopAtFirst: true });
    const finding = outcome.violations.find((each) => each.property === this.#property && isNew(each));
    if (!finding) return false;
    // What was played has what disks really lost. What is healed in the end is not part of what is shrunk.
    const scenario = this.#heal ? parsed.scenario : cut(outcome.scenario, finding);
    this.#best = { scenario, played: outcome.scenario, finding };
    return true;
  }

  async #fewerActions(): Promise<void> {
    for (let chunk = Math.ceil(this.#scenario.actions.length / 2); chunk >= 1; chunk = Math.floor(chunk / 2)) {
      for (let from = 0; from < this.#scenario.actions.length && this.#left();) {
        const { actions } = this.#scenario;
        const left = [...actions.slice(0, from), ...actions.slice(from + chunk)];
        if (!(await this.#try({ ...this.#scenario, actions: left }))) from += chunk;
      }
    }
  }

  async #fewerClients(): Promise<void> {
    for (const { name } of this.#scenario.clients) {
      const { clients, actions } = this.#scenario;
      await this.#try({
        ...this.#scenario,
        clients: clients.filter((client) => client.name !== name),
        actions: actions.filter((action) => !mentions(action, name)),
      });
    }
  }

  async #fewerServers(): Promise<void> {
    for (const { sid } of [...this.#scenario.ensemble.servers].reverse()) {
      const { ensemble, clients, actions } = this.#scenario;
      const servers = ensemble.servers.filter((server) => server.sid !== sid);
      const [first] = servers;
      if (!first) return;
      await this.#try({
        ...this.#scenario,
        ensemble: { ...ensemble, servers },
        clients: clients.map((client) => (client.server === sid ? { ...client, server: first.sid } : client)),
        actions: actions.flatMap((action) => (mentions(action, `s${sid}`) ? withoutServer(action, sid) : [action])),
      });
    }
  }

  async #plainSettings(): Promise<void> {
    const names = Object.keys(ZOO_DEFAULTS) as readonly (keyof ZooConfig)[];
    for (const name of names) {
      const { ensemble } = this.#scenario;
      if (ensemble[name] !== ZOO_DEFAULTS[name]) await this.#with({ [name]: ZOO_DEFAULTS[name] });
    }
    const { ensemble, disks } = this.#scenario;
    if (Object.keys(ensemble.groups).length > 0) await this.#with({ groups: {}, weights: {} });
    if (Object.keys(disks).length > 0) await this.#try({ ...this.#scenario, disks: {} });
    const clients = this.#scenario.clients.map((client) => ({ ...client, chroot: '', readOnly: false }));
    if (JSON.stringify(clients) !== JSON.stringify(this.#scenario.clients)) {
      await this.#try({ ...this.#scenario, clients });
    }
  }

  async #with(settings: Partial<Scenario['ensemble']>): Promise<boolean> {
    return this.#try({ ...this.#scenario, ensemble: { ...this.#scenario.ensemble, ...settings } });
  }

  /** Whatever happens comes sooner after what is before it. */
  async #lessTime(): Promise<void> {
    for (let index = 0; index < this.#scenario.actions.length && this.#left(); index++) {
      for (const share of [0.2, 0.5]) {
        const { actions } = this.#scenario;
        const before = actions[index - 1]?.at ?? 0;
        const gap = (actions[index]?.at ?? 0) - before;
        if (gap < 20) break;
        const less = Math.floor(gap * (1 - share));
        const moved = actions.map((action, i) =>
          i < index ? action : { ...action, at: virtualTime(action.at - less) },
        );
        const until = virtualTime(Math.max(0, this.#scenario.until - (this.#heal ? less : 0)));
        if (await this.#try({ ...this.#scenario, actions: moved, until })) break;
      }
    }
  }
}

/** What happens behind the violation is no part of it. */
export function cut(scenario: Scenario, { at }: Finding): Scenario {
  const actions = scenario.actions.filter((action) => action.at <= at);
  return { ...scenario, actions, start: virtualTime(Math.min(scenario.start, at)), until: virtualTime(at + REST) };
}

function mentions(action: Action, actor: string): boolean {
  if (action.do === 'partition') return action.groups.some((group) => group.some((sid) => `s${sid}` === actor));
  return Object.entries(action).some(([key, value]) => {
    if (key === 'server' || key === 'sid') return `s${String(value)}` === actor;
    return (key === 'client' || key === 'from' || key === 'to') && value === actor;
  });
}

/** The action of an ensemble without this server; none, if it was about this server alone. */
function withoutServer(action: Action, sid: number): readonly Action[] {
  if (action.do === 'connect') {
    const { server: _, ...rest } = action;
    return [rest];
  }
  if (action.do !== 'partition') return [];
  const groups = action.groups.map((group) => group.filter((each) => each !== sid)).filter(({ length }) => length > 0);
  return groups.length > 1 ? [{ ...action, groups }] : [];
}
