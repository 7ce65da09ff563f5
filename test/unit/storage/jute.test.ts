import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as jute from '../../../src/protocol/jute/codec.ts';
import { decode, encode, JuteError, JuteReader, type Codec } from '../../../src/protocol/jute/codec.ts';
import * as records from '../../../src/protocol/jute/records.ts';
import { decodeTxn, encodeTxn } from '../../../src/protocol/jute/txn.ts';
import { ERROR_CODES, type ErrorCode } from '../../../src/protocol/errors.ts';
import { sessionId, type SessionId } from '../../../src/protocol/ids.ts';
import type { LoggedTxn, Txn } from '../../../src/protocol/txns.ts';
import { ZXID_UNKNOWN, type Zxid } from '../../../src/protocol/zxid.ts';
import { OPEN_ACL_UNSAFE, TTL_MAX } from '../../../src/protocol/znode.ts';
import { toTraceData } from '../../../src/protocol/trace-data.ts';
import { decodeSnapshot } from '../../../src/engine/storage/snapshot.ts';
import { adler32 } from '../../../src/engine/storage/adler32.ts';

const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const long = fc.maxSafeInteger();
const zxid = fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }).map((n) => n as Zxid);
const session = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(sessionId);
const data = fc.option(fc.uint8Array({ maxLength: 50 }));
/** All that Java writes and reads again: text without surrogates. */
const text = fc
  .array(fc.integer({ min: 0, max: 0xffff }).filter((unit) => unit < 0xd800 || unit > 0xdfff))
  .map((units) => String.fromCharCode(...units));
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const acl = fc.array(fc.record({ perms: int, scheme: text, id: text }), { maxLength: 3 });
const stat = fc.record({
  czxid: zxid,
  mzxid: zxid,
  ctime: long,
  mtime: long,
  version: int,
  cversion: int,
  aversion: int,
  ephemeralOwner: session,
  pzxid: zxid,
});

const values: { readonly [K in keyof typeof records]: fc.Arbitrary<jute.Decoded<(typeof records)[K]>> } = {
  zxid,
  acl: fc.record({ perms: int, scheme: text, id: text }),
  aclList: acl,
  txnAclList: acl,
  fileHeader: fc.record({ magic: int, version: int, dbid: long }),
  txnHeader: fc.record({ clientId: session, cxid: int, zxid, time: long, type: int }),
  createTxn: fc.record({ path: text, data, acl, ephemeral: fc.boolean(), parentCVersion: int }),
  createTTLTxn: fc.record({ path: text, data, acl, parentCVersion: int, ttl: long }),
  createContainerTxn: fc.record({ path: text, data, acl, parentCVersion: int }),
  deleteTxn: fc.record({ path: text }),
  setDataTxn: fc.record({ path: text, data, version: int }),
  setACLTxn: fc.record({ path: text, acl, version: int }),
  checkVersionTxn: fc.record({ path: text, version: int }),
  partTxn: fc.record({ type: int, data }),
  multiTxn: fc.record({ txns: fc.array(fc.record({ type: int, data }), { maxLength: 4 }) }),
  createSessionTxn: fc.record({ timeOut: int }),
  closeSessionTxn: fc.record({ paths2Delete: fc.array(text) }),
  errorTxn: fc.record({ err: int }),
  txnDigest: fc.record({ version: int, treeDigest: uint64 }),
  statPersisted: stat,
  sessionTimeout: fc.record({ id: session, timeout: int }),
  aclEntry: fc.record({ index: long, acl }),
  dataNode: fc.record({ data, acl: long, stat }),
  zxidDigest: fc.record({ zxid, digestVersion: int, digest: uint64 }),
  seal: fc.record({ checksum: long, path: text }),
};

const parentCVersion = int;
const parts: fc.Arbitrary<Txn> = fc.oneof(
  fc.record({
    type: fc.constantFrom('create', 'create2'),
    path: text,
    data,
    acl,
    ephemeral: fc.boolean(),
    parentCVersion,
  }),
  fc.record({ type: fc.constant('createContainer'), path: text, data, acl, parentCVersion }),
  fc.record({
    type: fc.constant('createTTL'),
    path: text,
    data,
    acl,
    parentCVersion,
    ttl: fc.integer({ min: 1, max: TTL_MAX }),
  }),
  fc.record({ type: fc.constantFrom('delete', 'deleteContainer'), path: text }),
  fc.record({ type: fc.constantFrom('setData', 'reconfig'), path: text, data, version: int }),
  fc.record({ type: fc.constant('setACL'), path: text, acl, version: int }),
  fc.record({ type: fc.constant('check'), path: text, version: int }),
  fc.record({ type: fc.constant('createSession'), timeout: int }),
  fc.record({ type: fc.constant('closeSession'), paths2Delete: fc.array(text) }),
  fc.record({ type: fc.constant('error'), error: fc.constantFrom(...(Object.keys(ERROR_CODES) as ErrorCode[])) }),
);
const txns: fc.Arbitrary<LoggedTxn> = fc.record(
  {
    header: fc.record({ clientId: session, cxid: int, zxid, time: long }),
    txn: fc.oneof(parts, fc.record({ type: fc.constant('multi'), txns: fc.array(parts, { maxLength: 4 }) })),
    digest: fc.record({ version: int, treeDigest: uint64 }),
  },
  { requiredKeys: ['header', 'txn'] },
);

/** The reading ended with a value or with a JuteError, nothing else. */
function readsOrRefuses(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(JuteError);
  }
}

