/** The session of a handle: connecting, keeping alive, losing, expiring, closing (`ClientCnxn`). */
import { describe, expect, it } from 'vitest';
import { NO_SESSION, sid } from '../../../src/protocol/ids.ts';
import { PASSWD, Rig, SESSION, statOf, z } from './rig.ts';

const ping = { type: 'Request', xid: -2, operation: { op: 'ping' } };

describe('connecting', () => {
  it('client.host-order: tries the servers in the order given, without a pause before the first connection', () => {
    const rig = new Rig({ servers: [2, 3, 1] }).boot();
    rig.refuse();
    rig.refuse();
    expect(rig.connects).toMatchObject([
      { t: 0, to: 's2' },
      { t: 0, to: 's3' },
      { t: 0, to: 's1' },
    ]);
  });

  it('client.reconnect-pause: a full round of servers costs a second, and no random pause while none has been reached', () => {
    const rig = new Rig().boot();
    for (let i = 0; i < 3; i++) rig.refuse();
    expect(rig.connects).toHaveLength(3);
    rig.until(999);
    expect(rig.connects).toHaveLength(3);
    rig.until(1000);
    expect(rig.connects.at(-1)).toMatchObject({ t: 1000, to: 's1' });
  });

  it('client.reconnect-pause: after a connection has stood the pause is a whole number of ms below 1000', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
      const rig = new Rig({ seed }).establish();
      rig.hangUp();
      rig.until(1000);
      expect(rig.connects[1]).toMatchObject({ to: 's2' });
      return rig.connects[1]!.t;
    });
    for (const pause of pauses) expect(Number.isInteger(pause) && pause < 1000).toBe(true);
    expect(new Set(pauses).size).toBeGreaterThan(4);
  });

  it('client.reconnect-pause: coming back to the server connected last costs a second more', () => {
    const rig = new Rig({ servers: [1] }).establish();
    rig.hangUp();
    rig.until(1000 - 0.001);
    expect(rig.connects).toHaveLength(1);
    rig.until(2000);
    expect(rig.connects).toHaveLength(2);
  });

  it('client.connect-request: a first ConnectRequest asks for a new session', () => {
    const rig = new Rig().boot();
    rig.connected();
    expect(rig.take()).toEqual([
      {
        type: 'ConnectRequest',
        lastZxidSeen: 0,
        timeout: 6000,
        sessionId: NO_SESSION,
        passwd: '0'.repeat(32),
        readOnly: false,
      },
    ]);
  });

  it('client.connect-request: a reconnect carries session, password and the last zxid seen in a reply', () => {
    const rig = new Rig().establish();
    rig.request('get', { path: '/a' });
    rig.reply(1, { error: 'NONODE', zxid: z(7) });
    rig.packet({ type: 'Reply', xid: -2, zxid: z(9), error: null, result: null });
    rig.packet({ type: 'WatchEvent', event: 'NodeCreated', path: '/b', zxid: z(10) });
    rig.hangUp();
    rig.after(1000);
    rig.take();
    rig.connected();
    expect(rig.take()).toEqual([
      {
        type: 'ConnectRequest',
        lastZxidSeen: z(7),
        timeout: 6000,
        sessionId: SESSION,
        passwd: PASSWD,
        readOnly: false,
      },
    ]);
  });

  it('client.connect-timeout: a connect without an answer is given up after timeout / servers', () => {
    const rig = new Rig().boot();
    rig.until(1999.999);
    expect(rig.connects).toHaveLength(1);
    rig.until(2000);
    expect(rig.closes).toMatchObject([{ t: 2000, conn: 'alice#0.0' }]);
    expect(rig.connects[1]).toMatchObject({ t: 2000, to: 's2' });
  });

  it('client.connect-timeout: the wait for the ConnectResponse begins with the ConnectRequest', () => {
    const rig = new Rig().boot();
    rig.until(1500);
    rig.connected();
    rig.until(3499.999);
    expect(rig.closes).toEqual([]);
    rig.until(3500);
    expect(rig.closes).toHaveLength(1);
  });

  it('client.connect-timeout: follows the negotiated timeout', () => {
    const rig = new Rig({ sessionTimeout: 6000 }).establish(12_000);
    rig.hangUp();
    rig.until(1000);
    const { t } = rig.connects[1]!;
    rig.until(t + 3999.999);
    expect(rig.closes).toEqual([]);
    rig.until(t + 4000);
    expect(rig.closes).toHaveLength(1);
  });

  it('client.connect-request: a server that hangs up (zxid ahead of it) is followed by the next', () => {
    const rig = new Rig().establish();
    rig.hangUp();
    rig.after(1000);
    rig.connected();
    rig.hangUp();
    rig.after(1000);
    expect(rig.connects.map(({ to }) => to)).toEqual(['s1', 's2', 's3']);
    rig.connected();
    rig.accept();
    expect(rig.states().at(-1)).toBe('CONNECTED s3');
  });

  it('client.established: the negotiated timeout is told, and whether the session goes on', () => {
    const rig = new Rig({ sessionTimeout: 1000 }).establish(4000);
    expect(rig.states()).toEqual(['CONNECTING s1', 'CONNECTED s1']);
    rig.hangUp();
    rig.after(1000);
    rig.connected();
    rig.accept(4000);
    expect(rig.of('session-established')).toEqual([
      { kind: 'session-established', sessionId: SESSION, timeout: 4000, server: 1, renewed: false },
      { kind: 'session-established', sessionId: SESSION, timeout: 4000, server: 2, renewed: true },
    ]);
    expect(rig.watchEvents()).toEqual(['None SyncConnected null', 'None Disconnected null', 'None SyncConnected null']);
  });

  it('client.session-event: attempts that fail before the first session tell the watcher nothing', () => {
    const rig = new Rig().boot();
    for (let i = 0; i < 3; i++) rig.refuse();
    expect(rig.watchEvents()).toEqual([]);
  });
});

