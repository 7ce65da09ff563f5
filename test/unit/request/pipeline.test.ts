import { describe, expect, test } from 'vitest';
import { NO_RULE_BROKEN, type Defect, type Rules } from '../../../src/protocol/defects.ts';
import type { LoggedTxn } from '../../../src/protocol/txns.ts';
import { NO_SESSION, sessionId, sid, type EventRef } from '../../../src/protocol/ids.ts';
import type { Operation } from '../../../src/protocol/operations.ts';
import { counterOf, makeZxid, ZXID_UNKNOWN } from '../../../src/protocol/zxid.ts';
import { ServerMetrics } from '../../../src/engine/monitor/index.ts';
import {
  MAX_BATCH_SIZE,
  SyncRequestProcessor,
  type LogRequest,
} from '../../../src/engine/request/sync-request-processor.ts';
import { Bench, create, FSYNC_MS, TestLeader, TestLearner, type TestClient } from './bench.ts';

const read = (path: string, watch = false): Operation => ({ op: 'getData', path, watch });
const exists = (path: string, watch = false): Operation => ({ op: 'exists', path, watch });

function leading(): { bench: Bench; leader: TestLeader; connect: () => TestClient } {
  const bench = new Bench();
  const leader = new TestLeader(bench);
  const connect = (): TestClient => {
    const client = bench.dial();
    bench.run(100);
    return bench.established(client);
  };
  return { bench, leader, connect };
}

function learning(role: 'follower' | 'observer' = 'follower'): { bench: Bench; learner: TestLearner } {
  const bench = new Bench({}, sid(2));
  return { bench, learner: new TestLearner(bench, role) };
}

