/** What the page does where something goes wrong: it stops there, marks it, and shows the proof. */
import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { accessibilityViolations, expect, test } from '../helpers/page.ts';
import {
  fiveServers,
  inspector,
  linkTo,
  openLab,
  playback,
  playFast,
  playhead,
  server,
  shown,
} from '../helpers/lab-page.ts';

/** A write that does not raise the version: alice's at 3100 ms is the first that is wrong. */
const BROKEN = fiveServers({
  actions: [
    { at: 2000, do: 'request', client: 'alice', op: 'create', path: '/x', data: '1' },
    { at: 3100, do: 'request', client: 'alice', op: 'set', path: '/x', data: '2' },
  ],
  defects: ['version-stays'],
});
const PROPERTY = 'StatLaws';

const verdict = (page: Page): Locator => page.getByTestId('verdict');
const panel = (page: Page): Locator => inspector(page).getByRole('region', { name: 'Violation' });
const proof = (page: Page): Locator => panel(page).getByRole('list', { name: 'Events that prove it, in order' });

/** Plays until the lab stops by itself. @returns where, as the playhead says it */
async function playToViolation(page: Page): Promise<string> {
  await playFast(page, '1.0 s/s');
  await expect(panel(page)).toBeVisible();
  await expect(playback(page, 'Play')).toBeVisible();
  return (await playhead(page).textContent()) ?? '';
}

test('time stops where a property breaks, and the proof leads through its events', async ({ page }) => {
  await openLab(page, BROKEN, 3000);
  await expect(verdict(page)).toContainText('hold');
  const at = await playToViolation(page);

  await expect(panel(page).getByRole('heading', { level: 2 })).toHaveText(PROPERTY);
  await expect(panel(page)).toContainText(at);
  await expect(panel(page)).toContainText('What must hold');
  await expect(verdict(page)).toContainText('violation');
  await expect(page.locator('svg .flag text').first()).toHaveText(PROPERTY);
  await expect(page.locator('[aria-live]').filter({ hasText: `Violation of ${PROPERTY}` })).toHaveCount(1);
  await expect(page.locator('[data-server][aria-label*="a property broke here"]')).toHaveCount(1);

  // Each event of the proof can be selected: the playhead goes there, and the proof stays.
  const first = proof(page).getByRole('button').first();
  await first.click();
  await expect(first).toHaveAttribute('aria-pressed', 'true');
  await expect(playhead(page)).not.toHaveText(at);
  await expect(inspector(page).getByRole('list', { name: 'Chain of causes' })).toBeVisible();
  await panel(page).getByRole('button', { name: 'Go to the instant' }).click();
  await expect(playhead(page)).toHaveText(at);
  await panel(page).getByRole('button', { name: 'Why?' }).click();
  await expect(proof(page).getByRole('button', { pressed: true })).toContainText('breaks it');

  // So does its flag.
  await proof(page).getByRole('button').first().click();
  await expect(playhead(page)).not.toHaveText(at);
  await page.getByRole('button', { name: 'Show the whole run' }).click();
  await page.locator('svg .flag path').first().click();
  await expect(playhead(page)).toHaveText(at);

  // The list of events knows them.
  await page.getByRole('tab', { name: 'Events' }).click();
  await page.getByRole('button', { name: 'Proofs' }).click();
  const rows = page.getByRole('listbox', { name: 'Events' }).getByRole('option');
  await expect(rows.last()).toContainText(`✕ `);
  expect(await rows.count()).toBeGreaterThanOrEqual(await proof(page).getByRole('button').count());
});

test('Present has the sentence on the screen while time stands there', async ({ page }) => {
  await openLab(page, BROKEN, 3000);
  await page.keyboard.press('f');
  await playFast(page, '1.0 s/s');
  const caption = page.getByRole('region', { name: 'Caption' });
  await expect(caption).toContainText(`${PROPERTY} is broken`);
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowLeft');
  await expect(caption).toHaveCount(0);
});

test('played on, it does not stop for the same violation again, and the mark stays', async ({ page }) => {
  await openLab(page, BROKEN, 3000);
  const at = await playToViolation(page);
  await panel(page).getByRole('button', { name: 'Play on' }).click();
  await expect.poll(async () => Number.parseFloat((await playhead(page).textContent()) ?? '')).toBeGreaterThan(3.5);
  await playback(page, 'Pause').click();
  await expect(verdict(page)).toContainText('violation');
  await verdict(page).click();
  await expect(playhead(page)).toHaveText(at);
  await expect(panel(page)).toBeVisible();
});

