/** A handle that may be served by a read-only server (`canBeReadOnly`), and one that takes up a session. */
import { describe, expect, it } from 'vitest';
import { NO_SESSION, sessionId } from '../../../src/protocol/ids.ts';
import { PASSWD, Rig, SESSION } from './rig.ts';

const MADE_UP = sessionId(0x77n);

/** Connected to a read-only first server. */
function readOnly(): Rig {
  const rig = new Rig({ readOnly: true });
  rig.boot();
  rig.connected();
  rig.accept(6000, { sessionId: MADE_UP, readOnly: true });
  return rig;
}
const asked = (rig: Rig) => rig.connects.slice(1).map(({ t, to }) => `${to} ${t}`);

describe('read-only', () => {
  it('client.read-only-session: says so in request, state and event', () => {
    const rig = readOnly();
    expect(rig.take()).toMatchObject([{ type: 'ConnectRequest', readOnly: true }]);
    expect(rig.states().at(-1)).toBe('CONNECTEDREADONLY s1');
    expect(rig.watchEvents()).toEqual(['None ConnectedReadOnly null']);
    expect(new Rig().establish().take()).toMatchObject([{ readOnly: false }]);
  });

  it('client.read-write-search: asks the next server after 100 ms, then after twice as long', () => {
    const rig = readOnly();
    for (let i = 0; i < 4; i++) {
      rig.after(i === 0 ? 100 : 100 * 2 ** i);
      rig.connected();
      expect(rig.take().at(-1)).toEqual({ type: 'FourLetterWord', word: 'isro' });
      rig.packet({ type: 'FourLetterAnswer', text: 'ro' });
      // What keeps the session alive goes on.
      rig.packet({ type: 'Reply', xid: -2, zxid: rig.z0, error: null, result: null }, rig.connects[0]!.conn);
    }
    expect(asked(rig)).toEqual(['s2 100', 's3 300', 's1 700', 's2 1500']);
  });

  it('client.read-write-search: never waits longer than 60 s, and gives up an answer after one', () => {
    const rig = readOnly();
    rig.server = null;
    for (let at = 0; at < 400_000; at += 1000) {
      rig.after(1000);
      rig.packet({ type: 'Reply', xid: -2, zxid: rig.z0, error: null, result: null }, rig.connects[0]!.conn);
    }
    const times = rig.connects.slice(1).map(({ t }) => t);
    expect(times.at(-1)! - times.at(-2)!).toBe(60_000);
    expect(rig.closes.length).toBe(times.length);
  });

  it('client.read-write-search: a server that cannot be reached is no answer', () => {
    const rig = readOnly();
    rig.after(100);
    rig.refuse();
    rig.after(200);
    rig.connected();
    rig.hangUp();
    expect(asked(rig)).toEqual(['s2 100', 's3 300']);
    expect(rig.states().at(-1)).toBe('CONNECTEDREADONLY s1');
  });

  it('client.read-write-found client.read-only-id: goes to the server that serves writes, with session id 0', () => {
    const rig = readOnly();
    rig.after(100);
    rig.connected();
    rig.take();
    rig.packet({ type: 'FourLetterAnswer', text: 'rw' });
    expect(rig.states().at(-1)).toBe('CONNECTING');
    expect(rig.watchEvents().at(-1)).toBe('None Disconnected null');
    rig.after(1000);
    expect(rig.connects.at(-1)?.to).toBe('s2');
    rig.connected();
    expect(rig.take().at(-1)).toMatchObject({ type: 'ConnectRequest', sessionId: NO_SESSION });
    rig.accept();
    expect(rig.states().at(-1)).toBe('CONNECTED s2');
    expect(rig.of('session-established')).toMatchObject([{ renewed: false }, { renewed: false, sessionId: SESSION }]);
    // From now on the session is a real one.
    rig.hangUp();
    rig.after(1000);
    rig.connected();
    expect(rig.take().at(-1)).toMatchObject({ sessionId: SESSION });
  });
});

describe('a session to take up', () => {
  it('client.resume: id and password go out with the first ConnectRequest', () => {
    const rig = new Rig({ resume: { sessionId: SESSION, passwd: PASSWD } });
    rig.boot();
    rig.connected();
    expect(rig.take()).toMatchObject([{ sessionId: SESSION, passwd: PASSWD }]);
    rig.accept();
    expect(rig.of('session-established')).toMatchObject([{ renewed: true }]);
  });

  it('client.resume: a later handle makes a session of its own', () => {
    const rig = new Rig({ resume: { sessionId: SESSION, passwd: PASSWD } });
    rig.boot();
    rig.connected();
    rig.packet({ type: 'ConnectResponse', timeout: 0, sessionId: NO_SESSION, passwd: '0'.repeat(32), readOnly: false });
    expect(rig.states().at(-1)).toBe('EXPIRED');
    rig.command({ do: 'connect', server: null, sessionTimeout: null });
    rig.take();
    rig.connected();
    expect(rig.take()).toMatchObject([{ sessionId: NO_SESSION }]);
  });

  it('client.local-expiry: is off where an older client is wanted', () => {
    const rig = new Rig({ localExpiry: false }).establish(6000);
    rig.hangUp();
    rig.after(20_000);
    expect(rig.states()).not.toContain('EXPIRED');
  });
});
