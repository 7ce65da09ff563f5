import { describe, expect, test } from 'vitest';
import type { TraceResult, ZnodeChange } from '../../../../src/protocol/events.ts';
import type { Zxid } from '../../../../src/protocol/zxid.ts';
import { EPOCH_1, EPOCH_2, Play, stat, znode } from './play.ts';

const Z = EPOCH_1;
const GET_A = { op: 'get', path: '/a' };
const LS_ROOT = { op: 'ls', path: '/' };

/** `/a` with data that count the writes. */
function version(zxid: number, n: number): readonly ZnodeChange[] {
  return [['/a', znode(Z + 1, { mzxid: zxid as Zxid, version: n }, `v${n}`)]];
}

function created(): Play {
  const play = new Play();
  play.connect('alice', 2, '0x1');
  // Else a later leader without it would begin another history.
  const entry = { zxid: (Z + 1) as Zxid, txn: 'create', digest: 1 } as const;
  for (const server of [1, 2, 3]) play.on(server, { kind: 'log-appended', entry });
  play.commit(Z + 1, 'create', [
    ['/', { stat: stat(0, { numChildren: 1, pzxid: (Z + 1) as Zxid }) }],
    ...version(Z + 1, 0),
  ]);
  return play;
}

describe('SingleSystemImage', () => {
  test('a client that moves is served by who has applied what it has seen', () => {
    const play = created();
    const seen = play.returned('alice', play.call('alice', GET_A), GET_A, Z + 1, { error: 'NOAUTH' });
    play.connect('alice', 3, '0x1');
    expect(play.violations).toEqual([]);

    play.commit(Z + 2, 'setData', version(Z + 2, 1), { servers: [1, 2] });
    play.connect('alice', 2, '0x1');
    const call = play.call('alice', { op: 'sync', path: '/' });
    const newer = play.returned('alice', call, { op: 'sync', path: '/' }, Z + 2);
    const event = play.connect('alice', 3, '0x1');
    expect(play.first).toMatchObject({
      property: 'SingleSystemImage',
      event,
      proof: [newer, event - 1, event],
      says: 's3 serves alice though it has applied only up to 0x100000001 and the client has seen 0x100000002: it should turn the client away.',
    });
    expect(newer).toBeGreaterThan(seen);
  });
});

describe('MonotonicReads', () => {
  test('answers never go back', () => {
    const play = created();
    play.commit(Z + 2, 'setData', version(Z + 2, 1));
    const seen = play.returned('alice', play.call('alice', GET_A), GET_A, Z + 2, { error: 'NOAUTH' });
    // What an eager ACL check refuses has zxid 0.
    play.returned('alice', play.call('alice', GET_A), GET_A, 0, { error: 'NOAUTH' });
    expect(play.violations).toEqual([]);
    const event = play.returned('alice', play.call('alice', GET_A), GET_A, Z + 1, { error: 'NOAUTH' });
    expect(play.first).toMatchObject({
      property: 'MonotonicReads',
      event,
      says: 'alice had seen 0x100000002, and now s2 answers with the older state of 0x100000001.',
    });
    expect(play.first?.proof).toContain(seen);
  });

  test('a new handle begins anew', () => {
    const play = created();
    play.commit(Z + 2, 'setData', version(Z + 2, 1));
    play.returned('alice', play.call('alice', GET_A), GET_A, Z + 2, { error: 'NOAUTH' });
    play.see('alice' as never, { kind: 'client-state', state: 'CLOSED', server: null, why: '' });
    play.connect('alice', 2, '0x2');
    play.returned('alice', play.call('alice', GET_A), GET_A, Z + 1, { error: 'NOAUTH' });
    expect(play.violations).toEqual([]);
  });
});