describe('storage.group-commit', () => {
  /** A log whose fsyncs end when the test says so. */
  function log(rules: Rules = NO_RULE_BROKEN): {
    processor: SyncRequestProcessor;
    appended: number[];
    durable: number[];
    fsyncs: (() => void)[];
    snapshots: (() => void)[];
    rolls: () => number;
    snapshotDue: { value: boolean };
  } {
    const appended: number[] = [];
    const durable: number[] = [];
    const fsyncs: (() => void)[] = [];
    const snapshots: (() => void)[] = [];
    const snapshotDue = { value: false };
    let rolls = 0;
    const processor = new SyncRequestProcessor(
      { metrics: new ServerMetrics(() => 0), elapsed: () => 0, ...rules },
      {
        append: (txn) => void appended.push(txn.header.cxid),
        commitLog: (done) => void fsyncs.push(done),
        shouldSnapshot: () => snapshotDue.value,
        rollLog: () => void rolls++,
        takeSnapshot: (_options, done) => void snapshots.push(done),
      },
      { processRequest: ({ txn }) => void durable.push(txn.header.cxid) },
    );
    return { processor, appended, durable, fsyncs, snapshots, rolls: () => rolls, snapshotDue };
  }
  const breaking = (defect: Defect): Rules => ({ broken: (each) => each === defect });
  const entry = (n: number): LogRequest => {
    const txn: LoggedTxn = {
      header: { clientId: NO_SESSION, cxid: n, zxid: makeZxid(1, n), time: 0 },
      txn: { type: 'delete', path: '/a' },
    };
    return { txn, cause: 0 as EventRef };
  };

  test('ack-before-fsync: hands on what no fsync has made durable', () => {
    for (const [rules, early] of [
      [NO_RULE_BROKEN, []],
      [breaking('ack-before-fsync'), [1]],
    ] as const) {
      const { processor, appended, durable, fsyncs } = log(rules);
      processor.processRequest(entry(1));
      expect([appended, durable]).toEqual([[1], early]);
      fsyncs[0]?.();
      expect([durable, fsyncs.length]).toEqual([[1], 1]);
    }
  });

  test('ack-newest-first: hands a batch on from its end', () => {
    for (const [rules, order] of [
      [NO_RULE_BROKEN, [1, 2, 3]],
      [breaking('ack-newest-first'), [1, 3, 2]],
    ] as const) {
      const { processor, appended, durable, fsyncs } = log(rules);
      for (const n of [1, 2, 3]) processor.processRequest(entry(n));
      fsyncs[0]?.();
      fsyncs[1]?.();
      expect([appended, durable]).toEqual([[1, 2, 3], order]);
    }
  });

  test('what comes during an fsync is the next batch, not written before', () => {
    const { processor, appended, durable, fsyncs } = log();
    for (const n of [1, 2, 3]) processor.processRequest(entry(n));
    expect([appended, durable, fsyncs.length]).toEqual([[1], [], 1]);
    fsyncs[0]?.();
    expect([appended, durable, fsyncs.length]).toEqual([[1, 2, 3], [1], 2]);
    processor.processRequest(entry(4));
    fsyncs[1]?.();
    expect([appended, durable, fsyncs.length]).toEqual([[1, 2, 3, 4], [1, 2, 3], 3]);
    fsyncs[2]?.();
    expect([durable, fsyncs.length]).toEqual([[1, 2, 3, 4], 3]);
    processor.processRequest(entry(5));
    expect(fsyncs).toHaveLength(4);
  });

  test('a batch has at most maxBatchSize transactions', () => {
    const { processor, appended, fsyncs } = log();
    for (let n = 0; n <= MAX_BATCH_SIZE + 1; n++) processor.processRequest(entry(n));
    fsyncs[0]?.();
    expect(appended).toHaveLength(1 + MAX_BATCH_SIZE);
    fsyncs[1]?.();
    expect(appended).toHaveLength(2 + MAX_BATCH_SIZE);
  });

  test('at shutdown all that is queued is written and synced, and nobody is told (ZOOKEEPER-4712)', () => {
    const { processor, appended, durable, fsyncs } = log();
    for (const n of [1, 2, 3]) processor.processRequest(entry(n));
    processor.shutdown();
    expect([appended, fsyncs.length]).toEqual([[1, 2, 3], 2]);
    for (const done of fsyncs) done();
    expect(durable).toEqual([]);
  });

  test('a snapshot is taken when one is due; while one runs only the log is rolled', () => {
    const { processor, fsyncs, snapshots, rolls, snapshotDue } = log();
    snapshotDue.value = true;
    processor.processRequest(entry(1));
    processor.processRequest(entry(2));
    fsyncs[0]?.();
    expect([snapshots.length, rolls()]).toEqual([1, 1]);
    snapshots[0]?.();
    processor.processRequest(entry(3));
    fsyncs[1]?.();
    expect([snapshots.length, rolls()]).toEqual([2, 1]);
  });

  test('on the real log: five writes of one instant take two fsyncs', () => {
    const { bench, learner } = learning();
    bench.run(100);
    const before = bench.now;
    for (let n = 1; n <= 5; n++)
      learner.propose({ type: 'error', error: 'NONODE' }, { sessionId: sessionId(5n), cxid: n });
    expect(bench.events('log-appended')).toHaveLength(1);
    bench.run(100);
    expect(bench.events('log-durable').map(({ t, count }) => [t - before, count])).toEqual([
      [FSYNC_MS, 1],
      [2 * FSYNC_MS, 4],
    ]);
    expect(learner.acks.map(counterOf)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('request.session-order', () => {
  test('a read waits behind its session’s write and sees it; other sessions’ reads do not wait', () => {
    const { bench, leader, connect } = leading();
    const [one, two] = [connect(), connect()];
    leader.auto = false;
    const write = bench.request(one, create('/a'));
    const behind = bench.request(one, exists('/a'));
    const other = bench.request(two, exists('/a'));
    expect(bench.outcome(two, other)).toBe('NONODE');
    expect(bench.replies(one)).toEqual([]);
    leader.commit();
    expect(bench.replies(one).map(({ xid, error }) => [xid, error])).toEqual([
      [write, null],
      [behind, null],
    ]);
  });

  test('reads between two writes run between their commits', () => {
    const { bench, leader, connect } = leading();
    const client = connect();
    leader.auto = false;
    for (const operation of [create('/a'), exists('/b'), create('/b'), exists('/b')]) bench.request(client, operation);
    leader.commit();
    expect(bench.replies(client).map(({ error }) => error)).toEqual([null, 'NONODE']);
    leader.commit();
    expect(bench.replies(client).map(({ error }) => error)).toEqual([null, 'NONODE', null, null]);
  });

  test('a learner matches commits of its own clients by session and cxid; others pass through', () => {
    const { bench, learner } = learning();
    const client = learner.connect();
    const xid = bench.request(client, create('/mine'));
    const behind = bench.request(client, exists('/other'));
    const other = learner.propose(
      { type: 'create', path: '/other', data: null, acl: [], ephemeral: false, parentCVersion: 1 },
      { sessionId: sessionId(99n), cxid: xid },
    );
    const mine = learner.propose(
      { type: 'create', path: '/mine', data: null, acl: [], ephemeral: false, parentCVersion: 2 },
      { sessionId: client.sessionId, cxid: xid },
    );
    learner.commit(other);
    expect(bench.replies(client)).toEqual([]);
    learner.commit(mine);
    expect(bench.replies(client).map((reply) => [reply.xid, reply.zxid])).toEqual([
      [xid, mine],
      [behind, mine],
    ]);
  });

  test('a write that the session sent through another server before it moved is not taken for the one that waits', () => {
    const { bench, learner } = learning();
    const client = learner.connect();
    const waiting = bench.request(client, create('/new'));
    const old = { sessionId: client.sessionId, cxid: waiting + 100 };
    learner.commit(learner.propose({ type: 'error', error: 'NONODE' }, old));
    expect(bench.replies(client)).toEqual([]);
    const mine = { sessionId: client.sessionId, cxid: waiting };
    learner.commit(learner.propose({ type: 'error', error: 'NODEEXISTS' }, mine));
    expect(bench.outcome(client, waiting)).toBe('NODEEXISTS');
  });
});

describe('request.forward', () => {
  test('writes and syncs go to the leader, reads and pings do not', () => {
    const { bench, learner } = learning();
    const client = learner.connect();
    for (const operation of [create('/a'), exists('/'), { op: 'sync', path: '/' }, { op: 'ping' }] as const)
      bench.request(client, operation);
    expect(learner.forwarded.map(({ operation, owner }) => [operation.op, owner])).toEqual([
      ['createSession', 2],
      ['create', 2],
      ['sync', 2],
    ]);
  });

  test('request.unimplemented: an unknown operation is answered and its connection closed', () => {
    const { bench, learner } = learning();
    const client = learner.connect();
    const xid = bench.request(client, { op: 'unknown', code: 999 });
    expect(bench.outcome(client, xid)).toBe('UNIMPLEMENTED');
    expect(bench.closed(client)).toBe(true);
    expect(learner.forwarded).toHaveLength(1);
  });
});

describe('request.sync', () => {
  test('at a learner the oldest sync is answered by SYNC, behind the session’s earlier writes', () => {
    const { bench, learner } = learning();
    const client = learner.connect();
    const write = bench.request(client, create('/a'));
    const sync = bench.request(client, { op: 'sync', path: '/x' });
    const behind = bench.request(client, exists('/a'));
    const zxid = learner.propose(
      { type: 'create', path: '/a', data: null, acl: [], ephemeral: false, parentCVersion: 1 },
      { sessionId: client.sessionId, cxid: write },
    );
    learner.commit(zxid);
    expect(bench.replies(client).map(({ xid }) => xid)).toEqual([write]);
    bench.step(() => learner.zk.sync());
    expect(bench.replies(client).map(({ xid }) => xid)).toEqual([write, sync, behind]);
    expect(bench.result(client, sync)).toEqual({ path: '/x' });
    // A SYNC that nobody waits for is passed over.
    bench.step(() => learner.zk.sync());
  });

  test('at the leader a learner’s sync goes to processSync, its own client’s is like a read', () => {
    const { bench, leader, connect } = leading();
    const client = connect();
    const own = bench.request(client, { op: 'sync', path: '/x' });
    expect(bench.outcome(client, own)).toBe('OK');
    bench.step(() =>
      leader.zk.submitLearnerRequest({
        sessionId: sessionId(7n),
        cxid: 1,
        operation: { op: 'sync', path: '/' },
        authInfo: [],
        owner: sid(2),
        cause: bench.ctx.cause,
      }),
    );
    expect(leader.syncs.map(({ owner }) => owner)).toEqual([2]);
    expect(leader.txns).toEqual(['createSession']);
  });
});

describe('request.commit-order', () => {
  test('a COMMIT of another zxid than the oldest pending one ends the process', () => {
    const { bench, learner } = learning();
    learner.propose({ type: 'error', error: 'NONODE' }, { sessionId: sessionId(5n), cxid: 1 });
    const second = learner.propose({ type: 'error', error: 'NONODE' }, { sessionId: sessionId(5n), cxid: 2 });
    learner.commit(second);
    expect(bench.done.filter(({ type }) => type === 'exit')).toHaveLength(1);
    expect(bench.events('applied')).toEqual([]);
  });

  test('a COMMIT with nothing pending is passed over', () => {
    const { bench, learner } = learning();
    learner.commit(makeZxid(1, 1));
    expect(bench.done.filter(({ type }) => type === 'exit')).toEqual([]);
  });

  test('an observer logs and applies without an ACK', () => {
    const { bench, learner } = learning('observer');
    const zxid = learner.propose({ type: 'error', error: 'NONODE' }, { sessionId: sessionId(5n), cxid: 1 });
    learner.commit(zxid);
    bench.run(100);
    expect(bench.events('log-durable').map((event) => event.zxid)).toEqual([zxid]);
    expect(bench.db.lastProcessedZxid).toBe(zxid);
    expect(learner.acks).toEqual([]);
  });
});

describe('request.reply', () => {
  test('every reply carries the last applied zxid, and what its operation answers', () => {
    const { bench, connect } = leading();
    const client = connect();
    const ask = (operation: Operation): number => {
      const xid = bench.request(client, operation);
      bench.run(100);
      return xid;
    };
    const created = ask({ ...create('/a'), op: 'create2' } as Operation);
    const set = ask({ op: 'setData', path: '/a', data: new Uint8Array([7]), version: 0 });
    const ephemeral = ask(create('/a/e', 'EPHEMERAL'));
    const data = ask(read('/a'));
    const children = ask({ op: 'getChildren2', path: '/a', watch: false });
    const paths = ask({ op: 'getEphemerals', prefix: '/a' });
    const noPaths = ask({ op: 'getEphemerals', prefix: '/b' });
    const number = ask({ op: 'getAllChildrenNumber', path: '/a' });
    const nul = ask(exists('/\0'));
    expect(bench.result(client, created)).toMatchObject({ path: '/a', stat: { version: 0, czxid: makeZxid(1, 2) } });
    expect(bench.result(client, set)).toMatchObject({ stat: { version: 1, dataLength: 1 } });
    expect(bench.result(client, ephemeral)).toEqual({ path: '/a/e' });
    expect(bench.result(client, data)).toMatchObject({ data: new Uint8Array([7]), stat: { numChildren: 1 } });
    expect(bench.result(client, children)).toMatchObject({ children: ['e'], stat: { version: 1 } });
    expect(bench.result(client, paths)).toEqual({ paths: ['/a/e'] });
    expect(bench.result(client, noPaths)).toEqual({ paths: [] });
    expect(bench.result(client, number)).toEqual({ number: 1 });
    expect(bench.outcome(client, nul)).toBe('BADARGUMENTS');
    expect(bench.replies(client).map(({ zxid }) => counterOf(zxid))).toEqual([2, 3, 4, 4, 4, 4, 4, 4, 4]);
  });

  test('request.close-reply: the reply to closeSession leaves before the socket closes, which nobody else is told', () => {
    const { bench, connect } = leading();
    const client = connect();
    const xid = bench.request(client, { op: 'closeSession' });
    bench.run(100);
    expect(bench.outcome(client, xid)).toBe('OK');
    const order = bench.done.filter(({ conn }) => conn === client.conn).map(({ type }) => type);
    expect(order.slice(-2)).toEqual(['send', 'close']);
    expect(bench.events('session-detached')).toHaveLength(1);
  });

  test('the causes of a reply hold its apply, and those of the apply its commit', () => {
    const { bench, leader, connect } = leading();
    const client = connect();
    leader.auto = false;
    bench.request(client, create('/a'));
    const committed = 4242 as EventRef;
    const zxid = leader.proposals.at(-1)?.header.zxid;
    if (zxid === undefined) throw new Error('proposed');
    bench.step(() => leader.zk.commit(zxid, committed));
    const applied = bench.done.map(({ event }) => event).findLast((event) => event?.body.kind === 'applied');
    const reply = bench.done.findLast(({ packet }) => packet?.type === 'Reply');
    expect(applied?.causes).toContain(committed);
    expect(applied?.causes).toContain(leader.proposals.at(-1)?.cause);
    expect(reply?.causes).toContain(applied?.ref);
  });
});

describe('request.watch-before-reply', () => {
  test('the event leaves before the reply of the write and before any read that sees it', () => {
    const { bench, leader, connect } = leading();
    const client = connect();
    const other = connect();
    leader.auto = false;
    bench.request(client, exists('/a', true));
    bench.request(other, { op: 'getChildren', path: '/', watch: true });
    bench.request(client, create('/a'));
    bench.request(client, read('/a'));
    leader.commit();
    const kinds = bench.packets(client).map((packet) => (packet.type === 'WatchEvent' ? packet.event : packet.type));
    expect(kinds).toEqual(['ConnectResponse', 'Reply', 'NodeCreated', 'Reply', 'Reply']);
    expect(bench.packets(other).at(-1)).toEqual({
      type: 'WatchEvent',
      event: 'NodeChildrenChanged',
      path: '/',
      zxid: makeZxid(1, 3),
    });
  });

  test('a watch of a failed read is not set, one of exists is', () => {
    const { bench, connect } = leading();
    const client = connect();
    bench.request(client, read('/a', true));
    bench.request(client, { op: 'getChildren', path: '/a', watch: true });
    expect(bench.db.watches.size).toBe(0);
    bench.request(client, exists('/a', true));
    expect(bench.db.watches.size).toBe(1);
  });

  test('watch.set-watches: what changed is told before the reply, with zxid −1', () => {
    const { bench, connect } = leading();
    const client = connect();
    bench.request(client, create('/a'));
    bench.run(100);
    bench.request(client, {
      op: 'setWatches',
      relativeZxid: makeZxid(1, 1),
      dataWatches: ['/gone'],
      existWatches: ['/a'],
      childWatches: ['/'],
    });
    const packets = bench.packets(client).slice(-4);
    expect(packets.map((packet) => (packet.type === 'WatchEvent' ? [packet.event, packet.zxid] : packet.type))).toEqual(
      [['NodeDeleted', ZXID_UNKNOWN], ['NodeCreated', ZXID_UNKNOWN], ['NodeChildrenChanged', ZXID_UNKNOWN], 'Reply'],
    );
  });

  test('watch.no-watcher watch.bad-type watch.bad-mode: what the server says of watches that are not', () => {
    const { bench, connect } = leading();
    const client = connect();
    const ask = (op: 'checkWatches' | 'removeWatches', watcherType: number) =>
      bench.request(client, { op, path: '/a', watcherType });
    bench.request(client, { op: 'addWatch', path: '/a', mode: 2 });
    ask('checkWatches', 3);
    ask('removeWatches', 3);
    ask('removeWatches', 9);
    bench.request(client, { op: 'addWatch', path: '/a', mode: 0 });
    ask('checkWatches', 1);
    ask('removeWatches', 1);
    ask('removeWatches', 1);
    const errors = bench.packets(client).flatMap((packet) => (packet.type === 'Reply' ? [packet.error] : []));
    expect(errors).toEqual([
      ...['MARSHALLINGERROR', 'NOWATCHER', 'NOWATCHER', 'MARSHALLINGERROR'],
      ...[null, null, null, 'NOWATCHER'],
    ]);
    expect(bench.db.watches.size).toBe(1);
  });

  test('watch.connection-bound: the watches of a connection go with it', () => {
    const { bench, connect } = leading();
    const client = connect();
    bench.request(client, exists('/a', true));
    bench.step(() => bench.factory.closed(client.conn));
    expect(bench.db.watches.size).toBe(0);
  });
});

describe('shutdown', () => {
  test('session.server-stops: forgets what waits, closes connections, keeps what was accepted in the log', () => {
    const { bench, learner } = learning();
    const client = learner.connect();
    bench.run(100);
    bench.request(client, create('/a'));
    const acked = learner.acks.length;
    for (let cxid = 1; cxid <= 3; cxid++)
      learner.propose({ type: 'error', error: 'NONODE' }, { sessionId: client.sessionId, cxid });
    bench.step(() => learner.zk.shutdown('the leader is lost'));
    expect(bench.closed(client)).toBe(true);
    expect(bench.events('session-detached').map(({ why, rule }) => [why, rule])).toEqual([
      ['the leader is lost', 'session.server-stops'],
    ]);
    bench.run(100);
    expect(bench.events('log-appended')).toHaveLength(4);
    expect(bench.events('log-durable').at(-1)?.zxid).toBe(makeZxid(1, 4));
    expect(learner.acks).toHaveLength(acked);
    learner.commit(makeZxid(1, 2));
    expect(bench.events('applied')).toHaveLength(1);
    bench.step(() => learner.zk.shutdown('again'));
  });

  test('a leader’s timers are gone', () => {
    const { bench, leader, connect } = leading();
    connect();
    bench.step(() => leader.zk.shutdown('quorum lost'));
    bench.run(60_000);
    expect(bench.events('session-expired')).toEqual([]);
  });
});
