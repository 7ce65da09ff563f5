import { describe, expect, test } from 'vitest';
import { sid } from '../../../src/protocol/ids.ts';
import type { Operation } from '../../../src/protocol/operations.ts';
import { OPEN_ACL_UNSAFE, PERMS, type Acl, type CreateMode } from '../../../src/protocol/znode.ts';
import { Bench, TestLeader, TestLearner, type TestClient } from './bench.ts';

function leading(): { bench: Bench; leader: TestLeader; client: TestClient } {
  const bench = new Bench();
  const leader = new TestLeader(bench);
  const client = bench.dial();
  bench.run(100);
  bench.established(client);
  for (const operation of [
    make('/a'),
    make('/a/b'),
    make('/a/b/c'),
    make('/ab'),
    make('/e', 'EPHEMERAL'),
    make('/a/e', 'EPHEMERAL'),
    make('/secret', 'PERSISTENT', [digest(PERMS.ALL)]),
    make('/listed', 'PERSISTENT', [digest(PERMS.ALL), world(PERMS.READ)]),
    make('/kept', 'PERSISTENT', [digest(PERMS.ALL), world(PERMS.ADMIN)]),
  ]) {
    bench.request(client, operation);
  }
  bench.run(1000);
  return { bench, leader, client };
}

const digest = (perms: number): Acl => ({ perms, scheme: 'digest', id: 'ann:c2VjcmV0' });
const world = (perms: number): Acl => ({ perms, scheme: 'world', id: 'anyone' });
const make = (path: string, mode: CreateMode = 'PERSISTENT', acl: readonly Acl[] = OPEN_ACL_UNSAFE): Operation => ({
  op: 'create',
  path,
  data: new Uint8Array([7]),
  acl,
  mode,
});
const READS = ['getData', 'getChildren', 'getChildren2'] as const;

