/**
 * The transaction log (`FileTxnLog`, `FileTxnLog.FileTxnIterator`, `FilePadding`): files `log.<zxid>` in
 * ZooKeeper's format, each a FileHeader and then entries of checksum, length, bytes and 'B'. Files are extended
 * with zeros ahead of what is written, and a length of zero is the end of the log.
 *
 * Reading makes of a log's bytes what takes memory in proportion to them, one entry at a time.
 */
import { JuteError, JuteReader, JuteWriter } from '../../protocol/jute/codec.ts';
import { fileHeader } from '../../protocol/jute/records.ts';
import { decodeTxn, encodeTxn } from '../../protocol/jute/txn.ts';
import { NO_RULE_BROKEN, type Rules } from '../../protocol/defects.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import type { Zxid } from '../../protocol/zxid.ts';
import type { Disk } from '../disk.ts';
import { adler32 } from './adler32.ts';
import { fileName, listFiles, type NumberedFile } from './files.ts';

/** "ZKLG" */
export const LOG_MAGIC = 0x5a4b4c47;
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
  /** The Adler-32 of its content. */
  readonly digest: number;
  readonly file: string;
  /** Offset of the byte behind the entry. */
  readonly end: number;
}

/** Files are extended when fewer bytes than this are left (`FilePadding`). */
const PADDING_MARGIN_BYTES = 4096;
/** What the real log gathers before it writes to the file (`BufferedOutputStream`). */
const BUFFER_BYTES = 8192;

/**
 * How long the file is to be before more is written at `position` (`FilePadding.calculateFileSizeWithPadding`).
 * All in bytes.
 */
export function paddedSize(position: number, fileSize: number, preAllocSize: number): number {
  if (preAllocSize <= 0 || position + PADDING_MARGIN_BYTES < fileSize) return fileSize;
  if (position <= fileSize) return fileSize + preAllocSize;
  const size = position + preAllocSize;
  return size - (size % preAllocSize);
}

function logHeaderBytes(): Uint8Array {
  const out = new JuteWriter();
  fileHeader.write(out, { magic: LOG_MAGIC, version: LOG_VERSION, dbid: 0 });
  return out.finish();
}

