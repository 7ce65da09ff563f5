/** Time: back and forth, branches, tabs that are hidden, motion that is unwanted. */
import type { Page } from '@playwright/test';
import { expect, test } from '../helpers/page.ts';
import {
  fiveServers,
  openLab,
  pause,
  playback,
  playFast,
  playhead,
  server,
  shown,
  status,
} from '../helpers/lab-page.ts';

const LEADER_DIES = fiveServers({
  actions: [
    { at: 3500, do: 'request', client: 'alice', op: 'create', path: '/app', data: 'hello' },
    { at: 4000, do: 'kill', server: 5 },
  ],
  start: 7000,
});

/** Chooses one of the branches in the transport's menu. */
async function enterBranch(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: 'Branches' }).click();
  await page.getByRole('menuitemradio', { name: title }).click();
  await expect(page.getByRole('menu')).toHaveCount(0);
}

test('steps back and forth come to the same pictures', async ({ page }) => {
  await openLab(page, LEADER_DIES, 7000);
  const present = await shown(page);
  await playback(page, 'Step back').click();
  await expect(page.getByText('in the past')).toBeVisible();
  const before = await shown(page);
  expect(before).not.toEqual(present);
  await playback(page, 'Step back').click();
  await expect.poll(() => shown(page)).not.toEqual(before);
  await playback(page, 'Step forward').click();
  await expect.poll(() => shown(page)).toEqual(before);
  await playback(page, 'To the present').click();
  await expect.poll(() => shown(page)).toEqual(present);
});

test('acting in the past begins a branch; both branches can be opened, and the old one is unchanged', async ({
  page,
}) => {
  await openLab(page, LEADER_DIES, 7000);
  await expect(status(page)).toContainText('leader s4');
  const old = await shown(page);

  await playback(page, 'To the start').click();
  await expect(playhead(page)).toHaveText('0.000 s');
  const slider = page.getByRole('slider', { name: 'Playhead' });
  await slider.focus();
  while (Number(await slider.getAttribute('aria-valuenow')) < 3600) {
    const at = await playhead(page).textContent();
    await slider.press('PageUp');
    await expect(playhead(page)).not.toHaveText(at ?? '');
  }
  while (Number(await slider.getAttribute('aria-valuenow')) >= 3990) {
    const at = await playhead(page).textContent();
    await slider.press('ArrowLeft');
    await expect(playhead(page)).not.toHaveText(at ?? '');
  }
  await expect(status(page)).toContainText('leader s5');

  await server(page, 's1').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Kill' }).click();
  await expect(page.getByText('A new branch begins here: you killed s1.')).toBeVisible();
  await playFast(page);
  await expect.poll(async () => Number(await slider.getAttribute('aria-valuenow'))).toBeGreaterThan(7000);
  await pause(page);
  await expect(server(page, 's1')).toHaveAttribute('data-state', 'DOWN');
  await expect(server(page, 's5')).toHaveAttribute('data-state', 'LEADING');
  const branch = await shown(page);

  await enterBranch(page, 'Start');
  await expect.poll(() => shown(page)).toEqual(old);
  await enterBranch(page, 'killed s1');
  await playback(page, 'To the present').click();
  await expect.poll(() => shown(page)).toEqual(branch);
});

test('playback stops when the tab is hidden', async ({ page }) => {
  await openLab(page);
  await playback(page, 'Play').click();
  await expect(playback(page, 'Pause')).toBeVisible();
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await expect(playback(page, 'Play')).toBeVisible();
});

test('with reduced motion nothing moves between steps, and the states are the same', async ({ page, context }) => {
  await openLab(page, LEADER_DIES, 7000);
  const moving = await shown(page);

  const still = await context.newPage();
  await still.emulateMedia({ reducedMotion: 'reduce' });
  await openLab(still, LEADER_DIES, 7000);
  expect(await shown(still)).toEqual(moving);

  // Time goes in jumps from event to event: what is drawn between two of them does not change.
  const drawn = await still.evaluate(async () => {
    const stage = document.querySelector('#stage svg');
    const time = document.querySelector('[data-testid="playhead"]');
    const frames: { time: string; picture: string }[] = [];
    document.querySelector<HTMLElement>('button[aria-label="Play"]')?.click();
    while (new Set(frames.map((frame) => frame.time)).size < 4) {
      await new Promise((drawn) => requestAnimationFrame(drawn));
      frames.push({ time: time?.textContent ?? '', picture: stage?.innerHTML ?? '' });
    }
    return { animations: document.getAnimations().length, frames };
  });
  expect(drawn.animations).toBe(0);
  const { frames } = drawn;
  const times = frames.map((frame) => frame.time);
  expect(times.length).toBeGreaterThan(3 * new Set(times).size);
  for (const time of new Set(times)) {
    expect(new Set(frames.filter((frame) => frame.time === time).map((frame) => frame.picture)).size, time).toBe(1);
  }
});
