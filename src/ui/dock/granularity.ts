/** How far one step of playback goes. */
import type { TraceEvent } from '../../protocol/events.ts';
import { isPing } from '../message-kind.ts';
import { isStep } from '../state/pace.ts';

export const GRANULARITIES = ['event', 'message', 'protocol'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

export const GRANULARITY_WORDS: Readonly<Record<Granularity, { readonly label: string; readonly says: string }>> = {
  event: { label: 'Event', says: 'what a server or client decides, and each message; no pings' },
  message: { label: 'Message', says: 'one leaves or arrives; no pings' },
  protocol: { label: 'Protocol event', says: 'what a server or client decides' },
};

/** Whether a step of this size ends at `event`. `at` finds the sending of a received packet. */
export function stopsAt(
  granularity: Granularity,
  event: TraceEvent,
  at: (index: number) => TraceEvent | undefined,
): boolean {
  if (isPing(event, at)) return false;
  switch (granularity) {
    case 'event':
      return isStep(event);
    case 'message':
      return event.kind === 'send' || event.kind === 'receive' || event.kind === 'lost' || event.kind === 'held';
    case 'protocol':
      return isStep(event) && event.kind !== 'send' && event.kind !== 'receive' && event.kind !== 'resend';
  }
}
