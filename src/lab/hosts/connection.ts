/** What the hosts of workers ask of a runtime, and of the actor inside a worker: a few coarse calls. */
import type { ActorName, EventRef } from '../../protocol/ids.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import type { DiskJournal } from '../../engine/index.ts';
import type { Tape } from '../tape/index.ts';
import type { ActorInit, DiskImage, Grant, Remains, Report } from '../types.ts';

/** The side of a MessagePort that both runtimes have, as Comlink wants it. */
export interface Endpoint {
  postMessage(message: unknown, transfer?: never[]): void;
  addEventListener(type: string, listener: (event: unknown) => void): void;
  removeEventListener(type: string, listener: (event: unknown) => void): void;
  start?(): void;
}

/** One end of the channel between two actors: nothing but batches passes through it. */
export interface BatchPort {
  /** `buffers`, which are parts of `batch`, are not copied but handed over. */
  post(batch: unknown, buffers?: readonly ArrayBuffer[]): void;
  /** Calls `batch` for each message, in order, and `broken` when one cannot be read. */
  listen(batch: (data: unknown) => void, broken: () => void): void;
  close(): void;
}

/** A report on its way out of a worker: its events on a tape. */
export interface PostedReport extends Omit<Report, 'events'> {
  /** As in {@link PackedEvents}. */
  readonly order: Float64Array;
  readonly tape: Tape;
}

/** The actor in a worker as its host calls it. `Port` is the runtime's MessagePort. */
export interface ActorCalls<Port> {
  start(init: ActorInit): void | Promise<void>;
  connect(peer: ActorName, port: Port): void;
  disconnect(peer: ActorName): void;
  advance(grant: Grant): Promise<PostedReport>;
  disk(): DiskImage | null;
  kill(at: VirtualTime, cause: EventRef): Promise<Remains>;
}

/**
 * Files outside of the simulation that hold what is durable on a server's disk. No call fails: an owner whose files
 * fail goes on without them.
 */
export interface KeptDisk {
  /** What the server starts from, which the conductor takes to be `image`. */
  open(image: DiskImage): Promise<DiskImage>;
  readonly journal: DiskJournal;
  /** Resolves when everything that the journal was told is in the files. */
  settle(): Promise<void>;
}
