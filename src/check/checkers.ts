/** The list of all checkers. */
import type { Checker } from './types.ts';

export const CHECKERS: readonly Checker[] = [];
