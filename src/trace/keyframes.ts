/**
 * Sparse copies of the state along a trace. A copy shares every znode, and every tree that did not
 * change, with its neighbours (fold/clone.ts), so it costs little; the more a state holds, the rarer
 * copies are, and when all of them together hold too much, every second one is let go.
 */
import { cloneState } from './fold/index.ts';
import type { LabState } from './state.ts';

/** Events between two keyframes, at least. */
const SPACING_MIN = 2000;
/** Entries of a state that make the spacing wider by one event. */
const ENTRIES_PER_EVENT = 4;
/** Entries that all keyframes together may hold. */
const ENTRIES_MAX = 1_000_000;

export interface Keyframe {
  /** How many events have happened. */
  readonly index: number;
  readonly state: LabState;
}

interface Kept extends Keyframe {
  readonly entries: number;
}

export class Keyframes {
  #kept: Kept[];
  #spacing = SPACING_MIN;
  #entries = 0;
  #next: number;

  constructor(initial: LabState) {
    this.#kept = [{ index: 0, state: initial, entries: 0 }];
    this.#next = this.#spacing;
  }

  get count(): number {
    return this.#kept.length;
  }

  /** The last keyframe at or before `index`; its state must not be changed. */
  nearest(index: number): Keyframe {
    let low = 0;
    let high = this.#kept.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#at(middle).index <= index) low = middle;
      else high = middle - 1;
    }
    return this.#at(low);
  }

  /** To be called after each folded event; copies `state` if it is time for a keyframe. */
  offer(index: number, state: LabState): void {
    if (index < this.#next) return;
    const entries = entriesOf(state);
    this.#kept.push({ index, state: cloneState(state), entries });
    this.#entries += entries;
    while (this.#entries > ENTRIES_MAX && this.#kept.length > 2) this.#thin();
    this.#next = index + Math.max(this.#spacing, Math.floor(entries / ENTRIES_PER_EVENT));
  }

  #thin(): void {
    this.#kept = this.#kept.filter((_, i) => i % 2 === 0);
    this.#entries = this.#kept.reduce((sum, { entries }) => sum + entries, 0);
    this.#spacing *= 2;
  }

  #at(i: number): Kept {
    const keyframe = this.#kept[i];
    if (!keyframe) throw new RangeError(`no keyframe ${i}`);
    return keyframe;
  }
}

function entriesOf(state: LabState): number {
  let entries = state.messages.size + state.connections.size + state.links.size;
  for (const server of state.servers.values()) {
    entries += server.tree.size + server.sessions.size + server.watches.size + server.outstanding.size;
    entries += server.log.length;
  }
  for (const client of state.clients.values()) entries += client.console.length + client.events.length;
  return entries;
}
