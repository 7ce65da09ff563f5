import { describe, expect, test } from 'vitest';
import type { EventBody, ZnodeChange } from '../../../../src/protocol/events.ts';
import type { EventId, SessionId } from '../../../../src/protocol/ids.ts';
import type { NodeEventType } from '../../../../src/protocol/operations.ts';
import type { Zxid } from '../../../../src/protocol/zxid.ts';
import { EPOCH_1, Play, znode } from './play.ts';

const Z = EPOCH_1;
const ALICE = 'alice' as never;
const GET_A = { op: 'get', path: '/a', watch: true };
const GET_B = { op: 'get', path: '/b', watch: false };
const session = '0x1' as SessionId;

function changed(zxid: number): readonly ZnodeChange[] {
  return [['/a', znode(Z + 1, { mzxid: zxid as Zxid })]];
}

/** alice is at s2 and has read `/a`, with a watch if `watch`. */
function watching(mode: 'STANDARD' | 'PERSISTENT' | null = 'STANDARD'): Play {
  const play = new Play();
  play.connect('alice', 2, session);
  play.commit(Z + 1, 'create', [['/a', znode(Z + 1)]]);
  if (mode !== null) set(play, 'data', mode);
  return play;
}

function set(play: Play, table: 'data' | 'child', mode: 'STANDARD' | 'PERSISTENT', path = '/a'): EventId {
  return play.on(2, { kind: 'watch-set', table, path, sessionId: session, mode });
}
function fire(
  play: Play,
  event: NodeEventType,
  zxid: number,
  more: Partial<Extract<EventBody<EventId>, { kind: 'watch-fired' }>> = {},
): EventId {
  const body = {
    kind: 'watch-fired',
    event,
    path: '/a',
    table: 'data',
    sessionId: session,
    zxid: zxid as Zxid,
    stays: false,
  } as const;
  return play.on(2, { ...body, ...more });
}
function tell(play: Play, event: NodeEventType, zxid: number): EventId {
  const packet = { type: 'WatchEvent', event, path: '/a', zxid: zxid as Zxid } as const;
  return play.on(2, { kind: 'send', to: ALICE, conn: 'alice#0.0' as never, port: 'client', packet, arrives: null });
}
function hear(play: Play, zxid: number, type: NodeEventType = 'NodeDataChanged'): EventId {
  return play.see(ALICE, { kind: 'watch-event', type, state: 'SyncConnected', path: '/a', zxid: zxid as Zxid });
}
function read(play: Play, zxid: number, request: { op: string; path: string; watch?: boolean } = GET_B): EventId {
  return play.returned(
    'alice',
    play.call('alice', request),
    request,
    zxid,
    request === GET_A ? {} : { error: 'NOAUTH' },
  );
}

