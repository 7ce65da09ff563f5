import type { Rule } from './rule.ts';

/** Rules `session.*`. */
export const SESSION_RULES = {} as const satisfies Record<`session.${string}`, Rule>;
