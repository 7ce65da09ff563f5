/**
 * What the timeline draws of a trace: a lane of states for each actor, a table of messages, and marks. It reads each event once, in
 * order, and keeps messages in columns, so that 100,000 of them cost little. Pure; the canvas (diagram.ts) and the overlay read it.
 */
import type { ClientState, TraceEvent } from '../../protocol/events.ts';
import { LAB, serverName, sidOf } from '../../protocol/ids.ts';
import type { ActorName, EventId } from '../../protocol/ids.ts';
import type { ServerView } from '../../trace/index.ts';
import { MESSAGE_KINDS, messageKind } from '../message-kind.ts';
import { shortZxid } from '../stage/format.ts';
import { isReconfigured } from '../stage/membership.ts';

export type LaneState = ServerView['state'] | ClientState;

export interface Segment {
  readonly state: LaneState;
  readonly from: number;
  /** Infinity while it lasts. */
  to: number;
  /** The event that began it. */
  readonly event: EventId;
}

export interface Lane {
  readonly actor: ActorName;
  readonly server: boolean;
  readonly segments: Segment[];
}

export type MarkTone = 'fault' | 'mend' | 'act';
export interface Mark {
  readonly event: EventId;
  readonly t: number;
  /** The lane that it concerns; null: the whole lab. */
  readonly actor: ActorName | null;
  readonly tone: MarkTone;
  readonly label: string;
}

/** Fates of a message, as a column holds them. */
export const FLYING = 0;
export const LOST = 1;
export const WAITING = 2;

/** What is read of a trace. */
export interface EventSource {
  readonly length: number;
  at(index: number): TraceEvent | undefined;
}

/** Columns of messages, by row: rows are ordered by the instant of sending. */
export class MessageTable {
  length = 0;
  /** The longest time that a message took, ms: how far before a window one may begin and still be seen in it. */
  longest = 0;
  /** Rows that wait, held or cut. */
  readonly waiting = new Set<number>();
  id = new Int32Array(1024);
  sent = new Float64Array(1024);
  /** When it lands or landed; when it was lost; Infinity while it waits. */
  ends = new Float64Array(1024);
  /** How far between the lanes it got: 1 unless lost. */
  reach = new Float32Array(1024);
  from = new Uint8Array(1024);
  to = new Uint8Array(1024);
  kind = new Uint8Array(1024);
  fate = new Uint8Array(1024);
  readonly #rows = new Map<number, number>();

  add(id: number, sent: number, arrives: number | null, from: number, to: number, kind: number): void {
    if (this.length === this.id.length) this.#grow();
    const row = this.length++;
    this.id[row] = id;
    this.sent[row] = sent;
    this.from[row] = from;
    this.to[row] = to;
    this.kind[row] = kind;
    this.#rows.set(id, row);
    this.#fly(row, arrives);
  }

  /** Sets the flight of message `id`; does nothing for an unknown one. */
  resend(id: number, arrives: number | null): void {
    const row = this.#rows.get(id);
    if (row !== undefined) this.#fly(row, arrives);
  }

  lose(id: number, t: number): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    const sent = this.sent[row] ?? 0;
    const planned = this.ends[row] ?? Infinity;
    const share = Number.isFinite(planned) && planned > sent ? (t - sent) / (planned - sent) : 0.5;
    this.waiting.delete(row);
    this.fate[row] = LOST;
    this.reach[row] = Math.min(0.92, Math.max(0.08, share));
    this.ends[row] = Math.max(sent, t);
    this.longest = Math.max(this.longest, t - sent);
  }

  rowOf(id: number): number | undefined {
    return this.#rows.get(id);
  }

  /** The rows that may be seen between two instants: `first` to `last` (exclusive); rows in `waiting` may be seen too. */
  between(from: number, to: number): readonly [first: number, last: number] {
    return [this.#firstSentAt(from - this.longest), this.#firstSentAt(to + 1e-9)];
  }

  #fly(row: number, arrives: number | null): void {
    const sent = this.sent[row] ?? 0;
    this.fate[row] = arrives === null ? WAITING : FLYING;
    this.ends[row] = arrives ?? Infinity;
    this.reach[row] = 1;
    if (arrives === null) this.waiting.add(row);
    else {
      this.waiting.delete(row);
      this.longest = Math.max(this.longest, arrives - sent);
    }
  }

  #firstSentAt(t: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.sent[middle] ?? 0) < t) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #grow(): void {
    const size = this.id.length * 2;
    const wider = <T extends { set(from: T): void }>(make: new (n: number) => T, old: T): T => {
      const column = new make(size);
      column.set(old);
      return column;
    };
    this.id = wider(Int32Array, this.id);
    this.sent = wider(Float64Array, this.sent);
    this.ends = wider(Float64Array, this.ends);
    this.reach = wider(Float32Array, this.reach);
    this.from = wider(Uint8Array, this.from);
    this.to = wider(Uint8Array, this.to);
    this.kind = wider(Uint8Array, this.kind);
    this.fate = wider(Uint8Array, this.fate);
  }
}

