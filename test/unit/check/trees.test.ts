import { beforeEach, describe, expect, test } from 'vitest';
import { treeDigest } from '../../../src/check/tree/digest.ts';
import { trees } from '../../../src/check/tree/index.ts';
import { DataTree } from '../../../src/engine/tree/data-tree.ts';
import type { TraceZnode, ZnodeChange } from '../../../src/protocol/events.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import { OPEN_ACL_UNSAFE } from '../../../src/protocol/znode.ts';
import type { Zxid } from '../../../src/protocol/zxid.ts';
import { E1, E2, root, Script, znode } from './script.ts';

const ROOT: ZnodeChange = ['/', znode(0, { ctime: 0, mtime: 0 })];
const SESSION = '0x10000';

let script: Script;
beforeEach(() => {
  script = new Script(trees);
  for (const actor of ['s1', 's2', 's3']) recover(actor, 0, [ROOT]);
});

function recover(actor: string, lastZxid: number, nodes: readonly ZnodeChange[], more: object = {}): number {
  return script.see(actor, 'recovered', {
    ...{ snapshot: null, replayed: 0, lastZxid, acceptedEpoch: 1, currentEpoch: 1, nodes, sessions: [], log: [] },
    ...more,
  });
}
function load(actor: string, source: string, zxid: number, nodes: readonly ZnodeChange[]): number {
  return script.see(actor, 'tree-loaded', { source, zxid, nodes, sessions: [], log: [] });
}
function apply(actor: string, zxid: number, changes: readonly ZnodeChange[], txn = 'create'): number {
  return script.see(actor, 'applied', { zxid, txn, changes });
}
function create(actor: string, zxid: number, path: string, nth: number, more = {}, data = ''): number {
  return apply(actor, zxid, [root(zxid, nth), [path, znode(zxid, more, data)]]);
}

