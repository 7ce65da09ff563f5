/** The one selection: what is selected anywhere is selected everywhere. */
import type { TraceEvent } from '../../protocol/events.ts';
import { serverName, type ActorName, type EventId, type SessionId, type Sid } from '../../protocol/ids.ts';

export type Selected =
  | { readonly type: 'server'; readonly sid: Sid }
  | { readonly type: 'client'; readonly name: ActorName }
  | { readonly type: 'message' | 'event'; readonly id: EventId }
  /** `index`: its place among those of the present branch. */
  | { readonly type: 'violation'; readonly index: number }
  | { readonly type: 'znode'; readonly path: string }
  | { readonly type: 'session'; readonly id: SessionId }
  | { readonly type: 'link'; readonly a: ActorName; readonly b: ActorName };

/** Two selections of the same thing. A link is the same from both ends. */
export function sameSelection(one: Selected | null, other: Selected | null): boolean {
  if (one === null || other === null) return one === other;
  if (one.type === 'link' && other.type === 'link') {
    return (one.a === other.a && one.b === other.b) || (one.a === other.b && one.b === other.a);
  }
  return JSON.stringify(one) === JSON.stringify(other);
}

export class Selection {
  #current = $state.raw<Selected | null>(null);
  #lastSid = $state<Sid | null>(null);
  #lastActor = $state<ActorName | null>(null);
  #lastViolation = $state<number | null>(null);

  get current(): Selected | null {
    return this.#current;
  }

  /** The selected server, or null. */
  get sid(): Sid | null {
    return this.#current?.type === 'server' ? this.#current.sid : null;
  }

  /** The server that was selected last: the one whose znodes and sessions are looked at. */
  get lastSid(): Sid | null {
    return this.#lastSid;
  }

  /** The server or client that was selected last: the one whose links are gone through. */
  get lastActor(): ActorName | null {
    return this.#lastActor;
  }

  /** The violation that was selected last: the one whose proof is gone through. */
  get lastViolation(): number | null {
    return this.#lastViolation;
  }

  select(selected: Selected): void {
    if (selected.type === 'violation') this.#lastViolation = selected.index;
    if (selected.type === 'server') this.#lastSid = selected.sid;
    if (selected.type === 'server') this.#lastActor = serverName(selected.sid);
    if (selected.type === 'client') this.#lastActor = selected.name;
    if (!sameSelection(this.#current, selected)) this.#current = selected;
  }

  clear(): void {
    this.#current = null;
  }

  /** An event or a message: a message is its sending. */
  selectEvent({ id, kind }: Pick<TraceEvent, 'id' | 'kind'>): void {
    this.select({ type: kind === 'send' ? 'message' : 'event', id });
  }

  has(selected: Selected): boolean {
    return sameSelection(this.#current, selected);
  }
}
