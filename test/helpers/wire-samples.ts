/** Arbitrary packets of a client's connection, as they can come over the wire. */
import fc from 'fast-check';
import { ERROR_CODES, type KeeperError } from '../../src/protocol/errors.ts';
import { sessionId } from '../../src/protocol/ids.ts';
import type {
  ClientPacket,
  MultiOperation,
  MultiResult,
  Operation,
  OperationResult,
} from '../../src/protocol/operations.ts';
import { throughJavaUtf8 } from '../../src/protocol/jute/utf8.ts';
import { CREATE_MODES, type Acl, type Stat } from '../../src/protocol/znode.ts';
import { makeZxid, type Zxid } from '../../src/protocol/zxid.ts';

/** Any text that survives the wire. */
export const texts = fc.oneof(
  fc.constantFrom('/', '/a', '/a/b', '', '/ü☃', '/\u0000', '\ufeff', '/\ufffd'),
  fc.string({ unit: 'binary', maxLength: 12 }).map(throughJavaUtf8),
);
const int32 = fc.integer();
export const data = fc.option(fc.uint8Array({ maxLength: 20 }), { nil: null });
const zxids: fc.Arbitrary<Zxid> = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 21 - 1 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
  .map(([epoch, counter]) => makeZxid(epoch, counter));
const longs = fc.maxSafeInteger();
const sessions = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(sessionId);
const list = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(of, { maxLength: 4 });
const acl: fc.Arbitrary<Acl> = fc.record({ perms: int32, scheme: texts, id: texts });
const acls = fc.option(list(acl), { nil: null });
const modes = fc.oneof(
  fc.constantFrom(...CREATE_MODES),
  int32.filter((flags) => flags < 0 || flags >= CREATE_MODES.length),
);
const stat: fc.Arbitrary<Stat> = fc.record({
  czxid: zxids,
  mzxid: zxids,
  ctime: longs,
  mtime: longs,
  version: int32,
  cversion: int32,
  aversion: int32,
  ephemeralOwner: sessions,
  dataLength: int32,
  numChildren: int32,
  pzxid: zxids,
});

const fields = { path: texts, data, acl: acls };
const plainModes = fc.constantFrom('PERSISTENT', 'EPHEMERAL', 'PERSISTENT_SEQUENTIAL', 'EPHEMERAL_SEQUENTIAL', 9);
const op = <const O extends string>(name: O): fc.Arbitrary<O> => fc.constant(name);

/** As a server reads them: the mode has decided which create it is. */
const writes: fc.Arbitrary<MultiOperation> = fc.oneof(
  fc.record({ op: op('create'), ...fields, mode: plainModes }),
  fc.record({ op: op('createContainer'), ...fields, mode: fc.constant('CONTAINER') }),
  fc.record({ op: op('createTTL'), ...fields, mode: fc.constant('PERSISTENT_WITH_TTL'), ttl: longs }),
  fc.record({ op: op('delete'), path: texts, version: int32 }),
  fc.record({ op: op('setData'), path: texts, data, version: int32 }),
  fc.record({ op: op('check'), path: texts, version: int32 }),
) as fc.Arbitrary<MultiOperation>;
const reads: fc.Arbitrary<MultiOperation> = fc.record({
  op: fc.constantFrom('getData', 'getChildren'),
  path: texts,
  watch: fc.constant(false),
});

const watches = { relativeZxid: zxids, dataWatches: list(texts), existWatches: list(texts), childWatches: list(texts) };

/** By the name of the operation, all that a frame can say. */
export const operations: {
  readonly [O in Exclude<Operation['op'], 'unreadable' | 'unknown' | 'deleteContainer'>]: fc.Arbitrary<Operation>;
} = {
  create: fc.record({ op: op('create'), ...fields, mode: modes }),
  create2: fc.record({ op: op('create2'), ...fields, mode: modes }),
  createContainer: fc.record({ op: op('createContainer'), ...fields, mode: modes }),
  createTTL: fc.record({ op: op('createTTL'), ...fields, mode: modes, ttl: longs }),
  delete: fc.record({ op: op('delete'), path: texts, version: int32 }),
  exists: fc.record({ op: op('exists'), path: texts, watch: fc.boolean() }),
  getData: fc.record({ op: op('getData'), path: texts, watch: fc.boolean() }),
  setData: fc.record({ op: op('setData'), path: texts, data, version: int32 }),
  getACL: fc.record({ op: op('getACL'), path: texts }),
  setACL: fc.record({ op: op('setACL'), path: texts, acl: acls, version: int32 }),
  getChildren: fc.record({ op: op('getChildren'), path: texts, watch: fc.boolean() }),
  getChildren2: fc.record({ op: op('getChildren2'), path: texts, watch: fc.boolean() }),
  sync: fc.record({ op: op('sync'), path: texts }),
  ping: fc.constant({ op: 'ping' }),
  check: fc.record({ op: op('check'), path: texts, version: int32 }),
  multi: fc.record({ op: op('multi'), ops: fc.oneof(list(writes), list(reads)) }),
  multiRead: fc.record({ op: op('multiRead'), ops: fc.oneof(list(writes), list(reads)) }),
  reconfig: fc.record({
    op: op('reconfig'),
    joiningServers: fc.option(texts, { nil: null }),
    leavingServers: fc.option(texts, { nil: null }),
    newMembers: fc.option(texts, { nil: null }),
    curConfigId: fc.oneof(zxids, fc.constant(-1 as Zxid)),
  }),
  checkWatches: fc.record({ op: op('checkWatches'), path: texts, watcherType: int32 }),
  removeWatches: fc.record({ op: op('removeWatches'), path: texts, watcherType: int32 }),
  auth: fc.record({ op: op('auth'), scheme: texts, auth: data }),
  sasl: fc.record({ op: op('sasl'), token: data }),
  setWatches: fc.record({ op: op('setWatches'), ...watches }),
  setWatches2: fc.record({
    op: op('setWatches2'),
    ...watches,
    persistentWatches: list(texts),
    persistentRecursiveWatches: list(texts),
  }),
  getEphemerals: fc.record({ op: op('getEphemerals'), prefix: texts }),
  getAllChildrenNumber: fc.record({ op: op('getAllChildrenNumber'), path: texts }),
  addWatch: fc.record({ op: op('addWatch'), path: texts, mode: int32 }),
  whoAmI: fc.constant({ op: 'whoAmI' }),
  createSession: fc.record({ op: op('createSession'), timeout: int32 }),
  closeSession: fc.constant({ op: 'closeSession' }),
};

