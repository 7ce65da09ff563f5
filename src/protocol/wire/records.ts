/**
 * The records of the client protocol (zookeeper.jute, module proto; `MultiOperationRecord`, `MultiResponse`), each described
 * once, fields in wire order: what a request of each operation carries, and what its successful reply does.
 */
import { unreachable } from '../assert.ts';
import { ERROR_CODES, errorName } from '../errors.ts';
import { buffer, hexLong, int, JuteError, record, type Codec } from '../jute/codec.ts';
import { zxid } from '../jute/records.ts';
import {
  OP_CODES,
  type MultiOperation,
  type MultiResult,
  type Operation,
  type OperationResult,
} from '../operations.ts';
import type { Acl, Stat } from '../znode.ts';
import type { Zxid } from '../zxid.ts';
import { anyLong, createMode, flag, hexBuffer, list, nullableList, nullableText, text, textOrEmpty } from './values.ts';

export const connectRequest = record({
  protocolVersion: int,
  lastZxidSeen: anyLong,
  timeout: int,
  sessionId: hexLong,
  passwd: hexBuffer,
});
export const connectResponse = record({ protocolVersion: int, timeout: int, sessionId: hexLong, passwd: hexBuffer });
export const requestHeader = record({ xid: int, code: int });
export const replyHeader = record({ xid: int, zxid, err: int });
export const watcherEvent = record({ type: int, state: int, path: text });
const multiHeader = record({ code: int, done: flag, err: int });

/** Times are long, and so is what only looks like a session id: the owner of a container. */
const stat: Codec<Stat> = record({
  czxid: zxid,
  mzxid: zxid,
  ctime: anyLong,
  mtime: anyLong,
  version: int,
  cversion: int,
  aversion: int,
  ephemeralOwner: hexLong,
  dataLength: int,
  numChildren: int,
  pzxid: zxid,
});
/** An entry without a scheme is as invalid as one with an empty one. */
const acl: Codec<Acl> = record({ perms: int, scheme: textOrEmpty, id: textOrEmpty });
const paths = list(text);

/** A zxid that somebody else chose; it is only compared. */
const foreignZxid: Codec<Zxid> = {
  write: (out, value) => anyLong.write(out, value),
  read: (input) => anyLong.read(input) as Zxid,
};

// ---- requests

const path = record({ path: text });
const pathAndWatch = record({ path: text, watch: flag });
const pathAndVersion = record({ path: text, version: int });
/** Both a null path and an empty one are refused as bad. */
const validatedPath = textOrEmpty;
const check = record({ path: validatedPath, version: int });
const create = record({ path: text, data: buffer, acl: nullableList(acl), mode: createMode });
const createTTL = record({ path: text, data: buffer, acl: nullableList(acl), mode: createMode, ttl: anyLong });
const setData = record({ path: validatedPath, data: buffer, version: int });
const watcherType = record({ path: text, watcherType: int });
const watches = { relativeZxid: foreignZxid, dataWatches: paths, existWatches: paths, childWatches: paths };

/** No bytes; what is there all the same is not looked at. */
const nothing: Codec<object> = { write: () => undefined, read: () => ({}) };

/** `AuthPacket`: its type is always 0. */
const auth: Codec<{ readonly scheme: string; readonly auth: Uint8Array | null }> = {
  write: (out, value) => {
    out.int32(0);
    textOrEmpty.write(out, value.scheme);
    buffer.write(out, value.auth);
  },
  read: (input) => {
    input.int32();
    return { scheme: textOrEmpty.read(input), auth: buffer.read(input) };
  },
};

/** What a multi can hold on the wire, by number. */
const PARTS = new Map<number, Codec<object>>([
  [OP_CODES.create, create],
  [OP_CODES.create2, create],
  [OP_CODES.createContainer, create],
  [OP_CODES.createTTL, createTTL],
  [OP_CODES.delete, pathAndVersion],
  [OP_CODES.setData, setData],
  [OP_CODES.check, check],
  [OP_CODES.getData, pathAndWatch],
  [OP_CODES.getChildren, pathAndWatch],
]);
const READS: ReadonlySet<string> = new Set(['getData', 'getChildren']);
const LAST = { code: -1, done: true, err: -1 } as const;

