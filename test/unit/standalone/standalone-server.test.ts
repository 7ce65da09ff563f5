/** A server without an ensemble: what it serves, and what it keeps over a kill. */
import { describe, expect, it } from 'vitest';
import { formatZxid } from '../../../src/protocol/zxid.ts';
import { Ensemble } from '../../helpers/ensemble.ts';

const alice = { name: 'alice', server: 1, sessionTimeout: 6000 };

describe('a server that stands alone', () => {
  it('serves at once, from zxid 0 and without an epoch', async () => {
    const lab = await Ensemble.open({ servers: 1, clients: [alice] });
    await lab.connected('alice');
    expect(await lab.create('alice', '/a')).toBeNull();
    expect(lab.server(1)).toMatchObject({ state: 'STANDALONE', serving: true, currentEpoch: 0 });
    // One zxid for the session, one for the create.
    expect(formatZxid(lab.server(1).lastProcessed)).toBe('0x2');
    expect(lab.events('election-started')).toEqual([]);
  });

  it('storage.recovery: keeps after a kill what it has acknowledged', async () => {
    const lab = await Ensemble.open({ servers: 1, clients: [alice] });
    for (const path of ['/a', '/b', '/c']) {
      await lab.connected('alice');
      expect(await lab.create('alice', path)).toBeNull();
      await lab.kill(1);
      await lab.restart(1);
      // The client has heard of the kill by then.
      await lab.run(100);
    }
    await lab.connected('alice');
    expect(lab.paths()).toEqual(['/a', '/b', '/c']);
  });

  it('request.standalone-commit: a write is applied when the log has it, and a read behind it waits for that', async () => {
    const lab = await Ensemble.open({ servers: 1, clients: [alice], fsync: [500, 500] });
    await lab.connected('alice');
    const before = lab.events('returned').length;
    await lab.act({ do: 'request', client: 'alice', op: 'create', path: '/a' });
    await lab.act({ do: 'request', client: 'alice', op: 'ls', path: '/' });
    await lab.run(400);
    expect(lab.events('returned')).toHaveLength(before);
    await lab.run(400);
    expect(lab.events('returned').slice(before)).toMatchObject([
      { error: null, result: { path: '/a' } },
      { error: null, result: { children: ['a', 'zookeeper'] } },
    ]);
    const [committed] = lab.events('committed').slice(-1);
    expect(committed?.rule).toBe('request.standalone-commit');
    // The log was durable first.
    const durable = lab.events('log-durable').at(-1);
    expect(durable && committed && durable.id < committed.id).toBe(true);
  });

  it('commits in the step that brings the write where it need not wait for its disk', async () => {
    const lab = await Ensemble.open({ servers: 1, clients: [alice], zoo: { forceSync: false } });
    await lab.connected('alice');
    expect(await lab.create('alice', '/a')).toBeNull();
    for (const { id, causes } of lab.events('committed')) expect(Math.max(...causes)).toBeLessThan(id);
  });

  it('with standaloneEnabled off it is an ensemble of one', async () => {
    const lab = await Ensemble.open({ servers: 1, zoo: { standaloneEnabled: false } });
    expect(await lab.settled()).toBe(1);
    expect(lab.server(1)).toMatchObject({ state: 'LEADING', currentEpoch: 1 });
  });
});
