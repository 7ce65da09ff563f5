/** Defects of sessions and of the way of requests: each changes what its rule decides, and nothing else. */
import { describe, expect, test } from 'vitest';
import type { Defect } from '../../../src/protocol/defects.ts';
import { sid, type EventRef } from '../../../src/protocol/ids.ts';
import type { Operation } from '../../../src/protocol/operations.ts';
import { makeZxid } from '../../../src/protocol/zxid.ts';
import { Bench, create, TestLeader, TestLearner, type TestClient } from '../request/bench.ts';

interface Leading {
  readonly bench: Bench;
  readonly leader: TestLeader;
  readonly client: TestClient;
}

/** A leader with a client, whose session has a timeout of 10 s; a tick is 2 s. */
function leading(...defects: Defect[]): Leading {
  const bench = new Bench({}, undefined, defects);
  const leader = new TestLeader(bench);
  const client = bench.dial();
  bench.run(100);
  return { bench, leader, client: bench.established(client) };
}

function following(...defects: Defect[]): { readonly bench: Bench; readonly learner: TestLearner } {
  const bench = new Bench({}, sid(2), defects);
  return { bench, learner: new TestLearner(bench) };
}

const PING: Operation = { op: 'ping' };

test('expire-early: a session that pings expires all the same', () => {
  const expired = (...defects: Defect[]): number => {
    const { bench, client } = leading(...defects);
    for (let s = 0; s < 20; s++) {
      bench.deliver(client, { type: 'Request', xid: -2, operation: PING });
      bench.run(1000);
    }
    return bench.events('session-expired').length;
  };
  expect(expired()).toBe(0);
  expect(expired('expire-early')).toBe(1);
});

test('ignore-session-owner: a request through a server that the session has left is done', () => {
  const through = (...defects: Defect[]): readonly string[] => {
    const { bench, leader, client } = leading(...defects);
    bench.request(client, create('/a'));
    for (const [path, owner] of [
      ['/b', 2],
      ['/c', 1],
    ] as const) {
      const { sessionId, conn } = client;
      const request = { sessionId, cxid: 9, operation: create(path), authInfo: [], cause: 0 as EventRef };
      bench.step(() => leader.zk.submitLearnerRequest({ ...request, owner: sid(owner), learner: conn }));
    }
    return leader.txns.slice(1);
  };
  expect(through()).toEqual(['create /a', 'error SESSIONMOVED', 'create /c']);
  expect(through('ignore-session-owner')).toEqual(['create /a', 'create /b', 'create /c']);
});

test('serve-closing-session: a request behind the end of its session is done', () => {
  const after = (...defects: Defect[]): readonly string[] => {
    const { bench, leader, client } = leading(...defects);
    bench.request(client, create('/a'));
    bench.run(100);
    leader.auto = false;
    bench.step(() => leader.zk.closeSession(client.sessionId, bench.ctx.cause));
    const { sessionId, conn } = client;
    const request = { sessionId, cxid: 9, operation: create('/e', 'EPHEMERAL'), authInfo: [], cause: 0 as EventRef };
    bench.step(() => leader.zk.submitLearnerRequest({ ...request, owner: sid(1), learner: conn }));
    return leader.txns.slice(1);
  };
  expect(after()).toEqual(['create /a', 'closeSession', 'error SESSIONEXPIRED']);
  expect(after('serve-closing-session')).toEqual(['create /a', 'closeSession', 'create /e']);
});

test('ephemeral-gone-early: the end of a session takes what others own', () => {
  const deleted = (...defects: Defect[]): readonly string[] => {
    const { bench, leader, client } = leading(...defects);
    const other = bench.dial();
    bench.run(100);
    bench.established(other);
    bench.request(client, create('/a', 'EPHEMERAL'));
    bench.request(other, create('/b', 'EPHEMERAL'));
    bench.request(other, create('/c'));
    bench.run(100);
    bench.request(client, { op: 'closeSession' });
    return leader.txns.slice(-1);
  };
  expect(deleted()).toEqual(['closeSession /a']);
  expect(deleted('ephemeral-gone-early')).toEqual(['closeSession /a /b']);
});

