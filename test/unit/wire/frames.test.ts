/** The client protocol as bytes: what is written is read again, and what the real server and its clients wrote is read. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClientPacket, Operation } from '../../../src/protocol/operations.ts';
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  frameLength,
  replyBound,
  fromHex,
  toHex,
} from '../../../src/protocol/wire/index.ts';
import {
  connectRequests,
  connectResponses,
  failures,
  operations,
  outcomes,
  watchEvents,
} from '../../helpers/wire-samples.ts';

const RUNS = { seed: 3, numRuns: 60 };

describe('what is written is read again', () => {
  test.each(Object.entries(operations))('request %s', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, fc.integer(), (operation, xid) => {
        const packet: ClientPacket = { type: 'Request', xid, operation };
        const bytes = encodeClientFrame(packet);
        expect(decodeClientFrame(bytes, true)).toEqual(packet);
        expect(frameLength(packet)).toBe(bytes.length);
      }),
      RUNS,
    );
  });

  test.each(Object.entries(operations))('reply to %s', (op, arbitrary) => {
    const result = outcomes[op as Operation['op']] ?? fc.constant(null);
    fc.assert(
      fc.property(arbitrary, fc.integer({ min: 0 }), result, (operation, xid, outcome) => {
        const packet: ClientPacket = { type: 'Reply', xid, zxid: 7 as never, error: null, result: outcome };
        const bytes = encodeServerFrame(packet, { operation });
        expect(decodeServerFrame(bytes, true, () => operation)).toEqual(packet);
        expect(frameLength(packet, { operation })).toBe(bytes.length);
        expect(bytes.length).toBeLessThanOrEqual(replyBound(outcome ?? {}));
      }),
      RUNS,
    );
  });

  test('connection requests, also of old clients, and their answers', () => {
    fc.assert(
      fc.property(connectRequests, connectResponses, (request, response) => {
        expect(decodeClientFrame(encodeClientFrame(request), false)).toEqual(request);
        expect(decodeServerFrame(encodeServerFrame(response, {}), false, () => null)).toEqual(response);
        const short = encodeServerFrame(response, { oldClient: true });
        expect(short.length).toBe(encodeServerFrame(response, {}).length - 1);
        expect(decodeServerFrame(short, false, () => null)).toEqual({ ...response, readOnly: false });
      }),
      RUNS,
    );
  });

  test('errors and watch events', () => {
    fc.assert(
      fc.property(fc.oneof(failures, watchEvents), fc.oneof(...Object.values(operations)), (packet, operation) => {
        const bytes = encodeServerFrame(packet, { operation });
        expect(decodeServerFrame(bytes, true, () => operation)).toEqual(packet);
        expect(frameLength(packet, { operation })).toBe(bytes.length);
      }),
      RUNS,
    );
  });
});

/** Frames of a real client and server: request, answers. */
const RECORDED: readonly (readonly [what: string, request: string, ...answers: readonly string[]])[] = [
  [
    'an ephemeral node',
    '0000000100000001000000022f650000000178000000010000001f00000005776f726c6400000006616e796f6e6500000001',
    '00000001000000000000000200000000000000022f65',
  ],
  [
    'the older exists, with a watch',
    '0000000200000003000000022f6501',
    '000000020000000000000003000000000000000000000003000000000000000300000000000000000000000000000000000000000000000000000000000000000000000100000001000000000000000000000003',
  ],
  ['a version that is not the node’s', '0000000600000002000000022f6100000009', '000000060000000000000007ffffff99'],
  ['ephemerals', '0000000100000067000000012f', '0000000100000000000000020000000000000001000000022f65'],
  [
    'a multi that fails',
    '0000000c0000000e0000000100ffffffff000000022f6d0000000131000000010000001f00000005776f726c6400000006616e796f6e65000000000000000200ffffffff000000052f6e6f6e65ffffffff0000000d00ffffffff000000022f6100000000ffffffff01ffffffff',
    '0000000c000000000000000b00000000ffffffff000000000000000000ffffffff00ffffff9bffffff9bffffffff00fffffffefffffffeffffffff01ffffffff',
  ],
  [
    'a multi of reads that fail',
    '00000006000000160000000400ffffffff000000052f6e6f6e65000000000800ffffffff000000052f6e6f6e6500ffffffff01ffffffff',
    '00000006000000000000000500000000ffffffff00ffffff9bffffff9bffffffff00ffffff9bffffff9bffffffff01ffffffff',
  ],
  [
    'an identity',
    'fffffffc00000064000000000000000664696765737400000006626f623a7077',
    'fffffffc000000000000000000000000',
  ],
  [
    'identities',
    '000000010000006b',
    '00000001000000000000000100000000000000020000000664696765737400000003626f62000000026970000000093132372e302e302e31',
  ],
  ['an added watch', '000000010000006a000000022f6100000000', '0000000100000000000000010000000000000000'],
  [
    'watches of a client that comes back, one of which has fired',
    'fffffff800000065000000000000000400000001000000022f610000000000000000',
    'ffffffffffffffffffffffff000000000000000300000003000000022f61',
    'fffffff8000000000000000600000000',
  ],
  ['an operation that there is not', '00000001000003e7', '00000001fffffffffffffffffffffffa'],
  [
    'a reconfiguration without most of its texts',
    '0000000100000010000000247365727665722e353d3132372e302e302e313a32383838353a33383838353b3231383135ffffffffffffffffffffffffffffffff',
    '000000010000000000000002ffffff85',
  ],
  [
    'null data and a null ACL',
    '0000000300000001000000022f6dffffffffffffffff00000000',
    '000000030000000000000003ffffff8e',
  ],
];

