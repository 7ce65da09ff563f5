/** The client's side of watches (`ZKWatchManager`, `primeConnection`). */
import { describe, expect, it } from 'vitest';
import { SET_WATCHES_MAX_LENGTH, WatchRegisters } from '../../../src/client/watches.ts';
import { Rig, z } from './rig.ts';

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
  it('client.watch-registered client.set-watches: the answers decide which register holds a watch', () => {
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

  it.each([
    ['NodeCreated', '/missing', ['/data', '/here'], [], ['/parent']],
    ['NodeDataChanged', '/here', ['/data'], ['/missing'], ['/parent']],
    ['NodeDeleted', '/data', ['/here'], ['/missing'], ['/parent']],
    ['NodeDeleted', '/parent', ['/data', '/here'], ['/missing'], []],
    ['NodeChildrenChanged', '/parent', ['/data', '/here'], ['/missing'], []],
  ] as const)('client.watch-materialized: %s on %s takes out what it fulfils', (event, path, data, exist, child) => {
    const rig = watching();
    rig.packet({ type: 'WatchEvent', event, path, zxid: z(9) });
    reconnect(rig);
    expect(rig.take()[1]).toMatchObject({ operation: { dataWatches: data, existWatches: exist, childWatches: child } });
  });

  it('client.watch-materialized: an event that nobody waits for is told to nobody', () => {
    const rig = watching();
    const before = rig.of('watch-event').length;
    rig.packet({ type: 'WatchEvent', event: 'NodeChildrenChanged', path: '/data', zxid: z(9) });
    expect(rig.of('watch-event')).toHaveLength(before);
  });

  it('client.set-watches: long lists go in batches, data watches in the first', () => {
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
