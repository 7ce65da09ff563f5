import type { Rule } from './rule.ts';

/** Rules `lab.*`. */
export const LAB_RULES = {} as const satisfies Record<`lab.${string}`, Rule>;
