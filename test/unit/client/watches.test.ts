/** The client's side of watches (`ZKWatchManager`, `primeConnection`). */
import { describe, expect, it } from 'vitest';
import { SET_WATCHES_MAX_LENGTH, WatchRegisters } from '../../../src/client/watches.ts';
import type { KeeperError } from '../../../src/protocol/errors.ts';
import { XID, type NodeEventType } from '../../../src/protocol/operations.ts';
import { Rig, statOf, z } from './rig.ts';

function watching(): Rig {
  const rig = new Rig().establish();
  rig.request('get', { path: '/data', watch: true });
  rig.request('stat', { path: '/here', watch: true });
  rig.request('stat', { path: '/missing', watch: true });
  rig.request('ls', { path: '/parent', watch: true });
  rig.request('get', { path: '/no', watch: true });
  rig.request('ls', { path: '/no', watch: true });
  rig.request('get', { path: '/plain' });
  rig.reply(1);
  rig.reply(2);
  rig.reply(3, { error: 'NONODE' });
  rig.reply(4);
  rig.reply(5, { error: 'NONODE' });
  rig.reply(6, { error: 'NONODE' });
  rig.reply(7, { zxid: z(5) });
  return rig;
}

/** Loses the connection and finds another. */
function reconnect(rig: Rig): void {
  rig.hangUp();
  rig.after(1000);
  rig.take();
  rig.connected();
  rig.accept();
}

