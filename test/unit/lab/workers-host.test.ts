/** The owner of the workers, with a runtime of the test's own: whatever a worker does or does not, nobody waits for ever. */
import { expect, test } from 'vitest';
import { WorkersHost, type RunningWorker, type WorkerRuntime } from '../../../src/lab/hosts/workers.ts';
import type { PostedReport } from '../../../src/lab/hosts/connection.ts';
import { TapeWriter } from '../../../src/lab/tape/index.ts';
import type { ActorInit, Grant } from '../../../src/lab/types.ts';
import { serverName, sid, type ActorName, type EventRef } from '../../../src/protocol/ids.ts';
import { virtualTime } from '../../../src/protocol/time.ts';

const NAMES = [serverName(sid(1)), serverName(sid(2))];
const GRANT: Grant = { to: virtualTime(20), window: 5, controls: [] };
const EVENTS = [{ id: 1 }, { id: 2 }, { id: 3 }];

/** Of a worker that has done the same in each grant. */
function reports(): () => Promise<PostedReport> {
  const writer = new TapeWriter();
  return () => {
    for (const event of EVENTS) writer.write(event);
    return Promise.resolve({ order: new Float64Array(), tape: writer.take(), next: null, exited: null });
  };
}

class TestRuntime implements WorkerRuntime<string> {
  readonly failed = new Map<ActorName, (error: Error) => void>();
  readonly running = new Set<ActorName>();
  readonly calls: RunningWorker<string>['calls'] = {
    start: () => Promise.resolve(),
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    advance: reports(),
    disk: () => Promise.resolve(null),
    kill: () => Promise.resolve({ events: [], nextRef: 0, disk: null, traps: [] }),
  };

  launch(name: ActorName, failed: (error: Error) => void): RunningWorker<string> {
    this.failed.set(name, failed);
    this.running.add(name);
    return { calls: this.calls, terminate: () => void this.running.delete(name) };
  }
  channel(): readonly [string, string] {
    return ['a', 'b'];
  }
}

function initOf(name: ActorName): ActorInit {
  const links = NAMES.filter((peer) => peer !== name).map(
    (peer) =>
      ({ peer, peerIndex: 1, up: true, latency: [5, 5], cutTo: false, cutFrom: false, holds: [], drops: [] }) as const,
  );
  const process = {
    type: 'client',
    servers: [],
    sessionTimeout: 1,
    readOnly: false,
    chroot: '',
  } as const;
  const cause = 0 as EventRef;
  return {
    name,
    index: 1,
    seed: 1,
    incarnation: 0,
    defects: [],
    firstRef: 0,
    startsAt: virtualTime(0),
    cause,
    links,
    process,
  };
}

const never = (): Promise<never> => new Promise(() => undefined);

async function two(change: Partial<RunningWorker<string>['calls']> = {}) {
  const runtime = new TestRuntime();
  const host = new WorkersHost(runtime);
  const [first, second] = await Promise.all(NAMES.map((name) => host.spawn(initOf(name))));
  Object.assign(runtime.calls, change);
  return { runtime, host, first: first!, second: second! };
}

test('an answer comes through; a failure rejects what is asked then and later, with its first reason', async () => {
  const { runtime, first } = await two();
  const answers = [await first.advance(GRANT), await first.advance(GRANT)];
  for (const { events } of answers) expect('unpack' in events ? events.unpack() : []).toEqual(EVENTS);
  Object.assign(runtime.calls, { advance: never });
  const asked = first.advance(GRANT);
  runtime.failed.get(first.name)?.(new Error('out of memory'));
  runtime.failed.get(first.name)?.(new Error('the worker has ended with code 1'));
  await expect(asked).rejects.toThrow('out of memory');
  await expect(first.advance(GRANT)).rejects.toThrow('out of memory');
});

test('a worker that fails while it starts rejects the start', async () => {
  const runtime = new TestRuntime();
  runtime.calls.start = never;
  const spawned = new WorkersHost(runtime).spawn(initOf(serverName(sid(1))));
  runtime.failed.get(serverName(sid(1)))?.(new Error('no such module'));
  await expect(spawned).rejects.toThrow('no such module');
});

test('a peer that does not answer is told about a death only as long as it lives', async () => {
  const { runtime, first, second } = await two({ disconnect: never });
  const killed = first.kill(virtualTime(1), 0 as EventRef);
  await Promise.resolve();
  await Promise.resolve();
  runtime.failed.get(second.name)?.(new Error('out of memory'));
  await expect(killed).rejects.toThrow('out of memory');
});

test('dispose ends every worker and rejects what is asked; nothing starts after it', async () => {
  const { runtime, host, first, second } = await two({ advance: never });
  const asked = [first.advance(GRANT), second.advance(GRANT)];
  host.dispose();
  for (const each of asked) await expect(each).rejects.toThrow('the lab was closed');
  await expect(host.spawn(initOf(serverName(sid(1))))).rejects.toThrow('the lab was closed');
  expect(runtime.running.size).toBe(0);
});
