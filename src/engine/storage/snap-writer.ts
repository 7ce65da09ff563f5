/**
 * Writes snapshot files (`FileTxnSnapLog.save`, `FileSnap.serialize`): on the main path at one instant, or beside it,
 * block after block, while transactions go on being applied. Each block takes as long as a write to the disk does.
 *
 * A snapshot that cannot be written ends the process (`ZooKeeperServer.takeSnapshot`).
 */
import type { EventRef } from '../../protocol/ids.ts';
import { formatZxid, type Zxid } from '../../protocol/zxid.ts';
import type { ServerContext } from '../context.ts';
import { DiskError } from '../disk.ts';
import { fileName } from './files.ts';
import { encodeSnapshot, snapshotBlocks, type SnapshotSource } from './snapshot.ts';

const TEMPORARY = '.tmp';

export class SnapWriter {
  readonly #ctx: ServerContext;
  /** The file that is being written block after block; another one takes its name away by writing it whole. */
  #running: { readonly file: string } | null = null;
  #hasWritten = false;

  constructor(ctx: ServerContext) {
    this.#ctx = ctx;
  }

  /** Whether this process has written a snapshot. */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  /** At one instant. Emits `snapshot-taken`. Nobody waits for it, and a crash may take it. Returns the file. */
  save(source: SnapshotSource, zxid: Zxid): string {
    const file = fileName('snapshot', zxid);
    const bytes = encodeSnapshot(source);
    if (this.#running?.file === file) this.#running = null;
    this.#attempt(zxid, () => {
      // The same snapshot may be there, durable or on its way to be: written anew it would be neither, and a
      // log that outlives the only snapshot is refused at the next start.
      if (!sameBytes(this.#ctx.disk.read(file), bytes)) this.#ctx.disk.write(file, bytes);
      this.#taken(zxid, bytes.length);
    });
    return file;
  }

  /** At one instant, written beside and renamed once it is durable; then `done` (`AtomicFileOutputStream`). */
  saveAndSync(source: SnapshotSource, zxid: Zxid, done: () => void): void {
    const file = fileName('snapshot', zxid);
    const bytes = encodeSnapshot(source);
    this.#attempt(zxid, () => {
      this.#ctx.disk.write(file + TEMPORARY, bytes);
      this.#taken(zxid, bytes.length);
      this.#ctx.fsync(file + TEMPORARY, () => {
        if (this.#running?.file === file) this.#running = null;
        this.#ctx.disk.rename(file + TEMPORARY, file);
        done();
      });
    });
  }

  /** Block after block, beside the main path. Emits `snapshot-started` and `snapshot-taken`, then calls `done`. */
  saveFuzzy(source: SnapshotSource, zxid: Zxid, done: () => void): void {
    const started = this.#ctx.emit({ kind: 'snapshot-started', zxid }, { rule: 'storage.snapshot-fuzzy' });
    const running = { file: fileName('snapshot', zxid) };
    this.#running = running;
    const blocks = snapshotBlocks(source);
    let bytes = 0;
    const next = (): void => {
      const block = this.#running === running ? blocks.next() : null;
      if (!block || block.done) {
        if (this.#running === running) {
          this.#running = null;
          this.#taken(zxid, bytes, [started]);
        }
        done();
        return;
      }
      this.#attempt(zxid, () => {
        if (bytes === 0) this.#ctx.disk.write(running.file, block.value);
        else this.#ctx.disk.append(running.file, block.value);
        bytes += block.value.length;
        this.#ctx.diskWrite(running.file, block.value.length, next);
      });
    };
    next();
  }

  #taken(zxid: Zxid, bytes: number, causes: readonly EventRef[] = []): void {
    this.#hasWritten = true;
    this.#ctx.emit({ kind: 'snapshot-taken', zxid, bytes }, { rule: 'storage.snapshot', causes });
  }

  #attempt(zxid: Zxid, write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#running = null;
      this.#ctx.exit(`The snapshot at ${formatZxid(zxid)} cannot be written: ${error.message}.`);
    }
  }
}

function sameBytes(a: Uint8Array | null, b: Uint8Array): boolean {
  return a !== null && a.length === b.length && a.every((byte, at) => byte === b[at]);
}
