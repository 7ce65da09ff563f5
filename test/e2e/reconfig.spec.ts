/** Reconfiguration in the page: a server is added, told what to type, joins, is removed; labs that allow it. */
import { expect, test } from '../helpers/page.ts';
import {
  choose,
  fiveServers,
  guide,
  inspector,
  openLab,
  output,
  pause,
  playFast,
  server,
  status,
  takeBack,
  type,
} from '../helpers/lab-page.ts';

const RECONFIG = fiveServers({
  ensemble: { servers: [1, 2, 3].map((sid) => ({ sid })), reconfigEnabled: true, skipACL: true, tickTime: 500 },
});

test('a server is added, follows without a vote, and joins by the line that the page tells', async ({ page }) => {
  await openLab(page, RECONFIG);
  const s1 = await server(page, 's1').boundingBox();
  await guide(page).getByText('Add or take away servers').click();
  await guide(page).getByRole('button', { name: 'Add server' }).click();
  await expect(server(page, 's4')).toBeVisible();
  await expect(takeBack(page).getByTitle('Undo (Z)')).toHaveText('Remove s4 again');
  await playFast(page);
  await expect(server(page, 's4')).toHaveAttribute('data-state', 'FOLLOWING');
  await expect(server(page, 's4')).toHaveAccessibleName(/no member of the configuration/);
  await pause(page);

  const next = guide(page).getByRole('note', { name: 'Next for s4' });
  await expect(next).toContainText('reconfig -add server.4=127.0.0.1:28884:38884:participant;127.0.0.1:21814');
  await next.getByRole('button', { name: 'Run as alice' }).click();
  await page.locator('#stage').focus();
  // From one event to the next, until both quorums are counted.
  await expect(async () => {
    await page.keyboard.press('ArrowRight');
    await expect(server(page, 's3')).toHaveAccessibleName(/in the old configuration by .*; in the new one by/, {
      timeout: 200,
    });
  }).toPass({ intervals: [50] });
  await expect(server(page, 's1')).toHaveAccessibleName(/configuration 0x100000000/);
  await playFast(page);
  await expect(output(page)).toContainText('Committed new configuration:');
  for (const name of ['s1', 's2', 's3', 's4']) {
    await expect(server(page, name)).toHaveAccessibleName(/configuration 0x10000000[1-9]/);
  }
  await expect(server(page, 's4')).not.toHaveAccessibleName(/no member/);
  await expect(status(page)).toContainText('4 servers');
  await server(page, 's4').click();
  await page.keyboard.press('Escape');
  await expect(inspector(page).getByRole('list', { name: 'Members' })).toContainText('s4 participant');
  expect(s1).not.toBeNull();
});

test('a removed leader hands over without an election, runs on, and is marked; taken away, nobody moves', async ({
  page,
}) => {
  await openLab(page, RECONFIG);
  await type(page, 'reconfig -remove 3');
  await playFast(page);
  await expect(server(page, 's3')).toHaveAccessibleName(/removed from the configuration, runs on without a vote/);
  await expect(status(page)).toContainText(/leader s[12]/);
  await pause(page);
  await page.getByRole('tab', { name: 'Events' }).click();
  await page
    .getByRole('searchbox')
    .or(page.getByPlaceholder(/find|filter|search/i))
    .first()
    .fill('designated leader');
  await expect(page.getByRole('listbox', { name: 'Events' })).toContainText(
    'is the designated leader of configuration',
  );
  const before = await server(page, 's1').boundingBox();
  await choose(page, server(page, 's3'), 'Take it away');
  await expect(server(page, 's3')).toHaveCount(0);
  expect(await server(page, 's1').boundingBox()).toEqual(before);
});

test('a lab that allows to reconfigure is opened by a button; another one says why it would refuse', async ({
  page,
}) => {
  await openLab(page);
  await server(page, 's1').click();
  await page.keyboard.press('Escape');
  await inspector(page).getByText('Change it').click();
  await expect(inspector(page)).toContainText('reconfigEnabled off');
  await guide(page).getByRole('button', { name: 'Three that can change' }).click();
  await expect(page.locator('[data-server]')).toHaveCount(3);
  await expect(server(page, 's3')).toHaveAccessibleName(/configuration 0x100000000/);
});

test('an ensemble is set up by its settings, and a wrong one is refused with a sentence', async ({ page }) => {
  await openLab(page);
  await guide(page).getByText('Any size').click();
  await guide(page).getByText('Advanced', { exact: true }).click();
  await guide(page).getByLabel('Voters').fill('3');
  await guide(page).getByLabel('Groups and weights').fill('group.1=1:2');
  await expect(guide(page).getByRole('alert')).toHaveText(/expected every participant, got none with 3/);
  await expect(guide(page).getByRole('button', { name: 'Open a fresh lab' })).toBeDisabled();
  await guide(page).getByLabel('Groups and weights').fill('group.1=1:2:3\nweight.3=0');
  await guide(page).getByLabel('reconfigEnabled').check();
  await guide(page).getByRole('button', { name: 'Open a fresh lab' }).click();
  await expect(page.locator('[data-server]')).toHaveCount(3);
  await expect(status(page)).toContainText('leader s2');
  await server(page, 's3').click();
  await page.keyboard.press('Escape');
  await expect(inspector(page).getByRole('list', { name: 'Members' })).toContainText('group 1, weight 0');
});
