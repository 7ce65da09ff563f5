/**
 * From an operation as a person, scenario or lesson names it (zkCli's names, design of scenarios) to
 * the request that goes over the wire; what ZooKeeper's client refuses is refused here.
 */
import type { KeeperError } from '../protocol/errors.ts';
import type { ClientOp } from '../protocol/events.ts';
import type { Operation } from '../protocol/operations.ts';
import { validatePath } from '../protocol/paths.ts';
import { fromBase64 } from '../protocol/trace-data.ts';
import { CREATE_MODES, isSequential, OPEN_ACL_UNSAFE, type CreateMode, type ZnodeData } from '../protocol/znode.ts';

/** What a client can be asked for in this release. */
export const CLIENT_OPS = [
  'create',
  'get',
  'set',
  'delete',
  'ls',
  'stat',
  'sync',
  'getEphemerals',
  'getAllChildrenNumber',
  'close',
] as const;

/** Operations of ZooKeeper's client that a later release brings. */
export const LATER_OPS = [
  'getAcl',
  'setAcl',
  'addauth',
  'multi',
  'addWatch',
  'removewatches',
  'reconfig',
  'config',
  'whoami',
] as const;

export type ToOperation =
  | { readonly ok: true; readonly operation: Operation }
  | {
      readonly ok: false;
      readonly error: Extract<KeeperError, 'BADARGUMENTS' | 'UNIMPLEMENTED'>;
      readonly reason: string;
    };

/** Checks the arguments of `request`; a refusal has one sentence that names the argument. Keys that the operation does not have are ignored. */
export function toOperation(request: ClientOp): ToOperation {
  const { op } = request;
  if (isIn(LATER_OPS, op)) return refuse('UNIMPLEMENTED', `${op} is not in this release`);
  if (!isIn(CLIENT_OPS, op)) return refuse('BADARGUMENTS', `there is no operation ${JSON.stringify(op) ?? String(op)}`);
  if (op === 'close') return accept({ op: 'closeSession' });
  if (op === 'create') return toCreate(request);

  const path = request.path ?? (op === 'getEphemerals' ? '/' : undefined);
  const badPath = pathProblem(path, false);
  if (path === undefined || badPath !== null) return refuse('BADARGUMENTS', badPath ?? 'path is missing');
  const watch = request['watch'] ?? false;
  if (typeof watch !== 'boolean') return refuse('BADARGUMENTS', 'watch must be true or false');
  const version = request['version'] ?? -1;
  if (!isInt(version)) return refuse('BADARGUMENTS', 'version must be an integer, -1 for any');

  switch (op) {
    case 'get':
      return accept({ op: 'getData', path, watch });
    case 'stat':
      return accept({ op: 'exists', path, watch });
    case 'ls':
      return accept({ op: 'getChildren2', path, watch });
    case 'delete':
      return accept({ op: 'delete', path, version });
    case 'set': {
      const data = toBytes(request['data']);
      return data.ok ? accept({ op: 'setData', path, data: data.bytes, version }) : refuse('BADARGUMENTS', data.reason);
    }
    case 'sync':
      return accept({ op: 'sync', path });
    case 'getEphemerals':
      return accept({ op: 'getEphemerals', prefix: path });
    case 'getAllChildrenNumber':
      return accept({ op: 'getAllChildrenNumber', path });
  }
}

function toCreate(request: ClientOp): ToOperation {
  const mode = request['mode'] ?? 'PERSISTENT';
  if (!isIn(CREATE_MODES, mode)) return refuse('BADARGUMENTS', `mode must be one of ${CREATE_MODES.join(', ')}`);
  if (!isServed(mode) || request['ttl'] !== undefined) {
    return refuse('UNIMPLEMENTED', 'container and TTL nodes are not in this release');
  }
  if (request['acl'] !== undefined) return refuse('UNIMPLEMENTED', 'access control lists are not in this release');
  const { path } = request;
  const badPath = pathProblem(path, isSequential(mode));
  if (path === undefined || badPath !== null) return refuse('BADARGUMENTS', badPath ?? 'path is missing');
  const data = toBytes(request['data']);
  if (!data.ok) return refuse('BADARGUMENTS', data.reason);
  return accept({ op: 'create', path, data: data.bytes, acl: OPEN_ACL_UNSAFE, mode });
}

type Bytes = { readonly ok: true; readonly bytes: ZnodeData } | { readonly ok: false; readonly reason: string };

/** Text stands for its UTF-8 bytes; without data, or with null, the data is null. */
function toBytes(data: unknown): Bytes {
  if (data === undefined || data === null) return { ok: true, bytes: null };
  if (typeof data === 'string') return { ok: true, bytes: new TextEncoder().encode(data) };
  const base64 = typeof data === 'object' && 'base64' in data ? data.base64 : null;
  const bytes = typeof base64 === 'string' ? fromBase64(base64) : null;
  return bytes ? { ok: true, bytes } : { ok: false, reason: 'data must be text, null or {"base64": "…"}' };
}

function pathProblem(path: unknown, sequential: boolean): string | null {
  if (path === undefined) return 'path is missing';
  if (typeof path !== 'string') return 'path must be text';
  return validatePath(path, sequential);
}

function accept(operation: Operation): ToOperation {
  return { ok: true, operation };
}
function refuse(error: 'BADARGUMENTS' | 'UNIMPLEMENTED', reason: string): ToOperation {
  return { ok: false, error, reason };
}
function isIn<const T extends readonly string[]>(names: T, name: unknown): name is T[number] {
  return typeof name === 'string' && names.includes(name);
}
function isServed(mode: CreateMode): boolean {
  return mode !== 'CONTAINER' && !mode.endsWith('_WITH_TTL');
}
/** A signed 32-bit integer, as the wire has it. */
function isInt(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;
}
