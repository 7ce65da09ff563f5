/** Defects of the tree, the watches and what the leader makes of writes: each changes what its rule decides, and nothing else. */
import { describe, expect, test } from 'vitest';
import { DataTree } from '../../../src/engine/tree/data-tree.ts';
import type { Defect } from '../../../src/protocol/defects.ts';
import type { Operation } from '../../../src/protocol/operations.ts';
import type { LoggedTxn } from '../../../src/protocol/txns.ts';
import { OPEN_ACL_UNSAFE, PERMS } from '../../../src/protocol/znode.ts';
import { counterOf, makeZxid, type Zxid } from '../../../src/protocol/zxid.ts';
import { Bench, create as request, TestLeader, type TestClient } from '../request/bench.ts';
import { create, S1, S2, txn } from '../storage/bench.ts';

const z = (counter: number): Zxid => makeZxid(1, counter);
const set = (zxid: Zxid, path: string, version: number): LoggedTxn =>
  txn(zxid, { type: 'setData', path, data: null, version });

/** The tree after these transactions. */
function grown(defects: readonly Defect[], ...txns: readonly LoggedTxn[]): DataTree {
  const tree = new DataTree();
  for (const each of txns) tree.processTxn(each, { broken: (defect) => defects.includes(defect) });
  return tree;
}

/** What a defect makes another of a tree, with all else. */
function both<T>(defect: Defect, look: (tree: DataTree) => T, ...txns: readonly LoggedTxn[]): readonly [T, T] {
  return [look(grown([], ...txns)), look(grown([defect], ...txns))];
}
const names = (tree: DataTree): string => tree.getChildren('/')?.join(' ') ?? '';

describe('DataTree', () => {
  const session = [create(z(1), '/a', { ephemeral: S1 }), create(z(2), '/b', { ephemeral: S2 })] as const;
  const end = txn(z(3), { type: 'closeSession', paths2Delete: ['/a'] }, S1);

  test('keep-ephemeral: the end of the session leaves them', () => {
    const owned = session.map((each, i) => ({ ...each, header: { ...each.header, clientId: i === 0 ? S1 : S2 } }));
    expect(both('keep-ephemeral', names, ...owned, end)).toEqual(['b zookeeper', 'a b zookeeper']);
    const own = txn(z(4), { type: 'delete', path: '/a' }, S1);
    expect(names(grown(['keep-ephemeral'], ...owned, end, own))).toBe('b zookeeper');
  });

  test('half-multi: what the parts before the failed one did stays', () => {
    const { acl, ephemeral, parentCVersion } = { acl: OPEN_ACL_UNSAFE, ephemeral: false, parentCVersion: -1 };
    const part = (path: string) => ({ type: 'create', path, data: null, acl, ephemeral, parentCVersion }) as const;
    const failed = [
      { type: 'error', error: 'NONODE' } as const,
      { type: 'error', error: 'RUNTIMEINCONSISTENCY' } as const,
    ];
    const half = txn(z(1), { type: 'multi', txns: [part('/a'), ...failed] });
    expect(both('half-multi', names, half)).toEqual(['zookeeper', 'a zookeeper']);
    const whole = txn(z(1), { type: 'multi', txns: [part('/a'), part('/b')] });
    expect(both('half-multi', names, whole)).toEqual(['a b zookeeper', 'a b zookeeper']);
  });

  const changes = [
    create(z(1), '/p'),
    create(z(2), '/p/c'),
    set(z(3), '/p', 1),
    txn(z(4), { type: 'delete', path: '/p/c' }),
  ];
  test.each([
    ['cversion-stays', { cversion: 0 }],
    ['mzxid-stays', { mzxid: z(1) }],
    ['pzxid-stays', { pzxid: z(1) }],
  ] as const)('%s: %o', (defect, stays) => {
    const [kept, broken] = both(defect, (tree) => tree.stat('/p'), ...changes);
    expect(kept).toMatchObject({ czxid: z(1), mzxid: z(3), pzxid: z(4), version: 1, cversion: 2, numChildren: 0 });
    expect(broken).toEqual({ ...kept, ...stays });
  });
});

/** A leader with a client, alone. */
function leading(...defects: Defect[]): {
  readonly bench: Bench;
  readonly leader: TestLeader;
  readonly client: TestClient;
  readonly ask: (operation: Operation) => string | undefined;
} {
  const bench = new Bench({}, undefined, defects);
  const leader = new TestLeader(bench);
  const client = bench.dial();
  bench.run(100);
  bench.established(client);
  const ask = (operation: Operation): string | undefined => {
    const xid = bench.request(client, operation);
    bench.run(100);
    return bench.outcome(client, xid);
  };
  return { bench, leader, client, ask };
}

