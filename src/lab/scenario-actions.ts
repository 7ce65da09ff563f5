/** Validation of actions: their keys, types, and that they speak of actors which the scenario has. */
import { unreachable } from '../protocol/assert.ts';
import { CLIENT_OPS, LATER_OPS } from '../client/index.ts';
import { PACKET_TYPES } from '../protocol/network.ts';
import { virtualTime } from '../protocol/time.ts';
import { CREATE_MODES } from '../protocol/znode.ts';
import type { Action, ActionBody, ActionName } from './actions.ts';
import { given, type Field } from './field.ts';

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

const ACTION_KEYS = {
  kill: ['server'],
  restart: ['server'],
  wipe: ['server'],
  pause: ['server', 'client'],
  resume: ['server', 'client'],
  hold: ['from', 'to', 'type', 'count'],
  release: ['from', 'to', 'type', 'count'],
  drop: ['from', 'to', 'type', 'count'],
  cut: ['from', 'to', 'oneWay'],
  heal: ['from', 'to', 'oneWay'],
  partition: ['groups'],
  'heal-all': [],
  latency: ['from', 'to', 'latency'],
  'drop-connection': ['from', 'to'],
  disk: ['server', 'fsync'],
  corrupt: ['server', 'file', 'offset'],
  clock: ['server', 'rate'],
  connect: ['client', 'server', 'sessionTimeout'],
  disconnect: ['client'],
  request: ['client', 'op'],
  console: ['client', 'line'],
} as const satisfies Record<ActionName, readonly string[]>;

const ACTION_NAMES = Object.keys(ACTION_KEYS) as readonly ActionName[];

/** Arguments of each operation, as the console would take them. */
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

/** An action with its instant. */
export function readAction(field: Field, cast: Cast): Action {
  const at = field
    .object(keysOf(field, ['at']))('at')
    .number({ min: 0, max: TIME_MAX });
  return { at: virtualTime(at), ...readBody(field, cast, ['at']) };
}

/** An action without an instant. */
export function readActionBody(field: Field, cast: Cast): ActionBody {
  return readBody(field, cast, []);
}

/** The pair `[low, high]` of milliseconds. */
export function readRange(field: Field, min: number, max: number): readonly [number, number] {
  const form = `[low, high] in ms with ${min} ≤ low ≤ high ≤ ${max}`;
  const value: unknown = field.value;
  if (Array.isArray(value) && value.length === 2) {
    const [low, high] = value as readonly unknown[];
    if (typeof low === 'number' && typeof high === 'number' && min <= low && low <= high && high <= max) {
      return [virtualTime(low), virtualTime(high)];
    }
  }
  field.expect(form);
  return [min, min];
}

export function readSid(field: Field, { sids }: Cast): number {
  const found = sids.find((sid) => sid === field.value);
  if (found === undefined) field.expect(`a sid of this ensemble (${sids.join(', ')})`);
  return found ?? 1;
}

function keysOf(field: Field, more: readonly string[]): readonly string[] {
  const source = field.value;
  if (typeof source !== 'object' || source === null) return ['do', ...more];
  const name = ACTION_NAMES.find((each) => each === (source as { readonly do?: unknown }).do);
  // Without a known action every key passes: `do` itself is what is wrong.
  if (name === undefined) return Object.keys(source).concat('do', more);
  const op = (source as { readonly op?: unknown }).op;
  return ['do', ...more, ...ACTION_KEYS[name], ...(name === 'request' ? opKeys(op) : [])];
}

function opKeys(op: unknown): readonly string[] {
  const served = CLIENT_OPS.find((each) => each === op);
  return served === undefined ? LATER_KEYS : OP_KEYS[served];
}

