/** The keys of the page: one table for what they do and for the help that lists them. */
import { actOfKey, clientActs, cutLinks, linkActs, serverActs, type ActEntry } from '../state/acts.ts';
import type { App } from '../state/app.svelte.ts';
import { nextPace } from '../state/pace.ts';

export interface Shortcut {
  /** As `KeyboardEvent.key` names it, letters in upper case. */
  readonly key: string;
  readonly shown: string;
  readonly says: string;
  readonly group: 'Time' | 'What is selected' | 'Page';
  run(app: App): void;
}

/** What can be done to the selected server, client or link. */
export function selectedActs({ selection, lab }: App): ActEntry[] {
  const selected = selection.current;
  const { scenario, view } = lab;
  if (selected === null || scenario === null) return [];
  if (selected.type === 'server') {
    const server = view.servers.get(selected.sid);
    return server ? serverActs(server, scenario.disk.fsync) : [];
  }
  if (selected.type === 'client') {
    const client = view.clients.get(selected.name);
    return client ? clientActs(client, view.servers.values()) : [];
  }
  return selected.type === 'link' ? linkActs(selected.a, selected.b, view, scenario.network.latency) : [];
}

function actOnSelected(app: App, key: string): void {
  const found = actOfKey(selectedActs(app), key);
  if (found) void app.lab.act(found.action);
  else if (app.selection.current === null) app.toasts.show('info', 'Select a server, client or link first.');
}

function changePace({ playback }: App, direction: 1 | -1): void {
  const { slow, fast } = playback.range;
  playback.setRange(nextPace(slow, direction), fast);
}

/** Gives the keyboard to the next link of the server or client that was selected last. */
function nextLink({ selection }: App): void {
  const { current, lastActor } = selection;
  const links = [...document.querySelectorAll<SVGElement>('[data-link]')].filter(
    ({ dataset }) => lastActor === null || dataset['link']?.split(':').includes(lastActor),
  );
  const at = links.findIndex(
    ({ dataset }) => current?.type === 'link' && dataset['link'] === `${current.a}:${current.b}`,
  );
  links[(at + 1) % links.length]?.focus();
}

const act = (key: string, says: string): Shortcut => ({
  key,
  shown: key,
  says,
  group: 'What is selected',
  run: (app) => actOnSelected(app, key),
});

export const SHORTCUTS: readonly Shortcut[] = [
  { key: ' ', shown: 'Space', says: 'Play or pause', group: 'Time', run: ({ playback }) => playback.toggle() },
  {
    key: 'ArrowRight',
    shown: '→',
    says: 'Step to the next event',
    group: 'Time',
    run: ({ playback }) => void playback.stepForward(),
  },
  {
    key: 'ArrowLeft',
    shown: '←',
    says: 'Step back to the event before',
    group: 'Time',
    run: ({ playback }) => void playback.stepBack(),
  },
  { key: 'End', shown: 'End', says: 'Go to the present', group: 'Time', run: ({ playback }) => void playback.toHead() },
  { key: '-', shown: '−', says: 'Slower', group: 'Time', run: (app) => changePace(app, -1) },
  { key: '+', shown: '+', says: 'Faster', group: 'Time', run: (app) => changePace(app, 1) },
  act('K', 'Kill a server; stop a client'),
  act('R', 'Restart a server; start a client'),
  act('P', 'Pause or resume'),
  act('D', 'Slow the disk, or set it back'),
  act('C', 'Cut or heal a link'),
  act('X', 'Break a connection'),
  {
    key: 'L',
    shown: 'L',
    says: 'Go to its links, one after the other',
    group: 'What is selected',
    run: nextLink,
  },
  {
    key: 'H',
    shown: 'H',
    says: 'Heal every cut',
    group: 'Page',
    run: ({ lab }) => {
      if (cutLinks(lab.view).length > 0) void lab.act({ do: 'heal-all' });
    },
  },
  { key: 'Z', shown: 'Z', says: 'Undo', group: 'Page', run: ({ lab }) => void lab.undo() },
  {
    key: 'Escape',
    shown: 'Esc',
    says: 'Select nothing; then, end presenting',
    group: 'Page',
    run: ({ selection, places }) => {
      if (selection.current === null && places.present) places.togglePresent();
      selection.clear();
    },
  },
  {
    key: 'F',
    shown: 'F',
    says: 'Present: stage and dock alone',
    group: 'Page',
    run: ({ places }) => places.togglePresent(),
  },
  { key: 'T', shown: 'T', says: 'Dark or light', group: 'Page', run: ({ places }) => places.toggleTheme() },
  { key: '?', shown: '?', says: 'This help', group: 'Page', run: ({ places }) => places.setHelp(true) },
];

/** Where keys have a meaning of their own. */
const OWN_KEYS = 'input, textarea, select, [contenteditable], [role="menu"], [role="dialog"], [role="slider"]';
const OWN_ARROWS =
  '[role="tablist"], [role="tree"], [role="grid"], [role="listbox"], [role="radiogroup"], [role="toolbar"]';
const OWN_SPACE = 'button, a, summary, [role="button"], [role="tab"], [role="treeitem"], [role="option"]';

/** Handles a key press of the page; leaves alone what belongs to a control. */
export function handleKey(app: App, event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target instanceof Element ? event.target : null;
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  if (target?.closest(OWN_KEYS)) return;
  if (key === ' ' && target?.closest(OWN_SPACE)) return;
  if ((key.startsWith('Arrow') || key === 'End') && target?.closest(OWN_ARROWS)) return;
  const shortcut = SHORTCUTS.find((candidate) => candidate.key === (key === '=' ? '+' : key));
  if (shortcut === undefined) return;
  event.preventDefault();
  shortcut.run(app);
}