describe('ReadsSeeTheirZxid', () => {
  const read = (
    result: TraceResult | null,
    zxid: number,
    more: object = {},
    request: { op: string; path: string } = GET_A,
  ) => {
    const play = created();
    const { applied } = play.commit(Z + 2, 'setData', version(Z + 2, 1), { servers: [1, 2] });
    const call = play.call('alice', request);
    const event = play.returned('alice', call, request, zxid, { result, ...more });
    return { play, applied, call, event };
  };

  test('an old state is shown as of its zxid', () => {
    const old = read({ data: 'v0', stat: stat(Z + 1) }, Z + 1);
    const now = read({ data: 'v1', stat: stat(Z + 1, { mzxid: (Z + 2) as Zxid, version: 1 }) }, Z + 2);
    expect([...old.play.violations, ...now.play.violations]).toEqual([]);
  });

  test('another Stat', () => {
    const { play, applied, call, event } = read({ data: 'v1', stat: stat(Z + 1) }, Z + 2);
    expect(play.first).toMatchObject({
      property: 'ReadsSeeTheirZxid',
      event,
      proof: [applied, call.event, event],
      says: `The get of alice at s2 does not show /a as of 0x100000002: its mzxid is ${Z + 1} there, and should be ${Z + 2}.`,
    });
  });

  test('other data', () => {
    const { play } = read({ data: 'v0', stat: stat(Z + 1, { mzxid: (Z + 2) as Zxid, version: 1 }) }, Z + 2);
    expect(play.first?.says).toBe('The get of alice at s2 does not show /a as of 0x100000002: its data are others.');
  });

  test('a znode that should be there, and one that should not', () => {
    const gone = read(null, Z + 2, { error: 'NONODE' });
    expect(gone.play.first?.says).toMatch(/it says that there is none, and there should be one\.$/);
    const ghost = read({ stat: stat(Z + 1) }, Z + 2, {}, { op: 'stat', path: '/b' });
    expect(ghost.play.first?.says).toBe(
      'The stat of alice at s2 does not show /b as of 0x100000002: there should be none.',
    );
  });

  test('children', () => {
    const right = read({ children: ['a'] }, Z + 2, {}, LS_ROOT);
    expect(right.play.violations).toEqual([]);
    const wrong = read({ children: ['b'] }, Z + 2, {}, LS_ROOT);
    expect(wrong.play.first?.says).toMatch(/there should be no child b\.$/);
    const more = read({ children: ['a', 'b'] }, Z + 2, {}, LS_ROOT);
    expect(more.play.first?.says).toMatch(/it has 2 children there, and should have 1\.$/);
  });

  test('a list, a count of all below, a multi of reads', () => {
    const acl = [{ perms: 31, scheme: 'world', id: 'anyone' }];
    const list = (perms: number) => read({ acl: [{ ...acl[0]!, perms }] }, Z + 1, {}, { op: 'getAcl', path: '/a' });
    expect(list(31).play.violations).toEqual([]);
    expect(list(1).play.first?.says).toMatch(/its list is another\.$/);
    const count = (number: number) => read({ number }, Z + 1, {}, { op: 'getAllChildrenNumber', path: '/' });
    expect(count(1).play.violations).toEqual([]);
    expect(count(2).play.first?.says).toMatch(/2 znodes are below it there, and should be 1\.$/);
    const ops = [GET_A, { op: 'get', path: '/b' }, LS_ROOT];
    const multi = (results: TraceResult['results']) => {
      const play = created();
      const request = { op: 'multi', ops };
      // The chroot shows with the first call that has a path.
      play.returned('alice', play.call('alice', GET_A), GET_A, Z + 1, { error: 'NOAUTH' });
      play.returned('alice', play.call('alice', request), request, Z + 1, { result: { results: results ?? [] } });
      return play;
    };
    const get = { op: 'getData', data: 'v0', stat: stat(Z + 1) } as const;
    const none = { op: 'error', error: 'NONODE' } as const;
    const ls = { op: 'getChildren', children: ['a'] } as const;
    expect(multi([get, none, ls]).violations).toEqual([]);
    expect(multi([{ ...get, data: 'x' }, none, ls]).first?.says).toMatch(/its data are others\.$/);
    expect(multi([none, none, ls]).first?.says).toMatch(/it says that there is none, and there should be one\.$/);
    expect(multi([get, get, ls]).first?.says).toMatch(/there should be none\.$/);
    expect(multi([get, none, { ...ls, children: [] }]).first?.says).toMatch(
      /it has 0 children there, and should have 1\.$/,
    );
  });

  test('a zxid that nobody has committed', () => {
    const { play, event } = read({ data: 'v1' }, Z + 9);
    expect(play.first).toMatchObject({
      property: 'ReadsSeeTheirZxid',
      event,
      says: 's2 answers alice with zxid 0x100000009, but nothing behind 0x100000002 is committed.',
    });
  });
});

describe('SyncPromise', () => {
  const SYNC = { op: 'sync', path: '/' };

  test('a sync sees what was committed before it', () => {
    const play = created();
    const { committed } = play.commit(Z + 2, 'setData', version(Z + 2, 1), { servers: [1] });
    const call = play.call('alice', SYNC);
    const event = play.returned('alice', call, SYNC, Z + 1);
    expect(play.first).toMatchObject({
      property: 'SyncPromise',
      event,
      proof: [committed, call.event, event],
      says: 'The sync of alice at s2 ends at 0x100000001, but 0x100000002 had been committed before it was called: reads behind a sync should see that.',
    });
  });

  test('what was committed later it need not see', () => {
    const play = created();
    const call = play.call('alice', SYNC);
    play.commit(Z + 2, 'setData', version(Z + 2, 1), { servers: [1] });
    play.returned('alice', call, SYNC, Z + 1);
    expect(play.violations).toEqual([]);
  });

  test('a deposed leader does not know what a later epoch has committed', () => {
    const play = created();
    play.newTerm(3, 3, EPOCH_2);
    play.commit(EPOCH_2 + 1, 'setData', version(EPOCH_2 + 1, 1), { leader: 3, servers: [3] });
    // s2 serves in epoch 1 still.
    play.returned('alice', play.call('alice', SYNC), SYNC, Z + 1);
    expect(play.violations).toEqual([]);
  });
});

describe('SequentialConsistency: answers', () => {
  test('they come in the order of the calls', () => {
    const play = created();
    const first = play.call('alice', GET_A);
    const second = play.call('alice', GET_A);
    const event = play.returned('alice', second, GET_A, Z + 1, { error: 'NOAUTH' });
    expect(play.first).toMatchObject({
      ...{ property: 'SequentialConsistency', event, proof: [first.event, second.event, event] },
      says: 'alice gets the answer to call 2 while its earlier call 1 has none.',
    });
  });

  test('a new process numbers its calls anew', () => {
    const play = created();
    play.returned('alice', play.call('alice', GET_A), GET_A, Z + 1, { error: 'NOAUTH' });
    play.returned('alice', play.call('alice', GET_A), GET_A, Z + 1, { error: 'NOAUTH' });
    play.restart('alice');
    play.connect('alice', 2, '0x2');
    play.returned('alice', play.call('alice', GET_A), GET_A, Z + 1, { error: 'NOAUTH' });
    expect(play.violations).toEqual([]);
  });
});
