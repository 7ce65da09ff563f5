/** The timeline's own state: its window, what it reads of the branch on the screen, what is under the pointer. */
import { SpaceTime } from '../dock/space-time.ts';
import { layLanes, messageAt } from '../dock/hits.ts';
import { MESSAGE_KINDS } from '../message-kind.ts';
import { clampView, follow, panBy, resized, spanOf, wholeRun, xOf, zoomAt, type TimeView } from '../dock/view.ts';
import { serverName, sid } from '../../protocol/ids.ts';
import { slotsOf } from '../stage/slots.ts';
import type { ActorName } from '../../protocol/ids.ts';
import type { App } from './app.svelte.ts';

/** Zoomed in further than this, pings are drawn without being asked for, ms. */
const PINGS_SPAN = 250;
const PING = 1 << MESSAGE_KINDS.indexOf('ping');

export class TimelineState {
  readonly #app: App;
  #view = $state.raw<TimeView>({ from: 0, to: 1000, width: 600 });
  #height = $state(200);
  #hovered = $state<number | null>(null);
  /** A person looks elsewhere: a playhead that runs out of sight is not followed. */
  #free = false;
  #followed = -1;
  readonly #space = $derived.by(() => this.#read());

  constructor(app: App) {
    this.#app = app;
    const { playhead, head } = app.lab;
    this.#view = follow({ from: 0, to: 1000, width: 600 }, playhead, true, head);
  }

  /** All that ever are in this run, with a comma between them: other text when a server joins. */
  readonly #sids = $derived.by(() => {
    const { scenario, view } = this.#app.lab;
    // The scenario grows with what people do; the view tells when.
    void view;
    const slots = scenario ? slotsOf(scenario) : [];
    return slots
      .flat()
      .sort((a, b) => a - b)
      .join();
  });

  #read(): SpaceTime {
    const scenario = this.#app.lab.branch?.lab.scenario;
    const sids = this.#sids;
    if (scenario === undefined) return new SpaceTime([], []);
    return new SpaceTime(
      sids.split(',').map((id) => serverName(sid(Number(id)))),
      scenario.clients.map(({ name }) => name as ActorName),
    );
  }

  /** What the branch has told so far. The object stays; `version` tells that it has grown. */
  get space(): SpaceTime {
    return this.#space;
  }
  /** Reads what is new. Depend on this to see the diagram grow. */
  readonly version = $derived.by(() => {
    const { history, eventCount } = this.#app.lab;
    if (history !== null) this.#space.read(history);
    return eventCount;
  });

  get view(): TimeView {
    return this.#view;
  }
  get height(): number {
    return this.#height;
  }
  readonly lanes = $derived.by(() => layLanes(this.#space.lanes.length, this.#height));
  /** Bit set of the kinds that are not drawn. */
  readonly hidden = $derived.by(() => (this.#app.dock.pings || spanOf(this.#view) < PINGS_SPAN ? 0 : PING));

  /** Position in the trace of the message under the pointer. */
  get hovered(): number | null {
    return this.#hovered;
  }
  hover(x: number, y: number): void {
    this.#hovered = this.messageAt(x, y);
  }
  leave(): void {
    this.#hovered = null;
  }

  /** The id of the message at a point, or null. */
  messageAt(x: number, y: number): number | null {
    const row = messageAt(this.#space, this.#view, this.lanes, this.hidden, this.#app.lab.head, x, y);
    return row === null ? null : (this.#space.messages.id[row] ?? null);
  }

  resize(width: number, height: number): void {
    this.#view = resized(this.#view, width);
    this.#height = height;
  }
  zoom(factor: number, x: number): void {
    this.#look(zoomAt(this.#view, factor, x, this.#app.lab.head));
  }
  pan(dx: number): void {
    this.#look(panBy(this.#view, dx, this.#app.lab.head));
  }
  showAll(): void {
    this.#look(wholeRun(this.#app.lab.head, this.#view.width));
  }
  /** So many ms up to the playhead, or as many as there are. */
  showLast(span: number): void {
    const { playhead, head } = this.#app.lab;
    this.#look(clampView({ from: playhead - 0.9 * span, to: playhead + 0.1 * span, width: this.#view.width }, head));
  }
  #look(view: TimeView): void {
    this.#view = view;
    this.#free = true;
    this.#hovered = null;
  }

  /** Whether the playhead is in sight. */
  readonly seesPlayhead = $derived.by(() => {
    const x = xOf(this.#view, this.#app.lab.playhead);
    return x >= 0 && x <= this.#view.width;
  });
  /** Where zooming by button or key keeps still: the playhead if it is in sight, else the middle. */
  get anchor(): number {
    return this.seesPlayhead ? xOf(this.#view, this.#app.lab.playhead) : this.#view.width / 2;
  }

  /** Brings the playhead into sight; called whenever it moved. */
  follow(): void {
    const { lab, playback } = this.#app;
    if (lab.playhead === this.#followed) return;
    this.#followed = lab.playhead;
    if (this.#free && playback.playing && !this.seesPlayhead) return;
    this.#free = false;
    this.#view = follow(this.#view, lab.playhead, playback.playing, lab.head);
  }
  /** The window goes with the playhead again. */
  attend(): void {
    const { lab, playback } = this.#app;
    this.#free = false;
    this.#view = follow(this.#view, lab.playhead, playback.playing, lab.head);
  }
}
