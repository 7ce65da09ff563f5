/** The schema of actions: their keys, types, and that they speak of actors which the scenario has. */
import * as v from 'valibot';
import { ADD_WATCH_MODE_NAMES, CLIENT_OPS, MULTI_OPS, WATCHER_TYPE_NAMES } from '../client/index.ts';
import { assert } from '../protocol/assert.ts';
import { isMonitorCommand } from '../protocol/monitoring.ts';
import { PACKET_TYPES } from '../protocol/network.ts';
import { virtualTime } from '../protocol/time.ts';
import { isBase64 } from '../protocol/trace-data.ts';
import { CREATE_MODES } from '../protocol/znode.ts';
import type { Action, ActionBody, ActionName } from './actions.ts';
import {
  choice,
  expected,
  flag,
  integer,
  list,
  number,
  object,
  oneOf,
  text,
  together,
  type Schema,
} from '../protocol/json.ts';

/** ms: the latest instant that a scenario may speak of. */
export const TIME_MAX = 1e9;
export const LATENCY_MIN = 1;
export const LATENCY_MAX = 60_000;
const TEXT_MAX = 1000;
/** Characters of a console line: room for some data, and for the list of a whole ensemble. */
const LINE_MAX = 1 << 16;
const DATA_MAX = 1 << 20;
const ROLES = ['participant', 'observer'] as const;

/** Whom actions can speak of. */
export interface Cast {
  /** Of the ensemble, and those that some action adds. */
  readonly sids: readonly number[];
  readonly clients: readonly string[];
}

/** The sids that a list of actions brings; what is no such action is no concern here. */
export function addedSids(actions: unknown): readonly number[] {
  if (!Array.isArray(actions)) return [];
  const added = v.object({ do: v.literal('add-server'), sid: v.number() });
  return actions.flatMap((action: unknown) => (v.is(added, action) ? [action.sid] : []));
}

export const time = v.pipe(number(0, TIME_MAX), v.transform(virtualTime));
/** ms, before the server's own limits. */
export const sessionTimeout = integer(1, 2 ** 31 - 1);

/** The pair `[low, high]` of milliseconds. */
export function range(min: number, max: number) {
  const pair = v.strictTuple([v.number(), v.number()]);
  return v.pipe(
    v.custom<readonly [number, number]>(
      (input) => v.is(pair, input) && min <= input[0] && input[0] <= input[1] && input[1] <= max,
      expected(`[low, high] in ms with ${min} ≤ low ≤ high ≤ ${max}`),
    ),
    v.transform(([low, high]) => [virtualTime(low), virtualTime(high)] as const),
  );
}

export function sidOf(sids: readonly number[]) {
  return v.picklist(sids, expected(`a sid of this ensemble (${sids.join(', ')})`));
}

/** An action with its instant. */
export function actionSchema(cast: Cast): Schema<Action> {
  // What scenario and trace show of an action begins with its instant.
  return v.pipe(
    bodySchema(cast, { at: time }),
    v.transform((action) => {
      const { at, ...body } = action as Action;
      return { at, ...body };
    }),
  );
}

/** An action without an instant. */
export function actionBodySchema(cast: Cast): Schema<ActionBody> {
  return bodySchema(cast, {});
}

function bodySchema(cast: Cast, more: Readonly<Record<string, Schema>>): Schema<ActionBody> {
  const kinds = Object.entries(actionEntries(cast)).map(([name, entries]) => {
    const common = { do: v.literal(name), ...more };
    return [name, name === 'request' ? requestSchema({ ...common, ...entries }) : object({ ...common, ...entries })];
  });
  return v.pipe(
    choice('do', Object.fromEntries(kinds) as Record<ActionName, Schema<ActionBody>>, 'an action'),
    together((action: ActionBody) => {
      if (action.do === 'pause' || action.do === 'resume') {
        return 'server' in action === 'client' in action ? [[], 'expected either server or client'] : null;
      }
      if (action.do === 'request' || !('from' in action)) return null;
      const { from, to } = action;
      if (from === to) return [['to'], `expected another actor than ${from}`];
      const apart = cast.clients.includes(from) && cast.clients.includes(to);
      return apart ? [['to'], 'expected a server: clients have no link to each other'] : null;
    }),
  );
}

