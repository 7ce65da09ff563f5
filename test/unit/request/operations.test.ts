/** What each write checks, and in which order: every row breaks all the checks behind the one that answers. */
import { describe, expect, test } from 'vitest';
import type { ZooConfig } from '../../../src/protocol/config.ts';
import { NO_SESSION, sessionId, sid } from '../../../src/protocol/ids.ts';
import { OP_CODES, type CreateOperation, type Operation } from '../../../src/protocol/operations.ts';
import type { LoggedTxn } from '../../../src/protocol/txns.ts';
import { OPEN_ACL_UNSAFE, PERMS, type Acl, type CreateMode } from '../../../src/protocol/znode.ts';
import { makeZxid } from '../../../src/protocol/zxid.ts';
import { Bench, create, TestLeader, type TestClient } from './bench.ts';

function leading(zoo: Partial<ZooConfig> = {}): { bench: Bench; leader: TestLeader; client: TestClient } {
  const bench = new Bench({ extendedTypesEnabled: true, ...zoo });
  const leader = new TestLeader(bench);
  const client = bench.dial();
  bench.run(100);
  return { bench, leader, client: bench.established(client) };
}

function connected(bench: Bench): TestClient {
  const client = bench.dial();
  bench.run(100);
  return client;
}

const all: readonly Acl[] = OPEN_ACL_UNSAFE;
const nothing: readonly Acl[] = [{ perms: 0, scheme: 'world', id: 'anyone' }];
const invalid: readonly Acl[] = [{ perms: PERMS.ALL, scheme: 'nonsense', id: '' }];

const make = (path: string, more: Partial<CreateOperation> = {}): CreateOperation => ({
  op: 'create',
  path,
  data: null,
  acl: all,
  mode: 'PERSISTENT',
  ...more,
});
const remove = (path: string, version = -1): Operation => ({ op: 'delete', path, version });
const set = (path: string, version = -1): Operation => ({ op: 'setData', path, data: null, version });
const setACL = (path: string, acl: readonly Acl[] | null, version = -1): Operation => ({
  op: 'setACL',
  path,
  acl,
  version,
});
const check = (path: string, version = -1): Operation => ({
  op: 'multi',
  ops: [{ op: 'check', path, version }],
});
const ttl = (path: string, length: number, more: Partial<CreateOperation> = {}): CreateOperation =>
  make(path, { op: 'createTTL', mode: 'PERSISTENT_WITH_TTL', ttl: length, ...more });

/** `/a` with a child, `/e` an ephemeral, `/locked` that grants nothing, with a child, `/box` a container. */
const PREPARED: readonly Operation[] = [
  make('/a'),
  make('/a/b'),
  make('/e', { mode: 'EPHEMERAL' }),
  make('/locked'),
  make('/locked/b'),
  setACL('/locked', nothing),
  make('/box', { op: 'createContainer', mode: 'CONTAINER' }),
];

/** The error of an operation, of a multi that of its part, and the rule that the reply names. */
function outcome(
  operation: Operation,
  zoo: Partial<ZooConfig> = {},
): [error: string | undefined, rule: string | undefined] {
  const { bench, client } = leading(zoo);
  for (const each of PREPARED) {
    bench.request(client, each);
    bench.run(100);
  }
  const xid = bench.request(client, operation);
  bench.run(100);
  const first = bench.result(client, xid)?.results?.[0];
  const { rule } = bench.done.findLast(({ packet }) => packet?.type === 'Reply') ?? {};
  return [first?.op === 'error' ? first.error : bench.outcome(client, xid), rule];
}

