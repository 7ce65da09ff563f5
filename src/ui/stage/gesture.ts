/** What a line drawn across the stage means: cut the links it crosses, or part the ensemble. Pure. */
import type { ActionBody } from '../../lab/index.ts';
import type { ActorName, Sid } from '../../protocol/ids.ts';
import { sidOf } from '../../protocol/ids.ts';
import { plural } from '../state/undo.ts';
import { crosses, type Segment } from './geometry.ts';

export interface DrawnLink {
  readonly a: ActorName;
  readonly b: ActorName;
  readonly segment: Segment;
}

export interface Stroke {
  readonly actions: readonly ActionBody[];
  readonly crossed: readonly DrawnLink[];
  /** The two sides of a partition; null for cuts. */
  readonly groups: readonly (readonly Sid[])[] | null;
  /** What will happen, for the preview. */
  readonly words: string;
}

/** Servers that still reach each other over links that are not crossed. */
function groupsWithout(sids: readonly Sid[], links: readonly DrawnLink[], crossed: ReadonlySet<DrawnLink>): Sid[][] {
  const groupOf = new Map(sids.map((id) => [id, [id]]));
  for (const link of links) {
    const a = groupOf.get(sidOf(link.a) ?? (-1 as Sid));
    const b = groupOf.get(sidOf(link.b) ?? (-1 as Sid));
    if (crossed.has(link) || a === undefined || b === undefined || a === b) continue;
    a.push(...b);
    for (const id of b) groupOf.set(id, a);
  }
  return [...new Set(groupOf.values())].map((group) => [...group].sort((x, y) => x - y));
}

/** @returns null if the line crosses nothing */
export function strokeOf(line: Segment, sids: readonly Sid[], links: readonly DrawnLink[]): Stroke | null {
  const crossed = links.filter((link) => crosses(line, link.segment));
  if (crossed.length === 0) return null;
  const betweenServers = crossed.filter(({ a, b }) => sidOf(a) !== null && sidOf(b) !== null);
  const groups = groupsWithout(sids, links, new Set(crossed));
  const parts = groups.length > 1 && betweenServers.length > 1 ? groups : null;
  const cuts = parts ? crossed.filter((link) => !betweenServers.includes(link)) : crossed;
  const cutActions = cuts.map(({ a, b }): ActionBody => ({ do: 'cut', from: a, to: b }));
  const words = [
    ...(parts ? [`Partition ${parts.map((group) => group.map((id) => `s${id}`).join(' ')).join(' | ')}`] : []),
    ...(cuts.length === 0 ? [] : [cutWords(cuts)]),
  ];
  return {
    actions: [...(parts ? [{ do: 'partition', groups: parts } as const] : []), ...cutActions],
    crossed,
    groups: parts,
    words: words.join(', '),
  };
}

function cutWords(cuts: readonly DrawnLink[]): string {
  const names = cuts.map(({ a, b }) => `${a} – ${b}`);
  return names.length <= 3 ? `Cut ${names.join(', ')}` : `Cut ${plural(names.length, 'link')}`;
}
