/**
 * The calls of a ZooKeeper client with promises, over any host that runs a client: for recipes,
 * lessons and scripts. Failures are results, never rejections. A thin layer: arguments are checked
 * and requests are made by the client process behind `transport`.
 */
import type { KeeperError } from '../protocol/errors.ts';
import type { ClientOp, TraceData, TraceMultiResult, TraceResult } from '../protocol/events.ts';
import type { AddWatchMode, WatcherType } from '../protocol/operations.ts';
import type { Acl, CreateMode, Stat } from '../protocol/znode.ts';

/** Runs one operation on a client process and tells how it ended. */
export interface Transport {
  call(request: ClientOp): Promise<TransportOutcome>;
}
export interface TransportOutcome {
  readonly error: KeeperError | null;
  readonly result: TraceResult | null;
  readonly reason?: string;
  readonly throws?: string;
}

/** What an operation failed with. */
export interface Failure {
  readonly ok: false;
  readonly error: KeeperError;
  /** True for CONNECTIONLOSS: the operation may or may not have happened. */
  readonly indefinite: boolean;
  /** One sentence, where the client itself refused. */
  readonly reason?: string;
  /** The exception that the Java client throws there. */
  readonly throws?: string;
  /** Of a multi: what each operation came to. */
  readonly results?: readonly TraceMultiResult[];
}
export type Result<T> = { readonly ok: true; readonly value: T } | Failure;

/** Text, bytes in base64, or no data. */
export type Data = TraceData;
/** `scheme:id:perms,…` with perms of the letters `rwcda`, or entries; null is a null list. */
export type AclArgument = string | readonly Acl[] | null;

export interface CreateOptions {
  /** Open to all if absent. */
  readonly acl?: AclArgument;
  /** ms, in the modes that have one. */
  readonly ttl?: number;
}

/** One operation of a multi (`Op`); reads only among their like. `version` −1 or absent: any. */
export type MultiOp =
  | ({ readonly op: 'create'; readonly path: string; readonly data?: Data; readonly mode?: CreateMode } & CreateOptions)
  | { readonly op: 'set'; readonly path: string; readonly data: Data; readonly version?: number }
  | { readonly op: 'delete' | 'check'; readonly path: string; readonly version?: number }
  | { readonly op: 'get' | 'ls'; readonly path: string };

/** Servers as `reconfig` takes them, separated by commas; incremental (joining, leaving) or whole (members). */
export interface Reconfiguration {
  readonly joining?: string;
  readonly leaving?: string;
  readonly members?: string;
  /** The version that the configuration must have; any if absent. */
  readonly version?: number;
}

export class ZooKeeper {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The path as created, with its number if the mode is sequential. */
  create(
    path: string,
    data: Data = null,
    mode: CreateMode = 'PERSISTENT',
    options: CreateOptions = {},
  ): Promise<Result<string>> {
    return this.#call({ op: 'create', path, data, mode, ...options }, (result) => result.path ?? path);
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

  getACL(path: string): Promise<Result<{ readonly acl: readonly Acl[]; readonly stat: Stat | null }>> {
    return this.#call({ op: 'getAcl', path }, ({ acl = [], stat = null }) => ({ acl, stat }));
  }

  /** The new Stat. `version` is that of the list; −1: any. */
  setACL(path: string, acl: AclArgument, version = -1): Promise<Result<Stat | null>> {
    return this.#call({ op: 'setAcl', path, acl, version }, ({ stat }) => stat ?? null);
  }

  /** Gives an identity, now and with each new connection; what the server makes of it is not told. */
  addAuthInfo(scheme: string, auth: Data): Promise<Result<null>> {
    return this.#call({ op: 'addauth', scheme, auth }, () => null);
  }

  /** Who the server takes this client for. */
  whoAmI(): Promise<Result<readonly { readonly scheme: string; readonly user: string }[]>> {
    return this.#call({ op: 'whoami' }, ({ ids }) => ids ?? []);
  }

  /** All or none of the writes, or several reads at once; one result an operation. A failure has `results` too. */
  multi(ops: readonly MultiOp[]): Promise<Result<readonly TraceMultiResult[]>> {
    return this.#call({ op: 'multi', ops }, ({ results }) => results ?? []);
  }

  /** A watch that stays. */
  addWatch(path: string, mode: AddWatchMode): Promise<Result<null>> {
    return this.#call({ op: 'addWatch', path, mode }, () => null);
  }

  /** Forgets watches here; the server only confirms that there are any. `local`: even if it cannot. */
  removeWatches(path: string, type: WatcherType = 'Any', local = false): Promise<Result<null>> {
    return this.#call({ op: 'removeWatches', path, type, local }, () => null);
  }

  /** Forgets watches here and on the server. */
  removeAllWatches(path: string, type: WatcherType = 'Any', local = false): Promise<Result<null>> {
    return this.#call({ op: 'removewatches', path, type, local }, () => null);
  }

  /** The configuration of the ensemble, as text, with the Stat of its znode. */
  getConfig(watch = false): Promise<Result<{ readonly data: Data; readonly stat: Stat | null }>> {
    return this.#call({ op: 'config', watch }, ({ data = null, stat = null }) => ({ data, stat }));
  }

  /** The new configuration. */
  reconfigure(change: Reconfiguration): Promise<Result<{ readonly data: Data; readonly stat: Stat | null }>> {
    return this.#call({ op: 'reconfig', ...change }, ({ data = null, stat = null }) => ({ data, stat }));
  }

  sync(path: string): Promise<Result<string>> {
    return this.#call({ op: 'sync', path }, (result) => result.path ?? path);
  }

  /** Never fails: if the answer is lost the session ends by its timeout. */
  async close(): Promise<void> {
    await this.#transport.call({ op: 'close' });
  }

  async #call<T>(request: ClientOp, take: (result: TraceResult) => T): Promise<Result<T>> {
    const { error, result, reason, throws } = await this.#transport.call(request);
    if (error === null) return { ok: true, value: take(result ?? {}) };
    return {
      ...{ ok: false, error, indefinite: error === 'CONNECTIONLOSS' },
      ...(reason === undefined ? {} : { reason }),
      ...(throws === undefined ? {} : { throws }),
      ...(result?.results === undefined ? {} : { results: result.results }),
    };
  }
}