describe('keeping alive', () => {
  it('client.ping: a quiet client pings every half read timeout while the server answers', () => {
    const rig = new Rig().establish(6000);
    rig.take();
    for (let t = 2000; t <= 20_000; t += 2000) {
      rig.until(t - 0.001);
      expect(rig.take()).toEqual([]);
      rig.until(t);
      expect(rig.take()).toEqual([ping]);
      rig.packet({ type: 'Reply', xid: -2, zxid: z(1), error: null, result: null });
    }
  });

  it('client.ping: a request in time puts the ping off', () => {
    const rig = new Rig().establish(6000);
    rig.until(900);
    rig.request('get', { path: '/a' });
    rig.reply(1, { error: 'NONODE' });
    rig.take();
    rig.until(2899.999);
    expect(rig.take()).toEqual([]);
    rig.until(2900);
    expect(rig.take()).toEqual([ping]);
  });

  it('client.ping: once a second has passed anything that wakes the client brings the ping a second early', () => {
    const rig = new Rig().establish(6000);
    rig.take();
    rig.until(1500);
    rig.packet({ type: 'WatchEvent', event: 'NodeCreated', path: '/b', zxid: z(10) });
    expect(rig.take()).toEqual([ping]);
  });

  it('client.ping: whatever the timeout, a client that wakes after 10 s without sending pings', () => {
    const rig = new Rig().establish(60_000);
    const wake = () => rig.packet({ type: 'WatchEvent', event: 'NodeCreated', path: '/b', zxid: z(10) });
    rig.take();
    rig.until(10_000);
    wake();
    expect(rig.take()).toEqual([]);
    rig.until(10_001);
    wake();
    expect(rig.take()).toEqual([ping]);
  });

  it('client.read-timeout: silence for two thirds of the session timeout drops the connection', () => {
    const rig = new Rig().establish(6000);
    rig.request('set', { path: '/a', data: 'x' });
    rig.until(3999.999);
    expect(rig.closes).toEqual([]);
    rig.until(4000);
    expect(rig.closes).toMatchObject([{ t: 4000 }]);
    expect(rig.returned()).toEqual(['set CONNECTIONLOSS']);
    expect(rig.events.find(({ body }) => body.kind === 'client-state' && body.server === null)).toMatchObject({
      rule: 'client.read-timeout',
    });
    rig.until(5000);
    expect(rig.connects.at(-1)).toMatchObject({ to: 's2' });
  });

  it('client.read-timeout: packets of a connection given up are not heard', () => {
    const rig = new Rig().establish(6000);
    const first = rig.conn;
    rig.until(5000);
    const events = rig.events.length;
    rig.packet({ type: 'WatchEvent', event: 'NodeCreated', path: '/b', zxid: z(10) }, first);
    expect(rig.events.length).toBe(events);
  });
});

