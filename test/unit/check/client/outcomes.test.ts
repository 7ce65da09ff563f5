import { describe, expect, test } from 'vitest';
import type { ClientOp, TraceMultiResult, TraceResult, ZnodeChange } from '../../../../src/protocol/events.ts';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import type { TxnType } from '../../../../src/protocol/txns.ts';
import type { Stat } from '../../../../src/protocol/znode.ts';
import type { Zxid } from '../../../../src/protocol/zxid.ts';
import { EPOCH_1, Play, stat, znode } from './play.ts';

const Z = EPOCH_1;
/** What the trace calls `as never` elsewhere: plain numbers for a Stat. */
const zxid = (n: number): Zxid => n as Zxid;

/** `/a` of version 0, and alice at s2, who has read it. */
function created(): Play {
  const play = new Play();
  play.connect('alice', 2, '0x1');
  play.commit(Z + 1, 'create', [['/a', znode(Z + 1, {}, 'v0')]]);
  const get = { op: 'get', path: '/a' };
  play.returned('alice', play.call('alice', get), get, Z + 1, { error: 'NOAUTH' });
  return play;
}

/** The second transaction is a call of alice. */
function write(
  request: ClientOp,
  txn: TxnType,
  changes: readonly ZnodeChange[],
  answer: { readonly result?: TraceResult; readonly error?: 'NONODE' | 'NODEEXISTS' | 'BADVERSION' } = {},
): Play {
  const play = created();
  const call = play.call('alice', request);
  play.commit(Z + 2, txn, changes, { session: '0x1', cxid: call.number });
  play.returned('alice', call, request, Z + 2, answer);
  return play;
}

const set = (more: Partial<Stat> = {}): ZnodeChange => [
  '/a',
  znode(Z + 1, { mzxid: zxid(Z + 2), version: 1, ...more }, 'v1'),
];
const says = (play: Play): readonly (readonly [string, string])[] =>
  play.violations.map(({ property, says }) => [property, says]);

describe('ExactlyOnce: what was acknowledged is done', () => {
  test('a delete', () => {
    expect(says(write({ op: 'delete', path: '/a' }, 'delete', [['/a', null]]))).toEqual([]);
    expect(says(write({ op: 'delete', path: '/a' }, 'delete', []))).toEqual([
      ['ExactlyOnce', 'The delete of alice was told OK as of 0x100000002, but /a is there behind it.'],
    ]);
  });

  test('a set', () => {
    expect(says(write({ op: 'set', path: '/a', data: 'v1' }, 'setData', [set()]))).toEqual([]);
    expect(says(write({ op: 'set', path: '/a', data: 'v1' }, 'setData', []))).toEqual([
      ['ExactlyOnce', 'The set of alice was told OK as of 0x100000002, but /a was written last with 0x100000001.'],
    ]);
  });

  test('an ephemeral belongs to its session', () => {
    const create = { op: 'create', path: '/e', mode: 'EPHEMERAL' };
    const made = (owner: string): ZnodeChange => ['/e', znode(Z + 2, { ephemeralOwner: owner as SessionId })];
    const result = { path: '/e' };
    expect(says(write(create, 'create', [made('0x1')], { result }))).toEqual([]);
    expect(says(write(create, 'create', [made('0x0')], { result }))).toEqual([
      ['ExactlyOnce', 'The create of alice was told OK as of 0x100000002, but /e belongs to session 0x0, not to 0x1.'],
    ]);
  });

  test('each part of a multi; of what parts do to one path, the last counts', () => {
    const ops = [
      { op: 'create', path: '/b' },
      { op: 'set', path: '/a', data: 'v1' },
      { op: 'delete', path: '/b' },
    ];
    const results: readonly TraceMultiResult[] = [
      { op: 'create', path: '/b' },
      { op: 'setData', stat: stat(Z + 1) },
      { op: 'delete' },
    ];
    const multi = { op: 'multi', ops };
    expect(says(write(multi, 'multi', [set(), ['/b', null]], { result: { results } }))).toEqual([]);
    expect(says(write(multi, 'multi', [['/b', null]], { result: { results } }))).toEqual([
      ['ExactlyOnce', 'The multi of alice was told OK as of 0x100000002, but /a was written last with 0x100000001.'],
    ]);
    const both = write(multi, 'multi', [set(), ['/b', znode(Z + 2)]], { result: { results } });
    expect(says(both)).toEqual([
      ['ExactlyOnce', 'The multi of alice was told OK as of 0x100000002, but /b is there behind it.'],
    ]);
    // One that reads is no write, and sees what was just made.
    const reads = { op: 'multi', ops: [{ op: 'ls', path: '/b' }] };
    const seen = { results: [{ op: 'getChildren', children: [] }] } as const;
    expect(says(write(reads, 'create', [['/b', znode(Z + 2)]], { result: seen }))).toEqual([]);
    // One that failed has done nothing, and tells nothing of the state.
    const failed = ops.map(() => ({ op: 'error', error: 'RUNTIMEINCONSISTENCY' }) as const);
    expect(says(write(multi, 'error', [], { result: { results: failed } }))).toEqual([]);
  });

  test('what was refused changes nothing later', () => {
    const play = created();
    const request = { op: 'set', path: '/a' };
    const call = play.call('alice', request);
    // As an eager ACL check refuses, which takes no zxid.
    const refused = play.returned('alice', call, request, 0, { error: 'NOAUTH' });
    const { applied } = play.commit(Z + 2, 'setData', [set()], { session: '0x1', cxid: call.number });
    expect(play.violations).toMatchObject([
      {
        property: 'ExactlyOnce',
        event: applied,
        says: 'The request 2 of session 0x1 became 0x100000002, but its client was told NOAUTH before: it should change nothing.',
      },
    ]);
    expect(play.first?.proof).toContain(refused);
  });

  test('an answer that never came is no refusal', () => {
    const play = created();
    const request = { op: 'set', path: '/a' };
    const call = play.call('alice', request);
    play.returned('alice', call, request, 0, { zxid: null, error: 'CONNECTIONLOSS' });
    play.commit(Z + 2, 'setData', [set()], { session: '0x1', cxid: call.number });
    expect(play.violations).toEqual([]);
  });
});

