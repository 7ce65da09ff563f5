/** Break the rules: from the list of defects through a story to its violation, and on. */
import type { Locator, Page } from '@playwright/test';
import { accessibilityViolations, expect, test } from '../helpers/page.ts';
import { guide, inspector, linkTo, openLab, playback, playhead, status } from '../helpers/lab-page.ts';

const DEFECT = 'vote-id-before-zxid';
const verdict = (page: Page): Locator => page.getByTestId('verdict');
const banner = (page: Page): Locator => page.getByRole('region', { name: 'Broken rules' });
const move = (page: Page, name: string): Locator =>
  guide(page).getByRole('group', { name: 'Steps of the story' }).getByRole('button', { name });
const violation = (page: Page): Locator => inspector(page).getByRole('region', { name: 'Violation' });

async function openStory(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Break the rules', exact: true }).click();
  await guide(page).getByRole('button', { name: DEFECT }).click();
  await expect(move(page, 'Begin')).toBeEnabled();
}

/** Goes through all steps by what they are called. @returns how many there were */
async function tellStory(page: Page): Promise<number> {
  await move(page, 'Begin').click();
  for (let step = 1; ; step++) {
    await expect(guide(page).getByText(`Step ${step} of`)).toBeVisible();
    await expect(move(page, 'Skip there')).toHaveCount(0);
    if ((await move(page, 'Next').count()) === 0) return step;
    await move(page, 'Next').click();
  }
}

test('a story goes step by step to the red instant; without the defect nothing breaks', async ({ page }) => {
  await openLab(page);
  await openStory(page);
  await expect(banner(page)).toContainText(DEFECT);
  expect(await tellStory(page)).toBeGreaterThan(1);
  await expect(guide(page).getByText('What it means')).toBeVisible();
  await expect(violation(page).getByRole('heading', { level: 2 })).toHaveText('VoteOrder');
  const red = (await playhead(page).textContent()) ?? '';
  await expect(violation(page)).toContainText(red);

  // Back and forth.
  await move(page, 'Previous').click();
  await expect(playhead(page)).not.toHaveText(red);
  await expect(violation(page)).toHaveCount(0);
  await move(page, 'Next').click();
  await expect(playhead(page)).toHaveText(red);
  await expect(violation(page)).toBeVisible();

  await guide(page).getByRole('button', { name: 'Run the same without the defect' }).click();
  await expect(guide(page).getByText('nothing has gone wrong')).toBeVisible();
  await expect(verdict(page)).toContainText('hold');
  await expect(banner(page)).toHaveCount(0);
  await guide(page).getByRole('button', { name: 'With the rule broken again' }).click();
  await expect(move(page, 'Begin')).toBeEnabled();
  await expect(banner(page)).toBeVisible();
});

test('it survives a reload at its step, and leads back when another lab is on the stage', async ({ page }) => {
  await openLab(page);
  await openStory(page);
  await tellStory(page);
  await page.reload();
  await expect(guide(page).getByText('What it means')).toBeVisible();
  await expect(violation(page)).toBeVisible();
  await page.getByRole('button', { name: 'Sandbox', exact: true }).click();
  await guide(page).getByRole('button', { name: 'Five servers', exact: false }).first().click();
  await expect(banner(page)).toHaveCount(0);
  await page.getByRole('button', { name: 'Break the rules', exact: true }).click();
  await guide(page).getByRole('button', { name: 'Back to the story' }).click();
  await expect(move(page, 'Begin')).toBeEnabled();
  await guide(page).getByRole('button', { name: 'All broken rules' }).click();
  await expect(guide(page).getByRole('button', { name: DEFECT })).toBeVisible();
});

test('one plays freely with a rule broken in the lab of before, and mends it', async ({ page }) => {
  await openLab(page);
  await expect(status(page)).toContainText('5 servers');
  await openStory(page);
  await expect(status(page)).toContainText('3 servers');
  await guide(page).getByRole('button', { name: 'Play freely with it on' }).click();
  await expect(status(page)).toContainText('5 servers · seed 42');
  await expect(banner(page)).toContainText(DEFECT);
  await banner(page).getByRole('button', { name: 'Mend it' }).click();
  await expect(banner(page)).toHaveCount(0);
  await expect(verdict(page)).toContainText('hold');
});

