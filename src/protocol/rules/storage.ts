import type { Rule } from './rule.ts';

/** Rules `storage.*`. */
export const STORAGE_RULES = {} as const satisfies Record<`storage.${string}`, Rule>;