const CASES: Readonly<Record<string, readonly [operation: Operation, expected: string, rule?: string]>> = {
  'create.flag: 7': [make('c', { mode: 7, acl: null }), 'BADARGUMENTS'],
  'create.flag: −1, on every create': [make('/c', { op: 'createContainer', mode: -1 }), 'BADARGUMENTS'],
  'create.flag: 6 is the last': [ttl('/c', 1, { mode: 'PERSISTENT_SEQUENTIAL_WITH_TTL' }), 'OK'],
  'create.ttl-range: 0': [ttl('/c', 0), 'BADARGUMENTS'],
  'create.ttl-range: negative': [ttl('/c', -1), 'BADARGUMENTS'],
  'create.ttl-range: 41 bits': [ttl('/c', 2 ** 40), 'BADARGUMENTS'],
  'create.ttl-range: 1': [ttl('/c', 1), 'OK'],
  'create.ttl-range: 40 bits': [ttl('/c', 2 ** 40 - 1), 'OK'],
  'create.ttl-range: another mode': [ttl('/c', 1000, { mode: 'PERSISTENT' }), 'BADARGUMENTS'],
  'create.ttl-range: another mode without time': [ttl('/c', -1, { mode: 'PERSISTENT' }), 'BADARGUMENTS'],
  'create.ttl-range: a create without time': [make('/c', { mode: 'PERSISTENT_WITH_TTL' }), 'BADARGUMENTS'],
  'create.path-start: no slash': [make('c', { acl: [] }), 'BADARGUMENTS'],
  'create.path-start: NUL': [make('/c\0', { acl: [] }), 'BADARGUMENTS'],
  'create.acl: null': [make('/none/c', { acl: null }), 'INVALIDACL'],
  'create.acl: empty': [make('/none/c', { acl: [] }), 'INVALIDACL'],
  'create.acl: unknown scheme': [make('/none/c', { acl: invalid }), 'INVALIDACL'],
  'create.parent: before the rules of paths': [make('/none/../c'), 'NONODE'],
  'create.parent: a relative path has none': [make('a/c'), 'NONODE'],
  'create.permission: before the rules of paths': [make('/locked/..'), 'NOAUTH'],
  'create.path: a name of dots': [make('/a/..'), 'BADARGUMENTS'],
  'create.path: a trailing slash': [make('/a/'), 'BADARGUMENTS'],
  'create.path: a trailing slash before the number': [make('/a/', { mode: 'PERSISTENT_SEQUENTIAL' }), 'OK'],
  'create.path: before the ephemeral parent': [make('/e/.'), 'BADARGUMENTS'],
  'create.exists': [make('/a/b'), 'NODEEXISTS'],
  'create.exists: the root': [make('/'), 'NODEEXISTS'],
  'create.ephemeral-parent': [make('/e/x'), 'NOCHILDRENFOREPHEMERALS'],

  'delete.path: no slash': [remove('a', 7), 'BADARGUMENTS'],
  'delete.path: NUL': [remove('/none/\0', 7), 'BADARGUMENTS'],
  'delete.path: the root': [remove('/', 7), 'BADARGUMENTS'],
  'delete.path: /zookeeper': [remove('/zookeeper', 7), 'BADARGUMENTS'],
  'delete.path: the quotas': [remove('/zookeeper/quota', 7), 'BADARGUMENTS'],
  'delete.path: the configuration': [remove('/zookeeper/config', 7), 'BADARGUMENTS'],
  'delete.path: the rules of paths do not count': [remove('/a/.', 7), 'NONODE', 'delete.node'],
  'delete.parent': [remove('/none/x', 7), 'NONODE'],
  'delete.permission: before the node': [remove('/locked/x', 7), 'NOAUTH'],
  'delete.permission: that of the node does not count': [remove('/locked'), 'NOTEMPTY', 'delete.children'],
  'delete.node': [remove('/a/x', 7), 'NONODE'],
  'delete.version: before the children': [remove('/a', 7), 'BADVERSION'],
  'delete.children': [remove('/a', 0), 'NOTEMPTY'],
  'delete.children: none': [remove('/a/b', 0), 'OK'],

  'set-data.path': [set('/none/', 7), 'BADARGUMENTS'],
  'set-data.node': [set('/none', 7), 'NONODE'],
  'set-data.permission: before the version': [set('/locked', 7), 'NOAUTH'],
  'set-data.version': [set('/a', 7), 'BADVERSION'],
  'set-data.version: the right one': [set('/a', 0), 'OK'],
  'set-data.version: any': [set('/a'), 'OK'],

  'set-acl.path: before the list': [setACL('/none/', null, 7), 'BADARGUMENTS'],
  'set-acl.acl: before the node': [setACL('/none', null, 7), 'INVALIDACL'],
  'set-acl.node': [setACL('/none', all, 7), 'NONODE'],
  'set-acl.permission: before the version': [setACL('/locked', all, 7), 'NOAUTH'],
  'set-acl.version': [setACL('/a', all, 7), 'BADVERSION'],
  'set-acl.version: the right one': [setACL('/a', all, 0), 'OK'],

  'check.path': [check('/none/', 7), 'BADARGUMENTS'],
  'check.node': [check('/none', 7), 'NONODE'],
  'check.permission: before the version': [check('/locked', 7), 'NOAUTH'],
  'check.version': [check('/a', 7), 'BADVERSION'],
  'check.version: the right one': [check('/a', 0), 'OK'],

  'delete-container.path: what a client sends': [{ op: 'deleteContainer', path: '\0\0\0\x02/box' }, 'BADARGUMENTS'],
  'delete-container.path: a special one': [{ op: 'deleteContainer', path: '/' }, 'BADARGUMENTS'],
  'delete-container.node: before the parent': [{ op: 'deleteContainer', path: '/none/x' }, 'NONODE'],
  'delete-container.children': [{ op: 'deleteContainer', path: '/a' }, 'NOTEMPTY'],
  'delete-container.ephemeral': [{ op: 'deleteContainer', path: '/e' }, 'BADVERSION'],
  'delete-container.unchecked: below what grants nothing': [{ op: 'deleteContainer', path: '/locked/b' }, 'OK'],
};

