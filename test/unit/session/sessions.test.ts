import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExpiryQueue } from '../../../src/engine/session/expiry-queue.ts';
import { checkPasswd, generatePasswd, SessionIds } from '../../../src/engine/session/identity.ts';
import { NO_SESSION, sessionId, sid } from '../../../src/protocol/ids.ts';
import type { Operation } from '../../../src/protocol/operations.ts';
import { makeZxid, type Zxid } from '../../../src/protocol/zxid.ts';
import { Bench, create, TestLeader, TestLearner, type TestClient } from '../request/bench.ts';

const TICK = 2000;
const PING: Operation = { op: 'ping' };

function leading(bench = new Bench()): { bench: Bench; leader: TestLeader; connect: (timeout?: number) => TestClient } {
  const leader = new TestLeader(bench);
  const connect = (timeout = 4000): TestClient => {
    const client = bench.dial({ timeout });
    bench.run(10);
    return bench.established(client);
  };
  return { bench, leader, connect };
}

/** Runs until virtual time `t`. */
function runTo(bench: Bench, t: number): void {
  bench.run(t - bench.now);
}

describe('session.id', () => {
  test('sid in the high byte, then the clock, then one more for each session', () => {
    const ids = new SessionIds(sid(3), 0x19b7_5c2a_400);
    // (clock << 24) >>> 8: the clock's low 40 bits, 16 bits to count in.
    expect([ids.take(), ids.take()]).toEqual(['0x39b75c2a4000000', '0x39b75c2a4000001']);
  });

  test('a later tracker makes other ids, also of the largest sid', () => {
    const first = new SessionIds(sid(255), 1_767_225_601_000).take();
    expect(first).toMatch(/^0xff/);
    expect(BigInt(new SessionIds(sid(255), 1_767_225_601_001).take()) - BigInt(first)).toBe(65536n);
  });
});

describe('session.password', () => {
  test('is that of java.util.Random', () => {
    // new java.util.Random(42).nextBytes: -1170105035 = 0xba419d35 … is the first nextInt of seed 42.
    const id = sessionId(42n ^ 0xb3415c00n);
    expect(generatePasswd(id).slice(0, 8)).toBe('359d41ba');
    expect(generatePasswd(id)).toHaveLength(32);
  });

  test('fits its session only, and never no session', () => {
    const [one, two] = [sessionId(1n), sessionId(2n)];
    expect(checkPasswd(one, generatePasswd(one))).toBe(true);
    expect(checkPasswd(two, generatePasswd(one))).toBe(false);
    expect(checkPasswd(NO_SESSION, generatePasswd(NO_SESSION))).toBe(false);
  });
});

describe('session.expiry-bucket: (floor((now + timeout) / tick) + 1) × tick', () => {
  function queue(): { bench: Bench; queue: ExpiryQueue<string>; expired: [string, number, number][] } {
    const bench = new Bench();
    const expired: [string, number, number][] = [];
    return {
      bench,
      expired,
      queue: new ExpiryQueue(bench.ctx, TICK, (name, bucket) => expired.push([name, bucket, bench.now])),
    };
  }

  test.each([
    [10_000, 4000, 16_000],
    [9999.999, 4000, 14_000],
    [10_000.001, 4000, 16_000],
    [10_001, 3999, 16_000],
    [11_999, 4000, 16_000],
    [12_000, 0, 14_000],
  ])('touched at %d with timeout %d it expires at %d', (at, timeout, expected) => {
    const { bench, queue: buckets, expired } = queue();
    runTo(bench, at);
    bench.step(() => buckets.update('x', timeout));
    expect(buckets.expiryOf('x')).toBe(expected);
    runTo(bench, expected - 0.001);
    expect(expired).toEqual([]);
    runTo(bench, expected);
    expect(expired).toEqual([['x', expected, expected]]);
  });

  test('between timeout and timeout + one tick after the last touch, whatever the instants', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30_000_000 }), fc.integer({ min: 0, max: 40_000 }), (micros, timeout) => {
        const { bench, queue: buckets } = queue();
        runTo(bench, 2000 + micros / 1000);
        bench.step(() => buckets.update('x', timeout));
        const expiry = buckets.expiryOf('x') ?? 0;
        expect(expiry % TICK).toBe(0);
        expect(expiry).toBeGreaterThan(bench.now + timeout);
        expect(expiry).toBeLessThanOrEqual(bench.now + timeout + TICK);
      }),
      { numRuns: 50 },
    );
  });

  test('a touch moves an element, a removal forgets it, a bucket goes in the order of its coming', () => {
    const { bench, queue: buckets, expired } = queue();
    runTo(bench, 10_000);
    bench.step(() => {
      for (const name of ['a', 'b', 'c', 'd']) buckets.update(name, 4000);
    });
    runTo(bench, 12_000);
    bench.step(() => buckets.update('b', 4000));
    bench.step(() => buckets.remove('c'));
    runTo(bench, 20_000);
    expect(expired).toEqual([
      ['a', 16_000, 16_000],
      ['d', 16_000, 16_000],
      ['b', 18_000, 18_000],
    ]);
  });

  test('an element that expires may be added again, or take another with it', () => {
    const bench = new Bench();
    const expired: [string, number][] = [];
    const buckets = new ExpiryQueue<string>(bench.ctx, TICK, (name) => {
      expired.push([name, bench.now]);
      if (name === 'a') buckets.remove('b');
      if (name === 'a' && expired.length === 1) buckets.update('a', 0);
    });
    runTo(bench, 10_000);
    bench.step(() => ['a', 'b'].forEach((name) => buckets.update(name, 4000)));
    runTo(bench, 30_000);
    expect(expired).toEqual([
      ['a', 16_000],
      ['a', 18_000],
    ]);
  });
});

