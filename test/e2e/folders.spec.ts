/** Disks as folders of the origin private file system, and labs that survive a reload. */
import type { Page } from '@playwright/test';
import { expect, test } from '../helpers/page.ts';
import {
  choose,
  fiveServers,
  guide,
  inspector,
  openLab,
  output,
  pause,
  playback,
  playFast,
  playhead,
  server,
  shown,
  status,
  toasts,
  type,
  znode,
} from '../helpers/lab-page.ts';

type Files = Readonly<Record<string, readonly number[]>>;

/** Everything that the page's file system holds, by path. What goes while it is being read makes it read again. */
function onDisk(page: Page): Promise<Files> {
  return page.evaluate(async () => {
    let files: Record<string, readonly number[]> = {};
    const walk = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
      for await (const [name, handle] of folder.entries()) {
        if (handle instanceof FileSystemDirectoryHandle) await walk(handle, `${path}${name}/`);
        else if (handle instanceof FileSystemFileHandle) {
          files[path + name] = [...new Uint8Array(await (await handle.getFile()).arrayBuffer())];
        }
      }
    };
    for (;;) {
      try {
        files = {};
        await walk(await navigator.storage.getDirectory(), '');
        return files;
      } catch (error) {
        if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error;
      }
    }
  });
}

/** Names of the labs whose folders there are. */
async function labs(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => {
    const names: string[] = [];
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('labs', { create: true });
    for await (const name of folder.keys()) names.push(name);
    return names;
  });
}

/** Of one server of the only lab. */
async function diskOf(page: Page, name: string): Promise<Files> {
  const [lab, ...more] = await labs(page);
  expect(more).toEqual([]);
  const all = Object.entries(await onDisk(page));
  const prefix = `labs/${lab}/${name}/`;
  return Object.fromEntries(
    all.filter(([path]) => path.startsWith(prefix)).map(([path, bytes]) => [path.slice(prefix.length), bytes]),
  );
}

test('what is fsynced is in the folder of the server, and only then', async ({ page }) => {
  await openLab(page);
  await type(page, 'create /app kept-on-disk');
  await playFast(page, '1.0 s/s');
  await expect(output(page)).toContainText('Created /app');
  await pause(page);
  const files = await diskOf(page, 's5');
  expect(Object.keys(files)).toEqual(expect.arrayContaining(['version-2/acceptedEpoch', 'version-2/currentEpoch']));
  const log = Object.entries(files).find(([name]) => name.startsWith('version-2/log.'))?.[1] ?? [];
  expect(Buffer.from(log).toString('latin1')).toContain('kept-on-disk');
  expect(Buffer.from(log).toString('latin1').startsWith('ZKLG')).toBe(true);
});

test('a lab survives a reload: its course, its tree, its playhead and its disks', async ({ page }) => {
  await openLab(page);
  await type(page, 'create /app hello');
  await choose(page, server(page, 's4'), 'Kill');
  await playFast(page, '1.0 s/s');
  await expect(output(page)).toContainText('Created /app');
  await pause(page);
  const before = await shown(page);
  const disk = await diskOf(page, 's5');
  const [lab] = await labs(page);
  await page.reload();
  await expect(playhead(page)).toHaveText(String((before as { playhead: string }).playhead));
  await expect.poll(() => shown(page)).toEqual(before);
  // Another run in a folder of its own; that of before is cleared away.
  await expect.poll(async () => (await labs(page)).length).toBe(1);
  expect(await labs(page)).not.toEqual([lab]);
  expect(await diskOf(page, 's5')).toEqual(disk);
  await playback(page, 'Play').click();
  await expect(playhead(page)).not.toHaveText(String((before as { playhead: string }).playhead));
});

/** When each file was written last, by its path. */
function writtenAt(page: Page): Promise<unknown> {
  return page.evaluate(async () => {
    const files: Record<string, number> = {};
    const walk = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
      for await (const [name, handle] of folder.entries()) {
        if (handle instanceof FileSystemDirectoryHandle) await walk(handle, `${path}${name}/`);
        else if (handle instanceof FileSystemFileHandle) files[path + name] = (await handle.getFile()).lastModified;
      }
    };
    await walk(await navigator.storage.getDirectory(), '');
    return files;
  });
}

