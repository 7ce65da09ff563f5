/** Actors in Web Workers. Their entry point is workers/browser.ts. */
import { proxy, transfer, wrap, type Remote } from 'comlink';
import type { ActorName } from '../../protocol/ids.ts';
import type { ActorInit, DiskImage } from '../types.ts';
import { LABS, type BrowserActorCalls, type LabFolder } from './browser-folder.ts';
import { WorkersHost, type RunningWorker, type WorkerRuntime } from './workers.ts';

export { LABS, type LabFolder } from './browser-folder.ts';

class BrowserRuntime implements WorkerRuntime<MessagePort> {
  readonly #folder: LabFolder | null;
  /** Whose folders hold what their disks do. */
  readonly #kept = new Set<ActorName>();

  constructor(folder: LabFolder | null) {
    this.#folder = folder;
  }

  launch(name: ActorName, failed: (error: Error) => void): RunningWorker<MessagePort> {
    const worker = launchWorker(name);
    worker.addEventListener('error', (event) => failed(new Error(event.message || 'the worker could not be loaded')));
    worker.addEventListener('messageerror', () => failed(new Error('a message of the worker cannot be read')));
    const remote = wrap<BrowserActorCalls>(worker);
    return {
      calls: {
        start: (init) => this.#start(remote, init),
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

  /** Only workers have synchronous access handles: one is launched for it. */
  async storeDisk(name: ActorName, image: DiskImage | null): Promise<void> {
    const lab = (await this.#folder?.name) ?? null;
    this.#kept.delete(name);
    if (lab === null) return;
    if (image === null) {
      await removeFolder(lab, name);
      return;
    }
    const worker = launchWorker(name);
    const remote = wrap<BrowserActorCalls>(worker);
    const loaded = new Promise((_, reject) => worker.addEventListener('error', reject));
    try {
      await Promise.race([Promise.all([this.#keep(remote, lab, name), remote.store(image)]), loaded]);
    } catch {
      this.#fail(name, 'its worker could not be loaded');
    }
    worker.terminate();
  }

  dispose(): void {
    this.#folder?.close();
  }

  async #start(remote: Remote<BrowserActorCalls>, init: ActorInit): Promise<void> {
    const lab = init.process.type === 'server' ? ((await this.#folder?.name) ?? null) : null;
    await Promise.all([lab === null ? null : this.#keep(remote, lab, init.name), remote.start(init)]);
  }

  /** Its answer need not be waited for: calls keep their order. */
  #keep(remote: Remote<BrowserActorCalls>, lab: string, name: ActorName): Promise<void> {
    const fresh = !this.#kept.has(name);
    this.#kept.add(name);
    return remote.keepIn(
      { lab, name, fresh },
      proxy((reason) => this.#fail(name, reason)),
    );
  }

  #fail(name: ActorName, reason: string): void {
    this.#kept.delete(name);
    this.#folder?.failed(name, reason);
  }
}

function launchWorker(name: ActorName): Worker {
  return new Worker(new URL('../../../workers/browser.ts', import.meta.url), { type: 'module', name });
}

/** What cannot be removed now is cleared away with its lab. */
async function removeFolder(lab: string, name: string): Promise<void> {
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await (await root.getDirectoryHandle(LABS)).getDirectoryHandle(lab);
    await folder.removeEntry(name, { recursive: true });
  } catch {
    // Its next server begins with a fresh folder anyway.
  }
}

/** `folder`: where the disks of the lab's servers are; null: in their workers' memory. */
export function browserHost(folder: LabFolder | null = null): WorkersHost<MessagePort> {
  return new WorkersHost(new BrowserRuntime(folder));
}