describe('WatchCompleteness at the server', () => {
  test('a change tells who waits for it', () => {
    const play = watching();
    play.commit(Z + 2, 'setData', changed(Z + 2), { servers: [1, 2] });
    fire(play, 'NodeDataChanged', Z + 2);
    tell(play, 'NodeDataChanged', Z + 2);
    play.reply('alice', 1, Z + 2);
    expect(play.violations).toEqual([]);
  });

  test('who is left waiting', () => {
    const play = watching(null);
    const watch = set(play, 'data', 'STANDARD');
    play.commit(Z + 2, 'setData', changed(Z + 2), { servers: [1] });
    const applied = play.apply(2, Z + 2, 'setData', changed(Z + 2));
    const event = play.reply('alice', 1, Z + 2);
    expect(play.first).toMatchObject({
      property: 'WatchCompleteness',
      event,
      proof: [watch, applied, event],
      says: 'NodeDataChanged /a with 0x100000002 fires no watch of session 0x1 at s2, which waits for it: it should be told.',
    });
  });

  test('a one-shot watch fires once, a persistent one each time', () => {
    for (const mode of ['STANDARD', 'PERSISTENT'] as const) {
      const play = watching(mode);
      for (const zxid of [Z + 2, Z + 3]) {
        play.commit(zxid, 'setData', changed(zxid), { servers: [2] });
        fire(play, 'NodeDataChanged', zxid, { stays: mode === 'PERSISTENT' });
        tell(play, 'NodeDataChanged', zxid);
      }
      play.reply('alice', 1, Z + 3);
      expect(play.violations.map(({ says }) => says)).toEqual(
        mode === 'PERSISTENT'
          ? []
          : ['s2 fires a watch of session 0x1 for NodeDataChanged /a, but the session has none that waits for that.'],
      );
    }
  });

  test('nothing fires that was not set', () => {
    const play = watching(null);
    play.commit(Z + 2, 'setData', changed(Z + 2), { servers: [2] });
    const event = fire(play, 'NodeDataChanged', Z + 2);
    expect(play.first).toMatchObject({ property: 'WatchCompleteness', event });
  });

  test('an event is sent once', () => {
    const play = watching();
    play.commit(Z + 2, 'setData', changed(Z + 2), { servers: [2] });
    fire(play, 'NodeDataChanged', Z + 2);
    tell(play, 'NodeDataChanged', Z + 2);
    const event = tell(play, 'NodeDataChanged', Z + 2);
    expect(play.first).toMatchObject({
      property: 'WatchCompleteness',
      event,
      says: 's2 tells alice of NodeDataChanged /a, but no watch of it has fired for that, or it was told already.',
    });
  });

  test('a delete tells the watches of the znode, then those of its parent’s children', () => {
    const play = watching();
    set(play, 'child', 'STANDARD');
    set(play, 'child', 'STANDARD', '/');
    play.commit(Z + 2, 'delete', [['/a', null]], { servers: [2] });
    fire(play, 'NodeDeleted', Z + 2);
    tell(play, 'NodeDeleted', Z + 2);
    const told = {
      kind: 'watch-withheld',
      event: 'NodeDeleted',
      path: '/a',
      table: 'child',
      sessionId: session,
    } as const;
    play.on(2, { ...told, why: 'TOLD', stays: false });
    expect(play.violations).toEqual([]);
    play.reply('alice', 1, Z + 2);
    expect(play.first?.says).toBe(
      'NodeChildrenChanged / with 0x100000002 fires no watch of session 0x1 at s2, which waits for it: it should be told.',
    );
  });

  test('setWatches tells what has changed', () => {
    const play = watching(null);
    const reset = { table: 'reset', stays: true } as const;
    fire(play, 'NodeDataChanged', -1, reset);
    tell(play, 'NodeDataChanged', -1);
    expect(play.violations).toEqual([]);
    fire(play, 'NodeDeleted', -1, reset);
    expect(play.first?.says).toBe(
      's2 tells session 0x1, which is back, of NodeDeleted /a, though there is such a znode.',
    );
  });

  test('setWatches tells what has changed since the client has seen it', () => {
    const back = (seen: number): Play => {
      const play = watching(null);
      play.commit(Z + 2, 'setData', changed(Z + 2));
      read(play, seen);
      play.connect('alice', 2, session);
      fire(play, 'NodeDataChanged', -1, { table: 'reset', stays: true });
      return play;
    };
    expect(back(Z + 1).violations).toEqual([]);
    expect(back(Z + 2).first).toMatchObject({
      property: 'WatchCompleteness',
      says: 's2 tells session 0x1, which is back, of NodeDataChanged /a with 0x100000002, though its client had seen 0x100000002: only what has changed since should be told.',
    });
  });

  test('the watches of a connection that ends wait no longer', () => {
    const play = watching();
    play.on(2, { kind: 'session-detached', sessionId: session, conn: 'alice#0.0' as never, client: ALICE, why: '' });
    play.on(2, { kind: 'watches-dropped', sessionId: session });
    play.commit(Z + 2, 'setData', changed(Z + 2));
    play.reply('alice', 1, Z + 2);
    expect(play.violations).toEqual([]);
  });
});

