/** Axe finds nothing to complain of: in every place, tab and dialog, dark and light, on a phone too. Labs stand still while it looks. */
import type { Page } from '@playwright/test';
import { accessibilityViolations, expect, test } from '../helpers/page.ts';
import {
  client,
  fiveServers,
  guide,
  inspector,
  link,
  linkTo,
  openLab,
  output,
  playhead,
  server,
  stageTools,
  toasts,
  type,
} from '../helpers/lab-page.ts';

/** A lab with something of everything: a dead server, a paused one, a cut, a slow disk, a watch, messages in flight. */
const EVENTFUL = fiveServers({
  clients: [
    { name: 'alice', server: 1, sessionTimeout: 20_000 },
    { name: 'bob', server: 2, sessionTimeout: 20_000 },
  ],
  actions: [
    { at: 3000, do: 'console', client: 'alice', line: 'create /app hello' },
    { at: 3200, do: 'console', client: 'alice', line: 'get -w /app' },
    { at: 3500, do: 'kill', server: 1 },
    { at: 3600, do: 'pause', server: 2 },
    { at: 3700, do: 'cut', from: 's3', to: 's4' },
    { at: 3700, do: 'disk', server: 3, fsync: [200, 300] },
    { at: 3800, do: 'hold', from: 's5', to: 's4', type: 'COMMIT' },
  ],
  start: 4000,
});

/** A server has joined without a vote, and the reconfig that makes it a member waits for its quorums. */
const RECONFIG = fiveServers({
  ensemble: { servers: [1, 2, 3].map((sid) => ({ sid })), reconfigEnabled: true, skipACL: true },
  actions: [
    { at: 1500, do: 'add-server', sid: 4 },
    {
      at: 3000,
      do: 'request',
      client: 'alice',
      op: 'reconfig',
      joining: 'server.4=127.0.0.1:28884:38884:participant;127.0.0.1:21814',
    },
  ],
});

async function expectNoViolations(page: Page, where: string): Promise<void> {
  expect(await accessibilityViolations(page), where).toEqual([]);
}

const tab = (page: Page, name: string): Promise<void> => page.getByRole('tab', { name }).click();

