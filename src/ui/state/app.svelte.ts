/** All stores of the page, made once and handed down by context. */
import { createContext } from 'svelte';
import type { Violation } from '../../check/index.ts';
import { instantWords } from '../stage/format.ts';
import { Narrator } from './announce.ts';
import { DockState } from './dock.svelte.ts';
import { Keeper } from './keeper.ts';
import { LabFolders } from './lab-folders.svelte.ts';
import { BRANCHES_MAX, LabStore, type LabSource } from './lab.svelte.ts';
import { Announcer, Toasts } from './messages.svelte.ts';
import { Places } from './places.svelte.ts';
import { Playback } from './playback.svelte.ts';
import { Selection } from './selection.svelte.ts';

interface OpenLesson {
  readonly id: string;
  readonly step: number;
}

/** `whole`: the story is run without its defect. */
export interface OpenStory {
  readonly defect: string;
  readonly step: number;
  readonly whole: boolean;
}

export class App {
  readonly toasts = new Toasts();
  readonly announcer = new Announcer();
  readonly places = new Places();
  readonly selection = new Selection();
  readonly dock = new DockState();
  readonly lab: LabStore;
  readonly playback: Playback;
  /** Where the disks of labs are. */
  readonly folders: LabFolders;
  readonly keeper = new Keeper(this);
  #lesson: OpenLesson | null = null;
  #story: OpenStory | null = null;
  #storyBefore = $state.raw<OpenStory | null>(null);
  #lessonBefore = $state.raw<OpenLesson | null>(null);

  /** `source` makes labs whose disks are in the given folders. */
  constructor(source: (folders: LabFolders) => LabSource) {
    this.folders = new LabFolders((reason) => this.toasts.show('info', `Disks are kept in memory: ${reason}.`));
    const narrator = new Narrator();
    this.lab = new LabStore(source(this.folders), {
      passed: (events) => {
        for (const event of events) {
          const sentence = narrator.sentence(event);
          if (sentence !== null) this.announcer.say(sentence);
          if (sentence !== null && event.kind === 'process-exited') this.toasts.show('refusal', sentence);
        }
      },
      violated: (violations) => this.#tellViolations(violations),
      refused: (reason) => this.toasts.show('refusal', reason),
      acted: (words, branched) => {
        this.announcer.say(`You ${words}.`);
        if (branched) this.#tellBranch(words);
        this.keeper.save();
      },
      letGo: ({ title, from }) =>
        this.toasts.show(
          'info',
          `At most ${BRANCHES_MAX} branches are kept: the one where you ${title} at ${instantWords(from)} was let go.`,
        ),
    });
    this.playback = new Playback(this.lab, () =>
      this.toasts.show('info', `Nothing but pings until ${instantWords(this.lab.playhead)}.`),
    );
  }

  #openings = 0;

  /** The lesson that the lab on the screen belongs to. */
  get lesson(): OpenLesson | null {
    return this.#lesson;
  }
  enterLesson(lesson: OpenLesson | null): void {
    this.#lesson = lesson;
  }
  /** In which the page was before it was reloaded, with its lab on the screen: to be gone on with. */
  get lessonBefore(): OpenLesson | null {
    return this.#lessonBefore;
  }
  resumeLesson(lesson: OpenLesson | null): void {
    this.#lesson = lesson ?? this.#lesson;
    this.#lessonBefore = lesson;
  }

  /** The story of a broken rule that the lab on the screen tells. */
  get story(): OpenStory | null {
    return this.#story;
  }
  enterStory(story: OpenStory | null): void {
    this.#story = story;
  }
  /** The one that was open before a reload: to be gone on with. */
  get storyBefore(): OpenStory | null {
    return this.#storyBefore;
  }
  resumeStory(story: OpenStory | null): void {
    this.#story = story ?? this.#story;
    this.#storyBefore = story;
  }

  #tellBranch(words: string): void {
    const { branch } = this.lab;
    const parent = branch?.parent;
    if (!branch || parent === null || parent === undefined) return;
    this.toasts.show('info', `A new branch begins here: you ${words}. The course of before is kept as it was.`, {
      label: 'Go back to it',
      run: () => void this.lab.switchTo(parent),
    });
  }

  /** Time stands still where something went wrong, and the proof is shown. */
  #tellViolations(violations: readonly Violation[]): void {
    this.playback.pause();
    for (const { property, says } of violations) this.announcer.say(`Violation of ${property}: ${says}`);
    const [first] = violations;
    if (first === undefined || this.showViolation()) return;
    this.toasts.show('error', `${first.property} was broken at ${instantWords(first.at)}.`, {
      label: 'Go there',
      run: () => void this.playback.seek(first.at).then(() => this.showViolation()),
    });
  }

  /** Selects the violation at the playhead, if there is one. */
  showViolation(): boolean {
    const { violations, playhead } = this.lab;
    const index = violations.findIndex(({ at }) => at === playhead);
    if (index < 0) return false;
    this.selection.select({ type: 'violation', index });
    // On a phone a story goes on where it is told.
    if (this.#story === null) this.places.reveal('inspector');
    else this.places.unfold('inspector');
    return true;
  }

  /** Opens a scenario and plays it, unless it is to stand or opens where something went wrong. Of several that wait for each other only the last one is played. */
  async open(scenario: unknown, { play = true }: { readonly play?: boolean } = {}): Promise<boolean> {
    const opening = ++this.#openings;
    this.#lesson = null;
    this.#story = null;
    this.playback.pause();
    const opened = await this.lab.open(scenario);
    if (opened) {
      this.selection.clear();
      this.dock.timeline?.showLast(1000);
    }
    const red = opened && this.showViolation();
    if (play && !red && opening === this.#openings) this.playback.play();
    if (opened) this.keeper.opened();
    return opened;
  }
}

/** `useApp()` in any component below the root gives the stores. */
export const [useApp, provideApp] = createContext<App>();
