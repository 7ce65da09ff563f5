/**
 * Playback: the only owner of frames. It maps wall time to virtual time and moves the playhead; the
 * lab runs no further than that. It stops while the tab is hidden.
 */
import type { TraceEvent } from '../../protocol/events.ts';
import { virtualTime, type VirtualTime } from '../../protocol/time.ts';
import { stopsAt, type Granularity } from '../dock/granularity.ts';
import { findBackward } from './history.ts';
import type { LabStore } from './lab.svelte.ts';
import { DEFAULT_PACE, isInteresting, nextLanding, paceAt, paceRange, type PaceRange } from './pace.ts';

/** A frame that took longer moves time no further than this, wall ms. */
const FRAME_MS_MAX = 50;
/** With reduced motion, playback jumps to the next event this often, wall ms. */
const JUMP_EVERY_MS = 900;
/** What is played up to an instant takes about this long if things happen all the way, wall ms … */
const PASSAGE_MS = 9000;
/** … and this long if nothing does. */
const SILENCE_MS = 1500;
/** A step forward gives up after this much silence, virtual ms. */
const STEP_MS_MAX = 5000;

/** A way to an instant: how fast it is gone, and whom to tell whether it was gone to its end. */
interface Passage {
  readonly to: VirtualTime;
  readonly range: PaceRange;
  readonly end: (arrived: boolean) => void;
}

export class Playback {
  readonly #lab: LabStore;
  readonly #onquiet: () => void;
  #playing = $state(false);
  #range = $state.raw<PaceRange>(DEFAULT_PACE);
  #smart = $state(true);
  #granularity = $state<Granularity>('event');
  #pace = $state(DEFAULT_PACE.slow);
  #frame = 0;
  #last = 0;
  #quietFor = 0;
  #sinceJump = 0;
  /** Where it is to end by itself, and how fast it goes there. */
  #passage = $state.raw<Passage | null>(null);

  /** @param onquiet A step found nothing to stop at. */
  constructor(lab: LabStore, onquiet: () => void = () => undefined) {
    this.#lab = lab;
    this.#onquiet = onquiet;
  }

  get playing(): boolean {
    return this.#playing;
  }
  get range(): PaceRange {
    return this.#range;
  }
  get smart(): boolean {
    return this.#smart;
  }
  /** Virtual ms per second right now. */
  get pace(): number {
    return this.#pace;
  }

  setRange(slow: number, fast: number): void {
    this.#range = paceRange(slow, fast);
    this.#pace = this.#range.slow;
  }
  setSmart(smart: boolean): void {
    this.#smart = smart;
    this.#pace = this.#range.slow;
  }

  /** How far one step goes. */
  get granularity(): Granularity {
    return this.#granularity;
  }
  setGranularity(granularity: Granularity): void {
    this.#granularity = granularity;
  }

