/** How the page is arranged: Present, theme, folds, help, phone. */
import { expect, test } from '../helpers/page.ts';
import { guide, inspector, openLab, server, stageTools, status } from '../helpers/lab-page.ts';

test('Present shows the stage and the dock alone', async ({ page }) => {
  await openLab(page);
  await page.keyboard.press('f');
  await expect(guide(page)).toHaveCount(0);
  await expect(inspector(page)).toHaveCount(0);
  await expect(server(page, 's5')).toBeVisible();
  await expect(page.getByRole('tab', { name: 'Timeline' })).toBeVisible();
  await page.getByRole('button', { name: 'Present', exact: true }).click();
  await expect(inspector(page)).toBeVisible();
});

test('the theme follows the system until a person chooses one, and the choice is kept', async ({ page }) => {
  const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: 'dark' });
  await openLab(page);
  const dark = await ground();
  await page.emulateMedia({ colorScheme: 'light' });
  await expect.poll(ground).not.toBe(dark);
  // The button shows what the other one is: the page has noticed.
  await expect(page.getByRole('button', { name: 'Dark or light' }).locator('.lucide-moon')).toBeVisible();
  await page.keyboard.press('t');
  await expect.poll(ground).toBe(dark);
  await page.reload();
  await expect(status(page)).toContainText('leader');
  expect(await ground()).toBe(dark);
});

test('places fold away, and stay folded', async ({ page }) => {
  await openLab(page);
  await page.getByRole('button', { name: 'Inspector', exact: true }).click();
  await expect(inspector(page)).toHaveCount(0);
  await page.reload();
  await expect(status(page)).toContainText('leader');
  await expect(inspector(page)).toHaveCount(0);
  await page.getByRole('button', { name: 'Inspector', exact: true }).click();
  await expect(inspector(page)).toBeVisible();
});

test('the help lists the keys and gives the focus back', async ({ page }) => {
  await openLab(page);
  await page.getByRole('button', { name: 'Keys' }).click();
  const help = page.getByRole('dialog', { name: 'Keys and gestures' });
  await expect(help).toContainText('Play or pause');
  await page.keyboard.press('Escape');
  await expect(help).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Keys' })).toBeFocused();
});

test('the buttons of a narrow stage leave the servers’ logs free', async ({ page }) => {
  await page.setViewportSize({ width: 1024, height: 768 });
  await openLab(page);
  await page.getByRole('button', { name: 'Guide', exact: true }).click();
  const row = page.locator('.server', { has: server(page, 's1') }).locator('.zxid');
  const legend = stageTools(page);
  const [log, tools] = [await row.boundingBox(), await legend.boundingBox()];
  expect((tools?.x ?? 0) + (tools?.width ?? 0)).toBeLessThan(log?.x ?? 0);
});

test('on a phone one place at a time stands below the stage', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openLab(page);
  await expect(server(page, 's5')).toBeVisible();
  const tabs = page.getByRole('navigation', { name: 'Under the stage' });
  await expect(page.getByRole('tab', { name: 'Timeline' })).toBeVisible();
  await tabs.getByRole('button', { name: 'Inspector' }).click();
  await expect(inspector(page)).toBeVisible();
  await expect(page.getByRole('tab', { name: 'Timeline' })).toBeHidden();
  await tabs.getByRole('button', { name: 'Guide' }).click();
  await expect(guide(page)).toBeVisible();
  await expect(inspector(page)).toBeHidden();
});
