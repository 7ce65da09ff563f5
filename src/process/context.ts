/**
 * The context that the parts of one process share: it collects outputs, names events, and finds the
 * handler of a timer or an fsync again. No protocol rule lives here.
 */
import { assert } from '../protocol/assert.ts';
import type { Defect } from '../protocol/defects.ts';
import type { EventBody } from '../protocol/events.ts';
import type { ActorName, ConnId, EventRef, RefSource } from '../protocol/ids.ts';
import type { Packet, Port } from '../protocol/network.ts';
import { Random } from '../protocol/random.ts';
import { addMs, justAfter, virtualTime, WALL_CLOCK_EPOCH_MS, type VirtualTime } from '../protocol/time.ts';
import type { EmitOptions, ProcessOutput, Timer } from './io.ts';

/** Which process this is, and where its randomness and its events' names come from. */
export interface ProcessIdentity {
  readonly name: ActorName;
  /** Seed of the lab; streams are named by process and incarnation. */
  readonly seed: number;
  /** 0 for the first process of this name, then 1, 2 … */
  readonly incarnation: number;
  readonly refs: RefSource;
  /** The rules that this process breaks; none if absent. */
  readonly defects?: readonly Defect[];
}

/** `Body` is what this kind of process may report. */
export class ProcessContext<Body extends EventBody> {
  readonly #refs: RefSource;
  readonly #seed: number;
  readonly #name: ActorName;
  readonly #streamPrefix: string;
  readonly #incarnation: number;
  readonly #defects: ReadonlySet<Defect>;
  readonly #streams = new Map<string, Random>();
  readonly #timers = new Map<number, () => void>();
  readonly #fsyncs = new Map<number, () => void>();
  #outputs: ProcessOutput[] = [];
  #now: VirtualTime = virtualTime(0);
  #cause: EventRef | null = null;
  #nextConn = 0;
  #nextTimer = 0;
  #nextToken = 0;

  constructor(identity: ProcessIdentity) {
    this.#refs = identity.refs;
    this.#seed = identity.seed;
    this.#name = identity.name;
    this.#incarnation = identity.incarnation;
    this.#defects = new Set(identity.defects);
    this.#streamPrefix = `${identity.name}/${identity.incarnation}/`;
  }

  /** Runs one step; what it did comes back in order. */
  step(now: VirtualTime, cause: EventRef, work: () => void): readonly ProcessOutput[] {
    this.#now = now;
    this.#cause = cause;
    this.#outputs = [];
    work();
    return this.#outputs;
  }

  /** The handler of a timer that is due, or null if it was cancelled in the same step. */
  takeTimer(timer: number): (() => void) | null {
    const handler = this.#timers.get(timer) ?? null;
    this.#timers.delete(timer);
    return handler;
  }

  /** The handler of an fsync or of a write. */
  takeFsync(token: number): () => void {
    const handler = this.#fsyncs.get(token);
    assert(handler, `fsync ${token} was never asked for`);
    this.#fsyncs.delete(token);
    return handler;
  }

  /** Virtual time of the current step. */
  now(): VirtualTime {
    return this.#now;
  }

  /** This process's wall clock, whole ms since 1970. */
  wallClock(): number {
    return WALL_CLOCK_EPOCH_MS + Math.floor(this.#now);
  }

  /** A number in [0, 1) of the stream `name` of this process. */
  random(name: string): number {
    let stream = this.#streams.get(name);
    if (!stream) {
      stream = Random.stream(this.#seed, this.#streamPrefix + name);
      this.#streams.set(name, stream);
    }
    return stream.unit();
  }

  /** Whether this process breaks that rule. Asked at the place of the rule, and nowhere else. */
  broken(defect: Defect): boolean {
    return this.#defects.has(defect);
  }

  /** The event that the current step comes from. */
  get cause(): EventRef {
    assert(this.#cause !== null, 'no step is running');
    return this.#cause;
  }

  emit(body: Body, options?: EmitOptions): EventRef {
    const ref = this.#refs.take();
    this.#outputs.push({ type: 'event', event: { ref, body, causes: this.#causes(options), rule: options?.rule } });
    return ref;
  }

  connect(to: ActorName, port: Port): ConnId {
    // The form is that of ConnId: initiator, incarnation, running number.
    const conn = `${this.#name}#${this.#incarnation}.${this.#nextConn++}` as ConnId;
    this.#outputs.push({ type: 'connect', conn, to, port, causes: this.#causes() });
    return conn;
  }

  send(conn: ConnId, packet: Packet, options?: EmitOptions): EventRef {
    const ref = this.#refs.take();
    this.#outputs.push({ type: 'send', conn, packet, ref, causes: this.#causes(options), rule: options?.rule });
    return ref;
  }

  close(conn: ConnId, reason: string): void {
    this.#outputs.push({ type: 'close', conn, reason, causes: this.#causes() });
  }

  listen(port: Port, open: boolean): void {
    this.#outputs.push({ type: 'listen', port, open });
  }

  /**
   * Calls `handler` after `delayMs` as a step of its own. A delay above 0 always lets time pass, so that who waits for
   * what is left of a span comes to its end, although differences of instants are not exact.
   */
  setTimer(delayMs: number, handler: () => void): Timer {
    const timer = this.#nextTimer++;
    const due = addMs(this.#now, Math.max(0, delayMs));
    const at = delayMs > 0 && due === this.#now ? justAfter(due) : due;
    this.#timers.set(timer, handler);
    this.#outputs.push({ type: 'timer', timer, at, cause: this.cause });
    return {
      at,
      cancel: () => {
        if (this.#timers.delete(timer)) this.#outputs.push({ type: 'cancel-timer', timer });
      },
    };
  }

  /** Calls `done`, as a step of its own, when everything written to `file` so far is durable. */
  fsync(file: string, done: () => void): void {
    const token = this.#nextToken++;
    this.#fsyncs.set(token, done);
    this.#outputs.push({ type: 'fsync', file, token, causes: this.#causes() });
  }

  /** Calls `done`, as a step of its own, when the disk has taken the `bytes` that were just written to `file`. */
  diskWrite(file: string, bytes: number, done: () => void): void {
    const token = this.#nextToken++;
    this.#fsyncs.set(token, done);
    this.#outputs.push({ type: 'write', file, bytes, token, causes: this.#causes() });
  }

  /** Ends the process; nothing that the current step does afterwards counts. */
  exit(reason: string): void {
    this.#outputs.push({ type: 'exit', reason });
  }

  #causes(options?: EmitOptions): readonly EventRef[] {
    const given = options?.causes ?? [];
    if (options?.only) return given;
    return given.includes(this.cause) ? given : [...given, this.cause];
  }
}
