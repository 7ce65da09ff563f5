/**
 * Actors in workers, whatever the runtime. This is the one owner of its workers: it creates, connects
 * and ends them, and when one fails, whatever was asked of it is rejected instead of waiting for ever.
 */
import { assert } from '../../protocol/assert.ts';
import type { RawEvent } from '../../protocol/events.ts';
import type { ActorName, EventRef } from '../../protocol/ids.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import { readWritten, TapeReader } from '../tape/index.ts';
import type { ActorHandle, ActorHost, ActorInit, DiskImage, Grant, Remains, Report } from '../types.ts';
import type { ActorCalls, PostedReport } from './connection.ts';

/** A worker of the runtime with the actor in it. */
export interface RunningWorker<Port> {
  /** Called over Comlink: each answer comes later. */
  readonly calls: {
    [K in keyof ActorCalls<Port>]: (
      ...args: Parameters<ActorCalls<Port>[K]>
    ) => Promise<Awaited<ReturnType<ActorCalls<Port>[K]>>>;
  };
  /** Ends the worker, whatever it does. */
  terminate(): void;
}

/** What a runtime provides. */
export interface WorkerRuntime<Port> {
  /** `failed` is called when the worker dies by itself or what it says cannot be read. */
  launch(name: ActorName, failed: (error: Error) => void): RunningWorker<Port>;
  channel(): readonly [Port, Port];
  /** As {@link ActorHost.storeDisk}, in a runtime that keeps disks. */
  storeDisk?(name: ActorName, image: DiskImage | null): Promise<void>;
  /** All workers are ended. */
  dispose?(): void;
}

interface Actor<Port> {
  readonly name: ActorName;
  readonly worker: RunningWorker<Port>;
  readonly peers: readonly ActorName[];
  /** Of its events. */
  readonly reader: TapeReader;
  /** Rejects what is asked of the worker and not answered yet. */
  readonly asked: Set<(error: Error) => void>;
  /** Why it answers no more. */
  failure: Error | null;
}

export class WorkersHost<Port> implements ActorHost {
  readonly #runtime: WorkerRuntime<Port>;
  /** Ready to be connected. */
  readonly #actors = new Map<ActorName, Actor<Port>>();
  /** Every worker that has not been ended. */
  readonly #running = new Set<Actor<Port>>();
  #disposed = false;

  constructor(runtime: WorkerRuntime<Port>) {
    this.#runtime = runtime;
  }

  async spawn(init: ActorInit): Promise<ActorHandle> {
    const { name } = init;
    // A lab that is disposed of between two actions may still come here.
    if (this.#disposed) throw new Error('the lab was closed');
    const worker = this.#runtime.launch(name, (error) => fail(actor, error));
    const peers = init.links.map(({ peer }) => peer);
    const actor: Actor<Port> = { name, worker, peers, reader: new TapeReader(), asked: new Set(), failure: null };
    this.#running.add(actor);
    await this.#ask(actor, worker.calls.start(init));
    assert(!this.#actors.has(name), `${name} runs already`);
    const ready = [...this.#actors.values()].filter((peer) => peers.includes(peer.name));
    this.#actors.set(name, actor);
    await Promise.all(ready.map((peer) => this.#connect(actor, peer)));
    return {
      name,
      advance: async (grant: Grant): Promise<Report> =>
        received(actor.reader, await this.#ask(actor, worker.calls.advance(grant))),
      disk: () => this.#ask(actor, worker.calls.disk()),
      kill: (at, cause) => this.#kill(actor, at, cause),
      dispose: () => this.#end(actor, new Error(`${name} was ended`)),
    };
  }

  async storeDisk(name: ActorName, image: DiskImage | null): Promise<void> {
    if (!this.#disposed) await this.#runtime.storeDisk?.(name, image);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const actor of [...this.#running]) this.#end(actor, new Error('the lab was closed'));
    this.#runtime.dispose?.();
  }

  /** The answer, or the worker's failure. Not a race with one promise of failure: that would keep every answer for ever. */
  #ask<T>(actor: Actor<Port>, call: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (actor.failure) reject(actor.failure);
      else actor.asked.add(reject);
      void call.then(resolve, reject).finally(() => actor.asked.delete(reject));
    });
  }

  async #connect(a: Actor<Port>, b: Actor<Port>): Promise<void> {
    const [toB, toA] = this.#runtime.channel();
    await Promise.all([
      this.#ask(a, a.worker.calls.connect(b.name, toB)),
      this.#ask(b, b.worker.calls.connect(a.name, toA)),
    ]);
  }

  async #kill(actor: Actor<Port>, at: VirtualTime, cause: EventRef): Promise<Remains> {
    const remains = await this.#ask(actor, actor.worker.calls.kill(at, cause));
    this.#end(actor, new Error(`${actor.name} was killed`));
    const peers = [...this.#actors.values()].filter(
      (peer) => peer.peers.includes(actor.name) || actor.peers.includes(peer.name),
    );
    await Promise.all(peers.map((peer) => this.#ask(peer, peer.worker.calls.disconnect(actor.name))));
    return remains;
  }

  #end(actor: Actor<Port>, why: Error): void {
    if (!this.#running.delete(actor)) return;
    if (this.#actors.get(actor.name) === actor) this.#actors.delete(actor.name);
    actor.worker.terminate();
    fail(actor, why);
  }
}

function received(reader: TapeReader, { order, tape, next, exited }: PostedReport): Report {
  const written = reader.take(tape);
  // What the worker has written are events.
  return { events: { order, unpack: () => readWritten(written) as readonly RawEvent[] }, next, exited };
}

function fail(actor: Pick<Actor<unknown>, 'asked' | 'failure'>, error: Error): void {
  actor.failure ??= error;
  for (const reject of actor.asked) reject(actor.failure);
  actor.asked.clear();
}