describe('TreeDeterminism', () => {
  test('servers that do the same raise nothing, whenever they do it', () => {
    for (const actor of ['s1', 's2']) create(actor, E1 + 1, '/a', 1);
    for (const actor of ['s1', 's2']) create(actor, E1 + 2, '/b', 2);
    create('s3', E1 + 1, '/a', 1);
    recover(
      's2',
      E1 + 1,
      [ROOT, ['/a', znode(E1 + 1)]].map(([path, node]) =>
        path === '/'
          ? ['/', znode(0, { ctime: 0, mtime: 0, pzxid: E1 + 1, cversion: 1, numChildren: 1 })]
          : [path, node],
      ) as ZnodeChange[],
    );
    create('s2', E1 + 2, '/b', 2);
    expect(script.violations).toEqual([]);
  });

  test('a transaction that does something else at another server', () => {
    const first = create('s1', E1 + 1, '/a', 1, {}, 'x');
    const event = create('s2', E1 + 1, '/a', 1, { mtime: 2 }, 'x');
    expect(script.violations).toEqual([
      {
        ...{ property: 'TreeDeterminism', at: event, event, proof: [first, event] },
        says: 'After 0x100000001 /a is with mtime 2 at s2, but with mtime 1 at s1; the same transactions should make the same tree.',
      },
    ]);
  });

  test('data, ACLs, and znodes that only one of them has', () => {
    create('s1', E1 + 1, '/a', 1, {}, 'x');
    create('s2', E1 + 1, '/a', 1, {}, 'y');
    expect(script.violations[0]?.says).toContain('/a is with the data "y" at s2, but "x" at s1');

    script = new Script(trees);
    for (const actor of ['s1', 's2']) recover(actor, 0, [ROOT]);
    create('s1', E1 + 1, '/a', 1);
    apply('s2', E1 + 1, [root(E1 + 1, 1)]);
    expect(script.violations).toMatchObject([{ property: 'TreeDeterminism' }]);

    script = new Script(trees);
    for (const actor of ['s1', 's2']) recover(actor, 0, [ROOT]);
    create('s1', E1 + 1, '/a', 1);
    apply('s2', E1 + 1, [root(E1 + 1, 1), ['/a', { ...znode(E1 + 1), acl: [] }]]);
    expect(script.violations).toMatchObject([{ property: 'TreeDeterminism' }]);
  });

  test('another history is not compared', () => {
    create('s1', E1 + 1, '/a', 1);
    create('s1', E1 + 2, '/b', 2);
    create('s2', E1 + 2, '/b', 1);
    create('s2', E1 + 3, '/c', 2);
    create('s1', E1 + 3, '/c', 3);
    expect(script.violations).toEqual([]);
  });

  test.each(['SNAP', 'TRUNC', 'replay', 'recovered'])('a whole tree that is not the one of its zxid: %s', (source) => {
    for (const actor of ['s1', 's3']) create(actor, E1 + 1, '/a', 1);
    const last = create('s1', E1 + 2, '/b', 2);
    if (source === 'TRUNC') script.see('s2', 'log-truncated', { to: E1 + 1 });
    const nodes: ZnodeChange[] = [['/', znode(0, { ctime: 0, mtime: 0, pzxid: E1 + 1, cversion: 1, numChildren: 1 })]];
    // A snapshot that is newer than the end of the log brings back what was cut.
    const zxid = source === 'TRUNC' ? E1 + 2 : E1 + 1;
    const event = source === 'recovered' ? recover('s2', zxid, nodes) : load('s2', source, zxid, nodes);
    expect(script.violations).toEqual([
      {
        ...{ property: 'TreeDeterminism', at: event, event, proof: [last, event] },
        says: 'After 0x100000001 /a is not there at s2, but there at s1; the same transactions should make the same tree.',
        // Which the real server does, too.
        ...(source === 'TRUNC' ? { known: 'dirty snapshot' } : {}),
      },
    ]);
  });

  test('the tree of a new leader counts as that of (e, 0)', () => {
    create('s1', E1 + 1, '/a', 1);
    script.see('s1', 'serving', { epoch: 2, leader: 1 });
    load('s2', 'SNAP', E2, [ROOT]);
    expect(script.violations).toMatchObject([{ property: 'TreeDeterminism' }]);
  });

  test('a fuzzy snapshot may hold parts of what came later, until its server has it all', () => {
    create('s1', E1 + 1, '/a', 1);
    script.see('s1', 'snapshot-started', { zxid: E1 + 1 });
    create('s1', E1 + 2, '/b', 2);
    script.see('s1', 'snapshot-taken', { zxid: E1 + 1, bytes: 1 });
    const ahead = [ROOT, ['/a', znode(E1 + 1)], ['/b', znode(E1 + 2)]] as ZnodeChange[];
    recover('s1', E1 + 1, ahead, { snapshot: E1 + 1 });
    expect(script.violations).toEqual([]);
    recover('s1', E1 + 2, ahead, { snapshot: E1 + 1 });
    expect(script.violations).toEqual([]); // nobody is left to compare with
  });

  test('what servers write by themselves is not compared', () => {
    const own = (data: string): ZnodeChange[] => [
      ['/zookeeper/config', znode(0, {}, data)],
      ['/zookeeper/quota/a/zookeeper_stats', znode(0, {}, data)],
    ];
    apply('s1', E1 + 1, own('x'), 'reconfig');
    apply('s2', E1 + 1, own('y'), 'reconfig');
    expect(script.violations).toEqual([]);
  });

  test('a wrong digest: only if the tree is not what its transactions make', () => {
    const zxid = E1 + 1;
    const tree = new DataTree();
    const nodes = tree.traceNodes();
    script = new Script(trees);
    for (const actor of ['s1', 's2']) recover(actor, 0, nodes);
    const txn = {
      type: 'create',
      path: '/a',
      data: null,
      acl: OPEN_ACL_UNSAFE,
      ephemeral: false,
      parentCVersion: 1,
    } as const;
    const header = { clientId: SESSION as SessionId, cxid: 1, zxid: zxid as Zxid, time: 7, type: 'create' } as const;
    const { changes } = tree.processTxn({ header, txn });
    const actual = tree.treeDigest.toString(16);
    script.see('s1', 'digest-mismatch', { zxid, expected: '1', actual });
    apply('s1', zxid, changes);
    expect(script.violations).toEqual([]); // the leader foresaw something wrong
    const mismatch = script.see('s2', 'digest-mismatch', { zxid, expected: actual, actual: '2' });
    const event = apply('s2', zxid, changes);
    expect(script.violations).toEqual([
      {
        ...{ property: 'TreeDeterminism', at: event, event, proof: [mismatch, event] },
        says: `After 0x100000001 the tree of s2 has the digest 2, but its transactions make ${actual}; the leader expects ${actual}.`,
      },
    ]);
    expect(treeDigest(new Map(tree.traceNodes() as [string, TraceZnode][]))).toBe(actual);
  });
});

