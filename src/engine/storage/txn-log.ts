/**
 * The transaction log (`FileTxnLog`, `FileTxnLog.FileTxnIterator`): files `log.<zxid>` in ZooKeeper's
 * format, each a FileHeader and then entries of checksum, length, bytes and 'B'.
 *
 * Simplification: files are not extended with zeros in advance (`FilePadding`), so their length is what
 * was written; zeros at the end are read as a real server reads them. TxnDigests are not written.
 */
import { JuteError, JuteReader, JuteWriter } from '../../protocol/jute/codec.ts';
import { fileHeader } from '../../protocol/jute/records.ts';
import { decodeTxn, encodeTxn } from '../../protocol/jute/txn.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import type { Zxid } from '../../protocol/zxid.ts';
import type { Disk } from '../disk.ts';
import { adler32 } from './adler32.ts';
import { fileName, listFiles, type NumberedFile } from './files.ts';

/** "ZKLG" */
const LOG_MAGIC = 0x5a4b4c47;
const LOG_VERSION = 2;
/** `jute.maxbuffer` and its equal for what a server adds (`BinaryInputArchive.checkLength`). */
const LENGTH_MAX = 2 * 0xfffff;
/** 'B' ends each entry. */
const END_OF_RECORD = 0x42;

/** A log that cannot be trusted: the server refuses to start. The message says which file and why. */
export class LogError extends Error {
  override readonly name = 'LogError';
}

/** One entry, and where it ends in its file. */
export interface LogRecord {
  readonly txn: LoggedTxn;
  readonly file: string;
  /** Offset of the byte behind the entry. */
  readonly end: number;
}

function logHeaderBytes(): Uint8Array {
  const out = new JuteWriter();
  fileHeader.write(out, { magic: LOG_MAGIC, version: LOG_VERSION, dbid: 0 });
  return out.finish();
}

/** One entry of the log. */
function logRecordBytes(txn: LoggedTxn): Uint8Array {
  const bytes = encodeTxn(txn);
  const out = new JuteWriter();
  out.int64(adler32(bytes));
  out.int32(bytes.length);
  out.raw(bytes);
  out.int8(END_OF_RECORD);
  return out.finish();
}

/** The files that may hold transactions from `from` on: the last one that begins below it, and all later ones. */
export function logFilesFrom(disk: Disk, from: Zxid): readonly NumberedFile[] {
  const files = listFiles(disk, 'log');
  const below = files.filter(({ zxid }) => zxid < from);
  return files.slice(Math.max(0, below.length - 1));
}

/**
 * All entries of the given files in order. A torn tail (no more bytes, length 0, no 'B') ends a file and
 * the next one follows.
 * @throws LogError at an entry that is complete and wrong, a length above `lengthMax`, or a file that is no log.
 */
export function* readLog(disk: Disk, files: readonly NumberedFile[], lengthMax = LENGTH_MAX): Generator<LogRecord> {
  for (const [index, { file }] of files.entries()) {
    const bytes = disk.read(file);
    if (bytes === null) continue;
    // A crash between creating the last file and writing its header leaves it empty: no error.
    if (bytes.length === 0 && index === files.length - 1) {
      disk.remove(file);
      return;
    }
    yield* readLogFile(file, bytes, lengthMax);
  }
}

function* readLogFile(file: string, bytes: Uint8Array, lengthMax: number): Generator<LogRecord> {
  let position = readHeader(file, bytes);
  for (;;) {
    const record = readRecord(file, bytes, position, lengthMax);
    if (record === null) return;
    yield record;
    position = record.end;
  }
}

function readHeader(file: string, bytes: Uint8Array): number {
  const input = new JuteReader(bytes);
  try {
    const { magic } = fileHeader.read(input);
    if (magic !== LOG_MAGIC) throw new LogError(`${file} is no transaction log: its magic number is wrong`);
  } catch (error) {
    if (error instanceof JuteError) throw new LogError(`${file} ends within its header`);
    throw error;
  }
  return input.position;
}

/** The entry at `position`; null at the end of what was written completely. */
function readRecord(file: string, bytes: Uint8Array, position: number, lengthMax: number): LogRecord | null {
  const input = new JuteReader(bytes, position);
  if (input.remaining < 12) return null;
  const checksum = input.uint64();
  const length = input.int32();
  if (length === 0 || length === -1) return null;
  if (length < 0 || length > lengthMax)
    throw new LogError(`${file}: a length of ${length} at offset ${position} is unreasonable`);
  if (length + 1 > input.remaining) return null;
  const body = input.raw(length);
  if (input.int8() !== END_OF_RECORD) return null;
  if (checksum !== BigInt(adler32(body))) throw new LogError(`${file}: checksum mismatch at offset ${position}`);
  try {
    return { txn: decodeTxn(body), file, end: input.position };
  } catch (error) {
    if (error instanceof JuteError)
      throw new LogError(`${file}: the entry at offset ${position} cannot be read (${error.message})`);
    throw error;
  }
}

/** The log that a server writes. */
export class TxnLog {
  readonly #disk: Disk;
  readonly #lengthMax: number;
  /** The file that the next entry goes to; null: a new one. */
  #file: string | null = null;
  #lastFile: string | null = null;

  /** Entries longer than `lengthMax` bytes are taken for corruption when they are read. */
  constructor(disk: Disk, lengthMax = LENGTH_MAX) {
    this.#disk = disk;
    this.#lengthMax = lengthMax;
  }

  /** The file that was appended to last by this process; null: none, or it was cut. */
  get lastFile(): string | null {
    return this.#lastFile;
  }

  /** Appends to the page cache; returns the file. A new file replaces one of the same name. */
  append(txn: LoggedTxn): string {
    if (this.#file === null) {
      this.#file = fileName('log', txn.header.zxid);
      this.#disk.write(this.#file, logHeaderBytes());
    }
    this.#disk.append(this.#file, logRecordBytes(txn));
    this.#lastFile = this.#file;
    return this.#file;
  }

  /** The next entry starts a new file. */
  roll(): void {
    this.#file = null;
  }

  /**
   * All entries with a zxid of at least `from`, and whatever follows them (`TxnLog.read`).
   * @throws LogError
   */
  *readFrom(from: Zxid): Generator<LogRecord> {
    let found = false;
    for (const record of readLog(this.#disk, logFilesFrom(this.#disk, from), this.#lengthMax)) {
      found ||= record.txn.header.zxid >= from;
      if (found) yield record;
    }
  }

  /**
   * Cuts the log behind the first entry with a zxid of at least `to`, which is expected to be `to`
   * itself, and deletes all later files (`FileTxnLog.truncate`). False if there is no such entry.
   * @throws LogError
   */
  truncate(to: Zxid): boolean {
    const next = this.readFrom(to).next();
    if (next.done) return false;
    const { file, end } = next.value;
    const files = listFiles(this.#disk, 'log').map((numbered) => numbered.file);
    this.#disk.truncate(file, end);
    for (const later of files.slice(files.indexOf(file) + 1)) this.#disk.remove(later);
    this.#file = null;
    this.#lastFile = null;
    return true;
  }
}
