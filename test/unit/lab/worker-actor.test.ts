/** The actor inside a worker, with ports of the test's own: what goes wrong on them is told, and nothing waits for ever. */
import { expect, test } from 'vitest';
import type { BatchPort } from '../../../src/lab/hosts/connection.ts';
import { WorkerActor } from '../../../src/lab/hosts/worker-actor.ts';
import { TapeReader, TapeWriter } from '../../../src/lab/tape/index.ts';
import type { ActorInit, Grant } from '../../../src/lab/types.ts';
import type { ActorName, EventRef } from '../../../src/protocol/ids.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { chatter } from './fakes.ts';

class TestPort implements BatchPort {
  readonly posted: unknown[] = [];
  deliver: (data: unknown) => void = () => undefined;
  corrupt: () => void = () => undefined;

  post(batch: unknown): void {
    this.posted.push(batch);
  }
  listen(batch: (data: unknown) => void, broken: () => void): void {
    this.deliver = batch;
    this.corrupt = broken;
  }
  close(): void {
    this.deliver = () => undefined;
  }
}

async function start(): Promise<{ readonly actor: WorkerActor<TestPort>; readonly port: TestPort }> {
  const peer = 's1' as ActorName;
  const init: ActorInit = {
    name: 'alice' as ActorName,
    index: 2,
    seed: 1,
    incarnation: 0,
    defects: [],
    firstRef: 0,
    startsAt: virtualTime(0),
    cause: 0 as EventRef,
    links: [{ peer, peerIndex: 1, up: true, latency: [5, 5], cutTo: false, cutFrom: false, holds: [], drops: [] }],
    process: {
      type: 'client',
      servers: [],
      sessionTimeout: 1,
      readOnly: false,
      chroot: '',
    },
  };
  const actor = new WorkerActor<TestPort>(chatter, (port) => port);
  const port = new TestPort();
  await actor.start(init);
  actor.connect(peer, port);
  return { actor, port };
}
const GRANT: Grant = { to: virtualTime(20), window: 5, controls: [] };

test('one batch for each window, empty ones as 0; the next begins when the peer has posted its own', async () => {
  const { actor, port } = await start();
  const report = actor.advance({ ...GRANT, to: virtualTime(12) });
  expect(port.posted).toEqual([0]);
  port.deliver(0);
  await Promise.resolve();
  expect(port.posted).toEqual([0, 0]);
  // A peer may be a window ahead.
  port.deliver(0);
  port.deliver(new TapeWriter().take());
  const { order, tape } = await report;
  expect(port.posted).toHaveLength(3);
  expect(new TapeReader().read(tape)).toMatchObject([
    { id: 2, kind: 'process-started', t: 0 },
    { id: 1026, kind: 'connect', t: 12 },
  ]);
  expect([...order]).toEqual([0, 2, 12, 1026]);
});

test('a batch that cannot be read ends the grant', async () => {
  const { actor, port } = await start();
  const report = actor.advance(GRANT);
  port.corrupt();
  await expect(report).rejects.toThrow('a batch of s1 cannot be read');
  await expect(actor.advance(GRANT)).rejects.toThrow();
});

test('what is no batch ends the grant', async () => {
  const { actor, port } = await start();
  const report = actor.advance(GRANT);
  port.deliver([]);
  await expect(report).rejects.toThrow('s1 sent something that is no batch');
});