  play(): void {
    if (this.#playing || this.#lab.failure !== null) return;
    this.#playing = true;
    this.#last = performance.now();
    this.#sinceJump = JUMP_EVERY_MS;
    this.#frame = requestAnimationFrame(this.#tick);
  }
  pause(): void {
    this.#playing = false;
    this.#endPassage(false);
    cancelAnimationFrame(this.#frame);
  }
  /**
   * Plays up to an instant and stops there, in some seconds however far it is: slowly where something flies. With reduced
   * motion it goes there at once.
   *
   * @returns whether it got there, when it has or was interrupted
   */
  async playTo(to: VirtualTime): Promise<boolean> {
    this.pause();
    const way = to - this.#lab.playhead;
    if (way <= 0 || hasReducedMotion()) {
      await (way <= 0 ? this.#lab.seek(to) : this.#lab.runTo(to));
      return this.#lab.playhead === to;
    }
    const { slow, fast } = this.#range;
    const range = paceRange(Math.max(slow, (way / PASSAGE_MS) * 1000), Math.max(fast, (way / SILENCE_MS) * 1000));
    this.play();
    if (!this.#playing) return false;
    return new Promise((end) => (this.#passage = { to, range, end }));
  }
  /** Whether it is on its way to an instant at which it will stop. */
  get passing(): boolean {
    return this.#passage !== null;
  }

  toggle(): void {
    if (this.#playing) this.pause();
    else this.play();
  }

  /** Goes to the next event, running the lab until there is one. */
  async stepForward(): Promise<void> {
    this.pause();
    const found = await this.#jump();
    if (found === null && this.#lab.failure === null) this.#onquiet();
  }

  /** Goes to the event before the playhead. */
  async stepBack(): Promise<void> {
    this.pause();
    const { history, playhead } = this.#lab;
    if (history === null) return;
    const event = findBackward(
      history,
      history.countUntil(playhead),
      (e) => e.t < playhead && stopsAt(this.#granularity, e, (index) => history.at(index)),
    );
    await this.#lab.seek(event?.t ?? 0);
  }

  async seek(t: number): Promise<void> {
    this.pause();
    await this.#lab.seek(t);
  }
  async toStart(): Promise<void> {
    await this.seek(0);
  }
  async toHead(): Promise<void> {
    await this.#lab.seek(this.#lab.head);
  }

  /** Stops when the tab is hidden. @returns the clean-up */
  attach(): () => void {
    const hide = () => {
      if (document.hidden) this.pause();
    };
    document.addEventListener('visibilitychange', hide);
    return () => {
      document.removeEventListener('visibilitychange', hide);
      this.pause();
    };
  }

  #endPassage(arrived: boolean): void {
    this.#passage?.end(arrived);
    this.#passage = null;
  }

  async #jump(most = STEP_MS_MAX): Promise<TraceEvent | null> {
    const { playhead } = this.#lab;
    const stopAt = (event: TraceEvent) =>
      event.t > playhead && stopsAt(this.#granularity, event, (index) => this.#lab.history?.at(index));
    return this.#lab.runTo(virtualTime(playhead + most), { stopAt });
  }

  readonly #tick = (now: number): void => {
    if (!this.#playing) return;
    this.#frame = requestAnimationFrame(this.#tick);
    if (this.#lab.busy) return;
    // A frame's instant may lie before the click that began to play.
    const elapsed = Math.max(0, Math.min(FRAME_MS_MAX, now - this.#last));
    this.#last = now;
    if (this.#lab.failure !== null) this.pause();
    else if (this.#passage !== null && this.#lab.playhead >= this.#passage.to) {
      this.#endPassage(true);
      this.pause();
    } else if (hasReducedMotion()) this.#tickByJumps(elapsed);
    else this.#tickByTime(elapsed);
  };

  #tickByJumps(elapsed: number): void {
    this.#sinceJump += elapsed;
    if (this.#sinceJump < JUMP_EVERY_MS) return;
    this.#sinceJump = 0;
    // Through silence it goes as far as time would have gone, at the fast pace.
    void this.#jump((this.#range.fast * JUMP_EVERY_MS) / 1000);
  }

  #tickByTime(elapsed: number): void {
    const { view, playhead } = this.#lab;
    const { to: end, range } = this.#passage ?? { to: Infinity, range: this.#range };
    const smart = this.#smart || this.#passage !== null;
    const landsIn = nextLanding(view.messages.values(), playhead);
    this.#quietFor = landsIn === null ? this.#quietFor + elapsed : 0;
    this.#pace = paceAt(range, smart, landsIn, this.#quietFor);
    const to = virtualTime(Math.min(end, playhead + (this.#pace * elapsed) / 1000));
    // What is sent while time hurries is seen from its start.
    const slowDown = smart && this.#pace > range.slow;
    const stopAt = (event: TraceEvent) => event.kind === 'send' && isInteresting(event.packet);
    void this.#lab.runTo(to, slowDown ? { stopAt } : {});
  }
}

function hasReducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
