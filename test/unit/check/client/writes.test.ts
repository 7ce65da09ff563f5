import { describe, expect, test } from 'vitest';
import { EPOCH_1, EPOCH_2, Play, znode } from './play.ts';

const Z = EPOCH_1;
const CREATE_A = { op: 'create', path: '/a' };
const SET_A = { op: 'set', path: '/a' };

describe('LinearizableWrites', () => {
  test('a write that is called behind an acknowledged one has the higher zxid', () => {
    const play = new Play();
    play.connect('alice', 1, '0x1');
    play.connect('bob', 2, '0x2');
    const early = play.call('bob', { op: 'create', path: '/b' });
    play.commit(Z + 1, 'create', [['/b', znode(Z + 1)]], { session: '0x2', cxid: early.number });
    const acknowledged = play.write('alice', CREATE_A, Z + 2, 'create', [['/a', znode(Z + 2)]]);
    // Called before: real time says nothing of these two.
    play.returned('bob', early, { op: 'create', path: '/b' }, Z + 1);
    expect(play.violations).toEqual([]);

    play.commit(Z + 3, 'create', [['/c', znode(Z + 3)]], { session: '0x2', cxid: 2 });
    const last = play.write('alice', SET_A, Z + 4, 'setData', [['/a', znode(Z + 2, { mzxid: (Z + 4) as never })]]);
    const late = play.call('bob', { op: 'create', path: '/c' });
    const event = play.returned('bob', late, { op: 'create', path: '/c' }, Z + 3);
    expect(play.violations).toEqual([
      {
        property: 'LinearizableWrites',
        at: expect.any(Number) as number,
        event,
        proof: [last, late.event, event],
        says: 'The create of bob is 0x100000003, but 0x100000004 had been acknowledged before it was called: its zxid should be higher.',
      },
    ]);
    expect(acknowledged).toBeLessThan(last);
  });
});

describe('ExactlyOnce', () => {
  test('a request is not applied twice', () => {
    const play = new Play();
    play.connect('alice', 1, '0x1');
    play.write('alice', CREATE_A, Z + 1, 'create', [['/a', znode(Z + 1)]]);
    const { proposed, applied } = play.commit(Z + 2, 'create', [['/a', znode(Z + 2)]], { session: '0x1', cxid: 1 });
    expect(play.first).toMatchObject({
      property: 'ExactlyOnce',
      event: applied,
      says: 'The request 1 of session 0x1 was applied twice: as 0x100000001 and as 0x100000002.',
    });
    expect(play.first?.proof).toContain(proposed);
  });

  test('a call is not applied twice under two xids', () => {
    const play = new Play();
    play.connect('alice', 1, '0x1');
    const call = play.call('alice', CREATE_A);
    play.commit(Z + 1, 'create', [['/a', znode(Z + 1)]], { session: '0x1', cxid: call.number });
    play.see(
      'alice' as never,
      {
        ...{ kind: 'send', to: 's2' as never, conn: 'alice#0.9' as never, port: 'client', arrives: null },
        packet: { type: 'Request', xid: 7, op: 'create', path: '/a' },
      },
      [call.event],
    );
    play.commit(Z + 2, 'create', [['/a', znode(Z + 2)]], { session: '0x1', cxid: 7 });
    expect(play.first).toMatchObject({
      property: 'ExactlyOnce',
      says: 'One create of alice was applied twice: as 0x100000001 and as 0x100000002.',
    });
    expect(play.first?.proof).toContain(call.event);
  });

  test('a refused write does nothing', () => {
    const play = new Play();
    play.connect('alice', 1, '0x1');
    const call = play.call('alice', CREATE_A);
    const { applied } = play.commit(Z + 1, 'create', [['/a', znode(Z + 1)]], { session: '0x1', cxid: call.number });
    const event = play.returned('alice', call, CREATE_A, Z + 1, { error: 'NODEEXISTS' });
    expect(play.first).toMatchObject({
      property: 'ExactlyOnce',
      event,
      proof: [call.event, applied, event],
      says: 'alice was told NODEEXISTS, but its create was applied as 0x100000001.',
    });
  });

  test('what is acknowledged is committed', () => {
    const play = new Play();
    play.connect('alice', 1, '0x1');
    play.commit(Z + 1, 'create', [['/b', znode(Z + 1)]], { session: '0x9', cxid: 4 });
    const call = play.call('alice', CREATE_A);
    const event = play.returned('alice', call, CREATE_A, Z + 1);
    expect(play.first).toMatchObject({
      property: 'ExactlyOnce',
      event,
      says: 'alice was told that its create is done, with zxid 0x100000001, but no such transaction of it is committed.',
    });
    expect(play.first?.proof[1]).toBe(call.event);
  });

  test('a lost answer leaves open whether it was applied', () => {
    const play = new Play();
    play.connect('alice', 1, '0x1');
    const call = play.call('alice', CREATE_A);
    play.returned('alice', call, CREATE_A, 0, { zxid: null, error: 'CONNECTIONLOSS' });
    play.commit(Z + 1, 'create', [['/a', znode(Z + 1)]], { session: '0x1', cxid: call.number });
    const other = play.call('alice', SET_A);
    play.returned('alice', other, SET_A, 0, { zxid: null, error: 'CONNECTIONLOSS' });
    expect(play.violations).toEqual([]);
  });
});