describe('watches', () => {
  it('client.watch-registered client.exists-registered client.set-watches: the answers decide which register holds a watch', () => {
    const rig = watching();
    reconnect(rig);
    expect(rig.take()).toMatchObject([
      { type: 'ConnectRequest' },
      {
        type: 'Request',
        xid: 8,
        operation: {
          op: 'setWatches',
          relativeZxid: z(5),
          dataWatches: ['/data', '/here'],
          existWatches: ['/missing'],
          childWatches: ['/parent'],
        },
      },
    ]);
  });

  it('client.watch-registered: a watch whose answer was lost is not registered', () => {
    const rig = new Rig().establish();
    rig.request('get', { path: '/data', watch: true });
    reconnect(rig);
    expect(rig.take()).toHaveLength(1);
  });

  it('client.set-watches: comes after the ConnectRequest and before what was queued', () => {
    const rig = watching();
    rig.hangUp();
    rig.request('set', { path: '/queued', data: 'x' });
    rig.after(1000);
    rig.take();
    rig.connected();
    expect(rig.take().map(({ type }) => type)).toEqual(['ConnectRequest']);
    rig.accept();
    const sent = rig.take().map((packet) => (packet.type === 'Request' ? packet.operation.op : packet.type));
    expect(sent).toEqual(['setWatches', 'setData']);
    rig.reply(8);
    rig.reply(9);
    expect(rig.returned().at(-1)).toBe('set OK');
  });

  it('client.set-watches: each of several is sent before the queue and answered in turn', () => {
    const rig = new Rig().establish();
    const long = (i: number) => `/${String(i).repeat(70_000)}`;
    for (const i of [1, 2, 3]) {
      rig.request('get', { path: long(i), watch: true });
      rig.reply(i);
    }
    rig.hangUp();
    rig.request('get', { path: '/queued' });
    rig.after(1000);
    rig.take();
    rig.connected();
    rig.accept();
    // The real client pushes each batch to the front of its queue, so the last goes first.
    expect(rig.take().slice(1)).toMatchObject([
      { xid: 4, operation: { op: 'setWatches', dataWatches: [long(3)] } },
      { xid: 5, operation: { op: 'setWatches', dataWatches: [long(1), long(2)] } },
      { xid: 6, operation: { op: 'getData', path: '/queued' } },
    ]);
    for (const xid of [4, 5, 6]) rig.reply(xid);
    expect(rig.returned().at(-1)).toBe('get OK');
  });

  it('client.watch-materialized: an event is told once, with the zxid of its transaction', () => {
    const rig = watching();
    rig.packet({ type: 'WatchEvent', event: 'NodeDataChanged', path: '/data', zxid: z(9) });
    rig.packet({ type: 'WatchEvent', event: 'NodeDataChanged', path: '/data', zxid: z(10) });
    expect(rig.of('watch-event').slice(1)).toEqual([
      { kind: 'watch-event', type: 'NodeDataChanged', state: 'SyncConnected', path: '/data', zxid: z(9) },
    ]);
  });

  describe('client.fulfilled-by-change, client.fulfilled-by-delete, client.fulfilled-by-children', () => {
    it.each([
      ['client.fulfilled-by-change', 'NodeCreated', '/missing', ['/data', '/here'], [], ['/parent']],
      ['client.fulfilled-by-change', 'NodeDataChanged', '/here', ['/data'], ['/missing'], ['/parent']],
      ['client.fulfilled-by-delete', 'NodeDeleted', '/data', ['/here'], ['/missing'], ['/parent']],
      ['client.fulfilled-by-delete', 'NodeDeleted', '/parent', ['/data', '/here'], ['/missing'], []],
      ['client.fulfilled-by-children', 'NodeChildrenChanged', '/parent', ['/data', '/here'], ['/missing'], []],
    ] as const)('%s: %s on %s takes out what it fulfils', (rule, event, path, data, exist, child) => {
      const rig = watching();
      rig.packet({ type: 'WatchEvent', event, path, zxid: z(9) });
      expect(rig.events.findLast(({ body }) => body.kind === 'watch-event')?.rule).toBe(rule);
      reconnect(rig);
      expect(rig.take()[1]).toMatchObject({
        operation: { dataWatches: data, existWatches: exist, childWatches: child },
      });
    });
  });

  it('client.watch-unmatched: an event that nobody waits for is told to nobody', () => {
    const rig = watching();
    const before = rig.of('watch-event').length;
    rig.packet({ type: 'WatchEvent', event: 'NodeChildrenChanged', path: '/data', zxid: z(9) });
    expect(rig.of('watch-event')).toHaveLength(before);
  });

  it('client.set-watches-batch: long lists go in batches, data watches in the first', () => {
    const registers = new WatchRegisters();
    const path = (i: number) => `/${String(i).padStart(1023, '0')}`;
    for (let i = 0; i < 200; i++) registers.onReply({ op: 'getData', path: path(i), watch: true }, null);
    registers.onReply({ op: 'getChildren2', path: '/child', watch: true }, null);
    const batches = registers.setWatches(z(1));
    expect(batches.map((batch) => [batch.dataWatches.length, batch.childWatches.length])).toEqual([
      [SET_WATCHES_MAX_LENGTH / 1024, 0],
      [200 - SET_WATCHES_MAX_LENGTH / 1024, 1],
    ]);
    expect(batches.flatMap(({ dataWatches }) => dataWatches)).toEqual(Array.from({ length: 200 }, (_, i) => path(i)));
  });
});