/** `MultiOperationRecord`. Reads and writes do not mix. */
const multi: Codec<{ readonly ops: readonly MultiOperation[] }> = {
  write: (out, { ops }) => {
    for (const op of ops) {
      multiHeader.write(out, { code: OP_CODES[op.op], done: false, err: -1 });
      PARTS.get(OP_CODES[op.op])?.write(out, op);
    }
    multiHeader.write(out, LAST);
  },
  read: (input) => {
    const ops: MultiOperation[] = [];
    for (;;) {
      const { code, done } = multiHeader.read(input);
      if (done) return { ops };
      const part = PARTS.get(code);
      if (!part) throw new JuteError(`an operation ${code} in a multi`);
      // The table gives each number the record of its operation.
      const op = partOf({ op: NAMES.get(code), ...part.read(input) } as MultiOperation);
      const [first = op] = ops;
      if (READS.has(first.op) !== READS.has(op.op)) throw new JuteError('reads and writes in one multi');
      ops.push(op);
    }
  },
};

/** `Op`: the mode decides which create it is, and reads set no watch. */
function partOf(op: MultiOperation): MultiOperation {
  switch (op.op) {
    case 'create':
    case 'create2':
    case 'createContainer':
    case 'createTTL': {
      const { ttl, ...rest } = op;
      if (op.mode === 'CONTAINER') return { ...rest, op: 'createContainer' };
      if (op.mode !== 'PERSISTENT_WITH_TTL' && op.mode !== 'PERSISTENT_SEQUENTIAL_WITH_TTL') {
        return { ...rest, op: 'create' };
      }
      if (ttl === undefined) throw new JuteError('a mode with a time to live, and no time');
      return op;
    }
    case 'getData':
    case 'getChildren':
      return { ...op, watch: false };
    default:
      return op;
  }
}

type Readable = Exclude<Operation['op'], 'unreadable' | 'unknown' | 'deleteContainer'>;
type FieldsOf<O, Op extends Operation = Operation> = Op extends unknown
  ? O extends Op['op']
    ? Omit<Op, 'op'>
    : never
  : never;

/** The body of each operation's request. */
export const REQUESTS: { readonly [O in Readable]: Codec<FieldsOf<O>> } = {
  create,
  create2: create,
  createContainer: create,
  createTTL,
  delete: pathAndVersion,
  exists: pathAndWatch,
  getData: pathAndWatch,
  setData,
  getACL: path,
  setACL: record({ path: validatedPath, acl: nullableList(acl), version: int }),
  getChildren: pathAndWatch,
  getChildren2: pathAndWatch,
  sync: path,
  ping: nothing,
  check,
  multi,
  multiRead: multi,
  reconfig: record({
    joiningServers: nullableText,
    leavingServers: nullableText,
    newMembers: nullableText,
    curConfigId: foreignZxid,
  }),
  checkWatches: watcherType,
  removeWatches: watcherType,
  auth,
  sasl: record({ token: buffer }),
  setWatches: record(watches),
  setWatches2: record({ ...watches, persistentWatches: paths, persistentRecursiveWatches: paths }),
  // No prefix and an empty one both mean all.
  getEphemerals: record({ prefix: textOrEmpty }),
  getAllChildrenNumber: path,
  addWatch: record({ path: text, mode: int }),
  whoAmI: nothing,
  createSession: record({ timeout: int }),
  closeSession: nothing,
};

/** Operations by number: those that a server knows (`Request.isValid`). */
export const NAMES: ReadonlyMap<number, keyof typeof REQUESTS | 'deleteContainer'> = new Map(
  [...(Object.keys(REQUESTS) as Readable[]), 'deleteContainer' as const].map((op) => [OP_CODES[op], op]),
);

// ---- replies

const pathResult = record({ path: text });
const pathAndStat = record({ path: text, stat });
const statResult = record({ stat });
const dataAndStat = record({ data: buffer, stat });
const childrenResult = record({ children: list(text) });

/** One result of a multi behind its header. An error stands in both. */
const RESULT_PARTS = {
  create: pathResult,
  create2: pathAndStat,
  setData: statResult,
  getData: dataAndStat,
  getChildren: childrenResult,
} as const;