describe('request.validate-once: the first failing check gives the error', () => {
  test.each(Object.entries(CASES))('%s', (title, [operation, expected, rule]) => {
    const [failed] = title.split(':');
    const named = operation.op === 'multi' ? 'multi.reply-ok' : (rule ?? failed);
    expect(outcome(operation)).toEqual([expected, expected === 'OK' ? 'request.reply' : named]);
  });

  test('create.ttl-disabled: before the length of the time', () => {
    const zoo = { extendedTypesEnabled: false };
    const refused = ['UNIMPLEMENTED', 'create.ttl-disabled'];
    expect(outcome(ttl('c', -1, { acl: null }), zoo)).toEqual(refused);
    expect(outcome(make('c', { mode: 'PERSISTENT_SEQUENTIAL_WITH_TTL' }), zoo)).toEqual(refused);
    expect(outcome(make('/c', { op: 'createContainer', mode: 'CONTAINER' }), zoo)[0]).toBe('OK');
  });
});

describe('the session comes first', () => {
  const strange = (operation: Operation, zoo: Partial<ZooConfig> = {}): string | undefined => {
    const { bench, leader } = leading(zoo);
    const before = leader.txns.length;
    bench.step(() =>
      leader.zk.submitLearnerRequest({
        sessionId: sessionId(77n),
        cxid: 1,
        operation,
        authInfo: [],
        owner: sid(2),
        cause: bench.ctx.cause,
      }),
    );
    const { txn } = leader.proposals.at(-1) ?? {};
    expect(leader.txns.length).toBe(before + 1);
    return txn?.type === 'error' ? txn.error : txn?.type === 'multi' ? JSON.stringify(txn.txns) : txn?.type;
  };

  test.each<[string, Operation]>([
    ['create.session', make('no slash')],
    ['delete.session', remove('no slash')],
    ['set-data.session', set('no slash')],
    ['set-acl.session', setACL('no slash', null)],
    ['request.unreadable-write', { op: 'unreadable', code: OP_CODES.setData }],
  ])('%s', (_rule, operation) => {
    expect(strange(operation)).toBe('error SESSIONEXPIRED'.slice(6));
  });

  test('create.session: behind mode and time to live', () => {
    expect(strange(make('/c', { mode: 7 }))).toBe('BADARGUMENTS');
    expect(strange(ttl('/c', 0))).toBe('BADARGUMENTS');
  });

  test('delete.session, set-data.session, set-acl.session and check.session: the same in a multi', () => {
    expect(strange(check('no slash'))).toBe('[{"type":"error","error":"SESSIONEXPIRED"}]');
  });

  test('reconfig.session: behind reconfigEnabled, before what is asked for', () => {
    const operation = { op: 'reconfig', joiningServers: null, leavingServers: '3', newMembers: null } as const;
    const reconfig = { ...operation, curConfigId: -1 as never };
    expect(strange(reconfig)).toBe('RECONFIGDISABLED');
    expect(strange(reconfig, { reconfigEnabled: true })).toBe('SESSIONEXPIRED');
  });

  test('delete-container.unchecked: nobody’s session will do', () => {
    expect(strange({ op: 'deleteContainer', path: '/none' })).toBe('NONODE');
  });
});

