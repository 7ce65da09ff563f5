/** Which events the list shows: by actor, by group and by text. Pure; {@link FilteredEvents} reads each event once. */
import type { Property, Violation } from '../../check/index.ts';
import type { EventKind, TraceEvent } from '../../protocol/events.ts';
import type { ActorName, EventId } from '../../protocol/ids.ts';
import { unreachable } from '../../protocol/assert.ts';
import { isPing } from '../message-kind.ts';
import type { EventSource } from './space-time.ts';

export const EVENT_GROUPS = [
  'people',
  'election',
  'configuration',
  'recovery',
  'broadcast',
  'sessions',
  'watches',
  'messages',
  'machines',
] as const;
export type EventGroup = (typeof EVENT_GROUPS)[number];

/** What each group is called, and what it holds. */
export const GROUP_WORDS: Readonly<Record<EventGroup, { readonly label: string; readonly holds: string }>> = {
  people: { label: 'Acts', holds: 'actions, calls of clients and their answers, console' },
  election: { label: 'Election', holds: 'server states, votes' },
  configuration: { label: 'Configuration', holds: 'configurations seen and followed, servers that come and go' },
  recovery: { label: 'Recovery', holds: 'discovery, synchronization, epochs' },
  broadcast: { label: 'Broadcast', holds: 'proposals, acks, commits, log' },
  sessions: { label: 'Sessions', holds: 'connections of clients, sessions' },
  watches: { label: 'Watches', holds: 'watches set and fired' },
  messages: { label: 'Messages', holds: 'packets sent, received, held, lost (no pings)' },
  machines: { label: 'Machines', holds: 'processes, sockets, disks, links, pings' },
};

type At = EventSource['at'];

/** @param at finds the sending of a received packet */
export function groupOf(event: TraceEvent, at: At): EventGroup {
  if (isPing(event, at)) return 'machines';
  return groupOfKind(event.kind);
}

function groupOfKind(kind: EventKind): EventGroup {
  switch (kind) {
    case 'lab-started':
    case 'action':
    case 'action-refused':
    case 'call':
    case 'returned':
    case 'console-line':
    case 'console-output':
      return 'people';
    case 'server-state':
    case 'election-started':
    case 'vote-changed':
    case 'vote-counted':
    case 'vote-ignored':
    case 'election-waiting':
    case 'elected':
    case 'stepped-down':
      return 'election';
    case 'config-seen':
    case 'config-activated':
    case 'config-written':
    case 'server-added':
    case 'server-removed':
      return 'configuration';
    case 'recovered':
    case 'zab-state':
    case 'epoch-heard':
    case 'epoch-proposed':
    case 'epoch-acked':
    case 'epoch-saved':
    case 'sync-chosen':
    case 'sync-received':
    case 'newleader-acked':
    case 'serving':
    case 'learner-joined':
    case 'learner-lost':
    case 'tree-loaded':
    case 'log-truncated':
      return 'recovery';
    case 'proposed':
    case 'log-appended':
    case 'log-durable':
    case 'acked':
    case 'committed':
    case 'commit-received':
    case 'applied':
    case 'snapshot-started':
    case 'files-purged':
    case 'digest-mismatch':
    case 'snapshot-taken':
      return 'broadcast';
    case 'request-rejected':
    case 'session-attached':
    case 'session-detached':
    case 'client-refused':
    case 'answered':
    case 'auth-added':
    case 'read-only':
    case 'quota-exceeded':
    case 'session-opened':
    case 'session-closed':
    case 'session-expired':
    case 'container-expired':
    case 'session-owner':
    case 'client-state':
    case 'session-established':
      return 'sessions';
    case 'watch-set':
    case 'watch-fired':
    case 'watch-withheld':
    case 'watch-removed':
    case 'watches-dropped':
    case 'watch-event':
      return 'watches';
    case 'send':
    case 'resend':
    case 'held':
    case 'receive':
    case 'lost':
      return 'messages';
    case 'link-cut':
    case 'link-healed':
    case 'link-latency':
    case 'link-hold':
    case 'link-release':
    case 'process-started':
    case 'process-killed':
    case 'process-exited':
    case 'process-paused':
    case 'process-resumed':
    case 'clock-rate':
    case 'connect':
    case 'connected':
    case 'connect-failed':
    case 'disconnected':
    case 'disk-latency':
    case 'fsync-started':
    case 'fsync-done':
    case 'disk-lost':
    case 'disk-wiped':
    case 'disk-corrupted':
    case 'disk-torn':
    case 'disk-file-removed':
    case 'disk-full':
    case 'written-back':
      return 'machines';
    default:
      return unreachable(kind);
  }
}

export interface EventFilter {
  readonly groups: ReadonlySet<EventGroup>;
  /** null: all. */
  readonly actor: ActorName | null;
  /** Every word must be in the event's sentence, kind or actor. */
  readonly text: string;
}

export const DEFAULT_FILTER: EventFilter = {
  groups: new Set(EVENT_GROUPS.filter((group) => group !== 'machines')),
  actor: null,
  text: '',
};

/** @param sentence the event in words; asked for only if there is text to look for */
export function passes(
  event: TraceEvent,
  filter: EventFilter,
  sentence: (event: TraceEvent) => string,
  at: At,
): boolean {
  if (filter.actor !== null && event.actor !== filter.actor) return false;
  if (!filter.groups.has(groupOf(event, at))) return false;
  const words = filter.text.trim().toLowerCase().split(/\s+/);
  if (words[0] === '') return true;
  const all = `${event.actor} ${event.kind} ${sentence(event)}`.toLowerCase();
  return words.every((word) => all.includes(word));
}

/** What an event has to do with a violation. */
export interface Proof {
  readonly property: Property;
  /** It is the one that broke it. */
  readonly breaks: boolean;
}

/** The events that prove violations, by id, ascending; of an event that proves several the one that it breaks, or the first. */
export function proofsOf(
  violations: readonly Pick<Violation, 'property' | 'event' | 'proof'>[],
): ReadonlyMap<EventId, Proof> {
  const proofs = new Map<EventId, Proof>();
  for (const { property, event, proof } of violations) {
    for (const id of proof) {
      const breaks = id === event;
      if (!proofs.has(id) || (breaks && !proofs.get(id)?.breaks)) proofs.set(id, { property, breaks });
    }
  }
  return new Map([...proofs].sort(([a], [b]) => a - b));
}

/** The events of a growing trace that pass one filter. */
export class FilteredEvents {
  readonly ids: EventId[] = [];
  readonly #filter: EventFilter;
  readonly #sentence: (event: TraceEvent) => string;
  #read = 0;

  constructor(filter: EventFilter, sentence: (event: TraceEvent) => string) {
    this.#filter = filter;
    this.#sentence = sentence;
  }

  /** Reads what the trace has gained, and returns how many events pass by now. */
  read(trace: EventSource): number {
    const at = (index: number) => trace.at(index);
    for (; this.#read < trace.length; this.#read++) {
      const event = trace.at(this.#read);
      if (event !== undefined && passes(event, this.#filter, this.#sentence, at)) this.ids.push(event.id);
    }
    return this.ids.length;
  }
}