describe('persistent watches', () => {
  function persistent(): Rig {
    const rig = new Rig().establish();
    rig.request('addWatch', { path: '/p', mode: 'PERSISTENT' });
    rig.request('addWatch', { path: '/r', mode: 'PERSISTENT_RECURSIVE' });
    rig.reply(1);
    rig.reply(2);
    return rig;
  }
  const event = (rig: Rig, type: NodeEventType, path: string) =>
    rig.packet({ type: 'WatchEvent', event: type, path, zxid: z(9) });

  it('client.add-watch-registered client.watch-stays: tell of every event, and stay', () => {
    const rig = persistent();
    const before = rig.watchEvents().length;
    for (const type of [
      'NodeCreated',
      'NodeDataChanged',
      'NodeDataChanged',
      'NodeChildrenChanged',
      'NodeDeleted',
    ] as const) {
      event(rig, type, '/p');
    }
    expect(rig.watchEvents().length - before).toBe(5);
    event(rig, 'NodeCreated', '/p/c');
    expect(rig.watchEvents().length - before).toBe(5);
    for (const path of ['/r', '/r/a', '/r/a/b']) event(rig, 'NodeCreated', path);
    // Left by a child watch that was forgotten here only: a recursive watch lets it through.
    event(rig, 'NodeChildrenChanged', '/r/a');
    event(rig, 'NodeCreated', '/rr');
    expect(rig.watchEvents().length - before).toBe(9);
  });

  it('client.set-watches2: only a batch with persistent watches is sent in the newer form', () => {
    const rig = persistent();
    rig.request('get', { path: '/d', watch: true });
    rig.reply(3, { result: { data: null, stat: statOf() } });
    reconnect(rig);
    expect(rig.take().at(-1)).toMatchObject({
      operation: {
        op: 'setWatches2',
        dataWatches: ['/d'],
        persistentWatches: ['/p'],
        persistentRecursiveWatches: ['/r'],
      },
    });

    const registers = new WatchRegisters();
    for (let i = 0; i < 3; i++) {
      registers.onReply({ op: 'getData', path: `/${String(i).repeat(70_000)}`, watch: true }, null);
    }
    registers.onReply({ op: 'addWatch', path: '/p', mode: 0 }, null);
    expect(registers.setWatches(z(1)).map(({ op }) => op)).toEqual(['setWatches', 'setWatches2']);
  });
});

describe('removal', () => {
  const removed = (rig: Rig, op: string, args: Record<string, unknown>, error: KeeperError | null = null) => {
    const before = rig.watchEvents().length;
    rig.request(op, args);
    const [sent] = rig.take().slice(-1);
    expect(sent?.type).toBe('Request');
    if (sent?.type === 'Request') rig.reply(sent.xid, { ...(error === null ? {} : { error }) });
    return [rig.returned().at(-1), ...rig.watchEvents().slice(before)];
  };

  it('client.remove-all: one operation asks the server to forget, the other only whether there is a watch', () => {
    const rig = watching();
    rig.take();
    rig.request('removewatches', { path: '/data' });
    rig.request('removeWatches', { path: '/data', type: 'Data' });
    expect(rig.take()).toMatchObject([
      { operation: { op: 'removeWatches', path: '/data', watcherType: 3 } },
      { operation: { op: 'checkWatches', path: '/data', watcherType: 2 } },
    ]);
  });

  it('client.watch-removed client.remove-type: the watcher is told before the caller, once for each kind', () => {
    const rig = watching();
    expect(removed(rig, 'removeWatches', { path: '/data', type: 'Data' })).toEqual([
      'removeWatches OK',
      'DataWatchRemoved SyncConnected /data',
    ]);
    const kinds = rig.events.map(({ body }) => body.kind);
    expect(kinds.lastIndexOf('watch-event')).toBeLessThan(kinds.lastIndexOf('returned'));
    expect(removed(rig, 'removewatches', { path: '/missing', type: 'Data' }).slice(1)).toEqual([
      'DataWatchRemoved SyncConnected /missing',
    ]);
    expect(removed(rig, 'removewatches', { path: '/parent', type: 'Children' }).slice(1)).toEqual([
      'ChildWatchRemoved SyncConnected /parent',
    ]);
    reconnect(rig);
    expect(rig.take().at(-1)).toMatchObject({
      operation: { dataWatches: ['/here'], existWatches: [], childWatches: [] },
    });
  });

  it('client.remove-type: Any takes persistent and recursive watches with it; Data and Children find them, and take none', () => {
    const rig = new Rig().establish();
    for (const [i, mode] of ['PERSISTENT', 'PERSISTENT_RECURSIVE'].entries()) {
      rig.request('addWatch', { path: '/p', mode });
      rig.reply(i + 1);
    }
    rig.request('ls', { path: '/p', watch: true });
    rig.reply(3, { result: { children: [], stat: statOf() } });
    expect(removed(rig, 'removeWatches', { path: '/p', type: 'Data' })).toEqual(['removeWatches NOWATCHER']);
    expect(removed(rig, 'removeWatches', { path: '/p', type: 'Any' })).toEqual([
      'removeWatches OK',
      'ChildWatchRemoved SyncConnected /p',
      'PersistentWatchRemoved SyncConnected /p',
    ]);
    expect(removed(rig, 'removeWatches', { path: '/p', type: 'Any' })).toEqual(['removeWatches NOWATCHER']);
  });

  it('client.no-watcher: what the register does not have is NOWATCHER, whatever the server says', () => {
    const rig = watching();
    expect(removed(rig, 'removewatches', { path: '/no' })).toEqual(['removewatches NOWATCHER']);
    expect(removed(rig, 'removewatches', { path: '/data', type: 'Children' }, 'NOAUTH')).toEqual([
      'removewatches NOWATCHER',
    ]);
    // What the server refuses stays, if it is there.
    expect(removed(rig, 'removeWatches', { path: '/data' }, 'NOWATCHER')).toEqual(['removeWatches NOWATCHER']);
    expect(removed(rig, 'removeWatches', { path: '/data' })).toHaveLength(2);
  });

  it('client.remove-local: without a server a local removal forgets, and another one fails', () => {
    const rig = watching();
    rig.hangUp();
    const before = rig.watchEvents().length;
    rig.request('removewatches', { path: '/data', local: true });
    rig.request('removewatches', { path: '/here', local: false });
    rig.request('removewatches', { path: '/no', local: true });
    rig.after(1000);
    rig.refuse();
    expect(rig.returned().slice(-3)).toEqual([
      'removewatches OK',
      'removewatches CONNECTIONLOSS',
      'removewatches NOWATCHER',
    ]);
    expect(rig.watchEvents().slice(before)).toEqual(['DataWatchRemoved Disconnected /data']);
    rig.after(1000);
    rig.take();
    rig.connected();
    rig.accept();
    expect(rig.take().at(-1)).toMatchObject({ operation: { dataWatches: ['/here'] } });
  });
});