describe('StatLaws', () => {
  const law = (): string | undefined => {
    expect(script.violations.map(({ property }) => property)).toEqual(['StatLaws']);
    return script.violations[0]?.says;
  };
  const set = (zxid: number, more: object): number =>
    apply('s1', zxid, [['/a', znode(E1 + 1, { mzxid: zxid, mtime: 2, version: 1, ...more })]], 'setData');

  test('counters that count raise nothing', () => {
    create('s1', E1 + 1, '/a', 1);
    set(E1 + 2, {});
    apply('s1', E1 + 3, [['/a', znode(E1 + 1, { mzxid: E1 + 2, mtime: 2, version: 1, aversion: 1 })]], 'setACL');
    const gone = { pzxid: E1 + 4, cversion: 2, ctime: 0, mtime: 0, mzxid: 0, czxid: 0 };
    apply(
      's1',
      E1 + 4,
      [
        ['/', { stat: znode(0, gone).stat }],
        ['/a', null],
      ],
      'delete',
    );
    // Within one multi a child comes and goes.
    apply(
      's1',
      E1 + 5,
      [
        ['/', { stat: znode(0, { ...gone, pzxid: E1 + 5, cversion: 4 }).stat }],
        ['/b', null],
      ],
      'multi',
    );
    expect(script.violations).toEqual([]);
  });

  test('pzxid is not that of a setData, and no znode goes before its children', () => {
    create('s1', E1 + 1, '/a', 1);
    const moved = set(E1 + 2, { pzxid: E1 + 2 });
    expect(script.violations).toMatchObject([
      {
        ...{ property: 'StatLaws', event: moved },
        says: 'After 0x100000002, a setData, /a at s1 has pzxid 0x100000002, with 0 children created and 0 deleted.',
      },
    ]);
    create('s1', E1 + 3, '/b', 2);
    apply('s1', E1 + 4, [
      ['/b', { stat: znode(E1 + 3, { pzxid: E1 + 4, numChildren: 1, cversion: 1 }).stat }],
      ['/b/c', znode(E1 + 4)],
    ]);
    const event = apply('s1', E1 + 5, [['/b', null]], 'delete');
    expect(script.violations.slice(1)).toMatchObject([
      { event, says: 'After 0x100000005, a delete, /b at s1 is deleted with 1 children left.' },
    ]);
  });

  test('version does not count', () => {
    const before = create('s1', E1 + 1, '/a', 1);
    const event = set(E1 + 2, { version: 0 });
    expect(script.violations).toEqual([
      {
        ...{ property: 'StatLaws', at: event, event, proof: [before, event] },
        says: 'After 0x100000002, a setData, /a at s1 has version 0 after 0.',
      },
    ]);
  });

  test('version counts where no data was written', () => {
    create('s1', E1 + 1, '/a', 1);
    set(E1 + 2, { mzxid: E1 + 1 });
    expect(law()).toContain('/a at s1 has version 1 after 0, and its data was not written');
  });

  test('cversion, and the number of children', () => {
    apply('s1', E1 + 1, [root(E1 + 1, 2), ['/a', znode(E1 + 1)]]);
    expect(law()).toContain('/ at s1 has 2 children after 0, with 1 created and 0 deleted');

    script = new Script(trees);
    recover('s1', 0, [ROOT]);
    const stat = { pzxid: E1 + 1, ctime: 0, mtime: 0, mzxid: 0, czxid: 0, numChildren: 1 };
    apply('s1', E1 + 1, [
      ['/', { stat: znode(0, stat).stat }],
      ['/a', znode(E1 + 1)],
    ]);
    expect(law()).toContain('/ at s1 has cversion 0 after 0, with 1 children created and 0 deleted');
  });

  test('zxids that contradict each other', () => {
    create('s1', E1 + 1, '/a', 1, { mzxid: E1 });
    expect(law()).toContain('/a at s1 has czxid 0x100000001 above mzxid 0x100000000');
  });

  test('a new znode that is not new', () => {
    create('s1', E1 + 1, '/a', 1, { version: 3 });
    expect(law()).toContain('/a at s1 is new, but has version 3');
  });

  test('aversion, ctime and owner', () => {
    for (const more of [{ aversion: 1 }, { ctime: 9 }, { ephemeralOwner: SESSION }]) {
      script = new Script(trees);
      recover('s1', 0, [ROOT]);
      create('s1', E1 + 1, '/a', 1);
      set(E1 + 2, more);
      law();
    }
  });
});