describe('jute', () => {
  for (const name of Object.keys(records) as (keyof typeof records)[]) {
    const codec = records[name] as Codec<unknown>;
    test(`${name}: what is written is read again`, () => {
      fc.assert(
        fc.property(values[name] as fc.Arbitrary<unknown>, (value) => {
          expect(decode(codec, encode(codec, value))).toEqual(value);
        }),
      );
    });
    test(`${name}: arbitrary bytes are read or refused, a shortened value is refused`, () => {
      fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => readsOrRefuses(() => decode(codec, bytes))));
      fc.assert(
        fc.property(values[name] as fc.Arbitrary<unknown>, fc.nat(), (value, cut) => {
          const bytes = encode(codec, value);
          expect(() => decode(codec, bytes.slice(0, cut % bytes.length))).toThrow(JuteError);
        }),
      );
    });
  }

  test('a transaction of any type is read as it was written, with and without a digest behind it', () => {
    fc.assert(
      fc.property(txns, (txn) => {
        expect(decodeTxn(encodeTxn(txn))).toEqual(txn);
      }),
    );
  });

  test('text is written and read as Java does it', () => {
    const bytes = (value: string): string => Buffer.from(encode(jute.ustring, value)).toString('hex');
    expect(bytes('ü')).toBe('00000002c3bc');
    // A surrogate takes three bytes, in a pair and alone, and comes back as U+FFFD.
    expect(bytes('\u{1f600}')).toBe('00000006eda0bdedb880');
    expect(bytes('a\ud800')).toBe('0000000461eda080');
    const read = (hex: string): string => decode(jute.ustring, new Uint8Array(Buffer.from(hex, 'hex')));
    expect(read('00000006eda0bdedb880')).toBe('\ufffd\ufffd');
    expect(read('0000000261ff')).toBe('a\ufffd');
    expect(() => read('ffffffff')).toThrow('text is null');
  });

  test('null vectors and booleans are read as Java does it', () => {
    expect(decode(jute.vector(jute.int), new Uint8Array([255, 255, 255, 255]))).toEqual([]);
    expect(encode(jute.nullableVector(jute.int), null)).toEqual(new Uint8Array([255, 255, 255, 255]));
    expect(decode(records.txnAclList, new Uint8Array([255, 255, 255, 255]))).toEqual(OPEN_ACL_UNSAFE);
    expect([0, 1, 2, 255].map((byte) => decode(jute.boolean, new Uint8Array([byte])))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  test('arbitrary and changed bytes of transactions and snapshots are read or refused', () => {
    const changed = fc.tuple(txns, fc.nat(), fc.nat(255)).map(([txn, at, byte]) => {
      const bytes = encodeTxn(txn);
      bytes[at % bytes.length] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), changed), (bytes) =>
        readsOrRefuses(() => decodeTxn(bytes)),
      ),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => readsOrRefuses(() => decodeSnapshot(bytes, 0 as Zxid))),
    );
  });

  test('a length beyond the end is refused before anything of that size is made', () => {
    expect(() => decode(jute.buffer, new Uint8Array([0x7f, 0xff, 0xff, 0xff]))).toThrow('2147483647');
    expect(() => decode(jute.vector(jute.int), new Uint8Array([0x7f, 0xff, 0xff, 0xff]))).toThrow(JuteError);
    expect(() => decode(jute.buffer, new Uint8Array([0xff, 0xff, 0xff, 0xfe]))).toThrow(JuteError);
  });

  test('bytes are big-endian and as Java writes them', () => {
    expect([...encode(records.zxid, ZXID_UNKNOWN)]).toEqual(new Array(8).fill(0xff));
    expect([...encode(jute.long, 0x1_0000_0002)]).toEqual([0, 0, 0, 1, 0, 0, 0, 2]);
    expect([...encode(jute.long, -2)]).toEqual([255, 255, 255, 255, 255, 255, 255, 254]);
    expect([...encode(jute.hexLong, '0xffffffffffffffff' as SessionId)]).toEqual(new Array(8).fill(0xff));
    expect([...encode(jute.ustring, 'ü')]).toEqual([0, 0, 0, 2, 0xc3, 0xbc]);
    expect(() => new JuteReader(new Uint8Array([0x7f, 255, 255, 255, 255, 255, 255, 255])).int64()).toThrow(JuteError);
  });
});

test('adler32 is that of RFC 1950', () => {
  const bytes = new TextEncoder().encode('Wikipedia');
  expect(adler32(bytes)).toBe(0x11e60398);
  expect(adler32(new Uint8Array(0))).toBe(1);
  // Long runs of the largest byte would overflow sums of 32 bits first.
  let [a, b] = [1, 0];
  for (let i = 0; i < 20_000; i++) [a, b] = [(a + 255) % 65521, (b + a + 255) % 65521];
  expect(adler32(new Uint8Array(20_000).fill(255))).toBe(b * 65536 + a);
});

test('trace data is text where the bytes are UTF-8, else base64', () => {
  expect(toTraceData(null)).toBeNull();
  expect(toTraceData(new Uint8Array(0))).toBe('');
  expect(toTraceData(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]))).toBe('\uFEFFa');
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const traced = toTraceData(bytes);
      const back =
        typeof traced === 'string' ? Buffer.from(traced) : Buffer.from((traced as { base64: string }).base64, 'base64');
      expect(new Uint8Array(back)).toEqual(bytes);
      if (traced !== null && typeof traced !== 'string')
        expect(traced.base64).toBe(Buffer.from(bytes).toString('base64'));
    }),
  );
});
