import type { Rule } from './rule.ts';

/** Rules `fle.*`. */
export const FLE_RULES = {} as const satisfies Record<`fle.${string}`, Rule>;
