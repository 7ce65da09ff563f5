/** A defect of synchronization that shows in sessions: it changes what its rule decides, and nothing else. */
import { expect, test } from 'vitest';
import type { Defect } from '../../../src/protocol/defects.ts';
import { Ensemble } from '../../helpers/ensemble.ts';

/** What s1 has when it was away while alice made /late, and its synchronization has broken off after DIFF `breaks` times. */
async function returned(breaks: number, ...defects: Defect[]): Promise<readonly string[]> {
  const ensemble = await Ensemble.open({
    servers: 3,
    zoo: { tickTime: 500 },
    clients: [{ name: 'alice', server: 3, sessionTimeout: 10_000 }],
    defects,
  });
  await ensemble.settled();
  await ensemble.attach('alice', 3);
  await ensemble.create('alice', '/early');
  await ensemble.kill(1);
  await ensemble.create('alice', '/late');
  if (breaks > 0) await ensemble.act({ do: 'drop', from: 's3', to: 's1', type: 'PROPOSAL', count: breaks });
  await ensemble.restart(1);
  await ensemble.settled();
  return ensemble.paths(1);
}

test('zxid-before-diff: what comes after a DIFF that has broken off is never asked for again', async () => {
  expect(await returned(1)).toEqual(['/early', '/late']);
  expect(await returned(0, 'zxid-before-diff')).toEqual(['/early', '/late']);
  expect(await returned(1, 'zxid-before-diff')).toEqual(['/early']);
});
