import type { Rule } from './rule.ts';

/** Rules `request.*`. */
export const REQUEST_RULES = {} as const satisfies Record<`request.${string}`, Rule>;