for (const colorScheme of ['dark', 'light'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test('sandbox, dock and inspector', async ({ page }) => {
      await openLab(page, EVENTFUL, 4000);
      await expect(page.getByRole('button', { name: 'Five servers' })).toBeVisible();
      await expectNoViolations(page, 'as it opens');
      await tab(page, 'Events');
      await page.getByRole('listbox', { name: 'Events' }).getByRole('option').last().click();
      await expectNoViolations(page, 'events, one selected');
      await page.keyboard.press('Escape');
      await server(page, 's3').focus();
      await tab(page, 'Console');
      await expect(output(page)).toContainText('Created /app');
      await expectNoViolations(page, 'console');
      await inspector(page).getByRole('button', { name: 'Select nothing' }).click();
      await tab(page, 'Znodes');
      await inspector(page).getByRole('treeitem').filter({ hasText: 'app' }).click();
      await expectNoViolations(page, 'znodes');
      await tab(page, 'Sessions');
      await expect(inspector(page)).toContainText('Watches here');
      await expectNoViolations(page, 'sessions');
    });

    test('menus and dialogs', async ({ page }) => {
      await openLab(page, EVENTFUL, 4000);
      await server(page, 's5').click();
      await expect(page.getByRole('menu')).toBeVisible();
      await expectNoViolations(page, 'menu of a server');
      await page.keyboard.press('Escape');
      await expect(page.getByRole('menu')).toHaveCount(0);
      for (const name of ['Legend', 'Partition']) {
        await stageTools(page).getByRole('button', { name, exact: true }).click();
        await expect(page.getByRole('dialog', { name })).toBeVisible();
        await expectNoViolations(page, name);
        await page.keyboard.press('Escape');
        await expect(page.getByRole('dialog')).toHaveCount(0);
      }
      await page.getByRole('button', { name: 'Pace:' }).click();
      await expect(page.getByRole('dialog', { name: 'Pace' })).toBeVisible();
      await expectNoViolations(page, 'Pace');
      await page.keyboard.press('Escape');
      for (const name of ['Share', 'Keys']) {
        await page.getByRole('button', { name, exact: true }).click();
        await expect(page.getByRole('dialog')).toBeVisible();
        await expectNoViolations(page, name);
        await page.keyboard.press('Escape');
        await expect(page.getByRole('dialog')).toHaveCount(0);
      }
      await page.evaluate(() => (location.hash = '#z1.AAAA'));
      await expect(toasts(page)).toBeVisible();
      await expectNoViolations(page, 'a refusal');
    });

    test('a reconfiguration, harm to disks, an ensemble with settings', async ({ page }) => {
      await openLab(page, RECONFIG, 3060);
      await expect(server(page, 's3')).toHaveAccessibleName(/in the new one by/);
      await server(page, 's4').focus();
      await expect(inspector(page)).toContainText('reconfig -add server.4');
      for (const name of ['Harm a disk', 'Add or take away servers', 'Any size'])
        await guide(page).getByText(name).click();
      await guide(page).getByText('Advanced', { exact: true }).click();
      await guide(page).getByLabel('Groups and weights').fill('group.1=');
      await expect(guide(page).getByRole('alert')).toBeVisible();
      await guide(page).getByLabel('Disk fault').selectOption({ label: 'corrupt byte' });
      await expect(guide(page).getByLabel('File')).toBeVisible();
      await expectNoViolations(page, 'forms of the guide');
      await server(page, 's3').focus();
      await inspector(page).getByText('Change it').click();
      await expectNoViolations(page, 'the configuration of a member');
    });

    test('Present', async ({ page }) => {
      await openLab(page, EVENTFUL, 4000);
      await page.keyboard.press('f');
      await expectNoViolations(page, 'Present');
    });

    test('on a phone', async ({ page }) => {
      await page.setViewportSize({ width: 390, height: 844 });
      await openLab(page, EVENTFUL, 4000);
      await expectNoViolations(page, 'dock');
      for (const name of ['Inspector', 'Guide']) {
        await page.getByRole('navigation', { name: 'Under the stage' }).getByRole('button', { name }).click();
        await expectNoViolations(page, name);
      }
    });
  });
}

test('a client, a link and a message in the inspector', async ({ page }) => {
  await page.goto(`./${linkTo(EVENTFUL, 3030)}`);
  await expect(playhead(page)).toHaveText('3.030 s');
  await page.locator('.message').first().click();
  await expect(inspector(page)).toContainText('Why?');
  await expectNoViolations(page, 'message');
  for (const subject of [client(page, 'alice'), link(page, 's3', 's4')]) {
    await subject.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('menu')).toHaveCount(0);
    await expect(inspector(page).getByRole('group', { name: 'What can be done' })).toBeVisible();
    await expectNoViolations(page, await subject.evaluate((element) => element.getAttribute('aria-label') ?? ''));
  }
});

test('every control of the page is reached with the Tab key', async ({ page }) => {
  await openLab(page);
  const reached = new Set<string>();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the stage' })).toBeFocused();
  for (let i = 0; i < 120; i++) {
    const name = await page.evaluate(() => {
      const at = document.activeElement;
      if (at === null || at === document.body) return null;
      return at.getAttribute('aria-label') ?? at.textContent.trim();
    });
    if (name === null) break;
    reached.add(name);
    await page.keyboard.press('Tab');
  }
  const wanted = ['Share', 'Present', 'Keys', 'Legend', 'Partition', 'Play', 'Playhead', 'Step back', 'Save'];
  for (const name of wanted) expect([...reached], name).toContain(name);
  for (const name of ['Server s1', 'Server s5', 'Client alice', 'Link s1 to s2']) {
    expect(
      [...reached].some((label) => label.startsWith(name)),
      name,
    ).toBe(true);
  }
});

test('Tab completes in the console; after Escape it leaves', async ({ page }) => {
  await openLab(page);
  await type(page, 'ls /');
  await page.keyboard.type('ls /zoo');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('combobox', { name: '[zk:' })).toHaveValue(/^ls \/zookeeper/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('combobox', { name: '[zk:' })).not.toBeFocused();
});
