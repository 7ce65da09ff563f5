import { describe, expect, test } from 'vitest';
import { DataTree } from '../../../src/engine/tree/data-tree.ts';
import type { WatchNotification } from '../../../src/engine/tree/watch-manager.ts';
import { sessionId, type SessionId } from '../../../src/protocol/ids.ts';
import { makeZxid, type Zxid } from '../../../src/protocol/zxid.ts';
import { Bench, create, S1, S2, txn } from '../storage/bench.ts';

const z = (counter: number): Zxid => makeZxid(1, counter);
const S3 = sessionId(3n);

/** A database with a record of what sessions were told. */
function watched(): {
  bench: Bench;
  told: [SessionId, WatchNotification['table'], WatchNotification['event'], string, Zxid][];
} {
  const bench = new Bench().boot();
  const told: ReturnType<typeof watched>['told'] = [];
  bench.db.watches.deliverTo((session, { table, event, path, zxid }) => told.push([session, table, event, path, zxid]));
  return { bench, told };
}

describe('WatchManager', () => {
  test('watch.one-shot: a watch fires once; watch.data-table, watch.child-table: twice the same watch is one', () => {
    const { bench, told } = watched();
    bench.run((db) => {
      db.watches.add('data', '/a', S1);
      db.watches.add('data', '/a', S1);
      db.watches.add('child', '/', S2);
      db.watches.add('child', '/', S2);
    });
    expect(bench.bodies('watch-set')).toMatchObject([{ table: 'data' }, { table: 'child' }]);
    bench.run((db) => {
      db.processTxn(create(z(1), '/a'));
      db.processTxn(txn(z(2), { type: 'setData', path: '/a', data: null, version: 1 }));
      db.processTxn(create(z(3), '/b'));
    });
    expect(told).toEqual([
      [S1, 'data', 'NodeCreated', '/a', z(1)],
      [S2, 'child', 'NodeChildrenChanged', '/', z(1)],
    ]);
    expect(bench.db.watches.size).toBe(0);
  });

  test('watch.node-deleted: data watches, then child watches of those not told yet, then the parent’s', () => {
    const { bench, told } = watched();
    bench.run((db) => {
      db.processTxn(create(z(1), '/p'));
      db.processTxn(create(z(2), '/p/c'));
      db.watches.add('child', '/p', S3);
      db.watches.add('child', '/p/c', S1);
      db.watches.add('child', '/p/c', S2);
      db.watches.add('data', '/p/c', S1);
      db.processTxn(txn(z(3), { type: 'delete', path: '/p/c' }));
    });
    expect(told).toEqual([
      [S1, 'data', 'NodeDeleted', '/p/c', z(3)],
      [S2, 'child', 'NodeDeleted', '/p/c', z(3)],
      [S3, 'child', 'NodeChildrenChanged', '/p', z(3)],
    ]);
    // The session that was told through its data watch has used up the child watch as well.
    expect(bench.db.watches.size).toBe(0);
  });

  test('watch.node-created: data watches at the new path, and not those of other paths', () => {
    const { bench, told } = watched();
    bench.run((db) => {
      db.watches.add('data', '/a', S1);
      db.watches.add('data', '/b', S2);
      db.processTxn(create(z(1), '/a'));
    });
    expect(told).toEqual([[S1, 'data', 'NodeCreated', '/a', z(1)]]);
    expect(bench.bodies('watch-fired')).toHaveLength(1);
  });

  test('watch.node-children-changed: a create at the root tells the child watches of "/"; its data and deeper changes tell nobody', () => {
    const { bench, told } = watched();
    bench.run((db) => {
      db.watches.add('child', '/', S1);
      db.watches.add('data', '/', S2);
      db.processTxn(create(z(1), '/p'));
      db.watches.add('child', '/', S1);
      db.processTxn(create(z(2), '/p/c'));
      db.processTxn(txn(z(3), { type: 'setData', path: '/p', data: null, version: 1 }));
    });
    expect(told).toEqual([[S1, 'child', 'NodeChildrenChanged', '/', z(1)]]);
  });

  test('watch.node-data-changed: child watches do not see data, data watches do not see children', () => {
    const { bench, told } = watched();
    bench.run((db) => {
      db.processTxn(create(z(1), '/p', { data: 'x' }));
      db.watches.add('child', '/p', S1);
      db.watches.add('data', '/p', S2);
      db.processTxn(create(z(2), '/p/c'));
      db.processTxn(txn(z(3), { type: 'setData', path: '/p', data: new TextEncoder().encode('x'), version: 1 }));
    });
    expect(told).toEqual([
      [S1, 'child', 'NodeChildrenChanged', '/p', z(2)],
      [S2, 'data', 'NodeDataChanged', '/p', z(3)],
    ]);
  });

  test('a transaction that changes nothing fires nothing', () => {
    const { bench, told } = watched();
    bench.run((db) => {
      db.watches.add('data', '/a', S1);
      db.processTxn(txn(z(1), { type: 'error', error: 'NODEEXISTS' }));
      db.processTxn(txn(z(2), { type: 'setData', path: '/a', data: null, version: 1 }));
    });
    expect(told).toEqual([]);
  });

  test('watch.set-watches: each list against the tree as it is now', () => {
    const { bench, told } = watched();
    bench.run((db) => {
      for (const [i, path] of ['/same', '/data', '/child', '/quiet'].entries()) db.processTxn(create(z(i + 1), path));
      db.processTxn(txn(z(5), { type: 'setData', path: '/data', data: null, version: 1 }));
      db.processTxn(create(z(6), '/child/x'));
      db.watches.setWatches(
        S1,
        {
          relativeZxid: z(4),
          dataWatches: ['/same', '/data', '/gone', '/child'],
          existWatches: ['/same', '/never'],
          childWatches: ['/quiet', '/child', '/gone'],
        },
        db.dataTree,
      );
    });
    expect(told).toEqual([
      [S1, 'reset', 'NodeDataChanged', '/data', -1],
      [S1, 'reset', 'NodeDeleted', '/gone', -1],
      [S1, 'reset', 'NodeCreated', '/same', -1],
      [S1, 'reset', 'NodeChildrenChanged', '/child', -1],
      [S1, 'reset', 'NodeDeleted', '/gone', -1],
    ]);
    const has = (table: 'data' | 'child', path: string): boolean => bench.db.watches.has(table, path, S1);
    expect([has('data', '/same'), has('data', '/child'), has('data', '/never'), has('child', '/quiet')]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(bench.db.watches.size).toBe(4);
  });

  test('watch.connection-bound: the watches of one session are dropped, those of another stay', () => {
    const { bench, told } = watched();
    bench.run((db) => {
      db.watches.add('data', '/a', S1);
      db.watches.add('child', '/', S1);
      db.watches.add('data', '/a', S2);
      db.watches.drop(S1);
      db.watches.drop(S3);
      db.processTxn(create(z(1), '/a'));
    });
    expect(bench.bodies('watches-dropped')).toEqual([{ kind: 'watches-dropped', sessionId: S1 }]);
    expect(told).toEqual([[S2, 'data', 'NodeCreated', '/a', z(1)]]);
  });

  test('what fires names the watch and the applied transaction as its causes', () => {
    const { bench } = watched();
    bench.run((db) => db.watches.add('data', '/a', S1));
    bench.run((db) => db.processTxn(create(z(1), '/a')));
    const find = (kind: string): number => bench.events.find(({ body }) => body.kind === kind)?.ref ?? -1;
    const fired = bench.events.find(({ body }) => body.kind === 'watch-fired');
    expect(fired?.causes.slice(0, 2)).toEqual([find('watch-set'), find('applied')]);
    expect(fired?.rule).toBe('watch.node-created');
  });

  test('closing a session fires for each of its ephemerals', () => {
    const { bench, told } = watched();
    bench.run((db) => {
      db.processTxn(create(z(1), '/e', { ephemeral: S1 }));
      db.processTxn(create(z(2), '/f', { ephemeral: S1 }));
      db.watches.add('data', '/e', S2);
      db.watches.add('data', '/f', S2);
      db.processTxn(txn(z(3), { type: 'closeSession', paths2Delete: ['/e', '/f'] }, S1));
    });
    expect(told.map(([, , event, path]) => [event, path])).toEqual([
      ['NodeDeleted', '/e'],
      ['NodeDeleted', '/f'],
    ]);
  });

  test('setWatches on an empty tree registers exists watches', () => {
    const { bench } = watched();
    bench.run((db) =>
      db.watches.setWatches(
        S1,
        { relativeZxid: z(0), dataWatches: [], existWatches: ['/a'], childWatches: [] },
        new DataTree(),
      ),
    );
    expect(bench.db.watches.has('data', '/a', S1)).toBe(true);
  });
});