describe('EphemeralLife', () => {
  const OWNED = { ephemeralOwner: SESSION };
  const open = (actor: string): number => script.see(actor, 'session-opened', { sessionId: SESSION, timeout: 1000 });

  test('an ephemeral comes and goes with its session', () => {
    open('s1');
    create('s1', E1 + 1, '/e', 1, OWNED);
    const after = { pzxid: E1 + 2, cversion: 2, ctime: 0, mtime: 0, mzxid: 0, czxid: 0 };
    apply(
      's1',
      E1 + 2,
      [
        ['/', { stat: znode(0, after).stat }],
        ['/e', null],
      ],
      'closeSession',
    );
    script.see('s1', 'session-closed', { sessionId: SESSION });
    expect(script.violations).toEqual([]);
  });

  test('one that outlives its session', () => {
    open('s1');
    create('s1', E1 + 1, '/e', 1, OWNED);
    const closed = apply('s1', E1 + 2, [], 'closeSession');
    const event = script.see('s1', 'session-closed', { sessionId: SESSION });
    expect(script.violations).toEqual([
      {
        ...{ property: 'EphemeralLife', at: event, event, proof: [closed, event] },
        says: 's1 has applied the end of session 0x10000 with 0x100000002, but keeps its ephemeral /e.',
      },
    ]);
  });

  test('one of a session that does not exist, or is known to one server only', () => {
    const event = create('s1', E1 + 1, '/e', 1, OWNED);
    expect(script.violations).toEqual([
      {
        ...{ property: 'EphemeralLife', at: event, event, proof: [event] },
        says: '0x100000001 makes the ephemeral /e at s1 for session 0x10000, which does not exist there.',
      },
    ]);
    script = new Script(trees);
    recover('s1', 0, [ROOT]);
    script.see('s1', 'session-opened', { sessionId: SESSION, timeout: 1000, local: true });
    create('s1', E1 + 1, '/e', 1, OWNED);
    expect(script.violations).toMatchObject([{ property: 'EphemeralLife' }]);
  });

  test('one in a tree that is loaded', () => {
    const event = load('s2', 'SNAP', E1 + 9, [ROOT, ['/e', znode(E1 + 1, OWNED)]]);
    expect(script.violations).toMatchObject([{ property: 'EphemeralLife', event }]);
  });

  test('nodes with a time to live look like ephemerals where those are switched off', () => {
    create('s1', E1 + 1, '/t', 1, { ephemeralOwner: '0xff00000000001388' });
    expect(script.violations).toEqual([]);
  });
});

