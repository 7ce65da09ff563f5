/** Identities of a handle (`ClientCnxn.addAuthInfo`). */
import { describe, expect, it } from 'vitest';
import { XID } from '../../../src/protocol/operations.ts';
import { Rig } from './rig.ts';

function reconnect(rig: Rig): void {
  rig.hangUp();
  rig.after(1000);
  rig.take();
  rig.connected();
  rig.accept();
}
const sentBy = (rig: Rig) =>
  rig.take().map((packet) => {
    if (packet.type !== 'Request') return packet.type;
    const { operation } = packet;
    return operation.op === 'auth' ? `auth ${operation.scheme} ${packet.xid}` : `${operation.op} ${packet.xid}`;
  });

describe('addauth', () => {
  it('client.add-auth: is sent in its turn without a number, and returns at once', () => {
    const rig = new Rig().establish();
    rig.take();
    rig.request('get', { path: '/a' });
    rig.request('addauth', { scheme: 'digest', auth: 'a:b' });
    rig.request('get', { path: '/b' });
    expect(sentBy(rig)).toEqual(['getData 1', `auth digest ${XID.auth}`, 'getData 2']);
    expect(rig.returned()).toEqual(['addauth OK']);
    rig.packet({ type: 'Reply', xid: XID.auth, zxid: rig.z0, error: null, result: null });
    rig.reply(1, { error: 'NONODE' });
    rig.reply(2, { error: 'NONODE' });
    expect(rig.returned()).toEqual(['addauth OK', 'get NONODE', 'get NONODE']);
  });

  it('client.auth-again: each connection begins with all of them, before the watches and the queue', () => {
    const rig = new Rig().establish();
    rig.request('stat', { path: '/a', watch: true });
    rig.reply(1, { error: 'NONODE' });
    rig.request('addauth', { scheme: 'digest', auth: 'a:b' });
    rig.request('addauth', { scheme: 'ip', auth: null });
    rig.hangUp();
    rig.request('get', { path: '/queued' });
    rig.after(1000);
    rig.take();
    rig.connected();
    rig.accept();
    // The real client pushes each to the front of its queue, so the last comes first.
    const auths = [`auth ip ${XID.auth}`, `auth digest ${XID.auth}`];
    expect(sentBy(rig)).toEqual(['ConnectRequest', ...auths, 'setWatches 2', 'getData 3']);
    reconnect(rig);
    expect(sentBy(rig).slice(0, 3)).toEqual(['ConnectRequest', ...auths]);
  });

  it('client.auth-failed: a refused identity ends the handle, and every call with AUTHFAILED', () => {
    const rig = new Rig().establish();
    rig.request('get', { path: '/a' });
    rig.request('addauth', { scheme: 'nosuch', auth: 'x' });
    rig.request('get', { path: '/b' });
    rig.packet({ type: 'Reply', xid: XID.auth, zxid: rig.z0, error: 'AUTHFAILED', result: null });
    expect(rig.states().at(-1)).toBe('AUTH_FAILED');
    expect(rig.watchEvents()).toEqual(['None SyncConnected null', 'None AuthFailed null']);
    rig.request('get', { path: '/c' });
    rig.request('addauth', { scheme: 'digest', auth: 'a:b' });
    rig.request('close');
    expect(rig.returned()).toEqual([
      ...['addauth OK', 'get AUTHFAILED', 'get AUTHFAILED', 'get AUTHFAILED', 'addauth OK', 'close OK'],
    ]);
    rig.after(60_000);
    expect(rig.connects).toHaveLength(1);
    expect(rig.timers).toEqual([]);
  });

  it('client.auth-failed: connect makes a new handle without identities', () => {
    const rig = new Rig().establish();
    rig.request('addauth', { scheme: 'nosuch', auth: 'x' });
    rig.packet({ type: 'Reply', xid: XID.auth, zxid: rig.z0, error: 'AUTHFAILED', result: null });
    rig.command({ do: 'connect', server: null, sessionTimeout: null });
    rig.take();
    rig.connected();
    rig.accept();
    expect(sentBy(rig)).toEqual(['ConnectRequest']);
    expect(rig.states().at(-1)).toBe('CONNECTED s1');
  });
});
