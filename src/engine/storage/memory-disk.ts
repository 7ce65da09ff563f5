/**
 * A disk in memory that knows what is durable. Each file is what the page cache holds, of which a
 * prefix is on the platter. Who drives virtual time calls {@link MemoryDisk.beginFsync} when an fsync
 * starts and {@link MemoryDisk.completeFsync} when its latency is over.
 *
 * What a crash leaves: everything fsynced. Of the rest, writes reach the platter in the order in which
 * they were made, so the crash cuts at one place: the file with the oldest pending bytes is lost whole or
 * torn (a prefix stays), and pending bytes of all other files are lost. Two facts of common file systems
 * are kept: the first write of a new file is whole or absent if it fits into a sector, and a file that was
 * being replaced comes back as it was. Zeros that a file was extended by are there as soon as the file is.
 *
 * A full disk takes no more bytes; what is written already can still become durable.
 */
import type { Random } from '../../protocol/random.ts';
import { DiskError, type Disk } from '../disk.ts';
import { lastRecordAt } from './txn-log.ts';

/** The files of a disk as plain data. */
export interface DiskContent {
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

/** What a crash took from one file. */
export interface LostWrite {
  readonly file: string;
  readonly bytes: number;
  /** A part of the pending bytes is still there. */
  readonly torn: boolean;
}

/**
 * Is told of everything that becomes durable, in its order. Whoever does the same to files of his own holds what a
 * crash would leave for certain.
 */
export interface DiskJournal {
  /** `bytes` (a view: to be copied) are on the platter from `offset` on; there is such a file from now on. */
  write(file: string, offset: number, bytes: Uint8Array): void;
  /** The file is so long, with zeros where it was shorter; there is such a file from now on. */
  resize(file: string, length: number): void;
  remove(file: string): void;
}

const SECTOR_BYTES = 512;
/** About the last write to a file that is no log. */
const TAIL_BYTES = 48;

interface FileState {
  /** Room for the content; all zeros behind `length`. */
  bytes: Uint8Array;
  /** How many bytes were written. */
  length: number;
  /** How long the file was made at least, with zeros behind what was written. */
  reserved: number;
  /** How many bytes are on the platter; −1: not even the file itself. */
  durable: number;
  /** Length of the write that made the content. */
  head: number;
  /** The durable content that this one replaces, while this one is not durable itself. */
  replaced: Uint8Array | null;
  /**
   * When its pending bytes were written, in writes of this disk: from byte `from` on not before `write`.
   * The first covers the oldest pending byte; empty if all is durable.
   */
  marks: { readonly from: number; readonly write: number }[];
  /** An fsync began since the last mark: what is written now needs one of its own. */
  marked: boolean;
}

/** An fsync that has begun. */
export interface FsyncTicket {
  readonly file: string;
  readonly state: FileState | null;
  readonly length: number;
}

export class MemoryDisk implements Disk {
  /** Every write fails. */
  full = false;
  journal: DiskJournal | null = null;
  readonly #files = new Map<string, FileState>();
  #writes = 0;

  /** A disk with durable content. */
  static fromImage(image: DiskContent): MemoryDisk {
    const disk = new MemoryDisk();
    for (const { name, bytes } of image.files) disk.#files.set(name, durableState(bytes.slice()));
    return disk;
  }

  /** All files as the page cache holds them, by name; after {@link crash} that is what is durable. */
  image(): DiskContent {
    return { files: this.list('').map((name) => ({ name, bytes: this.read(name)?.slice() ?? new Uint8Array(0) })) };
  }

