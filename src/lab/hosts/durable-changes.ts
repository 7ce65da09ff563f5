/**
 * What became durable on a server's disk and is not on the real one yet: a queue of changes, file by file,
 * so that each file is opened once. What a removed file had to be told is forgotten.
 */
import type { DiskJournal } from '../../engine/index.ts';

export type DurableChange =
  | { readonly do: 'write'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly do: 'resize'; readonly length: number };

export interface FileChanges {
  readonly file: string;
  /** What the file had before is gone. */
  readonly removed: boolean;
  /** Then these happen, in order; none after `removed`: there is no such file any more. */
  readonly changes: readonly DurableChange[];
}

interface Pending {
  removed: boolean;
  changes: DurableChange[];
}

export class DurableChanges implements DiskJournal {
  readonly #files = new Map<string, Pending>();

  get isEmpty(): boolean {
    return this.#files.size === 0;
  }

  write(file: string, offset: number, bytes: Uint8Array): void {
    this.#of(file).changes.push({ do: 'write', offset, bytes: bytes.slice() });
  }

  resize(file: string, length: number): void {
    const { changes } = this.#of(file);
    // Of two in a row the last one counts, unless the first one cut what the other brings back as zeros.
    const last = changes.at(-1);
    if (last?.do === 'resize' && length <= last.length) changes.pop();
    changes.push({ do: 'resize', length });
  }

  remove(file: string): void {
    this.#files.set(file, { removed: true, changes: [] });
  }

  /** Everything that waits, files in the order in which they were changed first; from now on nothing waits. */
  take(): readonly FileChanges[] {
    const all = [...this.#files].map(([file, pending]) => ({ file, ...pending }));
    this.#files.clear();
    return all;
  }

  #of(file: string): Pending {
    const known = this.#files.get(file);
    if (known) return known;
    const pending: Pending = { removed: false, changes: [] };
    this.#files.set(file, pending);
    return pending;
  }
}
