/** What the default watcher is told of the session, and of which rule. */
import { describe, expect, it } from 'vitest';
import { XID } from '../../../src/protocol/operations.ts';
import { Rig } from './rig.ts';

/** The last session event and its rule. */
function told(rig: Rig): readonly [state: string | undefined, rule: string | undefined] {
  const event = rig.events.findLast(({ body }) => body.kind === 'watch-event');
  return [event?.body.kind === 'watch-event' ? event.body.state : undefined, event?.rule];
}

describe('session events', () => {
  it('client.told-connected, client.told-disconnected: of each connection', () => {
    const rig = new Rig().establish();
    expect(told(rig)).toEqual(['SyncConnected', 'client.told-connected']);
    rig.hangUp();
    expect(told(rig)).toEqual(['Disconnected', 'client.told-disconnected']);
    rig.after(1000);
    rig.connected();
    rig.accept();
    expect(told(rig)).toEqual(['SyncConnected', 'client.told-connected']);
  });

  it('client.session-event: of attempts that fail one after the other only the first', () => {
    const rig = new Rig().establish();
    rig.hangUp();
    const before = rig.watchEvents().length;
    for (let i = 0; i < 3; i++) {
      rig.after(2000);
      rig.refuse();
    }
    expect(rig.watchEvents()).toHaveLength(before);
  });

  it('client.told-expired: by the answer of a server', () => {
    const rig = new Rig().establish();
    rig.hangUp();
    rig.after(1000);
    rig.connected();
    rig.accept(0);
    expect(told(rig)).toEqual(['Expired', 'client.told-expired']);
  });

  it('client.told-closed: by the answer to closeSession', () => {
    const rig = new Rig().establish();
    rig.request('close');
    rig.reply(1);
    expect(told(rig)).toEqual(['Closed', 'client.told-closed']);
  });

  it('client.told-auth-failed: by the answer to an identity', () => {
    const rig = new Rig().establish();
    rig.request('addauth', { scheme: 'nosuch', auth: 'x' });
    rig.packet({ type: 'Reply', xid: XID.auth, zxid: rig.z0, error: 'AUTHFAILED', result: null });
    expect(told(rig)).toEqual(['AuthFailed', 'client.told-auth-failed']);
  });

  it('client.told-read-only: by a server that serves reads only', () => {
    const rig = new Rig({ readOnly: true });
    rig.boot();
    rig.connected();
    rig.accept(6000, { readOnly: true });
    expect(told(rig)).toEqual(['ConnectedReadOnly', 'client.told-read-only']);
  });
});
