/**
 * Reads the arguments of a `ClientOp`, which come from people and files, so of any type. The first one that is
 * wrong is kept as a refusal. What Java's types rule out is refused as BADARGUMENTS; what the Java client
 * itself throws on carries the name of the exception.
 */
import type { ClientOp } from '../protocol/events.ts';
import type { KeeperError } from '../protocol/errors.ts';
import type { MultiResult } from '../protocol/operations.ts';
import { validatePath } from '../protocol/paths.ts';
import { fromBase64 } from '../protocol/trace-data.ts';
import { hasTTL, isTTL, TTL_MAX, type Acl, type CreateMode, type ZnodeData } from '../protocol/znode.ts';
import { toAcl } from './acl.ts';

/** Why the client does not send a request. */
export interface Refused {
  readonly ok: false;
  readonly error: Extract<KeeperError, 'BADARGUMENTS'>;
  /** One sentence that names the argument. */
  readonly reason: string;
  /** The Java client throws this exception; without it, it could not even be called so, or answers with `error`. */
  readonly throws?: 'IllegalArgumentException';
  /** Of a multi with bad paths: one an operation. */
  readonly results?: readonly MultiResult[];
}

export class Arguments {
  readonly #given: Readonly<Record<string, unknown>>;
  #refused: Refused | null = null;

  constructor(request: ClientOp | Readonly<Record<string, unknown>>) {
    this.#given = request;
  }

  /** What was wrong first; null while all is right. What the readers give after that means nothing. */
  get refused(): Refused | null {
    return this.#refused;
  }

  /** `PathUtils.validatePath`. `fallback`: of operations that do without a path. */
  path(sequential = false, fallback?: string): string {
    const path = this.#given['path'] ?? fallback;
    if (path === undefined || path === null) return this.#throw('path is missing', '');
    if (typeof path !== 'string') return this.#refuse('path must be text', '');
    const problem = validatePath(path, sequential);
    return problem === null ? path : this.#throw(problem, '');
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.#given[key] ?? fallback;
    return typeof value === 'boolean' ? value : this.#refuse(`${key} must be true or false`, fallback);
  }

  /** A signed 32-bit integer; −1 if it is not given. */
  version(): number {
    const version = this.#given['version'] ?? -1;
    return isInt(version) ? version : this.#refuse('version must be an integer, -1 for any', -1);
  }

  /** An integer that a double holds exactly; −1 if it is not given. */
  long(key: string): number {
    const value = this.#given[key] ?? -1;
    return Number.isSafeInteger(value) ? (value as number) : this.#refuse(`${key} must be an integer`, -1);
  }

  oneOf<const T extends readonly string[]>(key: string, names: T, fallback?: T[number]): T[number] {
    const name = this.#given[key] ?? fallback;
    if (typeof name === 'string' && names.includes(name)) return name;
    return this.#refuse(`${key} must be one of ${names.join(', ')}`, names[0] ?? '');
  }

  text(key: string): string {
    const value = this.#given[key];
    return typeof value === 'string' ? value : this.#refuse(`${key} must be text`, '');
  }

  /** Null if it is not given. */
  optionalText(key: string): string | null {
    const value = this.#given[key] ?? null;
    return value === null || typeof value === 'string' ? value : this.#refuse(`${key} must be text`, null);
  }

  /** Text stands for its UTF-8 bytes; what is not given is null. */
  bytes(key: string): ZnodeData {
    const data = this.#given[key] ?? null;
    if (data === null) return null;
    if (typeof data === 'string') return new TextEncoder().encode(data);
    const base64 = typeof data === 'object' && 'base64' in data ? data.base64 : null;
    const bytes = typeof base64 === 'string' ? fromBase64(base64) : null;
    return bytes ?? this.#refuse(`${key} must be text, null or {"base64": "…"}`, null);
  }

  /** `fallback` if it is not given; null is a null list, which the server refuses. */
  acl(fallback?: readonly Acl[]): readonly Acl[] | null {
    const given = this.#given['acl'] === undefined ? fallback : this.#given['acl'];
    if (given === undefined) return this.#refuse('acl is missing', null);
    if (given === null) return null;
    const acl = toAcl(given);
    return typeof acl === 'string' ? this.#refuse(acl, null) : acl;
  }

  /** The time to live of a create, ms; −1: none (`EphemeralType.validateTTL`). */
  ttl(mode: CreateMode): number {
    const ttl = this.long('ttl');
    if (!hasTTL(mode)) return ttl < 0 ? ttl : this.#throw(`ttl is not valid in mode ${mode}`, ttl);
    return isTTL(ttl) ? ttl : this.#throw(`ttl must be from 1 to ${TTL_MAX} ms in mode ${mode}`, ttl);
  }

  /** For calls that know no time to live. */
  noTTL(mode: CreateMode): void {
    if (hasTTL(mode)) this.#throw(`mode ${mode} needs a ttl, which this call does not have`, null);
  }

  #refuse<T>(reason: string, value: T): T {
    this.#refused ??= refuse(reason);
    return value;
  }

  #throw<T>(reason: string, value: T): T {
    this.#refused ??= { ...refuse(reason), throws: 'IllegalArgumentException' };
    return value;
  }
}

export function refuse(reason: string): Refused {
  return { ok: false, error: 'BADARGUMENTS', reason };
}

/** A signed 32-bit integer, as the wire has it. */
function isInt(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;
}
