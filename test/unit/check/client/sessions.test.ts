import { describe, expect, test } from 'vitest';
import type { EventId, SessionId } from '../../../../src/protocol/ids.ts';
import type { Zxid } from '../../../../src/protocol/zxid.ts';
import { EPOCH_1, Play, stat, znode } from './play.ts';

const Z = EPOCH_1;
const ONE = '0x1' as SessionId;
const mine = { ephemeralOwner: ONE };

/** Session 0x1 has the ephemeral `/e`. */
function ephemeral(): { readonly play: Play; readonly made: EventId } {
  const play = new Play();
  play.connect('alice', 2, ONE);
  const { applied } = play.commit(Z + 1, 'create', [['/e', znode(Z + 1, mine)]], { session: ONE, cxid: 1 });
  return { play, made: applied };
}

describe('EphemeralsEnd', () => {
  test('ephemerals go with their session', () => {
    const { play } = ephemeral();
    play.commit(Z + 2, 'closeSession', [['/e', null]], { session: ONE });
    expect(play.violations).toEqual([]);
  });

  test('an ephemeral that stays', () => {
    const { play, made } = ephemeral();
    const { proposed, applied } = play.commit(Z + 2, 'closeSession', [], { session: ONE });
    expect(play.first).toMatchObject({
      property: 'EphemeralsEnd',
      event: applied,
      proof: [made, proposed, applied],
      says: 'Session 0x1 ends with 0x100000002, and its ephemeral /e stays: it should go with it.',
    });
  });

  test('an ephemeral that goes before; who deletes it may', () => {
    const { play: deleted } = ephemeral();
    deleted.commit(Z + 2, 'delete', [['/e', null]], { session: '0x2', cxid: 1 });
    expect(deleted.violations).toEqual([]);
    const { play, made } = ephemeral();
    const { proposed, applied } = play.commit(Z + 2, 'closeSession', [['/e', null]], { session: '0x2' });
    expect(play.first).toMatchObject({
      property: 'EphemeralsEnd',
      event: applied,
      proof: [made, proposed, applied],
      says: 'The closeSession 0x100000002 deletes /e, an ephemeral of session 0x1, which has not ended.',
    });
  });

  test('nobody reads an ephemeral of a session that has ended', () => {
    const { play } = ephemeral();
    const { applied } = play.commit(Z + 2, 'closeSession', [['/e', null]], { session: ONE });
    play.connect('bob', 3, '0x2');
    const request = { op: 'create', path: '/x' };
    const call = play.call('bob', request);
    play.commit(Z + 3, 'create', [['/x', znode(Z + 3, mine)]], { session: '0x2', cxid: 1 });
    const event = play.returned('bob', call, request, Z + 3, { result: { path: '/x', stat: stat(Z + 3, mine) } });
    expect(play.first).toMatchObject({
      property: 'EphemeralsEnd',
      event,
      proof: [applied, call.event, event],
      says: 'bob reads /x at s3 as of 0x100000003, an ephemeral of session 0x1, which ended with 0x100000002.',
    });
  });
});

