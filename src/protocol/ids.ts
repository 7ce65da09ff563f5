/** Identifiers of servers, clients, sessions, connections, and of events while a run is produced. */
import { assert } from './assert.ts';
import type { Brand } from './brand.ts';

const SID_MAX = 255;
/** Server id, 1 to 255 (`myid`). */
export type Sid = Brand<number, 'Sid'>;
/** @throws InvariantError unless `n` is an integer from 1 to 255. */
export function sid(n: number): Sid {
  assert(Number.isInteger(n) && n >= 1 && n <= SID_MAX, `a sid is an integer from 1 to ${SID_MAX}, got ${n}`);
  return n as Sid;
}

/** Name of an actor: `s3` is server 3; a client has the name its scenario gives it; `lab` is the conductor. */
export type ActorName = Brand<string, 'ActorName'>;
/** The conductor: the actor of actions and of what the lab itself reports. */
export const LAB = 'lab' as ActorName;
export function serverName(id: Sid): ActorName {
  return `s${id}` as ActorName;
}
/** Client names: a letter, then up to 31 letters, digits, `_` or `-`; neither `lab` nor of the form `s1`. */
export function isClientName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_-]{0,31}$/.test(text) && !/^s\d+$/.test(text) && text !== 'lab';
}
/** @throws InvariantError if `text` is no client name. */
export function clientName(text: string): ActorName {
  assert(isClientName(text), `not a client name: ${text}`);
  return text as ActorName;
}
/**
 * The sid in `s3`, or null for a client or the lab; also for a server that no lab can have: a reconfig may name any
 * number, and what tries to reach it asks here.
 */
export function sidOf(actor: ActorName): Sid | null {
  const number = Number(/^s(\d+)$/.exec(actor)?.[1]);
  return number >= 1 && number <= SID_MAX ? sid(number) : null;
}

/** Session id: `0x` and lower-case hex digits without leading zeros, as ZooKeeper prints it; `0x0` is none. */
export type SessionId = Brand<string, 'SessionId'>;
export const NO_SESSION = '0x0' as SessionId;
/** @throws InvariantError unless 0 ≤ `value` < 2^64. */
export function sessionId(value: bigint): SessionId {
  assert(value >= 0n && value < 1n << 64n, 'a session id has 64 bits');
  return `0x${value.toString(16)}` as SessionId;
}

/** A TCP connection of the simulated network: `<initiator>#<incarnation>.<number>`, unique in a run. */
export type ConnId = Brand<string, 'ConnId'>;

/**
 * Names an event while the run is produced: `counter * ACTORS_MAX + actor index`. The trace replaces it
 * by the event's position in the run (`EventId`).
 */
export type EventRef = Brand<number, 'EventRef'>;
export const ACTORS_MAX = 1024;

/** Hands out the references of one actor's events. Its counter goes on over restarts. */
export class RefSource {
  readonly #actorIndex: number;
  #next: number;

  constructor(actorIndex: number, next = 0) {
    assert(Number.isInteger(actorIndex) && actorIndex >= 0 && actorIndex < ACTORS_MAX, 'actor index out of range');
    this.#actorIndex = actorIndex;
    this.#next = next;
  }

  take(): EventRef {
    return (this.#next++ * ACTORS_MAX + this.#actorIndex) as EventRef;
  }

  /** The counter that the actor's next incarnation starts with. */
  get next(): number {
    return this.#next;
  }
}

/** Position of an event in its trace: 0, 1, 2 … in order of (time, actor, order within the actor). */
export type EventId = Brand<number, 'EventId'>;
