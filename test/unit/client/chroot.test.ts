/** A handle below a path of the tree, as `ZooKeeper` with a connect string that ends in one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chroot } from '../../../src/client/chroot.ts';
import type { Operation } from '../../../src/protocol/operations.ts';
import { Rig, statOf, z } from './rig.ts';

function below(chroot: string): Rig {
  const rig = new Rig({ chroot }).establish();
  rig.take();
  return rig;
}
const sent = (rig: Rig): readonly Operation[] =>
  rig.take().flatMap((packet) => (packet.type === 'Request' ? [packet.operation] : []));

describe('chroot', () => {
  it('client.chroot: paths go out with the prefix; the root is the chroot itself, but is not deleted', () => {
    const rig = below('/app');
    rig.request('create', { path: '/a' });
    rig.request('ls', { path: '/' });
    rig.request('delete', { path: '/a' });
    rig.request('delete', { path: '/' });
    rig.request('addWatch', { path: '/' });
    rig.request('multi', {
      ops: [
        { op: 'create', path: '/x' },
        { op: 'delete', path: '/' },
      ],
    });
    expect(sent(rig)).toMatchObject([
      { op: 'create2', path: '/app/a' },
      { op: 'getChildren2', path: '/app' },
      { op: 'delete', path: '/app/a' },
      { op: 'delete', path: '/' },
      { op: 'addWatch', path: '/app' },
      { op: 'multi', ops: [{ path: '/app/x' }, { path: '/app' }] },
    ]);
  });

  it('client.chroot: results come back without it', () => {
    const rig = below('/app');
    rig.request('create', { path: '/a' });
    rig.reply(1, { result: { path: '/app/a', stat: statOf() } });
    rig.request('sync', { path: '/' });
    rig.reply(2, { result: { path: '/app' } });
    expect(rig.of('returned').map(({ result }) => result?.path)).toEqual(['/a', '/']);
  });

  it('the older create takes no Stat, though the answer for a container brings one', () => {
    const rig = below('');
    rig.request('create', { path: '/a', mode: 'CONTAINER', stat: false });
    rig.reply(1, { result: { path: '/a', stat: statOf() } });
    expect(rig.of('returned').at(-1)?.result).toEqual({ path: '/a' });
  });

  it('client.chroot-bare: getEphemerals and config know no chroot, and results of a multi keep it', () => {
    const rig = below('/app');
    rig.request('getEphemerals');
    rig.request('config');
    rig.request('multi', { ops: [{ op: 'create', path: '/x' }] });
    expect(sent(rig)).toMatchObject([{ prefix: '/' }, { path: '/zookeeper/config' }, { op: 'multi' }]);
    rig.reply(1, { result: { paths: ['/app/e', '/other'] } });
    rig.reply(2, { result: { data: null, stat: statOf() } });
    rig.reply(3, { result: { results: [{ op: 'create', path: '/app/x' }] } });
    expect(rig.of('returned').map(({ result }) => result?.paths ?? result?.results)).toEqual([
      ['/app/e', '/other'],
      undefined,
      [{ op: 'create', path: '/app/x' }],
    ]);
  });

  it('client.chroot-event: events carry the client’s paths, and watches are set again with the server’s', () => {
    const rig = below('/app');
    rig.request('stat', { path: '/a', watch: true });
    rig.reply(1, { error: 'NONODE' });
    rig.request('ls', { path: '/', watch: true });
    rig.reply(2, { result: { children: [], stat: statOf() } });
    rig.hangUp();
    rig.after(1000);
    rig.connected();
    rig.accept();
    expect(sent(rig).at(-1)).toMatchObject({ op: 'setWatches', existWatches: ['/app/a'], childWatches: ['/app'] });
    rig.packet({ type: 'WatchEvent', event: 'NodeCreated', path: '/app/a', zxid: z(2) });
    rig.packet({ type: 'WatchEvent', event: 'NodeChildrenChanged', path: '/app', zxid: z(2) });
    expect(rig.watchEvents().slice(-2)).toEqual([
      'NodeCreated SyncConnected /a',
      'NodeChildrenChanged SyncConnected /',
    ]);
  });

  it('client.chroot: there and back is the same path; "/" is none', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '.'), minLength: 1, maxLength: 3 });
    const path = fc.array(name, { maxLength: 4 }).map((names) => `/${names.join('/')}`);
    fc.assert(
      fc.property(path, path, (root, own) => {
        const chroot = new Chroot(root);
        expect(chroot.event(chroot.toServer(own))).toBe(own);
        if (root === '/') expect(chroot.toServer(own)).toBe(own);
      }),
    );
  });
});
