/** The calls with promises: what they ask for, and failures as results. */
import { describe, expect, it } from 'vitest';
import { ZooKeeper } from '../../../src/client/index.ts';
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