describe('session expiry at the leader', () => {
  test('session.expiry-bucket, session.expire-closes: a silent session is closed by a transaction of the leader, with its ephemerals', () => {
    const { bench, leader, connect } = leading();
    runTo(bench, 10_000);
    const client = connect(4000);
    bench.request(client, create('/e', 'EPHEMERAL'));
    runTo(bench, 15_999.999);
    expect(bench.events('session-expired')).toEqual([]);
    bench.run(100);
    expect(bench.events('session-expired')).toMatchObject([{ t: 16_000, sessionId: client.sessionId, bucket: 16_000 }]);
    expect(leader.txns.at(-1)).toBe('closeSession /e');
    expect(leader.proposals.at(-1)).toMatchObject({ cxid: 0, owner: null });
    expect(bench.db.dataTree.node('/e')).toBeNull();
    expect(bench.closed(client)).toBe(true);
    expect(bench.events('session-detached')).toMatchObject([
      { why: 'session closed', rule: 'session.closed-connection' },
    ]);
    bench.run(60_000);
    expect(leader.txns.filter((txn) => txn.startsWith('closeSession'))).toHaveLength(1);
  });

  test('session.touch: any packet keeps it alive', () => {
    const { bench, connect } = leading();
    const client = connect(4000);
    for (let i = 0; i < 10; i++) {
      bench.run(3000);
      bench.request(client, PING);
    }
    expect(bench.events('session-expired')).toEqual([]);
    expect(bench.replies(client).map(({ xid }) => xid)).toEqual(Array(10).fill(-2));
  });

  test('session.touch: so does what a learner reports', () => {
    const { bench, leader, connect } = leading();
    const client = connect(4000);
    bench.step(() => bench.factory.closed(client.conn));
    for (let i = 0; i < 5; i++) {
      bench.run(3000);
      bench.step(() => leader.zk.touch(client.sessionId, 4000));
    }
    expect(bench.events('session-expired')).toEqual([]);
    bench.run(6000);
    expect(bench.events('session-expired')).toHaveLength(1);
  });

  test('session.touch: the cause of an expiry is the last touch', () => {
    const { bench, connect } = leading();
    const client = connect(4000);
    const touch = bench.step(() => bench.ctx.cause);
    bench.step(() => bench.factory.packet(client.conn, { type: 'Request', xid: -2, operation: PING }), touch);
    bench.run(8000);
    const expired = bench.done.map(({ event }) => event).find((event) => event?.body.kind === 'session-expired');
    expect(expired?.causes).toContain(touch);
  });

  test('session.fresh-timeout, session.no-leader-no-expiry: a new leader gives every session its full timeout again', () => {
    const { bench, leader, connect } = leading();
    runTo(bench, 4000);
    const client = connect(4000);
    runTo(bench, 9900);
    bench.step(() => leader.zk.shutdown('quorum lost'));
    // No leader, no expiry.
    runTo(bench, 31_000);
    expect(bench.events('session-expired')).toEqual([]);
    new TestLeader(bench, 2);
    runTo(bench, 35_999);
    expect(bench.events('session-expired')).toEqual([]);
    runTo(bench, 36_000);
    expect(bench.events('session-expired')).toMatchObject([{ sessionId: client.sessionId, bucket: 36_000 }]);
  });

  /** A request that a learner forwards for a session of its own. */
  const submit = (bench: Bench, leader: TestLeader, operation: Operation, owner: number): void =>
    bench.step(() =>
      leader.zk.submitLearnerRequest({
        sessionId: sessionId(0x200000000000000n),
        cxid: owner,
        operation,
        authInfo: [{ scheme: 'ip', id: '127.0.0.1' }],
        owner: sid(owner),
        cause: bench.ctx.cause,
      }),
    );

  test('session.tracked-from-prepare: it may expire before it is committed', () => {
    const { bench, leader } = leading();
    runTo(bench, 10_000);
    leader.auto = false;
    submit(bench, leader, { op: 'createSession', timeout: 4000 }, 2);
    runTo(bench, 15_999);
    expect(leader.txns).toEqual(['createSession']);
    runTo(bench, 16_000);
    expect(leader.txns).toEqual(['createSession', 'closeSession']);
  });

  test('session.owner-new, session.unknown: before its createSession it is unknown, behind it its maker’s', () => {
    const { bench, leader } = leading();
    leader.auto = false;
    submit(bench, leader, create('/a'), 2);
    submit(bench, leader, { op: 'createSession', timeout: 4000 }, 2);
    submit(bench, leader, create('/a'), 3);
    submit(bench, leader, create('/a'), 2);
    expect(leader.txns).toEqual(['error SESSIONEXPIRED', 'createSession', 'error SESSIONMOVED', 'create /a']);
  });

  test('session.stored: id and timeout are in the database and in its snapshots', () => {
    const { bench, connect } = leading();
    const client = connect(5000);
    expect([...bench.db.sessionsWithTimeouts]).toEqual([[client.sessionId, 5000]]);
    const other = new Bench();
    expect(other.step(() => other.db.loadSnapshot(bench.db.serializeSnapshot(), bench.db.lastProcessedZxid))).toBe(
      true,
    );
    expect([...other.db.sessionsWithTimeouts]).toEqual([[client.sessionId, 5000]]);
  });

  test('session.ephemeral-survives, session.ephemerals: they outlive connections and leaders, and go together with their session', () => {
    const { bench, leader, connect } = leading();
    const client = connect(4000);
    for (const path of ['/e1', '/e2']) bench.request(client, create(path, 'EPHEMERAL'));
    bench.request(client, create('/stays'));
    bench.run(100);
    bench.step(() => bench.factory.closed(client.conn));
    bench.step(() => leader.zk.shutdown('quorum lost'));
    bench.run(60_000);
    expect(bench.db.dataTree.node('/e1')).not.toBeNull();
    const next = new TestLeader(bench, 2);
    bench.run(10_000);
    // Their order is that of a hash table.
    expect(next.txns.map((txn) => txn.split(' ').sort())).toEqual([['/e1', '/e2', 'closeSession']]);
    expect(['/e1', '/e2', '/stays'].map((path) => bench.db.dataTree.node(path) !== null)).toEqual([false, false, true]);
    expect(bench.db.dataTree.stat('/')?.pzxid).toBe(next.proposals[0]?.header.zxid);
  });

  test('session.ephemerals-order: that of Java’s hash set, in the transaction and at each server', () => {
    const { bench, leader, connect } = leading();
    const [client, other] = [connect(), connect()];
    bench.step(() => bench.db.watches.addWatch('/', 1, other.sessionId));
    for (const path of ['/a', '/n', '/o']) bench.request(client, create(path, 'EPHEMERAL'));
    bench.run(100);
    bench.request(client, { op: 'closeSession' });
    bench.run(100);
    // Hash codes 1554, 1567 and 1568, in a table of 8.
    expect(leader.txns.at(-1)).toBe('closeSession /o /a /n');
    const told = bench.packets(other).flatMap((packet) => (packet.type === 'WatchEvent' ? [packet] : []));
    expect(told.slice(3).map(({ event, path }) => `${event} ${path}`)).toEqual(
      ['/o', '/a', '/n'].map((path) => `NodeDeleted ${path}`),
    );
  });

  test('session.ephemeral-owner: another session writes to it and locks it, and it goes with its own', () => {
    const { bench, connect } = leading();
    const [client, other] = [connect(), connect()];
    for (const path of ['/e', '/f']) bench.request(client, create(path, 'EPHEMERAL'));
    bench.run(100);
    const world = [{ perms: 31, scheme: 'world', id: 'anyone' }];
    const xids = [
      bench.request(other, { op: 'setData', path: '/e', data: new Uint8Array([1]), version: 0 }),
      bench.request(other, { op: 'setACL', path: '/e', acl: world, version: 0 }),
      bench.request(other, { op: 'delete', path: '/f', version: -1 }),
    ];
    bench.run(100);
    expect(xids.map((xid) => bench.outcome(other, xid))).toEqual(['OK', 'OK', 'OK']);
    expect(bench.db.dataTree.stat('/e')).toMatchObject({ version: 1, ephemeralOwner: client.sessionId });
    bench.request(other, { op: 'closeSession' });
    bench.run(100);
    expect(bench.db.dataTree.node('/e')).not.toBeNull();
    bench.request(client, { op: 'closeSession' });
    bench.run(100);
    expect(bench.db.dataTree.getChildren('/')).toEqual(['zookeeper']);
  });

  test('request.dropped: a request of a session that is closing is not answered', () => {
    const { bench, leader, connect } = leading();
    runTo(bench, 10_000);
    const client = connect(4000);
    leader.auto = false;
    runTo(bench, 16_000);
    const xid = bench.request(client, create('/a'));
    expect(bench.outcome(client, xid)).toBeUndefined();
    expect(bench.events('request-rejected')).toMatchObject([{ sessionId: client.sessionId, rule: 'request.dropped' }]);
    leader.commit();
    expect(bench.closed(client)).toBe(true);
  });
});