describe('requests', () => {
  it('client.queue: what is asked for before the session stands is sent after it, in order, xids from 1', () => {
    const rig = new Rig().boot();
    rig.request('create', { path: '/a', data: 'x' });
    rig.connected();
    rig.request('get', { path: '/a', watch: true });
    expect(rig.take().map(({ type }) => type)).toEqual(['ConnectRequest']);
    rig.accept();
    expect(rig.take()).toMatchObject([
      { type: 'Request', xid: 1, operation: { op: 'create2', path: '/a', mode: 'PERSISTENT' } },
      { type: 'Request', xid: 2, operation: { op: 'getData', path: '/a', watch: true } },
    ]);
  });

  it('client.queue: a request names its call as cause, its return the call and the reply', () => {
    const rig = new Rig().establish();
    const command = rig.request('stat', { path: '/a' });
    const call = rig.events.find(({ body }) => body.kind === 'call')!;
    expect(call.causes).toEqual([command]);
    expect(rig.sent.at(-1)!.causes).toContain(call.ref);
    rig.reply(1, { error: 'NONODE', zxid: z(4) });
    const returned = rig.events.at(-1)!;
    expect(returned.causes).toHaveLength(2);
    expect(returned.causes[0]).toBe(call.ref);
    expect(returned.body).toMatchObject({
      kind: 'returned',
      call: 0,
      server: 1,
      zxid: z(4),
      error: 'NONODE',
      result: null,
    });
  });

  it('client.queue: results come as JSON, bytes as text or base64', () => {
    const rig = new Rig().establish();
    for (const xid of [1, 2, 3]) {
      rig.request('get', { path: '/a' });
      rig.reply(xid, {
        result: { data: [new TextEncoder().encode('é'), new Uint8Array([0xff]), null][xid - 1]!, stat: statOf() },
      });
    }
    expect(rig.of('returned').map(({ result }) => result?.data)).toEqual(['é', { base64: '/w==' }, null]);
  });

  it('client.connection-loss: everything sent or queued fails, nothing is sent again', () => {
    const rig = new Rig().establish();
    rig.request('create', { path: '/a' });
    rig.request('get', { path: '/b' });
    rig.hangUp();
    rig.request('set', { path: '/c', data: '' });
    expect(rig.returned()).toEqual(['create CONNECTIONLOSS', 'get CONNECTIONLOSS']);
    expect(rig.of('returned')[0]).toMatchObject({ server: 1, zxid: null });
    rig.after(1000);
    rig.take();
    rig.connected();
    rig.accept();
    expect(rig.take().slice(1)).toMatchObject([{ type: 'Request', xid: 3, operation: { op: 'setData', path: '/c' } }]);
  });

  it('client.connection-loss: each failed attempt fails what was queued for it', () => {
    const rig = new Rig().boot();
    rig.request('get', { path: '/a' });
    rig.refuse();
    expect(rig.returned()).toEqual(['get CONNECTIONLOSS']);
  });

  it('client.xid-order: an answer out of order breaks the connection', () => {
    const rig = new Rig().establish();
    rig.request('get', { path: '/a' });
    rig.request('get', { path: '/b' });
    rig.reply(2);
    expect(rig.closes).toHaveLength(1);
    expect(rig.returned()).toEqual(['get CONNECTIONLOSS', 'get CONNECTIONLOSS']);
    expect(rig.states().at(-1)).toBe('CONNECTING');
  });

  it('client.xid-order: an answer to nothing breaks the connection, a ping reply does not', () => {
    const rig = new Rig().establish();
    rig.reply(-2);
    expect(rig.closes).toEqual([]);
    rig.reply(1);
    expect(rig.closes).toHaveLength(1);
  });

  it('client.arguments: what is not valid returns at once and is never sent', () => {
    const rig = new Rig().establish();
    rig.take();
    rig.request('get', { path: 'a' });
    rig.request('create', { path: '/a', mode: 'ETERNAL' });
    rig.request('multi', { ops: [{ op: 'delete', path: 'a' }] });
    expect(rig.take()).toEqual([]);
    expect(rig.of('returned')).toMatchObject([
      { error: 'BADARGUMENTS', throws: 'IllegalArgumentException' },
      { error: 'BADARGUMENTS', client: true },
      { error: 'BADARGUMENTS', client: true, result: { results: [{ op: 'error', error: 'BADARGUMENTS' }] } },
    ]);
    for (const { reason } of rig.of('returned')) expect(reason).toMatch(/\w/);
  });
});

