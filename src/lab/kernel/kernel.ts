/**
 * One actor: a process with its simulated machine (network, disk, clock). Pure: it takes grants of
 * virtual time and batches of its peers, and gives events and batches back. Whatever it runs in
 * drives it window by window (src/lab/hosts).
 */
import { assert, unreachable } from '../../protocol/assert.ts';
import type { ClientCommand } from '../../client/index.ts';
import type { ServerInput } from '../../engine/index.ts';
import type { EventBody, RawEvent } from '../../protocol/events.ts';
import { RefSource, type ActorName, type ConnId, type EventRef } from '../../protocol/ids.ts';
import { Random } from '../../protocol/random.ts';
import type { RuleId } from '../../protocol/rules/index.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import type { ProcessOutput } from '../../process/io.ts';
import type { ActorInit, Batch, Control, DiskImage, Remains, Report } from '../types.ts';
import { Clock, type TimerDue } from './clock.ts';
import { DiskTiming, type MachineDisk } from './disk-timing.ts';
import { Network, type NetworkItem } from './network.ts';
import { EventQueue } from './queue.ts';

/** What a kernel can tell its process. */
export type KernelInput =
  ServerInput | { readonly type: 'command'; readonly cause: EventRef; readonly command: ClientCommand };

/** A server's engine or a client. */
export interface Process {
  step(now: VirtualTime, input: KernelInput): readonly ProcessOutput[];
}

/** Makes the process of an actor, and the disk of a server. */
export type ProcessFactory = (
  init: ActorInit,
  refs: RefSource,
) => { readonly process: Process; readonly disk: MachineDisk | null };

type Item =
  | NetworkItem
  | { readonly type: 'boot' }
  | ({ readonly type: 'timer' } & TimerDue)
  | { readonly type: 'fsync-done' | 'write-back' }
  /** Waits for the end of a pause. */
  | { readonly type: 'input'; readonly input: KernelInput };

/** A process that sets timers for right now, again and again, would hang the lab: it is a bug, and told as one. */
const STEPS_MAX = 100_000;

export class Kernel {
  readonly name: ActorName;
  readonly index: number;
  readonly #process: Process;
  readonly #refs: RefSource;
  readonly #network: Network;
  readonly #disk: DiskTiming | null;
  readonly #clock: Clock;
  readonly #queue = new EventQueue<Item>();
  readonly #crash: Random;
  readonly #traced: boolean;
  /** The event that the first step comes from. */
  readonly #boot: EventRef;
  /** What came up while the process was paused. */
  readonly #backlog: Item[] = [];
  /** Of this grant; those before `#nextControl` have taken effect. */
  #controls: readonly Control[] = [];
  #nextControl = 0;
  #events: RawEvent[] = [];
  #now: VirtualTime;
  /** Handled at this very instant. */
  #steps = 0;
  #paused = false;
  #exited: string | null = null;

  constructor(init: ActorInit, create: ProcessFactory) {
    this.name = init.name;
    this.index = init.index;
    this.#now = init.startsAt;
    this.#traced = init.traced ?? true;
    this.#refs = new RefSource(init.index, init.firstRef);
    const stream = `disk/${init.name}/${init.incarnation}`;
    this.#crash = Random.stream(init.seed, `${stream}/crash`);
    this.#network = new Network(this.#networkHost(), init.seed, init.incarnation, init.links);
    const { process, disk } = create(init, this.#refs);
    this.#process = process;
    const server = init.process.type === 'server' ? init.process : null;
    this.#disk =
      disk && server
        ? new DiskTiming(
            this.#diskHost(),
            disk,
            server.fsync,
            Random.stream(init.seed, stream),
            Random.stream(init.seed, `${stream}/write-back`),
          )
        : null;
    if (disk && server) disk.full = server.diskFull;
    this.#clock = new Clock(init.startsAt, server?.clockRate ?? 1, (at, due) =>
      this.#queue.push(at, this.index, { type: 'timer', ...due }),
    );
    this.#boot = this.#emit({ kind: 'process-started', incarnation: init.incarnation }, [init.cause]);
    this.#queue.push(init.startsAt, this.index, { type: 'boot' });
  }

  /** When this actor has something to do by itself, or null. */
  get nextAt(): VirtualTime | null {
    const control = this.#controls[this.#nextControl]?.at ?? null;
    const item = this.#queue.nextAt;
    return control === null ? item : item === null ? control : item < control ? item : control;
  }

