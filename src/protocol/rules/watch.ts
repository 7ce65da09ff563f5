import type { Rule } from './rule.ts';

/** Rules `watch.*`. */
export const WATCH_RULES = {} as const satisfies Record<`watch.${string}`, Rule>;
