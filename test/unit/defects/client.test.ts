/** Defects of the client: each changes what its rule decides, and nothing else. */
import { describe, expect, test } from 'vitest';
import type { Defect } from '../../../src/protocol/defects.ts';
import { Rig, z } from '../client/rig.ts';

/** A client whose connection is lost after an answer with zxid 7 and a watch, with one write not answered. */
function lost(...defects: Defect[]): Rig {
  const rig = new Rig({ defects }).establish();
  rig.request('get', { path: '/a', watch: true });
  rig.reply(1, { zxid: z(7), result: { data: null } });
  rig.request('create', { path: '/b' });
  rig.take();
  rig.hangUp();
  rig.after(1000);
  rig.connected();
  return rig;
}

/** What it asks for after that, in order. */
function primed(...defects: Defect[]): readonly string[] {
  const rig = lost(...defects);
  rig.accept();
  return rig.take().map((packet) => (packet.type === 'Request' ? packet.operation.op : packet.type));
}

const told = (...defects: Defect[]): unknown =>
  lost(...defects).sent.findLast(({ packet }) => packet.type === 'ConnectRequest')?.packet;

test('client-accepts-older-server: the last zxid is not told', () => {
  expect(told()).toMatchObject({ lastZxidSeen: z(7), timeout: 6000 });
  expect(told('client-accepts-older-server')).toMatchObject({ lastZxidSeen: 0, timeout: 6000 });
  expect(primed('client-accepts-older-server')).toEqual(['ConnectRequest', 'setWatches']);
});

test('forget-watches: no setWatches', () => {
  expect(primed()).toEqual(['ConnectRequest', 'setWatches']);
  expect(primed('forget-watches')).toEqual(['ConnectRequest']);
});

describe('resend-on-reconnect', () => {
  test('the write is sent again, behind the watches, and does not fail', () => {
    expect(lost().returned()).toEqual(['get OK', 'create CONNECTIONLOSS']);
    expect(lost('resend-on-reconnect').returned()).toEqual(['get OK']);
    expect(primed('resend-on-reconnect')).toEqual(['ConnectRequest', 'setWatches', 'create2']);
  });

  test('the session still ends with what ends it', () => {
    const rig = lost('resend-on-reconnect');
    rig.accept(0);
    expect(rig.returned()).toEqual(['get OK', 'create SESSIONEXPIRED']);
  });
});

test('forget-calls: who asked before the connection was lost is never told', () => {
  expect(lost('forget-calls').returned()).toEqual(['get OK']);
  expect(primed('forget-calls')).toEqual(['ConnectRequest', 'setWatches']);
  const rig = lost('forget-calls');
  rig.accept(0);
  expect(rig.returned()).toEqual(['get OK']);
});