describe('what cannot be read', () => {
  const CODES = ['create', 'create2', 'createContainer', 'createTTL', 'delete', 'setData', 'setACL', 'multi'] as const;
  test.each(CODES)('request.unreadable-write: %s takes a zxid', (op) => {
    const { bench, leader, client } = leading();
    const xid = bench.request(client, { op: 'unreadable', code: OP_CODES[op] });
    bench.run(100);
    expect(bench.outcome(client, xid)).toBe('MARSHALLINGERROR');
    expect(leader.txns).toEqual(['createSession', 'error MARSHALLINGERROR']);
    expect(bench.closed(client)).toBe(false);
  });

  test.each(['exists', 'getData', 'multiRead', 'addWatch'] as const)('request.unreadable-read: %s takes none', (op) => {
    const { bench, leader, client } = leading();
    const xid = bench.request(client, { op: 'unreadable', code: OP_CODES[op] });
    expect(bench.outcome(client, xid)).toBe('MARSHALLINGERROR');
    expect(leader.txns).toEqual(['createSession']);
  });

  test('request.unimplemented: answered, then the connection is closed', () => {
    const { bench, leader, client } = leading();
    const xid = bench.request(client, { op: 'unknown', code: 999 });
    expect(bench.outcome(client, xid)).toBe('UNIMPLEMENTED');
    expect(bench.closed(client)).toBe(true);
    expect(leader.txns).toEqual(['createSession']);
  });

  test('check.alone: takes a zxid; a failure is told, and success is not', () => {
    const { bench, leader, client } = leading();
    const ask = (path: string, version: number) => bench.request(client, { op: 'check', path, version });
    const xids = [ask('/none', -1), ask('/', 4), ask('a', -1), ask('/', -1)];
    bench.run(100);
    expect(xids.map((xid) => bench.outcome(client, xid))).toEqual(['NONODE', 'BADVERSION', 'BADARGUMENTS', undefined]);
    expect(bench.closed(client)).toBe(false);
    expect(leader.txns).toHaveLength(5);
  });

  test('request.sasl: a token is answered with none and takes no zxid; without one the connection ends', () => {
    const { bench, leader, client } = leading();
    const xid = bench.request(client, { op: 'sasl', token: new Uint8Array([1]) });
    expect(bench.packets(client).at(-1)).toMatchObject({ type: 'Reply', xid, zxid: 0, error: null, result: null });
    bench.request(client, { op: 'sasl', token: null });
    expect(bench.closed(client)).toBe(true);
    expect(leader.txns).toEqual(['createSession']);
  });

  test('read.multi: one that holds writes fails with an answer begun', () => {
    const { bench, client } = leading();
    const xid = bench.request(client, { op: 'multiRead', ops: [{ op: 'delete', path: '/a', version: -1 }] });
    expect(bench.packets(client).at(-1)).toMatchObject({ xid, error: 'MARSHALLINGERROR', result: { results: [] } });
  });

  test('request.refused-early: neither what there is not, nor what comes too long or too early, takes a zxid', () => {
    const { bench, leader, client } = leading({ juteMaxBuffer: 1000 });
    const [long, unknown] = [bench.established(connected(bench)), bench.established(connected(bench))];
    const before = leader.txns.length;
    bench.request(unknown, { op: 'unknown', code: 999 });
    bench.request(long, { ...make('/long'), data: new Uint8Array(1000) });
    expect(bench.closed(unknown) && bench.closed(long)).toBe(true);
    bench.run(100);
    expect(leader.txns).toHaveLength(before);
    bench.request(client, make('/c'));
    expect(leader.proposals.at(-1)?.header.zxid).toBe(makeZxid(1, before + 1));
  });
});

