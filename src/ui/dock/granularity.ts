/** How far one step of playback goes. */
import type { TraceEvent } from '../../protocol/events.ts';
import { isInteresting, isStep } from '../state/pace.ts';

export const GRANULARITIES = ['event', 'message', 'protocol'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

export const GRANULARITY_WORDS: Readonly<Record<Granularity, { readonly label: string; readonly says: string }>> = {
  event: { label: 'Event', says: 'what a server or client decides, and each message; no pings' },
  message: { label: 'Message', says: 'one leaves or arrives; no pings' },
  protocol: { label: 'Protocol event', says: 'what a server or client decides' },
};

/** Whether a step of this size ends at `event`. */
export function stopsAt(granularity: Granularity, event: TraceEvent): boolean {
  switch (granularity) {
    case 'event':
      return isStep(event);
    case 'message':
      if (event.kind === 'send') return isInteresting(event.packet);
      return event.kind === 'lost' || event.kind === 'held' || (event.kind === 'receive' && event.type !== 'PING');
    case 'protocol':
      return isStep(event) && event.kind !== 'send' && event.kind !== 'receive' && event.kind !== 'resend';
  }
}