test('whichever way a lab is opened, a banner says which rules are broken', async ({ page }) => {
  const defects = ['commit-without-quorum', 'skip-trunc'];
  const ensemble = { servers: [{ sid: 1 }, { sid: 2 }, { sid: 3 }] };
  await page.goto(`./${linkTo({ format: 'zabscope/scenario@1', ensemble, defects })}`);
  await expect(banner(page)).toContainText('2 rules are broken');
  for (const defect of defects) await expect(banner(page)).toContainText(defect);
  await page.getByRole('button', { name: 'Present', exact: true }).click();
  await expect(banner(page)).toBeVisible();
});

test('Present tells the story step by step, and what was broken', async ({ page }) => {
  await openLab(page);
  await openStory(page);
  await page.getByRole('button', { name: 'Present', exact: true }).click();
  const caption = page.getByRole('region', { name: 'Caption' });
  const step = (name: string): Locator => caption.getByRole('button', { name });
  await step('Begin').click();
  await expect(caption).toContainText('1 of');
  while ((await step('Again').count()) === 0) {
    await expect(step('Skip there')).toHaveCount(0);
    if ((await step('Next').count()) > 0) await step('Next').click();
  }
  await expect(caption).toContainText('VoteOrder is broken');
  await expect(caption).toContainText('which is not better');
  expect(await accessibilityViolations(page)).toEqual([]);
  await step('Previous').click();
  await expect(caption).not.toContainText('VoteOrder is broken');
});

test('the keyboard keeps its place through a story, and comes back to the list where it left', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await openLab(page);
  await page.getByRole('button', { name: 'Break the rules', exact: true }).click();
  await guide(page).getByRole('button', { name: DEFECT }).focus();
  await page.keyboard.press('Enter');
  await expect(guide(page).getByRole('heading', { level: 2 })).toBeFocused();
  await expect(move(page, 'Begin')).toBeEnabled();
  await move(page, 'Begin').focus();
  for (let step = 1; (await move(page, 'Again').count()) === 0; step++) {
    await page.keyboard.press('Enter');
    await expect(guide(page).getByText(`Step ${step} of`)).toBeVisible();
  }
  await expect(move(page, 'Again')).toBeFocused();
  const whole = guide(page).getByRole('button', { name: /Run the same without|With the rule broken/ });
  await whole.focus();
  await page.keyboard.press('Enter');
  await expect(guide(page).getByText('nothing has gone wrong')).toBeVisible();
  await expect(whole).toBeFocused();
  await guide(page).getByRole('button', { name: 'All broken rules' }).focus();
  await page.keyboard.press('Enter');
  await expect(guide(page).getByRole('button', { name: DEFECT })).toBeFocused();
});

test('the keyboard is handed on from the way back to a story, and from the story to the sandbox', async ({ page }) => {
  await openLab(page);
  await openStory(page);
  await banner(page).getByRole('button', { name: 'Mend it' }).press('Enter');
  await guide(page).getByRole('button', { name: 'Back to the story' }).press('Enter');
  await expect(guide(page).getByRole('heading', { level: 2 })).toBeFocused();
  await expect(move(page, 'Begin')).toBeEnabled();
  await move(page, 'Begin').press('Enter');
  await move(page, 'Previous').press('Enter');
  await expect(move(page, 'Previous')).toBeDisabled();
  await expect(move(page, 'Previous')).toBeFocused();
  await guide(page).getByRole('button', { name: 'Play freely with it on' }).press('Enter');
  await expect(guide(page).getByText('Start with')).toBeVisible();
  expect(await guide(page).evaluate((place) => place.contains(document.activeElement))).toBe(true);
});

