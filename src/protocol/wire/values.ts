/**
 * Types of fields as they come over a client's connection. They read what Java reads (`BinaryInputArchive`): any byte but
 * 0 is true, text need not be UTF-8, a list of negative length is empty, and numbers may have all 64 bits.
 */
import { JuteError, JuteWriter, type Codec, type JuteReader } from '../jute/codec.ts';
import { decodeJavaUtf8, encodeJavaUtf8 } from '../jute/utf8.ts';
import { CREATE_MODES, type CreateMode } from '../znode.ts';

/** Counts the bytes that would be written. */
export class JuteCounter extends JuteWriter {
  #count = 0;

  override get length(): number {
    return this.#count;
  }

  override int8(): void {
    this.#count += 1;
  }

  override int32(): void {
    this.#count += 4;
  }

  override int64(): void {
    this.#count += 8;
  }

  override uint64(): void {
    this.#count += 8;
  }

  override raw(bytes: Uint8Array): void {
    this.#count += bytes.length;
  }

  override ascii(text: string): boolean {
    for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
    this.#count += 4 + text.length;
    return true;
  }
}

/** `readBool`: any byte but 0 is true. */
export const flag: Codec<boolean> = {
  write: (out, value) => out.int8(value ? 1 : 0),
  read: (input) => input.int8() !== 0,
};

/**
 * A zxid or a duration that somebody else chose. What a double cannot hold becomes the nearest whole number that it can:
 * such numbers are only compared, and no real one comes near.
 */
export const anyLong: Codec<number> = {
  write: (out, value) => out.int64(value),
  read: (input) => {
    const value = BigInt.asIntN(64, input.uint64());
    return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(value)));
  },
};

/** Text or null. */
export const nullableText: Codec<string | null> = {
  write: (out, value) => {
    const bytes = value === null ? null : encodeJavaUtf8(value);
    out.int32(bytes?.length ?? -1);
    if (bytes) out.raw(bytes);
  },
  read: (input) => {
    const count = input.count();
    return count === -1 ? null : decodeJavaUtf8(input.raw(count));
  },
};

/** Text. The server fails with MARSHALLINGERROR where it is null, as it does where it cannot be read. */
export const text: Codec<string> = {
  write: (out, value) => nullableText.write(out, value),
  read: (input) => {
    const value = nullableText.read(input);
    if (value === null) throw new JuteError('text is null');
    return value;
  },
};

/** Text of which null means the same as none at all. */
export const textOrEmpty: Codec<string> = {
  write: (out, value) => nullableText.write(out, value),
  read: (input) => nullableText.read(input) ?? '',
};

/** Any number of values, each of at least one byte; null is length −1. */
export function nullableList<T>(element: Codec<T>): Codec<readonly T[] | null> {
  return {
    write: (out, values) => {
      out.int32(values?.length ?? -1);
      for (const value of values ?? []) element.write(out, value);
    },
    read: (input) => {
      const count = input.int32();
      if (count > input.remaining) throw new JuteError(`a list of ${count} with ${input.remaining} bytes left`);
      if (count === -1) return null;
      const values: T[] = [];
      for (let left = count; left > 0; left--) values.push(element.read(input));
      return values;
    },
  };
}

/** A list where the server cannot do with null. */
export function list<T>(element: Codec<T>): Codec<readonly T[]> {
  const nullable = nullableList(element);
  return {
    write: (out, values) => nullable.write(out, values),
    read: (input) => {
      const values = nullable.read(input);
      if (values === null) throw new JuteError('a list is null');
      return values;
    },
  };
}

/** Flags of a create: a mode, or the number that is none. */
export const createMode: Codec<CreateMode | number> = {
  write: (out, value) => out.int32(typeof value === 'number' ? value : CREATE_MODES.indexOf(value)),
  read: (input) => {
    const flags = input.int32();
    return CREATE_MODES[flags] ?? flags;
  },
};

/** Bytes as hex digits; null is read as none. */
export const hexBuffer: Codec<string> = {
  write: (out, value) => {
    const bytes = fromHex(value);
    out.int32(bytes.length);
    out.raw(bytes);
  },
  read: (input: JuteReader) => {
    const count = input.count();
    return count === -1 ? '' : toHex(input.raw(count));
  },
};

/** Two lower-case hex digits a byte. */
export function toHex(bytes: Uint8Array): string {
  let digits = '';
  for (const byte of bytes) digits += byte.toString(16).padStart(2, '0');
  return digits;
}

/** The inverse of {@link toHex}, for digits that come from there or from a file that is trusted. */
export function fromHex(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}