test('while nothing happens nothing is written', async ({ page }) => {
  const seconds = async () => Number.parseFloat((await playhead(page).textContent()) ?? '');
  await openLab(page);
  await playFast(page);
  // Beyond the write-back of what the start has left.
  await expect.poll(seconds).toBeGreaterThan(15);
  const before = await writtenAt(page);
  const from = await seconds();
  await expect.poll(seconds).toBeGreaterThan(from + 15);
  expect(await writtenAt(page)).toEqual(before);
});

test('a server that is started again recovers from its folder; what is done to a dead disk reaches it', async ({
  page,
}) => {
  await openLab(page);
  await type(page, 'create /app hello');
  await playFast(page, '1.0 s/s');
  await expect(output(page)).toContainText('Created /app');
  await pause(page);
  await choose(page, server(page, 's4'), 'Kill');
  await expect(server(page, 's4')).toHaveAttribute('data-state', 'DOWN');
  const dead = await diskOf(page, 's4');
  expect(Object.keys(dead).length).toBeGreaterThan(2);
  await choose(page, server(page, 's4'), 'Restart');
  await playFast(page, '1.0 s/s');
  await expect(server(page, 's4')).toHaveAttribute('data-state', 'FOLLOWING');
  await pause(page);
  await expect(page.getByTestId('disk-place')).toContainText("On this browser's disk");
  await expect(toasts(page)).toHaveCount(0);

  await choose(page, server(page, 's4'), 'Kill');
  await choose(page, server(page, 's4'), 'Wipe its disk');
  await expect.poll(() => diskOf(page, 's4')).toEqual({});
});

test('files that were changed behind its back are not taken: the lab goes on as its scenario says, and tells it', async ({
  page,
}) => {
  await openLab(page);
  await choose(page, server(page, 's4'), 'Kill');
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const labs = await root.getDirectoryHandle('labs');
    for await (const lab of labs.values()) {
      if (lab instanceof FileSystemDirectoryHandle) await lab.removeEntry('s4', { recursive: true });
    }
  });
  await choose(page, server(page, 's4'), 'Restart');
  await expect(toasts(page)).toContainText('Disks are kept in memory: its files are not what the lab had written.');
  await playFast(page, '1.0 s/s');
  await expect(server(page, 's4')).toHaveAttribute('data-state', 'FOLLOWING');
});

test('without a file system the page says so, keeps disks in memory, and works', async ({ page }) => {
  await page.addInitScript(() => {
    navigator.storage.getDirectory = () => Promise.reject(new DOMException('not here', 'SecurityError'));
  });
  await openLab(page);
  await expect(toasts(page)).toContainText('Disks are kept in memory: this browser offers no file system here.');
  await server(page, 's5').click();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('disk-place')).toHaveText('In memory: this browser offers no file system here.');
  await choose(page, server(page, 's4'), 'Kill');
  await choose(page, server(page, 's4'), 'Restart');
  await playFast(page, '1.0 s/s');
  await expect(server(page, 's4')).toHaveAttribute('data-state', 'FOLLOWING');
});

test('folders of labs that are over are cleared away; those of other tabs stay', async ({ page, context }) => {
  await openLab(page);
  const [mine = ''] = await labs(page);
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('labs');
    const old = await folder.getDirectoryHandle('of-last-week', { create: true });
    await old.getDirectoryHandle('s1', { create: true });
  });
  const other = await context.newPage();
  await openLab(other);
  await expect.poll(() => labs(other)).not.toContain('of-last-week');
  const both = await labs(other);
  expect(both).toHaveLength(2);
  expect(both).toContain(mine);
  await playFast(page, '1.0 s/s');
  await expect(playhead(page)).not.toHaveText('3.000 s');
  // A fresh lab in place of this one: its folder goes.
  await page.getByRole('button', { name: 'Three servers' }).click();
  await expect(page.locator('[data-server]')).toHaveCount(3);
  await expect.poll(() => labs(page)).not.toContain(mine);
  await expect(toasts(page)).toHaveCount(0);
});

test('a link wins over the lab of before; without one the lab of before comes back', async ({ page }) => {
  await openLab(page);
  await choose(page, server(page, 's4'), 'Kill');
  await openLab(page, fiveServers({ title: 'Another', seed: 7 }));
  await expect(status(page)).toContainText('seed 7');
  await expect(server(page, 's4')).toHaveAttribute('data-state', 'FOLLOWING');
  await expect(playback(page, 'Play').or(playback(page, 'Pause'))).toBeEnabled();
  await page.goto('about:blank');
  await page.goto('./');
  await expect(status(page)).toContainText('seed 7');
});

