/** The list of all checkers. */
import { clientGuarantees } from './client/index.ts';
import { configurations } from './configs.ts';
import { elections } from './elections.ts';
import { epochs } from './epochs.ts';
import { messageOrder } from './messages.ts';
import { phases } from './phases.ts';
import { trees } from './tree/index.ts';
import type { Checker } from './types.ts';
import { acks } from './zab/acks.ts';
import { commits } from './zab/commits.ts';
import { delivery } from './zab/delivery.ts';
import { histories } from './zab/histories.ts';
import { leadership } from './zab/leadership.ts';

export const CHECKERS: readonly Checker[] = [
  leadership,
  commits,
  acks,
  histories,
  delivery,
  elections,
  epochs,
  phases,
  messageOrder,
  configurations,
  trees,
  clientGuarantees,
];
