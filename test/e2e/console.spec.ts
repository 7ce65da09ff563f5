/** zkCli in the page: what it says, how it helps with a line. */
import { expect, test } from '../helpers/page.ts';
import { openLab, output, pause, playFast, type } from '../helpers/lab-page.ts';

test('a session: permissions, quota, watch, configuration', async ({ page }) => {
  await openLab(page);
  for (const line of [
    'create /app hello',
    'getAcl /app',
    'addWatch /app',
    'create -c /app/box',
    'setquota -n 5 /app',
    'listquota /app',
    'config -c',
    'ls -z /app',
    'deleteall /app',
    'whoami',
  ]) {
    await type(page, line);
  }
  await playFast(page);
  await expect(output(page)).toContainText('Auth scheme: User');
  await pause(page);
  await expect(output(page)).toContainText(': cdrwa');
  await expect(output(page)).toContainText('type:NodeCreated path:/app/box');
  await expect(output(page)).toContainText(
    'Output quota for /app count=5,bytes=-1=;byteHardLimit=-1;countHardLimit=-1',
  );
  await expect(output(page)).toContainText('UnrecognizedOptionException: Unrecognized option: -z');
  await expect(output(page)).toContainText('type:NodeDeleted path:/app');
});

test('help is the list of all commands', async ({ page }) => {
  await openLab(page);
  await type(page, 'help');
  await expect(output(page)).toContainText('reconfig [-s] [-v version]');
  await expect(output(page)).toContainText('Command not found help');
});

test('usage stands under the line, arrows bring lines back, Tab completes', async ({ page }) => {
  await openLab(page);
  await type(page, 'create /app hello');
  const field = page.getByRole('combobox', { name: '[zk:' });
  await page.keyboard.type('setAcl ');
  await expect(field).toHaveAccessibleDescription(
    /setAcl \[-s\] \[-v version\] \[-R\] path acl Replaces the permissions/,
  );
  await page.keyboard.type('/zoo');
  await page.keyboard.press('Tab');
  await expect(field).toHaveValue('setAcl /zookeeper ');
  await page.keyboard.type('w');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('option', { name: 'world:anyone:cdrwa' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowUp');
  await expect(field).toHaveValue('create /app hello');
  await page.keyboard.press('ArrowDown');
  await expect(field).toHaveValue(/^setAcl \/zookeeper/);
});