function readBody(field: Field, cast: Cast, more: readonly string[]): ActionBody {
  const get = field.object<string>(keysOf(field, more), 'an action');
  const what = get('do').choice(ACTION_NAMES);
  const server = (): number => readSid(get('server'), cast);
  const client = (): string => readClient(get('client'), cast);
  switch (what) {
    case 'kill':
    case 'restart':
    case 'wipe':
      return { do: what, server: server() };
    case 'pause':
    case 'resume':
      if (get('server').missing === get('client').missing) field.note('expected either server or client');
      return get('client').missing ? { do: what, server: server() } : { do: what, client: client() };
    case 'hold':
    case 'release':
    case 'drop': {
      const type = get('type').or(undefined, (each) => each.choice(PACKET_TYPES));
      const count = get('count').or(undefined, (each) => each.number({ min: 1, max: 1e6, integer: true }));
      return { do: what, ...readLink(get, cast), ...given({ type, count }) };
    }
    case 'cut':
    case 'heal': {
      const oneWay = get('oneWay').or(undefined, (each) => each.flag());
      return { do: what, ...readLink(get, cast), ...given({ oneWay }) };
    }
    case 'partition':
      return { do: what, groups: readGroups(get('groups'), cast) };
    case 'heal-all':
      return { do: what };
    case 'latency':
      return { do: what, ...readLink(get, cast), latency: readRange(get('latency'), LATENCY_MIN, LATENCY_MAX) };
    case 'drop-connection':
      return { do: what, ...readLink(get, cast) };
    case 'disk':
      return { do: what, server: server(), fsync: readRange(get('fsync'), 0, LATENCY_MAX) };
    case 'corrupt': {
      const offset = get('offset');
      return {
        do: what,
        server: server(),
        file: get('file').text('the name of a file', TEXT_MAX),
        offset:
          offset.value === 'tail'
            ? 'tail'
            : offset.number({ min: 0, max: 2 ** 31, integer: true, form: 'an offset in bytes or "tail"' }),
      };
    }
    case 'clock':
      return { do: what, server: server(), rate: get('rate').number({ min: 0.1, max: 10 }) };
    case 'connect': {
      const to = get('server').or(undefined, (each) => readSid(each, cast));
      const sessionTimeout = get('sessionTimeout').or(undefined, readSessionTimeout);
      return { do: what, client: client(), ...given({ server: to, sessionTimeout }) };
    }
    case 'disconnect':
      return { do: what, client: client() };
    case 'request':
      return { do: what, client: client(), ...readRequest(get) };
    case 'console':
      return { do: what, client: client(), line: get('line').text('a line of zkCli', TEXT_MAX) };
    default:
      return unreachable(what);
  }
}

/** ms, before the server's own limits. */
export function readSessionTimeout(field: Field): number {
  return field.number({ min: 1, max: 2 ** 31 - 1, integer: true });
}

function readClient(field: Field, { clients }: Cast): string {
  const found = clients.find((name) => name === field.value);
  if (found !== undefined) return found;
  const none = 'a client of this scenario, which has none';
  field.expect(clients.length === 0 ? none : `a client of this scenario (${clients.join(', ')})`);
  return '';
}

function readLink(
  get: (key: string) => Field,
  { sids, clients }: Cast,
): { readonly from: string; readonly to: string } {
  const servers = sids.map((sid) => `s${sid}`);
  const names = [...servers, ...clients];
  const [from, to] = (['from', 'to'] as const).map((key) => {
    const field = get(key);
    const found = names.find((name) => name === field.value);
    if (found === undefined) field.expect(`an actor (${names.join(', ')})`);
    return found ?? '';
  }) as [string, string];
  if (from !== '' && from === to) get('to').note(`expected another actor than ${from}`);
  else if (clients.includes(from) && clients.includes(to))
    get('to').note('expected a server: clients have no link to each other');
  return { from, to };
}

function readGroups(field: Field, cast: Cast): readonly (readonly number[])[] {
  const seen = new Set<number>();
  return field.list('a list of groups of sids', 16, 2).map((group) =>
    group.list('a list of sids', 16, 1).map((member) => {
      const sid = readSid(member, cast);
      if (seen.has(sid)) member.note(`expected each sid in one group, got ${sid} again`);
      seen.add(sid);
      return sid;
    }),
  );
}

/** `op` with its arguments; what the operation itself would refuse (a bad path) is left to the client. */
function readRequest(get: (key: string) => Field): { readonly op: string; readonly [argument: string]: unknown } {
  const op = get('op').choice([...CLIENT_OPS, ...LATER_OPS]);
  const keys = opKeys(op);
  const args: Record<string, unknown> = {};
  for (const key of keys) {
    const field = get(key);
    if (!field.missing) args[key] = readArgument(key, field);
  }
  return { op, ...args };
}

function readArgument(key: string, field: Field): unknown {
  switch (key) {
    case 'path':
      return field.text('a path', TEXT_MAX);
    case 'data':
      return readData(field);
    case 'version':
      return field.number({ min: -1, max: 2 ** 31 - 1, integer: true });
    case 'mode':
      return field.choice(CREATE_MODES);
    case 'watch':
      return field.flag();
    default:
      // Of operations that are not served yet: kept as it is, if it is not too long.
      if (JSON.stringify(field.value).length > DATA_MAX) field.note(`expected at most ${DATA_MAX} characters`);
      return field.value;
  }
}

function readData(field: Field): unknown {
  if (field.value === null) return null;
  if (typeof field.value !== 'object') return field.text('text, null or {"base64": "…"}', DATA_MAX);
  const base64 = field
    .object(['base64'])('base64')
    .text('base64', 2 * DATA_MAX);
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64)) field.expect('base64');
  return { base64 };
}
