/** Which events the live region reads out, and how. */
import type { TraceEvent } from '../../protocol/events.ts';
import { formatZxid } from '../../protocol/zxid.ts';

/** @returns a sentence, or null for what is too small to be read out */
export function announcement(event: TraceEvent): string | null {
  const { actor } = event;
  switch (event.kind) {
    case 'process-started':
      return `${actor} starts.`;
    case 'process-killed':
      return `${actor} is down.`;
    case 'process-exited':
      return `${actor} ended: ${event.reason}.`;
    case 'process-paused':
      return `${actor} is paused.`;
    case 'process-resumed':
      return `${actor} goes on.`;
    case 'server-state':
      return `${actor} is ${event.state}.`;
    case 'serving':
      return event.leader === Number(actor.slice(1))
        ? `${actor} leads epoch ${event.epoch}.`
        : `${actor} serves under s${event.leader}.`;
    case 'committed':
      return `${formatZxid(event.zxid)} is committed.`;
    case 'session-expired':
      return `Session ${event.sessionId} expired.`;
    case 'client-state':
      return `${actor} is ${event.state}${event.server === null ? '' : ` at s${event.server}`}.`;
    case 'watch-event':
      return event.path === null ? null : `${actor} is told: ${event.type} ${event.path}.`;
    case 'returned':
      return event.error === null
        ? `${actor}: ${event.request.op} answered.`
        : `${actor}: ${event.request.op} failed with ${event.error}.`;
    case 'link-cut':
      return `${event.from} to ${event.to} is cut.`;
    case 'link-healed':
      return `${event.from} to ${event.to} is healed.`;
    default:
      return null;
  }
}
