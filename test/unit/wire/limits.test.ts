/** `jute.maxbuffer`: what is too long to be read, to the byte. */
import { expect, test } from 'vitest';
import { ZOO_DEFAULTS } from '../../../src/protocol/config.ts';
import { NO_SESSION } from '../../../src/protocol/ids.ts';
import type { Operation, OperationResult } from '../../../src/protocol/operations.ts';
import { frameLength } from '../../../src/protocol/wire/index.ts';
import { OPEN_ACL_UNSAFE, type Stat } from '../../../src/protocol/znode.ts';
import { ZXID_ZERO } from '../../../src/protocol/zxid.ts';
import { Rig } from '../client/rig.ts';
import { Bench, TestLeader } from '../request/bench.ts';

const STAT: Stat = {
  czxid: ZXID_ZERO,
  mzxid: ZXID_ZERO,
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: NO_SESSION,
  dataLength: 0,
  numChildren: 0,
  pzxid: ZXID_ZERO,
};

function create(path: string, bytes: number): Operation {
  return { op: 'create2', path, data: new Uint8Array(bytes), acl: OPEN_ACL_UNSAFE, mode: 'PERSISTENT' };
}

test('request.max-buffer: the limit is what 1,048,575 bytes of frame hold', () => {
  expect(ZOO_DEFAULTS.juteMaxBuffer).toBe(1_048_575);
});

test('request.max-buffer: a request of just so many bytes passes, one more costs the connection, not the session', () => {
  const bench = new Bench({ juteMaxBuffer: 1000 });
  const leader = new TestLeader(bench);
  const client = bench.dial({ timeout: 10_000 });
  bench.run(10);
  bench.established(client);

  // 8 bytes of header, 4 + 4 of path, 4 of data's length, 27 of ACL, 4 of flags.
  expect(frameLength({ type: 'Request', xid: 1, operation: create('/aae', 949) })).toBe(1000);
  bench.request(client, create('/aae', 949));
  expect(bench.closed(client)).toBe(false);
  const proposed = leader.proposals.length;

  bench.request(client, create('/aaf', 950));
  expect(bench.closed(client)).toBe(true);
  expect(leader.proposals.length).toBe(proposed);
  bench.run(20);
  const again = bench.dial({ of: client, timeout: 10_000 });
  bench.run(20);
  expect(bench.established(again).sessionId).toBe(client.sessionId);
});

test('request.max-buffer: an answer may be longer', () => {
  const bench = new Bench({ juteMaxBuffer: 1000 });
  new TestLeader(bench);
  const client = bench.dial({ timeout: 10_000 });
  bench.run(10);
  bench.established(client);
  const many: Operation = {
    op: 'multiRead',
    ops: Array.from({ length: 20 }, () => ({ op: 'getData', path: '/', watch: false })),
  };
  const xid = bench.request(client, many);
  const result = bench.result(client, xid) ?? null;
  const reply = { type: 'Reply', xid, zxid: ZXID_ZERO, error: null, result } as const;
  expect(frameLength(reply, { operation: many })).toBeGreaterThan(1000);
});

test('request.bad-frame: closes the connection', () => {
  const bench = new Bench();
  new TestLeader(bench);
  const client = bench.dial({ timeout: 10_000 });
  bench.run(10);
  bench.established(client);
  bench.deliver(client, { type: 'BadFrame', why: 'a frame of 4 bytes' });
  expect(bench.closed(client)).toBe(true);
});

test('client.max-buffer: an answer of just so many bytes is taken, one more costs the connection', () => {
  // 16 bytes of header, 4 of the list's length, 4 of the name's, 68 of the Stat.
  const answer = (length: number): OperationResult => ({ children: ['x'.repeat(length)], stat: STAT });
  const rig = new Rig({ servers: [1] }).establish();
  rig.request('ls', { path: '/a' });
  rig.reply(1, { result: answer(0xfffff - 92) });
  rig.request('ls', { path: '/a' });
  rig.reply(2, { result: answer(0xfffff - 91) });
  expect(rig.of('returned').map(({ error }) => error)).toEqual([null, 'CONNECTIONLOSS']);
});
