/**
 * A handle whose connect string ends in a path sees only what is below it (`ZooKeeper.prependChroot`). As in
 * the real client, what getEphemerals, reconfig, config and the results of a multi say stays as the server has it.
 */
import type { MultiOperation, Operation, OperationResult } from '../protocol/operations.ts';

export class Chroot {
  readonly #path: string;

  /** `path`: of a znode; empty or `/` for none. */
  constructor(path: string) {
    this.#path = path === '/' ? '' : path;
  }

  /** A client's path as the server knows it. */
  toServer(path: string): string {
    return path === '/' && this.#path !== '' ? this.#path : this.#path + path;
  }

  /** The request that goes out for `operation`, whose paths are the client's. */
  request(operation: Operation): Operation {
    if (this.#path === '') return operation;
    switch (operation.op) {
      case 'delete':
        // The root cannot be deleted, and so neither can the client's.
        return operation.path === '/' ? operation : this.#below(operation);
      case 'multi':
      case 'multiRead':
        return { ...operation, ops: operation.ops.map((part): MultiOperation => this.#below(part)) };
      default:
        return 'path' in operation ? this.#below(operation) : operation;
    }
  }

  /** What the server answered to {@link request} of `operation`, with the client's paths. */
  result(operation: Operation, result: OperationResult | null): OperationResult | null {
    if (result?.path === undefined || this.#path === '') return result;
    return { ...result, path: operation.op === 'sync' ? operation.path : result.path.slice(this.#path.length) };
  }

  /** The path of an event as the client knows it; one that is too short to lie below the chroot stays. */
  event(path: string): string {
    if (this.#path === '') return path;
    if (path === this.#path) return '/';
    return path.length > this.#path.length ? path.slice(this.#path.length) : path;
  }

  #below<O extends { readonly path: string }>(operation: O): O {
    return { ...operation, path: this.toServer(operation.path) };
  }
}
