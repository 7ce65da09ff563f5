/** The request of a `raw` step: fields of a record, whatever the client library would say to them. */
import * as v from 'valibot';
import { encode } from '../../protocol/jute/codec.ts';
import { check, flag, integer, type Schema } from '../../protocol/json.ts';
import { OP_CODES, type MultiOperation } from '../../protocol/operations.ts';
import { encodeClientFrame, fromHex, requestHeader } from '../../protocol/wire/index.ts';
import { CREATE_MODES, OPEN_ACL_UNSAFE, type Acl, type CreateMode, type ZnodeData } from '../../protocol/znode.ts';
import { acl, data, type RecordedAcl, type RecordedData } from './recording.ts';
import { StageError } from './stage.ts';
import { aclArgument } from './values.ts';

const int32 = integer(-(2 ** 31), 2 ** 31 - 1);
const long = integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
const text = v.nullable(v.string());
const paths = v.optional(v.array(text), []);
const shared = { path: text, data: v.optional(data, null), acl: v.optional(acl), ver: v.optional(int32, -1) };

const part = v.looseObject({
  ...shared,
  op: v.picklist(['create', 'delete', 'setData', 'check', 'getData', 'getChildren']),
  mode: v.optional(v.picklist(CREATE_MODES), 'PERSISTENT'),
  ttl: v.optional(long, 0),
});
const fields = v.looseObject({
  ...shared,
  path: v.optional(text, null),
  xid: int32,
  type: int32,
  /** Hex digits, in place of all the fields below. */
  body: v.optional(v.string()),
  flags: v.optional(int32, 0),
  ttl: v.optional(long, 0),
  watch: v.optional(flag, false),
  ops: v.optional(v.array(part), []),
  scheme: v.optional(text, null),
  auth: v.optional(data, null),
  watchMode: v.optional(int32, 0),
  watcherType: v.optional(int32, 3),
  relativeZxid: v.optional(long, 0),
  dataWatches: paths,
  existWatches: paths,
  childWatches: paths,
  persistentWatches: paths,
  persistentRecursiveWatches: paths,
  joining: v.optional(text, null),
  leaving: v.optional(text, null),
  members: v.optional(text, null),
  fromConfig: v.optional(long, -1),
}) satisfies Schema;
type Fields = v.InferOutput<typeof fields>;

const NAMES = new Map<number, string>(Object.entries(OP_CODES).map(([op, code]) => [code, op]));

/** The frame, without its length word. @throws StageError */
export function rawRequest(step: unknown): Uint8Array {
  const read = check(fields, step);
  if (!read.ok) throw new StageError(read.message);
  const { xid, type, body } = read.value;
  if (body !== undefined) {
    return Uint8Array.of(...encode(requestHeader, { xid, code: type }), ...fromHex(body));
  }
  const operation = { ...argumentsOf(read.value), op: NAMES.get(type) ?? 'unknown', code: type };
  // An operation but for nulls, which are written as such, and fields of others, which are not.
  return encodeClientFrame({ type: 'Request', xid, operation } as Parameters<typeof encodeClientFrame>[0]);
}

function argumentsOf(step: Fields): Readonly<Record<string, unknown>> {
  const { path, ver, watcherType, relativeZxid, joining, leaving, members, fromConfig } = step;
  const { dataWatches, existWatches, childWatches, persistentWatches, persistentRecursiveWatches } = step;
  return {
    path,
    prefix: path,
    data: bytesOf(step.data),
    acl: aclOf(step.acl),
    mode: step.type === OP_CODES.addWatch ? step.watchMode : step.flags,
    ttl: step.ttl,
    version: ver,
    watch: step.watch,
    ops: step.ops.map(partOf),
    scheme: step.scheme,
    auth: bytesOf(step.auth),
    watcherType,
    relativeZxid,
    dataWatches,
    existWatches,
    childWatches,
    persistentWatches,
    persistentRecursiveWatches,
    joiningServers: joining,
    leavingServers: leaving,
    newMembers: members,
    curConfigId: fromConfig,
  };
}

/** As the client library makes it: the mode decides which create it is. */
function partOf(part: v.InferOutput<typeof fields>['ops'][number]): MultiOperation {
  const { op, mode, ttl, path, ver } = part;
  const written = { path, data: bytesOf(part.data), acl: aclOf(part.acl), mode, ttl, version: ver, watch: false };
  // Of an operation, but for a null path.
  return { ...written, op: op === 'create' ? createOf(mode) : op } as MultiOperation;
}

function createOf(mode: CreateMode): string {
  if (mode === 'CONTAINER') return 'createContainer';
  return mode.endsWith('_WITH_TTL') ? 'createTTL' : 'create';
}

function aclOf(given: RecordedAcl | undefined): readonly Acl[] | null {
  const list = aclArgument(given);
  return list === undefined ? OPEN_ACL_UNSAFE : list;
}

function bytesOf(given: RecordedData): ZnodeData {
  if (given === null) return null;
  if (typeof given === 'string') return new TextEncoder().encode(given);
  return 'rep' in given ? new TextEncoder().encode(given.rep.repeat(given.n)) : fromHex(given.hex);
}
