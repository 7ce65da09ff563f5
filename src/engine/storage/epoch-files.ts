/**
 * The files `acceptedEpoch` and `currentEpoch` (`QuorumPeer.loadDataBase`, `AtomicFileWritingIdiom`):
 * one decimal number each, replaced whole: written beside as `.tmp`, fsynced, renamed.
 */
import type { EventRef } from '../../protocol/ids.ts';
import { EPOCH_MAX, epoch as toEpoch, epochOf, formatZxid, type Epoch, type Zxid } from '../../protocol/zxid.ts';
import type { ServerContext } from '../context.ts';
import { DATA_FOLDER } from './files.ts';

export type EpochFile = 'acceptedEpoch' | 'currentEpoch';

interface Save {
  readonly epoch: Epoch;
  readonly done: () => void;
  readonly cause: EventRef;
  /** Whether the trace hears of it. */
  readonly told: boolean;
}

export class EpochFiles {
  readonly #ctx: ServerContext;
  readonly #epochs: Record<EpochFile, Epoch> = { acceptedEpoch: toEpoch(0), currentEpoch: toEpoch(0) };
  /** What waits for its file; the first is being written. */
  readonly #saves: Readonly<Record<EpochFile, Save[]>> = { acceptedEpoch: [], currentEpoch: [] };

  constructor(ctx: ServerContext) {
    this.#ctx = ctx;
  }

  /** As on disk: it changes at the rename. */
  get(file: EpochFile): Epoch {
    return this.#epochs[file];
  }

  /** Reads both files after the tree has been loaded up to `lastZxid`; the reason if the server must not start. */
  load(lastZxid: Zxid): string | null {
    const dataEpoch = epochOf(lastZxid);
    const current = this.#readOrCreate('currentEpoch', dataEpoch);
    if (current === null) return 'currentEpoch does not hold an epoch.';
    if (dataEpoch > current) {
      // The process died between writing currentEpoch.tmp and renaming it (ZOOKEEPER-1653).
      const interrupted = this.#read(temporary('currentEpoch'));
      if (interrupted === undefined)
        return `The current epoch, ${current}, is older than the last zxid, ${formatZxid(lastZxid)}.`;
      if (interrupted === null) return 'currentEpoch.tmp does not hold an epoch.';
      this.#take('currentEpoch', interrupted);
    }
    const accepted = this.#readOrCreate('acceptedEpoch', dataEpoch);
    if (accepted === null) return 'acceptedEpoch does not hold an epoch.';
    if (accepted < this.get('currentEpoch')) {
      return `The accepted epoch, ${accepted}, is less than the current epoch, ${this.get('currentEpoch')}.`;
    }
    return null;
  }

  /**
   * Calls `done` when the file durably holds `epoch`; emits `epoch-saved`. Saves of one file wait for each other.
   * @throws DiskError
   */
  save(file: EpochFile, epoch: Epoch, done: () => void): void {
    this.#enqueue(file, { epoch, done, cause: this.#ctx.cause, told: true });
  }

  #enqueue(file: EpochFile, save: Save): void {
    this.#saves[file].push(save);
    if (this.#saves[file].length === 1) this.#write(file, save);
  }

  /** The temporary file; nobody waits for the others of this file if it cannot be written. */
  #writeBeside(file: EpochFile, epoch: Epoch): void {
    try {
      this.#ctx.disk.write(temporary(file), epochBytes(epoch));
    } catch (error) {
      this.#saves[file].length = 0;
      throw error;
    }
  }

  #write(file: EpochFile, { epoch, done, cause, told }: Save): void {
    const { disk } = this.#ctx;
    this.#writeBeside(file, epoch);
    this.#ctx.fsync(temporary(file), () => {
      disk.rename(temporary(file), DATA_FOLDER + file);
      this.#epochs[file] = epoch;
      if (told) this.#ctx.emit({ kind: 'epoch-saved', file, epoch }, { rule: 'storage.epoch-file', causes: [cause] });
      this.#saves[file].shift();
      const next = this.#saves[file][0];
      if (next) this.#write(file, next);
      done();
    });
  }

  #readOrCreate(file: EpochFile, otherwise: Epoch): Epoch | null {
    const found = this.#read(DATA_FOLDER + file);
    if (found === undefined) this.#take(file, otherwise);
    else if (found !== null) this.#epochs[file] = found;
    return found === undefined ? otherwise : found;
  }

  /** Holds from now on; nobody waits for the disk, since after a crash before that the same is found again. */
  #take(file: EpochFile, epoch: Epoch): void {
    this.#epochs[file] = epoch;
    this.#enqueue(file, { epoch, done: () => undefined, cause: this.#ctx.cause, told: false });
  }

  /** Undefined: no such file. Null: the file holds no epoch. */
  #read(file: string): Epoch | null | undefined {
    const bytes = this.#ctx.disk.read(file);
    if (bytes === null) return undefined;
    // Decimal digits are all that counts; whatever else the bytes are, they do not match.
    const text = bytes.length > 20 ? '' : String.fromCharCode(...bytes).trim();
    const number = /^(-1|\d{1,10})$/.test(text) ? Number(text) : Infinity;
    return number <= EPOCH_MAX ? toEpoch(number) : null;
  }
}

/** The content of an epoch file. */
export function epochBytes(epoch: number): Uint8Array {
  return new TextEncoder().encode(String(epoch));
}

function temporary(file: EpochFile): string {
  return `${DATA_FOLDER}${file}.tmp`;
}
