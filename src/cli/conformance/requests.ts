/** A recorded call as our client is asked for it, and what came of it as the recording would write it. */
import { ERROR_CODES, type ErrorCode } from '../../protocol/errors.ts';
import type { ClientOp, TraceMultiResult, TraceResult } from '../../protocol/events.ts';
import { unreachable } from '../../protocol/assert.ts';
import type { RecordedOperation } from './recording.ts';
import type { Told } from './station.ts';
import { aclArgument, dataArgument, recordedAcl, recordedData, sorted, type Names } from './values.ts';

type Returned = Extract<Told, { readonly kind: 'returned' }>;

/** The request that `operation` is, in the names of our client. */
export function requestOf(operation: RecordedOperation): ClientOp {
  switch (operation.op) {
    case 'create': {
      const { path, data, acl, mode, ttl, noStat } = operation;
      const list = aclArgument(acl);
      return {
        op: 'create',
        ...pathOf(path),
        data: dataArgument(data),
        mode,
        stat: !noStat,
        ...(list === undefined ? {} : { acl: list }),
        ...(ttl === undefined ? {} : { ttl }),
      };
    }
    case 'delete':
    case 'check':
      return { op: operation.op, ...pathOf(operation.path), version: operation.ver };
    case 'exists':
      return { op: 'stat', ...pathOf(operation.path), watch: operation.watch };
    case 'getData':
      return { op: 'get', ...pathOf(operation.path), watch: operation.watch };
    case 'setData':
      return {
        op: 'set',
        ...pathOf(operation.path),
        data: dataArgument(operation.data),
        version: operation.ver,
      };
    case 'getChildren':
      return { op: 'ls', ...pathOf(operation.path), watch: operation.watch, stat: !operation.noStat };
    case 'getACL':
      return { op: 'getAcl', ...pathOf(operation.path) };
    case 'setACL': {
      const acl = aclArgument(operation.acl);
      return {
        op: 'setAcl',
        ...pathOf(operation.path),
        version: operation.ver,
        acl: acl === undefined ? [{ perms: 31, scheme: 'world', id: 'anyone' }] : acl,
      };
    }
    case 'sync':
    case 'getAllChildrenNumber':
      return { op: operation.op, ...pathOf(operation.path) };
    case 'multi':
      return { op: 'multi', ops: operation.ops.map(requestOf) };
    case 'getEphemerals':
      return { op: 'getEphemerals', ...(operation.path === undefined ? {} : pathOf(operation.path)) };
    case 'addWatch':
      return { op: 'addWatch', ...pathOf(operation.path), mode: operation.mode };
    case 'removeWatches':
    case 'removeAllWatches': {
      // zkCli's removewatches is the call that takes the watch from the server.
      const op = operation.op === 'removeWatches' ? 'removeWatches' : 'removewatches';
      return { op, ...pathOf(operation.path), type: operation.type, local: operation.local };
    }
    case 'whoAmI':
      return { op: 'whoami' };
    case 'getConfig':
      return { op: 'config', watch: operation.watch };
    case 'reconfig': {
      const { joining, leaving, members, fromConfig } = operation;
      return {
        op: 'reconfig',
        ...(joining === undefined ? {} : { joining }),
        ...(leaving === undefined ? {} : { leaving }),
        ...(members === undefined ? {} : { members }),
        version: fromConfig,
      };
    }
    case 'addAuth':
      return { op: 'addauth', scheme: operation.scheme, auth: operation.auth };
    case 'close':
      return { op: 'close' };
    case 'getState':
      throw new TypeError(`${operation.op} is no request`);
    default:
      return unreachable(operation);
  }
}

/** A null path is none. */
function pathOf(path: string | null): { readonly path?: string } {
  return path === null ? {} : { path };
}

/** The result as it would have been recorded. */
export function resultOf(
  operation: RecordedOperation,
  returned: Returned,
  names: Names,
): Readonly<Record<string, unknown>> {
  const { error, throws, client, result } = returned;
  if (throws !== undefined) return { throws };
  if (operation.op === 'addAuth') return { sent: true };
  const results = operation.op === 'multi' && result?.results ? { results: multiResults(result.results, names) } : {};
  if (error !== null) return { ...codeOf(error), ...(client && { client }), ...results };
  return { ...codeOf('OK'), ...results, ...bodyOf(operation, result ?? {}, names) };
}

function codeOf(error: ErrorCode): Readonly<Record<string, unknown>> {
  return error === 'OK' ? { rc: 0 } : { rc: ERROR_CODES[error], err: error };
}

function bodyOf(operation: RecordedOperation, result: TraceResult, names: Names): Readonly<Record<string, unknown>> {
  const stat = result.stat ? { stat: names.stat(result.stat) } : {};
  switch (operation.op) {
    case 'create':
      return { path: result.path, ...stat };
    case 'exists':
    case 'setData':
    case 'setACL':
      return stat;
    case 'getData':
    case 'getConfig':
    case 'reconfig':
      return { data: recordedData(result.data ?? null), ...stat };
    case 'getChildren':
      return { children: sorted(result.children ?? []), ...(operation.noStat ? {} : stat) };
    case 'getACL':
      return { acl: recordedAcl(result.acl ?? []), ...stat };
    case 'getEphemerals':
      return { paths: sorted(result.paths ?? []) };
    case 'getAllChildrenNumber':
      return { number: result.number };
    case 'whoAmI':
      return {
        ids: (result.ids ?? [])
          .map(({ scheme, user }) => [scheme, user] as const)
          .sort(([a, b], [c, d]) => (a < c || (a === c && b < d) ? -1 : 1)),
      };
    case 'delete':
    case 'check':
    case 'sync':
    case 'multi':
    case 'addWatch':
    case 'removeWatches':
    case 'removeAllWatches':
    case 'addAuth':
    case 'getState':
    case 'close':
      return {};
    default:
      return unreachable(operation);
  }
}

function multiResults(
  results: readonly TraceMultiResult[],
  names: Names,
): readonly Readonly<Record<string, unknown>>[] {
  return results.map((each) => {
    switch (each.op) {
      case 'create':
        return { op: each.op, path: each.path, ...(each.stat && { stat: names.stat(each.stat) }) };
      case 'delete':
      case 'check':
        return { op: each.op };
      case 'setData':
        return { op: each.op, stat: names.stat(each.stat) };
      case 'getData':
        return { op: each.op, data: recordedData(each.data), stat: names.stat(each.stat) };
      case 'getChildren':
        return { op: each.op, children: sorted(each.children) };
      case 'error':
        return { op: each.op, ...codeOf(each.error) };
      default:
        return unreachable(each);
    }
  });
}