test('what is kept of a lab is not believed', async ({ page }) => {
  await openLab(page);
  await page.goto('./?');
  await expect(playback(page, 'Play').or(playback(page, 'Pause'))).toBeEnabled();
  await page.evaluate(() => {
    for (const storage of [sessionStorage, localStorage]) storage.setItem('zabscope/lab', '{"format":"nonsense"}');
  });
  await page.reload();
  await expect(page.locator('[data-client]')).toHaveCount(2);
  await expect(status(page)).toContainText('leader s5');
});

test('a reload in the midst of a lesson goes on with its step, in its lab', async ({ page }) => {
  await page.goto('./');
  await page.getByRole('button', { name: 'Lessons' }).click();
  await guide(page)
    .getByRole('button', { name: /^1\.1 / })
    .click();
  await expect(guide(page).getByRole('heading', { level: 2 })).toBeVisible();
  await expect(status(page)).toContainText('leader');
  // The lesson's own lab is there, and plays.
  await expect(page.locator('[data-server]')).toHaveCount(3);
  await expect(playhead(page)).not.toHaveText('3.000 s');
  const title = await guide(page).getByRole('heading', { level: 2 }).textContent();
  await pause(page);
  const now = await playhead(page).textContent();
  await page.reload();
  await expect(playhead(page)).toHaveText(now ?? '');
  await expect(guide(page).getByRole('heading', { level: 2 })).toHaveText(title ?? '');
});

test('a data directory is downloaded, and opened again: the same tree', async ({ page }) => {
  await openLab(page);
  await type(page, 'create /app hello');
  await type(page, 'create /app/child x');
  await playFast(page, '1.0 s/s');
  await expect(output(page)).toContainText('Created /app/child');
  await pause(page);
  await server(page, 's5').click();
  await page.keyboard.press('Escape');
  await inspector(page).getByText('Files', { exact: true }).click();
  await inspector(page)
    .getByRole('button', { name: /version-2\/log/ })
    .click();
  await expect(inspector(page).locator('pre')).toContainText('ZooKeeper Transactional Log File');
  await expect(inspector(page).locator('pre')).toContainText('create /app/child');
  const download = page.waitForEvent('download');
  await inspector(page).getByRole('button', { name: 'Download data directory (zip)' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('browser-test-s5.zip');

  await page.getByTestId('data-files').setInputFiles(await file.path());
  await expect(page.getByTestId('data-dir-says')).toContainText('The lab starts with');
  await expect(page.locator('[data-server]')).toHaveCount(3);
  await pause(page);
  await playFast(page);
  await expect(status(page)).toContainText('leader s3');
  await pause(page);
  await expect(await znode(page, 's3', 'child')).toBeVisible();
});

test('a lab that is too large for a link or for a reload says so, and can be saved', async ({ page }) => {
  await openLab(page);
  const noise = Buffer.from(Uint8Array.from({ length: 4_500_000 }, (_, i) => (i * i * 7919) >> 5));
  const files = { 'version-2/snapshot.0': { base64: noise.toString('base64') } };
  const text = JSON.stringify(fiveServers({ title: 'Large', disks: { '4': { files } } }));
  await page
    .getByTestId('scenario-file')
    .setInputFiles({ name: 'lab.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  await expect(toasts(page)).toContainText('This lab is too large to be kept over a reload: save it as a file.');
  await page.getByRole('button', { name: 'Share' }).click();
  await expect(page.getByRole('dialog')).toContainText('This lab is too large for a link: save it as a file.');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save it as a file' }).click();
  expect((await download).suggestedFilename()).toBe('large.json');
});

test('files that are none of a server are refused in one sentence, and the lab goes on', async ({ page }) => {
  await openLab(page);
  const says = page.getByTestId('data-dir-says');
  const give = (name: string, content: string) =>
    page
      .getByTestId('data-files')
      .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) });
  await give('holiday.png', 'x');
  await expect(says).toHaveText('There is no log.<zxid> and no snapshot.<zxid> among the files.');
  await give('data.zip', 'no zip at all');
  await expect(says).toHaveText(/^There is no log\.<zxid> and no snapshot\.<zxid> among the files\.$/);
  await give('snapshot.0', 'nonsense');
  await expect(says).toHaveText(/^snapshot\.0 cannot be read: /);
  await expect(status(page)).toContainText('leader s5');
});