/** One entry of the log, around the bytes of its transaction. */
function logRecordBytes(bytes: Uint8Array, digest: number): Uint8Array {
  const record = new Uint8Array(12 + bytes.length + 1);
  const view = new DataView(record.buffer);
  view.setUint32(4, digest);
  view.setInt32(8, bytes.length);
  record.set(bytes, 12);
  record[record.length - 1] = END_OF_RECORD;
  return record;
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
export function* readLog(
  disk: Disk,
  files: readonly NumberedFile[],
  lengthMax = LENGTH_MAX,
  rules: Rules = NO_RULE_BROKEN,
): Generator<LogRecord> {
  for (const [index, { file }] of files.entries()) {
    const bytes = disk.read(file);
    if (bytes === null) continue;
    // A crash between creating the last file and writing its header leaves it empty: no error.
    if (bytes.length === 0 && index === files.length - 1) {
      disk.remove(file);
      return;
    }
    yield* readLogFile(file, bytes, { lengthMax, rules });
  }
}

interface Reading {
  readonly lengthMax: number;
  readonly rules: Rules;
}

function* readLogFile(file: string, bytes: Uint8Array, reading: Reading): Generator<LogRecord> {
  const input = new JuteReader(bytes);
  readHeader(file, input);
  for (let read = readRecord(file, input, reading); read !== null; read = readRecord(file, input, reading)) {
    yield { ...read, file, end: input.position };
  }
}

function readHeader(file: string, input: JuteReader): void {
  try {
    const { magic } = fileHeader.read(input);
    if (magic !== LOG_MAGIC) throw new LogError(`${file} is no transaction log: its magic number is wrong`);
  } catch (error) {
    if (error instanceof JuteError) throw new LogError(`${file} ends within its header`);
    throw error;
  }
}

/** The next entry; null at the end of what was written completely. */
function readRecord(
  file: string,
  input: JuteReader,
  { lengthMax, rules }: Reading,
): Pick<LogRecord, 'txn' | 'digest'> | null {
  if (input.remaining < 12) return null;
  const position = input.position;
  const [high, low] = [input.int32(), input.int32()];
  const length = input.int32();
  if (length === 0 || length === -1) return null;
  if (length < 0 || length > lengthMax)
    throw new LogError(`${file}: a length of ${length} at offset ${position} is unreasonable`);
  if (length + 1 > input.remaining) return null;
  const body = input.view(length);
  if (input.int8() !== END_OF_RECORD) return null;
  const digest = adler32(body);
  if ((high !== 0 || low >>> 0 !== digest) && !rules.broken('ignore-checksum'))
    throw new LogError(`${file}: checksum mismatch at offset ${position}`);
  try {
    return { txn: decodeTxn(body), digest };
  } catch (error) {
    if (error instanceof JuteError)
      throw new LogError(`${file}: the entry at offset ${position} cannot be read (${error.message})`);
    throw error;
  }
}

/**
 * Where the last complete entry begins and ends in the bytes of a log; null if there is none, or if they are no log
 * that can be read.
 */
export function lastRecordAt(file: string, bytes: Uint8Array): readonly [from: number, end: number] | null {
  const input = new JuteReader(bytes);
  let last: readonly [number, number] | null = null;
  try {
    readHeader(file, input);
    const reading = { lengthMax: LENGTH_MAX, rules: NO_RULE_BROKEN };
    for (let from = input.position; readRecord(file, input, reading) !== null; from = input.position) {
      last = [from, input.position];
    }
    return last;
  } catch (error) {
    if (error instanceof LogError) return null;
    throw error;
  }
}

export interface TxnLogOptions {
  readonly rules?: Rules;
  /** Entries longer than so many bytes are taken for corruption when they are read. */
  readonly lengthMax?: number;
  /** `preAllocSize`, KiB; 0: files are as long as what is written. */
  readonly preAllocSize?: number;
  /** `txnLogSizeLimitInKb`; 0 or less: no limit. */
  readonly sizeLimitKb?: number;
}

/** The file that entries go to, in bytes. */
interface OpenFile {
  readonly name: string;
  /** How far the real log would have written to the file. */
  position: number;
  /** What it would hold in its buffer. */
  buffered: number;
  /** Length of the file with its zeros, as far as they were asked for. */
  padded: number;
}

/** The log that a server writes. */
export class TxnLog {
  readonly #disk: Disk;
  readonly #rules: Rules;
  readonly #lengthMax: number;
  readonly #preAllocBytes: number;
  readonly #sizeLimitBytes: number;
  /** Null: the next entry begins a new one. */
  #open: OpenFile | null = null;
  #lastFile: string | null = null;
  /** Bytes of the files before the last one, since {@link resetTotalSize}. */
  #previousBytes = 0;

  constructor(disk: Disk, options: TxnLogOptions = {}) {
    const { rules = NO_RULE_BROKEN, lengthMax = LENGTH_MAX, preAllocSize = 0, sizeLimitKb = 0 } = options;
    this.#disk = disk;
    this.#rules = rules;
    this.#lengthMax = lengthMax;
    this.#preAllocBytes = preAllocSize * 1024;
    this.#sizeLimitBytes = sizeLimitKb * 1024;
  }

  /** The file that was appended to last by this process; null: none, or it was cut. */
  get lastFile(): string | null {
    return this.#lastFile;
  }

  /** Bytes logged since {@link resetTotalSize}, zeros included (`getTotalLogSize`). */
  get totalSize(): number {
    return this.#previousBytes + this.#lastFileSize;
  }

  resetTotalSize(): void {
    this.#previousBytes = 0;
  }

  /**
   * Appends to the page cache; returns the file, and the Adler-32 of the content. A new file replaces one of the same
   * name.
   * @throws DiskError
   */
  append(txn: LoggedTxn): { readonly file: string; readonly digest: number } {
    const open = this.#open ?? this.#create(fileName('log', txn.header.zxid));
    const padded = paddedSize(open.position, open.padded, this.#preAllocBytes);
    if (padded !== open.padded) this.#disk.extend(open.name, padded);
    open.padded = padded;
    const bytes = encodeTxn(txn);
    const digest = adler32(bytes);
    this.#disk.append(open.name, logRecordBytes(bytes, digest));
    this.#open = open;
    this.#lastFile = open.name;
    // Checksum, the four bytes of the length one by one, the transaction, 'B'.
    for (const write of [8, 1, 1, 1, 1, bytes.length, 1]) buffer(open, write);
    return { file: open.name, digest };
  }

  /** What was appended goes to the file; a file above the size limit is the last one's end (`FileTxnLog.commit`). */
  commit(): void {
    if (!this.#open) return;
    this.#open.position += this.#open.buffered;
    this.#open.buffered = 0;
    if (this.#sizeLimitBytes > 0 && this.#lastFileSize > this.#sizeLimitBytes) this.roll();
  }

  /** The next entry starts a new file. */
  roll(): void {
    if (this.#open) this.#previousBytes += this.#lastFileSize;
    this.#open = null;
  }

  get #lastFileSize(): number {
    return this.#lastFile === null ? 0 : Math.max(0, this.#disk.size(this.#lastFile));
  }

  #create(name: string): OpenFile {
    const header = logHeaderBytes();
    this.#disk.write(name, header);
    return { name, position: header.length, buffered: 0, padded: header.length };
  }

  /**
   * All entries with a zxid of at least `from`, and whatever follows them (`TxnLog.read`).
   * @throws LogError
   */
  *readFrom(from: Zxid): Generator<LogRecord> {
    let found = false;
    for (const record of readLog(this.#disk, logFilesFrom(this.#disk, from), this.#lengthMax, this.#rules)) {
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
    this.#open = null;
    this.#lastFile = null;
    return true;
  }
}

/** `BufferedOutputStream.write`: what does not fit empties the buffer first, and what never fits passes it by. */
function buffer(open: OpenFile, bytes: number): void {
  if (bytes > BUFFER_BYTES - open.buffered || bytes >= BUFFER_BYTES) {
    open.position += open.buffered;
    open.buffered = 0;
  }
  if (bytes >= BUFFER_BYTES) open.position += bytes;
  else open.buffered += bytes;
}