export class SpaceTime {
  readonly lanes: readonly Lane[];
  readonly messages = new MessageTable();
  readonly marks: Mark[] = [];
  readonly #laneOf = new Map<ActorName, number>();
  #read = 0;

  /** Half of the clients stand above the servers and half below, which keeps their lines short. */
  constructor(servers: readonly ActorName[], clients: readonly ActorName[]) {
    const half = Math.ceil(clients.length / 2);
    const order = [...clients.slice(0, half), ...servers, ...clients.slice(half)];
    this.lanes = order.map((actor) => ({ actor, server: sidOf(actor) !== null, segments: [] }));
    this.lanes.forEach((lane, i) => this.#laneOf.set(lane.actor, i));
  }

  laneOf(actor: ActorName): number | undefined {
    return this.#laneOf.get(actor);
  }

  /** Reads what the trace has gained. Returns whether there was anything. */
  read(trace: EventSource): boolean {
    const began = this.#read;
    for (; this.#read < trace.length; this.#read++) {
      const event = trace.at(this.#read);
      if (event !== undefined) this.#take(event);
    }
    return this.#read > began;
  }

  #take(event: TraceEvent): void {
    switch (event.kind) {
      case 'send': {
        const [from, to] = [this.#laneOf.get(event.actor), this.#laneOf.get(event.to)];
        if (from === undefined || to === undefined) return;
        const kind = MESSAGE_KINDS.indexOf(messageKind(event.packet));
        return this.messages.add(event.id, event.t, event.arrives, from, to, kind);
      }
      case 'resend':
        return this.messages.resend(event.message, event.arrives);
      case 'lost':
        return this.messages.lose(event.message, event.t);
      case 'process-started':
        return this.#enter(event, sidOf(event.actor) === null ? 'CONNECTING' : 'LOOKING');
      case 'server-state':
        return this.#enter(event, event.state);
      case 'client-state':
        return this.#enter(event, event.state);
      case 'process-paused':
        return this.#enter(event, 'PAUSED');
      case 'process-resumed':
        return this.#resume(event);
      case 'process-exited':
        this.marks.push({ ...markAt(event), tone: 'fault', label: 'ended itself' });
        return this.#enter(event, 'DOWN');
      case 'process-killed':
        return this.#enter(event, 'DOWN');
      case 'server-removed':
        return this.#enter({ ...event, actor: serverName(event.sid) }, 'DOWN');
      case 'config-activated':
        // The first leader's is the one that all begin with.
        if (isReconfigured(event.version)) {
          this.marks.push({ ...markAt(event), tone: 'mend', label: `v${shortZxid(event.version)}` });
        }
        return;
      case 'action': {
        const mark = markOf(event);
        if (mark !== null) this.marks.push(mark);
        return;
      }
      default:
    }
  }

  #enter(event: TraceEvent, state: LaneState): void {
    const segments = this.lanes[this.#laneOf.get(event.actor) ?? -1]?.segments;
    if (segments === undefined) return;
    const last = segments.at(-1);
    if (last?.state === state) return;
    if (last !== undefined) last.to = event.t;
    if (last?.from === event.t) segments.pop();
    segments.push({ state, from: event.t, to: Infinity, event: event.id });
  }

  #resume(event: TraceEvent): void {
    const before = this.lanes[this.#laneOf.get(event.actor) ?? -1]?.segments.at(-2);
    if (before !== undefined) this.#enter(event, before.state);
  }
}

function markAt(event: TraceEvent): Pick<Mark, 'event' | 't' | 'actor'> {
  return { event: event.id, t: event.t, actor: event.actor };
}

const FAULTS: ReadonlySet<string> = new Set(
  'kill wipe pause hold drop cut partition drop-connection corrupt remove-file remove-server disk-full disconnect'.split(
    ' ',
  ),
);
const MENDS: ReadonlySet<string> = new Set('restart resume release heal heal-all add-server'.split(' '));

/** The mark of an action, in few words; null for what clients do all the time. */
function markOf(event: Extract<TraceEvent, { kind: 'action' }>): Mark | null {
  const { action } = event;
  if (action.do === 'request' || action.do === 'console') {
    return { event: event.id, t: event.t, actor: name(action['client']), tone: 'act', label: wordsOfRequest(action) };
  }
  const mends = MENDS.has(action.do) || (action.do === 'disk-full' && action['full'] === false);
  const tone = mends ? 'mend' : FAULTS.has(action.do) ? 'fault' : 'act';
  const server = action['server'] ?? action['sid'];
  const actor =
    typeof server === 'number' && event.actor === LAB ? (`s${server}` as ActorName) : name(action['client']);
  const between = typeof action['from'] === 'string' ? ` ${action['from']}–${String(action['to'])}` : '';
  return { event: event.id, t: event.t, actor, tone, label: `${action.do}${between}` };
}

function wordsOfRequest(action: { readonly [key: string]: unknown }): string {
  if (typeof action['line'] === 'string') return action['line'];
  return [action['op'], action['path']].filter((word) => typeof word === 'string').join(' ');
}

function name(actor: unknown): ActorName | null {
  return typeof actor === 'string' ? (actor as ActorName) : null;
}