describe('connect requests', () => {
  test('session.created, session.timeout-clamp: answered when createSession is applied here, with the clamped timeout', () => {
    const { bench } = leading();
    const clients = [1, 10_000, 100_000].map((timeout) => bench.dial({ timeout }));
    expect(clients.flatMap((client) => bench.packets(client))).toEqual([]);
    bench.run(100);
    const granted = clients.flatMap((client) => bench.packets(client));
    expect(granted).toMatchObject([{ timeout: 2 * TICK }, { timeout: 10_000 }, { timeout: 20 * TICK }]);
    expect(bench.db.sessionsWithTimeouts.size).toBe(3);
    expect(bench.events('session-attached').map(({ rule }) => rule)).toEqual(Array(3).fill('session.created'));
  });

  test('session.wait-established: what is sent before is read after', () => {
    const { bench, leader } = leading();
    const client = bench.dial();
    bench.request(client, create('/early'));
    expect(leader.txns).toEqual(['createSession']);
    bench.run(100);
    expect(bench.packets(client).map(({ type }) => type)).toEqual(['ConnectResponse', 'Reply']);
    expect(bench.outcome(client, 1)).toBe('OK');
  });

  test('session.zxid-ahead: a client that has seen more is refused', () => {
    const { bench } = leading();
    const ahead = bench.dial({ lastZxidSeen: makeZxid(1, 1) });
    expect(bench.closed(ahead)).toBe(true);
    expect(bench.packets(ahead)).toEqual([]);
    expect(bench.events('client-refused')).toMatchObject([{ why: 'ZXID_AHEAD' }]);
    expect(bench.closed(bench.dial({ lastZxidSeen: makeZxid(1, 0) }))).toBe(false);
  });

  test('session.not-serving: without a role the connection is taken and closed at the connect request', () => {
    const bench = new Bench();
    const client = bench.dial();
    expect(bench.closed(client)).toBe(true);
    expect(bench.events('client-refused')).toMatchObject([{ why: 'NOT_SERVING', rule: 'session.not-serving' }]);
  });

  test('session.not-serving: a leader with leaderServes off takes no clients', () => {
    const { bench } = leading(new Bench({ leaderServes: false }));
    expect(bench.closed(bench.dial())).toBe(true);
  });

  test('session.password: a wrong one is answered like an expired session', () => {
    const { bench, connect } = leading();
    const client = connect();
    const thief = bench.dial({ of: client, passwd: '00' });
    expect(bench.packets(thief)).toMatchObject([{ type: 'ConnectResponse', timeout: 0, sessionId: NO_SESSION }]);
    expect(bench.closed(thief)).toBe(true);
    expect(bench.events('client-refused')).toMatchObject([{ why: 'BAD_PASSWORD' }]);
  });

  test('session.expired-answer: the leader does not know the session any more', () => {
    const { bench, connect } = leading();
    const client = connect(4000);
    bench.step(() => bench.factory.closed(client.conn));
    bench.run(20_000);
    const late = bench.dial({ of: client });
    expect(bench.packets(late)).toMatchObject([{ type: 'ConnectResponse', timeout: 0, sessionId: NO_SESSION }]);
    expect(bench.events('client-refused')).toMatchObject([{ why: 'UNKNOWN_SESSION' }]);
  });

  test('session.older-connection: it is closed before the session is renewed here', () => {
    const { bench, connect } = leading();
    const old = connect();
    const again = bench.dial({ of: old });
    expect(bench.closed(old)).toBe(true);
    expect(bench.packets(again)).toMatchObject([{ type: 'ConnectResponse', sessionId: old.sessionId }]);
    const attached = bench.events('session-attached').map(({ conn, rule }) => [conn, rule]);
    expect(attached).toEqual([
      [old.conn, 'session.created'],
      [again.conn, 'session.renewed'],
    ]);
    expect(bench.outcome(again, bench.request(again, { op: 'exists', path: '/', watch: false }))).toBe('OK');
  });

  test('a reply to the old connection is not sent on the new one', () => {
    const { bench, leader, connect } = leading();
    const old = connect();
    leader.auto = false;
    bench.request(old, create('/a'));
    const again = bench.dial({ of: old });
    bench.run(100);
    leader.commit();
    expect(bench.db.dataTree.node('/a')).not.toBeNull();
    expect(bench.replies(old)).toEqual([]);
    expect(bench.replies(again)).toEqual([]);
  });

  test('session.silent-connection, session.sessionless: closed at the next full 10 s after its timeout; the session lives', () => {
    const bench = new Bench({}, sid(2));
    const learner = new TestLearner(bench);
    runTo(bench, 5000);
    const sessionless = (): boolean => bench.done.some(({ type, conn }) => type === 'close' && conn === 'x#0.0');
    bench.step(() => bench.factory.accepted('x#0.0' as never, 'x' as never));
    const client = learner.connect(30_000);
    runTo(bench, 19_999);
    expect(sessionless()).toBe(false);
    runTo(bench, 20_000);
    expect(sessionless()).toBe(true);
    runTo(bench, 39_999);
    expect(bench.closed(client)).toBe(false);
    runTo(bench, 40_000);
    expect(bench.closed(client)).toBe(true);
    expect(bench.db.sessionsWithTimeouts.size).toBe(1);
  });

  test('a connection that begins with something else is closed', () => {
    const { bench } = leading();
    bench.step(() => bench.factory.accepted('x#0.0' as never, 'x' as never));
    bench.step(() => bench.factory.packet('x#0.0' as never, { type: 'Request', xid: 1, operation: PING }));
    expect(bench.done.at(-1)).toMatchObject({ type: 'close', conn: 'x#0.0' });
  });
});

