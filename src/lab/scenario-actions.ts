/** The schema of actions: their keys, types, and that they speak of actors which the scenario has. */
import * as v from 'valibot';
import { CLIENT_OPS, LATER_OPS } from '../client/index.ts';
import { PACKET_TYPES } from '../protocol/network.ts';
import { virtualTime } from '../protocol/time.ts';
import { CREATE_MODES } from '../protocol/znode.ts';
import type { Action, ActionBody, ActionName } from './actions.ts';
import {
  choice,
  expected,
  flag,
  integer,
  jsonText,
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
const DATA_MAX = 1 << 20;

/** Whom actions can speak of. */
export interface Cast {
  readonly sids: readonly number[];
  readonly clients: readonly string[];
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
    corrupt: { server, file: text('the name of a file', TEXT_MAX), offset },
    clock: { server, rate: number(0.1, 10) },
    connect: { client, server: v.exactOptional(server), sessionTimeout: v.exactOptional(sessionTimeout) },
    disconnect: { client },
    request: { client },
    console: { client, line: text('a line of zkCli', TEXT_MAX) },
  } satisfies Record<ActionName, Readonly<Record<string, Schema>>>;
}

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
  v.check((data) => v.BASE64_REGEX.test(data.base64), expected('base64')),
);
const dataText = text('text, null or {"base64": "…"}', DATA_MAX);
const data = v.lazy((input) => (typeof input === 'object' ? v.nullable(base64) : dataText));

/** Arguments that an operation can have, as the console would take them. */
const ARGUMENTS: Readonly<Record<string, Schema>> = {
  path: text('a path', TEXT_MAX),
  data,
  version: integer(-1, 2 ** 31 - 1),
  mode: oneOf(CREATE_MODES),
  watch: flag,
};
/** Of operations that are not served yet: kept as it is, if it is not too long. */
const ANYTHING = v.pipe(
  v.unknown(),
  v.check((value) => (jsonText(value)?.length ?? Infinity) <= DATA_MAX, `expected at most ${DATA_MAX} characters`),
);

const OP_KEYS: Record<(typeof CLIENT_OPS)[number], readonly string[]> = {
  create: ['path', 'data', 'mode', 'ttl', 'acl'],
  get: ['path', 'watch'],
  set: ['path', 'data', 'version'],
  delete: ['path', 'version'],
  ls: ['path', 'watch'],
  stat: ['path', 'watch'],
  sync: ['path'],
  getEphemerals: ['path'],
  getAllChildrenNumber: ['path'],
  close: [],
};
/** Of operations that a later release brings: they are asked for, and answer UNIMPLEMENTED. */
const LATER_KEYS = [
  ...['path', 'data', 'version', 'mode', 'ttl', 'acl', 'watch', 'ops', 'scheme', 'auth', 'type', 'recursive', 'local'],
  ...['joining', 'leaving', 'members'],
];
const REQUESTS = [
  ...CLIENT_OPS.map((op) => [op, OP_KEYS[op]] as const),
  ...LATER_OPS.map((op) => [op, LATER_KEYS] as const),
];

function requestSchema(common: Readonly<Record<string, Schema>>) {
  const kinds = REQUESTS.map(([op, keys]) => {
    const given = keys.map((key) => [key, v.exactOptional(ARGUMENTS[key] ?? ANYTHING)]);
    return [op, object({ ...common, op: v.literal(op), ...Object.fromEntries(given) })];
  });
  return choice('op', Object.fromEntries(kinds) as Record<string, Schema>, 'an action');
}