describe('SequentialConsistency', () => {
  test('writes of a session are committed in the order of their sending', () => {
    const play = new Play();
    play.connect('alice', 1, '0x1');
    const one = play.commit(Z + 1, 'create', [['/a', znode(Z + 1)]], { session: '0x1', cxid: 6 });
    // It did nothing: its server was not the session's any more.
    play.commit(Z + 2, 'error', [], { session: '0x1', cxid: 5 });
    expect(play.violations).toEqual([]);
    const two = play.commit(Z + 3, 'create', [['/b', znode(Z + 3)]], { session: '0x1', cxid: 5 });
    expect(play.first).toMatchObject({
      property: 'SequentialConsistency',
      event: two.applied,
      proof: [one.applied, two.proposed, two.applied],
      says: 'The request 5 of session 0x1 became 0x100000003, behind its later request 6, which is 0x100000001: writes of one client take effect in the order of their sending.',
    });
  });

  test('answers come in the order of the requests', () => {
    const play = new Play();
    play.connect('alice', 2, '0x1');
    play.reply('alice', 1, Z + 1);
    // A ping, and what an eager ACL check refuses at once.
    play.reply('alice', -2, Z + 1);
    play.reply('alice', 9, 0);
    play.reply('alice', 3, Z + 1);
    expect(play.violations).toEqual([]);
    const event = play.reply('alice', 2, Z + 1);
    expect(play.first).toMatchObject({
      property: 'SequentialConsistency',
      event,
      says: 's2 answers request 2 of alice behind its later request 3: answers come in the order of the requests.',
    });
  });
});

describe('UniqueSequence', () => {
  const create = { op: 'create', path: '/q/n-', mode: 'PERSISTENT_SEQUENTIAL' };
  const name = (number: number): string => `/q/n-000000000${number}`;
  const queue = (): Play => {
    const play = new Play();
    play.connect('alice', 1, '0x1');
    play.write('alice', { op: 'create', path: '/q' }, Z + 1, 'create', [['/q', znode(Z + 1)]]);
    return play;
  };
  const add = (play: Play, zxid: number, number: number): number => {
    const call = play.call('alice', create);
    play.commit(zxid, 'create', [[name(number), znode(zxid)]], { session: '0x1', cxid: call.number });
    return play.returned('alice', call, create, zxid, { result: { path: name(number) } });
  };

  test('numbers grow, with gaps', () => {
    const play = queue();
    for (const [zxid, number] of [
      [2, 0],
      [3, 1],
      [4, 4],
      [5, 5],
    ] as const)
      add(play, Z + zxid, number);
    expect(play.violations).toEqual([]);
  });

  test('no number comes twice', () => {
    const play = queue();
    const first = add(play, Z + 2, 1);
    const event = add(play, Z + 3, 1);
    expect(play.first).toMatchObject({
      property: 'UniqueSequence',
      event,
      proof: [first, event],
      says: 'Of the sequential znodes under /q, 0x100000002 got number 1 and 0x100000003 number 1: no number comes twice.',
    });
  });

  test('a new parent of the same name counts anew', () => {
    const play = queue();
    add(play, Z + 2, 3);
    play.commit(Z + 3, 'multi', [['/q', znode(Z + 3)]]);
    add(play, Z + 4, 0);
    expect(play.violations).toEqual([]);
    const event = play.returned('alice', play.call('alice', create), create, Z + 4, { error: 'NONODE' });
    expect(event).toBeGreaterThan(0);
  });
});

describe('Durability', () => {
  test('what was acknowledged is in the log of the next leader', () => {
    const play = new Play();
    play.connect('alice', 1, '0x1');
    const entry = (zxid: number) => ({ zxid: zxid as never, txn: 'create' as const, digest: zxid });
    for (const server of [1, 2]) {
      play.on(server, { kind: 'log-appended', entry: entry(Z + 1) });
      play.on(server, { kind: 'log-durable', zxid: (Z + 1) as never, count: 1 });
    }
    const call = play.call('alice', CREATE_A);
    const changes = [['/a', znode(Z + 1)]] as const;
    play.commit(Z + 1, 'create', changes, { session: '0x1', cxid: call.number, servers: [1, 2] });
    const told = play.returned('alice', call, CREATE_A, Z + 1);
    play.on(3, { kind: 'stepped-down', why: '' });
    play.on(3, { kind: 'server-state', state: 'LEADING', why: '' });
    const event = play.serve(3, 3, 2);
    const durability = play.violations.find(({ property }) => property === 'Durability');
    expect(durability).toMatchObject({
      event,
      proof: [told, event],
      says: 's3 leads epoch 2 without 0x100000001, which a client was told to be done: it should be there for ever.',
    });
    expect(EPOCH_2).toBeGreaterThan(EPOCH_1);
  });
});
