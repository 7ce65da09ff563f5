/** Inside a Web Worker: an actor that answers its host. */
import { expose } from 'comlink';
import type { ProcessFactory } from '../kernel/kernel.ts';
import type { BatchPort } from './connection.ts';
import { WorkerActor } from './worker-actor.ts';

function batchPort(port: MessagePort): BatchPort {
  return {
    post: (batch) => port.postMessage(batch),
    listen: (batch, broken) => {
      port.onmessage = (event: MessageEvent<unknown>) => batch(event.data);
      port.onmessageerror = broken;
    },
    close: () => port.close(),
  };
}

export function serveActor(create: ProcessFactory): void {
  expose(new WorkerActor<MessagePort>(create, batchPort));
}
