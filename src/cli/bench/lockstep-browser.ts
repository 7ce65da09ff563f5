/** As lockstep.ts, in Chromium: Web Workers beside bare Web Workers. What is measured runs in test/pages/lockstep.ts. */
import { BENCH_PAGES, inChromium } from './chromium.ts';
import { LOCKSTEP_SERVERS, type LockstepFigures } from './contest.ts';

export function lockstepInBrowser(): Promise<readonly LockstepFigures[]> {
  return inChromium(BENCH_PAGES, async (browser, address) => {
    const page = await browser.newPage();
    await page.goto(`${address}lockstep.html`);
    await page.waitForFunction('"benchLockstep" in globalThis');
    const figures: LockstepFigures[] = [];
    for (const servers of LOCKSTEP_SERVERS) {
      figures.push(await page.evaluate<LockstepFigures>(`benchLockstep(${servers})`));
    }
    return figures;
  });
}
