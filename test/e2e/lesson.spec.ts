/** The first lesson from start to end, by mouse and by keyboard alone. */
import type { Locator, Page } from '@playwright/test';
import { accessibilityViolations, expect, test } from '../helpers/page.ts';
import { guide, openLab, pause, playback, status } from '../helpers/lab-page.ts';

interface Step {
  readonly title: string;
  readonly predict?: string;
  readonly lines: readonly string[];
  /** An event to find and select. */
  readonly select?: string;
  readonly explain: string;
}

const STEPS: readonly Step[] = [
  { title: 'Create a znode', predict: 'Three: all of them', lines: ['create /app hello'], explain: 'All three.' },
  {
    title: 'Give it a child',
    predict: 'Both: it has data and a child',
    lines: ['create /app/db cfg'],
    explain: 'Both. A znode is neither a file nor a folder',
  },
  {
    title: 'Read data and metadata',
    lines: ['get -s /app'],
    select: 's3 proposes',
    explain: "The zxid in the Stat is that of the leader's proposal",
  },
  {
    title: 'Delete a parent',
    // A wrong prediction is no obstacle.
    predict: '/app goes, /app/db stays',
    lines: ['delete /app'],
    explain: 'Refused with NOTEMPTY.',
  },
  {
    title: 'Create below nothing',
    predict: 'An error: the parent does not exist',
    lines: ['create /a/b/c x'],
    explain: 'NONODE: parents are not made for you.',
  },
  {
    title: 'Challenge: tidy up in four commands',
    lines: ['create /lib', 'create /lib/x', 'create /lib/y', 'deleteall /app'],
    explain: 'deleteall is a command of the console',
  },
];

/** Of those who only point: every control is clicked. Lines are typed, as they must be. */
const byMouse = {
  press: (_page: Page, control: Locator): Promise<void> => control.click(),
  pick: (_page: Page, option: Locator): Promise<void> => option.click(),
  async write(_page: Page, field: Locator, text: string): Promise<void> {
    await field.click();
    await field.fill(text);
  },
  async select(page: Page, words: string): Promise<void> {
    await page.getByRole('listbox', { name: 'Events' }).getByRole('option').filter({ hasText: words }).first().click();
  },
  dock: (page: Page, name: string): Promise<void> => page.getByRole('tab', { name, exact: true }).click(),
};

/** Moves the focus by Tab or Shift+Tab, whichever way the target lies. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < 150; presses++) {
    const way = await target.evaluate((element) => {
      const at = document.activeElement;
      if (at === element) return null;
      const lies = (at ?? document.body).compareDocumentPosition(element);
      return (lies & Node.DOCUMENT_POSITION_PRECEDING) > 0 ? 'Shift+Tab' : 'Tab';
    });
    if (way === null) return;
    await page.keyboard.press(way);
  }
  throw new Error(`the Tab key does not reach ${String(target)}`);
}

const byKeyboard: typeof byMouse = {
  async press(page, control) {
    await tabTo(page, control);
    await page.keyboard.press('Enter');
  },
  async pick(page, option) {
    const first = option.locator('xpath=ancestor::*[@role="radiogroup"]').getByRole('radio').first();
    await tabTo(page, first);
    await page.keyboard.press('Space');
    for (let i = 0; i < 5 && (await option.getAttribute('aria-checked')) !== 'true'; i++) {
      await page.keyboard.press('ArrowDown');
    }
    await expect(option).toBeChecked();
  },
  async write(page, field, text) {
    await tabTo(page, field);
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type(text);
  },
  async select(page, words) {
    const list = page.getByRole('listbox', { name: 'Events' });
    await tabTo(page, list);
    await page.keyboard.press('Home');
    await expect(list.getByRole('option', { selected: true })).toContainText(words);
  },
  async dock(page, name) {
    const selected = page.getByRole('tablist', { name: 'Dock' }).getByRole('tab', { selected: true });
    await tabTo(page, selected);
    for (let i = 0; i < 3 && (await selected.textContent()) !== name; i++) await page.keyboard.press('ArrowRight');
    await expect(selected).toHaveText(name);
  },
};

for (const [how, hands] of [
  ['by mouse', byMouse],
  ['by keyboard alone', byKeyboard],
] as const) {
  test(`the first lesson from start to end, ${how}`, async ({ page }) => {
    test.setTimeout(120_000);
    await openLab(page);
    // Lines are answered sooner when time goes fast.
    for (let i = 0; i < 5; i++) await page.keyboard.press('+');
    await hands.press(page, page.getByRole('button', { name: 'Lessons', exact: true }));
    await hands.press(page, guide(page).getByRole('button', { name: /^1\.1/ }));

    for (const [index, step] of STEPS.entries()) {
      await test.step(step.title, async () => {
        const now = guide(page).locator('[aria-current="step"]');
        await expect(now.getByRole('heading')).toHaveText(step.title);
        await expect(status(page)).toContainText('leader s3');
        if (step.predict !== undefined) {
          await hands.pick(page, now.getByRole('radio', { name: step.predict }));
          await hands.press(page, now.getByRole('button', { name: 'Lock it in' }));
          await expect(now.getByText('Locked. Now see what happens.')).toBeVisible();
        }
        await expect(now.getByText(step.explain)).toHaveCount(0);
        await hands.dock(page, 'Console');
        for (const line of step.lines) {
          const field = page.getByRole('combobox', { name: '[zk:' });
          await hands.write(page, field, line);
          await page.keyboard.press('Enter');
          await expect(field).toHaveValue('');
        }
        if (step.select !== undefined) {
          await hands.dock(page, 'Events');
          await hands.write(page, page.getByRole('searchbox'), `${step.select} (create /app)`);
          await hands.select(page, step.select);
        }
        await expect(now.getByText(step.explain)).toBeVisible();
        await expect(now.getByRole('list', { name: 'What has to happen' })).not.toContainText('not yet');
        const last = index === STEPS.length - 1;
        await hands.press(page, now.getByRole('button', { name: last ? 'All lessons' : 'Next step' }));
      });
    }
    await expect(guide(page).getByRole('button', { name: /^1\.1/ })).toContainText('done');
  });
}

test('a lesson has no accessibility violations: its list, a prediction, hints, an explanation', async ({ page }) => {
  await openLab(page);
  await page.getByRole('button', { name: 'Lessons', exact: true }).click();
  await expect(guide(page).getByRole('button', { name: /^1\.1/ })).toBeVisible();
  expect(await accessibilityViolations(page), 'list').toEqual([]);
  await guide(page).getByRole('button', { name: /^1\.1/ }).click();
  await expect(status(page)).toContainText('leader s3');
  await pause(page);
  expect(await accessibilityViolations(page), 'prediction').toEqual([]);
  for (const name of ['Hint', 'Hint 2 of 3', 'Hint 3 of 3']) {
    await guide(page).getByRole('button', { name, exact: true }).click();
  }
  expect(await accessibilityViolations(page), 'hints').toEqual([]);
  await guide(page).getByRole('button', { name: 'Do it for me' }).click();
  await page.locator('#stage').focus();
  for (let i = 0; i < 5; i++) await page.keyboard.press('+');
  await expect(guide(page).getByText('All three.')).toBeVisible();
  if (await playback(page, 'Pause').isVisible()) await pause(page);
  expect(await accessibilityViolations(page), 'explanation').toEqual([]);
});
