/** Guarantees that clients have: one checker, whose parts share what they know of clients, servers and commits. */
import type { Checker } from '../types.ts';
import { durability } from './durability.ts';
import { outcomes } from './outcomes.ts';
import { answers, contents } from './reads.ts';
import { ClientRun } from './run.ts';
import { sessionEnds, sessionExpiry } from './sessions.ts';
import { timeliness } from './timeliness.ts';
import { watchClients } from './watch-clients.ts';
import { watchPermission } from './watch-permission.ts';
import { watchTables } from './watch-tables.ts';
import { uniqueSequence, writes } from './writes.ts';

export const clientGuarantees: Checker = (world, report) => {
  const run = new ClientRun(world);
  return run.start([
    answers(run, report),
    writes(run, report),
    contents(report),
    uniqueSequence(report),
    outcomes(report),
    durability(world, report),
    sessionEnds(run, report),
    sessionExpiry(run, report),
    watchTables(run, report),
    watchPermission(world, run, report),
    watchClients(run, report),
    timeliness(world, run, report),
  ]);
};