describe('session.connection-limit', () => {
  test('closes a connection too many from one address at once', () => {
    const { bench } = leading(new Bench({ maxClientCnxns: 2 }));
    const [first, second, third] = [bench.dial(), bench.dial(), bench.dial()];
    expect([first, second, third].map((client) => bench.closed(client))).toEqual([false, false, true]);
    expect(bench.packets(third)).toEqual([]);
    expect(bench.events('client-refused')).toMatchObject([
      { conn: third.conn, why: 'TOO_MANY_CONNECTIONS', rule: 'session.connection-limit' },
    ]);
    bench.step(() => bench.factory.closed(first.conn));
    expect(bench.closed(bench.dial())).toBe(false);
  });

  test('0 is no limit', () => {
    const { bench } = leading(new Bench({ maxClientCnxns: 0 }));
    const clients = Array.from({ length: 100 }, () => bench.dial());
    expect(clients.some((client) => bench.closed(client))).toBe(false);
  });
});

describe('session.is-ro', () => {
  function isro(bench: Bench): unknown {
    const conn = `w#0.${bench.done.length}` as never;
    bench.step(() => bench.factory.accepted(conn, 'w' as never));
    bench.step(() => bench.factory.packet(conn, { type: 'FourLetterWord', word: 'isro' }));
    return bench.done.filter((done) => done.conn === conn).map(({ type, packet }) => packet ?? type);
  }

  test('rw when serving, null when not, and the connection ends', () => {
    const bench = new Bench({ readonlymodeEnabled: true });
    expect(isro(bench)).toEqual([{ type: 'FourLetterAnswer', text: 'null' }, 'close']);
    leading(bench);
    expect(isro(bench)).toEqual([{ type: 'FourLetterAnswer', text: 'rw' }, 'close']);
  });

  test('not without being allowed', () => {
    const text = 'isro is not executed because it is not in the whitelist.\n';
    expect(isro(new Bench())).toMatchObject([{ text }, 'close']);
    expect(isro(new Bench({ fourLetterWhitelist: 'ruok, isro' }))).toMatchObject([{ text: 'null' }, 'close']);
  });
});

