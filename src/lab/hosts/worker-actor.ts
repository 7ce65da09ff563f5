/**
 * The actor inside a worker, whatever the runtime: runs its kernel window by window, posts one batch to
 * every peer at the end of each, and begins the next when it holds every peer's. A batch is posted as a
 * tape, an empty one as 0.
 */
import { assert } from '../../protocol/assert.ts';
import type { ActorName, EventRef } from '../../protocol/ids.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import { Kernel, type ProcessFactory } from '../kernel/kernel.ts';
import { TapeReader, TapeWriter, type Tape } from '../tape/index.ts';
import type { ActorInit, Batch, DiskImage, Grant, Remains } from '../types.ts';
import { headBefore, windowEnd } from '../window.ts';
import type { ActorCalls, BatchPort, KeptDisk, PostedReport } from './connection.ts';

const EMPTY = 0;

interface Peer {
  readonly name: ActorName;
  readonly port: BatchPort;
  readonly writer: TapeWriter;
  readonly reader: TapeReader;
  /** Batches that came and are not used yet: the peer may be a window ahead. Null: an empty one. */
  readonly inbox: (Tape | null)[];
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class WorkerActor<Port> implements ActorCalls<Port> {
  readonly #create: ProcessFactory;
  readonly #wrap: (port: Port) => BatchPort;
  #kept: KeptDisk | null = null;
  readonly #peers = new Map<ActorName, Peer>();
  readonly #events = new TapeWriter();
  #kernel: Kernel | null = null;
  #head = 0;
  #waiting: Waiting | null = null;
  #broken: Error | null = null;

  /** `wrap` makes a {@link BatchPort} of the runtime's MessagePort. */
  constructor(create: ProcessFactory, wrap: (port: Port) => BatchPort) {
    this.#create = create;
    this.#wrap = wrap;
  }

  /** Before the start: where a server's disk is, beside its memory. */
  protected keep(kept: KeptDisk): void {
    this.#kept = kept;
  }

  start(init: ActorInit): void | Promise<void> {
    const { process } = init;
    if (!this.#kept || process.type !== 'server') return this.#boot(init);
    return this.#kept.open(process.disk).then((disk) => this.#boot({ ...init, process: { ...process, disk } }));
  }

  #boot(init: ActorInit): void {
    this.#kernel = new Kernel(init, (...made) => {
      const process = this.#create(...made);
      if (process.disk) process.disk.journal = this.#kept?.journal ?? null;
      return process;
    });
    this.#head = headBefore(init.startsAt);
  }

  connect(name: ActorName, raw: Port): void {
    const port = this.#wrap(raw);
    const peer: Peer = { name, port, writer: new TapeWriter(), reader: new TapeReader(), inbox: [] };
    this.#peers.set(name, peer);
    port.listen(
      (data) => {
        if (data === EMPTY) this.#arrive(peer, null);
        else if (isTape(data)) this.#arrive(peer, data);
        else this.#break(`${name} sent something that is no batch`);
      },
      () => this.#break(`a batch of ${name} cannot be read`),
    );
  }

  disconnect(name: ActorName): void {
    this.#peers.get(name)?.port.close();
    this.#peers.delete(name);
  }

  async advance({ to, window, controls }: Grant): Promise<PostedReport> {
    const kernel = this.#live();
    kernel.grant(controls);
    const peers = [...this.#peers.values()];
    const order: number[] = [];
    while (this.#head < to) {
      const end = windowEnd(this.#head, to, window);
      kernel.run(end);
      for (const { name, port, writer } of peers) {
        for (const segment of kernel.takeBatch(name)) writer.write(segment);
        if (writer.isEmpty) {
          port.post(EMPTY);
          continue;
        }
        const tape = writer.take();
        port.post(tape, [tape.words.buffer]);
      }
      // Before the wait, so that no event outlives its window here.
      for (const event of kernel.takeEvents()) {
        order.push(event.t, event.id);
        this.#events.write(event);
      }
      if (!this.#complete()) await this.#wait();
      for (const { name, reader, inbox } of peers) {
        const tape = inbox.shift();
        // What a peer has written are segments.
        if (tape) kernel.receive(name, reader.read(tape) as Batch);
      }
      this.#head = end;
    }
    // Nobody sees an instant whose fsyncs are not on the real disk.
    await this.#kept?.settle();
    const { next, exited } = kernel.report();
    return { order: new Float64Array(order), tape: this.#events.take(), next, exited };
  }

  disk(): DiskImage | null {
    return this.#live().disk();
  }

  async kill(at: VirtualTime, cause: EventRef): Promise<Remains> {
    const remains = this.#live().kill(at, cause);
    await this.#kept?.settle();
    return remains;
  }

  #live(): Kernel {
    assert(this.#kernel, 'the actor has been started');
    return this.#kernel;
  }

  #complete(): boolean {
    for (const { inbox } of this.#peers.values()) if (inbox.length === 0) return false;
    return true;
  }

  #wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#broken) reject(this.#broken);
      else this.#waiting = { resolve, reject };
    });
  }

  #arrive(peer: Peer, batch: Tape | null): void {
    peer.inbox.push(batch);
    if (peer.inbox.length > 1 || !this.#waiting || !this.#complete()) return;
    const { resolve } = this.#waiting;
    this.#waiting = null;
    resolve();
  }

  #break(message: string): void {
    this.#broken = new Error(message);
    this.#waiting?.reject(this.#broken);
    this.#waiting = null;
  }
}

function isTape(data: unknown): data is Tape {
  return typeof data === 'object' && data !== null && 'words' in data && data.words instanceof Int32Array;
}
