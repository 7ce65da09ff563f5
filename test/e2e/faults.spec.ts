/** Faults by menu and by key, what they do to workers, and their undo. */
import { expect, test } from '../helpers/page.ts';
import {
  choose,
  fiveServers,
  link,
  openLab,
  pause,
  playback,
  playFast,
  playhead,
  server,
  takeBack,
} from '../helpers/lab-page.ts';

test('a kill ends the worker itself, and a restart begins a new one', async ({ page }) => {
  await openLab(page);
  const actors = 6;
  await expect.poll(() => page.workers().length).toBe(actors);
  await choose(page, server(page, 's2'), 'Kill');
  await expect(server(page, 's2')).toHaveAttribute('data-state', 'DOWN');
  await expect.poll(() => page.workers().length).toBe(actors - 1);
  await choose(page, server(page, 's2'), 'Restart');
  await expect(server(page, 's2')).not.toHaveAttribute('data-state', 'DOWN');
  await expect.poll(() => page.workers().length).toBe(actors);
});

test('a new lab ends the workers of the old one', async ({ page }) => {
  await openLab(page);
  await expect.poll(() => page.workers().length).toBe(6);
  await page.getByRole('button', { name: 'Three servers' }).click();
  await expect(page.locator('[data-server]')).toHaveCount(3);
  await expect.poll(() => page.workers().length).toBe(5);
});

test('undo takes back a kill, a cut and a slow disk', async ({ page }) => {
  await openLab(page);
  const undo = takeBack(page).getByTitle('Undo (Z)');
  await expect(undo).toHaveCount(0);

  await choose(page, server(page, 's1'), 'fsync takes 200–300 ms', 'Slow disk');
  await expect(server(page, 's1')).toHaveAccessibleName(/slow disk 200–300 ms/);
  await choose(page, server(page, 's2'), 'Kill');
  await expect(server(page, 's2')).toHaveAttribute('data-state', 'DOWN');
  await link(page, 's3', 's4').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Cut C', exact: true }).click();
  await expect(link(page, 's3', 's4')).toHaveAccessibleName(/cut/);

  await undo.click();
  await expect(link(page, 's3', 's4')).not.toHaveAccessibleName(/cut/);
  await expect(undo).toHaveText('Restart s2');
  await undo.click();
  await expect(server(page, 's2')).not.toHaveAttribute('data-state', 'DOWN');
  await expect(undo).toHaveText('Set the disk of s1 back');
  await undo.click();
  await expect(server(page, 's1')).not.toHaveAccessibleName(/slow disk/);
  await expect(undo).toHaveCount(0);
});

test('keys do what menus do', async ({ page }) => {
  await openLab(page);
  await server(page, 's2').click();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menu')).toHaveCount(0);
  await expect(server(page, 's2')).toBeFocused();

  await page.keyboard.press('p');
  await expect(server(page, 's2')).toHaveAttribute('data-state', 'PAUSED');
  await page.keyboard.press('p');
  await expect(server(page, 's2')).not.toHaveAttribute('data-state', 'PAUSED');
  await page.keyboard.press('d');
  await expect(server(page, 's2')).toHaveAccessibleName(/slow disk/);
  await page.keyboard.press('d');
  await expect(server(page, 's2')).not.toHaveAccessibleName(/slow disk/);
  await page.keyboard.press('k');
  await expect(server(page, 's2')).toHaveAttribute('data-state', 'DOWN');
  await page.keyboard.press('z');
  await expect(server(page, 's2')).not.toHaveAttribute('data-state', 'DOWN');
  await page.keyboard.press('k');
  await expect(server(page, 's2')).toHaveAttribute('data-state', 'DOWN');
  await page.keyboard.press('r');
  await expect(server(page, 's2')).not.toHaveAttribute('data-state', 'DOWN');

  await link(page, 's3', 's4').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.keyboard.press('c');
  await expect(link(page, 's3', 's4')).toHaveAccessibleName(/cut/);
  await page.keyboard.press('h');
  await expect(link(page, 's3', 's4')).not.toHaveAccessibleName(/cut/);
});

test('keys of time: play, step back, step forward, present', async ({ page }) => {
  await openLab(page);
  await page.locator('#stage').focus();
  await page.keyboard.press('ArrowLeft');
  await expect(playhead(page)).not.toHaveText('3.000 s');
  await page.keyboard.press('End');
  await expect(playhead(page)).toHaveText('3.000 s');
  await page.keyboard.press('ArrowRight');
  await expect(playhead(page)).not.toHaveText('3.000 s');
  await page.keyboard.press('Space');
  await expect(playback(page, 'Pause')).toBeVisible();
  await page.keyboard.press('Space');
  await expect(playback(page, 'Play')).toBeVisible();
});

test('a line drawn across links cuts them; across the ensemble, it parts it', async ({ page }) => {
  await openLab(page, fiveServers({ clients: [] }));
  // Between s1 and s5, which stand at the foot of the ring, straight up: s1 s2 on the left, s3 on top, s4 s5 on the right.
  const stage = page.locator('#stage');
  const box = await stage.boundingBox();
  if (box === null) throw new Error('the stage has no place');
  const s3 = await server(page, 's3').boundingBox();
  if (s3 === null) throw new Error('s3 has no place');
  const middle = box.x + box.width / 2;
  const left = s3.x - 20;
  await page.mouse.move(middle, box.y + box.height - 60);
  await page.mouse.down();
  await page.mouse.move(middle, s3.y + s3.height + 20, { steps: 4 });
  await page.mouse.move(left, s3.y - 10, { steps: 4 });
  await expect(stage).toContainText('Partition s1 s2 | s3 s4 s5');
  await page.mouse.up();
  await expect(takeBack(page)).toContainText('Heal 6 cuts');
  await takeBack(page).getByTitle('Undo (Z)').click();
  await expect(takeBack(page)).not.toContainText('cuts');
});

test('a paused server is not a dead one: it keeps its connections, and follows again', async ({ page }) => {
  await openLab(page);
  await choose(page, server(page, 's1'), 'Pause P');
  await expect(server(page, 's1')).toHaveAttribute('data-state', 'PAUSED');
  expect(page.workers()).toHaveLength(6);
  await playFast(page);
  await choose(page, server(page, 's1'), 'Resume P');
  await expect(server(page, 's1')).toHaveAttribute('data-state', 'FOLLOWING');
  await pause(page);
});
