/** Which events the live region reads out; the words are those of the trace. */
import type { ActorName } from '../../protocol/ids.ts';
import type { EventKind, TraceEvent } from '../../protocol/events.ts';
import { describe } from '../../trace/index.ts';
import { isReconfigured } from '../stage/membership.ts';

const SAID: ReadonlySet<EventKind> = new Set<EventKind>([
  'process-started',
  'process-killed',
  'process-exited',
  'process-paused',
  'process-resumed',
  'server-state',
  'serving',
  'committed',
  'session-expired',
  'client-state',
  'session-established',
  'watch-event',
  'returned',
  'link-cut',
  'link-healed',
  'server-added',
  'server-removed',
  'config-activated',
  'read-only',
  'disk-full',
  'disk-wiped',
  'disk-corrupted',
  'disk-torn',
  'disk-file-removed',
  'digest-mismatch',
  'quota-exceeded',
]);

/** Says what happens as it happens; a client that tries one server after the other is told of once. */
export class Narrator {
  readonly #clients = new Map<ActorName, string>();

  /** @returns a sentence, or null for what is too small to be read out */
  sentence(event: TraceEvent): string | null {
    if (!SAID.has(event.kind)) return null;
    // What all begin with is no news.
    if (event.kind === 'config-activated' && !isReconfigured(event.version)) return null;
    if (event.kind === 'client-state') {
      if (this.#clients.get(event.actor) === event.state) return null;
      this.#clients.set(event.actor, event.state);
    }
    const words = describe(event);
    return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
  }
}
