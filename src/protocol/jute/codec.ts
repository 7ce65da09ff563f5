/**
 * Jute, ZooKeeper's binary record format (`BinaryOutputArchive`, `BinaryInputArchive`): big-endian,
 * fields without names or padding. A record is described once, as a table of its fields in wire order,
 * and the description gives writer, reader and type.
 *
 * Reading takes bytes of any origin: it ends with a value or with a {@link JuteError}, and never asks
 * for more memory than the bytes could fill.
 */
import { assert } from '../assert.ts';
import { sessionId as toSessionId, type SessionId } from '../ids.ts';
import { decodeJavaUtf8, encodeJavaUtf8 } from './utf8.ts';

/** The bytes are not what the description says. */
export class JuteError extends Error {
  override readonly name = 'JuteError';
}

/** How a value of one type is written and read. */
export interface Codec<T> {
  write(out: JuteWriter, value: T): void;
  /** @throws JuteError */
  read(input: JuteReader): T;
}
/** The type that a codec reads. */
export type Decoded<C> = C extends Codec<infer T> ? T : never;

const COUNTERS = 2 ** 32;

/** Collects bytes. */
export class JuteWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** A copy of all bytes written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  int8(value: number): void {
    const at = this.#reserve(1);
    this.#view.setInt8(at, value);
  }

  int32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setInt32(at, value);
  }

  /** A whole number that a double holds exactly, as 64 bits. */
  int64(value: number): void {
    // The sentence is made only when it is needed: this runs some twenty times for each write.
    if (!Number.isSafeInteger(value)) assert(false, `not a whole number of 53 bits: ${value}`);
    this.int32(Math.floor(value / COUNTERS));
    this.int32(value % COUNTERS);
  }

  uint64(value: bigint): void {
    const at = this.#reserve(8);
    this.#view.setBigUint64(at, value);
  }

  raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Writes the length and the bytes of `text` if it is ASCII, as almost all text is; else nothing, and false. */
  ascii(text: string): boolean {
    const start = this.#length;
    this.int32(text.length);
    const at = this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) {
        this.#length = start;
        return false;
      }
      this.#bytes[at + i] = unit;
    }
    return true;
  }

  /** Begins anew, in the room that there is. */
  restart(): void {
    this.#length = 0;
  }

  /** A copy of all bytes written, which are forgotten. */
  take(): Uint8Array {
    const bytes = this.finish();
    this.#length = 0;
    return bytes;
  }

  /** Makes room and returns where it is. May replace the view. */
  #reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

/** Walks over bytes. Every method throws a {@link JuteError} where the bytes end too early. */
export class JuteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#position = position;
  }

  get position(): number {
    return this.#position;
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  int64(): number {
    const at = this.#take(8);
    const value = this.#view.getInt32(at) * COUNTERS + this.#view.getUint32(at + 4);
    if (!Number.isSafeInteger(value)) throw new JuteError('a number needs more than 53 bits');
    return value;
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  /** A copy of the next `count` bytes. */
  raw(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.slice(at, at + count);
  }

  /** A view of the next `count` bytes. */
  view(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** Number of bytes or elements that follow; −1 is null. Each needs at least one byte of what is left. */
  count(): number {
    const count = this.int32();
    if (count < -1 || count > this.remaining)
      throw new JuteError(`a length of ${count} with ${this.remaining} bytes left`);
    return count;
  }

  #take(count: number): number {
    if (count > this.remaining) throw new JuteError(`the bytes end ${count - this.remaining} too early`);
    const at = this.#position;
    this.#position += count;
    return at;
  }
}

export const int: Codec<number> = {
  write: (out, value) => out.int32(value),
  read: (input) => input.int32(),
};

/** 64 bits whose value a double holds exactly: zxids, times, checksums. */
export const long: Codec<number> = {
  write: (out, value) => out.int64(value),
  read: (input) => input.int64(),
};

/** 64 bits as session ids are written: hex without sign. */
export const hexLong: Codec<SessionId> = {
  write: (out, value) => out.uint64(BigInt(value)),
  read: (input) => toSessionId(input.uint64()),
};

/** 64 bits without a sign. */
export const uint64: Codec<bigint> = {
  write: (out, value) => out.uint64(value),
  read: (input) => input.uint64(),
};

/** One byte; every value but 0 is read as true (`DataInput.readBoolean`). */
export const boolean: Codec<boolean> = {
  write: (out, value) => out.int8(value ? 1 : 0),
  read: (input) => input.int8() !== 0,
};

/** Bytes; null is written with length −1. */
export const buffer: Codec<Uint8Array | null> = {
  write: (out, value) => {
    out.int32(value?.length ?? -1);
    if (value) out.raw(value);
  },
  read: (input) => {
    const count = input.count();
    return count === -1 ? null : input.raw(count);
  },
};

/** Text in Java's UTF-8 (utf8.ts). Jute's null text does not occur in the records used here and is refused. */
export const ustring: Codec<string> = {
  write: (out, value) => {
    if (!out.ascii(value)) buffer.write(out, encodeJavaUtf8(value));
  },
  read: (input) => {
    const bytes = buffer.read(input);
    if (bytes === null) throw new JuteError('text is null');
    return decodeJavaUtf8(bytes);
  },
};

/** Any number of values, each of at least one byte. Null is written with length −1. */
export function nullableVector<T>(element: Codec<T>): Codec<readonly T[] | null> {
  return {
    write: (out, values) => {
      out.int32(values?.length ?? -1);
      for (const value of values ?? []) element.write(out, value);
    },
    read: (input) => {
      const count = input.count();
      if (count === -1) return null;
      const values: T[] = [];
      for (let left = count; left > 0; left--) values.push(element.read(input));
      return values;
    },
  };
}

/** Any number of values, each of at least one byte. Jute's null vector is read as an empty one. */
export function vector<T>(element: Codec<T>): Codec<readonly T[]> {
  const nullable = nullableVector(element);
  return { write: (out, values) => nullable.write(out, values), read: (input) => nullable.read(input) ?? [] };
}

/** A record from the description of its fields, in wire order. */
export function record<Fields extends Readonly<Record<string, Codec<unknown>>>>(
  fields: Fields,
): Codec<{ readonly [K in keyof Fields]: Decoded<Fields[K]> }> {
  type Value = { readonly [K in keyof Fields]: Decoded<Fields[K]> };
  const names: readonly (keyof Fields)[] = Object.keys(fields);
  return {
    write: (out, value) => {
      for (const name of names) fields[name]?.write(out, value[name]);
    },
    read: (input) => {
      const value: Partial<Record<keyof Fields, unknown>> = {};
      for (const name of names) value[name] = fields[name]?.read(input);
      // Every field was just read by its own codec; the loop cannot say so to the compiler.
      return value as Value;
    },
  };
}

/** The bytes of one value. */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const out = new JuteWriter();
  codec.write(out, value);
  return out.finish();
}

/**
 * The value that `bytes` hold, to the last byte.
 * @throws JuteError if they hold none, or more than one.
 */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const input = new JuteReader(bytes);
  const value = codec.read(input);
  if (input.remaining > 0) throw new JuteError(`${input.remaining} bytes too many`);
  return value;
}
