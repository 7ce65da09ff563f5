/** Which events the live region reads out; the words are those of the trace. */
import type { EventKind, TraceEvent } from '../../protocol/events.ts';
import { describe } from '../../trace/index.ts';

const SAID: ReadonlySet<EventKind> = new Set<EventKind>([
  'process-started',
  'process-killed',
  'process-exited',
  'process-paused',
  'process-resumed',
  'server-state',
  'serving',
  'stepped-down',
  'committed',
  'session-expired',
  'client-state',
  'session-established',
  'watch-event',
  'returned',
  'link-cut',
  'link-healed',
]);

/** @returns a sentence, or null for what is too small to be read out */
export function announcement(event: TraceEvent): string | null {
  if (!SAID.has(event.kind)) return null;
  const words = describe(event);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
