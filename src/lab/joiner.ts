/** The list with which a server that joins is started (reference/reconfig.md, section 3, step 0). */
import type { MemberConfig } from '../protocol/config.ts';
import { parseConfig } from '../protocol/quorum-config.ts';
import type { Scenario } from './scenario-types.ts';
import type { InitialList } from './types.ts';

/**
 * The configuration of the ensemble, and the server itself in its role. Where there are groups it is in the first one: it
 * has to be in one to start, and learns the real configuration from the leader.
 * @param known text of the newest configuration that a server follows; null: that of the scenario
 */
export function joinerList(ensemble: Scenario['ensemble'], known: string | null, joiner: MemberConfig): InitialList {
  const parsed = known === null ? null : parseConfig(known, ensemble);
  const others = (parsed?.ok ? parsed.value.servers : ensemble.servers).filter(({ sid }) => sid !== joiner.sid);
  const members = [...others.map(({ sid, role }) => ({ sid, role })), joiner].sort((a, b) => a.sid - b.sid);
  const hierarchy = parsed?.ok ? parsed.value.hierarchy : null;
  if (parsed?.ok && !hierarchy) return { members, groups: {}, weights: {} };
  const groups = hierarchy ? groupsOf(hierarchy.groupOf) : { ...ensemble.groups };
  const weights = hierarchy ? Object.fromEntries(hierarchy.weightOf) : ensemble.weights;
  const [first] = Object.keys(groups);
  const placed = Object.values(groups).some((sids) => sids.includes(joiner.sid));
  if (first !== undefined && !placed && joiner.role === 'participant') {
    groups[first] = [...(groups[first] ?? []), joiner.sid];
  }
  return { members, groups, weights };
}

function groupsOf(groupOf: ReadonlyMap<MemberConfig['sid'], number>): Record<string, readonly MemberConfig['sid'][]> {
  const groups: Record<string, MemberConfig['sid'][]> = {};
  for (const [sid, group] of groupOf) (groups[group] ??= []).push(sid);
  return groups;
}
