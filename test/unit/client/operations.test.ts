/** From operations as people write them to requests: names, defaults, and what the client itself refuses. */
import { describe, expect, it } from 'vitest';
import { CLIENT_OPS, toAcl, toOperation } from '../../../src/client/index.ts';
import { OPEN_ACL_UNSAFE, PERMS } from '../../../src/protocol/znode.ts';

const EXCEPTION = { ok: false, error: 'BADARGUMENTS', throws: 'IllegalArgumentException' };
const operationOf = (request: { readonly op: string; readonly [key: string]: unknown }) => {
  const made = toOperation(request);
  return made.ok ? made.operation : made;
};

describe('toOperation', () => {
  it.each([
    [
      { op: 'create', path: '/a' },
      { op: 'create2', path: '/a', data: null, acl: OPEN_ACL_UNSAFE, mode: 'PERSISTENT' },
    ],
    [
      { op: 'create', path: '/a', stat: false },
      { op: 'create', mode: 'PERSISTENT' },
    ],
    [{ op: 'create', path: '/a/', mode: 'PERSISTENT_SEQUENTIAL' }, { path: '/a/' }],
    [{ op: 'create', path: '/a', mode: 'CONTAINER' }, { op: 'createContainer' }],
    [
      { op: 'create', path: '/a', mode: 'PERSISTENT_WITH_TTL', ttl: 5 },
      { op: 'createTTL', ttl: 5 },
    ],
    [{ op: 'create', path: '/a', acl: null }, { acl: null }],
    [{ op: 'create', path: '/a', acl: [] }, { acl: [] }],
    [{ op: 'create', path: '/a', acl: 'world:anyone:r' }, { acl: [{ perms: 1, scheme: 'world', id: 'anyone' }] }],
    [{ op: 'create', path: '/a', data: { base64: '/w==' } }, { data: new Uint8Array([255]) }],
    [
      { op: 'delete', path: '/a' },
      { op: 'delete', path: '/a', version: -1 },
    ],
    [
      { op: 'get', path: '/a', watch: true },
      { op: 'getData', path: '/a', watch: true },
    ],
    [
      { op: 'set', path: '/a', data: 'x', version: 3 },
      { op: 'setData', path: '/a', version: 3 },
    ],
    [
      { op: 'ls', path: '/a' },
      { op: 'getChildren2', path: '/a', watch: false },
    ],
    [
      { op: 'ls', path: '/a', stat: false, watch: true },
      { op: 'getChildren', path: '/a', watch: true },
    ],
    [
      { op: 'stat', path: '/a' },
      { op: 'exists', path: '/a', watch: false },
    ],
    [
      { op: 'sync', path: '/a' },
      { op: 'sync', path: '/a' },
    ],
    [
      { op: 'getAcl', path: '/a' },
      { op: 'getACL', path: '/a' },
    ],
    [
      { op: 'setAcl', path: '/a', acl: null },
      { op: 'setACL', path: '/a', acl: null, version: -1 },
    ],
    [
      { op: 'addauth', scheme: 'digest', auth: 'a:b' },
      { op: 'auth', scheme: 'digest', auth: new TextEncoder().encode('a:b') },
    ],
    [
      { op: 'addWatch', path: '/a', mode: 'PERSISTENT' },
      { op: 'addWatch', path: '/a', mode: 0 },
    ],
    [
      { op: 'addWatch', path: '/a' },
      { op: 'addWatch', path: '/a', mode: 1 },
    ],
    [
      { op: 'removewatches', path: '/a' },
      { op: 'removeWatches', path: '/a', watcherType: 3 },
    ],
    [
      { op: 'removeWatches', path: '/a', type: 'Data' },
      { op: 'checkWatches', path: '/a', watcherType: 2 },
    ],
    [
      { op: 'reconfig', leaving: '2' },
      { op: 'reconfig', joiningServers: null, leavingServers: '2', newMembers: null, curConfigId: -1 },
    ],
    [
      { op: 'config', watch: true },
      { op: 'getData', path: '/zookeeper/config', watch: true },
    ],
    [{ op: 'whoami' }, { op: 'whoAmI' }],
    [{ op: 'getEphemerals' }, { op: 'getEphemerals', prefix: '/' }],
    [
      { op: 'getAllChildrenNumber', path: '/' },
      { op: 'getAllChildrenNumber', path: '/' },
    ],
    [{ op: 'close' }, { op: 'closeSession' }],
  ])('client.arguments: %j', (request, operation) => {
    expect(operationOf(request)).toMatchObject(operation);
  });

  it('has a request for each name that it announces', () => {
    for (const op of Object.keys(CLIENT_OPS)) {
      const { ok } = toOperation({ op, path: '/a', scheme: 'digest', acl: null, ops: [] });
      expect([op, ok]).toEqual([op, true]);
    }
  });

  it.each([
    [{ op: 'get', path: 5 }],
    [{ op: 'get', path: '/a', watch: 'yes' }],
    [{ op: 'set', path: '/a', version: 1.5 }],
    [{ op: 'set', path: '/a', version: 2 ** 31 }],
    [{ op: 'set', path: '/a', data: 5 }],
    [{ op: 'set', path: '/a', data: { base64: '?' } }],
    [{ op: 'create', path: '/a', mode: 'ETERNAL' }],
    [{ op: 'create', path: '/a', acl: 'world:anyone' }],
    [{ op: 'create', path: '/a', acl: [{ scheme: 'world', id: 'anyone', perms: 'x' }] }],
    [{ op: 'setAcl', path: '/a' }],
    [{ op: 'addauth', auth: 'x' }],
    [{ op: 'addWatch', path: '/a', mode: 'STANDARD' }],
    [{ op: 'removewatches', path: '/a', type: 'None' }],
    [{ op: 'multi' }],
    [{ op: 'multi', ops: [null] }],
    [{ op: 'multi', ops: [{ op: 'sync', path: '/a' }] }],
    [{ op: 'multi', ops: [{ op: 'set', path: '/a', version: 'x' }] }],
    [{ op: 'fly' }],
    [{ op: 'toString' }],
    [{}],
  ])('client.arguments: Java has no such call as %j', (request) => {
    const refused = toOperation(request as never);
    expect(refused).toMatchObject({ ok: false, error: 'BADARGUMENTS' });
    expect(refused).not.toHaveProperty('throws');
    expect(!refused.ok && refused.reason.length).toBeGreaterThan(10);
  });

  it.each(['', 'a', '/a/', '//', '/a//b', '/a/./b', '/..', '/\0', null, undefined])(
    'client.arguments: the path %j is an exception',
    (path) => {
      for (const op of ['get', 'set', 'delete', 'ls', 'stat', 'sync', 'getAcl', 'addWatch', 'removewatches']) {
        expect(toOperation({ op, path } as never)).toMatchObject(EXCEPTION);
      }
    },
  );

  it.each([
    ['PERSISTENT_WITH_TTL', 0, false],
    ['PERSISTENT_WITH_TTL', -5, false],
    ['PERSISTENT_WITH_TTL', undefined, false],
    ['PERSISTENT_WITH_TTL', 1, true],
    ['PERSISTENT_SEQUENTIAL_WITH_TTL', 2 ** 40 - 1, true],
    ['PERSISTENT_SEQUENTIAL_WITH_TTL', 2 ** 40, false],
    ['PERSISTENT', 1000, false],
    ['EPHEMERAL', 0, false],
    ['CONTAINER', -1, true],
  ])('client.ttl: mode %s with ttl %s', (mode, ttl, ok) => {
    const request = { op: 'create', path: '/t', mode, ...(ttl === undefined ? {} : { ttl }) };
    if (ok) expect(toOperation(request)).toMatchObject({ ok });
    else expect(toOperation(request)).toMatchObject(EXCEPTION);
  });

  it('client.ttl: the older call knows none', () => {
    expect(toOperation({ op: 'create', path: '/t', mode: 'PERSISTENT_WITH_TTL', ttl: 5, stat: false })).toMatchObject(
      EXCEPTION,
    );
  });
});

