/** Writes plain data on tapes (format.ts). */
import { assert } from '../../protocol/assert.ts';
import * as t from './format.ts';
import type { Tape } from './format.ts';

/** Strings that are told once, and their characters; with more of them the writer begins anew. */
const STRINGS_MAX = 8192;
const CHARACTERS_MAX = 1_000_000;
/** Longer strings are hardly the same twice. */
const REMEMBERED_MAX = 256;

/** Keys in their order: a node of the tree of all shapes. */
interface Shape {
  readonly keys: readonly string[];
  /** −1: no object has ended here yet. */
  id: number;
  readonly longer: Map<string, Shape>;
  /** What was found last in `longer`: mostly what is asked for next. */
  lastKey: string | null;
  last: Shape | null;
}

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

export class TapeWriter {
  #words = new Int32Array(1024);
  #length = 0;
  readonly #known = new Map<string, number>();
  #numbered = 0;
  #characters = 0;
  #fresh = false;
  #strings: string[] = [];
  readonly #root = shape([]);
  #shapesNumbered = 0;
  #shapes: (readonly string[])[] = [];

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** @throws InvariantError if there is something in it that is no plain data */
  write(value: unknown): void {
    if (this.#length + 3 > this.#words.length) this.#grow(3);
    switch (typeof value) {
      case 'number':
        this.#number(value);
        return;
      case 'string':
        this.#put(t.STRING, this.#string(value));
        return;
      case 'object':
        if (value === null) this.#put(t.OTHER, t.NULL);
        else this.#object(value);
        return;
      case 'boolean':
        this.#put(t.OTHER, value ? t.TRUE : t.FALSE);
        return;
      case 'undefined':
        this.#put(t.OTHER, t.UNDEFINED);
        return;
      case 'bigint':
        this.#put(t.OTHER, t.BIGINT);
        this.#put(t.STRING, this.#string(value.toString()));
        return;
      default:
        assert(false, `a ${typeof value} is no plain data`);
    }
  }

  /** What was written since the last call. Its buffer is the caller's own. */
  take(): Tape {
    const tape: Tape = {
      words: this.#words.slice(0, this.#length),
      strings: this.#strings,
      shapes: this.#shapes,
      fresh: this.#fresh,
    };
    this.#length = 0;
    this.#strings = [];
    this.#shapes = [];
    this.#fresh = false;
    if (this.#numbered >= STRINGS_MAX || this.#characters >= CHARACTERS_MAX) {
      this.#known.clear();
      this.#numbered = this.#characters = 0;
      this.#fresh = true;
    }
    return tape;
  }

  #put(tag: number, payload: number): void {
    this.#words[this.#length++] = (payload << t.TAG_BITS) | tag;
  }

  #number(value: number): void {
    if (value <= t.INT_MAX && value >= -t.INT_MAX) {
      // −0 is told apart below.
      if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
        this.#put(t.INT, value);
        return;
      }
      const milli = Math.round(value * 1000);
      if (milli <= t.INT_MAX && milli >= -t.INT_MAX && milli !== 0 && milli / 1000 === value) {
        this.#put(t.MILLI, milli);
        return;
      }
    }
    double[0] = value;
    this.#put(t.DOUBLE, 0);
    this.#words[this.#length++] = halves[0] ?? 0;
    this.#words[this.#length++] = halves[1] ?? 0;
  }

  #string(text: string): number {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const number = this.#numbered++;
    this.#characters += text.length;
    this.#strings.push(text);
    if (text.length <= REMEMBERED_MAX) this.#known.set(text, number);
    return number;
  }

  #object(value: object): void {
    if (Array.isArray(value)) {
      this.#put(t.ARRAY, value.length);
      for (const item of value) this.write(item);
      return;
    }
    if (value instanceof Uint8Array) {
      this.#bytes(value);
      return;
    }
    assert(Object.getPrototypeOf(value) === Object.prototype, 'only plain objects are plain data');
    const place = this.#length++;
    let node = this.#root;
    for (const key in value) {
      node = key === node.lastKey && node.last !== null ? node.last : longer(node, key);
      this.write((value as Readonly<Record<string, unknown>>)[key]);
    }
    if (node.id < 0) {
      node.id = this.#shapesNumbered++;
      this.#shapes.push(node.keys);
    }
    this.#words[place] = (node.id << t.TAG_BITS) | t.OBJECT;
  }

  #bytes(bytes: Uint8Array): void {
    this.#put(t.BYTES, bytes.length);
    const words = (bytes.length + 3) >> 2;
    if (this.#length + words > this.#words.length) this.#grow(words);
    new Uint8Array(this.#words.buffer).set(bytes, 4 * this.#length);
    this.#length += words;
  }

  #grow(more: number): void {
    const words = new Int32Array(2 * (this.#length + more));
    words.set(this.#words);
    this.#words = words;
  }
}

function shape(keys: readonly string[]): Shape {
  return { keys, id: -1, longer: new Map(), lastKey: null, last: null };
}

function longer(node: Shape, key: string): Shape {
  let next = node.longer.get(key);
  if (!next) {
    next = shape([...node.keys, key]);
    node.longer.set(key, next);
  }
  node.lastKey = key;
  node.last = next;
  return next;
}
