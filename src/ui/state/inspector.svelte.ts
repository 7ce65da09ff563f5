/** What the inspector shows of the one selection: whose tabs, which tab, which znodes are closed. */
import type { Violation } from '../../check/index.ts';
import type { Sid } from '../../protocol/ids.ts';
import type { ServerView } from '../../trace/index.ts';
import { setOf, toggled } from './collections.ts';
import type { LabStore } from './lab.svelte.ts';
import type { Selection } from './selection.svelte.ts';

export const INSPECTOR_TABS = ['server', 'znodes', 'sessions', 'monitor'] as const;
export type InspectorTab = (typeof INSPECTOR_TABS)[number];

export class InspectorState {
  readonly #lab: LabStore;
  readonly #selection: Selection;
  #chosen = $state<InspectorTab>('server');
  #closed = $state.raw(setOf('/zookeeper'));
  /** What the tab Monitor is about to ask: a four-letter word or the path of an admin command. */
  command = $state('mntr');

  constructor(lab: LabStore, selection: Selection) {
    this.#lab = lab;
    this.#selection = selection;
  }

  /** The selected server; else the one selected last, the leader, the first. */
  get sid(): Sid | null {
    const { view } = this.#lab;
    const { sid, lastSid } = this.#selection;
    if (sid !== null) return sid;
    if (lastSid !== null && view.servers.has(lastSid)) return lastSid;
    return this.leader?.sid ?? view.servers.keys().next().value ?? null;
  }
  get server(): ServerView | undefined {
    const { sid } = this;
    return sid === null ? undefined : this.#lab.view.servers.get(sid);
  }
  /** Who serves as leader with the highest epoch. */
  get leader(): ServerView | null {
    const leaders = [...this.#lab.view.servers.values()].filter(({ state, serving }) => state === 'LEADING' && serving);
    return leaders.sort((a, b) => b.currentEpoch - a.currentEpoch)[0] ?? null;
  }

  /** The selected violation, also while one selects the events that prove it. */
  get violation(): Violation | null {
    const { current, lastViolation } = this.#selection;
    const violation = lastViolation === null ? undefined : this.#lab.violations[lastViolation];
    if (violation === undefined || current === null) return null;
    const isProof = (current.type === 'event' || current.type === 'message') && violation.proof.includes(current.id);
    return current.type === 'violation' || isProof ? violation : null;
  }

  /** A selected znode or session asks for its tab. */
  get tab(): InspectorTab {
    const type = this.#selection.current?.type;
    if (type === 'znode') return 'znodes';
    return type === 'session' ? 'sessions' : this.#chosen;
  }
  show(tab: InspectorTab): void {
    const { sid } = this;
    if (this.tab !== tab && this.#selection.current?.type !== 'server' && sid !== null) {
      this.#selection.select({ type: 'server', sid });
    }
    this.#chosen = tab;
  }

  get closed(): ReadonlySet<string> {
    return this.#closed;
  }
  toggle(path: string): void {
    this.#closed = toggled(this.#closed, path);
  }
}
