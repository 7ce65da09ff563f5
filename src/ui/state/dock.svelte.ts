/** What the dock shows: its tab, the console's client, the filter of events. */
import type { ActorName } from '../../protocol/ids.ts';
import type { EventFilter } from '../dock/event-filter.ts';
import { DEFAULT_FILTER } from '../dock/event-filter.ts';
import { Once } from './collections.ts';
import type { ConsoleState } from './console.svelte.ts';
import type { TimelineState } from './timeline.svelte.ts';

export const DOCK_TABS = ['timeline', 'console', 'events'] as const;
export type DockTab = (typeof DOCK_TABS)[number];

export class DockState {
  #tab = $state<DockTab>('timeline');
  #client = $state<ActorName | null>(null);
  #filter = $state.raw<EventFilter>(DEFAULT_FILTER);
  #pings = $state(false);
  #onlyProofs = $state(false);
  /** That on the screen. */
  timeline: TimelineState | null = null;
  /** Consoles stay while the page does, with what was typed in them. */
  readonly #consoles = new Once<ActorName, ConsoleState>();

  get tab(): DockTab {
    return this.#tab;
  }
  show(tab: DockTab): void {
    this.#tab = tab;
  }

  /** The client whose console is chosen; null: the first one. */
  get client(): ActorName | null {
    return this.#client;
  }
  /** Opens the console of a client. */
  openConsole(client: ActorName): void {
    this.#client = client;
    this.#tab = 'console';
  }
  chooseClient(client: ActorName): void {
    this.#client = client;
  }

  /** The console of a client, made when it is opened first. */
  consoleOf(client: ActorName, make: () => ConsoleState): ConsoleState {
    return this.#consoles.of(client, make);
  }

  get filter(): EventFilter {
    return this.#filter;
  }
  setFilter(change: Partial<EventFilter>): void {
    this.#filter = { ...this.#filter, ...change };
  }

  /** Whether the list of events shows nothing but the proofs of violations. */
  get onlyProofs(): boolean {
    return this.#onlyProofs;
  }
  toggleProofs(): void {
    this.#onlyProofs = !this.#onlyProofs;
  }

  /** Whether the timeline draws pings however far it is zoomed out. */
  get pings(): boolean {
    return this.#pings;
  }
  togglePings(): void {
    this.#pings = !this.#pings;
  }
}