describe('the end of a session', () => {
  it('client.expired: ConnectResponse with timeout 0 ends the handle; the server alone says so', () => {
    const rig = new Rig().establish();
    rig.hangUp();
    rig.request('get', { path: '/a' });
    rig.after(1000);
    rig.connected();
    rig.packet({ type: 'ConnectResponse', timeout: 0, sessionId: NO_SESSION, passwd: '0'.repeat(32), readOnly: false });
    expect(rig.states().at(-1)).toBe('EXPIRED');
    expect(rig.returned()).toEqual(['get SESSIONEXPIRED']);
    expect(rig.watchEvents()).toEqual(['None SyncConnected null', 'None Disconnected null', 'None Expired null']);
    rig.after(60_000);
    expect(rig.connects).toHaveLength(2);
    expect(rig.timers).toEqual([]);
  });

  it('client.dead-handle: calls on an expired handle fail with SESSIONEXPIRED until connect makes a new session', () => {
    const rig = new Rig().establish();
    rig.request('get', { path: '/w', watch: true });
    rig.reply(1);
    rig.hangUp();
    rig.after(1000);
    rig.connected();
    rig.packet({ type: 'ConnectResponse', timeout: 0, sessionId: NO_SESSION, passwd: '0'.repeat(32), readOnly: false });
    rig.request('get', { path: '/a' });
    expect(rig.returned().at(-1)).toBe('get SESSIONEXPIRED');
    rig.take();
    rig.command({ do: 'connect', server: sid(3), sessionTimeout: 9000 });
    expect(rig.connects.at(-1)).toMatchObject({ t: rig.now, to: 's3' });
    rig.connected();
    // No session, no zxid and no watches of the old handle.
    expect(rig.take()).toMatchObject([
      { type: 'ConnectRequest', sessionId: NO_SESSION, lastZxidSeen: 0, timeout: 9000 },
    ]);
    rig.accept(9000);
    rig.request('get', { path: '/a' });
    expect(rig.take()).toMatchObject([{ xid: 1 }]);
  });

  it('client.local-expiry: four thirds of the session timeout without a server end the session', () => {
    const rig = new Rig().establish(6000);
    rig.until(4000);
    expect(rig.watchEvents().at(-1)).toBe('None Disconnected null');
    rig.until(20_000);
    const end = rig.events.find(({ body }) => body.kind === 'client-state' && body.state === 'EXPIRED');
    // It is noticed when the client wakes: at the start of an attempt or at its time-out.
    expect(end).toMatchObject({ rule: 'client.local-expiry' });
    expect(end!.t).toBeGreaterThanOrEqual(8000);
    expect(end!.t).toBeLessThanOrEqual(8000 + 2000 + 2000);
    expect(rig.watchEvents().at(-1)).toBe('None Expired null');
    expect(rig.timers).toEqual([]);
  });

  it('client.local-expiry: a server that takes the connection counts as heard, even if it hangs up then', () => {
    const rig = new Rig().establish(6000);
    for (let i = 0; i < 40; i++) {
      rig.hangUp();
      rig.after(1999);
      rig.connected();
    }
    expect(rig.now).toBeGreaterThan(60_000);
    expect(rig.states()).not.toContain('EXPIRED');
  });

  it('client.local-expiry: a client that never had a session tries for ever', () => {
    const rig = new Rig().boot();
    rig.until(100_000);
    expect(rig.states().at(-1)).toMatch(/^CONNECTING/);
  });

  it('client.close: closeSession is sent after what was asked before; its answer closes the handle', () => {
    const rig = new Rig().establish();
    rig.request('get', { path: '/a' });
    rig.request('close');
    rig.request('get', { path: '/b' });
    expect(rig.take().slice(1)).toMatchObject([
      { operation: { op: 'getData' } },
      { xid: 2, operation: { op: 'closeSession' } },
    ]);
    expect(rig.returned()).toEqual(['get CONNECTIONLOSS']);
    rig.reply(1);
    rig.reply(2);
    expect(rig.returned().slice(1)).toEqual(['get OK', 'close OK']);
    expect(rig.states().at(-1)).toBe('CLOSED');
    expect(rig.watchEvents().at(-1)).toBe('None Closed null');
    expect(rig.closes).toHaveLength(1);
    rig.after(60_000);
    expect(rig.connects).toHaveLength(1);
    rig.request('close');
    expect(rig.returned().at(-1)).toBe('close OK');
  });

  it('client.close: without an answer the handle ends with its connection, and close says the same', () => {
    const rig = new Rig().establish();
    rig.request('close');
    rig.hangUp();
    expect(rig.returned()).toEqual(['close OK']);
    expect(rig.states().at(-1)).toBe('CLOSED');
    rig.after(60_000);
    expect(rig.connects).toHaveLength(1);
  });

  it('client.close: a handle that waits for its next connection makes one last attempt', () => {
    const rig = new Rig().establish();
    rig.hangUp();
    rig.request('close');
    rig.after(1000);
    expect(rig.connects).toHaveLength(2);
    rig.refuse();
    expect(rig.states().at(-1)).toBe('CLOSED');
  });

  it('client.close: connect during the close starts a new handle after it', () => {
    const rig = new Rig().establish();
    rig.request('close');
    rig.command({ do: 'connect', server: sid(2), sessionTimeout: null });
    expect(rig.connects).toHaveLength(1);
    rig.reply(1);
    expect(rig.connects.at(-1)).toMatchObject({ to: 's2' });
  });
});

describe('the command connect', () => {
  it('client.host-order: goes to the server named with the same session', () => {
    const rig = new Rig().establish();
    rig.request('get', { path: '/a' });
    rig.command({ do: 'connect', server: sid(3), sessionTimeout: null });
    expect(rig.closes).toHaveLength(1);
    expect(rig.returned()).toEqual(['get CONNECTIONLOSS']);
    rig.after(1000);
    expect(rig.connects.at(-1)).toMatchObject({ to: 's3' });
    rig.take();
    rig.connected();
    expect(rig.take()).toMatchObject([{ sessionId: SESSION }]);
    rig.accept();
    rig.hangUp();
    rig.after(1000);
    expect(rig.connects.at(-1)).toMatchObject({ to: 's1' });
  });

  it('client.host-order: during a pause the server named takes the place of the one waited for', () => {
    const rig = new Rig().establish();
    rig.hangUp();
    rig.command({ do: 'connect', server: sid(3), sessionTimeout: null });
    rig.after(5);
    rig.until(999);
    expect(rig.connects[1]).toMatchObject({ to: 's3' });
    rig.until(1500);
    expect(rig.connects).toHaveLength(2);
  });
});