describe('session.moved', () => {
  test('session.owner: REVALIDATE moves it; then requests through the old server close their connection', () => {
    const { bench, leader, connect } = leading();
    const client = connect();
    // A session of the leader's own client belongs to nobody before its first request.
    expect(bench.events('session-owner')).toEqual([]);
    bench.request(client, PING);
    expect(bench.events('session-owner')).toMatchObject([{ owner: 1 }]);
    expect(bench.step(() => leader.zk.revalidate(client.sessionId, 4000, sid(2)))).toBe(true);
    expect(bench.events('session-owner').at(-1)).toMatchObject({ owner: 2 });
    const write = bench.request(client, create('/late'));
    bench.run(100);
    expect(leader.txns.at(-1)).toBe('error SESSIONMOVED');
    expect(bench.outcome(client, write)).toBeUndefined();
    expect(bench.closed(client)).toBe(true);
    expect(bench.events('session-detached')).toMatchObject([{ rule: 'session.moved' }]);
  });

  test('a read at the leader is checked too', () => {
    const { bench, leader, connect } = leading();
    const client = connect();
    bench.step(() => leader.zk.revalidate(client.sessionId, 4000, sid(2)));
    bench.request(client, { op: 'exists', path: '/', watch: true });
    expect(bench.replies(client)).toEqual([]);
    expect(bench.closed(client)).toBe(true);
    expect(bench.db.watches.size).toBe(0);
  });

  test('session.owner-first: after a change of leader the first request sets it', () => {
    const { bench, leader, connect } = leading();
    const client = connect();
    bench.run(100);
    bench.step(() => leader.zk.shutdown('quorum lost'));
    const next = new TestLeader(bench, 2);
    const submit = (owner: number): void =>
      bench.step(() =>
        next.zk.submitLearnerRequest({
          sessionId: client.sessionId,
          cxid: owner,
          operation: create(`/through${owner}`),
          authInfo: [],
          owner: sid(owner),
          cause: bench.ctx.cause,
        }),
      );
    submit(3);
    submit(2);
    expect(next.txns).toEqual(['create /through3', 'error SESSIONMOVED']);
  });

  test('an unknown session is not revalidated', () => {
    const { bench, leader } = leading();
    expect(bench.step(() => leader.zk.revalidate(sessionId(9n), 4000, sid(2)))).toBe(false);
  });
});