test('a word whose meaning is shown may go away with its step', async ({ page }) => {
  await openLab(page);
  await openStory(page);
  await tellStory(page);
  await guide(page).locator('.meaning .term').first().hover();
  await expect(page.locator('.term-words')).toBeVisible();
  await move(page, 'Again').focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('.term-words')).toHaveCount(0);
  // The console stays free of warnings (`page.ts`).
  await guide(page).evaluate((place) => place.dispatchEvent(new Event('scroll')));
});

test('on a phone a step is read, and left, without scrolling', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openLab(page);
  await openStory(page);
  await expect(move(page, 'Begin')).toBeInViewport({ ratio: 1 });
  await move(page, 'Begin').click();
  for (let step = 1; (await move(page, 'Again').count()) === 0; step++) {
    await expect(guide(page).getByText(`Step ${step} of`)).toBeInViewport({ ratio: 1 });
    await expect(move(page, 'Next')).toBeInViewport({ ratio: 1 });
    await move(page, 'Next').click();
    await expect(move(page, 'Skip there')).toHaveCount(0);
  }
  await expect(move(page, 'Again')).toBeInViewport({ ratio: 1 });
});

test('Present leaves a story half of a low screen', async ({ page }) => {
  await page.setViewportSize({ width: 1024, height: 768 });
  await openLab(page);
  await openStory(page);
  await page.getByRole('button', { name: 'Present', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Caption' })).toBeVisible();
  expect((await page.locator('#stage').boundingBox())?.height).toBeGreaterThan(0.48 * 768);
});

test('a fresh lab can be opened with a rule broken', async ({ page }) => {
  await openLab(page);
  await guide(page).getByText('Any size').click();
  await guide(page).getByText('Advanced').click();
  await guide(page).getByLabel('Rule that is broken').selectOption(DEFECT);
  await guide(page).getByRole('button', { name: 'Open a fresh lab' }).click();
  await expect(banner(page)).toContainText(DEFECT);
});

test('by keyboard alone, with reduced motion', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await openLab(page);
  const press = async (control: Locator): Promise<void> => {
    await expect(control).toBeEnabled();
    await control.focus();
    await page.keyboard.press('Enter');
  };
  await press(page.getByRole('button', { name: 'Break the rules', exact: true }));
  await press(guide(page).getByRole('button', { name: DEFECT }));
  await press(move(page, 'Begin'));
  for (let step = 1; ; step++) {
    await expect(guide(page).getByText(`Step ${step} of`)).toBeVisible();
    if ((await move(page, 'Next').count()) === 0) break;
    await press(move(page, 'Next'));
  }
  await expect(violation(page)).toBeVisible();
  await press(violation(page).getByRole('list').first().getByRole('button').first());
  await expect(violation(page).getByRole('button', { pressed: true })).toHaveCount(1);
  await expect(playback(page, 'Play')).toBeVisible();
});

for (const [colorScheme, viewport] of [
  ['dark', { width: 1440, height: 900 }],
  ['light', { width: 1024, height: 768 }],
  ['dark', { width: 390, height: 844 }],
] as const) {
  test.describe(`${colorScheme}, ${viewport.width} wide`, () => {
    test.use({ colorScheme, viewport });
    test('the list and a story have no accessibility violations, and nothing is cut off', async ({ page }) => {
      await openLab(page);
      await page.getByRole('button', { name: 'Break the rules', exact: true }).click();
      await expect(guide(page).getByRole('button', { name: DEFECT })).toBeVisible();
      expect(await accessibilityViolations(page), 'list').toEqual([]);
      await guide(page).getByRole('button', { name: DEFECT }).click();
      await tellStory(page);
      await expect(guide(page).getByText('What it means')).toBeVisible();
      expect(await accessibilityViolations(page), 'the red instant').toEqual([]);
      const tooWide = await page.evaluate(() =>
        ['.header', '.notices', '.guide-place'].filter((place) => {
          const element = document.querySelector(place);
          return element !== null && element.scrollWidth > element.clientWidth + 1;
        }),
      );
      expect(tooWide).toEqual([]);
    });
  });
}
