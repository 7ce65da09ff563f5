/** The calls with promises: what they ask for, and failures as results. */
import { describe, expect, it } from 'vitest';
import { toOperation, ZooKeeper } from '../../../src/client/index.ts';
import type { ClientOp, TraceResult } from '../../../src/protocol/events.ts';
import type { KeeperError } from '../../../src/protocol/errors.ts';
import { statOf } from './rig.ts';

function clientWith(error: KeeperError | null, result: TraceResult | null) {
  const asked: ClientOp[] = [];
  const call = (request: ClientOp) => {
    asked.push(request);
    return Promise.resolve({ error, result });
  };
  return { zk: new ZooKeeper({ call }), asked };
}

describe('ZooKeeper', () => {
  it('asks in the names of scenarios', async () => {
    const { zk, asked } = clientWith(null, {
      path: '/a0000000001',
      stat: statOf(),
      data: 'v',
      children: ['b'],
      paths: ['/e'],
      number: 4,
    });
    expect(await zk.create('/a', 'v', 'EPHEMERAL_SEQUENTIAL')).toEqual({ ok: true, value: '/a0000000001' });
    expect(await zk.getData('/a', true)).toEqual({ ok: true, value: { data: 'v', stat: statOf() } });
    expect(await zk.setData('/a', 'w', 2)).toEqual({ ok: true, value: statOf() });
    expect(await zk.getChildren('/a')).toEqual({ ok: true, value: { children: ['b'], stat: statOf() } });
    expect(await zk.exists('/a')).toEqual({ ok: true, value: statOf() });
    expect(await zk.getEphemerals()).toEqual({ ok: true, value: ['/e'] });
    expect(await zk.getAllChildrenNumber('/')).toEqual({ ok: true, value: 4 });
    expect(await zk.delete('/a')).toEqual({ ok: true, value: null });
    expect((await zk.sync('/')).ok).toBe(true);
    await zk.close();
    expect(asked.map(({ op }) => op)).toEqual([
      ...['create', 'get', 'set', 'ls', 'stat', 'getEphemerals', 'getAllChildrenNumber', 'delete', 'sync', 'close'],
    ]);
    expect(asked[0]).toEqual({ op: 'create', path: '/a', data: 'v', mode: 'EPHEMERAL_SEQUENTIAL' });
  });

  it('asks for what the rest of the API has', async () => {
    const acl = [{ perms: 31, scheme: 'world', id: 'anyone' }];
    const ids = [{ scheme: 'ip', user: '127.0.0.1' }];
    const { zk, asked } = clientWith(null, { acl, ids, stat: statOf(), data: 'version=0', results: [{ op: 'check' }] });
    expect(await zk.getACL('/a')).toEqual({ ok: true, value: { acl, stat: statOf() } });
    expect(await zk.setACL('/a', 'world:anyone:r', 2)).toEqual({ ok: true, value: statOf() });
    expect(await zk.addAuthInfo('digest', 'a:b')).toEqual({ ok: true, value: null });
    expect(await zk.whoAmI()).toEqual({ ok: true, value: ids });
    expect(await zk.multi([{ op: 'check', path: '/a', version: 0 }])).toEqual({ ok: true, value: [{ op: 'check' }] });
    expect(await zk.addWatch('/a', 'PERSISTENT')).toEqual({ ok: true, value: null });
    expect(await zk.getConfig()).toEqual({ ok: true, value: { data: 'version=0', stat: statOf() } });
    await zk.reconfigure({ leaving: '3' });
    await zk.removeWatches('/a', 'Data');
    await zk.removeAllWatches('/a');
    expect(asked.map(({ op }) => op)).toEqual([
      ...['getAcl', 'setAcl', 'addauth', 'whoami', 'multi', 'addWatch', 'config', 'reconfig'],
      ...['removeWatches', 'removewatches'],
    ]);
    for (const request of asked) expect(toOperation(request)).toMatchObject({ ok: true });
  });

  it('a failed multi tells what each operation came to', async () => {
    const results = [{ op: 'error', error: 'NONODE' }] as const;
    expect(await clientWith('NONODE', { results }).zk.multi([])).toMatchObject({ ok: false, error: 'NONODE', results });
  });

  it('client.connection-loss: is marked indefinite, other failures are not', async () => {
    expect(await clientWith('CONNECTIONLOSS', null).zk.setData('/a', 'x')).toEqual({
      ok: false,
      error: 'CONNECTIONLOSS',
      indefinite: true,
    });
    expect(await clientWith('BADVERSION', null).zk.delete('/a', 3)).toEqual({
      ok: false,
      error: 'BADVERSION',
      indefinite: false,
    });
  });

  it('a node that does not exist is an answer of exists', async () => {
    expect(await clientWith('NONODE', null).zk.exists('/a')).toEqual({ ok: true, value: null });
    expect((await clientWith('NONODE', null).zk.getData('/a')).ok).toBe(false);
  });
});
