/** The list of all checkers. */
import { clientGuarantees } from './client/index.ts';
import { configurations } from './configs.ts';
import { elections } from './elections.ts';
import { epochs } from './epochs.ts';
import { messageOrder } from './messages.ts';
import { phases } from './phases.ts';
import { trees } from './tree/index.ts';
import type { Checker } from './types.ts';

export const CHECKERS: readonly Checker[] = [
  elections,
  epochs,
  phases,
  messageOrder,
  configurations,
  trees,
  clientGuarantees,
];
