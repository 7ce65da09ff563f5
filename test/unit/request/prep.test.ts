import { describe, expect, test } from 'vitest';
import { sid } from '../../../src/protocol/ids.ts';
import type { Operation } from '../../../src/protocol/operations.ts';
import { counterOf, makeZxid } from '../../../src/protocol/zxid.ts';
import { Bench, create, TestLeader, type TestClient } from './bench.ts';

function leading(): { bench: Bench; leader: TestLeader; client: TestClient } {
  const bench = new Bench();
  const leader = new TestLeader(bench);
  const client = bench.dial();
  bench.run(100);
  return { bench, leader, client: bench.established(client) };
}

const remove = (path: string, version = -1): Operation => ({ op: 'delete', path, version });
const set = (path: string, version = -1): Operation => ({ op: 'setData', path, data: new Uint8Array([1]), version });

describe('request.outstanding-changes: writes see the writes in flight', () => {
  test('a whole family is created and deleted before anything is committed', () => {
    const { bench, leader, client } = leading();
    leader.auto = false;
    const operations = [
      create('/a'),
      create('/a/b'),
      remove('/a'),
      set('/a/b', 0),
      set('/a/b', 0),
      remove('/a/b', 1),
      remove('/a'),
      create('/a/b'),
      create('/a'),
    ];
    const xids = operations.map((operation) => bench.request(client, operation));
    expect(leader.txns.slice(1)).toEqual([
      'create /a',
      'create /a/b',
      'error NOTEMPTY',
      'setData /a/b',
      'error BADVERSION',
      'delete /a/b',
      'delete /a',
      'error NONODE',
      'create /a',
    ]);
    bench.run(100);
    expect(bench.replies(client)).toEqual([]);
    leader.commit(operations.length + 1);
    expect(xids.map((xid) => bench.outcome(client, xid))).toEqual([
      'OK',
      'OK',
      'NOTEMPTY',
      'OK',
      'BADVERSION',
      'OK',
      'OK',
      'NONODE',
      'OK',
    ]);
    expect(bench.db.dataTree.node('/a')?.stat.czxid).toBe(leader.proposals.at(-1)?.header.zxid);
  });

  test('request.failed-write: a failed write in the middle takes its zxid and is applied', () => {
    const { bench, leader, client } = leading();
    for (const operation of [create('/a'), remove('/none'), create('/b')]) bench.request(client, operation);
    bench.run(100);
    expect(leader.proposals.map(({ header }) => counterOf(header.zxid))).toEqual([1, 2, 3, 4]);
    expect(leader.appliedZxids).toEqual([1, 2, 3, 4].map((counter) => makeZxid(1, counter)));
    expect(bench.replies(client).map(({ error, zxid }) => [error, counterOf(zxid)])).toEqual([
      [null, 2],
      ['NONODE', 3],
      [null, 4],
    ]);
    expect(bench.events('applied').map(({ txn }) => txn)).toEqual(['createSession', 'create', 'error', 'create']);
  });

  test('records go when their write is applied, and later ones stay', () => {
    const { bench, leader, client } = leading();
    leader.auto = false;
    bench.request(client, create('/a'));
    bench.request(client, set('/a'));
    leader.commit(1);
    expect(leader.zk.outstandingChanges.get('/a')?.stat.version).toBe(1);
    leader.commit(1);
    expect(leader.zk.outstandingChanges.get('/a')?.stat.version).toBe(1);
    expect(bench.db.dataTree.node('/a')?.stat.version).toBe(1);
    bench.request(client, create('/b'));
    leader.commit(1);
    // What is not in flight is read from the tree, as of the last write applied.
    expect(leader.zk.outstandingChanges.get('/a')?.zxid).toBe(bench.db.lastProcessedZxid);
  });

  test('stat.time: the time of a transaction is the leader’s wall clock', () => {
    const { bench, leader, client } = leading();
    bench.request(client, create('/a'));
    expect(leader.proposals.at(-1)?.header.time).toBe(1_767_225_600_000 + bench.now);
  });
});

