/**
 * One table of watches (`WatchManager` of 3.8 with `WatcherModeManager` and `PathParentIterator`): path →
 * sessions that wait there, each in one mode. Knows nothing of events or connections.
 *
 * A session has one watch at a path, whatever its mode: the mode given last replaces the one before
 * (ZOOKEEPER-4466; from 3.9 on, modes of one path stand side by side). Sessions are found in the order of
 * their registration, first at the path itself, then at its ancestors from below.
 */
import type { WatcherMode } from '../../protocol/events.ts';
import type { EventRef, SessionId } from '../../protocol/ids.ts';
import type { NodeEventType } from '../../protocol/operations.ts';
import { parentPath } from '../../protocol/znode.ts';

interface Watch {
  readonly mode: WatcherMode;
  /** Its `watch-set` event. */
  readonly set: EventRef;
}

/** A session that an event is for. */
export interface Match {
  readonly session: SessionId;
  /** `watch-set` events of the watches that the event matches. */
  readonly sets: readonly EventRef[];
  /** The mode of the first of them. */
  readonly mode: WatcherMode;
  /** Its one-shot watch at the very path was among them, and is gone. */
  readonly usedUp: boolean;
}

export class WatchTable {
  readonly #watches = new Map<string, Map<SessionId, Watch>>();
  readonly #paths = new Map<SessionId, Set<string>>();
  /** Ancestors are looked at only while there is one. */
  #recursive = 0;

  /** How many entries there are. */
  get size(): number {
    let count = 0;
    for (const paths of this.#paths.values()) count += paths.size;
    return count;
  }

  /** Paths and who waits there, as the reports of the monitoring show them. */
  entries(): readonly (readonly [path: string, sessions: readonly SessionId[]])[] {
    return [...this.#watches].map(([path, watches]) => [path, [...watches.keys()]]);
  }

  modeOf(path: string, session: SessionId): WatcherMode | null {
    return this.#watches.get(path)?.get(session)?.mode ?? null;
  }

  /** Whether anybody at all waits at `path` (`containsWatcher`, which does not look at whose watch it is). */
  contains(path: string): boolean {
    return this.#watches.has(path);
  }

  /** Enters the watch. `set` is called, and gives its event, unless the session has the same one already. */
  add(path: string, session: SessionId, mode: WatcherMode, set: () => EventRef): void {
    const watches = this.#watches.get(path) ?? new Map<SessionId, Watch>();
    const before = watches.get(session)?.mode ?? null;
    if (before === mode) return;
    if (before === 'PERSISTENT_RECURSIVE') this.#recursive--;
    if (mode === 'PERSISTENT_RECURSIVE') this.#recursive++;
    this.#watches.set(path, watches.set(session, { mode, set: set() }));
    const paths = this.#paths.get(session) ?? new Set();
    this.#paths.set(session, paths.add(path));
  }

  /** Whether there was such a watch. */
  remove(path: string, session: SessionId): boolean {
    const watches = this.#watches.get(path);
    const watch = watches?.get(session);
    if (!watches || !watch) return false;
    if (watch.mode === 'PERSISTENT_RECURSIVE') this.#recursive--;
    watches.delete(session);
    if (watches.size === 0) this.#watches.delete(path);
    const paths = this.#paths.get(session);
    paths?.delete(path);
    if (paths?.size === 0) this.#paths.delete(session);
    return true;
  }

  /** Removes all watches of a session; whether there were any. */
  drop(session: SessionId): boolean {
    const paths = [...(this.#paths.get(session) ?? [])];
    for (const path of paths) this.remove(path, session);
    return paths.length > 0;
  }

  /**
   * Everybody whom `event` at `path` is for, each once, and takes out the one-shot watches among them
   * (`triggerWatch`). Recursive watches do not hear of children: they hear of the child itself.
   */
  trigger(path: string, event: NodeEventType): readonly Match[] {
    const matches = new Map<SessionId, Match>();
    for (const place of this.#placesOf(path)) {
      for (const [session, { mode, set }] of [...(this.#watches.get(place) ?? [])]) {
        const recursive = mode === 'PERSISTENT_RECURSIVE';
        if (recursive ? event === 'NodeChildrenChanged' : place !== path) continue;
        const usedUp = mode === 'STANDARD';
        if (usedUp) this.remove(place, session);
        const match = matches.get(session);
        matches.set(session, match ? { ...match, sets: [...match.sets, set] } : { session, sets: [set], mode, usedUp });
      }
    }
    return [...matches.values()];
  }

  /** The path, then its ancestors. The empty path, which the tree takes for the root, has no watchers. */
  *#placesOf(path: string): Generator<string> {
    if (path === '') return;
    yield path;
    for (let at = path; this.#recursive > 0 && at !== '/';) {
      at = parentPath(at);
      yield at;
    }
  }
}
