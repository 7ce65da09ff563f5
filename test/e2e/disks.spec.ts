/** Harm to disks in the page: full, torn, corrupt, removed; what the server makes of it, in words. */
import type { Page } from '@playwright/test';
import { expect, test } from '../helpers/page.ts';
import {
  choose,
  guide,
  inspector,
  openLab,
  output,
  pause,
  playFast,
  server,
  takeBack,
  toasts,
  type,
  znode,
} from '../helpers/lab-page.ts';

async function harm(page: Page, of: string, fault: string): Promise<void> {
  const form = guide(page).getByText('Harm a disk');
  if (!(await guide(page).getByLabel('Disk fault').isVisible())) await form.click();
  await guide(page)
    .getByLabel('Disk of')
    .selectOption({ value: of.slice(1) });
  await guide(page).getByLabel('Disk fault').selectOption({ label: fault });
}
const doIt = (page: Page): Promise<void> => guide(page).getByRole('button', { name: 'Do it' }).click();

test('a full disk keeps a server from following; with room again it does', async ({ page }) => {
  await openLab(page);
  await harm(page, 's1', 'is full');
  await doIt(page);
  await expect(server(page, 's1')).toHaveAccessibleName(/its disk is full/);
  await expect(takeBack(page).getByTitle('Undo (Z)')).toHaveText('Make room on the disk of s1');
  await type(page, 'create /app hello');
  await playFast(page);
  await expect(server(page, 's1')).toHaveAttribute('data-state', 'LOOKING');
  await expect(output(page)).toContainText('Created /app');
  await choose(page, server(page, 's1'), 'Make room on its disk');
  await expect(server(page, 's1')).not.toHaveAccessibleName(/full/);
  await expect(server(page, 's1')).toHaveAttribute('data-state', 'FOLLOWING');
  await pause(page);
  await expect(await znode(page, 's1', 'app')).toContainText('hello');
});

test('a server that cannot trust its disk ends itself, and the page says why', async ({ page }) => {
  await openLab(page);
  await type(page, 'create /app hello');
  await playFast(page);
  await expect(output(page)).toContainText('Created /app');
  await pause(page);
  await harm(page, 's2', 'files removed');
  await guide(page).getByRole('button', { name: 'Kill s2 first' }).click();
  await guide(page).getByLabel('File').selectOption({ value: 'version-2/snapshot.0' });
  await doIt(page);
  await choose(page, server(page, 's2'), 'Restart');
  await playFast(page);
  await expect(server(page, 's2')).toHaveAttribute('data-state', 'DOWN');
  await expect(server(page, 's2')).toHaveAccessibleName(/ended itself: /);
  await expect(toasts(page).filter({ hasText: 'S2 ends itself' })).toBeVisible();
  await pause(page);
  await server(page, 's2').click();
  await page.keyboard.press('Escape');
  await expect(inspector(page)).toContainText('It ended itself:');
});

test('a disk is harmed only when its server is down; a torn tail is left out, and synchronized again', async ({
  page,
}) => {
  await openLab(page);
  await type(page, 'create /app hello');
  await playFast(page);
  await expect(output(page)).toContainText('Created /app');
  await pause(page);
  await harm(page, 's2', 'torn tail');
  await expect(guide(page).getByRole('button', { name: 'Do it' })).toBeDisabled();
  await guide(page).getByRole('button', { name: 'Kill s2 first' }).click();
  await expect(server(page, 's2')).toHaveAttribute('data-state', 'DOWN');
  await expect(guide(page).getByLabel('File')).toContainText('version-2/log.');
  await doIt(page);
  await choose(page, server(page, 's2'), 'Restart');
  await playFast(page);
  await expect(server(page, 's2')).toHaveAttribute('data-state', 'FOLLOWING');
  await expect(await znode(page, 's2', 'app')).toContainText('hello');
});

test('files are removed, and a wiped disk begins anew', async ({ page }) => {
  await openLab(page);
  await harm(page, 's3', 'files removed');
  await guide(page).getByRole('button', { name: 'Kill s3 first' }).click();
  await guide(page).getByLabel('File').selectOption({ value: 'version-2/*' });
  await doIt(page);
  await expect(guide(page)).toContainText('s3 has no such file.');
  await choose(page, server(page, 's3'), 'Restart');
  await playFast(page);
  await expect(server(page, 's3')).toHaveAttribute('data-state', 'FOLLOWING');
});
