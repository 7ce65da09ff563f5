/**
 * The page as a person meets it: opens a lab, finds servers and controls by their names, acts through menus, keys and console.
 * Tests wait for what is shown, never for time; how fast virtual time goes is theirs to say (`playFast`).
 */
import { expect, type Locator, type Page } from '@playwright/test';
import { encodeLink, parseScenario, type Scenario } from '../../src/lab/index.ts';
import { virtualTime } from '../../src/protocol/time.ts';

const SERVERS = [1, 2, 3, 4, 5].map((sid) => ({ sid }));

/** A lab of five servers and one client, alice at s1; s5 leads it from its start on. */
export function fiveServers(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    format: 'zabscope/scenario@1',
    title: 'Browser test',
    seed: 42,
    ensemble: { servers: SERVERS },
    clients: [{ name: 'alice', server: 1, sessionTimeout: 20_000 }],
    start: 3000,
    ...more,
  };
}

/** @throws where the test's own scenario is wrong */
export function scenarioOf(json: unknown): Scenario {
  const parsed = parseScenario(json);
  if (!parsed.ok) throw new TypeError(parsed.message);
  return parsed.scenario;
}

/** The fragment of a link to a scenario, with its `#`. */
export function linkTo(json: unknown, at: number | null = null): string {
  const encoded = encodeLink(scenarioOf(json), at === null ? null : virtualTime(at));
  if (!encoded.ok) throw new TypeError(encoded.message);
  return `#${encoded.fragment}`;
}

/** Opens the page with a lab, paused at `at`: three virtual seconds, when the first leader serves. */
export async function openLab(page: Page, json: unknown = fiveServers(), at = 3000): Promise<void> {
  await page.goto(`./${linkTo(json, at)}`);
  await expect(playhead(page)).toHaveText(`${(at / 1000).toFixed(3)} s`);
  await expect(playback(page, 'Play')).toBeEnabled();
}

export const status = (page: Page): Locator => page.getByTestId('status');
export const playhead = (page: Page): Locator => page.getByTestId('playhead');
export const server = (page: Page, name: string): Locator => page.locator(`[data-server="${name}"]`);
export const client = (page: Page, name: string): Locator => page.locator(`[data-client="${name}"]`);
export const link = (page: Page, a: string, b: string): Locator => page.locator(`[data-link="${a}:${b}"]`);
export const inspector = (page: Page): Locator => page.getByRole('complementary', { name: 'Inspector' });
export const guide = (page: Page): Locator => page.getByRole('complementary', { name: 'Guide' });
export const stageTools = (page: Page): Locator => page.getByRole('group', { name: 'Stage', exact: true });
/** Where undo and healing are. */
export const takeBack = (page: Page): Locator => page.getByRole('group', { name: 'Take back' });
/** A button of the transport: Play, Pause, Step back, Step forward, To the start, To the present. */
export const playback = (page: Page, name: string): Locator =>
  page.getByRole('group', { name: 'Playback' }).getByRole('button', { name, exact: true });
export const toasts = (page: Page): Locator => page.locator('.toast');

/** Steady time at 1 virtual second a second (or faster), by the keys: elections then take no longer than they must. */
export async function playFast(page: Page, pace: '1.0 s/s' | '2.5 s/s' | '5.0 s/s' = '5.0 s/s'): Promise<void> {
  const steps = { '1.0 s/s': 5, '2.5 s/s': 6, '5.0 s/s': 7 }[pace];
  // A console that has the focus would take the keys as text.
  await page.locator('#stage').focus();
  for (let i = 0; i < steps; i++) await page.keyboard.press('+');
  await playback(page, 'Play').click();
}

/** Afterwards the playhead rests. */
export async function pause(page: Page): Promise<void> {
  await playback(page, 'Pause').click();
  await expect(playback(page, 'Play')).toBeVisible();
  await expect(playhead(page)).toHaveAttribute('aria-busy', 'false');
}

/** Opens the menu of a server, client or link on the stage and takes an entry; `group` is a submenu. */
export async function choose(page: Page, subject: Locator, entry: string, group?: string): Promise<void> {
  await subject.click();
  const menu = page.getByRole('menu').first();
  if (group !== undefined) await menu.getByRole('menuitem', { name: group }).click();
  await page.getByRole('menuitem', { name: entry }).click();
  await expect(page.getByRole('menu')).toHaveCount(0);
}

/** Types a line into the console of the chosen client. */
export async function type(page: Page, line: string): Promise<void> {
  await page.getByRole('tab', { name: 'Console' }).click();
  const field = page.getByRole('combobox', { name: '[zk:' });
  await field.fill(line);
  await field.press('Enter');
}

export const output = (page: Page): Locator => page.getByRole('log');

/** The znode of a path as the inspector shows it of one server. */
export async function znode(page: Page, name: string, znodeName: string): Promise<Locator> {
  await inspector(page).getByRole('tab', { name: 'Znodes' }).click();
  await inspector(page)
    .getByRole('combobox')
    .selectOption({ value: name.slice(1) });
  return inspector(page).getByRole('treeitem').filter({ hasText: znodeName });
}

/** All that the page says of the lab at the playhead: to compare two pages. */
export async function shown(page: Page): Promise<unknown> {
  const words = (selector: string): Promise<(string | null)[]> =>
    page.locator(selector).evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
  return {
    status: await status(page).textContent(),
    playhead: await playhead(page).textContent(),
    servers: await words('[data-server]'),
    clients: await words('[data-client]'),
    links: await words('[data-link]'),
    messages: await words('.message'),
  };
}