describe('reads', () => {
  const { bench, client } = leading();
  const ask = (operation: Operation): ReturnType<Bench['result']> | string => {
    const xid = bench.request(client, operation);
    return bench.outcome(client, xid) === 'OK' ? bench.result(client, xid) : bench.outcome(client, xid);
  };

  test('each reply names the check that failed', () => {
    const rule = (operation: Operation): string | undefined => {
      ask(operation);
      return bench.done.findLast(({ packet }) => packet?.type === 'Reply')?.rule;
    };
    expect(rule({ op: 'getData', path: '/a', watch: false })).toBe('request.local-read');
    expect(rule({ op: 'getData', path: '/missing', watch: false })).toBe('read.node');
    expect(rule({ op: 'getChildren', path: '/secret', watch: false })).toBe('read.permission');
    expect(rule({ op: 'getACL', path: '/secret' })).toBe('read.get-acl');
    expect(rule({ op: 'exists', path: '/missing', watch: true })).toBe('read.exists-watch');
    expect(rule({ op: 'exists', path: '/\0', watch: true })).toBe('read.exists-nul');
    expect(rule({ op: 'checkWatches', path: '/missing', watcherType: 9 })).toBe('watch.bad-type');
    expect(rule({ op: 'removeWatches', path: '/a', watcherType: 3 })).toBe('watch.no-watcher');
    expect(rule({ op: 'addWatch', path: '/a', mode: 9 })).toBe('watch.bad-mode');
  });

  test('read.exists-nul', () => {
    expect(ask({ op: 'exists', path: '/none\0', watch: true })).toBe('BADARGUMENTS');
    expect(bench.db.watches.modeOf('data', '/none\0', client.sessionId)).toBeNull();
  });

  test('read.exists-permission', () => {
    expect(ask({ op: 'exists', path: '/secret', watch: false })).toMatchObject({ stat: { dataLength: 1 } });
  });

  test('read.exists-watch: also where there is nothing', () => {
    expect(ask({ op: 'exists', path: '/none', watch: true })).toBe('NONODE');
    expect(bench.db.watches.modeOf('data', '/none', client.sessionId)).not.toBeNull();
  });

  test.each(READS)('read.node and read.permission: %s fails and leaves no watch', (op) => {
    const before = bench.db.watches.size;
    expect(ask({ op, path: '/missing', watch: true })).toBe('NONODE');
    expect(ask({ op, path: '/secret', watch: true })).toBe('NOAUTH');
    expect(bench.db.watches.size).toBe(before);
    expect(typeof ask({ op, path: '/listed', watch: false })).toBe('object');
  });

  test('watch.add-unchecked: where one may not read, and where there is nothing', () => {
    for (const path of ['/secret', '/nothing']) expect(ask({ op: 'addWatch', path, mode: 0 })).toEqual(null);
  });

  test('read.get-acl: READ or ADMIN will do', () => {
    expect(ask({ op: 'getACL', path: '/missing' })).toBe('NONODE');
    expect(ask({ op: 'getACL', path: '/secret' })).toBe('NOAUTH');
    expect(ask({ op: 'getACL', path: '/listed' })).toMatchObject({ stat: { aversion: 0 } });
  });

  test('read.get-acl-hash: hidden without ADMIN', () => {
    const hidden: Acl = { perms: PERMS.ALL, scheme: 'digest', id: 'ann:x' };
    expect(ask({ op: 'getACL', path: '/listed' })).toMatchObject({ acl: [hidden, world(PERMS.READ)] });
    expect(ask({ op: 'getACL', path: '/kept' })).toMatchObject({ acl: [digest(PERMS.ALL), world(PERMS.ADMIN)] });
  });

  test('read.all-children: all levels, and no other name with the same beginning', () => {
    expect(ask({ op: 'getAllChildrenNumber', path: '/a' })).toEqual({ number: 3 });
    expect(ask({ op: 'getAllChildrenNumber', path: '/' })).toEqual({ number: bench.db.dataTree.nodeCount - 1 });
    expect(ask({ op: 'getAllChildrenNumber', path: '/secret' })).toBe('NOAUTH');
    expect(ask({ op: 'getAllChildrenNumber', path: '/missing' })).toBe('NONODE');
  });

  test('read.ephemerals: one’s own, by the letters of the prefix', () => {
    const other = bench.dial();
    bench.run(100);
    bench.request(bench.established(other), make('/other', 'EPHEMERAL'));
    bench.run(100);
    for (const prefix of ['', '/', ' / ']) {
      expect(ask({ op: 'getEphemerals', prefix })).toEqual({ paths: ['/a/e', '/e'] });
    }
    expect(ask({ op: 'getEphemerals', prefix: '/a' })).toEqual({ paths: ['/a/e'] });
    expect(ask({ op: 'getEphemerals', prefix: 'no path' })).toEqual({ paths: [] });
  });

  test('read.config: anybody may read it, and nobody writes to it', () => {
    expect(ask({ op: 'getData', path: '/zookeeper/config', watch: false })).toMatchObject({ stat: { aversion: -1 } });
    const write = bench.request(client, { op: 'setData', path: '/zookeeper/config', data: null, version: -1 });
    bench.run(100);
    expect(bench.outcome(client, write)).toBe('NOAUTH');
  });

  test('request.sync-path: any text comes back', () => {
    for (const path of ['', 'no path', '/none', '/\0']) expect(ask({ op: 'sync', path })).toEqual({ path });
  });

  test('read.who-am-i: the address of a connection is its first identity', () => {
    expect(ask({ op: 'whoAmI' })).toMatchObject({ ids: [{ scheme: 'ip' }] });
  });

  test('read.multi: each by itself, without watches', () => {
    const before = bench.db.watches.size;
    const ops = [
      { op: 'getData', path: '/a', watch: true },
      { op: 'getChildren', path: '/missing', watch: true },
      { op: 'getData', path: '/secret', watch: true },
      { op: 'getChildren', path: '/a', watch: true },
    ] as const;
    expect(ask({ op: 'multiRead', ops })).toMatchObject({
      results: [
        { op: 'getData', data: new Uint8Array([7]), stat: { numChildren: 2 } },
        { op: 'error', error: 'NONODE' },
        { op: 'error', error: 'NOAUTH' },
        { op: 'getChildren', children: ['b', 'e'] },
      ],
    });
    expect(ask({ op: 'multiRead', ops: [] })).toEqual({ results: [] });
    expect(ask({ op: 'multiRead', ops: [{ op: 'check', path: '/a', version: -1 }] })).toBe('MARSHALLINGERROR');
    expect(bench.db.watches.size).toBe(before);
  });

  test('read.paths-unchecked: the empty path is the root, others are missing', () => {
    expect(ask({ op: 'exists', path: '', watch: false })).toEqual(ask({ op: 'exists', path: '/', watch: false }));
    for (const path of ['a', '/a/', '//', '/a/../a', '/a\0']) {
      expect(ask({ op: 'getData', path, watch: false })).toBe('NONODE');
    }
  });
});

describe('read.session', () => {
  test('at the leader a session that has moved to another server is not read for', () => {
    const { bench, leader, client } = leading();
    bench.step(() => leader.zk.revalidate(client.sessionId, 10_000, sid(2)));
    bench.request(client, { op: 'getData', path: '/a', watch: false });
    expect(bench.closed(client)).toBe(true);
  });

  test('a learner asks nobody', () => {
    const bench = new Bench({}, sid(2));
    const learner = new TestLearner(bench);
    const client = learner.connect();
    const xid = bench.request(client, { op: 'getChildren', path: '/', watch: false });
    expect(bench.result(client, xid)).toEqual({ children: ['zookeeper'] });
    expect(learner.forwarded.map(({ operation }) => operation.op)).toEqual(['createSession']);
  });
});

test('the reply to a setACL has the Stat, that to a container its path as well', () => {
  const { bench, client } = leading();
  const acl = bench.request(client, { op: 'setACL', path: '/a', acl: [world(PERMS.READ)], version: 0 });
  const container = bench.request(client, { ...make('/c', 'CONTAINER'), op: 'createContainer' } as Operation);
  bench.run(100);
  expect(bench.result(client, acl)).toMatchObject({ stat: { aversion: 1, version: 0 } });
  expect(bench.result(client, container)).toMatchObject({ path: '/c', stat: { ephemeralOwner: '0x0' } });
});