describe('WatchCompleteness at the client', () => {
  test('it hears of the change before it sees it', () => {
    const play = watching(null);
    const set = read(play, Z + 1, GET_A);
    const { applied } = play.commit(Z + 2, 'setData', changed(Z + 2));
    const event = read(play, Z + 2);
    expect(play.first).toMatchObject({
      property: 'WatchCompleteness',
      event,
      says: 'alice has a data watch at /a, and sees 0x100000002 without having been told of the change of /a with 0x100000002.',
    });
    expect(play.first?.proof).toEqual(expect.arrayContaining([set, applied, event]));
  });

  test('an answer of before the change leaves it open', () => {
    const play = watching(null);
    read(play, Z + 1, GET_A);
    play.commit(Z + 2, 'setData', changed(Z + 2), { servers: [1] });
    read(play, Z + 1);
    hear(play, Z + 2);
    read(play, Z + 2);
    expect(play.violations).toEqual([]);
  });

  test('others were ahead of the server where the watch was left', () => {
    const play = watching(null);
    play.commit(Z + 2, 'setData', changed(Z + 2), { servers: [1] });
    read(play, Z + 1, GET_A);
    play.apply(2, Z + 2, 'setData', changed(Z + 2));
    read(play, Z + 2);
    expect(play.first).toMatchObject({ property: 'WatchCompleteness' });
  });

  test('after a reconnect it hears of what it has missed', () => {
    const missed = (again: boolean): Play => {
      const play = watching(null);
      read(play, Z + 1, GET_A);
      play.commit(Z + 2, 'setData', changed(Z + 2));
      play.connect('alice', 3, session);
      if (again) hear(play, -1);
      read(play, Z + 2);
      return play;
    };
    expect(missed(true).violations).toEqual([]);
    expect(missed(false).first).toMatchObject({ property: 'WatchCompleteness' });
  });

  test('who waits for all changes hears of each', () => {
    const ADD = { op: 'addWatch', path: '/a', mode: 'PERSISTENT_RECURSIVE' };
    const told = (...zxids: number[]): Play => {
      const play = watching(null);
      play.returned('alice', play.call('alice', ADD), ADD, Z + 1);
      for (const zxid of [Z + 2, Z + 3]) play.commit(zxid, 'setData', changed(zxid));
      for (const zxid of zxids) hear(play, zxid);
      return play;
    };
    expect(told(Z + 2, Z + 3).violations).toEqual([]);
    expect(told(Z + 3).first).toMatchObject({
      property: 'WatchCompleteness',
      says: 'alice has a PERSISTENT_RECURSIVE watch at /a, and is told of NodeDataChanged /a with 0x100000003 without having been told of the change of /a with 0x100000002.',
    });
  });

  test('who was away hears of what comes, not of what it has missed', () => {
    const ADD = { op: 'addWatch', path: '/a', mode: 'PERSISTENT' };
    const play = watching(null);
    play.returned('alice', play.call('alice', ADD), ADD, Z + 1);
    play.commit(Z + 2, 'setData', changed(Z + 2));
    play.connect('alice', 3, session);
    play.commit(Z + 3, 'setData', changed(Z + 3));
    hear(play, Z + 3);
    read(play, Z + 3);
    expect(play.violations).toEqual([]);
  });

  test('the event of another path, of a like name, tells nothing', () => {
    const ADD = { op: 'addWatch', path: '/a', mode: 'PERSISTENT_RECURSIVE' };
    const play = watching(null);
    play.returned('alice', play.call('alice', ADD), ADD, Z + 1);
    play.commit(Z + 2, 'setData', changed(Z + 2));
    const type = 'NodeDataChanged';
    play.see(ALICE, { kind: 'watch-event', type, state: 'SyncConnected', path: '/ab', zxid: (Z + 2) as Zxid });
    read(play, Z + 2);
    expect(play.first).toMatchObject({ property: 'WatchCompleteness' });
  });

  test('what it may not read is withheld', () => {
    const play = watching();
    read(play, Z + 1, GET_A);
    play.commit(Z + 2, 'setData', changed(Z + 2), { servers: [2] });
    const body = { kind: 'watch-withheld', event: 'NodeDataChanged', path: '/a', table: 'data' } as const;
    play.on(2, { ...body, sessionId: session, why: 'NOAUTH', stays: false });
    read(play, Z + 2);
    expect(play.violations).toEqual([]);
  });

  test('an exists watch misses a znode that came and went', () => {
    const play = watching(null);
    const exists = { op: 'stat', path: '/c', watch: true };
    play.returned('alice', play.call('alice', exists), exists, Z + 1, { error: 'NONODE' });
    play.commit(Z + 2, 'create', [['/c', znode(Z + 2)]]);
    play.commit(Z + 3, 'delete', [['/c', null]]);
    play.connect('alice', 3, session);
    read(play, Z + 3);
    expect(play.violations).toEqual([]);
  });
});

