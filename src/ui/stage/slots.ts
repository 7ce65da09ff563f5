/**
 * Who stands where on the ring when servers come and go: whoever is there keeps its place, a new one
 * takes a place that was left, else the ring gets one more. Pure: the same for all of a run, so that
 * nobody moves when a server is removed or time goes back.
 */
import type { Scenario } from '../../lab/index.ts';
import { sid, type Sid } from '../../protocol/ids.ts';

/** The servers of each place: one at a time. */
export type Slots = readonly (readonly Sid[])[];

export function slotsOf({ ensemble, actions }: Pick<Scenario, 'ensemble' | 'actions'>): Slots {
  const first = ensemble.servers.map((server) => server.sid).sort((a, b) => a - b);
  const slots: { taken: boolean; sids: readonly Sid[] }[] = first.map((id) => ({ taken: true, sids: [id] }));
  for (const action of actions) {
    if (action.do === 'remove-server') {
      const slot = slots.find(({ taken, sids }) => taken && sids.at(-1) === action.sid);
      if (slot) slot.taken = false;
    } else if (action.do === 'add-server') {
      const id = sid(action.sid);
      if (slots.some(({ taken, sids }) => taken && sids.at(-1) === id)) continue;
      const left = slots.filter(({ taken }) => !taken);
      const home = left.find(({ sids }) => sids.includes(id)) ?? left[0] ?? { taken: false, sids: [] };
      if (left.length === 0) slots.push(home);
      for (const slot of slots) slot.sids = slot.sids.filter((other) => other !== id);
      home.taken = true;
      home.sids = [...home.sids, id];
    }
  }
  return slots.map(({ sids }) => sids);
}