describe('SeqNumbers', () => {
  let call = 0;
  const returned = (zxid: number, path: string, more: object = {}): number =>
    script.see('alice', 'returned', {
      ...{ call: call++, server: 1, zxid, error: null, result: { path } },
      request: {
        op: 'create',
        path: path.slice(0, path.lastIndexOf('-', path.length - 11) + 1),
        mode: 'PERSISTENT_SEQUENTIAL',
      },
      ...more,
    });

  test('numbers that grow, in whatever order clients hear of them', () => {
    for (const [i, n] of [0, 1, 5].entries()) create('s1', E1 + 1 + i, `/n-000000000${n}`, i + 1);
    returned(E1 + 2, '/n-0000000001');
    returned(E1 + 1, '/n-0000000000');
    returned(E1 + 3, '/n-0000000005');
    expect(script.violations).toEqual([]);
  });

  test('a number that comes again', () => {
    create('s1', E1 + 1, '/n-0000000000', 1);
    const made = create('s1', E1 + 2, '/m-0000000000', 2);
    const first = returned(E1 + 1, '/n-0000000000');
    const event = returned(E1 + 2, '/m-0000000000');
    expect(script.violations).toEqual([
      {
        ...{ property: 'SeqNumbers', at: event, event, proof: [made, first, event] },
        says: '/m-0000000000 was created after /n-0000000000 under the same parent, so its number should be higher (alice is told).',
      },
    ]);
  });

  test('a parent that was made anew begins anew, and the greatest number is followed by the least', () => {
    const under = (zxid: number, parent: number, name: string, children: number): number =>
      apply('s1', zxid, [
        ['/p', { stat: znode(parent, { pzxid: zxid, cversion: children, numChildren: children }).stat }],
        [`/p/${name}`, znode(zxid)],
      ]);
    create('s1', E1 + 1, '/p', 1);
    under(E1 + 2, E1 + 1, 'n-2147483647', 1);
    under(E1 + 3, E1 + 1, 'n--2147483648', 2);
    returned(E1 + 2, '/p/n-2147483647');
    returned(E1 + 3, '/p/n--2147483648');
    expect(script.violations).toEqual([]);
  });
});

describe('Atomicity', () => {
  const returned = (error: string | null, results: readonly object[]): number =>
    script.see('alice', 'returned', {
      ...{ call: 1, server: 1, zxid: E1 + 1, error, result: { results } },
      request: {
        op: 'multi',
        ops: [
          { op: 'create', path: '/a' },
          { op: 'delete', path: '/b' },
        ],
      },
    });
  const FAILED = [
    { op: 'error', error: 'OK' },
    { op: 'error', error: 'NONODE' },
  ];

  test('a multi that is whole, and one that changes nothing', () => {
    apply('s1', E1 + 1, [], 'multi');
    returned('NONODE', FAILED);
    apply('s1', E1 + 2, [root(E1 + 2, 1), ['/a', znode(E1 + 2)]], 'multi');
    expect(script.violations).toEqual([]);
  });

  test('a failed multi that has changed something', () => {
    const applied = apply('s1', E1 + 1, [root(E1 + 1, 1), ['/a', znode(E1 + 1)]], 'multi');
    const event = returned('NONODE', FAILED);
    expect(script.violations).toEqual([
      {
        ...{ property: 'Atomicity', at: event, event, proof: [applied, event] },
        says: 'alice is told that its multi 0x100000001 has failed, but s1 has changed / by it.',
      },
    ]);
  });

  test('a part that is missing', () => {
    apply('s1', E1 + 1, [root(E1 + 1, 1), ['/c', znode(E1 + 1)]], 'multi');
    returned(null, [{ op: 'create', path: '/a' }, { op: 'delete' }]);
    expect(script.violations).toMatchObject([{ property: 'Atomicity' }]);
  });

  test('a multi that is applied in parts', () => {
    const first = apply('s1', E1 + 1, [root(E1 + 1, 1), ['/a', znode(E1 + 1)]], 'multi');
    const event = apply('s1', E1 + 1, [], 'multi');
    expect(script.violations).toMatchObject([{ property: 'Atomicity', event, proof: [first, event] }]);
  });
});
