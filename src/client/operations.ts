/**
 * From an operation as people and scenarios write it (`ClientOp`, names of zkCli) to the request that
 * ZooKeeper's client sends, with the checks that the client makes before it sends (`ZooKeeper`, its
 * asynchronous calls). What the server has to judge (an ACL, a version) goes through.
 */
import { unreachable } from '../protocol/assert.ts';
import type { ClientOp } from '../protocol/events.ts';
import {
  ADD_WATCH_MODES,
  WATCHER_TYPES,
  type AddWatchMode,
  type CreateOperation,
  type MultiOperation,
  type MultiResult,
  type Operation,
  type WatcherType,
} from '../protocol/operations.ts';
import { CREATE_MODES, hasTTL, isSequential, OPEN_ACL_UNSAFE } from '../protocol/znode.ts';
import type { Zxid } from '../protocol/zxid.ts';
import { Arguments, refuse, type Refused } from './arguments.ts';

export type { Refused } from './arguments.ts';

/** What a client can be asked for, with the arguments of each; `path` of getEphemerals may be absent. */
export const CLIENT_OPS = {
  create: ['path', 'data', 'mode', 'ttl', 'acl', 'stat'],
  delete: ['path', 'version'],
  get: ['path', 'watch'],
  set: ['path', 'data', 'version'],
  ls: ['path', 'watch', 'stat'],
  stat: ['path', 'watch'],
  sync: ['path'],
  getAcl: ['path'],
  setAcl: ['path', 'acl', 'version'],
  addauth: ['scheme', 'auth'],
  multi: ['ops'],
  addWatch: ['path', 'mode'],
  /** zkCli's word, `ZooKeeper.removeAllWatches`: the server forgets the watches too. */
  removewatches: ['path', 'type', 'local'],
  /** `ZooKeeper.removeWatches`: the server only confirms that there is a watch. */
  removeWatches: ['path', 'type', 'local'],
  reconfig: ['joining', 'leaving', 'members', 'version'],
  config: ['watch'],
  whoami: [],
  getEphemerals: ['path'],
  getAllChildrenNumber: ['path'],
  close: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type ClientOpName = keyof typeof CLIENT_OPS;

/** What a multi may hold; `get` and `ls` only among their like. */
export const MULTI_OPS = {
  create: ['path', 'data', 'mode', 'ttl', 'acl'],
  delete: ['path', 'version'],
  set: ['path', 'data', 'version'],
  check: ['path', 'version'],
  get: ['path'],
  ls: ['path'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export const WATCHER_TYPE_NAMES = Object.keys(WATCHER_TYPES) as readonly WatcherType[];
export const ADD_WATCH_MODE_NAMES = Object.keys(ADD_WATCH_MODES) as readonly AddWatchMode[];
const CONFIG_NODE = '/zookeeper/config';

export type ToOperation =
  | {
      readonly ok: true;
      readonly operation: Operation;
      /** Its path is not one below the chroot (`ZooKeeper.getConfig`). */
      readonly absolute?: true;
      /** Of a removal of watches: the client forgets them whatever the server says. */
      readonly local?: boolean;
      /** Of a create: the caller takes no Stat. */
      readonly noStat?: boolean;
    }
  | Refused;

/** Checks the arguments of `request`. Keys that the operation does not have are ignored. */
export function toOperation(request: ClientOp): ToOperation {
  const { op } = request;
  if (!isKey(CLIENT_OPS, op)) return refuse(`there is no operation ${JSON.stringify(op) ?? String(op)}`);
  if (op === 'multi') return toMulti(request['ops']);
  const args = new Arguments(request);
  const made = make(op, args);
  return args.refused ?? { ok: true, ...made };
}

type Made = Omit<Extract<ToOperation, { readonly ok: true }>, 'ok'>;

function make(op: Exclude<ClientOpName, 'multi'>, args: Arguments): Made {
  switch (op) {
    case 'create':
      return { operation: toCreate(args), noStat: !args.flag('stat', true) };
    case 'delete':
      return { operation: { op: 'delete', path: args.path(), version: args.version() } };
    case 'get':
      return { operation: { op: 'getData', path: args.path(), watch: args.flag('watch', false) } };
    case 'set':
      return { operation: { op: 'setData', path: args.path(), data: args.bytes('data'), version: args.version() } };
    case 'ls': {
      const name = args.flag('stat', true) ? 'getChildren2' : 'getChildren';
      return { operation: { op: name, path: args.path(), watch: args.flag('watch', false) } };
    }
    case 'stat':
      return { operation: { op: 'exists', path: args.path(), watch: args.flag('watch', false) } };
    case 'sync':
      return { operation: { op: 'sync', path: args.path() } };
    case 'getAcl':
      return { operation: { op: 'getACL', path: args.path() } };
    case 'setAcl':
      return { operation: { op: 'setACL', path: args.path(), acl: args.acl(), version: args.version() } };
    case 'addauth':
      return { operation: { op: 'auth', scheme: args.text('scheme'), auth: args.bytes('auth') } };
    case 'addWatch':
      return {
        operation: {
          op: 'addWatch',
          path: args.path(),
          // zkCli's default.
          mode: ADD_WATCH_MODES[args.oneOf('mode', ADD_WATCH_MODE_NAMES, 'PERSISTENT_RECURSIVE')],
        },
      };
    case 'removewatches':
    case 'removeWatches':
      return {
        operation: {
          op: op === 'removewatches' ? 'removeWatches' : 'checkWatches',
          path: args.path(),
          watcherType: WATCHER_TYPES[args.oneOf('type', WATCHER_TYPE_NAMES, 'Any')],
        },
        local: args.flag('local', false),
      };
    case 'reconfig':
      return {
        operation: {
          op: 'reconfig',
          joiningServers: args.optionalText('joining'),
          leavingServers: args.optionalText('leaving'),
          newMembers: args.optionalText('members'),
          curConfigId: args.long('version') as Zxid,
        },
        absolute: true,
      };
    case 'config':
      return { operation: { op: 'getData', path: CONFIG_NODE, watch: args.flag('watch', false) }, absolute: true };
    case 'whoami':
      return { operation: { op: 'whoAmI' } };
    case 'getEphemerals':
      return { operation: { op: 'getEphemerals', prefix: args.path(false, '/') } };
    case 'getAllChildrenNumber':
      return { operation: { op: 'getAllChildrenNumber', path: args.path() } };
    case 'close':
      return { operation: { op: 'closeSession' } };
    default:
      return unreachable(op);
  }
}

/** `ZooKeeper.create`; without the Stat it is the older call, which knows no time to live. */
function toCreate(args: Arguments): CreateOperation {
  const create = createArguments(args);
  if (!args.flag('stat', true)) {
    args.noTTL(create.mode);
    return { op: create.mode === 'CONTAINER' ? 'createContainer' : 'create', ...create };
  }
  const ttl = args.ttl(create.mode);
  return hasTTL(create.mode)
    ? { op: 'createTTL', ...create, ttl }
    : { op: create.mode === 'CONTAINER' ? 'createContainer' : 'create2', ...create };
}

/** `Op.create`: there is no create2 in a multi, so a plain create brings no Stat; a ttl counts only in the modes that have one. */
function toCreatePart(args: Arguments): CreateOperation {
  const create = createArguments(args);
  if (hasTTL(create.mode)) return { op: 'createTTL', ...create, ttl: args.ttl(create.mode) };
  return { op: create.mode === 'CONTAINER' ? 'createContainer' : 'create', ...create };
}

function createArguments(args: Arguments) {
  const mode = args.oneOf('mode', CREATE_MODES, 'PERSISTENT');
  const path = args.path(isSequential(mode));
  return { path, data: args.bytes('data'), acl: args.acl(OPEN_ACL_UNSAFE), mode };
}

/**
 * `ZooKeeper.multi`: a bad path or time to live is told as the result of its operation, all others saying
 * RUNTIMEINCONSISTENCY, and nothing is sent; reads and writes together are an exception.
 */
function toMulti(ops: unknown): ToOperation {
  if (!Array.isArray(ops)) return refuse('ops must be a list of operations');
  const made: MultiOperation[] = [];
  const results: MultiResult[] = [];
  let thrown: Refused | null = null;
  for (const given of ops as readonly unknown[]) {
    const { op } = (given ?? {}) as { readonly op?: unknown };
    if (!isKey(MULTI_OPS, op)) return refuse(`op of a multi must be one of ${Object.keys(MULTI_OPS).join(', ')}`);
    const args = new Arguments(given as Readonly<Record<string, unknown>>);
    made.push(makePart(op, args));
    if (args.refused && args.refused.throws === undefined) return args.refused;
    thrown ??= args.refused;
    results.push({ op: 'error', error: args.refused ? 'BADARGUMENTS' : 'RUNTIMEINCONSISTENCY' });
  }
  if (thrown) return { ok: false, error: 'BADARGUMENTS', reason: thrown.reason, results };
  const reads = made.filter(({ op }) => op === 'getData' || op === 'getChildren').length;
  if (reads !== 0 && reads !== made.length) {
    return { ...refuse('a multi holds reads only or writes only'), throws: 'IllegalArgumentException' };
  }
  return { ok: true, operation: { op: reads === 0 ? 'multi' : 'multiRead', ops: made } };
}

/** `Op`, checked by `Op.validate`. */
function makePart(op: keyof typeof MULTI_OPS, args: Arguments): MultiOperation {
  switch (op) {
    case 'create':
      return toCreatePart(args);
    case 'delete':
      return { op: 'delete', path: args.path(), version: args.version() };
    case 'set':
      return { op: 'setData', path: args.path(), data: args.bytes('data'), version: args.version() };
    case 'check':
      return { op: 'check', path: args.path(), version: args.version() };
    case 'get':
      return { op: 'getData', path: args.path(), watch: false };
    case 'ls':
      return { op: 'getChildren', path: args.path(), watch: false };
    default:
      return unreachable(op);
  }
}

function isKey<T extends object>(table: T, key: unknown): key is keyof T {
  return typeof key === 'string' && Object.hasOwn(table, key);
}
