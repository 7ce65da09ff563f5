/** Actors in worker threads of Node. Its worker's entry point is workers/node.ts. */
import { wrap, transfer, type Endpoint as ComlinkEndpoint } from 'comlink';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { ActorCalls, BatchPort, Endpoint } from './connection.ts';
import { WorkersHost, type RunningWorker, type WorkerRuntime } from './workers.ts';

/** A worker or port of Node with the listener methods of the web. */
interface Emitter {
  postMessage(message: unknown, transfer?: readonly never[]): void;
  on(event: 'message', listener: (data: unknown) => void): unknown;
  off(event: 'message', listener: (data: unknown) => void): unknown;
}

/** What Comlink listens with: events are all that it looks at. */
type Listener = ((event: never) => void) | { handleEvent(event: never): void };

/** For Comlink: messages wrapped as events. */
export function nodeEndpoint(emitter: Emitter): Endpoint & ComlinkEndpoint {
  const listeners = new Map<unknown, (data: unknown) => void>();
  return {
    postMessage: (message: unknown, transfers?: never[]) => emitter.postMessage(message, transfers ?? []),
    addEventListener: (_type: string, listener: Listener) => {
      const wrapped = (data: unknown): void => {
        if (typeof listener === 'function') listener({ data } as never);
        else listener.handleEvent({ data } as never);
      };
      listeners.set(listener, wrapped);
      emitter.on('message', wrapped);
    },
    removeEventListener: (_type: string, listener: Listener) => {
      const wrapped = listeners.get(listener);
      if (wrapped) emitter.off('message', wrapped);
      listeners.delete(listener);
    },
  };
}

export function batchPort(port: MessagePort): BatchPort {
  return {
    post: (batch, buffers = []) => port.postMessage(batch, buffers),
    listen: (batch, broken) => {
      port.on('message', batch);
      port.on('messageerror', broken);
    },
    close: () => port.close(),
  };
}

const ENTRY = new URL('../../../workers/node-boot.mjs', import.meta.url);

class NodeRuntime implements WorkerRuntime<MessagePort> {
  readonly #entry: URL;

  constructor(entry: URL) {
    this.#entry = entry;
  }

  launch(name: string, failed: (error: Error) => void): RunningWorker<MessagePort> {
    const worker = new Worker(this.#entry, { name });
    worker.on('error', failed);
    worker.on('messageerror', failed);
    worker.on('exit', (code) => failed(new Error(`the worker has ended with code ${code}`)));
    const remote = wrap<ActorCalls<MessagePort>>(nodeEndpoint(worker));
    return {
      calls: {
        start: (init) => remote.start(init),
        connect: (peer, port) => remote.connect(peer, transfer(port, [port as never])),
        disconnect: (peer) => remote.disconnect(peer),
        advance: (grant) => remote.advance(grant),
        disk: () => remote.disk(),
        kill: (at, cause) => remote.kill(at, cause),
      },
      terminate: () => void worker.terminate(),
    };
  }

  channel(): readonly [MessagePort, MessagePort] {
    const { port1, port2 } = new MessageChannel();
    return [port1, port2];
  }
}

/** `entry`: what each worker runs; tests give their own. */
export function nodeHost(entry: URL = ENTRY): WorkersHost<MessagePort> {
  return new WorkersHost(new NodeRuntime(entry));
}