describe('WatchOrder', () => {
  test('the event comes before an answer that shows the change', () => {
    const play = watching(null);
    play.commit(Z + 2, 'setData', changed(Z + 2));
    const seen = read(play, Z + 2);
    const event = hear(play, Z + 2);
    expect(play.first).toMatchObject({
      property: 'WatchOrder',
      event,
      proof: [seen, event],
      says: 'alice is told of NodeDataChanged /a with 0x100000002, but has been answered as of 0x100000002 before: the event comes before the new state can be read.',
    });
  });

  test('events come in the order of the changes', () => {
    const play = watching(null);
    const later = hear(play, Z + 3);
    const event = hear(play, Z + 2);
    expect(play.first).toMatchObject({
      property: 'WatchOrder',
      event,
      proof: [later, event],
      says: 'alice is told of NodeDataChanged /a with 0x100000002 behind the event of 0x100000003: events come in the order of the changes.',
    });
  });

  test('what has fired is sent before any answer', () => {
    const play = watching();
    play.commit(Z + 2, 'setData', changed(Z + 2), { servers: [2] });
    const fired = fire(play, 'NodeDataChanged', Z + 2);
    const event = play.reply('alice', 1, Z + 2);
    expect(play.first).toMatchObject({
      property: 'WatchOrder',
      event,
      proof: [fired, event],
      says: 's2 answers alice as of 0x100000002 before it tells of NodeDataChanged /a, for which a watch of this client has fired: the event comes before the new state can be read.',
    });
  });
});

describe('WatchPermission', () => {
  const secret = { data: null, acl: [{ perms: 31, scheme: 'digest', id: 'bob:x' }], stat: znode(Z + 2).stat };

  test('an event is for who may read the znode', () => {
    const play = watching(null);
    set(play, 'data', 'STANDARD', '/s');
    const { applied } = play.commit(Z + 2, 'create', [['/s', secret]], { servers: [1, 2] });
    const event = fire(play, 'NodeCreated', Z + 2, { path: '/s' });
    expect(play.first).toMatchObject({
      property: 'WatchPermission',
      event,
      proof: [applied, event],
      says: 's2 tells session 0x1 of NodeCreated /s with 0x100000002, though its list does not let this client read it: the event should be withheld.',
    });
  });

  test('who has proved to be one of the list may', () => {
    const play = watching(null);
    play.on(2, { kind: 'auth-added', sessionId: session, scheme: 'digest', authId: 'bob:x' });
    set(play, 'data', 'STANDARD', '/s');
    play.commit(Z + 2, 'create', [['/s', secret]], { servers: [1, 2] });
    fire(play, 'NodeCreated', Z + 2, { path: '/s' });
    expect(play.violations).toEqual([]);
  });

  test('an address of the list may, too', () => {
    const play = watching(null);
    set(play, 'data', 'STANDARD', '/s');
    const acl = [{ perms: 31, scheme: 'ip', id: '10.0.0.0/8' }];
    play.commit(Z + 2, 'create', [['/s', { ...secret, acl }]], { servers: [1, 2] });
    fire(play, 'NodeCreated', Z + 2, { path: '/s' });
    expect(play.violations).toEqual([]);
  });
});