test('acting before it makes a branch that is checked anew; the old course keeps its mark', async ({ page }) => {
  await openLab(page, BROKEN, 3000);
  await playToViolation(page);
  await playback(page, 'To the start').click();
  const slider = page.getByRole('slider', { name: 'Playhead' });
  await slider.focus();
  while (Number(await slider.getAttribute('aria-valuenow')) < 2500) await slider.press('PageUp');
  while (Number(await slider.getAttribute('aria-valuenow')) > 3090) await slider.press('ArrowLeft');
  await server(page, 's5').focus();
  await page.keyboard.press('K');
  await expect(page.getByText('A new branch begins here')).toBeVisible();
  await expect(verdict(page)).toContainText('hold');
  await page.getByRole('button', { name: 'Branches' }).click();
  await page.getByRole('menuitemradio', { name: 'Start' }).click();
  await expect(verdict(page)).toContainText('violation');
});

test('a link whose lab starts at the deciding instant opens there, with the proof', async ({ page }) => {
  await openLab(page, BROKEN, 3000);
  const at = await playToViolation(page);
  const there = await shown(page);
  const ms = await page.getByRole('slider', { name: 'Playhead' }).getAttribute('aria-valuenow');
  expect(Number(ms)).toBeGreaterThan(3100);

  // The very instant, as the simulator writes it, is in the page's own link.
  await page.getByRole('button', { name: 'Share' }).click();
  const url = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  const start = Number(url.split('@').at(-1));
  const other = await page.context().newPage();
  await other.goto(`./${linkTo({ ...BROKEN, start })}`);
  await expect(playhead(other)).toHaveText(at);
  await expect(panel(other).getByRole('heading', { level: 2 })).toHaveText(PROPERTY);
  await expect(playback(other, 'Play')).toBeVisible();
  expect(await shown(other)).toEqual(there);

  // So does the link that people share, and a reload.
  await other.goto('about:blank');
  await other.goto(url);
  await expect(panel(other).getByRole('heading', { level: 2 })).toHaveText(PROPERTY);
  await other.reload();
  await expect(playhead(other)).toHaveText(at);
  await expect(panel(other).getByRole('heading', { level: 2 })).toHaveText(PROPERTY);
});

test('what Apache ZooKeeper does, too, is told as such', async ({ page }) => {
  const found = JSON.parse(readFileSync('test/scenarios/found/dirty-snapshot.json', 'utf8')) as object;
  await openLab(page, { ...found, start: 12_414.722 }, 12_414.722);
  await expect(panel(page).getByRole('heading', { level: 2 })).toHaveText('TreeDeterminism');
  await expect(panel(page)).toContainText('Apache ZooKeeper does this, too (dirty snapshot):');
  await page.getByRole('button', { name: 'Present', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Caption' })).toContainText('Apache ZooKeeper does this, too.');
});

test('where a press takes away what the keyboard is on, it is handed on', async ({ page }) => {
  await openLab(page, BROKEN, 3000);
  await playToViolation(page);
  const tab = inspector(page).getByRole('tab', { name: 'Server' });
  const nothing = inspector(page).getByRole('button', { name: 'Select nothing' });

  await nothing.press('Enter');
  await expect(panel(page)).toHaveCount(0);
  await expect(tab).toBeFocused();
  await server(page, 's3').focus();
  await nothing.press('Enter');
  await expect(tab).toBeFocused();

  await verdict(page).click();
  await proof(page).getByRole('button').first().click();
  await page.getByRole('tab', { name: 'Events' }).click();
  await page.getByRole('listbox', { name: 'Events' }).getByRole('option').last().click();
  const go = inspector(page).getByRole('button', { name: 'Go to this instant' });
  await go.press('Enter');
  await expect(go).toBeDisabled();
  await expect(go).toBeFocused();

  const start = playback(page, 'To the start');
  await start.press('Enter');
  await expect(playhead(page)).toHaveText('0.000 s');
  await expect(start).toBeDisabled();
  await expect(start).toBeFocused();

  await page.getByRole('region', { name: 'Broken rules' }).getByRole('button', { name: 'Mend it' }).press('Enter');
  await expect(page.getByRole('region', { name: 'Broken rules' })).toHaveCount(0);
  await expect(page.locator('#stage')).toBeFocused();
});

for (const colorScheme of ['dark', 'light'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    test('a violation has no accessibility violations', async ({ page }) => {
      await openLab(page, BROKEN, 3000);
      await playToViolation(page);
      expect(await accessibilityViolations(page), 'proof').toEqual([]);
      await proof(page).getByRole('button').first().click();
      await page.getByRole('tab', { name: 'Events' }).click();
      await page.getByRole('button', { name: 'Proofs' }).click();
      expect(await accessibilityViolations(page), 'events').toEqual([]);
    });
  });
}
