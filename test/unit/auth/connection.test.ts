/** What a connection proves, on its way through the server. */
import { describe, expect, test } from 'vitest';
import { digestId } from '../../../src/engine/auth/index.ts';
import { sid } from '../../../src/protocol/ids.ts';
import type { Operation } from '../../../src/protocol/operations.ts';
import { PERMS, type Acl } from '../../../src/protocol/znode.ts';
import { ZXID_ZERO } from '../../../src/protocol/zxid.ts';
import { Bench, create, TestLeader, TestLearner, type TestClient } from '../request/bench.ts';

const BOB = digestId('bob:secret');
const CREATOR_ALL: readonly Acl[] = [{ perms: PERMS.ALL, scheme: 'auth', id: '' }];
const WHO: Operation = { op: 'whoAmI' };
const READ: Operation = { op: 'getData', path: '/mine', watch: false };

function leading(zoo = {}): { bench: Bench; leader: TestLeader; connect: () => TestClient } {
  const bench = new Bench(zoo);
  const leader = new TestLeader(bench);
  const connect = (): TestClient => {
    const client = bench.dial();
    bench.run(100);
    return bench.established(client);
  };
  return { bench, leader, connect };
}

/** Outside of the numbering, as real clients do it. */
function addAuth(bench: Bench, client: TestClient, scheme: string, text: string): void {
  const auth = new TextEncoder().encode(text);
  bench.deliver(client, { type: 'Request', xid: -4, operation: { op: 'auth', scheme, auth } });
}

function ask(bench: Bench, client: TestClient, operation: Operation): string | undefined {
  const xid = bench.request(client, operation);
  bench.run(100);
  return bench.outcome(client, xid);
}

function mine(acl: readonly Acl[], path = '/mine'): Operation {
  return { op: 'create', path, data: null, acl, mode: 'PERSISTENT' };
}

describe('who a connection is', () => {
  test('acl.address: its client’s address, from the start', () => {
    const { bench, connect } = leading();
    const client = connect();
    expect(bench.result(client, bench.request(client, WHO))).toEqual({ ids: [{ scheme: 'ip', user: '127.0.0.1' }] });
  });

  test('acl.authenticated: what it proves is added, once, and shown without the password', () => {
    const { bench, connect } = leading();
    const client = connect();
    for (let i = 0; i < 2; i++) addAuth(bench, client, 'digest', 'bob:secret');
    expect(bench.replies(client)).toMatchObject(Array(2).fill({ xid: -4, zxid: ZXID_ZERO, error: null, result: null }));
    expect(bench.events('auth-added')).toMatchObject([
      { sessionId: client.sessionId, scheme: 'digest', authId: BOB, rule: 'acl.authenticated' },
    ]);
    expect(JSON.stringify(bench.done.filter(({ type }) => type === 'event'))).not.toContain('secret');
    const ids = [
      { scheme: 'ip', user: '127.0.0.1' },
      { scheme: 'digest', user: 'bob' },
    ];
    expect(bench.result(client, bench.request(client, WHO))).toEqual({ ids });
  });

  test('acl.authenticated: it belongs to the connection, not to the session', () => {
    const { bench, connect } = leading();
    const client = connect();
    addAuth(bench, client, 'digest', 'bob:secret');
    const again = bench.dial({ of: client });
    expect(bench.result(again, bench.request(again, WHO))?.ids).toHaveLength(1);
  });

  test('acl.auth-failed: AUTHFAILED, and the connection is closed; the session lives', () => {
    const { bench, connect } = leading();
    const client = connect();
    addAuth(bench, client, 'nosuch', 'bob');
    expect(bench.replies(client)).toMatchObject([{ xid: -4, zxid: ZXID_ZERO, error: 'AUTHFAILED' }]);
    expect(bench.closed(client)).toBe(true);
    expect(bench.events('client-refused')).toMatchObject([{ why: 'AUTH_FAILED', rule: 'acl.auth-failed' }]);
    expect(bench.packets(bench.dial({ of: client }))).toMatchObject([{ sessionId: client.sessionId }]);
  });

  test('an auth packet that cannot be read ends the connection without an answer', () => {
    const { bench, connect } = leading();
    const client = connect();
    bench.deliver(client, { type: 'Request', xid: -4, operation: { op: 'unreadable', code: 100 } });
    expect(bench.replies(client)).toEqual([]);
    expect(bench.closed(client)).toBe(true);
  });

  test('acl.auth-at-once: it counts for the requests behind it, and not for those before', () => {
    const { bench, connect } = leading();
    const [owner, other] = [connect(), connect()];
    addAuth(bench, owner, 'digest', 'bob:secret');
    expect(ask(bench, owner, mine(CREATOR_ALL))).toBe('OK');
    const write = bench.request(other, create('/slow'));
    const before = bench.request(other, READ);
    addAuth(bench, other, 'digest', 'bob:secret');
    const behind = bench.request(other, READ);
    bench.run(100);
    expect([write, before, behind].map((xid) => bench.outcome(other, xid))).toEqual(['OK', 'NOAUTH', 'OK']);
    // It did not wait for the write.
    expect(bench.replies(other)[0]?.xid).toBe(-4);
  });
});