const errors = fc.constantFrom(...(Object.keys(ERROR_CODES) as (keyof typeof ERROR_CODES)[]));
const multiResults: fc.Arbitrary<MultiResult> = fc.oneof(
  fc.record({ op: op('create'), path: texts, stat }, { requiredKeys: ['op', 'path'] }),
  fc.record({ op: fc.constantFrom('delete', 'check') }),
  fc.record({ op: op('setData'), stat }),
  fc.record({ op: op('getData'), data, stat }),
  fc.record({ op: op('getChildren'), children: list(texts) }),
  fc.record({ op: op('error'), error: errors }),
);
const pathAndStat = fc.record({ path: texts, stat });
const dataAndStat = fc.record({ data, stat });
const results = fc.record({ results: list(multiResults) });

/** The result of each operation that has one. */
export const outcomes: Readonly<Partial<Record<Operation['op'], fc.Arbitrary<OperationResult>>>> = {
  create: fc.record({ path: texts }),
  create2: pathAndStat,
  createContainer: pathAndStat,
  createTTL: pathAndStat,
  exists: fc.record({ stat }),
  getData: dataAndStat,
  setData: fc.record({ stat }),
  getACL: fc.record({ acl: list(acl), stat }),
  setACL: fc.record({ stat }),
  getChildren: fc.record({ children: list(texts) }),
  getChildren2: fc.record({ children: list(texts), stat }),
  sync: fc.record({ path: texts }),
  multi: results,
  multiRead: results,
  reconfig: dataAndStat,
  getEphemerals: fc.record({ paths: list(texts) }),
  getAllChildrenNumber: fc.record({ number: int32 }),
  whoAmI: fc.record({ ids: list(fc.record({ scheme: texts, user: texts })) }),
};

const passwd = fc
  .uint8Array({ maxLength: 20 })
  .map((bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(''));
const connect = { timeout: int32, sessionId: sessions, passwd };
export const connectRequests: fc.Arbitrary<ClientPacket> = fc.oneof(
  fc.record({ type: op('ConnectRequest'), lastZxidSeen: zxids, ...connect, readOnly: fc.boolean() }),
  fc.record({
    type: op('ConnectRequest'),
    lastZxidSeen: zxids,
    ...connect,
    readOnly: fc.constant(false),
    oldClient: fc.constant(true as const),
  }),
);
export const connectResponses: fc.Arbitrary<ClientPacket> = fc.record({
  type: op('ConnectResponse'),
  ...connect,
  readOnly: fc.boolean(),
});
export const requests: fc.Arbitrary<Extract<ClientPacket, { readonly type: 'Request' }>> = fc.record({
  type: op('Request'),
  xid: int32,
  operation: fc.oneof(...Object.values(operations)),
});
export const failures: fc.Arbitrary<ClientPacket> = fc.record({
  type: op('Reply'),
  xid: int32.filter((xid) => xid !== -1),
  zxid: zxids,
  error: errors.filter((error): error is KeeperError => error !== 'OK'),
  result: fc.constant(null),
});
export const watchEvents: fc.Arbitrary<ClientPacket> = fc.record({
  type: op('WatchEvent'),
  event: fc.constantFrom('NodeCreated', 'NodeDeleted', 'NodeDataChanged', 'NodeChildrenChanged'),
  path: texts,
  zxid: fc.constant(-1 as Zxid),
});
/** Bytes that are much like a frame: the frame with some of them changed, cut off or repeated. */
export function mutated(frames: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(
    fc.nat(200),
    fc.constantFrom(0, 1, 0x7f, 0x80, 0xed, 0xff),
    fc.constantFrom('set', 'cut', 'twice'),
  );
  return fc.tuple(frames, fc.array(change, { minLength: 1, maxLength: 6 })).map(([frame, changes]) => {
    let bytes = [...frame];
    for (const [place, byte, how] of changes) {
      const at = bytes.length === 0 ? 0 : place % bytes.length;
      if (how === 'set') bytes[at] = byte;
      else if (how === 'cut') bytes = bytes.slice(0, at);
      else bytes.splice(at, 0, ...bytes.slice(at, at + 16));
    }
    return Uint8Array.from(bytes);
  });
}
