/**
 * The watches that a client believes to have (`ZKWatchManager`): three registers of paths. All
 * watches of this release are the default watcher's, so a path stands in a register or does not.
 */
import { unreachable } from '../protocol/assert.ts';
import type { KeeperError } from '../protocol/errors.ts';
import type { Operation, WatchEventType } from '../protocol/operations.ts';
import type { Zxid } from '../protocol/zxid.ts';

export type SetWatches = Extract<Operation, { readonly op: 'setWatches' }>;

/** `ClientCnxn.SET_WATCHES_MAX_LENGTH`, characters of paths in one setWatches; the last path may go beyond. */
export const SET_WATCHES_MAX_LENGTH = 128 * 1024;

export class WatchRegisters {
  // Sets keep the order of registration, which is the order of setWatches.
  readonly #data = new Set<string>();
  readonly #exist = new Set<string>();
  readonly #child = new Set<string>();

  /** Enters the watch that `operation` asked for, if its answer says that the server has it. */
  onReply(operation: Operation, error: KeeperError | null): void {
    if (!('watch' in operation) || !operation.watch) return;
    switch (operation.op) {
      case 'getData':
        if (error === null) this.#data.add(operation.path);
        return;
      case 'exists':
        if (error === null) this.#data.add(operation.path);
        else if (error === 'NONODE') this.#exist.add(operation.path);
        return;
      case 'getChildren':
      case 'getChildren2':
        if (error === null) this.#child.add(operation.path);
        return;
      default:
        unreachable(operation);
    }
  }

  /** Takes out what an event fulfils. False: nobody watched here, nobody is told. */
  materialize(type: Exclude<WatchEventType, 'None'>, path: string): boolean {
    switch (type) {
      case 'NodeCreated':
      case 'NodeDataChanged':
        return removeFrom([this.#data, this.#exist], path);
      case 'NodeDeleted':
        return removeFrom([this.#data, this.#exist, this.#child], path);
      case 'NodeChildrenChanged':
        return removeFrom([this.#child], path);
      default:
        return unreachable(type);
    }
  }

  /** The setWatches requests that register everything again, data watches first, in batches. */
  setWatches(relativeZxid: Zxid): readonly SetWatches[] {
    const watches = [
      ...[...this.#data].map((path) => ['dataWatches', path] as const),
      ...[...this.#exist].map((path) => ['existWatches', path] as const),
      ...[...this.#child].map((path) => ['childWatches', path] as const),
    ];
    const batches: SetWatches[] = [];
    for (let at = 0; at < watches.length;) {
      const lists = { dataWatches: [] as string[], existWatches: [] as string[], childWatches: [] as string[] };
      for (let length = 0; at < watches.length && length < SET_WATCHES_MAX_LENGTH; at++) {
        const [list, path] = watches[at]!;
        lists[list].push(path);
        length += path.length;
      }
      batches.push({ op: 'setWatches', relativeZxid, ...lists });
    }
    return batches;
  }
}

function removeFrom(registers: readonly Set<string>[], path: string): boolean {
  let found = false;
  for (const register of registers) found = register.delete(path) || found;
  return found;
}
