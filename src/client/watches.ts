/**
 * The watches that a client believes to have (`ZKWatchManager`): five registers of paths, as the client
 * names them. All watches here are the default watcher's, so a path stands in a register or does not.
 */
import { unreachable } from '../protocol/assert.ts';
import type { KeeperError } from '../protocol/errors.ts';
import { ADD_WATCH_MODES, WATCHER_TYPES, type NodeEventType, type Operation } from '../protocol/operations.ts';
import { parentPath } from '../protocol/znode.ts';
import type { Zxid } from '../protocol/zxid.ts';

export type SetWatches = Extract<Operation, { readonly op: 'setWatches' | 'setWatches2' }>;
export type RemovedEvent = 'ChildWatchRemoved' | 'DataWatchRemoved' | 'PersistentWatchRemoved';
/** A request that removes watches, or only asks whether there are any. */
export type Removal = Extract<Operation, { readonly op: 'checkWatches' | 'removeWatches' }>;

/** `ClientCnxn.SET_WATCHES_MAX_LENGTH`, characters of paths in one setWatches; the last path may go beyond. */
export const SET_WATCHES_MAX_LENGTH = 128 * 1024;

/** In the order of setWatches. */
const REGISTERS = ['data', 'exist', 'child', 'persistent', 'recursive'] as const;
type Register = (typeof REGISTERS)[number];

export class WatchRegisters {
  // Sets keep the order of registration, which is the order of setWatches.
  readonly #paths: Readonly<Record<Register, Set<string>>> = {
    data: new Set(),
    exist: new Set(),
    child: new Set(),
    persistent: new Set(),
    recursive: new Set(),
  };

  /** Enters the watch that `operation` asked for, if its answer says that the server has it (`WatchRegistration`). */
  onReply(operation: Operation, error: KeeperError | null): void {
    const register = registerOf(operation, error);
    if (register && 'path' in operation) this.#paths[register].add(operation.path);
  }

  /** Takes out what an event fulfils. False: nobody watched here, nobody is told. */
  materialize(type: NodeEventType, path: string): boolean {
    const fulfilled = this.#takeOut(fulfils(type), path);
    return this.#paths.persistent.has(path) || this.#hasRecursive(path) || fulfilled;
  }

  /**
   * Forgets watches once the server has answered with `error`, or could not be asked (`removeWatcher`): what the
   * caller gets instead, and the events that the watcher is told. `local`: whatever the server said.
   */
  remove(
    { path, watcherType }: Removal,
    local: boolean,
    error: KeeperError | null,
  ): { readonly error: KeeperError | null; readonly events: readonly RemovedEvent[] } {
    const { present, removed } = REMOVALS[watcherType] ?? REMOVALS[WATCHER_TYPES.Any]!;
    if (!present.some((register) => this.#paths[register].has(path))) return { error: 'NOWATCHER', events: [] };
    if (error !== null && !local) return { error, events: [] };
    const events = removed.filter(([, registers]) => this.#takeOut(registers, path)).map(([event]) => event);
    // A persistent watch counts as present for Data and Children, and is not removed as such.
    return { error: events.length === 0 ? 'NOWATCHER' : null, events };
  }

  /**
   * The requests that register everything again, data watches first, in batches; `toServer` makes a path the
   * server's. Only a batch with persistent watches needs the newer form.
   */
  setWatches(relativeZxid: Zxid, toServer: (path: string) => string = (path) => path): readonly SetWatches[] {
    const watches = REGISTERS.flatMap((register) =>
      [...this.#paths[register]].map((path) => [register, toServer(path)] as const),
    );
    const batches: SetWatches[] = [];
    for (let at = 0; at < watches.length;) {
      const begin = at;
      for (let length = 0; at < watches.length && length < SET_WATCHES_MAX_LENGTH; at++)
        length += watches[at]![1].length;
      batches.push(setWatchesOf(relativeZxid, watches.slice(begin, at)));
    }
    return batches;
  }

  /** Paths of a register, as setWatches would send them. */
  paths(register: Register): readonly string[] {
    return [...this.#paths[register]];
  }

  #takeOut(registers: readonly Register[], path: string): boolean {
    // All of them: no short circuit.
    return registers.filter((register) => this.#paths[register].delete(path)).length > 0;
  }

  /** A recursive watch at the path or above it; of whatever event, also that of a forgotten child watch. */
  #hasRecursive(path: string): boolean {
    const { recursive } = this.#paths;
    if (recursive.size === 0) return false;
    for (let at = path; ; at = parentPath(at)) {
      if (recursive.has(at)) return true;
      if (at === '/' || at === '') return false;
    }
  }
}

function registerOf(operation: Operation, error: KeeperError | null): Register | null {
  switch (operation.op) {
    case 'getData':
      return operation.watch && error === null ? 'data' : null;
    case 'exists':
      if (!operation.watch) return null;
      return error === null ? 'data' : error === 'NONODE' ? 'exist' : null;
    case 'getChildren':
    case 'getChildren2':
      return operation.watch && error === null ? 'child' : null;
    case 'addWatch':
      if (error !== null && error !== 'NONODE') return null;
      return operation.mode === ADD_WATCH_MODES.PERSISTENT ? 'persistent' : 'recursive';
    default:
      return null;
  }
}

/** The one-shot registers that an event empties. */
function fulfils(type: NodeEventType): readonly Register[] {
  switch (type) {
    case 'NodeCreated':
    case 'NodeDataChanged':
      return ['data', 'exist'];
    case 'NodeDeleted':
      return ['data', 'exist', 'child'];
    case 'NodeChildrenChanged':
      return ['child'];
    default:
      return unreachable(type);
  }
}

const PERSISTENT = ['PersistentWatchRemoved', ['persistent', 'recursive']] as const;
const CHILD = ['ChildWatchRemoved', ['child']] as const;
const DATA = ['DataWatchRemoved', ['data', 'exist']] as const;

/** By type: where a watch must stand for the type to be removable, and what is then removed and told. */
const REMOVALS: Readonly<
  Record<
    number,
    {
      readonly present: readonly Register[];
      readonly removed: readonly (readonly [event: RemovedEvent, registers: readonly Register[]])[];
    }
  >
> = {
  [WATCHER_TYPES.Children]: { present: ['child', 'persistent', 'recursive'], removed: [CHILD] },
  [WATCHER_TYPES.Data]: { present: ['data', 'exist', 'persistent', 'recursive'], removed: [DATA] },
  [WATCHER_TYPES.Any]: { present: REGISTERS, removed: [CHILD, DATA, PERSISTENT] },
  [WATCHER_TYPES.Persistent]: { present: ['persistent'], removed: [['PersistentWatchRemoved', ['persistent']]] },
  [WATCHER_TYPES.PersistentRecursive]: { present: ['recursive'], removed: [['PersistentWatchRemoved', ['recursive']]] },
};

function setWatchesOf(
  relativeZxid: Zxid,
  watches: readonly (readonly [register: Register, path: string])[],
): SetWatches {
  const listOf = (register: Register): readonly string[] =>
    watches.filter(([own]) => own === register).map(([, path]) => path);
  const lists = {
    relativeZxid,
    dataWatches: listOf('data'),
    existWatches: listOf('exist'),
    childWatches: listOf('child'),
  };
  const [persistentWatches, persistentRecursiveWatches] = [listOf('persistent'), listOf('recursive')];
  if (persistentWatches.length + persistentRecursiveWatches.length === 0) return { op: 'setWatches', ...lists };
  return { op: 'setWatches2', ...lists, persistentWatches, persistentRecursiveWatches };
}
