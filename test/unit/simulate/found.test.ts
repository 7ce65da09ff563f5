/** What the simulator has found, kept in test/scenarios/found with its stories. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { createProcess, Lab, parseScenarioText } from '../../../src/lab/index.ts';
import type { ZooConfig } from '../../../src/protocol/config.ts';
import { serverName, sid, type ActorName } from '../../../src/protocol/ids.ts';
import { virtualTime } from '../../../src/protocol/time.ts';

const FOLDER = new URL('../../scenarios/found/', import.meta.url);

async function played(name: string, settings: Partial<ZooConfig> = {}): Promise<Lab> {
  const parsed = parseScenarioText(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
  if (!parsed.ok) throw new Error(parsed.message);
  const scenario = { ...parsed.scenario, ensemble: { ...parsed.scenario.ensemble, ...settings } };
  const lab = await Lab.open(scenario, () => new InlineHost(createProcess));
  await lab.advance(virtualTime(parsed.scenario.until));
  lab.dispose();
  return lab;
}

async function found(name: string, settings?: Partial<ZooConfig>): Promise<readonly string[]> {
  return (await played(name, settings)).violations.map(
    ({ property, known }) => `${property} by ${known ?? 'something new'}`,
  );
}

test('every file has a story here and in the README', () => {
  const readme = readFileSync(new URL('README.md', FOLDER), 'utf8');
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  const own = readFileSync(new URL(import.meta.url), 'utf8');
  for (const file of files) {
    expect(readme).toContain(`\`${file}\``);
    expect(own).toContain(`'${file.replace('.json', '')}'`);
  }
});

test('a snapshot that was taken before a quorum had answered outlives a TRUNC', async () => {
  expect(await found('dirty-snapshot')).toContain('TreeDeterminism by dirty snapshot');
});

test('a TRUNC to where an epoch begins, which is in no log, leaves the first transaction, and it comes again', async () => {
  expect(await found('trunc-below-log')).toEqual([
    'proposalInconsistent by TRUNC below the log',
    'DurableBeforeAck by TRUNC below the log',
    'LocalPrimaryOrder by TRUNC below the log',
  ]);
});

test('ZOOKEEPER-2846: a leader synchronizes another from log files with a gap', async () => {
  const violations = await found('old-log-under-snapshot');
  expect(violations).toContain('proposalInconsistent by ZOOKEEPER-2846');
  // All that is found is told to be its doing.
  expect(violations.filter((each) => !each.endsWith('ZOOKEEPER-2846'))).toEqual([]);
  // Without synchronization from the log on disk there is nothing to see.
  expect(await found('old-log-under-snapshot', { snapshotSizeFactor: -1 })).toEqual([]);
});

test('ZOOKEEPER-4882: a log that could not be written for a moment has a gap', async () => {
  expect(await found('gap-in-log')).toContain('ProcessConsistency by ZOOKEEPER-4882');
});

test('a server that alone has promised an epoch refuses the leader of the others', async () => {
  const lab = await played('epoch-promised-alone');
  expect(lab.violations).toEqual([]);
  const state = lab.trace.stateAt(lab.head);
  expect(state.servers.get(sid(2))).toMatchObject({ state: 'LEADING', serving: true, currentEpoch: 2 });
  expect(state.servers.get(sid(3))).toMatchObject({ serving: false, acceptedEpoch: 3 });
  const refusals = [...lab.trace.events()].filter(
    (event) =>
      event.kind === 'stepped-down' && event.actor === serverName(sid(3)) && event.why.includes('accepted epoch 3'),
  );
  expect(refusals.length).toBeGreaterThan(10);
});

test('a member whose configuration file is older than its membership cannot start', async () => {
  const lab = await played('stale-configuration-file');
  expect(lab.violations).toEqual([]);
  const { servers } = lab.trace.stateAt(lab.head);
  for (const n of [1, 2]) {
    expect(servers.get(sid(n))).toMatchObject({ state: 'DOWN', exitReason: `My id ${n} is not in the peer list.` });
  }
  const names = (kind: 'committed' | 'lastSeen') =>
    servers.get(sid(2))?.config?.[kind].members.map((member) => member.sid);
  expect([names('committed'), names('lastSeen')]).toEqual([
    [1, 3],
    [2, 3],
  ]);
});

test('a snapshot that outlives its sender still holds what it held', async () => {
  const lab = await played('snapshot-of-the-dead');
  expect(lab.violations).toEqual([]);
  const loads = [...lab.trace.events()].filter((event) => event.kind === 'tree-loaded' && event.source === 'SNAP');
  const killed = [...lab.trace.events()].find(
    (event) => event.kind === 'process-killed' && event.actor === serverName(sid(3)),
  );
  expect(loads.at(-1)).toMatchObject({ actor: serverName(sid(4)) });
  expect(loads.at(-1)?.t).toBeGreaterThan(killed?.t ?? Infinity);
});

test('a client that has read the first zxid of an epoch is refused until somebody writes', async () => {
  const lab = await played('epoch-without-write');
  expect(lab.violations).toEqual([]);
  const { servers, clients } = lab.trace.stateAt(lab.head);
  expect(clients.get('bob' as ActorName)).toMatchObject({ state: 'CONNECTING' });
  for (const n of [1, 2]) expect(servers.get(sid(n))).toMatchObject({ serving: true });
  const refusals = [...lab.trace.events()].filter(
    (event) => event.kind === 'client-refused' && event.client === 'bob' && event.why === 'ZXID_AHEAD',
  );
  expect(refusals.length).toBeGreaterThan(3);
});

test('a snapshot holds what its sender has committed, even if its own log does not have it yet', async () => {
  const lab = await played('snapshot-ahead-of-log');
  expect(lab.violations).toEqual([]);
  const events = [...lab.trace.events()];
  const chosen = events.find((event) => event.kind === 'sync-chosen' && event.learner === 6);
  const logged = events.filter((event) => event.kind === 'log-appended' && event.actor === serverName(sid(5)));
  expect(chosen).toMatchObject({ mode: 'SNAP', zxid: 0x100000002 });
  expect(logged.map((event) => event.kind === 'log-appended' && event.entry.zxid)).toEqual([0x100000001]);
});

test('a request whose upgrade has ended the epoch goes no further', async () => {
  const lab = await played('write-behind-rollover');
  expect(lab.violations).toEqual([]);
  const ends = [...lab.trace.events()].filter(
    (event) => event.kind === 'stepped-down' && event.actor === serverName(sid(2)),
  );
  expect(ends.at(-1)).toMatchObject({ rule: 'request.rollover' });
});

test('what a quorum of the configuration before has acknowledged need not stay on its disks', async () => {
  const lab = await played('acknowledged-by-a-voter-of-then');
  expect(lab.violations).toEqual([]);
  const events = [...lab.trace.events()];
  const cut = events.find((event) => event.kind === 'tree-loaded' && event.source === 'TRUNC');
  const committed = events.find((event) => event.kind === 'committed' && event.zxid === 0x100000007);
  expect(cut).toMatchObject({ actor: serverName(sid(2)), zxid: 0x100000006 });
  expect(committed?.t).toBeGreaterThan(cut?.t ?? Infinity);
});

test('a voter that has not learned that another has left waits for it for ever', async () => {
  const lab = await played('left-before-others-knew');
  expect(lab.violations).toEqual([]);
  const { servers } = lab.trace.stateAt(lab.head);
  expect(servers.get(sid(2))).toMatchObject({ state: 'DOWN', exitReason: 'My id 2 is not in the peer list.' });
  const waiting = servers.get(sid(1));
  expect(waiting).toMatchObject({ state: 'LOOKING' });
  expect(waiting?.config?.committed.members.map((member) => member.sid)).toEqual([1, 2]);
});

test('an observer that is about to vote acknowledges NEWLEADER with nothing on its disk', async () => {
  expect(await found('newleader-acknowledged-by-an-observer')).toEqual(['CommitDurableOnQuorum by something new']);
});