describe('LinearizableWrites: each write finds what those before it have left', () => {
  test('the version that was asked for', () => {
    expect(says(write({ op: 'set', path: '/a', version: 0 }, 'setData', [set()]))).toEqual([]);
    expect(says(write({ op: 'set', path: '/a', version: -1 }, 'setData', [set()]))).toEqual([]);
    expect(says(write({ op: 'set', path: '/a', version: 3 }, 'setData', [set()]))).toEqual([
      ['LinearizableWrites', 'The set of alice was told OK as of 0x100000002, but /a had version 0 before it, not 3.'],
    ]);
    expect(says(write({ op: 'delete', path: '/a', version: 3 }, 'delete', [['/a', null]]))[0]?.[0]).toBe(
      'LinearizableWrites',
    );
  });

  test('the check of a multi', () => {
    const multi = (version: number): Play =>
      write({ op: 'multi', ops: [{ op: 'check', path: '/a', version }] }, 'multi', [], {
        result: { results: [{ op: 'check' }] },
      });
    expect(says(multi(0))).toEqual([]);
    expect(says(multi(1))[0]?.[0]).toBe('LinearizableWrites');
  });

  test('the reason of a refusal', () => {
    const refused = (request: ClientOp, error: 'NONODE' | 'NODEEXISTS' | 'BADVERSION'): Play =>
      write(request, 'error', [], { error });
    for (const right of [
      refused({ op: 'set', path: '/b' }, 'NONODE'),
      refused({ op: 'create', path: '/b/c' }, 'NONODE'),
      refused({ op: 'create', path: '/a' }, 'NODEEXISTS'),
      refused({ op: 'set', path: '/a', version: 1 }, 'BADVERSION'),
    ])
      expect(says(right)).toEqual([]);
    const wrong = [
      refused({ op: 'delete', path: '/a' }, 'NONODE'),
      refused({ op: 'create', path: '/a/c' }, 'NONODE'),
      refused({ op: 'create', path: '/b' }, 'NODEEXISTS'),
      refused({ op: 'set', path: '/a', version: 0 }, 'BADVERSION'),
    ];
    expect(wrong.flatMap((play) => says(play).map(([property]) => property))).toEqual(
      wrong.map(() => 'LinearizableWrites'),
    );
    expect(says(wrong[3] as Play)[0]?.[1]).toBe(
      'The set of alice was told BADVERSION as of 0x100000002, but /a had version 0.',
    );
  });
});

describe('SequentialConsistency: reads take effect in their turn', () => {
  test('a read does not see what its client wrote behind it', () => {
    const get = { op: 'get', path: '/b' };
    const play = created();
    const first = play.call('alice', get);
    const request = { op: 'set', path: '/a' };
    const second = play.call('alice', request);
    const { applied } = play.commit(Z + 2, 'setData', [set()], { session: '0x1', cxid: second.number });
    const event = play.returned('alice', first, get, Z + 2, { error: 'NOAUTH' });
    expect(play.violations).toMatchObject([
      {
        property: 'SequentialConsistency',
        event,
        says: 'The get of alice is answered as of 0x100000002, which holds its later set already, 0x100000002: requests of one client take effect in the order of their sending.',
      },
    ]);
    expect(play.first?.proof).toContain(applied);
  });

  test('another server may have applied the write before the read was answered; a new handle begins anew', () => {
    const get = { op: 'get', path: '/b' };
    const play = created();
    const first = play.call('alice', get);
    const second = play.call('alice', { op: 'set', path: '/a' });
    play.commit(Z + 2, 'setData', [set()], { session: '0x1', cxid: second.number, servers: [1] });
    play.returned('alice', first, get, Z + 1, { error: 'NOAUTH' });
    play.apply(2, Z + 2, 'setData', [set()]);
    play.restart('alice');
    play.connect('alice', 2, '0x2');
    play.returned('alice', play.call('alice', get), get, Z + 2, { error: 'NOAUTH' });
    expect(play.violations).toEqual([]);
  });
});
