/** Labs from outside: links, files, lines of a console. What is wrong is refused in one clear sentence, and the lab goes on. */
import type { Page } from '@playwright/test';
import { deflateRawSync } from 'node:zlib';
import { expect, test } from '../helpers/page.ts';
import {
  choose,
  fiveServers,
  linkTo,
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
} from '../helpers/lab-page.ts';

/** The lab on the screen is whole and runs on. `plays`: by itself, as the one that a page opens with; else it rests. */
async function expectAlive(page: Page, { plays = false } = {}): Promise<void> {
  await expect(status(page)).toContainText('leader s5');
  if (plays) await expect(playback(page, 'Pause')).toBeEnabled();
  else await playback(page, 'Play').click();
  const now = await playhead(page).textContent();
  await expect(playhead(page)).not.toHaveText(now ?? '');
}

test('a link opens the same lab at the same instant', async ({ page, context }) => {
  await openLab(page);
  await type(page, 'create /app hello');
  await choose(page, server(page, 's4'), 'Kill');
  await playFast(page, '1.0 s/s');
  await expect(output(page)).toContainText('Created /app');
  await pause(page);
  const sent = await shown(page);

  await page.getByRole('button', { name: 'Share' }).click();
  const url = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  const other = await context.newPage();
  await other.goto(url);
  await expect(playhead(other)).toHaveText((await playhead(page).textContent()) ?? '');
  await expect.poll(() => shown(other)).toEqual(sent);
});

test('a link of the past opens in the past', async ({ page, context }) => {
  await openLab(page);
  for (let i = 0; i < 5; i++) {
    const at = await playhead(page).textContent();
    await playback(page, 'Step back').click();
    await expect(playhead(page)).not.toHaveText(at ?? '');
  }
  const sent = await shown(page);
  await page.getByRole('button', { name: 'Share' }).click();
  const url = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  const other = await context.newPage();
  await other.goto(url);
  await expect.poll(() => shown(other)).toEqual(sent);
});

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const bomb = base64url(deflateRawSync(Buffer.alloc(32 * 1024 * 1024, 0x20)));
const BROKEN: readonly (readonly [what: string, hash: string, says: RegExp])[] = [
  ['cut off', linkTo(fiveServers()).slice(0, 60), /^This link cannot be opened: it has been cut off or changed/],
  [
    'of a later version',
    '#z9.AAAA',
    /^This link cannot be opened: it does not begin as the links of this version do\.$/,
  ],
  ['too long', `#z1.${'A'.repeat(300_000)}`, /^This link cannot be opened: it is longer than 262144 characters\.$/],
  ['that inflates without end', `#z1.${bomb}`, /^This link cannot be opened: what it holds is too large\.$/],
  [
    'with a wrong scenario',
    `#z1.${base64url(deflateRawSync(Buffer.from('{"format":"zabscope/scenario@1","ensemble":{"servers":[]}}')))}`,
    /^This link cannot be opened: its scenario is not valid: .*servers/,
  ],
];

for (const [what, hash, says] of BROKEN) {
  test(`a link ${what} is refused in one sentence, and the default lab opens`, async ({ page }) => {
    await page.goto(`./${hash}`);
    await expect(toasts(page)).toHaveCount(1);
    await expect(toasts(page).getByRole('paragraph')).toHaveText(says);
    await expectAlive(page, { plays: true });
  });
}

test('a broken link pasted into the open page leaves the lab as it is', async ({ page }) => {
  await openLab(page);
  const before = await shown(page);
  await page.evaluate(() => {
    location.hash = '#z1.AAAA';
  });
  await expect(toasts(page)).toContainText('This link cannot be opened');
  expect(await shown(page)).toEqual(before);
  await expectAlive(page);
});

const FILES: readonly (readonly [what: string, text: string, says: RegExp])[] = [
  ['that is no JSON', 'hello', /^lab\.json is not a scenario: /],
  ['of another format', '{"format":"zabscope/scenario@2","ensemble":{"servers":[{"sid":1}]}}', /format/],
  ['with a key too many', JSON.stringify(fiveServers({ colour: 'red' })), /colour/],
  ['with an impossible value', JSON.stringify(fiveServers({ network: { latency: [9, 3] } })), /latency/],
];

for (const [what, text, says] of FILES) {
  test(`a file ${what} is refused in one sentence, and the lab goes on`, async ({ page }) => {
    await openLab(page);
    const file = { name: 'lab.json', mimeType: 'application/json', buffer: Buffer.from(text) };
    await page.getByTestId('scenario-file').setInputFiles(file);
    await expect(toasts(page)).toHaveCount(1);
    await expect(toasts(page).getByRole('paragraph')).toHaveText(says);
    await expectAlive(page);
  });
}

test('a saved file opens as the same lab', async ({ page }) => {
  await openLab(page);
  await choose(page, server(page, 's4'), 'Kill');
  await expect(server(page, 's4')).toHaveAttribute('data-state', 'DOWN');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const file = await (await download).path();
  await page.getByRole('button', { name: 'Three servers' }).click();
  await expect(page.locator('[data-server]')).toHaveCount(3);
  await page.getByTestId('scenario-file').setInputFiles(file);
  await expect(page.locator('[data-server]')).toHaveCount(5);
  // The lab plays; its actions come up when their time does.
  await pause(page);
  await playFast(page);
  await expect(server(page, 's4')).toHaveAttribute('data-state', 'DOWN');
});

test('nonsense in the console is answered there, and the lab goes on', async ({ page }) => {
  await openLab(page);
  await type(page, 'frobnicate /app');
  await type(page, 'create');
  await type(page, 'create no-slash x');
  await type(page, 'get /nothing');
  await type(page, '\u0000\u202e 🦓 "unclosed');
  await type(page, 'create /app hello');
  await playFast(page);
  await expect(output(page)).toContainText('Command not found frobnicate');
  await expect(output(page)).toContainText('Node does not exist: /nothing');
  await expect(output(page)).toContainText('Created /app');
  await pause(page);
  await expectAlive(page);
});
