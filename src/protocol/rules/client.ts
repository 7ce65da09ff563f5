import type { Rule } from './rule.ts';

/** Rules `client.*`. */
export const CLIENT_RULES = {} as const satisfies Record<`client.${string}`, Rule>;
