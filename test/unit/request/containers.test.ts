import { describe, expect, test } from 'vitest';
import type { ZooConfig } from '../../../src/protocol/config.ts';
import { sid } from '../../../src/protocol/ids.ts';
import type { CreateOperation, Operation } from '../../../src/protocol/operations.ts';
import { OPEN_ACL_UNSAFE } from '../../../src/protocol/znode.ts';
import { Bench, TestLeader, TestLearner, type TestClient } from './bench.ts';

const MINUTE = 60_000;

function leading(zoo: Partial<ZooConfig> = {}): {
  bench: Bench;
  leader: TestLeader;
  ask: (operation: Operation) => void;
} {
  const bench = new Bench({ extendedTypesEnabled: true, maxSessionTimeout: 10 * MINUTE, ...zoo });
  const leader = new TestLeader(bench);
  const client: TestClient = bench.dial({ timeout: 10 * MINUTE });
  bench.run(100);
  bench.established(client);
  const ask = (operation: Operation): void => {
    bench.request(client, operation);
    bench.run(100);
  };
  return { bench, leader, ask };
}

const container = (path: string): CreateOperation => ({
  op: 'createContainer',
  path,
  data: null,
  acl: OPEN_ACL_UNSAFE,
  mode: 'CONTAINER',
});
const ttl = (path: string, length: number): CreateOperation => ({
  ...container(path),
  op: 'createTTL',
  mode: 'PERSISTENT_WITH_TTL',
  ttl: length,
});
const child = (path: string): CreateOperation => ({ ...container(path), op: 'create', mode: 'PERSISTENT' });
const remove = (path: string): Operation => ({ op: 'delete', path, version: -1 });

describe('ContainerManager', () => {
  test('container.emptied and container.interval: removed at the next full minute, not with a child', () => {
    const { bench, leader, ask } = leading();
    for (const path of ['/empty', '/full', '/new']) ask(container(path));
    for (const path of ['/empty', '/full']) ask(child(`${path}/x`));
    ask(remove('/empty/x'));
    bench.run(MINUTE - 2000);
    expect(leader.txns.at(-1)).toBe('delete /empty/x');
    bench.run(2000);
    expect(leader.txns.at(-1)).toBe('deleteContainer');
    expect(bench.db.dataTree.getChildren('/')).toEqual(['full', 'new', 'zookeeper']);
    expect(bench.events('container-expired')).toMatchObject([{ path: '/empty', rule: 'container.emptied' }]);
  });

  test('container.never-used: stays, or goes when the longest time is over', () => {
    const { bench, ask } = leading();
    ask(container('/c'));
    bench.run(5 * MINUTE);
    expect(bench.db.dataTree.node('/c')).not.toBeNull();

    const limited = leading({ containerMaxNeverUsedIntervalMs: 90_000 });
    limited.ask(container('/c'));
    limited.bench.run(MINUTE);
    expect(limited.bench.db.dataTree.node('/c')).not.toBeNull();
    limited.bench.run(MINUTE);
    expect(limited.bench.db.dataTree.node('/c')).toBeNull();
    expect(limited.bench.events('container-expired')).toMatchObject([{ rule: 'container.never-used' }]);
  });

  test('container.ttl-over: counted from the last change of data, and not while there are children', () => {
    const { bench, ask } = leading();
    for (const path of ['/old', '/parent', '/young']) ask(ttl(path, 30_000));
    ask(child('/parent/x'));
    bench.run(50_000);
    ask({ op: 'setData', path: '/young', data: null, version: -1 });
    bench.run(15_000);
    expect(bench.db.dataTree.getChildren('/')).toEqual(['parent', 'young', 'zookeeper']);
    ask(remove('/parent/x'));
    bench.run(MINUTE);
    expect(bench.db.dataTree.getChildren('/')).toEqual(['zookeeper']);
    expect(bench.events('container-expired').map(({ rule }) => rule)).toEqual(Array(3).fill('container.ttl-over'));
  });

  test('container.pace: one after the other, and the next check does not wait longer for that', () => {
    const { bench, ask } = leading({ containerMaxPerMinute: 6 });
    const paths = ['/a', '/b', '/c', '/d'];
    for (const path of paths) {
      ask(container(path));
      ask(child(`${path}/x`));
      ask(remove(`${path}/x`));
    }
    bench.run(3 * MINUTE);
    const [first = 0, ...rest] = bench.events('container-expired').map(({ t }) => t);
    expect(rest.map((t) => t - first)).toEqual([10_000, 20_000, 30_000]);
    ask(container('/e'));
    ask(child('/e/x'));
    ask(remove('/e/x'));
    bench.run(MINUTE);
    expect(((bench.events('container-expired').at(-1)?.t ?? 0) - first) % MINUTE).toBe(0);
  });

  test('container.interval: a learner and a leader that has ended look at nothing', () => {
    const bench = new Bench({}, sid(2));
    const learner = new TestLearner(bench);
    const created = { type: 'createContainer', path: '/c', data: null, acl: [], parentCVersion: 1 } as const;
    const of = { sessionId: learner.connect().sessionId, cxid: 1 };
    learner.commit(learner.propose(created, of));
    learner.commit(learner.propose({ ...created, type: 'create', path: '/c/x', ephemeral: false }, of));
    learner.commit(learner.propose({ type: 'delete', path: '/c/x' }, of));
    bench.run(3 * MINUTE);
    expect(bench.events('container-expired')).toEqual([]);

    const ended = leading();
    ended.ask(container('/c'));
    ended.ask(child('/c/x'));
    ended.ask(remove('/c/x'));
    ended.bench.step(() => ended.leader.zk.shutdown('lost its quorum'));
    ended.bench.run(3 * MINUTE);
    expect(ended.bench.events('container-expired')).toEqual([]);
  });

  test('the removal is checked like any write: a child that came first saves the container', () => {
    const { bench, leader, ask } = leading();
    ask(container('/c'));
    ask(child('/c/x'));
    ask(remove('/c/x'));
    leader.auto = false;
    ask(child('/c/y'));
    bench.run(MINUTE);
    expect(leader.txns.at(-1)).toBe('error NOTEMPTY');
  });
});
