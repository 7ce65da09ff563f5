/** Reads tapes (format.ts). */
import { assert } from '../../protocol/assert.ts';
import * as t from './format.ts';
import type { Tape } from './format.ts';

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

/** What is on a tape, to be read whenever it is wanted. */
export interface Written {
  readonly words: Int32Array<ArrayBuffer>;
  readonly strings: readonly string[];
  readonly shapes: readonly (readonly string[])[];
}

export class TapeReader {
  #strings: string[] = [];
  readonly #shapes: (readonly string[])[] = [];

  /** The values of the next tape of the writer. */
  read(tape: Tape): readonly unknown[] {
    return readWritten(this.take(tape));
  }

  /** Takes the next tape of the writer; {@link readWritten} gives its values whenever they are wanted. */
  take({ words, strings, shapes, fresh }: Tape): Written {
    if (fresh) this.#strings = [];
    for (const text of strings) this.#strings.push(text);
    for (const keys of shapes) this.#shapes.push(keys);
    return { words, strings: this.#strings, shapes: this.#shapes };
  }
}

export function readWritten({ words, strings, shapes }: Written): readonly unknown[] {
  let place = 0;
  const next = (): unknown => {
    const word = words[place++] ?? t.OTHER;
    const payload = word >> t.TAG_BITS;
    switch (word & t.TAG_MASK) {
      case t.INT:
        return payload;
      case t.STRING:
        return strings[payload];
      case t.OBJECT: {
        const value: Record<string, unknown> = {};
        for (const key of shapes[payload] ?? []) value[key] = next();
        return value;
      }
      case t.MILLI:
        return payload / 1000;
      case t.DOUBLE:
        halves[0] = words[place++] ?? 0;
        halves[1] = words[place++] ?? 0;
        return double[0];
      case t.ARRAY: {
        const items: unknown[] = [];
        for (let i = 0; i < payload; i++) items.push(next());
        return items;
      }
      case t.BYTES: {
        const from = words.byteOffset + 4 * place;
        place += (payload + 3) >> 2;
        return new Uint8Array(words.buffer.slice(from, from + payload));
      }
      default:
        switch (payload) {
          case t.NULL:
            return null;
          case t.UNDEFINED:
            return undefined;
          case t.BIGINT:
            return BigInt(String(next()));
          default:
            return payload === t.TRUE;
        }
    }
  };
  const values: unknown[] = [];
  while (place < words.length) values.push(next());
  assert(place === words.length, 'a tape ends where a value ends');
  return values;
}
