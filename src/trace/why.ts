/**
 * *Why?*: the chain of causes from an event back to what a person did, or to the start of the lab. An
 * event may have several causes; at each step the most telling one is taken. Plain transport (a packet
 * lands, an fsync ends) is left out where the step before and after say it already.
 */
import type { EventKind, TraceEvent } from '../protocol/events.ts';
import type { EventId } from '../protocol/ids.ts';
import { RULES, type RuleId } from '../protocol/rules/index.ts';
import type { Rule } from '../protocol/rules/rule.ts';
import { describe } from './describe.ts';
import type { Trace } from './trace.ts';

export interface WhyStep {
  readonly event: TraceEvent;
  readonly text: string;
  readonly rule: (Rule & { readonly id: RuleId }) | null;
}

/** Causes to prefer, best first, where the last one named by the event is not the most telling. */
const TELLING: Partial<Record<EventKind, readonly EventKind[]>> = {
  committed: ['acked', 'proposed'],
  acked: ['receive', 'log-durable', 'fsync-done', 'proposed'],
  'log-durable': ['log-appended'],
  'epoch-saved': ['fsync-done'],
  'election-waiting': ['vote-counted'],
  elected: ['vote-counted', 'election-waiting'],
  serving: ['newleader-acked'],
  applied: ['committed', 'commit-received'],
  'watch-fired': ['applied'],
  'watch-withheld': ['applied'],
  returned: ['receive'],
};

/** Left out between two other steps. */
const TRANSPORT: ReadonlySet<EventKind> = new Set<EventKind>([
  'receive',
  'fsync-started',
  'fsync-done',
  'connect',
  'connected',
  'held',
]);

/** The event itself first, then its cause, its cause's cause …; at most `limit` steps, the root always among them. */
export function why(trace: Trace, id: EventId | number, limit = 12): readonly WhyStep[] {
  const chain: TraceEvent[] = [];
  for (let event: TraceEvent | null = trace.at(id); event; event = tellingCause(trace, event)) chain.push(event);
  const told = chain.filter((event, i) => i === 0 || i === chain.length - 1 || !TRANSPORT.has(event.kind));
  const shown = told.length <= limit ? told : [...told.slice(0, limit - 1), ...told.slice(-1)];
  return shown.map((event) => ({ event, text: describe(event), rule: ruleOf(event) }));
}

/** The packet that an event is about: the event `send` itself, what became of it, or what it made the receiver do; null if none. */
export function relatedMessage(trace: Trace, id: EventId | number): EventId | null {
  const event = trace.at(id);
  if (event.kind === 'send') return event.id;
  if ('message' in event) return event.message;
  for (const cause of event.causes) {
    const received = trace.at(cause);
    if (received.kind === 'receive') return received.message;
  }
  return null;
}

function tellingCause(trace: Trace, event: TraceEvent): TraceEvent | null {
  // A cause is always earlier in the trace; anything else would be a loop.
  const causes = event.causes.filter((cause) => cause < event.id).map((cause) => trace.at(cause));
  const newestFirst = causes.toSorted((a, b) => b.id - a.id);
  for (const kind of TELLING[event.kind] ?? []) {
    const found = newestFirst.find((cause) => cause.kind === kind);
    if (found) return whatIsDurable(trace, found, event);
  }
  // What an actor kept (a request, a proposal) tells more than the input that made it act now.
  const [best] = newestFirst.toSorted((a, b) => weight(b.kind) - weight(a.kind));
  return best ? whatIsDurable(trace, best, event) : null;
}

/** The end of an fsync tells less than what it has made durable, which the server reports right after it. */
function whatIsDurable(trace: Trace, cause: TraceEvent, event: TraceEvent): TraceEvent {
  if (cause.kind !== 'fsync-done' || event.kind === 'log-durable' || event.kind === 'epoch-saved') return cause;
  for (const next of trace.events(cause.id + 1, event.id)) {
    if (next.t > cause.t || next.actor !== cause.actor) break;
    const tells = next.kind === 'log-durable' || next.kind === 'epoch-saved';
    if (tells && next.causes.includes(cause.id)) return next;
  }
  return cause;
}

/** How much an event tells as a cause. */
function weight(kind: EventKind): number {
  switch (kind) {
    case 'call':
    case 'proposed':
    case 'committed':
    case 'commit-received':
    case 'acked':
    case 'applied':
    case 'vote-changed':
    case 'elected':
    case 'election-started':
    case 'serving':
    case 'session-expired':
    case 'epoch-proposed':
    case 'sync-chosen':
    case 'process-killed':
    case 'process-exited':
    case 'stepped-down':
    case 'config-activated':
      return 3;
    case 'lab-started':
    case 'fsync-started':
    case 'fsync-done':
    case 'connect':
    case 'connected':
    case 'process-started':
      return 1;
    default:
      return 2;
  }
}

function ruleOf(event: TraceEvent): WhyStep['rule'] {
  return event.rule === undefined ? null : { id: event.rule, ...RULES[event.rule] };
}
