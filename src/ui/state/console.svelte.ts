/** One client's console on the page: the line being typed, its history, its completion. What it prints is part of the trace. */
import { complete, explain, prompt, type Completion } from '../../client/index.ts';
import type { ActorName, Sid } from '../../protocol/ids.ts';
import type { ClientView } from '../../trace/index.ts';
import { applyCandidate, pressTab, type Edit } from '../dock/completion.ts';
import { EMPTY_HISTORY, remember, walk, type History } from '../dock/history.ts';
import type { App } from './app.svelte.ts';

export class ConsoleState {
  readonly client: ActorName;
  readonly #app: App;
  #line = $state('');
  #history = $state.raw<History>(EMPTY_HISTORY);
  #completion = $state.raw<Completion | null>(null);
  #active = $state(-1);

  constructor(app: App, client: ActorName) {
    this.#app = app;
    this.client = client;
  }

  get view(): ClientView | undefined {
    return this.#app.lab.view.clients.get(this.client);
  }
  /** As zkCli shows it. */
  get prompt(): string {
    const typed = this.view?.console.filter(({ kind }) => kind === 'input').length ?? 0;
    return prompt(this.view?.clientState ?? 'NOT_CONNECTED', this.#servers(), typed).trimEnd();
  }

  get line(): string {
    return this.#line;
  }
  type(line: string): void {
    this.#line = line;
    this.dismiss();
  }

  /** What the command being typed takes and does; null while there is none. */
  get explanation(): ReturnType<typeof explain> {
    return explain(this.#line);
  }

  /** What may be chosen from now; empty while no list is open. */
  get choices(): readonly string[] {
    return this.#completion?.candidates ?? [];
  }
  /** The marked choice; −1: none. */
  get active(): number {
    return this.#active;
  }
  dismiss(): void {
    this.#completion = null;
    this.#active = -1;
  }

  /** Sends the line to the client. The answer comes when the lab runs on. */
  async send(line = this.#line): Promise<void> {
    if (line.trim() === '') return;
    this.#history = remember(this.#history, line);
    this.#line = '';
    this.dismiss();
    await this.#app.lab.act({ do: 'console', client: this.client, line });
  }

  /** One line back or forth in the history. @returns false if there is nowhere to go */
  walk(step: -1 | 1): boolean {
    const walked = walk(this.#history, step, this.#line);
    if (walked === null) return false;
    this.#history = walked.history;
    this.#line = walked.line;
    return true;
  }

  /** The Tab key. @returns the edited line, or null if the key should move the focus */
  tab(cursor: number): Edit | null {
    if (this.choices.length > 0) {
      this.move(1);
      return { line: this.#line, cursor };
    }
    const completion = complete(this.#line, cursor, { paths: this.#paths(), servers: this.#servers() });
    const result = pressTab(this.#line, completion);
    if (result.type === 'leave') return null;
    this.#line = result.edit.line;
    const length = result.edit.cursor - completion.from;
    this.#completion = result.type === 'choose' ? { ...completion, to: completion.from + length } : null;
    this.#active = -1;
    return result.edit;
  }
  move(step: -1 | 1): void {
    const { length } = this.choices;
    if (length > 0) this.#active = (this.#active + step + length + (this.#active < 0 && step < 0 ? 1 : 0)) % length;
  }
  /** Takes a choice; without an index the marked one. */
  choose(index = this.#active): Edit | null {
    const candidate = this.choices[index];
    if (this.#completion === null || candidate === undefined) return null;
    const edit = applyCandidate(this.#line, this.#completion, candidate);
    this.#line = edit.line;
    this.dismiss();
    return edit;
  }

  #servers(): readonly Sid[] {
    return [...this.#app.lab.view.servers.keys()];
  }
  /** Paths on the server that the client is at: what it would see, below its chroot. */
  #paths(): Iterable<string> {
    const { scenario, view } = this.#app.lab;
    const at = this.view?.server ?? null;
    const paths = (at === null ? undefined : view.servers.get(at))?.tree.keys() ?? [];
    const chroot = scenario?.clients.find(({ name }) => name === this.client)?.chroot ?? '';
    if (chroot === '') return paths;
    return [...paths].filter((path) => path.startsWith(`${chroot}/`)).map((path) => path.slice(chroot.length));
  }
}
