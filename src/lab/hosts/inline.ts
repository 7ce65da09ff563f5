/**
 * All actors in this thread. The windows are those of the workers, but nobody is asked twice: it is
 * known when the next thing happens anywhere, so windows in which nothing would are left out.
 */
import { assert } from '../../protocol/assert.ts';
import type { ActorName, EventRef } from '../../protocol/ids.ts';
import { TIME_QUANTUM, type VirtualTime } from '../../protocol/time.ts';
import { Kernel, type ProcessFactory } from '../kernel/kernel.ts';
import type { ActorHandle, ActorHost, ActorInit, Grant, Remains, Report } from '../types.ts';
import { headBefore, windowEnd } from '../window.ts';

interface Granted {
  readonly grant: Grant;
  readonly resolve: (report: Report) => void;
  readonly reject: (error: unknown) => void;
}

interface Actor {
  readonly kernel: Kernel;
  readonly peers: ActorName[];
  granted: Granted | null;
}

export interface InlineOptions {
  /** Runs every window, also those in which nothing happens: for tests. */
  readonly everyWindow?: boolean;
}

export class InlineHost implements ActorHost {
  readonly #create: ProcessFactory;
  readonly #everyWindow: boolean;
  readonly #actors = new Map<ActorName, Actor>();
  #head: number | null = null;

  constructor(create: ProcessFactory, options: InlineOptions = {}) {
    this.#create = create;
    this.#everyWindow = options.everyWindow ?? false;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a throw of the process becomes a rejection, as in a worker
  async spawn(init: ActorInit): Promise<ActorHandle> {
    const { name } = init;
    assert(!this.#actors.has(name), `${name} runs already`);
    this.#head ??= headBefore(init.startsAt);
    const peers = init.links.map(({ peer }) => peer);
    // Who runs already may not have known of this one.
    for (const peer of peers) {
      const known = this.#actors.get(peer)?.peers;
      if (known && !known.includes(name)) known.push(name);
    }
    this.#actors.set(name, { kernel: new Kernel(init, this.#create), peers, granted: null });
    return {
      name,
      advance: (grant) =>
        new Promise((resolve, reject) => {
          this.#actor(name).granted = { grant, resolve, reject };
          this.#runIfComplete();
        }),
      // eslint-disable-next-line @typescript-eslint/require-await -- as spawn
      disk: async () => this.#actor(name).kernel.disk(),
      kill: (at, cause) => this.#kill(name, at, cause),
      dispose: () => this.#actors.delete(name),
    };
  }

  dispose(): void {
    this.#actors.clear();
  }

  #actor(name: ActorName): Actor {
    const actor = this.#actors.get(name);
    assert(actor, `${name} does not run`);
    return actor;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- as spawn
  async #kill(name: ActorName, at: VirtualTime, cause: EventRef): Promise<Remains> {
    const { kernel } = this.#actor(name);
    this.#actors.delete(name);
    return kernel.kill(at, cause);
  }

  /** A grant is for all actors: when the last one has it, all run. */
  #runIfComplete(): void {
    const actors = [...this.#actors.values()];
    const grant = actors[0]?.granted?.grant;
    if (!grant || actors.some((actor) => actor.granted === null)) return;
    let running = actors[0];
    try {
      for (const actor of actors) {
        running = actor;
        actor.kernel.grant(actor.granted?.grant.controls ?? []);
      }
      let head = this.#head ?? 0;
      while (head < grant.to) {
        const end = this.#windowEnd(actors, head, grant);
        for (const actor of actors) {
          running = actor;
          actor.kernel.run(end);
        }
        for (const actor of actors) this.#post(actor);
        head = end;
      }
      this.#head = head;
    } catch (error) {
      running?.granted?.reject(error);
      return;
    }
    for (const actor of actors) {
      const granted = actor.granted;
      actor.granted = null;
      granted?.resolve(actor.kernel.report());
    }
  }

  #windowEnd(actors: readonly Actor[], head: number, { to, window }: Grant): VirtualTime {
    if (this.#everyWindow) return windowEnd(head, to, window);
    let next = Infinity;
    for (const { kernel } of actors) next = Math.min(next, kernel.nextAt ?? Infinity);
    if (next > to) return to;
    return windowEnd(Math.max(head, next - TIME_QUANTUM), to, window);
  }

  #post({ kernel, peers }: Actor): void {
    for (const peer of peers) {
      const batch = kernel.takeBatch(peer);
      if (batch.length > 0) this.#actor(peer).kernel.receive(kernel.name, batch);
    }
  }
}
