import { describe, expect, test } from 'vitest';
import { DataTree } from '../../../src/engine/tree/data-tree.ts';
import type { WatchNotification } from '../../../src/engine/tree/watch-manager.ts';
import { sessionId, type SessionId } from '../../../src/protocol/ids.ts';
import { ADD_WATCH_MODES, WATCHER_TYPES } from '../../../src/protocol/operations.ts';
import { OPEN_ACL_UNSAFE, PERMS, type Acl } from '../../../src/protocol/znode.ts';
import { makeZxid, type Zxid } from '../../../src/protocol/zxid.ts';
import type { LoggedTxn } from '../../../src/protocol/txns.ts';
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
  bench.db.watches.deliverTo({
    mayRead: (session, acl) =>
      acl.some(({ perms, id }) => (perms & PERMS.READ) !== 0 && ['anyone', session].includes(id)),
    deliver: (session, { table, event, path, zxid }) => void told.push([session, table, event, path, zxid]),
  });
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

  test('watch.node-deleted, watch.deleted-once: data watches, then child watches of those not told yet, then the parent’s', () => {
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

  test('watch.silent: a transaction that changes nothing fires nothing', () => {
    const { bench, told } = watched();
    bench.run((db) => {
      db.watches.add('data', '/a', S1);
      db.processTxn(txn(z(1), { type: 'error', error: 'NODEEXISTS' }));
      db.processTxn(txn(z(2), { type: 'setData', path: '/a', data: null, version: 1 }));
    });
    expect(told).toEqual([]);
  });

  test('watch.set-watches, watch.reset-data, watch.reset-exist, watch.reset-child, watch.set-watches-order: each list against the tree', () => {
    const { bench, told } = watched();
    bench.run((db) => {
      for (const [i, path] of ['/same', '/data', '/child', '/quiet'].entries()) db.processTxn(create(z(i + 1), path));
      db.processTxn(txn(z(5), { type: 'setData', path: '/data', data: null, version: 1 }));
      db.processTxn(create(z(6), '/child/x'));
      // The zxid that the client has seen last is the change's own: it has seen it.
      db.watches.setWatches(
        S1,
        {
          relativeZxid: z(4),
          dataWatches: ['/same', '/data', '/gone', '/child', '/quiet'],
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
    const has = (table: 'data' | 'child', path: string): boolean =>
      bench.db.watches.modeOf(table, path, S1) === 'STANDARD';
    expect([has('data', '/same'), has('data', '/child'), has('data', '/never'), has('child', '/quiet')]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(has('data', '/quiet')).toBe(true);
    expect(bench.db.watches.size).toBe(5);
  });

  test('watch.reset-recreated, watch.reset-acl: a znode made anew has changed; a new list is no change', () => {
    const { bench, told } = watched();
    bench.run((db) => {
      for (const [i, path] of ['/again', '/locked'].entries()) db.processTxn(create(z(i + 1), path));
      db.processTxn(txn(z(3), { type: 'delete', path: '/again' }));
      db.processTxn(create(z(4), '/again'));
      db.processTxn(txn(z(5), { type: 'setACL', path: '/locked', acl: [], version: 1 }));
      const none = { existWatches: [], childWatches: [] };
      db.watches.setWatches(S1, { ...none, relativeZxid: z(2), dataWatches: ['/again', '/locked'] }, db.dataTree);
    });
    expect(told).toEqual([[S1, 'reset', 'NodeDataChanged', '/again', -1]]);
    expect(bench.db.watches.modeOf('data', '/locked', S1)).toBe('STANDARD');
  });

  test('watch.not-kept: snapshot and log are the same with and without them', () => {
    const [plain, { bench }] = [new Bench().boot(), watched()];
    bench.run((db) => db.watches.addWatch('/a', ADD_WATCH_MODES.PERSISTENT, S1));
    for (const each of [plain, bench]) each.commit(create(z(1), '/a'));
    expect(bench.db.serializeSnapshot()).toEqual(plain.db.serializeSnapshot());
    expect(bench.disk.image()).toEqual(plain.disk.image());
  });

  describe('what each kind of watch on /x sees', () => {
    const { PERSISTENT, PERSISTENT_RECURSIVE } = ADD_WATCH_MODES;
    type Table = ReturnType<typeof watched>['bench']['db']['watches'];
    const KINDS: Readonly<Record<string, (watches: Table) => void>> = {
      'watch.data-sees': (watches) => watches.add('data', '/x', S1),
      'watch.exists-sees': (watches) => watches.add('data', '/x', S1),
      'watch.child-sees': (watches) => watches.add('child', '/x', S1),
      'watch.persistent': (watches) => void watches.addWatch('/x', PERSISTENT, S1),
      'watch.recursive': (watches) => void watches.addWatch('/x', PERSISTENT_RECURSIVE, S1),
    };
    const made = (path: string) => create(z(9), path);
    const gone = (path: string) => txn(z(9), { type: 'delete', path });
    const changed = (path: string) => txn(z(9), { type: 'setData', path, data: null, version: 1 });
    /** What happens, and before it the znodes that are there. */
    const HAPPENS: Readonly<Record<string, readonly [there: readonly string[], LoggedTxn]>> = {
      'create /x': [[], made('/x')],
      'delete /x': [['/x'], gone('/x')],
      'setData /x': [['/x'], changed('/x')],
      'create /x/y': [['/x'], made('/x/y')],
      'delete /x/y': [['/x', '/x/y'], gone('/x/y')],
      'setData /x/y': [['/x', '/x/y'], changed('/x/y')],
      'create /x/y/z': [['/x', '/x/y'], made('/x/y/z')],
      'delete /x/y/z': [['/x', '/x/y', '/x/y/z'], gone('/x/y/z')],
      'setData /x/y/z': [['/x', '/x/y', '/x/y/z'], changed('/x/y/z')],
      'create /xx': [['/x'], made('/xx')],
    };
    const SEES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      'watch.data-sees': { 'delete /x': 'NodeDeleted /x', 'setData /x': 'NodeDataChanged /x' },
      'watch.exists-sees': {
        'create /x': 'NodeCreated /x',
        'delete /x': 'NodeDeleted /x',
        'setData /x': 'NodeDataChanged /x',
      },
      'watch.child-sees': {
        'delete /x': 'NodeDeleted /x',
        'create /x/y': 'NodeChildrenChanged /x',
        'delete /x/y': 'NodeChildrenChanged /x',
      },
      'watch.persistent': {
        'create /x': 'NodeCreated /x',
        'delete /x': 'NodeDeleted /x',
        'setData /x': 'NodeDataChanged /x',
        'create /x/y': 'NodeChildrenChanged /x',
        'delete /x/y': 'NodeChildrenChanged /x',
      },
      'watch.recursive': {
        'create /x': 'NodeCreated /x',
        'delete /x': 'NodeDeleted /x',
        'setData /x': 'NodeDataChanged /x',
        'create /x/y': 'NodeCreated /x/y',
        'delete /x/y': 'NodeDeleted /x/y',
        'setData /x/y': 'NodeDataChanged /x/y',
        'create /x/y/z': 'NodeCreated /x/y/z',
        'delete /x/y/z': 'NodeDeleted /x/y/z',
        'setData /x/y/z': 'NodeDataChanged /x/y/z',
      },
    };

    test.each(Object.keys(KINDS))('%s: of all that can happen', (kind) => {
      const seen = Object.entries(HAPPENS).flatMap(([what, [there, happens]]) => {
        // A getData leaves its watch only where there is a znode.
        if (kind === 'watch.data-sees' && there.length === 0) return [];
        const { bench, told } = watched();
        bench.run((db) => {
          for (const [i, path] of there.entries()) db.processTxn(create(z(i + 1), path));
          KINDS[kind]?.(db.watches);
          db.processTxn(happens);
        });
        return told.map(([, , event, path]) => [what, `${event} ${path}`]);
      });
      expect(Object.fromEntries(seen)).toEqual(SEES[kind]);
      expect(seen).toHaveLength(Object.keys(SEES[kind] ?? {}).length);
    });
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

  test('watch.session-end: fires for each of its ephemerals', () => {
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
    expect(bench.db.watches.modeOf('data', '/a', S1)).toBe('STANDARD');
  });

  test('watch.deleted-once: the child watch of a session that was told is used up, and the trace says so', () => {
    const { bench, told } = watched();
    bench.run((db) => {
      db.processTxn(create(z(1), '/a'));
      db.watches.add('data', '/a', S1);
      db.watches.add('child', '/a', S1);
      db.processTxn(txn(z(2), { type: 'delete', path: '/a' }));
    });
    expect(told).toHaveLength(1);
    expect(bench.bodies('watch-withheld')).toMatchObject([{ table: 'child', path: '/a', why: 'TOLD', stays: false }]);
  });

  describe('modes', () => {
    const { PERSISTENT, PERSISTENT_RECURSIVE } = ADD_WATCH_MODES;

    test('watch.persistent, watch.both-tables, watch.count: tells of data and children, stays, and counts twice', () => {
      const { bench, told } = watched();
      bench.run((db) => {
        db.watches.addWatch('/p', PERSISTENT, S1);
        db.processTxn(create(z(1), '/p'));
        db.processTxn(create(z(2), '/p/c'));
        db.processTxn(txn(z(3), { type: 'setData', path: '/p', data: null, version: 1 }));
        db.processTxn(create(z(4), '/p/c/deep'));
        db.processTxn(txn(z(5), { type: 'delete', path: '/p/c/deep' }));
        db.processTxn(txn(z(6), { type: 'delete', path: '/p/c' }));
        db.processTxn(txn(z(7), { type: 'delete', path: '/p' }));
        db.processTxn(create(z(8), '/p'));
      });
      expect(told.map(([, , event, path, zxid]) => [event, path, zxid])).toEqual([
        ['NodeCreated', '/p', z(1)],
        ['NodeChildrenChanged', '/p', z(2)],
        ['NodeDataChanged', '/p', z(3)],
        ['NodeChildrenChanged', '/p', z(6)],
        ['NodeDeleted', '/p', z(7)],
        ['NodeCreated', '/p', z(8)],
      ]);
      expect(bench.db.watches.size).toBe(2);
      expect(bench.bodies('watch-set')).toMatchObject([{ table: 'data' }, { table: 'child', mode: 'PERSISTENT' }]);
      expect(bench.bodies('watch-fired').every(({ stays }) => stays)).toBe(true);
    });

    test('watch.recursive, watch.ancestors: tells of all below under their own paths, and never of changed children', () => {
      const { bench, told } = watched();
      bench.run((db) => {
        db.watches.addWatch('/p', PERSISTENT_RECURSIVE, S1);
        for (const [i, path] of ['/p', '/p/a', '/p/a/b', '/pp', '/q'].entries()) db.processTxn(create(z(i + 1), path));
        db.processTxn(txn(z(6), { type: 'setData', path: '/p/a/b', data: null, version: 1 }));
        db.processTxn(txn(z(7), { type: 'delete', path: '/p/a/b' }));
      });
      expect(told.map(([, , event, path]) => `${event} ${path}`)).toEqual([
        ...['NodeCreated /p', 'NodeCreated /p/a', 'NodeCreated /p/a/b'],
        ...['NodeDataChanged /p/a/b', 'NodeDeleted /p/a/b'],
      ]);
      expect(bench.db.watches.size).toBe(2);
    });

    test('watch.ancestors: a one-shot or persistent watch above hears nothing of what is below', () => {
      const { bench, told } = watched();
      bench.run((db) => {
        db.watches.add('data', '/', S1);
        db.watches.addWatch('/', PERSISTENT, S2);
        db.watches.addWatch('/x', PERSISTENT_RECURSIVE, S3);
        db.processTxn(create(z(1), '/p'));
        db.processTxn(txn(z(2), { type: 'setData', path: '/p', data: null, version: 1 }));
      });
      expect(told).toEqual([[S2, 'child', 'NodeChildrenChanged', '/', z(1)]]);
    });

    test('watch.told-once: a one-shot watch below a recursive one of the same session is used up with it', () => {
      const { bench, told } = watched();
      bench.run((db) => {
        db.watches.addWatch('/', PERSISTENT_RECURSIVE, S1);
        db.watches.add('data', '/a', S1);
        db.processTxn(create(z(1), '/a'));
        db.processTxn(txn(z(2), { type: 'setData', path: '/a', data: null, version: 1 }));
      });
      expect(told.map(([, , event]) => event)).toEqual(['NodeCreated', 'NodeDataChanged']);
      expect(bench.bodies('watch-fired')).toMatchObject([{ stays: false }, { stays: true }]);
      const [first] = bench.events.filter(({ body }) => body.kind === 'watch-fired');
      const sets = bench.events.filter(({ body }) => body.kind === 'watch-set' && body.table === 'data');
      expect(first?.causes).toEqual(expect.arrayContaining(sets.map(({ ref }) => ref)));
    });

    test('watch.mode-replaced: a watch at the same path takes the mode given last, in its table', () => {
      const { bench, told } = watched();
      bench.run((db) => {
        db.watches.addWatch('/a', PERSISTENT_RECURSIVE, S1);
        db.watches.add('data', '/a', S1);
        db.processTxn(create(z(1), '/a'));
        // The data table's was one-shot by then; the one in the child table hears of deletes only.
        db.processTxn(txn(z(2), { type: 'setData', path: '/a', data: null, version: 1 }));
        db.processTxn(txn(z(3), { type: 'delete', path: '/a' }));
      });
      expect(told.map(([, table, event]) => [table, event])).toEqual([
        ['data', 'NodeCreated'],
        ['child', 'NodeDeleted'],
      ]);
      expect(bench.db.watches.size).toBe(1);
      bench.run((db) => db.watches.addWatch('/a', PERSISTENT, S1));
      expect(bench.db.watches.modeOf('child', '/a', S1)).toBe('PERSISTENT');
      expect(bench.bodies('watch-set').at(-1)).toMatchObject({ table: 'child', mode: 'PERSISTENT' });
    });

    test('watch.bad-mode: numbers that are no mode leave nothing', () => {
      const { bench } = watched();
      const left = bench.run((db) => [-1, 2, 0.5].map((mode) => db.watches.addWatch('/a', mode, S1)));
      expect([left, bench.db.watches.size]).toEqual([[false, false, false], 0]);
    });

    test('watch.reset-persistent: setWatches2 registers them again in both tables and tells nothing', () => {
      const { bench, told } = watched();
      bench.run((db) => {
        db.processTxn(create(z(1), '/p'));
        db.watches.setWatches(
          S1,
          {
            ...{ relativeZxid: z(0), dataWatches: [], existWatches: [], childWatches: [] },
            ...{ persistentWatches: ['/p', '/both'], persistentRecursiveWatches: ['/r', '/both'] },
          },
          db.dataTree,
        );
      });
      expect(told).toEqual([]);
      expect(bench.db.watches.entries('data')).toEqual([
        ['/p', [S1]],
        ['/both', [S1]],
        ['/r', [S1]],
      ]);
      expect(bench.db.watches.modeOf('child', '/both', S1)).toBe('PERSISTENT_RECURSIVE');
    });
  });

  describe('removal', () => {
    const { Any, Children, Data, Persistent } = WATCHER_TYPES;

    test('watch.remove: from the data table, the child table or both, of whatever mode, and only one’s own', () => {
      const { bench, told } = watched();
      bench.run((db) => {
        db.watches.addWatch('/p', ADD_WATCH_MODES.PERSISTENT, S1);
        db.watches.add('data', '/p', S2);
        expect(db.watches.removeWatches('/p', Data, S1)).toBe(true);
        expect(db.watches.removeWatches('/p', Data, S1)).toBe(false);
        db.processTxn(create(z(1), '/p'));
        db.processTxn(create(z(2), '/p/c'));
        expect(db.watches.removeWatches('/p', Any, S1)).toBe(true);
        db.processTxn(create(z(3), '/p/d'));
      });
      expect(told.map(([session, , event]) => [session, event])).toEqual([
        [S2, 'NodeCreated'],
        [S1, 'NodeChildrenChanged'],
      ]);
      expect(bench.bodies('watch-removed')).toMatchObject([{ table: 'data' }, { table: 'child' }]);
      expect(bench.db.watches.size).toBe(0);
    });

    test('watch.remove: without its recursive watches a session hears of no descendant any more', () => {
      const { bench, told } = watched();
      bench.run((db) => {
        db.watches.addWatch('/', ADD_WATCH_MODES.PERSISTENT_RECURSIVE, S1);
        db.watches.removeWatches('/', Any, S1);
        db.processTxn(create(z(1), '/p'));
      });
      expect(told).toEqual([]);
    });

    test('watch.check: asks for anybody’s watch in the tables of the type, and leaves it', () => {
      const { bench } = watched();
      const found = bench.run((db) => {
        db.watches.add('data', '/a', S1);
        return [Data, Children, Any].map((type) => db.watches.checkWatches('/a', type));
      });
      expect([found, bench.db.watches.size]).toEqual([[true, false, true], 1]);
      expect(bench.db.watches.checkWatches('/b', Any)).toBe(false);
    });

    test('watch.check-path: paths that no znode has are not looked up, though they can be watched', () => {
      const { bench } = watched();
      bench.run((db) => ['', 'a'].map((path) => db.watches.addWatch(path, 0, S1)));
      expect(bench.db.watches.checkWatches('', Any)).toBe(false);
      expect(bench.db.watches.checkWatches('a', Any)).toBeNull();
      expect(bench.run((db) => ['', 'a'].map((path) => db.watches.removeWatches(path, Any, S1)))).toEqual([true, true]);
    });

    test('watch.bad-type: the types of 3.9 and other numbers are none', () => {
      const { bench } = watched();
      bench.run((db) => db.watches.add('data', '/a', S1));
      for (const type of [0, 9, Persistent]) {
        expect(bench.db.watches.checkWatches('/a', type)).toBeNull();
        expect(bench.run((db) => db.watches.removeWatches('/a', type, S1))).toBeNull();
      }
    });
  });

  describe('permissions', () => {
    const only = (session: SessionId): readonly Acl[] => [{ perms: PERMS.ALL, scheme: 'test', id: session }];
    const createFor = (zxid: Zxid, path: string, acl: readonly Acl[]) =>
      txn(zxid, { type: 'create', path, data: null, acl, ephemeral: false, parentCVersion: -1 });

    test('watch.read-permission: who may not read is not told, and its one-shot watch is gone all the same', () => {
      const { bench, told } = watched();
      bench.run((db) => {
        db.watches.add('data', '/a', S1);
        db.watches.add('data', '/a', S2);
        db.watches.addWatch('/', ADD_WATCH_MODES.PERSISTENT_RECURSIVE, S3);
        db.processTxn(createFor(z(1), '/a', only(S1)));
      });
      expect(told).toEqual([[S1, 'data', 'NodeCreated', '/a', z(1)]]);
      expect(bench.bodies('watch-withheld')).toMatchObject([
        { sessionId: S2, why: 'NOAUTH', stays: false },
        { sessionId: S3, why: 'NOAUTH', stays: true },
      ]);
      expect(bench.db.watches.modeOf('data', '/a', S2)).toBeNull();
      expect(bench.db.watches.modeOf('data', '/', S3)).toBe('PERSISTENT_RECURSIVE');
    });

    test('watch.parent-permission: the parent’s list for its children, the last one of a deleted znode for itself', () => {
      const { bench, told } = watched();
      bench.run((db) => {
        db.processTxn(createFor(z(1), '/p', only(S1)));
        db.watches.add('child', '/p', S1);
        db.watches.add('child', '/p', S2);
        db.processTxn(createFor(z(2), '/p/c', only(S2)));
        db.watches.add('data', '/p/c', S1);
        db.watches.add('data', '/p/c', S2);
        db.watches.add('child', '/p', S1);
        db.processTxn(txn(z(3), { type: 'delete', path: '/p/c' }));
      });
      expect(told.map(([session, , event]) => [session, event])).toEqual([
        [S1, 'NodeChildrenChanged'],
        [S2, 'NodeDeleted'],
        [S1, 'NodeChildrenChanged'],
      ]);
    });

    test('watch.reset-unfiltered: what a reconnect finds is told whatever the list says, with zxid −1', () => {
      const { bench, told } = watched();
      bench.run((db) => {
        db.processTxn(createFor(z(1), '/a', only(S2)));
        const none = { dataWatches: [], existWatches: [], childWatches: [] };
        db.watches.setWatches(S1, { ...none, relativeZxid: z(0), dataWatches: ['/a'] }, db.dataTree);
      });
      expect(told).toEqual([[S1, 'reset', 'NodeDataChanged', '/a', -1]]);
    });
  });

  test('watch.silent: a setACL and a check fire nothing', () => {
    const { bench, told } = watched();
    bench.run((db) => {
      db.processTxn(create(z(1), '/a'));
      db.watches.addWatch('/', ADD_WATCH_MODES.PERSISTENT_RECURSIVE, S1);
      db.watches.addWatch('/a', ADD_WATCH_MODES.PERSISTENT, S2);
      db.processTxn(txn(z(2), { type: 'setACL', path: '/a', acl: [], version: 1 }));
      db.processTxn(txn(z(3), { type: 'multi', txns: [{ type: 'check', path: '/a', version: 0 }] }));
    });
    expect(told).toEqual([]);
  });

  test('watch.multi, watch.zxid-order: the parts of a multi fire in their order, transactions in theirs', () => {
    const { bench, told } = watched();
    bench.run((db) => {
      db.watches.addWatch('/', ADD_WATCH_MODES.PERSISTENT_RECURSIVE, S1);
      const made = { data: null, acl: OPEN_ACL_UNSAFE, ephemeral: false, parentCVersion: -1 };
      db.processTxn(
        txn(z(1), {
          type: 'multi',
          txns: [
            { type: 'create', path: '/b', ...made },
            { type: 'create', path: '/a', ...made },
            { type: 'setData', path: '/b', data: null, version: 1 },
            { type: 'delete', path: '/a' },
          ],
        }),
      );
      db.processTxn(create(z(2), '/c'));
    });
    expect(told.map(([, , event, path, zxid]) => `${event} ${path} ${zxid - z(0)}`)).toEqual([
      ...['NodeCreated /b 1', 'NodeCreated /a 1', 'NodeDataChanged /b 1', 'NodeDeleted /a 1', 'NodeCreated /c 2'],
    ]);
  });
});
