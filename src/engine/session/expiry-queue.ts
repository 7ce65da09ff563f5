/**
 * Elements in buckets of expiry time (`ExpiryQueue`), with the thread that sleeps until the next
 * bucket folded in: here a timer for the earliest bucket that holds something.
 */
import { virtualTime, type VirtualTime } from '../../protocol/time.ts';
import type { ServerContext } from '../context.ts';
import type { Timer } from '../../process/io.ts';

export class ExpiryQueue<E> {
  readonly #ctx: ServerContext;
  readonly #intervalMs: number;
  readonly #expire: (element: E, bucket: VirtualTime) => void;
  /** Element → its bucket. Always agrees with {@link #buckets}. */
  readonly #bucketOf = new Map<E, VirtualTime>();
  /** Bucket → its elements in the order in which they came; no bucket is empty. */
  readonly #buckets = new Map<VirtualTime, Set<E>>();
  #timer: Timer | null = null;

  /** `expire` is called for each element of a bucket at the bucket's time; the element is no longer in the queue then. */
  constructor(ctx: ServerContext, intervalMs: number, expire: (element: E, bucket: VirtualTime) => void) {
    this.#ctx = ctx;
    this.#intervalMs = intervalMs;
    this.#expire = expire;
  }

  /** Adds the element, or moves it: it expires `timeout` ms from now, rounded to the end of that interval. */
  update(element: E, timeout: number): void {
    const bucket = this.#roundToNextInterval(this.#ctx.now() + timeout);
    if (this.#bucketOf.get(element) === bucket) return;
    this.remove(element);
    this.#bucketOf.set(element, bucket);
    const elements = this.#buckets.get(bucket);
    if (elements) elements.add(element);
    else this.#buckets.set(bucket, new Set([element]));
    if (!this.#timer || bucket < this.#timer.at) this.#arm();
  }

  remove(element: E): void {
    const bucket = this.#bucketOf.get(element);
    if (bucket === undefined) return;
    this.#bucketOf.delete(element);
    const elements = this.#buckets.get(bucket);
    elements?.delete(element);
    if (elements?.size === 0) this.#buckets.delete(bucket);
  }

  /** When the element expires, or null if it is not here. */
  expiryOf(element: E): VirtualTime | null {
    return this.#bucketOf.get(element) ?? null;
  }

  /** Instants with what expires then, soonest first. */
  get buckets(): readonly (readonly [VirtualTime, readonly E[]])[] {
    return [...this.#buckets].sort(([a], [b]) => a - b).map(([at, elements]) => [at, [...elements]] as const);
  }

  shutdown(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#bucketOf.clear();
    this.#buckets.clear();
  }

  #roundToNextInterval(time: number): VirtualTime {
    return virtualTime((Math.floor(time / this.#intervalMs) + 1) * this.#intervalMs);
  }

  #earliest(): VirtualTime | null {
    let earliest: VirtualTime | null = null;
    for (const bucket of this.#buckets.keys()) if (earliest === null || bucket < earliest) earliest = bucket;
    return earliest;
  }

  #arm(): void {
    this.#timer?.cancel();
    const earliest = this.#earliest();
    this.#timer = earliest === null ? null : this.#ctx.setTimer(earliest - this.#ctx.now(), () => this.#poll());
  }

  #poll(): void {
    this.#timer = null;
    // A process that was paused finds several buckets due.
    for (let bucket = this.#earliest(); bucket !== null && bucket <= this.#ctx.now(); bucket = this.#earliest()) {
      for (const element of [...(this.#buckets.get(bucket) ?? [])]) {
        // Expiring one element may have moved or removed another.
        if (this.#bucketOf.get(element) !== bucket) continue;
        this.remove(element);
        this.#expire(element, bucket);
      }
    }
    this.#arm();
  }
}
