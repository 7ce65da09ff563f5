/** Actors in Web Workers. Their entry point is workers/browser.ts. */
import { transfer, wrap } from 'comlink';
import type { ActorCalls } from './connection.ts';
import { WorkersHost, type RunningWorker, type WorkerRuntime } from './workers.ts';

class BrowserRuntime implements WorkerRuntime<MessagePort> {
  launch(name: string, failed: (error: Error) => void): RunningWorker<MessagePort> {
    const worker = new Worker(new URL('../../../workers/browser.ts', import.meta.url), { type: 'module', name });
    worker.addEventListener('error', (event) => failed(new Error(event.message || 'the worker could not be loaded')));
    worker.addEventListener('messageerror', () => failed(new Error('a message of the worker cannot be read')));
    const remote = wrap<ActorCalls<MessagePort>>(worker);
    return {
      calls: {
        start: (init) => remote.start(init),
        connect: (peer, port) => remote.connect(peer, transfer(port, [port])),
        disconnect: (peer) => remote.disconnect(peer),
        advance: (grant) => remote.advance(grant),
        disk: () => remote.disk(),
        kill: (at, cause) => remote.kill(at, cause),
      },
      terminate: () => worker.terminate(),
    };
  }

  channel(): readonly [MessagePort, MessagePort] {
    const { port1, port2 } = new MessageChannel();
    return [port1, port2];
  }
}

export function browserHost(): WorkersHost<MessagePort> {
  return new WorkersHost(new BrowserRuntime());
}
