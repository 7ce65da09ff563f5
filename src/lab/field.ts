/**
 * Reads JSON of unknown origin field by field. The first thing that is not as expected is kept as one
 * line that names the key (`actions[2].server: expected …, got …`); reading goes on with stand-ins.
 */

/** What was wrong first, or null. */
export class Findings {
  #first: string | null = null;

  get first(): string | null {
    return this.#first;
  }

  add(line: string): void {
    this.#first ??= line;
  }
}

export interface NumberForm {
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
  /** In place of the form that is made of the limits. */
  readonly form?: string;
}

const GOT_MAX = 60;

export class Field {
  readonly value: unknown;
  readonly path: string;
  readonly #findings: Findings;

  constructor(value: unknown, path: string, findings: Findings) {
    this.value = value;
    this.path = path;
    this.#findings = findings;
  }

  get missing(): boolean {
    return this.value === undefined;
  }

  get isObject(): boolean {
    return isObject(this.value);
  }

  /** Notes that this is not what was expected. */
  expect(form: string): void {
    this.note(`expected ${form}, ${this.missing ? 'got nothing' : `got ${shown(this.value)}`}`);
  }

  note(text: string): void {
    this.#findings.add(this.path === '' ? text : `${this.path}: ${text}`);
  }

  /** The fields of an object; keys beside `keys` are refused. */
  object<Key extends string>(keys: readonly Key[], form = 'an object'): (key: Key) => Field {
    const source = isObject(this.value) ? this.value : {};
    if (!isObject(this.value)) this.expect(form);
    const unknown = Object.keys(source).find((key) => !keys.some((known) => known === key));
    if (unknown !== undefined) {
      this.#child(unknown, undefined).note(`unknown key; the keys here are ${keys.join(', ')}`);
    }
    return (key) => this.#child(key, Object.hasOwn(source, key) ? source[key] : undefined);
  }

  /** A field of an object whose keys are checked later. */
  at(key: string): Field {
    return this.#child(key, isObject(this.value) && Object.hasOwn(this.value, key) ? this.value[key] : undefined);
  }

  /** The fields of an object with keys of any name. */
  entries(max: number, form: string): readonly (readonly [string, Field])[] {
    if (!isObject(this.value)) {
      this.expect(form);
      return [];
    }
    const keys = Object.keys(this.value);
    if (keys.length > max) this.note(`expected at most ${max} keys, got ${keys.length}`);
    const source = this.value;
    return keys.slice(0, max).map((key) => [key, this.#child(key, source[key])]);
  }

  list(form: string, max: number, min = 0): readonly Field[] {
    if (!Array.isArray(this.value)) {
      this.expect(form);
      return [];
    }
    const items: readonly unknown[] = this.value;
    if (items.length < min || items.length > max) {
      this.note(`expected ${min === 0 ? 'at most' : `${min} to`} ${max} entries, got ${items.length}`);
      return [];
    }
    return items.map((item, index) => new Field(item, `${this.path}[${index}]`, this.#findings));
  }

  number({ min = -Infinity, max = Infinity, integer = false, form }: NumberForm): number {
    const { value } = this;
    if (typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value)))
      return value;
    this.expect(form ?? numberForm(min, max, integer));
    return Number.isFinite(min) ? min : 0;
  }

  flag(): boolean {
    if (typeof this.value === 'boolean') return this.value;
    this.expect('true or false');
    return false;
  }

  text(form: string, max: number): string {
    if (typeof this.value !== 'string') this.expect(form);
    else if (this.value.length > max) this.note(`expected at most ${max} characters, got ${this.value.length}`);
    else return this.value;
    return '';
  }

  choice<Choice extends string>(choices: readonly Choice[]): Choice {
    const found = choices.find((choice) => choice === this.value);
    if (found !== undefined) return found;
    this.expect(choices.length === 1 ? JSON.stringify(choices[0]) : `one of ${choices.join(', ')}`);
    // A stand-in: what was found is in the findings.
    return choices[0] as Choice;
  }

  /** `read`, or `fallback` if there is nothing here. */
  or<T>(fallback: T, read: (field: Field) => T): T {
    return this.missing ? fallback : read(this);
  }

  #child(key: string, value: unknown): Field {
    const name = /^[\w.-]{1,40}$/.test(key) ? key : shown(key);
    return new Field(value, this.path === '' ? name : `${this.path}.${name}`, this.#findings);
  }
}

/** An object without the keys whose value is undefined. */
export function given<T extends Record<string, unknown>>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  // The keys that are left out were optional.
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numberForm(min: number, max: number, integer: boolean): string {
  const what = integer ? 'an integer' : 'a number';
  if (Number.isFinite(min) && Number.isFinite(max)) return `${what} from ${min} to ${max}`;
  if (Number.isFinite(min)) return `${what} of at least ${min}`;
  return Number.isFinite(max) ? `${what} of at most ${max}` : what;
}

function shown(value: unknown): string {
  if (Array.isArray(value) && value.length > 20) return `a list of ${value.length}`;
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > GOT_MAX ? `${text.slice(0, GOT_MAX)}…` : text;
}