describe('what comes back', () => {
  const answer = (operation: Operation): unknown => {
    const { bench, client } = leading();
    const xid = bench.request(client, operation);
    bench.run(100);
    return bench.result(client, xid);
  };

  test('create.reply: the path, and of the newer requests the Stat', () => {
    expect(answer(make('/c'))).toEqual({ path: '/c' });
    for (const each of [
      make('/c', { op: 'create2' }),
      make('/c', { op: 'createContainer', mode: 'CONTAINER' }),
      ttl('/c', 9),
    ])
      expect(answer(each)).toMatchObject({ path: '/c', stat: { version: 0, numChildren: 0 } });
  });

  describe('mode.sequential: numbered names, and the owner of the plain mode', () => {
    test.each<[CreateMode, owner: boolean, Partial<CreateOperation>]>([
      ['PERSISTENT_SEQUENTIAL', false, {}],
      ['EPHEMERAL_SEQUENTIAL', true, {}],
      ['PERSISTENT_SEQUENTIAL_WITH_TTL', false, { op: 'createTTL', ttl: 9 }],
    ])('%s', (mode, owned, more) => {
      const { bench, client } = leading();
      const xids = [1, 2].map(() => bench.request(client, make('/s-', { mode, ...more })));
      bench.run(100);
      const paths = xids.map((xid) => bench.result(client, xid)?.path ?? '');
      expect(paths).toEqual(['/s-0000000000', '/s-0000000001']);
      for (const path of paths) {
        expect(bench.db.dataTree.stat(path)?.ephemeralOwner).toBe(owned ? client.sessionId : NO_SESSION);
        expect(bench.db.dataTree.getTtls().includes(path)).toBe(mode.endsWith('TTL'));
      }
    });
  });
});

describe('what is logged', () => {
  const logged = (...operations: readonly Operation[]): LoggedTxn['txn'] | undefined => {
    const { bench, leader, client } = leading();
    for (const operation of operations) bench.request(client, operation);
    return leader.proposals.at(-1)?.txn;
  };

  test('each create has a transaction type of its own, whatever its mode', () => {
    expect(logged(make('/c', { mode: 'CONTAINER' }))).toMatchObject({ type: 'create', ephemeral: false });
    expect(logged(make('/c', { op: 'create2', mode: 'EPHEMERAL' }))).toMatchObject({
      type: 'create2',
      ephemeral: true,
    });
    expect(logged(make('/c', { op: 'createContainer' }))).toMatchObject({ type: 'createContainer', parentCVersion: 1 });
    expect(logged(ttl('/c', 9))).toMatchObject({ type: 'createTTL', ttl: 9 });
  });

  test('setACL tells the new aversion, deleteContainer the path', () => {
    expect(logged(make('/c'), setACL('/c', nothing))).toEqual({
      type: 'setACL',
      path: '/c',
      acl: nothing,
      version: 1,
    });
    expect(logged(make('/c'), { op: 'deleteContainer', path: '/c' })).toEqual({ type: 'deleteContainer', path: '/c' });
  });

  test('a reconfig is refused while it is disabled, and by a server without an ensemble', () => {
    const reconfig = { op: 'reconfig', joiningServers: null, leavingServers: '3', newMembers: null, curConfigId: -1 };
    const { bench, client } = leading();
    const xid = bench.request(client, reconfig as Operation);
    bench.run(100);
    expect(bench.outcome(client, xid)).toBe('RECONFIGDISABLED');
  });

  test('set-acl.in-flight: the old list holds until the new one is applied', () => {
    const { bench, leader, client } = leading();
    bench.request(client, make('/a'));
    bench.run(100);
    leader.auto = false;
    const locked = bench.request(client, setACL('/a', nothing));
    const inFlight = bench.request(client, set('/a'));
    leader.commit(2);
    const behind = bench.request(client, set('/a'));
    leader.commit();
    expect([locked, inFlight, behind].map((xid) => bench.outcome(client, xid))).toEqual(['OK', 'OK', 'NOAUTH']);
  });

  test('the records of the root and of the root as a parent are two', () => {
    const { leader, client, bench } = leading();
    leader.auto = false;
    bench.request(client, create('/a'));
    bench.request(client, set('/', 0));
    const both = leader.zk.outstandingChanges;
    expect(both.get('')?.stat).toMatchObject({ cversion: 1, version: 0 });
    expect(both.get('/')?.stat).toMatchObject({ cversion: 0, version: 1 });
    expect(both.get('/')?.zxid).toBe(leader.proposals.at(-1)?.header.zxid);
  });
});