describe('multi', () => {
  const multi = (...ops: readonly unknown[]) => toOperation({ op: 'multi', ops });

  it('client.arguments: its operations have the names of the single ones, and no create2', () => {
    const made = multi(
      { op: 'create', path: '/a' },
      { op: 'create', path: '/t', mode: 'PERSISTENT_WITH_TTL', ttl: 9 },
      { op: 'set', path: '/a', data: 'x', version: 1 },
      { op: 'check', path: '/a' },
      { op: 'delete', path: '/a' },
    );
    expect(made).toMatchObject({ ok: true, operation: { op: 'multi' } });
    const parts = made.ok && 'ops' in made.operation ? made.operation.ops : [];
    expect(parts.map(({ op }) => op)).toEqual(['create', 'createTTL', 'setData', 'check', 'delete']);
    expect(multi({ op: 'get', path: '/a' }, { op: 'ls', path: '/' })).toMatchObject({
      operation: { op: 'multiRead', ops: [{ op: 'getData' }, { op: 'getChildren' }] },
    });
  });

  it('client.multi-kinds: reads and writes together are an exception', () => {
    expect(multi({ op: 'get', path: '/a' }, { op: 'set', path: '/a', data: 'y' })).toMatchObject(EXCEPTION);
  });

  it('client.multi-paths: a bad path is the result of its operation, and the client’s own answer', () => {
    const refused = multi({ op: 'create', path: '/a' }, { op: 'delete', path: 'b' }, { op: 'get', path: '/c' });
    expect(refused).toMatchObject({
      ok: false,
      error: 'BADARGUMENTS',
      results: ['RUNTIMEINCONSISTENCY', 'BADARGUMENTS', 'RUNTIMEINCONSISTENCY'].map((error) => ({
        op: 'error',
        error,
      })),
    });
    expect(refused).not.toHaveProperty('throws');
  });
});

describe('toAcl', () => {
  it('reads text as zkCli does: scheme up to the first colon, permissions behind the last', () => {
    expect(toAcl('digest:bob:a=b:cdrwa,ip:127.0.0.1:r,auth::')).toEqual([
      { scheme: 'digest', id: 'bob:a=b', perms: PERMS.ALL },
      { scheme: 'ip', id: '127.0.0.1', perms: PERMS.READ },
      { scheme: 'auth', id: '', perms: 0 },
    ]);
  });

  it('takes lists with letters or numbers, and tells what is wrong', () => {
    expect(toAcl([{ scheme: 'world', id: 'anyone', perms: 'rw' }])).toEqual([
      { scheme: 'world', id: 'anyone', perms: 3 },
    ]);
    expect(toAcl([{ scheme: 'world', id: 'anyone', perms: 31 }])).toEqual(OPEN_ACL_UNSAFE);
    for (const bad of ['', 'x', 'a:b', 'world:anyone:z', [5], [{ scheme: 'ip' }], 7, {}])
      expect(toAcl(bad)).toMatch(/acl/);
  });
});
