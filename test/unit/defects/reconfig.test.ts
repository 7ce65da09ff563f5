/** Defects of reconfiguration: each changes what its rule decides, and nothing else. */
import { expect, test } from 'vitest';
import type { Defect } from '../../../src/protocol/defects.ts';
import { Ensemble } from '../../helpers/ensemble.ts';

const line = (n: number): string =>
  `server.${n}=127.0.0.1:${28880 + n}:${38880 + n}:participant;127.0.0.1:${21810 + n}`;

/** Three servers, and two that may join; alice asks at the leader, s3. */
async function opened(...defects: Defect[]): Promise<Ensemble> {
  const ensemble = await Ensemble.open({
    servers: 3,
    zoo: { tickTime: 500, reconfigEnabled: true, skipACL: true },
    clients: [{ name: 'alice', server: 3, sessionTimeout: 10_000 }],
    defects,
  });
  await ensemble.settled();
  await ensemble.connected('alice');
  await ensemble.act({ do: 'add-server', sid: 4 }, { do: 'add-server', sid: 5 });
  await ensemble.run(3000);
  return ensemble;
}

/** What is committed of a reconfig that makes three voters five, while the two new ones cannot acknowledge it. */
test('reconfig-old-quorum: the old quorum alone commits it', async () => {
  const commits = async (...defects: Defect[]): Promise<number> => {
    const ensemble = await opened(...defects);
    for (const n of [1, 4, 5]) await ensemble.act({ do: 'hold', from: `s${n}`, to: 's3', type: 'ACK' });
    const from = ensemble.lab.trace.length;
    await ensemble.request('alice', { op: 'reconfig', joining: `${line(4)},${line(5)}` }, false);
    await ensemble.run(200);
    return ensemble.events('committed', { from }).length;
  };
  expect(await commits()).toBe(0);
  expect(await commits('reconfig-old-quorum')).toBe(1);
});

test('two-reconfigs-at-once: the second is proposed while the first is open', async () => {
  const proposed = async (...defects: Defect[]): Promise<readonly string[]> => {
    const ensemble = await opened(...defects);
    for (const n of [1, 2, 4, 5]) await ensemble.act({ do: 'hold', from: `s${n}`, to: 's3', type: 'ACK' });
    const from = ensemble.lab.trace.length;
    for (const n of [4, 5]) await ensemble.request('alice', { op: 'reconfig', joining: line(n) }, false);
    await ensemble.run(200);
    return ensemble.events('proposed', { from }).map(({ txn, error }) => `${txn}${error ? ` ${error}` : ''}`);
  };
  expect(await proposed()).toEqual(['reconfig', 'error RECONFIGINPROGRESS']);
  expect(await proposed('two-reconfigs-at-once')).toEqual(['reconfig', 'reconfig']);
});
