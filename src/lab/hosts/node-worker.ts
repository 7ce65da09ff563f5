/** Inside a worker thread of Node: an actor that answers its host. */
import { expose } from 'comlink';
import { parentPort, type MessagePort } from 'node:worker_threads';
import { assert } from '../../protocol/assert.ts';
import type { ProcessFactory } from '../kernel/kernel.ts';
import { batchPort, nodeEndpoint } from './node.ts';
import { WorkerActor } from './worker-actor.ts';

export function serveActor(create: ProcessFactory): void {
  assert(parentPort, 'an actor is served in a worker');
  expose(new WorkerActor<MessagePort>(create, batchPort), nodeEndpoint(parentPort));
}