describe('request.sequence', () => {
  test('sequence.plain and sequence.deletes: counts the children ever created, plain ones and those in flight included, deletes not', () => {
    const { bench, leader, client } = leading();
    bench.request(client, create('/p'));
    leader.auto = false;
    for (const operation of [
      create('/p/s-', 'PERSISTENT_SEQUENTIAL'),
      create('/p/plain'),
      remove('/p/plain'),
      create('/p/s-', 'EPHEMERAL_SEQUENTIAL'),
      create('/p/', 'PERSISTENT_SEQUENTIAL'),
    ]) {
      bench.request(client, operation);
    }
    expect(leader.txns.slice(2)).toEqual([
      'create /p/s-0000000000',
      'create /p/plain',
      'delete /p/plain',
      'create /p/s-0000000002',
      'create /p/0000000003',
    ]);
  });

  test('a failed create does not advance it', () => {
    const { bench, leader, client } = leading();
    for (const operation of [create('/p'), create('/p/x'), create('/p/x'), create('/p/', 'PERSISTENT_SEQUENTIAL')]) {
      bench.request(client, operation);
    }
    expect(leader.txns.slice(-2)).toEqual(['error NODEEXISTS', 'create /p/0000000001']);
  });

  test('sequence.overflow: overflows like a signed 32-bit number', () => {
    const { bench, leader, client } = leading();
    bench.request(client, create('/p'));
    const parent = leader.zk.outstandingChanges.get('/p');
    if (!parent) throw new Error('/p is in flight');
    leader.zk.outstandingChanges.add({ ...parent, stat: { ...parent.stat, cversion: 2147483647 } });
    for (let i = 0; i < 3; i++) bench.request(client, create('/p/', 'PERSISTENT_SEQUENTIAL'));
    expect(leader.txns.slice(-3)).toEqual(['create /p/2147483647', 'create /p/-2147483648', 'create /p/-2147483647']);
  });

  test('a negative number keeps its ten places', () => {
    const { bench, leader, client } = leading();
    bench.request(client, create('/p'));
    const parent = leader.zk.outstandingChanges.get('/p');
    if (!parent) throw new Error('/p is in flight');
    leader.zk.outstandingChanges.add({ ...parent, stat: { ...parent.stat, cversion: -5 } });
    bench.request(client, create('/p/', 'PERSISTENT_SEQUENTIAL'));
    expect(leader.txns.at(-1)).toBe('create /p/-000000005');
  });
});

describe('request.close-session', () => {
  test('lists the tree’s ephemerals and those in flight, without those that a write in flight deletes', () => {
    const { bench, leader, client } = leading();
    for (const path of ['/e1', '/e2']) bench.request(client, create(path, 'EPHEMERAL'));
    bench.request(client, create('/p'));
    bench.run(100);
    leader.auto = false;
    bench.request(client, create('/e3', 'EPHEMERAL'));
    bench.request(client, remove('/e1'));
    const close = bench.request(client, { op: 'closeSession' });
    const late = bench.request(client, create('/late'));
    expect(leader.txns.slice(-3)).toEqual(['create /e3', 'delete /e1', 'closeSession /e2 /e3']);
    bench.run(100);
    leader.commit(3);
    expect(bench.db.dataTree.getChildren('/')).toEqual(['p', 'zookeeper']);
    expect(bench.outcome(client, close)).toBe('OK');
    // session.closing: the leader does not even take a later request of its own client.
    expect(bench.outcome(client, late)).toBeUndefined();
    expect(bench.events('request-rejected')).toHaveLength(1);
  });

  test('session.closing: a request through a learner behind the close fails with SESSIONEXPIRED', () => {
    const { bench, leader, client } = leading();
    leader.auto = false;
    bench.request(client, { op: 'closeSession' });
    bench.step(() =>
      leader.zk.submitLearnerRequest({
        sessionId: client.sessionId,
        cxid: 9,
        operation: create('/x'),
        authInfo: [],
        owner: sid(1),
        cause: bench.ctx.cause,
      }),
    );
    expect(leader.txns.at(-1)).toBe('error SESSIONEXPIRED');
  });

  test('a path deleted with the session can be created again while that is in flight', () => {
    const { bench, leader, client } = leading();
    const other = bench.dial();
    bench.run(100);
    bench.established(other);
    bench.request(client, create('/e', 'EPHEMERAL'));
    bench.run(100);
    leader.auto = false;
    bench.request(client, { op: 'closeSession' });
    bench.request(other, create('/e', 'EPHEMERAL'));
    expect(leader.txns.slice(-2)).toEqual(['closeSession /e', 'create /e']);
  });
});

test('request.rollover: the last number of the counter is never proposed', () => {
  const bench = new Bench();
  const leader = new TestLeader(bench, 1, 0xfffffffc);
  const client = bench.dial();
  bench.run(100);
  bench.established(client);
  bench.request(client, create('/a'));
  expect(leader.rollovers).toBe(0);
  bench.request(client, create('/b'));
  expect(leader.rollovers).toBe(1);
  expect(leader.txns).toEqual(['createSession', 'create /a']);
  expect(bench.closed(client)).toBe(true);
});
