/** The file format of a scenario of an ensemble (`zk-ensemble/1`). */
import * as v from 'valibot';
import { check, choice, expected, integer, looseObject, type Checked, type Schema } from '../../protocol/json.ts';
import { servers, type Entered } from './recording.ts';

const string = v.string(expected('text'));
const sid = integer(1, 255);
const sids = v.array(sid, expected('a list of sids'));
const zxid = v.pipe(string, v.regex(/^0x[0-9a-f]+$/, expected('a zxid such as "0x100000001"')));
const count = integer(0, 1e6);

const disk = looseObject(
  {
    acceptedEpoch: v.nullable(string),
    currentEpoch: v.nullable(string),
    lastLogged: zxid,
    log: v.array(v.tuple([zxid, zxid, string])),
    snapshots: v.array(zxid),
  },
  'what the disk holds',
);
const server = looseObject(
  {
    alive: v.boolean(),
    paused: v.optional(v.boolean(), false),
    mode: v.optional(v.nullable(string)),
    zxid: v.optional(zxid),
    nodeCount: v.optional(count),
    disk: v.optional(disk),
  },
  'a server',
);
const bySid = v.record(v.pipe(v.string(), v.regex(/^\d+$/)), server, expected('an object with a server for a sid'));
const sent = v.array(v.tuple([string, zxid]));
const sync = looseObject({
  leader: sid,
  learner: sid,
  peerLastZxid: zxid,
  minCommittedLog: zxid,
  maxCommittedLog: zxid,
  leaderLastProcessed: zxid,
  notes: v.array(string),
  sends: sent,
  received: sent,
});

const STEPS = {
  start: { servers: sids },
  kill: { servers: sids },
  pause: { servers: sids },
  resume: { servers: sids },
  write: { through: sid, prefix: string, creates: count, transactions: count },
  tail: { leader: sid, prefix: string, creates: count, pausedBefore: sids, loggedBy: sids, killedAfter: sids },
  wipe: { server: sid },
  awaitNotServing: { servers: sids },
  state: { servers: bySid },
  settled: {
    servers: bySid,
    leader: sid,
    established: v.optional(looseObject({ leader: sid, zxid })),
    firstVotes: v.optional(v.record(v.string(), zxid)),
    syncs: v.optional(v.array(sync), []),
    contents: v.optional(v.record(v.string(), v.record(v.string(), count))),
  },
} satisfies Readonly<Record<string, Readonly<Record<string, Schema>>>>;
type Entries = typeof STEPS;
export type EnsembleStep = {
  readonly [D in keyof Entries]: { readonly do: D } & Entered<Entries[D]>;
}[keyof Entries];
export type RecordedSync = v.InferOutput<typeof sync>;
export type RecordedServer = v.InferOutput<typeof server>;

const kinds = Object.entries(STEPS).map(([name, entries]) => [name, looseObject({ do: v.literal(name), ...entries })]);
// What the entries say of each kind, the type says of all.
const step = choice(
  'do',
  Object.fromEntries(kinds) as Record<string, Schema>,
  'a step',
) as unknown as Schema<EnsembleStep>;

const scenario = looseObject({
  scenario: string,
  title: v.optional(string, ''),
  server: servers,
  steps: v.array(step, expected('a list of steps')),
});
export type EnsembleRecording = v.InferOutput<typeof scenario>;

/** Judges the JSON of a whole file. */
export function parseScenarioFile(json: unknown): Checked<EnsembleRecording> {
  return check(scenario, json);
}
