/**
 * When the fsyncs of one disk start and end: one after the other, each as long as the disk's latency says. Other
 * writes go on beside them. What nobody syncs the operating system writes back by itself, some seconds later.
 */
import type { DiskJournal } from '../../engine/index.ts';
import { assert } from '../../protocol/assert.ts';
import type { EventBody } from '../../protocol/events.ts';
import type { EventRef } from '../../protocol/ids.ts';
import type { RuleId } from '../../protocol/rules/index.ts';
import type { Random } from '../../protocol/random.ts';
import { addMs, type VirtualTime } from '../../protocol/time.ts';

/** What the kernel needs of a disk; `MemoryDisk` is one. */
export interface MachineDisk<Ticket = unknown> {
  /** An fsync that covers what is written to `file` by now. */
  beginFsync(file: string): Ticket;
  /** Whether anything became durable by it. */
  completeFsync(ticket: Ticket): boolean;
  /** Files with bytes that are not durable. */
  readonly dirtyFiles: readonly string[];
  readonly hasDirtyFiles: boolean;
  full: boolean;
  /** Is told of what becomes durable; null: nobody. */
  journal: DiskJournal | null;
  /** Makes all that was written durable. */
  sync(): void;
  /** Loses what is not durable. */
  crash(random: Random): readonly { readonly file: string; readonly bytes: number; readonly torn: boolean }[];
  image(): { readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[] };
}

/** `vm.dirty_writeback_centisecs` of Linux, ms: what is written becomes durable after this time, or twice as long. */
const WRITE_BACK_MS = 5000;
/** A write occupies its writer for one latency of the disk for each so many bytes. */
const WRITE_BYTES = 8192;

interface Asked {
  readonly file: string;
  readonly token: number;
  readonly ticket: unknown;
  readonly causes: readonly EventRef[];
}

/** The part of the kernel that this one works with. */
export interface DiskHost {
  readonly now: VirtualTime;
  emit(body: EventBody, causes: readonly EventRef[], rule?: RuleId): EventRef;
  /** Calls {@link DiskTiming.done} at `at`. */
  scheduleFsyncDone(at: VirtualTime): void;
  /** Tells the process of a write at `at`. */
  scheduleWritten(at: VirtualTime, token: number, cause: EventRef): void;
  /** Calls {@link DiskTiming.writeBack} at `at`. */
  scheduleWriteBack(at: VirtualTime): void;
}

export class DiskTiming {
  readonly disk: MachineDisk;
  readonly #host: DiskHost;
  readonly #random: Random;
  /** Of everything but fsyncs, so that those do not change with it. */
  readonly #otherRandom: Random;
  /** What the next write-back covers; null: none is due. */
  #writingBack: {
    readonly files: readonly { readonly file: string; readonly ticket: unknown }[];
    readonly cause: EventRef;
  } | null = null;
  readonly #asked: Asked[] = [];
  #running: (Asked & { readonly started: EventRef }) | null = null;
  latency: readonly [number, number];

  constructor(
    host: DiskHost,
    disk: MachineDisk,
    latency: readonly [number, number],
    random: Random,
    otherRandom: Random,
  ) {
    this.#host = host;
    this.disk = disk;
    this.latency = latency;
    this.#random = random;
    this.#otherRandom = otherRandom;
  }

  /** `bytes` were just written; the process is told when the disk has taken them. */
  write(bytes: number, token: number, causes: readonly EventRef[]): void {
    let ms = 0;
    for (let left = bytes; left > 0; left -= WRITE_BYTES) ms += this.#otherRandom.between(...this.latency);
    const cause = causes.at(-1);
    assert(cause !== undefined, 'a write has a cause');
    this.#host.scheduleWritten(addMs(this.#host.now, ms), token, cause);
  }

  /** The process may have written something in the step that `cause` brought. */
  noticeWrites(cause: EventRef): void {
    if (this.#writingBack !== null || !this.disk.hasDirtyFiles) return;
    const files = this.disk.dirtyFiles.map((file) => ({ file, ticket: this.disk.beginFsync(file) }));
    this.#writingBack = { files, cause };
    const ms = WRITE_BACK_MS + this.#otherRandom.between(...this.latency);
    this.#host.scheduleWriteBack(addMs(this.#host.now, ms));
  }

  /** What was not durable when the write-back was scheduled is now. */
  writeBack(): void {
    if (!this.#writingBack) return;
    const { files: covered, cause } = this.#writingBack;
    const files = covered.filter(({ ticket }) => this.disk.completeFsync(ticket)).map(({ file }) => file);
    this.#writingBack = null;
    if (files.length > 0) this.#host.emit({ kind: 'written-back', files }, [cause], 'lab.write-back');
    this.noticeWrites(cause);
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
