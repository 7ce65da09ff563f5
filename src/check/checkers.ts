/** The list of all checkers. */
import { clientGuarantees } from './client/index.ts';
import type { Checker } from './types.ts';

export const CHECKERS: readonly Checker[] = [clientGuarantees];