  /** Begins a grant: its controls take effect at their instants. */
  grant(controls: readonly Control[]): void {
    assert(this.#nextControl === this.#controls.length, 'a grant begins when the one before is over');
    this.#controls = controls;
    this.#nextControl = 0;
  }

  /** Does all that is due up to `to`, inclusive. */
  run(to: VirtualTime): void {
    for (;;) {
      const control = this.#controls[this.#nextControl];
      const next = this.#queue.nextAt;
      if (control && control.at <= to && (next === null || control.at <= next)) {
        this.#nextControl++;
        this.#now = control.at;
        this.#control(control);
      } else if (next !== null && next <= to) {
        const entry = this.#queue.pop();
        assert(entry, 'the queue has a next entry');
        this.#steps = entry.at === this.#now ? this.#steps + 1 : 0;
        assert(this.#steps < STEPS_MAX, `${this.name} lets no time pass at ${entry.at} ms`);
        this.#now = entry.at;
        this.#arrive(entry.item);
      } else {
        return;
      }
    }
  }

  /** What goes to `peer` at the end of a window. */
  takeBatch(peer: ActorName): Batch {
    return this.#network.takeBatch(peer);
  }

  /** A batch of `peer`: everything in it lands after the window it was sent in. */
  receive(peer: ActorName, batch: Batch): void {
    this.#network.receive(peer, batch);
  }

  /** What has happened since the last call. */
  takeEvents(): readonly RawEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  report(): Report {
    return { events: this.takeEvents(), next: this.nextAt, exited: this.#exited };
  }

  /** The files of a server's disk as its process sees them now; null for a client. */
  disk(): DiskImage | null {
    return this.#disk?.disk.image() ?? null;
  }

  /** The machine dies at `at`, before anything else of that instant. */
  kill(at: VirtualTime, cause: EventRef): Remains {
    this.#now = at;
    const killed = this.#exited === null ? this.#emit({ kind: 'process-killed' }, [cause]) : cause;
    const pending = [...this.#backlog, ...this.#queue.remove(() => true)];
    for (const item of pending) {
      if (item.type === 'lost') {
        this.#network.lost(item, [killed]);
      } else if (item.type === 'segment' && item.segment.type === 'data') {
        const message = item.segment.cause;
        const body: EventBody = { kind: 'lost', message, from: item.from, to: this.name, why: 'killed' };
        this.#emit(body, [message, killed], 'lab.kill-loses');
      }
    }
    this.#network.lose(killed);
    // A process that ended itself left its machine running: the page cache reached the platter in peace.
    if (this.#exited !== null) this.#disk?.disk.sync();
    else {
      for (const { file, bytes, torn } of this.#disk?.disk.crash(this.#crash) ?? []) {
        this.#emit({ kind: 'disk-lost', file, bytes, torn }, [killed], 'lab.unsynced-lost');
      }
    }
    const events = this.takeEvents();
    return { events, nextRef: this.#refs.next, disk: this.#disk?.disk.image() ?? null, traps: this.#network.traps() };
  }

  // ---- what happens

  #arrive(item: Item): void {
    switch (item.type) {
      case 'lost':
        this.#network.lost(item);
        return;
      case 'fsync-done': {
        // The disk goes on while its process is paused.
        const done = this.#exited === null ? this.#disk?.done() : null;
        if (done) this.#deliver({ type: 'fsynced', ...done });
        return;
      }
      case 'write-back':
        if (this.#exited === null) this.#disk?.writeBack();
        return;
      case 'segment':
        if (item.segment.type === 'syn') {
          const accepted = this.#network.accept(item.from, item.segment);
          if (accepted) this.#deliver(accepted);
          return;
        }
        if (this.#paused) this.#backlog.push(item);
        else this.#network.arrive(item.from, item.segment);
        return;
      case 'timer': {
        if (this.#paused) {
          this.#backlog.push(item);
          return;
        }
        const cause = this.#clock.take(item);
        if (cause !== null) this.#deliver({ type: 'timer', timer: item.timer, cause });
        return;
      }
      case 'boot':
        this.#deliver({ type: 'boot', cause: this.#boot });
        return;
      case 'input':
        this.#deliver(item.input);
        return;
      default:
        unreachable(item);
    }
  }

  /** One step of the process; in a pause it waits. */
  #deliver(input: KernelInput): void {
    if (this.#exited !== null) return;
    if (this.#paused) {
      this.#backlog.push({ type: 'input', input });
      return;
    }
    for (const output of this.#process.step(this.#clock.read(this.#now), input)) {
      if (output.type === 'exit') {
        this.#exit(output.reason, input.cause);
        return;
      }
      this.#obey(output);
    }
    this.#disk?.noticeWrites(input.cause);
  }

  #obey(output: Exclude<ProcessOutput, { type: 'exit' }>): void {
    switch (output.type) {
      case 'event': {
        const { ref, body, causes, rule } = output.event;
        this.#record(ref, body, causes, rule);
        return;
      }
      case 'send':
        this.#network.send(output);
        return;
      case 'connect':
        this.#network.connect(output);
        return;
      case 'close':
        this.#network.close(output);
        return;
      case 'listen':
        this.#network.listen(output.port, output.open);
        return;
      case 'timer':
        this.#clock.set(this.#now, output.timer, output.at, output.cause);
        return;
      case 'cancel-timer':
        this.#clock.cancel(output.timer);
        return;
      case 'fsync':
        assert(this.#disk, `${this.name} has no disk`);
        this.#disk.fsync(output.file, output.token, output.causes);
        return;
      case 'write':
        assert(this.#disk, `${this.name} has no disk`);
        this.#disk.write(output.bytes, output.token, output.causes);
        return;
      default:
        unreachable(output);
    }
  }

  #exit(reason: string, cause: EventRef): void {
    this.#exited = reason;
    const exited = this.#emit({ kind: 'process-exited', reason }, [cause]);
    this.#network.reset(exited);
  }

  #control(control: Control): void {
    const { cause } = control;
    const network = this.#network;
    switch (control.type) {
      case 'link-cut':
        if (control.from === this.name) network.cutTo(control.to, cause);
        else network.cutFrom(control.from, cause);
        return;
      case 'link-heal':
        if (control.from === this.name) network.healTo(control.to, cause);
        else network.healFrom(control.from, cause);
        return;
      case 'link-latency':
        if (control.from === this.name) network.setLatency(control.to, control.latency);
        return;
      case 'link-hold':
        network.hold(control.to, control.packets);
        return;
      case 'link-release':
        network.release(control.to, control.packets, cause);
        return;
      case 'link-drop':
        network.drop(control.to, control.packets);
        return;
      case 'drop-connections': {
        const [a, b] = control.between;
        network.dropConnections(a === this.name ? b : a, cause);
        return;
      }
      case 'peer-up':
        network.peerUp(control.link);
        return;
      case 'peer-down':
        network.peerDown(control.peer, cause);
        return;
      case 'peer-removed':
        network.peerRemoved(control.peer, cause);
        return;
      case 'pause':
        this.#paused = true;
        this.#emit({ kind: 'process-paused' }, [cause]);
        return;
      case 'resume':
        this.#resume(cause);
        return;
      case 'fsync':
        assert(this.#disk, `${this.name} has no disk`);
        this.#disk.latency = control.fsync;
        this.#emit({ kind: 'disk-latency', fsync: control.fsync }, [cause]);
        return;
      case 'disk-full':
        assert(this.#disk, `${this.name} has no disk`);
        this.#disk.disk.full = control.full;
        this.#emit({ kind: 'disk-full', full: control.full }, [cause]);
        return;
      case 'clock':
        this.#clock.setRate(this.#now, control.rate);
        this.#emit({ kind: 'clock-rate', rate: control.rate }, [cause]);
        return;
      case 'command':
        // Through the queue: what a person asks for comes after every control of its instant.
        this.#queue.push(this.#now, this.index, {
          type: 'input',
          input: { type: 'command', cause, command: control.command },
        });
        return;
      case 'ask':
        this.#queue.push(this.#now, this.index, {
          type: 'input',
          input: { type: 'ask', cause, command: control.command },
        });
        return;
      default:
        unreachable(control);
    }
  }

  /** Everything that came up meanwhile is handled now, in its order. */
  #resume(cause: EventRef): void {
    this.#paused = false;
    this.#emit({ kind: 'process-resumed' }, [cause]);
    for (const item of this.#backlog.splice(0)) this.#arrive(item);
  }

  // ---- what the parts of the machine see

  #emit(body: EventBody, causes: readonly EventRef[], rule?: RuleId): EventRef {
    const ref = this.#refs.take();
    this.#record(ref, body, causes, rule);
    return ref;
  }

  #record(ref: EventRef, body: EventBody, causes: readonly EventRef[], rule: RuleId | undefined): void {
    if (!this.#traced) return;
    const { name: actor } = this;
    const t = this.#now;
    this.#events.push(
      rule === undefined ? { id: ref, t, actor, ...body, causes } : { id: ref, t, actor, ...body, causes, rule },
    );
  }

  #networkHost(): ConstructorParameters<typeof Network>[0] {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- getters below read the kernel's current state
    const kernel = this;
    return {
      name: this.name,
      index: this.index,
      get now() {
        return kernel.#now;
      },
      get exited() {
        return kernel.#exited !== null;
      },
      traced: this.#traced,
      emit: (body, causes, rule) => this.#emit(body, causes, rule),
      record: (ref, body, causes, rule) => this.#record(ref, body, causes, rule),
      push: (at, source, item) => this.#queue.push(at, source, item),
      remove: (match) =>
        this.#queue
          .remove((item, at) => isOfNetwork(item) && match(item, at))
          .filter((item): item is NetworkItem => isOfNetwork(item)),
      lastQueued: (conn) => this.#queue.last((item) => isSegmentOf(item, conn)),
      deliver: (input) => this.#deliver(input),
    };
  }

  #diskHost(): ConstructorParameters<typeof DiskTiming>[0] {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the getter below reads the kernel's current time
    const kernel = this;
    return {
      get now() {
        return kernel.#now;
      },
      emit: (body, causes, rule) => this.#emit(body, causes, rule),
      scheduleFsyncDone: (at) => this.#queue.push(at, this.index, { type: 'fsync-done' }),
      scheduleWritten: (at, token, cause) =>
        this.#queue.push(at, this.index, { type: 'input', input: { type: 'written', token, cause } }),
      scheduleWriteBack: (at) => this.#queue.push(at, this.index, { type: 'write-back' }),
    };
  }
}

function isOfNetwork(item: Item): item is NetworkItem {
  return item.type === 'segment' || item.type === 'lost';
}

function isSegmentOf(item: Item, conn: ConnId): boolean {
  return item.type === 'segment' && item.segment.conn === conn;
}