describe('what it may do', () => {
  test('acl.not-inherited: neither is a child’s list that of its parent, nor is the way down looked at', () => {
    const { bench, connect } = leading();
    const [owner, other] = [connect(), connect()];
    addAuth(bench, owner, 'digest', 'bob:secret');
    const open = [{ perms: PERMS.ALL, scheme: 'world', id: 'anyone' }];
    ask(bench, owner, mine(CREATOR_ALL));
    expect(ask(bench, owner, mine(open, '/mine/open'))).toBe('OK');
    expect(ask(bench, other, READ)).toBe('NOAUTH');
    expect(ask(bench, other, { op: 'getData', path: '/mine/open', watch: false })).toBe('OK');
    expect(ask(bench, other, { op: 'delete', path: '/mine/open', version: -1 })).toBe('NOAUTH');
  });

  test('acl.forwarded: a learner tells the leader who asks', () => {
    const bench = new Bench({}, sid(2));
    const learner = new TestLearner(bench);
    const client = learner.connect();
    addAuth(bench, client, 'digest', 'bob:secret');
    bench.request(client, create('/a'));
    expect(learner.forwarded.at(-1)?.authInfo).toEqual([
      { scheme: 'ip', id: '127.0.0.1' },
      { scheme: 'digest', id: BOB },
    ]);
  });

  test('acl.eager: refused at once, without a zxid, as far as this server’s tree tells', () => {
    const { bench, leader, connect } = leading({ enableEagerACLCheck: true });
    const [owner, other] = [connect(), connect()];
    addAuth(bench, owner, 'digest', 'bob:secret');
    ask(bench, owner, mine(CREATOR_ALL));
    const proposals = leader.proposals.length;
    const refused: readonly Operation[] = [
      { op: 'setData', path: '/mine', data: null, version: -1 },
      { op: 'setACL', path: '/mine', acl: [{ perms: 1, scheme: 'world', id: 'anyone' }], version: -1 },
      { op: 'delete', path: '/mine/x', version: -1 },
      create('/mine/x'),
    ];
    expect(refused.map((operation) => ask(bench, other, operation))).toEqual(Array(4).fill('NOAUTH'));
    expect(ask(bench, other, mine([], '/b'))).toBe('INVALIDACL');
    expect(bench.replies(other).map(({ zxid }) => zxid)).toEqual(Array(5).fill(ZXID_ZERO));
    expect(leader.proposals).toHaveLength(proposals);
    // What is wrong otherwise is found where it always is.
    expect(ask(bench, other, { op: 'setData', path: '/none', data: null, version: -1 })).toBe('NONODE');
    expect(ask(bench, other, { op: 'delete', path: '/', version: -1 })).toBe('BADARGUMENTS');
    expect(leader.proposals).toHaveLength(proposals + 2);
  });
});
