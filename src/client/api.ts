/**
 * The calls of a ZooKeeper client with promises, over any host that runs a client: for recipes,
 * lessons and scripts. Failures are results, never rejections. A thin layer: arguments are checked
 * and requests are made by the client process behind `transport`.
 */
import type { KeeperError } from '../protocol/errors.ts';
import type { ClientOp, TraceData, TraceResult } from '../protocol/events.ts';
import type { CreateMode, Stat } from '../protocol/znode.ts';

/** Runs one operation on a client process and tells how it ended. */
export interface Transport {
  call(request: ClientOp): Promise<TransportOutcome>;
}
export interface TransportOutcome {
  readonly error: KeeperError | null;
  readonly result: TraceResult | null;
  readonly reason?: string;
}

/** What an operation failed with. */
export interface Failure {
  readonly ok: false;
  readonly error: KeeperError;
  /** True for CONNECTIONLOSS: the operation may or may not have happened. */
  readonly indefinite: boolean;
  /** One sentence, where the client itself refused. */
  readonly reason?: string;
}
export type Result<T> = { readonly ok: true; readonly value: T } | Failure;

/** Text, bytes in base64, or no data. */
export type Data = TraceData;

export class ZooKeeper {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The path as created, with its number if the mode is sequential. */
  create(path: string, data: Data = null, mode: CreateMode = 'PERSISTENT'): Promise<Result<string>> {
    return this.#call({ op: 'create', path, data, mode }, (result) => result.path ?? path);
  }

  /** `version` −1: any. */
  delete(path: string, version = -1): Promise<Result<null>> {
    return this.#call({ op: 'delete', path, version }, () => null);
  }

  /** The Stat; null if there is no such node, which is no failure. */
  async exists(path: string, watch = false): Promise<Result<Stat | null>> {
    const result = await this.#call({ op: 'stat', path, watch }, ({ stat }) => stat ?? null);
    return !result.ok && result.error === 'NONODE' ? { ok: true, value: null } : result;
  }

  getData(path: string, watch = false): Promise<Result<{ readonly data: Data; readonly stat: Stat | null }>> {
    return this.#call({ op: 'get', path, watch }, ({ data = null, stat = null }) => ({ data, stat }));
  }

  /** The new Stat. `version` −1: any. */
  setData(path: string, data: Data, version = -1): Promise<Result<Stat | null>> {
    return this.#call({ op: 'set', path, data, version }, ({ stat }) => stat ?? null);
  }

  /** Names, and the Stat of the parent. */
  getChildren(
    path: string,
    watch = false,
  ): Promise<Result<{ readonly children: readonly string[]; readonly stat: Stat | null }>> {
    return this.#call({ op: 'ls', path, watch }, ({ children = [], stat = null }) => ({ children, stat }));
  }

  /** Paths of this session's ephemeral nodes that begin with `prefix`. */
  getEphemerals(prefix = '/'): Promise<Result<readonly string[]>> {
    return this.#call({ op: 'getEphemerals', path: prefix }, ({ paths }) => paths ?? []);
  }

  /** Descendants on all levels. */
  getAllChildrenNumber(path: string): Promise<Result<number>> {
    return this.#call({ op: 'getAllChildrenNumber', path }, ({ number }) => number ?? 0);
  }

  sync(path: string): Promise<Result<string>> {
    return this.#call({ op: 'sync', path }, (result) => result.path ?? path);
  }

  /** Never fails: if the answer is lost the session ends by its timeout. */
  async close(): Promise<void> {
    await this.#transport.call({ op: 'close' });
  }

  async #call<T>(request: ClientOp, take: (result: TraceResult) => T): Promise<Result<T>> {
    const { error, result, reason } = await this.#transport.call(request);
    if (error === null) return { ok: true, value: take(result ?? {}) };
    return { ok: false, error, indefinite: error === 'CONNECTIONLOSS', ...(reason === undefined ? {} : { reason }) };
  }
}
