/** The tab Monitor: what a server answers to operators. */
import { expect, test, accessibilityViolations } from '../helpers/page.ts';
import { fiveServers, inspector, openLab, playback } from '../helpers/lab-page.ts';

const SERVERS = [1, 2, 3, 4, 5].map((sid) => ({ sid }));
const open = fiveServers({ ensemble: { servers: SERVERS, '4lw.commands.whitelist': '*' } });

test('by keys alone: mntr of the leader, filtered', async ({ page }) => {
  await openLab(page, open);
  const panel = inspector(page);
  await panel.getByRole('tab', { name: 'Server', exact: true }).focus();
  for (let n = 0; n < 3; n++) await page.keyboard.press('ArrowRight');
  await expect(panel.getByRole('tab', { name: 'Monitor' })).toHaveAttribute('aria-selected', 'true');
  await expect(panel).toContainText('s5 was not asked mntr yet');
  await panel.getByLabel('Ask s5').focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(panel.locator('pre')).toContainText('zk_server_state\tleader');
  await panel.getByRole('searchbox').fill('sum fsync');
  await expect(panel.locator('pre')).toHaveText(/^zk_sum_fsynctime\t\d+$/);
  expect(await accessibilityViolations(page)).toEqual([]);
});

test('an admin command is answered with JSON, and going back takes the answer away', async ({ page }) => {
  await openLab(page, open);
  const panel = inspector(page);
  await panel.getByRole('tab', { name: 'Monitor' }).click();
  await panel.getByLabel('Ask s5').selectOption('/commands/leader');
  await panel.getByRole('button', { name: 'Ask', exact: true }).click();
  await expect(panel.locator('pre')).toContainText('"is_leader" : true');
  await playback(page, 'To the start').click();
  await expect(panel).toContainText('s5 was not asked /commands/leader yet');
  await expect(panel.locator('pre')).toHaveCount(0);
});

test('a refusal by the whitelist says how to allow the word', async ({ page }) => {
  await openLab(page);
  const panel = inspector(page);
  await panel.getByRole('tab', { name: 'Monitor' }).click();
  await expect(panel).toContainText('4lw.commands.whitelist');
  await panel.getByRole('button', { name: 'Ask', exact: true }).click();
  await expect(panel.locator('pre')).toHaveText('mntr is not executed because it is not in the whitelist.');
  await panel.getByLabel('Ask s5').selectOption('srvr');
  await expect(panel).not.toContainText('4lw.commands.whitelist');
});