describe('SessionExpiry', () => {
  const expire = (play: Play, sessionId = ONE, bucket = 1e6): EventId =>
    play.on(1, { kind: 'session-expired', sessionId, bucket: bucket as never });
  /** A packet of alice's reaches s2, and the PING that tells of it the leader. */
  const touch = (play: Play): EventId => {
    play.on(2, { kind: 'receive', message: 0 as EventId, from: 'alice' as never, type: 'Request' });
    const packet = { type: 'PING', zxid: 0 as Zxid } as const;
    const ping = play.on(2, {
      kind: 'send',
      to: 's1' as never,
      conn: 's2#0.1' as never,
      port: 'quorum',
      packet,
      arrives: null,
    });
    return play.on(1, { kind: 'receive', message: ping, from: 's2' as never, type: 'PING' });
  };
  const opened = (): Play => {
    const play = new Play();
    play.on(1, { kind: 'proposed', zxid: (Z + 1) as Zxid, txn: 'createSession', sessionId: ONE, cxid: 0, need: 2 });
    play.on(1, { kind: 'session-opened', sessionId: ONE, timeout: 4000 });
    play.connect('alice', 2, ONE, 4000);
    return play;
  };

  test('who was heard of in time is not expired', () => {
    const play = opened();
    play.wait(3000);
    const heard = touch(play);
    play.wait(3990);
    const event = expire(play);
    expect(play.first).toMatchObject({
      property: 'SessionExpiry',
      event,
      proof: [heard, event],
      says: 's1 expires session 0x1 3991 ms after it heard of it: its timeout is 4000 ms.',
    });
  });

  test('who is silent for the timeout is', () => {
    const play = opened();
    touch(play);
    play.wait(4000);
    expire(play);
    expect(play.violations).toEqual([]);
  });

  test('a fast clock has seen more time pass', () => {
    const play = opened();
    touch(play);
    play.on(1, { kind: 'clock-rate', rate: 2 });
    play.wait(2010);
    expire(play);
    expect(play.violations).toEqual([]);
  });

  test('what a learner has not told yet does not count', () => {
    const play = opened();
    touch(play);
    play.wait(4000);
    play.on(2, { kind: 'receive', message: 0 as EventId, from: 'alice' as never, type: 'Request' });
    expire(play);
    expect(play.violations).toEqual([]);
  });

  test('a session ends when it has expired, or its client asks', () => {
    const play = opened();
    touch(play);
    const { proposed } = play.commit(Z + 2, 'closeSession', [], { session: ONE, cxid: 0 });
    expect(play.first).toMatchObject({
      property: 'SessionExpiry',
      event: proposed,
      says: 's1 ends session 0x1 with 0x100000002: it has not expired, and its client has not asked for that.',
    });
  });

  test('no request of an ended session takes effect', () => {
    const play = opened();
    const { applied } = play.commit(Z + 2, 'closeSession', [], { session: ONE });
    // Refused: it changes nothing.
    play.commit(Z + 3, 'error', [], { session: ONE, cxid: 1 });
    expect(play.violations).toEqual([]);
    const late = play.commit(Z + 4, 'create', [['/x', znode(Z + 4)]], { session: ONE, cxid: 2 });
    expect(play.first).toMatchObject({
      property: 'SessionExpiry',
      event: late.applied,
      proof: [applied, late.proposed, late.applied],
      says: '0x100000004 is a create of session 0x1, which had ended with 0x100000002: no request of an ended session takes effect.',
    });
  });

  test('whoever has applied its end answers only that', () => {
    const closing = (server: number, xid: number): Play => {
      const play = opened();
      play.commit(Z + 2, 'closeSession', [], { session: ONE, cxid: 7, servers: [1] });
      if (server === 2) play.apply(2, Z + 2, 'closeSession', []);
      play.reply('alice', xid, Z + 2);
      return play;
    };
    // s2, which serves alice, has not applied it; or that is the answer to the close itself.
    expect(closing(1, 6).violations).toEqual([]);
    expect(closing(2, 7).violations).toEqual([]);
    expect(closing(2, 6).violations).toMatchObject([
      {
        property: 'SessionExpiry',
        says: 's2 answers alice in session 0x1, whose end it has applied with 0x100000002: it should have closed the connection.',
      },
    ]);
  });

  test('no server that knows of its end serves it', () => {
    const play = opened();
    const { applied } = play.commit(Z + 2, 'closeSession', [], { session: ONE, servers: [1, 2] });
    // s3 does not know yet.
    play.connect('alice', 3, ONE);
    expect(play.violations).toEqual([]);
    play.connect('alice', 2, ONE);
    expect(play.first).toMatchObject({
      property: 'SessionExpiry',
      says: 's2 serves alice in session 0x1, which ended with 0x100000002: it should say that the session is over.',
    });
    expect(play.first?.proof).toContain(applied);
  });
});

describe('Timeliness', () => {
  // syncLimit is 5 ticks of 1000 ms.
  test('a learner stops when its leader is silent', () => {
    const play = new Play();
    play.connect('alice', 2, ONE);
    const heard = play.hear(2, 1);
    play.wait(4990);
    play.reply('alice', 1, Z);
    expect(play.violations).toEqual([]);
    play.wait(20);
    const event = play.reply('alice', 2, Z);
    expect(play.first).toMatchObject({
      property: 'Timeliness',
      event,
      proof: [heard, event],
      says: 's2 answers alice, but has heard nothing from its leader s1 for 5012 ms: after 5000 ms it should have stopped.',
    });
  });

  test('a pause is no silence', () => {
    const play = new Play();
    play.connect('alice', 2, ONE);
    play.wait(60_000);
    play.on(2, { kind: 'process-resumed' });
    play.reply('alice', 1, Z);
    expect(play.violations).toEqual([]);
  });

  test('a leader stops when no quorum is left', () => {
    const play = new Play();
    play.connect('alice', 1, ONE);
    for (const learner of [2, 3]) play.on(1, { kind: 'learner-joined', learner: learner as never, why: '' });
    play.wait(6000);
    play.hear(1, 3);
    play.wait(2000);
    // s3 is a quorum with it.
    play.reply('alice', 1, Z);
    expect(play.violations).toEqual([]);
    play.wait(6000);
    const event = play.reply('alice', 2, Z);
    expect(play.first).toMatchObject({
      property: 'Timeliness',
      event,
      says: 's1 answers alice as the leader, but for more than 7 ticks has heard only from s1: without a quorum it should have stopped.',
    });
  });
});
