/**
 * A server's disk as the engine sees it. Reads and writes work on the page cache and return at once;
 * only an fsync makes them durable, and it takes virtual time: the engine asks for it through its
 * context and is told when it is done. What was not fsynced when the process dies is lost, whole or
 * torn. File names are relative, such as `version-2/log.100000001`.
 */
export interface Disk {
  /** Names of all files that start with `prefix`, sorted. */
  list(prefix: string): readonly string[];
  /** The bytes of a file (a view: do not keep it over a write), or null if there is none. */
  read(file: string): Uint8Array | null;
  /** Length in bytes, or −1 if there is no such file. */
  size(file: string): number;
  /** Appends; creates the file if there is none. */
  append(file: string, bytes: Uint8Array): void;
  /** Replaces the whole content (not durable before an fsync). */
  write(file: string, bytes: Uint8Array): void;
  /** Cuts the file to `length` bytes; durable at once, as the real server's truncate is taken to be. */
  truncate(file: string, length: number): void;
  /** Atomic and durable at once, with the bytes that the file then durably holds. */
  rename(from: string, to: string): void;
  /** Durable at once. */
  remove(file: string): void;
}