describe('writes', () => {
  const setData = (version: number): Operation => ({ op: 'setData', path: '/a', data: new Uint8Array([1]), version });

  const twice = (...defects: Defect[]): unknown => {
    const { bench, ask } = leading(...defects);
    return [
      ask(request('/a')),
      ask(setData(0)),
      ask(setData(0)),
      ask(setData(7)),
      bench.db.dataTree.stat('/a')?.version,
    ];
  };

  test('version-stays: an old version fits again', () => {
    expect(twice()).toEqual(['OK', 'OK', 'BADVERSION', 'BADVERSION', 1]);
    expect(twice('version-stays')).toEqual(['OK', 'OK', 'OK', 'BADVERSION', 0]);
  });

  test('set-any-version: every version fits', () => {
    expect(twice('set-any-version')).toEqual(['OK', 'OK', 'OK', 'OK', 3]);
  });

  test('sequence-by-count: a number comes again', () => {
    const numbers = (...defects: Defect[]): readonly string[] => {
      const { leader, ask } = leading(...defects);
      for (const path of ['/p', '/p/x']) ask(request(path));
      ask(request('/p/n', 'PERSISTENT_SEQUENTIAL'));
      ask({ op: 'delete', path: '/p/x', version: -1 });
      ask(request('/p/n', 'PERSISTENT_SEQUENTIAL'));
      return leader.txns.slice(-3);
    };
    expect(numbers()).toEqual(['create /p/n0000000001', 'delete /p/x', 'create /p/n0000000002']);
    expect(numbers('sequence-by-count')).toEqual(['create /p/n0000000001', 'delete /p/x', 'error NODEEXISTS']);
  });

  test('own-clock: the times are those of the server that applies', () => {
    const times = (...defects: Defect[]): readonly (number | undefined)[] => {
      const { bench, leader, ask } = leading(...defects);
      leader.auto = false;
      ask(request('/a'));
      bench.run(1000);
      leader.commit();
      const { ctime, mtime } = bench.db.dataTree.stat('/a') ?? {};
      return [ctime, mtime].map((time) => time && time - (leader.proposals.at(-1)?.header.time ?? 0));
    };
    expect(times()).toEqual([0, 0]);
    expect(times('own-clock')).toEqual([1100, 1100]);
  });
});

describe('reads', () => {
  /** The answers to get /a, set /a, get /a and, last, get of another znode that was made in between: zxid and data. */
  const answers = (...defects: Defect[]): readonly string[] => {
    const { bench, client } = leading(...defects);
    const get = (path: string): Operation => ({ op: 'getData', path, watch: false });
    const set: Operation = { op: 'setData', path: '/a', data: new Uint8Array([1]), version: -1 };
    for (const operation of [request('/a'), get('/a'), set, request('/b'), get('/a'), get('/b')]) {
      bench.request(client, operation);
      bench.run(100);
    }
    return bench
      .replies(client)
      .filter(({ result }) => result?.stat && 'data' in result)
      .map(({ zxid, result }) => `${counterOf(zxid)} ${result?.data?.length ?? 0}`);
  };

  test('reply-tells-mzxid: that of the znode', () => {
    expect(answers()).toEqual(['2 0', '4 1', '4 0']);
    expect(answers('reply-tells-mzxid')).toEqual(['2 0', '3 1', '4 0']);
  });

  test('stale-read-cache: the old data under a new zxid', () => {
    expect(answers('stale-read-cache')).toEqual(['2 0', '4 0', '4 0']);
  });
});

describe('watches', () => {
  /** What the client is sent when /a is changed twice and it has read it with a watch before: when, and what. */
  const sent = (...defects: Defect[]): readonly string[] => {
    const { bench, client, ask } = leading(...defects);
    ask(request('/a'));
    ask({ op: 'getData', path: '/a', watch: true });
    const [from, began] = [bench.done.length, bench.now];
    for (const version of [0, 1]) ask({ op: 'setData', path: '/a', data: null, version });
    bench.run(5000);
    return bench.done.slice(from).flatMap(({ t, conn, packet }) => {
      if (conn !== client.conn || (packet?.type !== 'WatchEvent' && packet?.type !== 'Reply')) return [];
      return [`${t - began} ${packet.type === 'Reply' ? `reply ${packet.xid}` : packet.event}`];
    });
  };

  test('lose-watch: nobody is told, and the watch is gone', () => {
    expect(sent()).toEqual(['5 NodeDataChanged', '5 reply 3', '105 reply 4']);
    expect(sent('lose-watch')).toEqual(['5 reply 3', '105 reply 4']);
  });

  test('watch-fires-twice: each event is sent twice', () => {
    expect(sent('watch-fires-twice')).toEqual(['5 NodeDataChanged', '5 NodeDataChanged', '5 reply 3', '105 reply 4']);
  });

  test('watch-fires-late: a tick behind the change', () => {
    expect(sent('watch-fires-late')).toEqual(['5 reply 3', '105 reply 4', '2005 NodeDataChanged']);
  });

  test('watch-ignores-acl: who may not read is told', () => {
    const told = (...defects: Defect[]): number => {
      const { bench, client, ask } = leading(...defects);
      bench.deliver(client, {
        type: 'Request',
        xid: -4,
        operation: { op: 'auth', scheme: 'digest', auth: Uint8Array.of(97, 58, 98) },
      });
      const acl = [{ perms: PERMS.ALL, scheme: 'auth', id: '' }];
      ask({ op: 'create', path: '/secret', data: null, acl, mode: 'PERSISTENT' });
      const other = bench.dial();
      bench.run(100);
      bench.established(other);
      bench.request(other, { op: 'exists', path: '/secret', watch: true });
      ask({ op: 'delete', path: '/secret', version: -1 });
      return bench.packets(other).filter(({ type }) => type === 'WatchEvent').length;
    };
    expect(told()).toBe(0);
    expect(told('watch-ignores-acl')).toBe(1);
  });
});
