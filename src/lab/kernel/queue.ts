/**
 * What a machine has to do, in the order of (time, source, order of insertion). Insertions of one
 * source are made in an order that does not depend on window borders, so neither does the whole.
 */
import type { VirtualTime } from '../../protocol/time.ts';

interface Entry<T> {
  readonly at: VirtualTime;
  readonly source: number;
  readonly order: number;
  readonly item: T;
}

function before<T>(a: Entry<T>, b: Entry<T>): boolean {
  if (a.at !== b.at) return a.at < b.at;
  if (a.source !== b.source) return a.source < b.source;
  return a.order < b.order;
}

/** A binary heap. */
export class EventQueue<T> {
  #heap: Entry<T>[] = [];
  #order = 0;

  /** When the first item is due, or null if there is none. */
  get nextAt(): VirtualTime | null {
    return this.#heap[0]?.at ?? null;
  }

  push(at: VirtualTime, source: number, item: T): void {
    const heap = this.#heap;
    const entry = { at, source, order: this.#order++, item };
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (!above || before(above, entry)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = entry;
  }

  /** Takes the first item; the queue must not be empty. */
  pop(): Entry<T> | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last && heap.length > 0) this.#sink(last);
    return first;
  }

  /** Takes out all items for which `match` holds, in order. */
  remove(match: (item: T, at: VirtualTime) => boolean): readonly T[] {
    const taken: Entry<T>[] = [];
    const kept: Entry<T>[] = [];
    for (const entry of this.#heap) (match(entry.item, entry.at) ? taken : kept).push(entry);
    if (taken.length === 0) return [];
    // A sorted array is a heap.
    this.#heap = kept.sort((a, b) => (before(a, b) ? -1 : 1));
    return taken.sort((a, b) => (before(a, b) ? -1 : 1)).map(({ item }) => item);
  }

  /** The latest instant of the items for which `match` holds, or null. */
  last(match: (item: T) => boolean): VirtualTime | null {
    let latest: VirtualTime | null = null;
    for (const { at, item } of this.#heap) if (match(item) && (latest === null || at > latest)) latest = at;
    return latest;
  }

  #sink(entry: Entry<T>): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const right = left + 1;
      let child = heap[left];
      if (!child) break;
      let at = left;
      const other = heap[right];
      if (other && before(other, child)) {
        child = other;
        at = right;
      }
      if (before(entry, child)) break;
      heap[place] = child;
      place = at;
    }
    heap[place] = entry;
  }
}
