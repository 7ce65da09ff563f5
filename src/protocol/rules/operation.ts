import type { Rule } from './rule.ts';

/** Rules `container.*`. */
export const CONTAINER_RULES = {
  'container.emptied': {
    says: 'A container that has had a child and has none now is removed at the next check, every 60 s.',
    source: 'ContainerManager.getCandidates',
  },
  'container.never-used': {
    says: 'A container that never had a child stays, unless a longest time for that is set.',
    source: 'ContainerManager.getCandidates',
  },
  'container.ttl-over': {
    says: 'A node with a time to live is removed when it has no children and its data did not change for longer than that.',
    source: 'ContainerManager.getCandidates',
  },
} as const satisfies Record<`container.${string}`, Rule>;