describe('sessions at a learner', () => {
  function learning(): { bench: Bench; learner: TestLearner } {
    const bench = new Bench({}, sid(2));
    return { bench, learner: new TestLearner(bench) };
  }

  test('session.touch-table: heard-from sessions are told once', () => {
    const { bench, learner } = learning();
    const client = learner.connect(6000);
    expect(learner.zk.takeTouched()).toEqual([[client.sessionId, 6000]]);
    expect(learner.zk.takeTouched()).toEqual([]);
    bench.request(client, PING);
    bench.request(client, PING);
    expect(learner.zk.takeTouched()).toEqual([[client.sessionId, 6000]]);
  });

  test('session.learner-accepts: a request of a session that it does not know goes to the leader', () => {
    const { bench, learner } = learning();
    const client = learner.connect(6000);
    learner.commit(learner.propose({ type: 'createSession', timeout: 8000 }, { sessionId: sessionId(7n), cxid: 0 }));
    bench.db.sessionsWithTimeouts.delete(client.sessionId);
    bench.request(client, create('/a'));
    expect(learner.forwarded.at(-1)?.operation.op).toBe('create');
  });

  test('a session made elsewhere is touched when it is committed, forgotten when it is closed', () => {
    const { learner } = learning();
    const elsewhere = { sessionId: sessionId(0x3000000n), cxid: 0 };
    learner.commit(learner.propose({ type: 'createSession', timeout: 8000 }, elsewhere));
    expect(learner.zk.takeTouched()).toEqual([[elsewhere.sessionId, 8000]]);
    learner.commit(learner.propose({ type: 'createSession', timeout: 8000 }, elsewhere));
    learner.commit(learner.propose({ type: 'closeSession', paths2Delete: [] }, elsewhere));
    expect(learner.zk.takeTouched()).toEqual([]);
  });

  test('session.renewed: the answer waits for the leader’s', () => {
    const { bench, learner } = learning();
    const client = learner.connect(6000);
    bench.step(() => bench.factory.closed(client.conn));
    const again = bench.dial({ of: client, timeout: 6000, lastZxidSeen: makeZxid(1, 1) });
    bench.request(again, { op: 'exists', path: '/', watch: false });
    expect(learner.revalidations).toEqual([{ sessionId: client.sessionId, timeout: 6000 }]);
    expect(bench.packets(again)).toEqual([]);
    bench.step(() => learner.zk.revalidated(client.sessionId, true));
    expect(bench.packets(again).map(({ type }) => type)).toEqual(['ConnectResponse', 'Reply']);
    // Nobody waits any more.
    bench.step(() => learner.zk.revalidated(client.sessionId, true));
    expect(bench.packets(again)).toHaveLength(2);
  });

  test('session.expired-answer: the leader says no', () => {
    const { bench, learner } = learning();
    const client = learner.connect(6000);
    bench.step(() => bench.factory.closed(client.conn));
    const again = bench.dial({ of: client });
    bench.step(() => learner.zk.revalidated(client.sessionId, false));
    expect(bench.packets(again)).toMatchObject([{ timeout: 0 }]);
    expect(bench.closed(again)).toBe(true);
    expect(bench.events('session-attached')).toHaveLength(1);
  });

  test('session.closed-connection: a session closed through another server loses its connection here', () => {
    const { bench, learner } = learning();
    const client = learner.connect(6000);
    const expiry = { sessionId: client.sessionId, cxid: 0 };
    learner.commit(learner.propose({ type: 'closeSession', paths2Delete: [] }, expiry));
    expect(bench.replies(client)).toEqual([]);
    expect(bench.closed(client)).toBe(true);
  });

  test('session.moved: a write that the leader refused so closes its connection', () => {
    const { bench, learner } = learning();
    const client = learner.connect(6000);
    const cxid = bench.request(client, create('/a'));
    learner.commit(learner.propose({ type: 'error', error: 'SESSIONMOVED' }, { sessionId: client.sessionId, cxid }));
    expect(bench.replies(client)).toEqual([]);
    expect(bench.closed(client)).toBe(true);
  });

  test('a connection that closed before its session was made is not answered', () => {
    const { bench, learner } = learning();
    const client = bench.dial();
    const request = learner.forwarded[0];
    if (!request) throw new Error('createSession was not forwarded');
    bench.step(() => bench.factory.closed(client.conn));
    const zxid: Zxid = learner.propose({ type: 'createSession', timeout: 10_000 }, request);
    learner.commit(zxid);
    expect(bench.packets(client)).toEqual([]);
    expect(bench.db.sessionsWithTimeouts.size).toBe(1);
  });
});