/** `MultiResponse` */
const multiResult: Codec<{ readonly results: readonly MultiResult[] }> = {
  write: (out, { results }) => {
    const header = (code: number): void => multiHeader.write(out, { code, done: false, err: 0 });
    for (const result of results) {
      switch (result.op) {
        case 'create':
          if (result.stat) {
            header(OP_CODES.create2);
            pathAndStat.write(out, { path: result.path, stat: result.stat });
          } else {
            header(OP_CODES.create);
            pathResult.write(out, result);
          }
          break;
        case 'delete':
        case 'check':
          header(OP_CODES[result.op]);
          break;
        case 'setData':
          header(OP_CODES.setData);
          statResult.write(out, result);
          break;
        case 'getData':
          header(OP_CODES.getData);
          dataAndStat.write(out, result);
          break;
        case 'getChildren':
          header(OP_CODES.getChildren);
          childrenResult.write(out, result);
          break;
        case 'error':
          multiHeader.write(out, { code: OP_CODES.error, done: false, err: ERROR_CODES[result.error] });
          out.int32(ERROR_CODES[result.error]);
          break;
        default:
          unreachable(result);
      }
    }
    multiHeader.write(out, LAST);
  },
  read: (input) => {
    const results: MultiResult[] = [];
    for (;;) {
      const { code, done } = multiHeader.read(input);
      if (done) return { results };
      results.push(readResult(code));
    }

    function readResult(code: number): MultiResult {
      switch (code) {
        case OP_CODES.create:
          return { op: 'create', ...RESULT_PARTS.create.read(input) };
        case OP_CODES.create2:
          return { op: 'create', ...RESULT_PARTS.create2.read(input) };
        case OP_CODES.delete:
          return { op: 'delete' };
        case OP_CODES.check:
          return { op: 'check' };
        case OP_CODES.setData:
          return { op: 'setData', ...RESULT_PARTS.setData.read(input) };
        case OP_CODES.getData:
          return { op: 'getData', ...RESULT_PARTS.getData.read(input) };
        case OP_CODES.getChildren:
          return { op: 'getChildren', ...RESULT_PARTS.getChildren.read(input) };
        case OP_CODES.error: {
          const number = input.int32();
          const error = errorName(number);
          if (error === null) throw new JuteError(`an error ${number}`);
          return { op: 'error', error };
        }
        default:
          throw new JuteError(`a result of ${code} in a multi`);
      }
    }
  },
};

/** `SetSASLResponse` of a server without SASL: no token. */
const noToken: Codec<null> = {
  write: (out) => buffer.write(out, null),
  read: (input) => {
    buffer.read(input);
    return null;
  },
};

/** `ErrorResponse` of a watch that was added: always 0, and nothing to tell. */
const zero: Codec<null> = {
  write: (out) => out.int32(0),
  read: (input) => {
    input.int32();
    return null;
  },
};

/** The body of each operation's successful reply; null: none. A reply with an error has no body. */
export const RESULTS: { readonly [O in Operation['op']]: Codec<OperationResult> | Codec<null> | null } = {
  create: pathResult,
  create2: pathAndStat,
  createContainer: pathAndStat,
  createTTL: pathAndStat,
  delete: null,
  deleteContainer: null,
  exists: statResult,
  getData: dataAndStat,
  setData: statResult,
  getACL: record({ acl: list(acl), stat }),
  setACL: statResult,
  getChildren: childrenResult,
  getChildren2: record({ children: list(text), stat }),
  sync: pathResult,
  ping: null,
  check: null,
  multi: multiResult,
  multiRead: multiResult,
  reconfig: dataAndStat,
  checkWatches: null,
  removeWatches: null,
  auth: null,
  sasl: noToken,
  setWatches: null,
  setWatches2: null,
  getEphemerals: record({ paths: list(text) }),
  getAllChildrenNumber: record({ number: int }),
  addWatch: zero,
  whoAmI: record({ ids: list(record({ scheme: text, user: text })) }),
  createSession: null,
  closeSession: null,
  unreadable: null,
  unknown: null,
};
