import type { Rule } from './rule.ts';

/** Rules `zab.*`. */
export const ZAB_RULES = {} as const satisfies Record<`zab.${string}`, Rule>;
