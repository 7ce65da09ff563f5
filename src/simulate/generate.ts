/**
 * Random scenarios: several clients at work on few paths while faults come and go. A pure function of seed and options.
 * Swarm testing: each seed draws which of its profile's faults and which operations there are, how often they come, and
 * the settings of the ensemble; few kinds at a time reach places that all of them together do not.
 */
import { parseScenario, SCENARIO_FORMAT, type Action, type Scenario } from '../lab/index.ts';
import { assert } from '../protocol/assert.ts';
import type { Defect } from '../protocol/defects.ts';
import { Dice } from './dice.ts';
import { Faults } from './faults.ts';
import { faultsOf, type Fault, type Profile } from './profiles.ts';
import { drawSetup, type Setup } from './settings.ts';
import { drawStaging } from './staged.ts';
import { creation, drawAction, drawMixture, FIRST } from './workload.ts';

export interface GenerateOptions {
  readonly profile: Profile;
  /** How many voters; null: the seed says. */
  readonly servers: number | null;
  /** How long clients work and faults happen, virtual ms; `staged` does not ask. */
  readonly forMs: number;
  readonly defects: readonly Defect[];
}

/** What the command line does if it is told nothing else. */
export const DEFAULT_OPTIONS: GenerateOptions = { profile: 'chaos', servers: null, forMs: 20_000, defects: [] };

/** The scenario of a seed: until its end faults may be in force. It heals nothing (src/simulate/heal.ts). */
export function generate(seed: number, options: GenerateOptions): Scenario {
  const parsed = parseScenario({
    ...{ format: SCENARIO_FORMAT, title: `Simulation of seed ${seed}, profile ${options.profile}`, seed },
    ...(options.profile === 'staged' ? drawStaging(seed, options.servers) : drawLife(seed, options)),
    defects: options.defects,
  });
  assert(parsed.ok, `seed ${seed} makes no scenario: ${parsed.ok ? '' : parsed.message}`);
  return parsed.scenario;
}

/** Clients at work, and faults that come and go. */
function drawLife(seed: number, options: GenerateOptions): Readonly<Record<string, unknown>> {
  const setup = drawSetup(seed, options.profile, options.servers);
  // About when a first leader serves; some seeds do not wait for that.
  const begin = new Dice(seed, 'begin').pick([400, 1500, 1500, 2500]);
  const end = begin + options.forMs;
  const faults = drawFaults(seed, options.profile, setup, begin, end);
  return {
    ensemble: { servers: setup.servers, ...setup.settings },
    network: { latency: setup.latency },
    disk: { fsync: setup.fsync },
    disks: setup.disks,
    clients: setup.clients,
    actions: [...faults.actions, ...drawWork(seed, options.profile, setup, begin, end)].filter(({ at }) => at <= end),
    until: end,
  };
}

function drawFaults(seed: number, profile: Profile, setup: Setup, begin: number, end: number): Faults {
  const swarm = new Dice(seed, 'swarm');
  const dice = new Dice(seed, 'faults');
  const faults = new Faults(dice, setup);
  const kinds = faultsOf(profile).filter((fault) => setup.reconfig || !RECONFIG.includes(fault));
  if (kinds.length === 0) return faults;
  const drawn = kinds.filter(() => swarm.chance(kinds.length > 12 ? 0.35 : 0.6));
  const weights: Partial<Record<Fault, number>> = {};
  for (const kind of drawn.length > 0 ? drawn : [swarm.pick(kinds)]) weights[kind] = swarm.pick([1, 1, 2, 4]);
  const pause = swarm.pick([600, 1500, 3000]);
  for (let at = begin + dice.int(0, 2000); at < end; at += dice.span(pause / 5, pause * 3)) {
    faults.draw(dice.weighted(weights), at);
  }
  return faults;
}

const RECONFIG: readonly Fault[] = ['join', 'leave', 'role', 'members', 'wrong-reconfig'];

/** What all clients ask for, each from streams of its own. */
function drawWork(seed: number, profile: Profile, setup: Setup, begin: number, end: number): readonly Action[] {
  const sids = setup.servers.map(({ sid }) => sid);
  const mixture = drawMixture(new Dice(seed, 'mixture'), setup.ttl);
  const pace = new Dice(seed, 'pace').pick([150, 400, 800]) * setup.clients.length;
  return setup.clients.flatMap(({ name }, index) => {
    const dice = new Dice(seed, `work/${name}`);
    const actions: Action[] = index === 0 ? FIRST.map((path) => ({ at: begin, ...creation(name, path) })) : [];
    for (let at = begin + dice.int(0, pace); at < end; at += dice.span(pace / 10, pace * 2)) {
      // A handle whose session is over does nothing any more: now and then a new one follows it.
      if (profile !== 'calm' && dice.chance(0.1)) actions.push({ at, do: 'connect', client: name });
      const burst = dice.chance(0.1) ? dice.int(3, 8) : 1;
      for (let i = 0; i < burst; i++) {
        actions.push({ at: at + i, ...drawAction(dice, dice.weighted(mixture), name, sids) });
      }
    }
    return actions;
  });
}
