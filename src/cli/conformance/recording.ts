/**
 * Recordings of the real server, as their files have them (the formats `zk-conformance/1` and
 * `zk-ensemble/1`). They come from outside, so schemas judge them; of what is expected only the outline
 * is looked at, since comparing it says all the rest.
 */
import * as v from 'valibot';
import {
  check,
  choice,
  expected,
  flag,
  integer,
  looseObject,
  oneOf,
  type Checked,
  type Schema,
} from '../../protocol/json.ts';

export const SUITE_FORMAT = 'zk-conformance/1';
export const ENSEMBLE_FORMAT = 'zk-ensemble/1';

const string = v.string(expected('text'));
const strings = v.record(v.string(), string, expected('an object of texts'));
const whole = integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
const sidNumber = integer(0, 255);
const sids = v.array(sidNumber, expected('a list of sids'));
const labels = v.array(string, expected('a list of session labels'));

export const servers = looseObject(
  {
    servers: integer(0, 16),
    observers: v.optional(sids, []),
    startOrder: v.optional(v.array(sids, expected('a list of lists of sids'))),
    cfg: v.optional(strings, {}),
    props: v.optional(strings, {}),
    extra: v.optional(v.array(string, expected('a list of lines')), []),
  },
  'the settings of the servers',
);
export type RecordedServers = v.InferOutput<typeof servers>;

/** What an object of these entries holds. */
export type Entered<E extends Readonly<Record<string, Schema>>> = { readonly [K in keyof E]: v.InferOutput<E[K]> };

// ---- operations of a session

export const data = v.union(
  [
    v.string(),
    v.null(),
    v.strictObject({ hex: v.pipe(v.string(), v.regex(/^([0-9a-f]{2})*$/)) }),
    v.strictObject({ rep: v.pipe(v.string(), v.length(1)), n: integer(0, 1e8) }),
  ],
  expected('text, null, {"hex": …} or {"rep": …, "n": …}'),
);
export type RecordedData = v.InferOutput<typeof data>;

const aclEntry = v.tuple([whole, v.nullable(string), v.nullable(string)], expected('[perms, scheme, id]'));
export const acl = v.union([v.literal('null'), v.array(aclEntry)], expected('a list of ACL entries or "null"'));
export type RecordedAcl = v.InferOutput<typeof acl>;

const path = v.nullable(string);
const ver = v.optional(whole, -1);
const watch = v.optional(flag, false);
/** A list of servers; the recordings give a single sid as a number, too. */
const serverList = v.optional(v.union([string, v.pipe(whole, v.transform(String))], expected('text')));

const OPERATIONS = {
  create: {
    path,
    data: v.optional(data, null),
    acl: v.optional(acl),
    mode: v.optional(string, 'PERSISTENT'),
    ttl: v.optional(whole),
    noStat: v.optional(flag, false),
  },
  delete: { path, ver },
  exists: { path, watch },
  getData: { path, watch },
  setData: { path, data: v.optional(data, null), ver },
  getChildren: { path, watch, noStat: v.optional(flag, false) },
  getACL: { path },
  setACL: { path, acl: v.optional(acl), ver },
  sync: { path },
  check: { path, ver },
  getEphemerals: { path: v.optional(path) },
  getAllChildrenNumber: { path },
  addWatch: { path, mode: string },
  removeWatches: { path, type: string, local: v.optional(flag, false) },
  removeAllWatches: { path, type: string, local: v.optional(flag, false) },
  whoAmI: {},
  getConfig: { watch },
  reconfig: { joining: serverList, leaving: serverList, members: serverList, fromConfig: v.optional(whole, -1) },
  addAuth: { scheme: string, auth: string },
  getState: {},
  close: {},
} satisfies Readonly<Record<string, Readonly<Record<string, Schema>>>>;

type Entries = typeof OPERATIONS;
type SingleOperation = {
  readonly [O in keyof Entries]: { readonly op: O } & Entered<Entries[O]>;
}[keyof Entries];
/** One call of a session. */
export type RecordedOperation = SingleOperation | { readonly op: 'multi'; readonly ops: readonly SingleOperation[] };

/** The schemas of objects that are told apart by `op`; keys unknown here are left alone. */
function byOp<T>(
  entries: Readonly<Record<string, Readonly<Record<string, Schema>>>>,
  shared: Readonly<Record<string, Schema>>,
  form: string,
): Schema<T> {
  const schemas = Object.entries(entries).map(([op, own]) => [
    op,
    looseObject({ ...shared, op: v.literal(op), ...own }),
  ]);
  // What the entries say of each kind, T says of all.
  return choice('op', Object.fromEntries(schemas) as Record<string, Schema>, form) as unknown as Schema<T>;
}

