/** The scenario of a seed of the profile `staged`: one staging, clients at work beside it, and what follows. */
import { Dice } from './dice.ts';
import { Stage } from './stage.ts';
import { STAGINGS } from './stagings.ts';
import { creation, FIRST } from './workload.ts';

/** `voters`: how many; null: the seed says. */
export function drawStaging(seed: number, voters: number | null): Readonly<Record<string, unknown>> {
  const dice = new Dice(seed, 'staging');
  const stage = new Stage(dice, voters);
  dice.pick(STAGINGS)(stage);
  const first = dice.int(700, 1500);
  for (const path of FIRST) stage.at(first, creation('alice', path));
  const end = stage.end + dice.int(500, 2500);
  if (dice.chance(0.7)) stage.work(first, end);
  const latency = dice.pick([2, 8, 10]);
  return {
    ensemble: {
      servers: stage.sids.map((sid) => ({ sid })),
      ...{ tickTime: stage.tickTime, standaloneEnabled: false, autoStart: stage.autoStart },
      ...stage.settings,
    },
    network: { latency: [latency, latency + dice.pick([0, 4])] },
    disk: {
      fsync: dice.pick([
        [5, 5],
        [1, 6],
      ]),
    },
    disks: stage.disks,
    clients: stage.clients,
    actions: stage.actions.toSorted((a, b) => a.at - b.at),
    until: end,
  };
}
