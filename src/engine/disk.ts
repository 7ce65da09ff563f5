/**
 * A server's disk as the engine sees it. Reads and writes work on the page cache and return at once;
 * only an fsync makes them durable, and it takes virtual time: the engine asks for it through its
 * context and is told when it is done. What was not fsynced when the process dies is lost, whole or
 * torn, unless the operating system has written it back by then. File names are relative, such as
 * `version-2/log.100000001`.
 */
export interface Disk {
  /** Names of all files that start with `prefix`, sorted. */
  list(prefix: string): readonly string[];
  /** The bytes of a file (a view: do not keep it over a write), or null if there is none. */
  read(file: string): Uint8Array | null;
  /** Length in bytes, or −1 if there is no such file. */
  size(file: string): number;
  /**
   * Writes behind what was written before, over zeros of {@link extend}; creates the file if there is none.
   * @throws DiskError
   */
  append(file: string, bytes: Uint8Array): void;
  /**
   * Makes the file at least `length` bytes long, with zeros at its end. It must be there.
   * @throws DiskError
   */
  extend(file: string, length: number): void;
  /**
   * Replaces the whole content (not durable before an fsync).
   * @throws DiskError
   */
  write(file: string, bytes: Uint8Array): void;
  /** Cuts the file to `length` bytes; durable at once, as the real server's truncate is taken to be. */
  truncate(file: string, length: number): void;
  /** Atomic and durable at once, with the bytes that the file then durably holds. */
  rename(from: string, to: string): void;
  /** Durable at once. */
  remove(file: string): void;
}

/** Nothing was written: the disk is full. What asked for it ends as its thread does in the real server (`IOException`). */
export class DiskError extends Error {
  override readonly name = 'DiskError';

  constructor(file: string) {
    super(`${file} cannot be written: no space left on the disk`);
  }
}
