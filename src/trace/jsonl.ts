/**
 * Traces as text: one event a line, `{"id":…,"t":…,"actor":…,"kind":…,…,"causes":[…],"rule":…}`, with the
 * payload in the order in which its actor gave it.
 */
import type { EventKind, TraceEvent } from '../protocol/events.ts';
import { RULES } from '../protocol/rules/index.ts';
import { PAYLOADS, type FieldType } from './payloads.ts';

/** The line, without its end. */
export function toLine(event: TraceEvent): string {
  const { id, t, actor, kind, causes, rule, ...payload } = event;
  return JSON.stringify({ id, t, actor, kind, ...payload, causes, ...(rule === undefined ? {} : { rule }) });
}

export function toJsonl(events: Iterable<TraceEvent>): string {
  let text = '';
  for (const event of events) text += `${toLine(event)}\n`;
  return text;
}

export type ParsedTrace =
  { readonly ok: true; readonly events: readonly TraceEvent[] } | { readonly ok: false; readonly reason: string };

/** The inverse of {@link toJsonl}. A refusal names the line and the key. Empty lines count for nothing. */
export function parseJsonl(text: string): ParsedTrace {
  const events: TraceEvent[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const refuse = (reason: string): ParsedTrace => ({ ok: false, reason: `line ${index + 1}: ${reason}` });
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return refuse('not JSON');
    }
    const problem = problemOf(value, events.length, events.at(-1)?.t ?? 0);
    if (problem !== null) return refuse(problem);
    // Its shape was checked field by field.
    events.push(value as TraceEvent);
  }
  return { ok: true, events };
}

function problemOf(value: unknown, id: number, earliest: number): string | null {
  if (!isRecord(value)) return 'an event is an object';
  if (value['id'] !== id) return `id must be ${id}`;
  const { t, actor, kind, causes, rule } = value;
  if (typeof t !== 'number' || !Number.isFinite(t) || t < earliest) return `t must be a number of at least ${earliest}`;
  if (typeof actor !== 'string') return 'actor must be text';
  if (typeof kind !== 'string' || !isKind(kind)) return `there is no event kind ${JSON.stringify(kind)}`;
  const isId = (cause: unknown): boolean => Number.isInteger(cause) && (cause as number) >= 0;
  if (!Array.isArray(causes) || !causes.every(isId)) return 'causes must be a list of ids';
  if (rule !== undefined && !(typeof rule === 'string' && Object.hasOwn(RULES, rule))) {
    return `there is no rule ${JSON.stringify(rule)}`;
  }
  for (const [key, type] of Object.entries<FieldType>(PAYLOADS[kind])) {
    if (!isOfType(value[key], type)) return `${key} of ${kind} must be ${NAMES[type]}`;
  }
  return null;
}

const NAMES: Record<FieldType, string> = {
  number: 'a number',
  'number?': 'a number or null',
  string: 'text',
  'string?': 'text or null',
  boolean: 'true or false',
  list: 'a list',
  object: 'an object',
  'object?': 'an object or null',
};

function isOfType(value: unknown, type: FieldType): boolean {
  switch (type) {
    case 'number?':
    case 'string?':
    case 'object?':
      return value === null || isOfType(value, type.slice(0, -1) as FieldType);
    case 'list':
      return Array.isArray(value);
    case 'object':
      return isRecord(value);
    default:
      return typeof value === type;
  }
}

function isKind(kind: string): kind is EventKind {
  return Object.hasOwn(PAYLOADS, kind);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