describe('multi and zxids', () => {
  it('client.multi-result: the first error among the results is the error; the results are told', () => {
    const rig = new Rig().establish();
    rig.request('multi', {
      ops: [
        { op: 'check', path: '/a' },
        { op: 'delete', path: '/b' },
      ],
    });
    const results = [
      { op: 'error', error: 'OK' },
      { op: 'error', error: 'NONODE' },
    ] as const;
    rig.reply(1, { result: { results } });
    expect(rig.of('returned')).toMatchObject([{ error: 'NONODE', result: { results } }]);
    expect(rig.of('returned')[0]).not.toHaveProperty('client');
  });

  it('client.multi-empty: is answered at once and never sent', () => {
    const rig = new Rig().establish();
    rig.take();
    rig.request('multi', { ops: [] });
    expect(rig.take()).toEqual([]);
    expect(rig.of('returned')).toMatchObject([{ error: null, result: { results: [] } }]);
  });

  it('client.last-zxid: replies count, failed ones too; pings and events do not', () => {
    const rig = new Rig().establish();
    rig.request('stat', { path: '/a', watch: true });
    rig.reply(1, { error: 'NONODE', zxid: z(4) });
    rig.packet({ type: 'WatchEvent', event: 'NodeCreated', path: '/a', zxid: z(9) });
    rig.packet({ type: 'Reply', xid: XID.ping, zxid: z(9), error: null, result: null });
    reconnect(rig);
    expect(rig.take()[0]).toMatchObject({ type: 'ConnectRequest', lastZxidSeen: z(4) });
  });
});
