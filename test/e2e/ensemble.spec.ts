/** What the ensemble does before a person's eyes: elect, replicate, survive its leader, survive a partition. */
import { expect, test } from '../helpers/page.ts';
import {
  choose,
  fiveServers,
  openLab,
  output,
  pause,
  playFast,
  server,
  stageTools,
  status,
  takeBack,
  type,
  znode,
} from '../helpers/lab-page.ts';
import type { Page } from '@playwright/test';

const ALL = ['s1', 's2', 's3', 's4', 's5'];

async function expectOnAll(page: Page, name: string, data: string, servers = ALL): Promise<void> {
  for (const each of servers) await expect(await znode(page, each, name), `${name} on ${each}`).toContainText(data);
}

test('the page opens with five servers, one of which leads', async ({ page }) => {
  await page.goto('./');
  await expect(status(page)).toHaveText('5 servers · seed 42 · epoch 1 · leader s5');
  await expect(server(page, 's5')).toHaveAttribute('data-state', 'LEADING');
  for (const name of ALL.slice(0, 4)) await expect(server(page, name)).toHaveAttribute('data-state', 'FOLLOWING');
});

test('servers that start cold elect a leader on the stage', async ({ page }) => {
  await openLab(page, fiveServers({ start: 0 }), 0);
  await expect(status(page)).toContainText('no leader');
  await expect(page.locator('[data-state=LEADING]')).toHaveCount(0);
  await playFast(page, '1.0 s/s');
  await expect(status(page)).toContainText('leader s5');
  await expect(page.locator('[data-server][data-state=LEADING]')).toHaveCount(1);
  await expect(page.locator('[data-server][data-state=FOLLOWING]')).toHaveCount(4);
});

test('a write from the console shows on every server', async ({ page }) => {
  await openLab(page);
  await type(page, 'create /app hello');
  await playFast(page);
  await expect(output(page)).toContainText('Created /app');
  await pause(page);
  await expectOnAll(page, 'app', 'hello');
});

test('kill the leader: a new one serves, and the write is there; restarted, the old one follows', async ({ page }) => {
  await openLab(page);
  await type(page, 'create /app hello');
  await playFast(page);
  await expect(output(page)).toContainText('Created /app');

  await choose(page, server(page, 's5'), 'Kill');
  await expect(server(page, 's5')).toHaveAttribute('data-state', 'DOWN');
  await expect(status(page)).toContainText('epoch 2 · leader s4');
  await expectOnAll(page, 'app', 'hello', ['s1', 's2', 's3', 's4']);

  await choose(page, server(page, 's5'), 'Restart');
  await expect(server(page, 's5')).toHaveAttribute('data-state', 'FOLLOWING');
  await expectOnAll(page, 'app', 'hello');
  await expect(status(page)).toContainText('leader s4');
});

test('a partition with the leader on the short side: the long side elects, the old leader steps down; healed, all are equal', async ({
  page,
}) => {
  await openLab(page);
  await stageTools(page).getByRole('button', { name: 'Partition' }).click();
  for (const name of ['s4', 's5'])
    await page.getByRole('group', { name: 'Servers on one side' }).getByLabel(name).check();
  await page.getByRole('button', { name: 'Part s4 s5 | s1 s2 s3' }).click();
  await playFast(page);

  await expect(status(page)).toContainText('epoch 2 · leader s3');
  for (const name of ['s4', 's5']) await expect(server(page, name)).toHaveAttribute('data-state', 'LOOKING');
  await type(page, 'create /during-partition yes');
  await expect(output(page)).toContainText('Created /during-partition');
  await expectOnAll(page, 'during-partition', 'yes', ['s1', 's2', 's3']);
  await expect(await znode(page, 's5', 'during-partition')).not.toContainText('yes');

  await takeBack(page).getByRole('button', { name: 'Heal 6 cuts' }).click();
  for (const name of ['s1', 's2', 's4', 's5']) {
    await expect(server(page, name)).toHaveAttribute('data-state', 'FOLLOWING');
  }
  await pause(page);
  await expectOnAll(page, 'during-partition', 'yes');
  for (const name of ALL) {
    await znode(page, name, 'during-partition');
    await expect(page.getByText(/This is the leader|Same as the leader/)).toBeVisible();
  }
});