const list = expected('a list of operations');
const CALLS = { ...OPERATIONS, multi: { ops: v.array(byOp<SingleOperation>(OPERATIONS, {}, 'an operation'), list) } };
const calls = v.array(byOp<RecordedOperation>(CALLS, {}, 'an operation'), list);

/** What only a step can be. */
const OTHERS = {
  batch: { ops: calls },
  open: {
    timeout: v.optional(whole, 30_000),
    server: v.optional(sidNumber),
    chroot: v.optional(string, ''),
    readOnly: v.optional(flag, false),
    resume: v.optional(string),
    badPassword: v.optional(flag, false),
    badId: v.optional(flag, false),
  },
  cut: {},
  heal: { server: v.optional(sidNumber) },
  await: { for: v.record(v.string(), integer(0, 1e6)), within: v.optional(whole, 60_000) },
  sleep: { ms: integer(0, 1e8) },
  restart: { server: sidNumber },
  kill: { server: sidNumber },
  start: { server: sidNumber, noWait: v.optional(flag, false) },
  failover: { server: sidNumber, sessions: labels },
  join: { server: sidNumber, role: oneOf(['participant', 'observer']) },
  mode: { servers: sids },
  awaitMode: { server: sidNumber, mode: string },
  '4lw': { server: v.optional(sidNumber), cmd: string },
  times: { path: string },
  rawOpen: {},
  raw: {},
  rawClose: {},
} satisfies Readonly<Record<string, Readonly<Record<string, Schema>>>>;

type OtherEntries = typeof OTHERS;
type OtherStep = {
  readonly [O in keyof OtherEntries]: { readonly op: O } & Entered<OtherEntries[O]>;
}[keyof OtherEntries];

const common = {
  n: integer(0, 1e6),
  s: v.optional(string),
  reqHex: v.optional(string),
  seen: v.optional(v.record(v.string(), v.array(v.unknown())), {}),
  anyOrder: v.optional(labels, []),
};
interface StepCommon {
  readonly n: number;
  readonly s?: string;
  /** Raw steps: the request's frame. */
  readonly reqHex?: string;
  /** Absent where the operation got no reply. */
  readonly z?: unknown;
  readonly res?: unknown;
  readonly seen: Readonly<Record<string, readonly unknown[]>>;
  readonly anyOrder: readonly string[];
}
/** One step of a case, with what was recorded of it. */
export type RecordedStep = StepCommon & (RecordedOperation | OtherStep);
/** A step of the area `wire`; its own module reads its fields. */
export type RawStep = Extract<RecordedStep, { readonly op: 'rawOpen' | 'raw' | 'rawClose' }>;

const stepSchema = byOp<RecordedStep>({ ...CALLS, ...OTHERS }, common, 'a step');

const caseHeader = looseObject(
  {
    case: string,
    area: string,
    title: v.optional(string, ''),
    server: servers,
    leader: v.optional(sidNumber),
    base: v.optional(string),
  },
  'a case',
);

const finalLine = looseObject({ final: v.record(v.string(), v.unknown(), expected('an object')) });
export type RecordedFinal = Readonly<Record<string, unknown>>;

/** A case of a suite, or a whole file of the random ones. */
export interface RecordedCase {
  readonly case: string;
  readonly area: string;
  readonly title: string;
  readonly server: RecordedServers;
  readonly leader?: number | undefined;
  /** Last zxid before the first step. */
  readonly base?: string | undefined;
  readonly steps: readonly RecordedStep[];
  readonly final: RecordedFinal | null;
}

/** Judges a line of a suite after the first. */
export function parseLine(
  json: unknown,
): Checked<
  | { readonly kind: 'case'; readonly header: v.InferOutput<typeof caseHeader> }
  | { readonly kind: 'step'; readonly step: RecordedStep }
  | { readonly kind: 'final'; readonly final: RecordedFinal }
> {
  const has = (key: string): boolean => typeof json === 'object' && json !== null && Object.hasOwn(json, key);
  if (has('case')) {
    const header = check(caseHeader, json);
    return header.ok ? { ok: true, value: { kind: 'case', header: header.value } } : header;
  }
  if (has('final')) {
    const line = check(finalLine, json);
    return line.ok ? { ok: true, value: { kind: 'final', final: line.value.final } } : line;
  }
  const step = check(stepSchema, json);
  return step.ok ? { ok: true, value: { kind: 'step', step: step.value } } : step;
}
