/**
 * Playwright's `test` as every browser test of ours wants it: the console stays free of errors and warnings, nothing is thrown, and
 * nothing is fetched from elsewhere. `accessibilityViolations` scans what the page shows.
 */
import { expect, test as base, type Page } from '@playwright/test';
import axe from 'axe-core';

export { expect };

export const test = base.extend<{ quiet: undefined }>({
  quiet: [
    async ({ page, baseURL }, use) => {
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (['error', 'warning', 'assert'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('request', (request) => {
        const url = request.url();
        if (/^(https?|wss?):/.test(url) && !url.startsWith(`${baseURL}/`)) complaints.push(`asked for ${url}`);
      });
      await use(undefined);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

/**
 * @returns one line for each rule that what the page shows breaks: WCAG 2.2 A and AA, and axe's best practices. `evaluate` rather than a
 * script element, which the page's content security policy refuses.
 */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ target }) => target.join(' ')).join(', ')})`,
  );
}