test('session-dies-with-connection: no renewal is possible', () => {
  const lost = (...defects: Defect[]): readonly string[] => {
    const { bench, leader, client } = leading(...defects);
    bench.request(client, create('/a', 'EPHEMERAL'));
    bench.run(100);
    bench.step(() => bench.factory.closed(client.conn));
    bench.run(100);
    return leader.txns.slice(2);
  };
  expect(lost()).toEqual([]);
  expect(lost('session-dies-with-connection')).toEqual(['closeSession /a']);
});

test('server-accepts-newer-client: a client that is ahead is taken', () => {
  const ahead = (...defects: Defect[]): readonly string[] => {
    const { bench } = leading(...defects);
    const client = bench.dial({ lastZxidSeen: makeZxid(1, 99) });
    bench.run(100);
    return [...bench.events('client-refused').map(({ why }) => why), ...bench.packets(client).map(({ type }) => type)];
  };
  expect(ahead()).toEqual(['ZXID_AHEAD']);
  expect(ahead('server-accepts-newer-client')).toEqual(['ConnectResponse']);
});

describe('reply-before-commit', () => {
  const outcomes = (...defects: Defect[]): readonly unknown[] => {
    const { bench, leader, client } = leading(...defects);
    leader.auto = false;
    const xid = bench.request(client, { ...create('/a'), op: 'create2' } as Operation);
    const before = bench.outcome(client, xid);
    bench.run(100);
    leader.commit();
    bench.run(100);
    return [before, bench.replies(client).map(({ error }) => error), bench.db.dataTree.node('/a') !== null];
  };

  test('OK comes when the write does, and no second time', () => {
    expect(outcomes()).toEqual([undefined, [null], true]);
    expect(outcomes('reply-before-commit')).toEqual(['OK', [null], true]);
  });

  test('also where the write fails, and reads wait behind it as ever', () => {
    const { bench, leader, client } = leading('reply-before-commit');
    leader.auto = false;
    const [write, read] = [
      bench.request(client, { op: 'delete', path: '/none', version: -1 }),
      bench.request(client, { op: 'exists', path: '/none', watch: false }),
    ];
    expect([write, read].map((xid) => bench.outcome(client, xid))).toEqual(['OK', undefined]);
    leader.commit();
    expect(bench.outcome(client, read)).toBe('NONODE');
  });
});

test('reads-overtake-writes: a read is answered before the write of its session in front of it', () => {
  const answered = (...defects: Defect[]): readonly (readonly number[])[] => {
    const { bench, learner } = following(...defects);
    const client = learner.connect();
    const { sessionId } = client;
    bench.request(client, create('/a'));
    bench.request(client, { op: 'exists', path: '/', watch: false });
    const before = bench.replies(client).map(({ xid }) => xid);
    const txn = { type: 'create', path: '/a', data: null, acl: [], ephemeral: false, parentCVersion: -1 } as const;
    learner.commit(learner.propose(txn, { sessionId, cxid: 1 }));
    return [before, bench.replies(client).map(({ xid }) => xid)];
  };
  expect(answered()).toEqual([[], [1, 2]]);
  expect(answered('reads-overtake-writes')).toEqual([[2], [2, 1]]);
});

test('local-sync: the answer comes without the leader’s, which says nothing any more', () => {
  const synced = (...defects: Defect[]): readonly (string | undefined)[] => {
    const { bench, learner } = following(...defects);
    const client = learner.connect();
    const xid = bench.request(client, { op: 'sync', path: '/' });
    const before = bench.outcome(client, xid);
    expect(learner.forwarded.at(-1)?.operation.op).toBe('sync');
    bench.step(() => learner.zk.sync());
    return [before, ...bench.replies(client).map(({ error }) => error ?? 'OK')];
  };
  expect(synced()).toEqual([undefined, 'OK']);
  expect(synced('local-sync')).toEqual(['OK', 'OK']);
});