test.each(RECORDED)('recorded: %s', (_, request, ...answers) => {
  const packet = decodeClientFrame(fromHex(request), true);
  expect(packet.type).toBe('Request');
  const operation = packet.type === 'Request' ? packet.operation : null;
  expect(toHex(encodeClientFrame(packet))).toBe(request);
  for (const answer of answers) {
    const reply = decodeServerFrame(fromHex(answer), true, () => operation);
    expect(reply.type).not.toBe('BadFrame');
    expect(toHex(encodeServerFrame(reply, { operation }))).toBe(answer);
  }
});

/** The operation in a request with this body. */
function operationIn(hex: string): unknown {
  const packet = decodeClientFrame(fromHex(hex), true);
  return packet.type === 'Request' ? packet.operation : packet;
}

describe('a body that cannot be read is the fault of the operation, not of the connection', () => {
  test.each([
    ['text longer than the frame', '00000001000000030000000a2f61', 3],
    ['an ACL that is missing', '0000000100000001000000022f6100000001780000', 1],
    ['a null path', '0000000600000003ffffffff00', 3],
    ['a negative length of text', '0000000600000003fffffffe00', 3],
    ['more elements than bytes', '000000010000006500000000000000007fffffff', 101],
    ['a null list of watches', '00000001000000650000000000000000ffffffff0000000000000000', 101],
    [
      'reads and writes in one multi',
      '000000010000000e0000000400ffffffff000000012f000000000200ffffffff000000012fffffffffffffffff01ffffffff',
      14,
    ],
    ['a multi without end', '000000010000000e', 14],
    ['a multi in a multi', '000000010000000e0000000e00ffffffffffffffff01ffffffffffffffff01ffffffff', 14],
  ])('%s', (_, hex, code) => {
    expect(operationIn(hex)).toEqual({ op: 'unreadable', code });
  });

  test('a null path is as bad as an empty one where the path is looked at first', () => {
    expect(operationIn('0000000100000005ffffffffffffffffffffffff')).toMatchObject({ op: 'setData', path: '' });
    expect(operationIn('0000000100000007ffffffff00000000ffffffff')).toMatchObject({ op: 'setACL', path: '' });
    expect(operationIn('000000010000000dffffffffffffffff')).toMatchObject({ op: 'check', path: '' });
    expect(operationIn('0000000100000002ffffffffffffffff')).toEqual({ op: 'unreadable', code: 2 });
  });

  test('what is left over is not looked at', () => {
    expect(operationIn('0000000100000003000000012f00deadbeef')).toEqual({ op: 'exists', path: '/', watch: false });
    expect(operationIn('fffffffe0000000bdeadbeef')).toEqual({ op: 'ping' });
  });

  test('any byte but 0 is true, and a negative list is empty', () => {
    expect(operationIn('0000000100000003000000012f80')).toEqual({ op: 'exists', path: '/', watch: true });
    expect(operationIn('0000000100000007000000012ffffffff0ffffffff')).toMatchObject({ acl: [] });
  });

  test('a container is deleted by the bytes of the whole frame', () => {
    expect(operationIn('00000003000000142f63')).toEqual({
      op: 'deleteContainer',
      path: '\0\0\0\x03\0\0\0\x14/c',
    });
  });

  test('in a multi the mode decides which create it is', () => {
    const create = (code: string, flags: string, ttl = ''): unknown =>
      operationIn(
        `000000010000000e${code}00ffffffff000000012f000000000000000000${flags.slice(-6)}${ttl}ffffffff01ffffffff`,
      );
    expect(create('0000000f', '00000000')).toMatchObject({ ops: [{ op: 'create', mode: 'PERSISTENT' }] });
    expect(create('00000001', '00000004')).toMatchObject({ ops: [{ op: 'createContainer', mode: 'CONTAINER' }] });
    expect(create('00000001', '00000005')).toEqual({ op: 'unreadable', code: 14 });
    expect(create('00000015', '00000005', '0000000000000064')).toMatchObject({ ops: [{ op: 'createTTL', ttl: 100 }] });
  });
});

describe('request.bad-frame: what is no packet at all', () => {
  test.each([
    ['no bytes', '', true],
    ['less than a header', '00000001', true],
    ['an identity cut short', 'fffffffc000000640000000000000006646967', true],
    ['a connection request cut short', '0000000000000000000000000000753000', false],
  ])('%s', (_, hex, connected) => {
    expect(decodeClientFrame(fromHex(hex), connected).type).toBe('BadFrame');
  });
});

test('numbers of 64 bits are taken as far as a double goes', () => {
  const request = decodeClientFrame(
    fromHex(`00000000${'7f'.padEnd(16, 'f')}00007530${'0'.repeat(16)}ffffffff01`),
    false,
  );
  expect(request).toMatchObject({ lastZxidSeen: Number.MAX_SAFE_INTEGER, timeout: 30_000, readOnly: true, passwd: '' });
});
