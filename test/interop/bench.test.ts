/** The benchmark that compares with Apache ZooKeeper runs, and both sides commit. */
import { expect, test } from 'vitest';
import { zookeeper } from '../../src/cli/bench/zookeeper.ts';
import { JAR } from './zookeeper.ts';

test.skipIf(JAR === '')('writes of a real ensemble beside ours', async () => {
  const options = { hosts: [], servers: [], outstanding: [1, 10], scale: 0.05, turns: 1 };
  const { figures } = await zookeeper.run(options);
  expect(figures).toMatchObject([{ outstanding: 1 }, { outstanding: 10 }]);
  for (const each of figures as readonly Record<string, number>[]) {
    expect(Object.values(each).every((figure) => figure > 0)).toBe(true);
  }
});
