import { describe, expect, test } from 'vitest';
import { ReadOnlyMode } from '../../../src/engine/request/index.ts';
import type { ZooConfig } from '../../../src/protocol/config.ts';
import { sessionId } from '../../../src/protocol/ids.ts';
import type { Operation } from '../../../src/protocol/operations.ts';
import { OPEN_ACL_UNSAFE } from '../../../src/protocol/znode.ts';
import { generatePasswd } from '../../../src/engine/session/identity.ts';
import { makeZxid } from '../../../src/protocol/zxid.ts';
import { Bench, create } from '../request/bench.ts';

const ON: Partial<ZooConfig> = { readonlymodeEnabled: true, localSessionsEnabled: true };
const EXISTS: Operation = { op: 'exists', path: '/', watch: true };

function looking(zoo: Partial<ZooConfig> = ON): { bench: Bench; mode: ReadOnlyMode } {
  const bench = new Bench(zoo);
  const mode = new ReadOnlyMode(bench.ctx, bench.db, bench.factory);
  bench.step(() => mode.looking());
  return { bench, mode };
}

function serving(zoo?: Partial<ZooConfig>): { bench: Bench; mode: ReadOnlyMode } {
  const made = looking(zoo);
  made.bench.run(2000);
  return made;
}

describe('session.read-only-server', () => {
  test.each([
    [500, 2000],
    [3000, 3000],
  ])('with a tick of %i ms it opens after %i ms', (tickTime, grace) => {
    const { bench } = looking({ ...ON, tickTime });
    bench.run(grace - 1);
    expect(bench.closed(bench.dial({ readOnly: true }))).toBe(true);
    expect(bench.events('read-only')).toEqual([]);
    bench.run(1);
    expect(bench.events('read-only')).toMatchObject([{ on: true }]);
    const client = bench.dial({ readOnly: true });
    expect(bench.packets(client)).toMatchObject([
      { type: 'ConnectResponse', readOnly: true, timeout: 10_000 > 20 * tickTime ? 20 * tickTime : 10_000 },
    ]);
  });

  test('ends with the election', () => {
    const { bench, mode } = serving();
    const client = bench.dial({ readOnly: true });
    bench.step(() => mode.decided());
    expect(bench.closed(client)).toBe(true);
    expect(bench.events('read-only')).toMatchObject([{ on: true }, { on: false }]);
    expect(bench.closed(bench.dial({ readOnly: true }))).toBe(true);
  });

  test('does not open if the election is short, or without readonlymode.enabled', () => {
    const { bench, mode } = looking();
    bench.run(1000);
    bench.step(() => mode.decided());
    bench.run(10_000);
    expect(bench.events('read-only')).toEqual([]);
    expect(serving({ ...ON, readonlymodeEnabled: false }).bench.events('read-only')).toEqual([]);
  });

  test('session.is-ro: ro', () => {
    const { bench } = serving();
    bench.step(() => bench.factory.accepted('w#0.0' as never, 'w' as never));
    bench.step(() => bench.factory.packet('w#0.0' as never, { type: 'FourLetterWord', word: 'isro' }));
    expect(bench.done.find(({ conn }) => conn === ('w#0.0' as never))?.packet).toMatchObject({ text: 'ro' });
  });
});

describe('whom it serves', () => {
  test('session.read-only-client: nobody who has not asked for it', () => {
    const { bench } = serving();
    const client = bench.dial();
    expect(bench.packets(client)).toEqual([]);
    expect(bench.closed(client)).toBe(true);
    expect(bench.events('client-refused')).toMatchObject([{ why: 'NOT_READ_ONLY_CLIENT' }]);
  });

  test('session.zxid-ahead: nobody who has seen more', () => {
    const { bench } = serving();
    expect(bench.closed(bench.dial({ readOnly: true, lastZxidSeen: makeZxid(9, 0) }))).toBe(true);
    expect(bench.events('client-refused')).toMatchObject([{ why: 'ZXID_AHEAD' }]);
  });

  test('session.read-only-renewal: no session of the ensemble', () => {
    const { bench } = serving();
    const id = sessionId(77n);
    bench.db.sessionsWithTimeouts.set(id, 4000);
    const of = { conn: 'x' as never, sessionId: id, passwd: generatePasswd(id), xid: 0 };
    const client = bench.dial({ readOnly: true, of });
    expect(bench.packets(client)).toEqual([]);
    expect(bench.closed(client)).toBe(true);
    expect(bench.events('client-refused')).toMatchObject([{ why: 'GLOBAL_SESSION' }]);
  });

  test('session.read-only-local: nobody without local sessions', () => {
    const { bench } = serving({ ...ON, localSessionsEnabled: false });
    const client = bench.dial({ readOnly: true });
    expect(bench.packets(client)).toMatchObject([{ type: 'Reply', xid: 0, error: 'NOTREADONLY' }]);
    expect(bench.events('client-refused')).toMatchObject([{ why: 'NO_LOCAL_SESSIONS' }]);
  });
});

describe('session.read-only-write', () => {
  test.each<Operation>([
    create('/a'),
    create('/a', 'EPHEMERAL'),
    { op: 'delete', path: '/a', version: -1 },
    { op: 'setData', path: '/', data: null, version: -1 },
    { op: 'setACL', path: '/', acl: OPEN_ACL_UNSAFE, version: -1 },
    { op: 'multi', ops: [] },
    { op: 'sync', path: '/' },
  ])('NOTREADONLY for $op', (operation) => {
    const { bench } = serving();
    const client = bench.established(bench.dial({ readOnly: true }));
    const xid = bench.request(client, operation);
    expect(bench.outcome(client, xid)).toBe('NOTREADONLY');
    expect(bench.closed(client)).toBe(false);
  });

  test('reads, and the close of its own sessions', () => {
    const { bench } = serving();
    const client = bench.established(bench.dial({ readOnly: true }));
    expect(bench.outcome(client, bench.request(client, EXISTS))).toBe('OK');
    expect(bench.db.watches.size).toBe(1);
    const xid = bench.request(client, { op: 'closeSession' });
    expect(bench.outcome(client, xid)).toBe('OK');
    expect(bench.closed(client)).toBe(true);
    expect(bench.db.watches.size).toBe(0);
  });
});
