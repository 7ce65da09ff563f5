/** When the fsyncs of one disk start and end: one after the other, each as long as the disk's latency says. */
import type { EventBody } from '../../protocol/events.ts';
import type { EventRef } from '../../protocol/ids.ts';
import type { Random } from '../../protocol/random.ts';
import { addMs, type VirtualTime } from '../../protocol/time.ts';

/** What the kernel needs of a disk; `MemoryDisk` is one. */
export interface MachineDisk<Ticket = unknown> {
  /** An fsync that covers what is written to `file` by now. */
  beginFsync(file: string): Ticket;
  completeFsync(ticket: Ticket): void;
  /** Loses what is not durable. */
  crash(random: Random): readonly { readonly file: string; readonly bytes: number; readonly torn: boolean }[];
  image(): { readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[] };
}

interface Asked {
  readonly file: string;
  readonly token: number;
  readonly ticket: unknown;
  readonly causes: readonly EventRef[];
}

/** The part of the kernel that this one works with. */
export interface DiskHost {
  readonly now: VirtualTime;
  emit(body: EventBody, causes: readonly EventRef[]): EventRef;
  /** Calls {@link DiskTiming.done} at `at`. */
  scheduleFsyncDone(at: VirtualTime): void;
}

export class DiskTiming {
  readonly disk: MachineDisk;
  readonly #host: DiskHost;
  readonly #random: Random;
  readonly #asked: Asked[] = [];
  #running: (Asked & { readonly started: EventRef }) | null = null;
  latency: readonly [number, number];

  constructor(host: DiskHost, disk: MachineDisk, latency: readonly [number, number], random: Random) {
    this.#host = host;
    this.disk = disk;
    this.latency = latency;
    this.#random = random;
  }

  fsync(file: string, token: number, causes: readonly EventRef[]): void {
    this.#asked.push({ file, token, ticket: this.disk.beginFsync(file), causes });
    if (!this.#running) this.#start();
  }

  /** The running fsync ends; the next one starts. Returns what to tell the process. */
  done(): { readonly token: number; readonly cause: EventRef } | null {
    const ended = this.#running;
    if (!ended) return null;
    this.#running = null;
    this.disk.completeFsync(ended.ticket);
    const cause = this.#host.emit({ kind: 'fsync-done', file: ended.file }, [ended.started]);
    this.#start();
    return { token: ended.token, cause };
  }

  #start(): void {
    const next = this.#asked.shift();
    if (!next) return;
    const started = this.#host.emit({ kind: 'fsync-started', file: next.file }, next.causes);
    this.#running = { ...next, started };
    this.#host.scheduleFsyncDone(addMs(this.#host.now, this.#random.between(...this.latency)));
  }
}
