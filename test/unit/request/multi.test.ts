import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CreateOperation, MultiOperation, MultiResult, Operation } from '../../../src/protocol/operations.ts';
import { OPEN_ACL_UNSAFE, type CreateMode } from '../../../src/protocol/znode.ts';
import { Bench, TestLeader, type TestClient } from './bench.ts';

function leading(): { bench: Bench; leader: TestLeader; client: TestClient } {
  const bench = new Bench({ extendedTypesEnabled: true });
  const leader = new TestLeader(bench);
  const client = bench.dial();
  bench.run(100);
  return { bench, leader, client: bench.established(client) };
}

const make = (path: string, mode: CreateMode = 'PERSISTENT'): CreateOperation => ({
  op: 'create',
  path,
  data: null,
  acl: OPEN_ACL_UNSAFE,
  mode,
});
const remove = (path: string, version = -1): MultiOperation => ({ op: 'delete', path, version });
const set = (path: string, version = -1): MultiOperation => ({ op: 'setData', path, data: null, version });
const check = (path: string, version = -1): MultiOperation => ({ op: 'check', path, version });
const multi = (...ops: readonly MultiOperation[]): Operation => ({ op: 'multi', ops });

/** What each part reports: its kind, or its error. */
function reported(results: readonly MultiResult[] | undefined): readonly string[] | undefined {
  return results?.map((result) => (result.op === 'error' ? result.error : result.op));
}

/** Runs the operations one after the other; tells the last one's results. */
function results(...operations: readonly Operation[]): readonly string[] | undefined {
  const { bench, client } = leading();
  let xid = 0;
  for (const operation of operations) {
    xid = bench.request(client, operation);
    bench.run(100);
  }
  return reported(bench.result(client, xid)?.results);
}

const nodes = (bench: Bench): unknown =>
  [...bench.db.dataTree.walk()].map(([path, { data, acl, stat }]) => [path, data, acl, { ...stat }]);