  list(prefix: string): readonly string[] {
    return [...this.#files.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  read(file: string): Uint8Array | null {
    const state = this.#files.get(file);
    return state ? state.bytes.subarray(0, sizeOf(state)) : null;
  }

  size(file: string): number {
    const state = this.#files.get(file);
    return state ? sizeOf(state) : -1;
  }

  append(file: string, bytes: Uint8Array): void {
    const state = this.#files.get(file);
    if (!state) {
      this.write(file, bytes);
      return;
    }
    this.#takeRoom(file);
    this.#writes++;
    if (state.marks.length === 0 || !state.marked) state.marks.push({ from: state.length, write: this.#writes });
    state.marked = true;
    const end = state.length + bytes.length;
    makeRoom(state, end);
    state.bytes.set(bytes, state.length);
    state.length = end;
  }

  extend(file: string, length: number): void {
    const state = this.#files.get(file);
    if (!state || length <= sizeOf(state)) return;
    this.#takeRoom(file);
    makeRoom(state, length);
    state.reserved = length;
    this.#tellSize(file, state);
  }

  write(file: string, bytes: Uint8Array): void {
    this.#takeRoom(file);
    const old = this.#files.get(file);
    const replaced = old && old.durable >= 0 ? durableBytes(old) : (old?.replaced ?? null);
    this.#files.set(file, {
      bytes: bytes.slice(),
      length: bytes.length,
      reserved: 0,
      durable: -1,
      head: bytes.length,
      replaced,
      marks: [{ from: 0, write: ++this.#writes }],
      marked: true,
    });
  }

  truncate(file: string, length: number): void {
    const state = this.#files.get(file);
    if (!state) return;
    state.length = Math.min(state.length, length);
    state.reserved = Math.min(state.reserved, length);
    state.bytes.fill(0, state.length);
    state.durable = Math.min(state.durable, length);
    forgetMarks(state);
    this.#tellSize(file, state);
  }

  rename(from: string, to: string): void {
    const state = this.#files.get(from);
    if (!state) return;
    this.#files.delete(from);
    state.durable = Math.max(state.durable, 0);
    state.replaced = null;
    forgetMarks(state);
    this.#files.set(to, state);
    this.journal?.remove(from);
    this.#tellBytes(to, state, 0);
    this.#tellSize(to, state);
  }

  remove(file: string): void {
    this.#files.delete(file);
    this.journal?.remove(file);
  }

  /** An fsync starts: it covers what is written by now. */
  beginFsync(file: string): FsyncTicket {
    const state = this.#files.get(file) ?? null;
    if (state) state.marked = false;
    return { file, state, length: state?.length ?? 0 };
  }

  /**
   * Its latency is over. A file that was removed, replaced or cut in between keeps what it has. Returns whether
   * anything of the file became durable by it.
   */
  completeFsync({ file, state, length }: FsyncTicket): boolean {
    if (!state) return false;
    const before = state.durable;
    state.durable = Math.max(state.durable, Math.min(length, state.length));
    state.replaced = null;
    forgetMarks(state);
    if (this.journal && state.durable > before) this.#tellSynced(state, before);
    return state.durable > before && this.#files.get(file) === state;
  }

  /** The machine goes down in peace: all that was written becomes durable. */
  sync(): void {
    for (const file of this.dirtyFiles) this.completeFsync(this.beginFsync(file));
  }

  get hasDirtyFiles(): boolean {
    for (const state of this.#files.values()) if (!isDurable(state)) return true;
    return false;
  }

  /** Files with bytes that are not durable, by name. */
  get dirtyFiles(): readonly string[] {
    return this.list('').filter((file) => {
      const state = this.#files.get(file);
      return state !== undefined && !isDurable(state);
    });
  }

  /** The process and its machine die: what is not durable is lost, whole or torn as `random` says. What stays is durable. */
  crash(random: Random): readonly LostWrite[] {
    const pending = [...this.#files]
      .filter(([, state]) => !isDurable(state))
      .sort(([, a], [, b]) => pendingSince(a) - pendingSince(b));
    return pending.map(([file, state], order) => {
      const before = state.length;
      const durable = Math.max(state.durable, 0);
      const kept = order === 0 ? survivors(state, random) : 0;
      if (state.durable < 0 && kept === 0) {
        if (state.replaced) this.#files.set(file, durableState(state.replaced));
        else if (order === 0 && random.below(2) === 0) {
          this.#files.set(file, durableState(new Uint8Array(0)));
          this.journal?.resize(file, 0);
        } else this.#files.delete(file);
      } else {
        // The torn part and the zeros behind it: the file is as long as it was, if it had become durable before.
        const left = new Uint8Array(state.durable < 0 ? kept : Math.max(state.reserved, durable + kept));
        left.set(state.bytes.subarray(0, durable + kept));
        this.#files.set(file, durableState(left));
        this.journal?.write(file, durable, left.subarray(durable, durable + kept));
      }
      return { file, bytes: before - durable - kept, torn: kept > 0 };
    });
  }

  /** Empties the disk, durably. */
  wipe(): void {
    this.#files.clear();
  }

  /** Changes one byte, durably, and returns its offset; −1 if there is no such file or byte. */
  corrupt(file: string, offset: number, random: Random): number {
    const state = this.#files.get(file);
    const byte = state?.bytes[offset];
    if (!state || byte === undefined || offset >= sizeOf(state)) return -1;
    state.bytes[offset] = byte ^ (1 + random.below(255));
    return offset;
  }

  /**
   * Takes the end of the last write away, durably, as a crash in the midst of it would have: of a log a part of its
   * last entry, with the zeros behind it kept; of another file a part of its last bytes. Returns the offset of the
   * first byte that is gone; −1 if there is nothing to take.
   */
  tear(file: string, random: Random): number {
    const state = this.#files.get(file);
    const size = state ? sizeOf(state) : 0;
    if (!state || size === 0) return -1;
    const [from, end] = lastRecordAt(file, state.bytes.subarray(0, size)) ?? [Math.max(0, size - TAIL_BYTES), size];
    const at = from + random.below(end - from);
    state.bytes.fill(0, at);
    state.reserved = end === size ? 0 : size;
    state.length = state.durable = at;
    forgetMarks(state);
    return at;
  }

  /** What the last fsync made durable of a file that may have got another name, or is gone. */
  #tellSynced(state: FileState, before: number): void {
    for (const [file, each] of this.#files) {
      if (each !== state) continue;
      this.#tellBytes(file, state, Math.max(before, 0));
      if (before < 0) this.#tellSize(file, state);
    }
  }

  #tellBytes(file: string, state: FileState, from: number): void {
    if (state.durable > from) this.journal?.write(file, from, state.bytes.subarray(from, state.durable));
  }

  #tellSize(file: string, state: FileState): void {
    if (state.durable >= 0) this.journal?.resize(file, Math.max(state.durable, state.reserved));
  }

  #takeRoom(file: string): void {
    if (this.full) throw new DiskError(file);
  }
}

/** Length of the file: what was written, and the zeros behind it. */
function sizeOf(state: FileState): number {
  return Math.max(state.length, state.reserved);
}

/** What a crash would leave of a file that is on the platter: what is durable, and the zeros behind it. */
function durableBytes(state: FileState): Uint8Array {
  const bytes = new Uint8Array(Math.max(state.durable, state.reserved));
  bytes.set(state.bytes.subarray(0, state.durable));
  return bytes;
}

/** Grows the room, twofold at least, so that many appends copy each byte only a few times. */
function makeRoom(state: FileState, length: number): void {
  if (length <= state.bytes.length) return;
  const larger = new Uint8Array(Math.max(length, 2 * state.bytes.length));
  larger.set(state.bytes.subarray(0, state.length));
  state.bytes = larger;
}

function durableState(bytes: Uint8Array): FileState {
  return {
    bytes,
    length: bytes.length,
    reserved: 0,
    durable: bytes.length,
    head: bytes.length,
    replaced: null,
    marks: [],
    marked: false,
  };
}

/** The write that made the oldest pending byte. */
function pendingSince(state: FileState): number {
  return state.marks[0]?.write ?? 0;
}

/** Drops the marks of what is durable or gone. */
function forgetMarks(state: FileState): void {
  if (isDurable(state)) state.marks = [];
  while ((state.marks[1]?.from ?? Infinity) <= state.durable) state.marks.shift();
}

function isDurable(state: FileState): boolean {
  return state.durable === state.length;
}

/** How many of the pending bytes are on the platter after all: in half of the cases none, never all. */
function survivors(state: FileState, random: Random): number {
  const pending = state.length - Math.max(state.durable, 0);
  const kept = random.below(2) === 0 || pending === 0 || state.replaced ? 0 : random.below(pending);
  const tearsHead = state.durable < 0 && kept < state.head && state.head <= SECTOR_BYTES;
  return tearsHead ? 0 : kept;
}