function actionEntries({ sids, clients }: Cast) {
  const server = sidOf(sids);
  const known = clients.length === 0 ? ', which has none' : ` (${clients.join(', ')})`;
  const client = v.picklist(clients, expected(`a client of this scenario${known}`));
  const names = [...sids.map((sid) => `s${sid}`), ...clients];
  const actor = v.picklist(names, expected(`an actor (${names.join(', ')})`));
  const link = { from: actor, to: actor };
  const packets = { ...link, type: v.exactOptional(oneOf(PACKET_TYPES)), count: v.exactOptional(integer(1, 1e6)) };
  const directions = { ...link, oneWay: v.exactOptional(flag) };
  const either = { server: v.exactOptional(server), client: v.exactOptional(client) };
  const group = list(server, 'a list of sids', 16, 1);
  return {
    kill: { server },
    restart: { server },
    wipe: { server },
    'add-server': { sid: integer(1, 255), role: v.exactOptional(oneOf(ROLES)) },
    'remove-server': { sid: server },
    pause: either,
    resume: either,
    hold: packets,
    release: packets,
    drop: packets,
    cut: directions,
    heal: directions,
    partition: { groups: v.pipe(list(group, 'a list of groups of sids', 16, 2), together(twiceInGroups)) },
    'heal-all': {},
    latency: { ...link, latency: range(LATENCY_MIN, LATENCY_MAX) },
    'drop-connection': link,
    disk: { server, fsync: range(0, LATENCY_MAX) },
    'disk-full': { server, full: v.exactOptional(flag) },
    'remove-file': { server, file: text('the name of a file', TEXT_MAX) },
    corrupt: { server, file: text('the name of a file', TEXT_MAX), offset },
    clock: { server, rate: number(0.1, 10) },
    ask: { server, command: monitorCommand },
    connect: { client, server: v.exactOptional(server), sessionTimeout: v.exactOptional(sessionTimeout) },
    disconnect: { client },
    request: { client },
    console: { client, line: text('a line of zkCli', LINE_MAX) },
  } satisfies Record<ActionName, Readonly<Record<string, Schema>>>;
}

const monitorCommand = v.pipe(
  v.string(),
  v.check(isMonitorCommand, expected('a four-letter word such as "mntr", or a path such as "/commands/leader"')),
);

const OFFSET_FORM = 'an offset in bytes or "tail"';
const offset = v.union([v.literal('tail'), integer(0, 2 ** 31)], expected(OFFSET_FORM));

function twiceInGroups(groups: readonly (readonly number[])[]) {
  const seen = new Set<number>();
  for (const [g, group] of groups.entries()) {
    for (const [m, sid] of group.entries()) {
      if (seen.has(sid)) return [[g, m], `expected each sid in one group, got ${sid} again`] as const;
      seen.add(sid);
    }
  }
  return null;
}

// ---- requests: what the operation itself would refuse (a bad path) is left to the client

const base64 = v.pipe(
  object({ base64: text('base64', 2 * DATA_MAX) }),
  v.check((data) => isBase64(data.base64), expected('base64')),
);
const dataText = text('text, null or {"base64": "…"}', DATA_MAX);
const data = v.lazy((input) => (typeof input === 'object' ? v.nullable(base64) : dataText));

const perms = v.union(
  [v.pipe(v.string(), v.regex(/^[rwcda]*$/)), integer(0, 31)],
  expected('letters of rwcda or a sum of their numbers'),
);
const aclEntry = object({ scheme: text('a scheme', TEXT_MAX), id: text('an id', TEXT_MAX), perms });
const aclText = text('scheme:id:perms,…, a list of {scheme, id, perms}, or null', DATA_MAX);
const acl = v.lazy((input) => (typeof input === 'string' ? aclText : v.nullable(list(aclEntry, 'an ACL', 1000))));
const version = integer(-(2 ** 31), 2 ** 31 - 1);
const members = text('servers, separated by commas', DATA_MAX);

/** Arguments that an operation can have, as the console would take them. */
const ARGUMENTS = {
  path: text('a path', TEXT_MAX),
  data,
  version,
  mode: oneOf(CREATE_MODES),
  ttl: integer(-1, Number.MAX_SAFE_INTEGER),
  acl,
  stat: flag,
  watch: flag,
  scheme: text('a scheme', TEXT_MAX),
  auth: data,
  type: oneOf(WATCHER_TYPE_NAMES),
  local: flag,
  joining: members,
  leaving: members,
  members,
} as const satisfies Readonly<Record<string, Schema>>;

/** The keys of an operation with their schemas; `own` are those that mean something else in it. */
function keysOf(keys: readonly string[], own: Readonly<Record<string, Schema>> = {}) {
  const schemas: Readonly<Record<string, Schema | undefined>> = { ...ARGUMENTS, ...own };
  return Object.fromEntries(
    keys.map((key) => {
      const schema = schemas[key];
      assert(schema, `no schema for the argument ${key}`);
      return [key, v.exactOptional(schema)];
    }),
  );
}

const multiKinds = Object.entries(MULTI_OPS).map(([op, keys]) => [
  op,
  object({ op: v.literal(op), ...keysOf(keys) }),
]) satisfies (readonly [string, Schema])[];
const ops = list(
  choice('op', Object.fromEntries(multiKinds) as Record<string, Schema>, 'an operation'),
  'a list of operations',
  10_000,
);

/** Arguments that share a name with those of other operations only. */
const OWN_ARGUMENTS: Readonly<Record<string, Readonly<Record<string, Schema>>>> = {
  multi: { ops },
  addWatch: { mode: oneOf(ADD_WATCH_MODE_NAMES) },
  // A version of the configuration, which is a zxid.
  reconfig: { version: integer(-1, Number.MAX_SAFE_INTEGER) },
};

function requestSchema(common: Readonly<Record<string, Schema>>) {
  const kinds = Object.entries(CLIENT_OPS).map(([op, keys]) => [
    op,
    object({ ...common, op: v.literal(op), ...keysOf(keys, OWN_ARGUMENTS[op]) }),
  ]);
  return choice('op', Object.fromEntries(kinds) as Record<string, Schema>, 'an action');
}