describe('multi', () => {
  test('multi.order: each part sees those before it', () => {
    expect(
      results(multi(make('/a'), make('/a/b'), set('/a', 0), check('/a', 1), remove('/a/b'), remove('/a'))),
    ).toEqual(['create', 'create', 'setData', 'check', 'delete', 'delete']);
    expect(results(multi(make('/a'), make('/a/b'), remove('/a')))).toEqual(['OK', 'OK', 'NOTEMPTY']);
  });

  test('multi.one-zxid: all parts share zxid and time', () => {
    const { bench, leader, client } = leading();
    bench.request(client, multi(make('/a'), make('/b')));
    bench.run(100);
    const { header } = leader.proposals.at(-1) ?? {};
    for (const path of ['/a', '/b']) {
      expect(bench.db.dataTree.stat(path)).toMatchObject({ czxid: header?.zxid, ctime: header?.time });
    }
  });

  test('multi.results: OK before the part that failed, RUNTIMEINCONSISTENCY behind it', () => {
    expect(results(multi(make('/a'), check('/none'), remove('/none'), make('/b')))).toEqual([
      'OK',
      'NONODE',
      'RUNTIMEINCONSISTENCY',
      'RUNTIMEINCONSISTENCY',
    ]);
  });

  test('multi.all-or-nothing, multi.reply-ok and multi.txn: a failed one takes a zxid and nothing else', () => {
    const { bench, leader, client } = leading();
    const before = nodes(bench);
    const watch = bench.request(client, { op: 'exists', path: '/a', watch: true });
    const xid = bench.request(client, multi(make('/a'), remove('/none')));
    bench.run(100);
    expect(bench.outcome(client, watch)).toBe('NONODE');
    expect(bench.outcome(client, xid)).toBe('OK');
    expect(nodes(bench)).toEqual(before);
    expect(bench.packets(client).some(({ type }) => type === 'WatchEvent')).toBe(false);
    expect(leader.proposals.at(-1)?.txn).toMatchObject({
      type: 'multi',
      txns: [
        { type: 'create', path: '/a' },
        { type: 'error', error: 'NONODE' },
      ],
    });
    expect(bench.db.lastProcessedZxid).toBe(leader.proposals.at(-1)?.header.zxid);
  });

  test('multi.rollback: changes in flight are as before, and no number is skipped', () => {
    const { bench, leader, client } = leading();
    leader.auto = false;
    bench.request(client, make('/a'));
    bench.request(client, { op: 'setData', path: '/a', data: null, version: 0 });
    bench.request(client, multi(set('/a', 1), make('/a/s-', 'PERSISTENT_SEQUENTIAL'), remove('/none')));
    expect(leader.zk.outstandingChanges.get('/a')?.stat).toMatchObject({ version: 1, cversion: 0 });
    expect(leader.zk.outstandingChanges.get('/a/s-0000000000')).toBeNull();
    bench.request(client, make('/a/s-', 'PERSISTENT_SEQUENTIAL'));
    expect(leader.txns.at(-1)).toBe('create /a/s-0000000000');
    // The parent comes back also if no part names it.
    bench.request(client, multi(make('/a/s-', 'PERSISTENT_SEQUENTIAL'), remove('/none')));
    bench.request(client, make('/a/s-', 'PERSISTENT_SEQUENTIAL'));
    expect(leader.txns.at(-1)).toBe('create /a/s-0000000001');
  });

  test('multi.create-kind: the mode decides, and containers and times to live answer with a Stat', () => {
    const { bench, leader, client } = leading();
    const xid = bench.request(
      client,
      multi(
        { ...make('/a'), op: 'create2' },
        make('/c', 'CONTAINER'),
        { ...make('/d'), op: 'createContainer' },
        { ...make('/t', 'PERSISTENT_WITH_TTL'), op: 'createTTL', ttl: 1000 },
      ),
    );
    bench.run(100);
    const { txn } = leader.proposals.at(-1) ?? {};
    expect(txn?.type === 'multi' && txn.txns.map(({ type }) => type)).toEqual([
      'create',
      'createContainer',
      'create',
      'createTTL',
    ]);
    expect(bench.result(client, xid)?.results?.map((result) => 'stat' in result)).toEqual([false, true, false, true]);
  });

  test('multi.watches: every part’s own, in order, before the reply', () => {
    const { bench, client } = leading();
    for (const path of ['/b', '/a']) bench.request(client, { op: 'exists', path, watch: true });
    bench.request(client, multi(make('/a'), make('/b'), set('/a')));
    bench.run(100);
    const told = bench.packets(client).flatMap((packet) => (packet.type === 'WatchEvent' ? [packet.path] : []));
    expect(told).toEqual(['/a', '/b']);
    expect(bench.packets(client).at(-1)?.type).toBe('Reply');
  });

  describe('multi.writes-only', () => {
    test.each<[string, MultiOperation]>([
      ['a read', { op: 'getData', path: '/', watch: false }],
      ['a container’s removal', { op: 'deleteContainer', path: '/a' }],
      ['a time to live without its length', make('/t', 'PERSISTENT_WITH_TTL')],
    ])('not %s', (_title, op) => {
      const { bench, leader, client } = leading();
      const xid = bench.request(client, multi(make('/a'), op));
      bench.run(100);
      expect(bench.outcome(client, xid)).toBe('MARSHALLINGERROR');
      expect(leader.txns.at(-1)).toBe('error MARSHALLINGERROR');
      expect(leader.zk.outstandingChanges.get('/a')).toBeNull();
    });
  });

  test('multi.empty: takes a zxid', () => {
    const { bench, leader, client } = leading();
    const xid = bench.request(client, multi());
    bench.run(100);
    expect(bench.result(client, xid)).toEqual({ results: [] });
    expect(leader.txns.at(-1)).toBe('multi');
  });

  const part = fc.record({
    op: fc.constantFrom('create', 'sequential', 'ephemeral', 'delete', 'setData', 'check'),
    path: fc.constantFrom('/a', '/b', '/a/x', '/a/y', '/a/x/1'),
    version: fc.constantFrom(-1, -1, 0, 1),
  });
  type Part = typeof part extends fc.Arbitrary<infer T> ? T : never;
  const operation = ({ op, path, version }: Part): MultiOperation => {
    if (op === 'create') return make(path);
    if (op === 'sequential') return make(path, 'PERSISTENT_SEQUENTIAL');
    if (op === 'ephemeral') return make(path, 'EPHEMERAL');
    if (op === 'setData') return set(path, version);
    return op === 'delete' ? remove(path, version) : check(path, version);
  };
  /** Stats without zxids and times: those of a multi are one. */
  const shape = (bench: Bench): unknown =>
    [...bench.db.dataTree.walk()].map(([path, { stat, children }]) => {
      const { version, cversion, ephemeralOwner } = stat;
      return [path, version, cversion, ephemeralOwner, children.size];
    });

  test('multi.order and multi.all-or-nothing: a multi is the sequence of its parts, or nothing', () => {
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 12 }),
        fc.array(part, { minLength: 1, maxLength: 6 }),
        (before, parts) => {
          const together = leading();
          const apart = leading();
          for (const { bench, client } of [together, apart]) {
            for (const each of before) {
              // A check of its own would close the connection.
              const made = operation(each);
              bench.request(client, made.op === 'check' ? multi(made) : made);
            }
          }
          const untouched = (): unknown => shape(together.bench);
          together.bench.run(1000);
          const start = untouched();
          const ops = parts.map(operation);
          const xid = together.bench.request(together.client, multi(...ops));
          together.bench.run(1000);
          const outcomes = reported(together.bench.result(together.client, xid)?.results) ?? [];
          const failedAt = outcomes.findIndex((outcome) => outcome === outcome.toUpperCase() && outcome !== 'OK');

          const alone = ops.map((each) => {
            const one = apart.bench.request(apart.client, multi(each));
            apart.bench.run(1000);
            return reported(apart.bench.result(apart.client, one)?.results)?.[0];
          });
          if (failedAt === -1) {
            expect(outcomes).toEqual(alone);
            expect(shape(together.bench)).toEqual(shape(apart.bench));
          } else {
            expect(alone[failedAt]).toBe(outcomes[failedAt]);
            expect(untouched()).toEqual(start);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
